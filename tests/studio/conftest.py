"""A studio that runs as a program, and a client that sends it whatever one likes."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

import gng_fast


@dataclass
class Program:
    """`gng-fast studio`, running."""

    process: subprocess.Popen[str]
    url: str

    @property
    def host(self):
        return urlsplit(self.url).netloc

    @property
    def port(self):
        return urlsplit(self.url).port

    @property
    def token(self):
        return urlsplit(self.url).path.strip("/")

    def ask(self, path="", method="GET", body=None, host=None, origin=None, token=None, **headers):
        """Status and text of an answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        headers["Host"] = self.host if host is None else host
        if origin is not None:
            headers["Origin"] = origin
        path = f"/{self.token if token is None else token}/{path}"
        connection.request(method, path, body=body, headers=headers)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        return answer.status, text.decode(errors="replace")

    def stop(self, by=signal.SIGINT):
        """End it as Ctrl-C does, or by another signal; return its exit code and what it said."""
        self.process.send_signal(by)
        _, errors = self.process.communicate(timeout=60)
        return self.process.returncode, errors

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=30)


@pytest.fixture(scope="session")
def start():
    """A function that starts a studio; those that still run at the end are ended. before : what Python does first"""
    if sys.platform == "win32":
        pytest.skip("no program can be sent Ctrl-C there")
    for library in ("PIL", "skimage", "starlette", "uvicorn", "websockets"):
        pytest.importorskip(library)
    started = []

    def start(*arguments, cwd, before=""):
        process = subprocess.Popen(
            [
                sys.executable,
                "-c",
                f"import sys; {before or 0}; from gng_fast.cli import main; sys.exit(main())",
                "studio",
            ]
            + ["--no-browser", *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=cwd,
            env={**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONPATH": str(Path(gng_fast.__file__).parents[1])},
        )
        said = process.stdout.readline()
        address = re.search(r"http://\S+/", said)
        assert address, said + process.stderr.read()
        started.append(Program(process, address[0]))
        return started[-1]

    yield start
    for program in started:
        if program.process.poll() is None:
            program.process.terminate()
        program.process.communicate(timeout=60)


@pytest.fixture(scope="module")
def program(start, tmp_path_factory):
    """A studio without pictures of its own."""
    return start(cwd=tmp_path_factory.mktemp("empty"))

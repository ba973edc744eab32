"""A studio that runs as a program, and a client that sends it whatever one likes."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest

import gng_fast


@dataclass
class Program:
    """`gng-fast studio`, running."""

    process: subprocess.Popen[str]
    url: str
    lines: list[str] = field(default_factory=list)

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

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=30)


def start(*arguments, cwd):
    command = [sys.executable, "-c", "import sys; from gng_fast.cli import main; sys.exit(main())"]
    process = subprocess.Popen(
        [*command, "studio", "--no-browser", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=cwd,
        env={**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONPATH": str(Path(gng_fast.__file__).parents[1])},
    )
    said = process.stdout.readline()
    address = re.search(r"http://\S+/", said)
    assert address, said + process.stderr.read()
    return Program(process, address[0])


def stop(program):
    """End a program as Ctrl-C does, and return what it said."""
    program.process.send_signal(signal.SIGINT)
    _, errors = program.process.communicate(timeout=20)
    return program.process.returncode, errors


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    for library in ("PIL", "skimage", "starlette", "uvicorn", "websockets"):
        pytest.importorskip(library)
    started = start(cwd=tmp_path_factory.mktemp("empty"))
    yield started
    stop(started)

"""Faults while files are written: a full disk, no permission, kill -9. The old file survives, the error is one line."""

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from gng_fast import GrowingNeuralGas, Network, Signals, cli, export
from gng_fast.art.styles import mesh
from gng_fast.files import write_file

resource = pytest.importorskip("resource", reason="needs a POSIX system")
pytest.importorskip("PIL")
pytest.importorskip("skimage")

X = np.random.default_rng(0).random((2000, 2), dtype=np.float32)
NOBODY = 65534
LEFT_OVER = re.compile(r"\.gng_fast-[0-9a-f]{16}\.tmp")


def trained(n_signals, d=2):
    rows = np.random.default_rng(d).random((2000, d), dtype=np.float32)
    network, signals = Network(d, seed=1, max_nodes=300, lam=10), Signals(rows)
    network.draw_start_nodes(signals)
    network.train(signals, n_signals)
    return network


def picture(folder):
    """The way to a small picture of two words."""
    from PIL import Image

    pixels = np.full((60, 200), 255, np.uint8)
    pixels[20:40, 20:80:4] = pixels[20:40, 120:180:4] = 0
    Image.fromarray(pixels).save(folder / "picture.png")
    return str(folder / "picture.png")


@pytest.fixture(scope="module")
def open_folder():
    """A folder that everybody may write to: pytest's own are for the user alone."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o777)
    yield folder
    for each in folder.rglob("*"):
        if each.is_dir():
            each.chmod(0o777)
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def writers(open_folder):
    """Every way to a file, by its ending or the command: functions of the path."""
    network = trained(3000)
    graph, model = network.graph(), GrowingNeuralGas(50, random_state=0).fit(X)
    drawing, image = mesh(graph), picture(open_folder)
    frames = [mesh(trained(n).graph(), extent=(0, 0, 1, 1)) for n in (500, 3000)]

    def command(*arguments):
        """A run of the command line; its error as an exception."""

        def run(path):
            from contextlib import redirect_stderr, redirect_stdout
            from io import StringIO

            with redirect_stdout(StringIO()), redirect_stderr(StringIO()) as said:
                code = cli.main([str(path) if word == "OUT" else word for word in arguments])
            if code:
                assert said.getvalue().endswith("\n")
                raise OSError(said.getvalue()[:-1].removeprefix("gng-fast: "))

        return run

    small = ["--nodes", "60", "--quiet"]
    writers = {
        **{ending: lambda path: export.save(path, graph=graph, drawing=drawing) for ending in export.FORMATS},
        ".png": lambda path: export.write_png(drawing, path, pixels=200),
        "animated .gif": lambda path: export.write_gif(frames, path, pixels=100),
        "animated .png": lambda path: export.write_apng(frames, path, pixels=100),
        "animated .html": lambda path: export.write_html(frames, path),
        "network": network.save,
        "model": model.save,
        "draw": command("draw", image, "-o", "OUT", *small),
        "animate": command("animate", image, "-o", "OUT", "--frames", "3", "--pixels", "100", *small),
        "words": command("words", image, "-o", "OUT"),
        "boxes": command("words", image, "--boxes", "OUT"),
        "strokes": command("strokes", image, "-o", "OUT", "--quiet"),
    }
    (open_folder / "written").mkdir()
    for kind in writers:  # once, so that all they import is there when a child has no right to read it
        writers[kind](target(kind, open_folder / "written"))
    return writers


COMMANDS = ["draw", "animate", "words", "boxes", "strokes"]
KINDS = [*export.FORMATS, *(f"animated {ending}" for ending in export.ANIMATIONS), "network", "model", *COMMANDS]


def target(kind, folder):
    """A file for a writer: the ending of its name decides."""
    endings = {
        "network": ".npz",
        "model": ".npz",
        "animate": ".gif",
        "draw": ".svg",
        "words": ".svg",
        "boxes": ".json",
        "strokes": ".svg",
    }
    return Path(folder, "picture" + endings.get(kind, kind.removeprefix("animated ")))


def refused(write, path, before, reason):
    """Write over `path`: there must be an error of one line, and nothing else must happen."""
    path.write_bytes(before)
    with pytest.raises(OSError) as caught:
        write(path)
    assert str(caught.value) == f"cannot write '{path}': {reason}"
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == [path.name]


# ---- a full disk ----------------------------------------------------------------------------------------------------


@contextmanager
def largest_file(n_bytes):
    """Files cannot grow beyond so many bytes. (Python ignores the signal that comes with it.)"""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@pytest.mark.parametrize("kind", KINDS)
def test_writing_ends_after_some_bytes(kind, writers, tmp_path, capsys):
    path = target(kind, tmp_path)
    writers[kind](path)
    size = path.stat().st_size
    before = b"the old file, which is of a kind of its own"
    for n_bytes in [size // 2] if kind in COMMANDS else [0, size // 2, size - 1]:

        def write(path):
            with largest_file(n_bytes):
                writers[kind](path)

        refused(write, path, before, "File too large")
    assert capsys.readouterr() == ("", "")


@pytest.fixture
def small_disk():
    """A file system of 64 kB of its own."""
    folder = Path(tempfile.mkdtemp())
    mounted = (
        shutil.which("mount")
        and os.geteuid() == 0
        and subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder], capture_output=True).returncode
        == 0
    )
    if not mounted:
        folder.rmdir()
        pytest.skip("only root can make a file system")
    yield folder
    subprocess.run(["umount", folder], check=True)
    folder.rmdir()


@pytest.mark.parametrize("kind", KINDS[:-4])
def test_a_full_disk(kind, writers, small_disk):
    path = target(kind, small_disk / "folder")
    path.parent.mkdir()
    path.write_bytes(b"before")
    filler = open(small_disk / "filler", "wb", buffering=0)
    with filler, pytest.raises(OSError, match="No space left"):
        while True:
            filler.write(b"x" * 4096)
    refused(writers[kind], path, b"before", "No space left on device")
    os.unlink(small_disk / "filler")
    write_file(path, b"there is room again")
    assert path.read_bytes() == b"there is room again"


@pytest.mark.quick
@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")
def test_standard_output_is_full(tmp_path):
    """A summary that cannot be printed is an error of one line, and the drawing is there."""
    path = tmp_path / "drawing.svg"
    with open("/dev/full", "w") as full:
        run = subprocess.run(
            [sys.executable, "-m", "gng_fast", "draw", picture(tmp_path), "-o", path, "--nodes", "20"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert (run.returncode, run.stderr) == (1, "gng-fast: [Errno 28] No space left on device\n")
    assert path.read_text().endswith("</svg>\n")


# ---- no permission --------------------------------------------------------------------------------------------------


def as_nobody(action, path):
    """What OSError `action(path)` raises, as text, in a process that has no rights but those of everybody."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        said = "nothing"
        try:
            if os.geteuid() == 0:
                os.setgroups([])
                os.setgid(NOBODY)
                os.setuid(NOBODY)
            action(path)
        except OSError as error:
            said = str(error)
        except BaseException as error:
            said = repr(error)
        finally:
            os.write(writer, said.encode())
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    return said


def read_only_folder(path):
    path.write_bytes(b"before")
    path.chmod(0o666)
    path.parent.chmod(0o555)
    return path, "Permission denied"


def read_only_file(path):
    path.write_bytes(b"before")
    path.chmod(0o444)
    return path, "Permission denied"


def closed_folder(path):
    folder = path.parent / "closed"
    folder.mkdir()
    (folder / path.name).write_bytes(b"before")
    folder.chmod(0)
    return folder / path.name, "Permission denied"


def no_folder(path):
    return path.parent / "missing" / path.name, "its folder does not exist"


def file_for_a_folder(path):
    (path.parent / "file").write_bytes(b"before")
    return path.parent / "file" / path.name, "Not a directory"


def folder_for_a_file(path):
    path.mkdir()
    return path, "it is a folder"


def name_too_long(path):
    return path.with_name("x" * 300 + path.suffix), "File name too long"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
@pytest.mark.parametrize(
    "obstacle",
    [read_only_folder, read_only_file, closed_folder, no_folder, file_for_a_folder, folder_for_a_file, name_too_long],
)
def test_a_target_that_cannot_be_written(obstacle, writers, open_folder):
    # reads the page that the package brings along, which nobody may where the package is installed for its owner alone
    writers["animated .html"](open_folder / "first.html")
    for kind in KINDS[:-4]:  # of the commands, one
        folder = open_folder / obstacle.__name__ / kind.strip(".").replace(" ", "-")
        folder.mkdir(parents=True)
        folder.chmod(0o777)
        path, reason = obstacle(target(kind, folder))
        there = {each: each.is_file() and each.read_bytes() for each in folder.rglob("*")}
        assert as_nobody(writers[kind], path) == f"cannot write '{path}': {reason}", kind
        assert {each: each.is_file() and each.read_bytes() for each in folder.rglob("*")} == there


# ---- kill -9 --------------------------------------------------------------------------------------------------------


def killed_while_writing(writes, path, rng, longest):
    """Kill a process that writes over `path` again and again, after a random time of at most `longest` seconds."""
    rng.shuffle(writes)
    child = os.fork()
    if child == 0:
        while True:
            for write in writes:
                write(path)
    time.sleep(rng.random() * longest)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
@pytest.mark.parametrize("n_kills", [15, pytest.param(250, marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    "ending, load", [(".npz", Network.load), (".svg", None), (".json", export.read_json), (".gif", None)]
)
def test_killed_while_writing(ending, load, n_kills, tmp_path):
    """The file is the old or the new one. What else is left has a name that tells whose it was."""
    path, rng = tmp_path / f"kept{ending}", random.Random(ending)
    networks = [trained(500), trained(3000)]
    drawings = [mesh(network.graph(), extent=(0, 0, 1, 1)) for network in networks]
    writes = {
        ".npz": [network.save for network in networks],
        ".svg": [lambda path, drawing=drawing: export.write_svg(drawing, path) for drawing in drawings],
        ".json": [lambda path, network=network: export.write_json(network.graph(), path) for network in networks],
        ".gif": [
            lambda path, frames=frames: export.write_gif(frames, path, pixels=100)
            for frames in (drawings, drawings[::-1])
        ],
    }[ending]
    whole, start = [], time.perf_counter()
    for write in writes:
        write(path)
        whole.append(path.read_bytes())
    longest = 3 * (time.perf_counter() - start)
    for _ in range(n_kills):
        killed_while_writing(writes[:], path, rng, longest)
        assert path.read_bytes() in whole
        if load:
            load(path)
    left = set(os.listdir(tmp_path)) - {path.name}
    assert all(LEFT_OVER.fullmatch(name) for name in left)
    writes[0](path)
    assert path.read_bytes() == whole[0] and set(os.listdir(tmp_path)) == left | {path.name}

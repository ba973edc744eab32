"""Ctrl-C and SIGTERM at any moment: one line at most, the usual exit codes, and no file half written or left behind."""

import signal
import subprocess
import sys

import numpy as np
import pytest

from gng_fast import cli

Image = pytest.importorskip("PIL.Image")

# Runs the command line with a signal on the way: when a module is first looked for, or when a frame is drawn.
PROGRAM = """
import signal, sys

handler, name, moment, sys.argv[1:] = *sys.argv[1:4], sys.argv[4:]
if handler == "ignored":
    signal.signal(getattr(signal, name), signal.SIG_IGN)

class Stopping:
    def find_spec(self, module, path=None, target=None):
        if module == moment:
            signal.raise_signal(getattr(signal, name))

sys.meta_path.insert(0, Stopping())
from gng_fast.cli import main

if moment == "third frame":
    from gng_fast.art.export import gif
    n, render = [], gif.render
    def stopping(*arguments):
        n.append(1)
        if len(n) == 3:
            signal.raise_signal(getattr(signal, name))
        return render(*arguments)
    gif.render = stopping

if moment == "a process starts":
    import os, threading, time
    from multiprocessing import util
    threading.Thread(target=time.sleep, args=(60,), daemon=True).start()  # it takes what the main thread holds back
    spawn = util.spawnv_passfds
    def stopping(*arguments):
        if signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, []):
            print("the process will hear of Ctrl-C", file=sys.stderr)
        process = spawn(*arguments)
        if "--multiprocessing-fork" in arguments[1]:
            os.kill(os.getpid(), getattr(signal, name))
            time.sleep(0.1)
        return process
    util.spawnv_passfds = stopping

raise SystemExit(main())
"""
STOPPED = "gng-fast: stopped, nothing written\n"


@pytest.fixture
def photo(tmp_path):
    y, x = np.mgrid[:40, :60]
    Image.fromarray(np.where(np.hypot(x - 30, y - 20) < 15, 30, 240).astype("u1")).save(tmp_path / "disc.png")
    return tmp_path / "disc.png"


def run(*arguments, handler="default"):
    command = [sys.executable, "-c", PROGRAM, handler, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stderr


#: What is imported at the start, by the parser, and when the work has begun.
IMPORTED = ["numpy", "click", "gng_fast.core.network", "gng_fast.art.recipes", "scipy.ndimage", "skimage.feature"]


@pytest.mark.parametrize("module", IMPORTED)
def test_stopped_during_imports(photo, tmp_path, module):
    arguments = "draw", photo, "-o", tmp_path / "a.svg", "--style", "tone", "--nodes", "60"
    assert run("SIGINT", module, *arguments) == (130, STOPPED)
    assert run("SIGTERM", module, *arguments) == (143, "")
    assert [path.name for path in tmp_path.iterdir()] == ["disc.png"]


def test_little_is_imported_before_signals_are_handled():
    """What is imported with the entry point can still end in a traceback."""
    script = (
        "import sys; before = set(sys.modules); from gng_fast.cli import main;"
        "print(*{name.partition('.')[0] for name in set(sys.modules) - before} - set(sys.stdlib_module_names));"
        "print(*sorted(name for name in sys.modules if name.startswith('gng_fast.')))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [
        "gng_fast",
        "gng_fast.cli gng_fast.cli.main gng_fast.cli.messages gng_fast.cli.signals",
    ]


def test_stopped_while_a_file_is_written(photo, tmp_path):
    out = tmp_path / "a.gif"
    arguments = "third frame", "animate", photo, "-o", out, "--nodes", "60", "--frames", "9", "--quiet"
    for before in None, b"precious":
        if before:
            out.write_bytes(before)
        assert run("SIGTERM", *arguments) == (143, "")
        assert run("SIGINT", *arguments) == (130, STOPPED)
        assert sorted(path.name for path in tmp_path.iterdir()) == ["a.gif", "disc.png"][not before :]
        assert not before or out.read_bytes() == before


@pytest.mark.skipif(sys.platform == "win32", reason="processes start in another way")
def test_stopped_while_a_process_starts(photo, tmp_path):
    """One that has started without being told what to do would say so in a traceback."""
    out = tmp_path / "out"
    arguments = "a process starts", "draw", photo, photo.with_name("b.png"), "-o", f"{out}/", "--nodes", "60"
    photo.with_name("b.png").write_bytes(photo.read_bytes())
    assert run("SIGINT", *arguments) == (130, "gng-fast: stopped, 0 of 2 pictures drawn\n")
    assert list(out.iterdir()) == []


def test_a_signal_that_is_ignored_stays_so(photo, tmp_path):
    """As for a job in the background of a shell."""
    arguments = "draw", photo, "-o", tmp_path / "a.svg", "--nodes", "60", "--quiet"
    for name in "SIGINT", "SIGTERM":
        for module in "numpy", "scipy.ndimage":
            assert run(name, module, *arguments, handler="ignored") == (0, "")


def test_handlers_are_put_back(photo, tmp_path):
    names = signal.SIGINT, signal.SIGTERM
    before = [signal.getsignal(name) for name in names]
    assert cli.main(["draw", str(photo), "-o", str(tmp_path / "a.svg"), "--nodes", "60", "-q"]) == 0
    assert cli.main(["draw", "nothing.png", "-o", str(tmp_path / "a.svg")]) == 1
    assert cli.main(["paint"]) == 2
    assert [signal.getsignal(name) for name in names] == before

"""Memory refused: the first request, the second, ... every one of an action. MemoryError, and the state is whole."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
COMPILER = next(filter(None, map(shutil.which, ("cc", "gcc", "clang"))), None)

SHORT = ["make 16-D, utility", "train 2-D", "train 16-D", "train 40-D, a hub", "start fixed", "load model", "fit"]


@pytest.fixture(scope="module")
def refusing(tmp_path_factory):
    """The environment in which malloc is the one of refused/malloc.c."""
    if not sys.platform.startswith("linux") or COMPILER is None:
        pytest.skip("needs Linux and a C compiler")
    library = tmp_path_factory.mktemp("refused") / "malloc.so"
    built = subprocess.run(
        [COMPILER, "-O1", "-shared", "-fPIC", "-o", library, HERE / "refused" / "malloc.c"], capture_output=True
    )
    environment = {**os.environ, "LD_PRELOAD": str(library)}
    works = subprocess.run(
        [sys.executable, "-c", "import ctypes; ctypes.CDLL(None).fault_disarm"], env=environment, capture_output=True
    )
    if built.returncode or works.returncode:
        pytest.skip("this C library has no __libc_malloc")
    return environment


def refused(environment, *arguments):
    """How many requests were refused, by action."""
    run = subprocess.run(
        [sys.executable, HERE / "refused" / "run.py", *arguments], env=environment, text=True, capture_output=True
    )
    assert run.returncode == 0, run.stderr
    lines = (line.partition(": ") for line in run.stdout.splitlines())
    return {name: list(map(int, counts.split())) for name, _, counts in lines}


@pytest.mark.parametrize("actions", [SHORT, pytest.param([], marks=pytest.mark.slow)], ids=["short", "all"])
def test_the_core_is_refused_memory(actions, refusing):
    """Every request once, and again with all that follow it."""
    counts = refused(refusing, "core", *actions)
    assert counts["train 2-D"][0] > 10 and counts["train 40-D, a hub"][0] > 3  # the index and the pool of edges grow
    assert counts.keys() >= set(actions)


@pytest.mark.slow
def test_everything_is_refused_memory(refusing):
    """Every request of 512 bytes or more once, Python's and NumPy's too."""
    counts = refused(refusing, "all")
    assert min(counts["save model"] + counts["load model"]) > 10

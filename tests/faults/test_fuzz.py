"""A short run of tests/faults/fuzz.py: every target takes some hundred damaged inputs without a finding."""

import random
import signal
import subprocess
import sys

import pytest
from fuzz_targets import TARGETS, read_fields, write_fields
from scripts import script

fuzz = script("tests/faults/fuzz.py")

pytestmark = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no timer to end what hangs")
RUNS = {"saved": 500, "image": 500, "graph": 300, "parameters": 200}


@pytest.fixture
def fuzzed(tmp_path, monkeypatch, capfd):
    """Run the fuzzer as the command line does; return the number of findings and what it prints."""

    def run(name, *more):
        monkeypatch.setattr(sys, "argv", ["fuzz.py", name, "--found", str(tmp_path / "found"), *more])
        return fuzz.main(), capfd.readouterr().out

    before = signal.getsignal(signal.SIGPROF)
    yield run
    signal.signal(signal.SIGPROF, before)
    fuzz.faulthandler.unregister(signal.SIGVTALRM)


@pytest.mark.quick
@pytest.mark.parametrize("name", TARGETS)
def test_no_findings(name, fuzzed):
    if name == "image":
        pytest.importorskip("PIL")
    failed, printed = fuzzed(name, "--runs", str(RUNS[name]), "--seed", "7")
    assert not failed, printed
    # both happen often enough to mean something
    assert all(int(printed.split(f" {outcome}")[0].split()[-1]) > RUNS[name] // 20 for outcome in ("loaded", "refused"))


@pytest.mark.parametrize("error", [KeyError("x"), ValueError("two\nlines"), fuzz.TooLong("5 seconds")])
def test_another_error_is_a_finding(error, fuzzed, monkeypatch, tmp_path):
    def fails(path):
        raise error

    monkeypatch.setattr("gng_fast.art.export.read_npz", fails)
    failed, printed = fuzzed("graph", "--runs", "20")
    assert failed and "FOUND" in printed
    assert list((tmp_path / "found").iterdir())


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs a limit that the system keeps")
def test_memory_can_be_limited(tmp_path):
    """In a process of its own, as the limit stays."""
    code = f"""if True:
        import runpy, sys
        fuzz = runpy.run_path({fuzz.__file__!r})
        big = lambda: len(bytearray(900 * 10**6))
        print(big())
        fuzz["limit_memory"](800)
        try:
            big()
        except MemoryError:
            print("refused")
    """
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path)
    assert ran.stdout.split() == ["900000000", "refused"], ran.stderr


@pytest.mark.quick
def test_executions_can_be_repeated():
    target = TARGETS["parameters"]()
    seeds = list(target.seeds(None))
    first, again = ([target.mutate(seeds[i % 5], random.Random(i), seeds) for i in range(50)] for _ in range(2))
    assert first == again


def test_what_the_mutator_writes_is_an_npz_file(tmp_path):
    for seed in TARGETS["saved"]().seeds(tmp_path / "a.npz"):
        fields, again = read_fields(seed), read_fields(write_fields(read_fields(seed)))
        assert list(again) == list(fields) and again["about"] == fields["about"]
        assert all((again[name] == fields[name]).all() for name in fields if name != "about")

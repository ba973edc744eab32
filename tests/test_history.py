"""Speed from release to release (bench/asv): what is measured, and that it can be. How fast is not the matter here."""

import json
import platform
import re
from types import SimpleNamespace

import pytest
from scripts import ROOT, script

pytestmark = pytest.mark.quick


@pytest.fixture
def benchmarks(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "bench" / "speed")  # and restored: the module adds it for itself
    return script("bench/asv/benchmarks.py")


def test_the_configuration_names_what_is_there():
    text = (ROOT / "bench" / "asv.conf.json").read_text(encoding="utf-8")
    told = json.loads(re.sub(r"^//.*\n", "", text))
    bench = ROOT / "bench"
    assert (bench / told["repo"] / "bench" / "asv.conf.json").exists()
    assert (bench / told["benchmark_dir"] / "benchmarks.py").exists()
    assert all((bench / told[key]).resolve().is_relative_to(ROOT / "build") for key in ("env_dir", "html_dir"))


def test_time_is_that_of_one_signal(benchmarks, monkeypatch):
    clock = [0.0]
    monkeypatch.setattr(benchmarks.time, "process_time", lambda: clock[0])

    def run(n):
        clock[0] += n * 50 * 3e-6  # 50 signals a unit, 3 microseconds each

    task = SimpleNamespace(run=run, per=50)
    assert benchmarks.nanoseconds(task) == pytest.approx(3000)


def test_a_row_is_prepared_and_run(benchmarks, monkeypatch):
    monkeypatch.setattr(benchmarks, "nanoseconds", lambda task: task.run(5) or task.per)
    speed = benchmarks.Speed()
    assert "2-D N=10 uniform" in speed.params[0] and "2-D 100k uniform" not in speed.params[0]
    speed.setup("2-D N=10 uniform")
    assert speed.track_speed("2-D N=10 uniform") == 1


def test_what_a_release_lacks_is_left_out(benchmarks, monkeypatch):
    def prepare(quick):
        raise AttributeError("no such thing yet")

    monkeypatch.setitem(benchmarks.FOLLOWED, "new", SimpleNamespace(prepare=prepare))
    with pytest.raises(NotImplementedError, match="no such thing yet"):
        benchmarks.Speed().setup("new")


def test_results_say_nothing_of_the_machine_but_what_it_is():
    """They are public: the machine has a name that was chosen, and no path of it is told."""
    results = ROOT / "bench" / "results"
    files = sorted(results.rglob("*.json"))
    measured = [path for path in files if path.name not in ("machine.json", "benchmarks.json")]
    assert measured
    for path in measured:
        told = json.loads(path.read_text(encoding="utf-8"))
        assert told["params"]["machine"] == path.parent.name
        assert path.name == f"{told['commit_hash'][:8]}-{told['env_name']}.json"
    for path in files:
        assert platform.node() not in path.read_text(encoding="utf-8").split('"'), path
        assert not re.search(
            r"(/|_)(home|root|opt|tmp|usr|Users)(/|_)", path.name + path.read_text(encoding="utf-8")
        ), path

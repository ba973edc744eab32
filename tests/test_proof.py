"""The proof of speed: what its figures are made of. How fast anything is is not the matter here."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from scripts import ROOT, script

import gng_fast

pairs, report = script("bench/speed/pairs.py"), script("bench/speed/report.py")
PACKAGES = str(Path(gng_fast.__file__).parents[1])
ROW = SimpleNamespace(name="2-D N=10 uniform", must=0.5, ahead_of=None, limit_ns=None)


class Clock:
    """Stands in for a child: every unit takes so many seconds, and what was asked for is written down."""

    def __init__(self, name, log, seconds):
        self.name, self.log, self.per_unit = name, log, seconds

    def seconds(self, name, n):
        self.log.append((self.name, name, n))
        return n * self.per_unit[name]


@pytest.mark.quick
def test_builds_and_others_take_turns_and_the_builds_stay_in_step():
    log = []
    ours, theirs = Clock("A", log, {"gng_fast": 0.001, "NumPy": 0.01}), Clock("B", log, {"gng_fast": 0.004})
    spent = pairs.alternated([ours, theirs], ["NumPy"], 0.4, 3)
    assert spent == {
        "build 0": [pytest.approx(0.001)] * 3,
        "build 1": [pytest.approx(0.004)] * 3,
        "NumPy": [pytest.approx(0.01)] * 3,
    }
    assert log[-9:] == [("A", "gng_fast", 100), ("B", "gng_fast", 100), ("A", "NumPy", 40)] * 3
    n_units = {who: [n for name, run, n in log if (name, run) == (who, "gng_fast")] for who in "AB"}
    assert n_units["A"] == n_units["B"]


@pytest.mark.quick
def test_what_takes_long_is_timed_once():
    log = []
    child = Clock("A", log, {"gng_fast": 0.1, "NumPy": 20.0})
    spent = pairs.alternated([child], ["NumPy"], 0.3, 5)
    assert spent["NumPy"] == [20.0] and len(spent["build 0"]) == 5
    assert log.count(("A", "NumPy", 1)) == 1
    assert pairs.ratio(spent["build 0"], spent["NumPy"]) == pytest.approx(0.005)


@pytest.mark.quick
def test_ratio_is_the_median_of_the_pairs():
    """A machine that gets three times slower half-way disturbs both of a pair, and the ratio not at all."""
    assert pairs.ratio([1, 1, 3, 3, 3], [2, 2, 6, 6, 6]) == 0.5
    assert pairs.ratio([1, 1, 9], [2, 2, 2]) == 0.5


@pytest.mark.quick
def test_without_avx512_a_ratio_may_be_a_quarter_larger():
    assert pairs.must_with("avx512", 0.5) == 0.5 and pairs.must_with("avx2", 0.5) == 0.625
    assert pairs.must_with("avx2", None) is None


@pytest.mark.quick
def test_children_have_one_thread_and_their_own_packages():
    given = {"PYTHONPATH": "here", "OPENBLAS_CORETYPE": "Prescott", "GNG_FAST_ISA": "avx2", "OMP_NUM_THREADS": "8"}
    made = {
        build.name: pairs.environment(build, given)
        for build in (
            pairs.Build(sys.executable, None, "ours"),
            pairs.Build(sys.executable, "there", "of a commit"),
            pairs.Build("another python", None, "of a Python"),
        )
    }
    assert {name: it.get("PYTHONPATH") for name, it in made.items()} == {
        "ours": "here",
        "of a commit": "there",
        "of a Python": None,
    }
    for it in made.values():
        assert it["OMP_NUM_THREADS"] == "1" and it["GNG_FAST_ISA"] == "avx2" and "OPENBLAS_CORETYPE" not in it


@pytest.mark.parametrize(
    "ratio, must, said",
    [
        (0.5, 0.5, "met"),
        (0.4, 0.5, "met"),
        (0.55, 0.5, "missed by 10 %"),
        (6.0, 0.5, "missed 12-fold"),
        (None, 0.5, "-"),
        (0.5, None, "-"),
    ],
)
@pytest.mark.quick
def test_verdict(ratio, must, said):
    assert report.verdict(ratio, must) == said


def rows():
    return [
        {
            "row": "2-D 1k", "ns": 60.04, "against_ns": 80.0, "ratio": 0.75, "must": 0.7, "same_network": True,
            "limit_ns": None, "others": {"NumPy": {"ns": 43_600.0, "ratio": 1 / 726, "must": None}},
        },
        {
            "row": "nearest", "ns": 150.0, "against_ns": 1500.0, "ratio": 0.1, "must": 0.25, "same_network": False,
            "limit_ns": 120, "others": {"faiss": {"ns": 300.0, "ratio": 0.5, "must": 1.0}},
        },
    ]  # fmt: skip


@pytest.mark.quick
def test_tables():
    assert report.paired_table(rows(), "v1")[1:] == (
        ["row", "ns", "ns, v1", "ratio", "must", "verdict", "NumPy takes"],
        [
            ["2-D 1k", "60", "80", "0.75", "0.70", "missed by 7 %", "726x"],
            ["nearest", "150", "1,500", "0.10", "0.25", "met", "-"],
        ],
    )
    assert report.others_table(rows())[2] == [
        ["nearest", "150", "faiss", "300", "0.50", "1.00", "met"],
        ["nearest", "150", "at most", "120", "1.25", "1.00", "missed by 25 %"],
    ]
    assert report.as_markdown(("Title", ["a", "b"], [["1", "2"]])) == "Title:\n\n| a | b |\n| --- | --- |\n| 1 | 2 |"
    assert report.as_text(("Title", ["a", "bb"], [["long", "2"]])) == "Title\na     bb\nlong   2"


@pytest.mark.quick
def test_summary_names_what_is_missed_and_what_differs():
    assert report.summary(rows()) == [
        "2 of 4 targets are met. Not met: 2-D 1k; nearest.",
        "The two builds end with different networks: nearest.",
    ]


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """Another build: the same once more."""
    shutil.copytree(Path(PACKAGES, "gng_fast"), tmp_path / "gng_fast", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setenv("PYTHONPATH", PACKAGES)
    return pairs.Build(sys.executable, str(tmp_path), "the copy")


@pytest.fixture
def ours():
    return pairs.Build(sys.executable, None, "this build")


def append(build, lines):
    """Make another build of it: what it exports is what these lines say."""
    with open(Path(build.packages, "gng_fast", "__init__.py"), "a", encoding="utf-8") as file:
        file.write(lines)


def test_two_builds_end_with_the_same_network(ours, copied):
    result = pairs.measure(ROW, ours, copied, quick=True)
    assert result["same_network"] and result["ratio"] > 0 and result["isas"] == [gng_fast.isa()] * 2


def test_a_build_is_not_compared_with_itself(ours, copied):
    with pytest.raises(SystemExit, match="both builds are"):
        pairs.measure(ROW, ours, ours, quick=True)


def test_a_build_without_the_kernels_asked_for_takes_its_best(ours, copied, monkeypatch):
    append(copied, "import os\ndef isa():\n    return 'old' if 'GNG_FAST_ISA' not in os.environ else int('no')\n")
    monkeypatch.setenv("GNG_FAST_ISA", "portable")
    assert pairs.measure(ROW, ours, copied, quick=True)["isas"] == ["portable", "old"]


def test_a_row_that_a_build_cannot_do_is_left_out_with_a_reason(ours, copied):
    append(copied, "def isa():\n    return 'old'\ndef __getattr__(name):\n    raise AttributeError(name)\n")
    with pytest.raises(pairs.Lacking, match="the copy cannot do it .*GrowingNeuralGas"):
        pairs.measure(ROW, ours, copied, quick=True)


def test_the_script_writes_what_it_measured(tmp_path):
    done = subprocess.run(
        [
            *(sys.executable, str(ROOT / "bench/speed/proof.py"), "--quick", "--rows", "N=10 u"),
            *("--json", "found.json", "--markdown", "found.md"),
        ],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": PACKAGES},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    (row,) = json.loads((tmp_path / "found.json").read_text(encoding="utf-8"))["speed"]
    assert row["row"] == ROW.name and row["ns"] > 0
    assert f"| {ROW.name} | {row['ns']:.3g} |" in (tmp_path / "found.md").read_text(encoding="utf-8")
    assert gng_fast.__version__ in done.stdout and ROW.name in done.stdout

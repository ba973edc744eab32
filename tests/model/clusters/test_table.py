"""bench/clusters/table.py: its sets are what they say, and it prints a table."""

import os
import subprocess
import sys

import numpy as np
import pytest
from scripts import ROOT, script

pytest.importorskip("sklearn", reason="scikit-learn is not installed")
sets = script("bench/clusters/sets.py")


@pytest.mark.parametrize("name", sets.SETS)
def test_sets(name):
    X, y = sets.rows_of(sets.SETS[name], 300, 0)
    assert X.dtype == np.float32 and len(X) == len(y) > 100 and np.isfinite(X).all()
    again, _ = sets.rows_of(sets.SETS[name], 300, 0)
    assert np.array_equal(X, again)
    n_groups = len(set(y.tolist()) - {-1})
    assert n_groups == (1 if "1 group" in name else n_groups) and n_groups <= 20
    assert (-1 in y) == ("+" in name)


def test_mixtures_differ():
    shapes = {sets.rows_of(sets.random_mixture, 500, seed)[0].shape for seed in range(20)}
    assert len(shapes) > 5


def test_the_table():
    ran = subprocess.run(
        [
            sys.executable,
            "table.py",
            *("--rows", "60", "--seeds", "1", "--sets", "moons .05", "--mixtures", "1", "--each"),
        ],
        cwd=ROOT / "bench/clusters",
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
    )
    assert ran.returncode == 0, ran.stderr
    assert "| gng_fast |" in ran.stdout and "1 random mixtures" in ran.stdout and "| moons .05 |" in ran.stdout

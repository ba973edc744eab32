"""An extension that cimports gng_fast is compiled against the installed package, and run."""

import importlib.util
import os
import pathlib
import re
import shutil
import subprocess
import sys
import sysconfig

import numpy as np
import pytest
from example_networks import data, trained

import gng_fast
from gng_fast import Graph, Network, Signals

EXAMPLE = pathlib.Path(__file__).parent / "embedding"
PACKAGE = pathlib.Path(gng_fast.__file__).parent
DOCS = pathlib.Path(__file__).parents[2] / "docs" / "embedding.md"


@pytest.fixture(scope="module")
def embedded(tmp_path_factory):
    pytest.importorskip("Cython", reason="Cython is not installed")
    pytest.importorskip("setuptools", reason="setuptools is not installed")
    compiler = (sysconfig.get_config_var("CC") or "").split()
    if compiler and not shutil.which(compiler[0]):
        pytest.skip(f"there is no compiler: {compiler[0]} is not on PATH")
    folder = tmp_path_factory.mktemp("embedding")
    for name in ("embedded.pyx", "setup.py"):
        shutil.copy(EXAMPLE / name, folder)
    # an editable install may not lie on sys.path, where Cython looks for .pxd files
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE.parent)}
    done = subprocess.run(
        [sys.executable, "setup.py", "build_ext", "--inplace"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (path,) = [*folder.glob("embedded*.so"), *folder.glob("embedded*.pyd")]
    spec = importlib.util.spec_from_file_location("embedded", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("d", [1, 2, 3, 5, 16, 64])
def test_one_by_one_and_in_bulk_are_training(embedded, d):
    X = data(d, 12_000)
    expected = trained(X)
    network = embedded.one_by_one(X, seed=3, max_nodes=400, lam=20)
    assert type(network) is Network
    assert network.graph() == expected.graph() and network.n_nodes == 400
    bulk = trained(X[:2])
    embedded.in_bulk(X[2:], bulk)
    assert bulk.graph() == expected.graph()
    # and on, from Python again
    for each in (network, bulk, expected):
        each.train(Signals(X), 1000)
    assert network.graph() == bulk.graph() == expected.graph()


def test_parameters_that_only_python_has(embedded):
    X = data(2)
    network = Network(2, seed=3, lam=20, max_nodes=400, utility=3)
    network.start(X[:2])
    network.anneal(0.01, 0.0, 4000)
    embedded.in_bulk(X, network)
    expected = Network(2, seed=3, lam=20, max_nodes=400, utility=3)
    expected.start(X[:2])
    expected.anneal(0.01, 0.0, 4000)
    expected.train(Signals(X, "order"), len(X))
    assert network.graph() == expected.graph()


@pytest.mark.parametrize("d", [2, 40])
def test_copies_and_look_ups(embedded, d):
    network = trained(data(d), max_age=5)
    nodes, edges, ages, errors, n_signals = embedded.copied(network)
    assert Graph(nodes, edges, ages, errors) == network.graph()
    assert n_signals == network.n_signals == 5000
    for mine, expected in zip(embedded.nearest(data(d), network), network.nearest(data(d))):
        assert np.array_equal(mine, expected)


def test_nodes_are_numbered_after_every_change(embedded):
    X = data(2)
    network = trained(X, max_age=3, utility=1.5)
    for start in range(0, 5000, 500):
        assert np.array_equal(embedded.nearest(X, network)[0], network.nearest(X)[0])
        nodes, edges, ages, errors, _ = embedded.copied(network)
        assert Graph(nodes, edges, ages, errors) == network.graph()
        embedded.in_bulk(X[start : start + 500] + start / 1000, network)


def test_errors_come_through(embedded):
    X = data(2)
    with pytest.raises(ValueError, match="^max_nodes must be in .2, 1073741824., got 1$"):
        embedded.one_by_one(X, max_nodes=1)
    with pytest.raises(ValueError, match="^a network must have at least 2 nodes to train, got 0$"):
        embedded.in_bulk(X, Network(2))
    with pytest.raises(ValueError, match="^a network must have at least 1 node to look up the nearest, got 0$"):
        embedded.nearest(X, Network(2))
    with pytest.raises(TypeError, match="^network must be a gng_fast.Network, got list$"):
        embedded.in_bulk(X, [])
    network = trained(X)
    before = network.graph()
    for wrong in (np.nan, np.inf, -1e30):
        X[4000, 1] = wrong
        for function in (embedded.in_bulk, embedded.nearest):
            with pytest.raises(ValueError, match="^X must hold finite numbers in .-1e.15, 1e.15"):
                function(X, network)
    assert network.graph() == before


def test_networks_live_as_long_as_they_are_used(embedded):
    X = data(2, 100)
    untouched, network = trained(X), embedded.one_by_one(X)
    embedded.in_bulk(X, network)
    embedded.copied(network)
    embedded.nearest(X, network)
    with pytest.raises(ValueError, match="finite"):
        embedded.in_bulk(X * np.float32(np.nan), network)
    assert sys.getrefcount(network) == sys.getrefcount(untouched)


@pytest.mark.quick
def test_what_ships_is_enough_and_opaque():
    """Every name that embedders are offered is declared in what ships, which needs nothing else of the package."""
    offered = (PACKAGE / "__init__.pxd").read_text(encoding="utf-8")
    declared = (PACKAGE / "core" / "embedding.pxd").read_text(encoding="utf-8")
    names = set(re.findall(r"\bgng_[a-z_]+", offered.split("cimport (")[-1]))
    assert names == set(re.findall(r"\b(gng_[a-z_]+)\(", declared)) - {"gng_fast"} | {"gng_state"}
    assert set(re.findall(r"^from (\S+) cimport", declared, re.M)) == {"libc.stdint"}
    assert set(re.findall(r"^from (\S+) cimport", offered, re.M)) == {"gng_fast.core.embedding"}


@pytest.mark.quick
def test_the_loop_in_the_docs_is_the_one_that_runs():
    loop = re.search(r"```cython\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.S)[1]
    example = (EXAMPLE / "embedded.pyx").read_text(encoding="utf-8")
    assert loop[loop.index("    cdef Py_ssize_t i") :].strip() in example

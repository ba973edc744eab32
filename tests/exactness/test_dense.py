"""Signals scored in blocks (docs/dense.md) against the reference after every signal, where scores could mislead."""

import copy
from functools import reduce
from operator import add

import numpy as np
import pytest
from hard_data import DATA, lattice, nearly_tied, tight
from samples import uniform

from gng_fast import Network, Signals, available_isas
from gng_fast.reference import ReferenceNetwork
from gng_fast.reference import Signals as ReferenceSignals

N_SIGNALS = 44  # nearly three blocks
BLOCKED = [name for name in available_isas() if name.startswith("avx")] or ["portable"]


WAYS = {
    "as by default": {},
    "whole steps": {"eps_b": 1, "eps_n": 1},
    "no steps of neighbours": {"eps_n": 0},
    "nodes come and go": {"lam": 1, "max_age": 1, "eps_b": 0.3},
    "utility": {"utility": 1.5, "lam": 2},
    "neupy": {"variant": "neupy", "lam": 3},
    "skipped signals": {"min_distance": 0.3},
}


def differences(X, nodes, *, jitter=0.0, fixed=False, annealed=False, n_signals=N_SIGNALS, **parameters):
    """The numbers of signals after which a network differs from the reference, if it takes so many in one call."""
    d = X.shape[1]
    parameters = {"max_nodes": len(nodes) + 30, "lam": 7, "max_age": 20, "eps_b": 0.1, "eps_n": 0.01} | parameters
    networks = Network(d, seed=5, **parameters), ReferenceNetwork(d, seed=5, **parameters)
    for network in networks:
        network.start(nodes, fixed=np.arange(len(nodes)) % 3 == 0 if fixed else False)
    core, reference = networks
    core.train(Signals(X, "order"), 40)
    source = ReferenceSignals(X, "order")
    reference.train(source, 40)
    assert core.take_mean_distance() == reference.take_mean_distance()
    if annealed:
        core.anneal(0.01, 0.0001, n_signals)
        reference.anneal(0.01, 0.0001, n_signals)
    source = ReferenceSignals(X[40:], "replacement", jitter=jitter)
    wrong = []
    for n in range(1, n_signals + 1):
        reference.train(source, 1)
        network = copy.copy(core)
        network.train(Signals(X[40:], "replacement", jitter=jitter), n)
        if network.graph() != reference.graph() or network.take_mean_distance() != reduce(add, reference.distances) / n:
            wrong.append(n)
    return wrong


@pytest.fixture(params=BLOCKED)
def isa(request, monkeypatch):
    monkeypatch.setenv("GNG_FAST_ISA", request.param)


@pytest.mark.usefixtures("isa")
@pytest.mark.parametrize("make", DATA)
@pytest.mark.parametrize("d", [4, 8, 16, 24, 33, 128])
def test_equal_after_every_signal(d, make):
    rng = np.random.default_rng(d)
    X = make(rng, 300, d).astype(np.float32)
    assert differences(X, X[rng.permutation(300)[:70]]) == []


@pytest.mark.usefixtures("isa")
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("d", [5, 40])
def test_equal_after_every_signal_whatever_the_parameters(d, way):
    rng = np.random.default_rng(len(way))
    for make in uniform, tight, lattice, nearly_tied:
        X = make(rng, 200, d).astype(np.float32)
        assert differences(X, X[rng.permutation(200)[:70]], **WAYS[way]) == []


@pytest.mark.usefixtures("isa")
@pytest.mark.parametrize("d", [6, 36])
def test_equal_with_jitter_annealing_and_fixed_nodes(d):
    X = uniform(np.random.default_rng(d), 200, d).astype(np.float32)
    assert differences(X, X[:80], jitter=0.1) == []
    assert differences(X, X[:80], annealed=True) == []
    assert differences(X, 3 * X[:80], fixed=True, lam=2) == []


def in_calls(X, nodes, n_signals, chunk, **parameters):
    network, signals = Network(X.shape[1], seed=2, **parameters), Signals(X, "replacement")
    network.start(nodes)
    for first in range(0, n_signals, chunk):
        network.train(signals, min(chunk, n_signals - first))
    return network.graph()


@pytest.mark.parametrize(
    ("d", "n_nodes", "n_signals"), [(4, 20_000, 700), (4, 300, 9000), (40, 2000, 700), (17, 250, 3000)]
)
def test_equal_in_large_networks_and_for_every_length_of_calls(d, n_nodes, n_signals, monkeypatch):
    """Nodes come, go and are renumbered meanwhile."""
    rng = np.random.default_rng(d)
    X = rng.random((4000, d), dtype=np.float32)
    nodes = rng.random((n_nodes, d), dtype=np.float32)
    parameters = {"max_nodes": n_nodes + 50, "lam": 2, "max_age": 3, "utility": 2, "search": "brute"}
    monkeypatch.setenv("GNG_FAST_ISA", "portable")
    expected = in_calls(X, nodes, n_signals, 1, **parameters)
    for name in BLOCKED:
        monkeypatch.setenv("GNG_FAST_ISA", name)
        for chunk in (3, 5, 11, 16, 17, 1000) if n_nodes < 1000 else (19, 1000):
            assert in_calls(X, nodes, n_signals, chunk, **parameters) == expected, (name, chunk)


@pytest.mark.usefixtures("isa")
@pytest.mark.parametrize("d", [7, 48])
@pytest.mark.parametrize("value", [np.nan, np.inf, 3e38])
def test_a_row_that_is_overwritten_is_left_out(d, value):
    """The scores of its block are still good, or are not used."""
    rng = np.random.default_rng(d)
    X = rng.random((64, d), dtype=np.float32)
    nodes = rng.random((100, d), dtype=np.float32)
    graphs = []
    for chunk in 1, 64:
        mine = X.copy()
        network, signals = Network(d, max_nodes=120, lam=5), Signals(mine, "order")
        network.start(nodes)
        mine[10:20:3, d // 2] = value
        mine[40] = value
        for _ in range(0, 64, chunk):
            network.train(signals, chunk)
        graphs.append(network.graph())
    assert graphs[0] == graphs[1]
    assert graphs[0].nodes.max() < 2


def test_scores_are_memory_of_the_network(monkeypatch):
    monkeypatch.setenv("GNG_FAST_ISA", BLOCKED[0])
    if BLOCKED == ["portable"]:
        pytest.skip("this CPU has no dense search")
    X = np.random.default_rng(0).random((500, 6), dtype=np.float32)
    network = Network(6, max_nodes=10_000)
    network.start(X[:60])
    before = network.nbytes
    network.start(X[60:200])
    network.train(Signals(X), 1)
    assert network.nbytes - before > 10_000 * 64

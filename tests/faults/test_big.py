"""Sizes beyond 2^31 rows and 10^7 nodes: minutes long, and gigabytes large."""

import os

import numpy as np
import pytest

from gng_fast import Network, Signals

BEYOND = 2**31
HIGH = 2**28  # rows from BEYOND on

pytestmark = pytest.mark.slow


def needs(gigabytes):
    """Skip where so much memory is not free."""
    free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 0
    if free < gigabytes * 1e9:
        pytest.skip(f"needs {gigabytes} GB of free memory")


@pytest.fixture(scope="module")
def rows():
    """0 up to row 2^31, from there on 1: the first 8 GB are only promised by the system."""
    needs(3)
    X = np.zeros((BEYOND + HIGH, 1), np.float32)
    X[BEYOND:] = 1
    return X


@pytest.mark.parametrize("sampling", ["replacement", "epochs"])
def test_signals_come_from_all_of_more_than_2_to_the_31_rows(sampling, rows):
    """Only signals from beyond count: the others are nearer to a node than min_distance."""
    needs(11 if sampling == "epochs" else 1)
    network, signals = Network(1, seed=1, min_distance=0.5, lam=10**9), Signals(rows, sampling)
    network.start([[0], [-5]], fixed=True)
    network.train(signals, 900_000)
    assert network.n_signals == pytest.approx(100_000, abs=1500)  # 5 standard deviations


def test_signals_in_order_beyond_2_to_the_31_rows(rows):
    make, (X, *middle, _) = Signals(rows, "order").__reduce__()
    network = Network(1, min_distance=0.5, lam=10**9)
    network.start([[0], [-5]], fixed=True)
    for position, expected in (BEYOND - 3, [0, 0, 0, 1, 2, 3]), (BEYOND + HIGH - 3, [1, 2, 3, 3, 3, 3]):
        signals, before, counts = make(X, *middle, position), network.n_signals, []
        for _ in range(6):
            network.train(signals, 1)
            counts.append(network.n_signals - before)
        assert counts == expected


def test_ten_million_nodes(tmp_path):
    needs(6)
    n_nodes = 10_000_000
    X = np.random.default_rng(0).random((4_000_000, 2), dtype=np.float32)
    network, signals = Network(2, seed=1, max_nodes=n_nodes, lam=1), Signals(X, "replacement")
    network.start(np.random.default_rng(1).random((n_nodes - 20_000, 2), dtype=np.float32))
    network.train(signals, 2_000_000)
    # nodes that never won have no edges yet, and stay
    assert network.n_nodes > n_nodes - 500_000 and network.n_signals == 2_000_000
    graph = network.graph()
    assert (graph.n_nodes, graph.n_edges) == (network.n_nodes, network.n_edges)
    nodes, distances = network.nearest(X[:100_000], n_jobs=2)
    assert 0 <= nodes.min() and nodes.max() >= 2**23
    to_them = np.sqrt(((graph.nodes[nodes] - X[:100_000]) ** 2).sum(axis=1))
    assert np.allclose(to_them, distances, rtol=1e-5, atol=1e-7)
    for row, distance in zip(X[:20], distances):
        assert np.sqrt(((graph.nodes - row) ** 2).sum(axis=1)).min() == pytest.approx(distance, rel=1e-5)
    network.save(tmp_path / "big.npz")
    again = Network.load(tmp_path / "big.npz")
    for each in (network, again):
        each.train(Signals(X, "order"), 100_000)
    assert network.graph() == again.graph()
    assert network.nbytes < 160 * n_nodes

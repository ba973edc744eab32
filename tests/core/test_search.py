"""Every way to search gives the same bits: brute force, grid, leaves, every instruction set, one by one, in batches."""

import numpy as np
import pytest

from gng_fast import Network, Signals, available_isas
from gng_fast.reference import ReferenceNetwork
from gng_fast.reference import Signals as ReferenceSignals

pytestmark = pytest.mark.exactness


def uniform(rng, n, d):
    return rng.random((n, d))


def clustered(rng, n, d):
    """Clusters of very different size and weight."""
    centres, sizes = rng.random((6, d)) * 100, 10.0 ** rng.uniform(-3, 1, 6)
    which = rng.choice(6, n, p=[0.5, 0.2, 0.1, 0.1, 0.06, 0.04])
    return centres[which] + rng.normal(size=(n, d)) * sizes[which, None]


def gridded(rng, n, d):
    return rng.integers(0, 12, (n, d))


def collinear(rng, n, d):
    return rng.random((n, 1)) * np.eye(d)[0] + 7


def diagonal(rng, n, d):
    return rng.random((n, 1)) * np.arange(1, d + 1)


def duplicated(rng, n, d):
    return rng.random((9, d))[rng.integers(0, 9, n)]


def drifting(rng, n, d):
    """Wanders away from where it began, and its scale grows a million-fold."""
    t = np.linspace(0, 1, n)[:, None]
    return (rng.random((n, d)) + 3 * t) * 10 ** (6 * t)


def one_far_away(rng, n, d):
    X = rng.random((n, d))
    X[n // 2] = 1e12
    return X


def tiny(rng, n, d):
    return 1e3 + rng.random((n, d)) * 1e-2


DATA = [uniform, clustered, gridded, collinear, diagonal, duplicated, drifting, one_far_away, tiny]
SEARCHES = {d: ["brute", "grid", "auto"] if d <= 3 else ["brute", "leaves", "auto"] for d in range(1, 129)}


def trained(X, chunks, search, sampling="order", **parameters):
    network, signals = Network(X.shape[1], seed=3, search=search, **parameters), Signals(X, sampling)
    network.draw_start_nodes(signals)
    for chunk in chunks:
        network.train(signals, chunk)
    return network.graph()


@pytest.mark.parametrize("make", DATA)
@pytest.mark.parametrize("d", [1, 2, 3, 4, 8, 16, 17, 64, 128])
def test_all_searches_agree(d, make, monkeypatch):
    rng = np.random.default_rng(d)
    n = 12_000 if d <= 16 else 4_000
    X = make(rng, n, d).astype(np.float32)
    parameters = {"max_nodes": 400, "lam": 12 if d <= 16 else 8, "max_age": 25}
    monkeypatch.setenv("GNG_FAST_ISA", "portable")
    expected = trained(X, [1] * 500 + [n - 500], "brute", **parameters)
    for isa in available_isas():
        monkeypatch.setenv("GNG_FAST_ISA", isa)
        for search in SEARCHES[d]:
            chunks = rng.multinomial(n, [0.1] * 10)
            assert trained(X, chunks, search, **parameters) == expected, (isa, search)


@pytest.mark.parametrize("make", DATA)
@pytest.mark.parametrize("d", [1, 2, 3, 5, 17])
def test_searches_equal_the_reference_after_every_signal(d, make):
    X = make(np.random.default_rng(d), 300, d).astype(np.float32)
    networks = [Network(d, search=search, max_nodes=40, lam=6, max_age=9) for search in SEARCHES[d]]
    reference = ReferenceNetwork(d, max_nodes=40, lam=6, max_age=9)
    sources = [Signals(X, "order") for _ in networks]
    reference_source = ReferenceSignals(X, "order")
    for network, source in zip(networks, sources, strict=True):
        network.draw_start_nodes(source)
    reference.draw_start_nodes(reference_source)
    for signal in range(300):
        reference.train(reference_source, 1)
        expected = reference.graph()
        for network, source in zip(networks, sources, strict=True):
            network.train(source, 1)
            assert network.graph() == expected, (signal, network.parameters)


@pytest.mark.parametrize("d, search", [(2, "grid"), (3, "grid"), (16, "leaves")])
@pytest.mark.parametrize("sampling", ["epochs", "replacement"])
def test_blocks_draw_the_same_signals(d, search, sampling):
    """Signals drawn ahead are neither lost nor drawn twice when training stops and goes on."""
    X = np.random.default_rng(1).random((5000, d)).astype(np.float32)
    parameters = {"max_nodes": 600, "lam": 10, "max_age": 30}
    one_by_one = trained(X, [1] * 8000, "brute", sampling, **parameters)
    assert trained(X, [8000], search, sampling, **parameters) == one_by_one
    assert trained(X, [3] * 2000 + [2000], search, sampling, **parameters) == one_by_one


@pytest.mark.quick
@pytest.mark.parametrize("search", ["auto", "brute"])
def test_many_nodes(search):
    """Large enough for prefetching and batches of eight."""
    X = np.random.default_rng(2).random((200_000, 2)).astype(np.float32)
    graphs = []
    for way, chunks in (search, [300_000]), ("grid", [100_000, 200_000]):
        network, signals = Network(2, search=way, max_nodes=60_100), Signals(X, "replacement")
        network.start(X[:60_000])
        if way == "brute":
            chunks = [2000]
        for chunk in chunks:
            network.train(signals, chunk)
        graphs.append((chunks, network.graph()))
    if search == "auto":
        assert graphs[0][1] == graphs[1][1]
        return
    network, signals = Network(2, search="grid", max_nodes=60_100), Signals(X, "replacement")
    network.start(X[:60_000])
    network.train(signals, 2000)
    assert network.graph() == graphs[0][1]


@pytest.mark.quick
@pytest.mark.parametrize("d", [1, 2, 3])
def test_searched_ahead_in_a_crowd(d):
    """Many nodes, so that signals are searched for a batch ahead, but all signals in one spot: each changes what the
    searches for the next ones have visited."""
    rng = np.random.default_rng(d)
    nodes = rng.random((8000, d)).astype(np.float32)
    X = (0.5 + 0.02 * rng.random((3000, d))).astype(np.float32)
    graphs = []
    for search, chunks in ("brute", [1] * 100 + [2900]), ("grid", [3000]), ("grid", [7, 100, 2893]):
        network, signals = Network(d, search=search, max_nodes=8300, lam=10, max_age=5), Signals(X, "order")
        network.start(nodes)
        for chunk in chunks:
            network.train(signals, chunk)
        graphs.append(network.graph())
    assert graphs[0].n_edges > 100
    assert graphs[1] == graphs[0]
    assert graphs[2] == graphs[0]


@pytest.mark.quick
def test_searches_that_do_not_fit_the_dimension():
    with pytest.raises(ValueError, match="search must be 'auto', 'brute' or 'leaves' for 4 features, got 'grid'"):
        Network(4, search="grid")
    with pytest.raises(ValueError, match="search must be 'auto', 'brute' or 'grid' for 3 features, got 'leaves'"):
        Network(3, search="leaves")
    with pytest.raises(ValueError, match="search must be one of 'auto', 'brute', 'grid', 'leaves', got 'tree'"):
        Network(3, search="tree")


@pytest.mark.parametrize("exponent", [-16, -17, -18, -19, -20, -22, -25, -38, -44])
@pytest.mark.parametrize("d", [1, 2, 3, 5])
def test_squares_too_small_for_floats(d, exponent):
    """Distances that differ have equal squares, down to 0: the oldest of all those nodes wins, wherever it lies."""
    for make in uniform, gridded:
        X = (make(np.random.default_rng(d), 300, d) * 10.0**exponent).astype(np.float32)
        networks = []
        for search in "brute", "grid" if d <= 3 else "leaves":
            network, signals = Network(d, seed=1, search=search, max_nodes=60, lam=4), Signals(X)
            network.draw_start_nodes(signals, 10)
            network.train(signals, 500)
            networks.append(network)
        brute, indexed = networks
        assert indexed.graph() == brute.graph()
        for found, expected in zip(indexed.two_nearest(X), brute.two_nearest(X)):
            assert np.array_equal(found, expected)

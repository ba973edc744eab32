"""Look-ups by tiles, and distances to all nodes, against brute force in the canonical order; see docs/exactness.md."""

import numpy as np
import pytest

from gng_fast import GrowingNeuralGas, Network, Signals, available_isas
from gng_fast.reference import ReferenceNetwork

pytestmark = pytest.mark.exactness

N_ROWS = 200  # many enough for tiles, and no multiple of what they take at a time


def canonical(rows, nodes):
    """Return all squared distances as src_c/search.h says, (n, m) float32."""
    d = nodes.shape[1]
    sums = np.zeros((8 if d >= 32 else 1, len(rows), len(nodes)), np.float32)
    with np.errstate(all="ignore"):
        for k in range(d):
            sums[k % len(sums)] += np.square(np.subtract.outer(rows[:, k], nodes[:, k]))
    if d < 32:
        return sums[0]
    return ((sums[0] + sums[4]) + (sums[2] + sums[6])) + ((sums[1] + sums[5]) + (sums[3] + sums[7]))


def expected(rows, nodes):
    """Return the two nearest nodes, the lower number first among equals, and their distances; no others are finite."""
    squared = canonical(rows, nodes)
    found = np.argsort(squared, axis=1, kind="stable")[:, :2]
    squared = np.take_along_axis(squared, found, axis=1)
    found[np.isinf(squared)] = -1
    return found, np.sqrt(squared)


def started(nodes, search="auto"):
    network = Network(nodes.shape[1], search=search, max_nodes=max(2, len(nodes)))
    network.start(nodes)
    return network


def assert_exact(network, rows):
    nodes = network.graph().nodes
    found, distances = expected(rows, nodes)
    for got, wanted in zip(network.two_nearest(rows), (found, distances), strict=True):
        assert np.array_equal(got, wanted)
    for got, wanted in zip(network.nearest(rows), (found[:, 0], distances[:, 0]), strict=True):
        assert np.array_equal(got, wanted)
    assert np.array_equal(network.distances(rows), np.sqrt(canonical(rows, nodes)))


def uniform(rng, n, d):
    return rng.random((n, d))


def far_off(rng, n, d):
    """The filter sees nothing but its own rounding."""
    return 1e6 + rng.random((n, d))


def far_off_lattice(rng, n, d):
    """Small integers beside 1e6: the canonical distances are exact, and tie."""
    return 1e6 + rng.integers(0, 3, (n, d))


def tight(rng, n, d):
    """Clusters 1e-5 wide."""
    return rng.integers(0, 3, (n, 1)) + 1e-5 * rng.random((n, d))


def lattice(rng, n, d):
    return rng.integers(0, 2, (n, d))


def doubled(rng, n, d):
    """Everything several times."""
    return np.repeat(rng.random((n // 5 + 1, d)), 5, axis=0)[rng.permutation(n)]


def ranging(rng, n, d):
    """Coordinates of all sizes."""
    return rng.normal(size=(n, d)) * 10.0 ** rng.uniform(-25, 14, (n, 1))


def faint(rng, n, d):
    """About the smallest coordinates that nodes have: products are subnormal, squares of differences 0."""
    return (1 + 1e-6 * rng.normal(size=(n, d))) * 10.0 ** rng.uniform(-18, -16, (n, 1))


def huge(rng, n, d):
    """At the end of what is allowed: |x|^2 is beyond what the filter takes from 65 dimensions on."""
    return rng.uniform(-1e15, 1e15, (n, d))


def one_coordinate(rng, n, d):
    """All but the last coordinate are the same, and large."""
    points = np.full((n, d), 1000.0)
    points[:, -1] = rng.random(n)
    return points


DATA = uniform, far_off, far_off_lattice, tight, lattice, doubled, ranging, faint, huge, one_coordinate


@pytest.mark.parametrize("isa", available_isas())
@pytest.mark.parametrize("data", DATA)
@pytest.mark.parametrize("d", [2, 4, 7, 16, 31, 32, 45, 130])
def test_equals_brute_force(data, d, isa, monkeypatch):
    monkeypatch.setenv("GNG_FAST_ISA", isa)
    rng = np.random.default_rng(d)
    for n_nodes in 1, 2, 3, 15, 16, 17, 33, 64, 300:
        points = data(rng, n_nodes + N_ROWS, d)
        points = points[rng.permutation(len(points))].astype(np.float32)
        nodes, rows = points[:n_nodes], points[n_nodes:]
        rows[:20] = nodes[rng.integers(0, n_nodes, 20)]
        if n_nodes == 1:
            nodes = np.repeat(nodes, 2, axis=0)
        for search in ("brute", "leaves") if d > 3 else ("brute", "grid"):
            assert_exact(started(nodes, search), rows)


@pytest.mark.parametrize("isa", available_isas())
@pytest.mark.parametrize("data", [far_off, tight, lattice, uniform])
@pytest.mark.parametrize("d", [4, 40])
def test_many_nodes(data, d, isa, monkeypatch):
    monkeypatch.setenv("GNG_FAST_ISA", isa)
    points = data(np.random.default_rng(0), 20_000 + 150, d).astype(np.float32)
    assert_exact(started(points[150:]), points[:150])


@pytest.mark.parametrize("isa", available_isas())
@pytest.mark.parametrize("d", [5, 33])
def test_numbers_of_rows(d, isa, monkeypatch):
    """Every rest that tiles, threads and the canonical kernel can leave."""
    monkeypatch.setenv("GNG_FAST_ISA", isa)
    rng = np.random.default_rng(1)
    nodes, rows = rng.random((40, d), dtype=np.float32), rng.random((600, d), dtype=np.float32)
    network, (found, squared) = started(nodes), expected(rows, nodes)
    distances = network.distances(rows)
    for n in [*range(1, 9), *range(60, 100), 300, 600]:
        assert np.array_equal(network.two_nearest(rows[:n])[0], found[:n])
        assert np.array_equal(network.two_nearest(rows[:n], n_jobs=2)[1], squared[:n])
        assert np.array_equal(network.distances(rows[:n], n_jobs=2), distances[:n])


@pytest.mark.parametrize("isa", available_isas())
def test_easy_and_hard_rows_in_turn(isa, monkeypatch):
    """Leaves or tiles are chosen anew after some thousands of rows, and tiles are left where they prove too little."""
    monkeypatch.setenv("GNG_FAST_ISA", isa)
    rng = np.random.default_rng(2)
    nodes = np.concatenate([rng.random((300, 6)), 1e5 + 1e-2 * rng.random((300, 6))]).astype(np.float32)
    easy, hard = rng.random((9000, 6)), 1e5 + 1e-2 * rng.random((9000, 6))
    rows = np.concatenate([easy, hard, easy[:3000], hard[:3000]]).astype(np.float32)
    found, distances = expected(rows, nodes)
    for search in "brute", "leaves":
        network = started(nodes, search)
        for got, wanted in zip(network.two_nearest(rows), (found, distances), strict=True):
            assert np.array_equal(got, wanted)


@pytest.mark.parametrize("d", [3, 12, 40])
def test_distances_equal_the_reference(d):
    rng = np.random.default_rng(d)
    nodes, rows = rng.random((20, d)).astype(np.float32), rng.random((30, d)).astype(np.float32)
    expected = np.empty((30, 20), np.float32)
    for i, node in enumerate(nodes):
        reference = ReferenceNetwork(d)
        reference.start([node])
        expected[:, i] = reference.nearest(rows)[1]
    assert np.array_equal(started(nodes).distances(rows), expected)


def test_distances_follow_the_graph():
    """Nodes that went leave holes in memory, not among the distances."""
    X = np.random.default_rng(1).random((4000, 8)).astype(np.float32)
    network, signals = Network(8, max_nodes=600, max_age=1, lam=40), Signals(X, "order")
    network.start(X[:600], [(i, i + 1) for i in range(599)])
    for _ in range(20):
        network.train(signals, 50)
        assert_exact(network, X[:100])


def test_distances_that_overflow():
    network = Network(8, eps_b=1, eps_n=1, lam=1000)
    signals = Signals(np.random.default_rng(0).random((50, 8)), jitter=1.2e19)
    network.draw_start_nodes(signals)
    network.train(signals, 400)
    rows = np.zeros((300, 8), np.float32)
    distances = network.distances(rows)
    assert np.isinf(distances).any()
    assert np.array_equal(distances.min(axis=1), network.nearest(rows)[1])


def test_distances_refuse_what_nearest_refuses():
    with pytest.raises(ValueError, match="at least 1 node to look up the nearest, got 0"):
        Network(2).distances([[0, 0]])
    network = started(np.eye(2))
    for X, n_jobs, message in (
        ([[0, 0, 0]], 1, "X must have 2 columns"),
        ([[0, np.inf]], 1, "got inf in row 0, column 1"),
        ([[0, 0]], 0, r"n_jobs must be -1 or in \[1, 1024\], got 0"),
    ):
        with pytest.raises(ValueError, match=message):
            network.distances(X, n_jobs)


def test_transform_in_threads_and_units_of_its_own():
    X = np.random.default_rng(3).random((2000, 5)) * 1e-20
    models = [GrowingNeuralGas(40, n_epochs=1, random_state=0, n_jobs=n_jobs).fit(X) for n_jobs in (1, 3)]
    distances = [model.transform(X) for model in models]
    assert distances[0].dtype == np.float64
    assert np.array_equal(*distances)
    nodes, nearest = models[0].nearest(X, return_distance=True)
    assert np.array_equal(distances[0].min(axis=1), nearest)
    assert np.array_equal(distances[0].argmin(axis=1), nodes)

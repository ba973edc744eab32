"""Clusters as hills of density against the plain-Python twin, hand-computed cases, and what must hold for any data."""

import math

import numpy as np
import pytest
from plain_clusters import PlainClusters
from samples import DATA

from gng_fast.model.clusters import clouds
from gng_fast.model.clusters.bridges import bridges_of
from gng_fast.model.clusters.clouds import Clouds, clouds_of, nearest_squares
from gng_fast.model.clusters.clustering import NOISE, Wanted, clusters_of
from gng_fast.model.clusters.hills import hills_of, rise_for
from gng_fast.model.clusters.landscape import (
    Landscape,
    edges_and_bridges,
    effective_dimension,
    landscape_of,
    lasting_pairs,
    mass_of,
)
from gng_fast.model.tally import Tally, tally

pytestmark = pytest.mark.quick


def two_moons(rng, n, d):
    """Two half circles of d - 1 further columns of noise."""
    angle, side = rng.random(n) * np.pi, rng.integers(0, 2, n)
    X = np.stack([np.cos(angle) + side, np.where(side, 0.5 - np.sin(angle), np.sin(angle))], axis=1)
    return (np.hstack([X, np.zeros((n, d))])[:, :d] + rng.normal(0, 0.08, (n, d))) * 10


def made(data, n, d, n_nodes, seed):
    """Nodes that are rows moved a little, and rows."""
    rng = np.random.default_rng(seed)
    X = data(rng, n, d).astype(np.float32)
    nodes = X[rng.permutation(n)[:n_nodes]] + rng.normal(0, 0.02, (n_nodes, d)).astype(np.float32)
    return nodes, X


WANTED = [
    Wanted(),
    Wanted(noise=True),
    Wanted(n_clusters=3),
    Wanted(n_clusters=1, min_cluster_size=3),
    Wanted(min_cluster_size=25, noise=True),
]


@pytest.mark.parametrize("wanted", WANTED)
@pytest.mark.parametrize("data", [*DATA, two_moons])
@pytest.mark.parametrize("d, n_nodes", [(1, 12), (2, 40), (3, 5), (33, 20)])
def test_as_the_plain_twin(data, d, n_nodes, wanted):
    nodes, X = made(data, 200, d, n_nodes, seed=d)
    compare(nodes, X, None, wanted)


@pytest.mark.parametrize("seed", range(6))
def test_weights_as_the_plain_twin(seed):
    nodes, X = made(two_moons, 150, 2, 30, seed)
    weights = np.random.default_rng(seed).integers(0, 9, len(X)) / 4
    compare(nodes, X, weights, Wanted(n_clusters=2 if seed % 2 else None))


def compare(nodes, X, weights, wanted):
    plain = PlainClusters(nodes, X, weights, wanted.n_clusters, wanted.min_cluster_size, wanted.noise)
    landscape = landscape_of(nodes, tally(nodes, X, weights, pairs=True))
    assert landscape.edges.tolist() == [list(edge) for edge in plain.edges]
    assert landscape.g.tolist() == plain.g
    assert landscape.edge_g.tolist() == list(map(plain.edge_g.get, plain.edges))
    assert (landscape.mass, landscape.dimension) == (plain.mass, plain.dimension)
    found = clusters_of(nodes, landscape, wanted)
    assert found.of_nodes.tolist() == plain.of_nodes
    assert found.strengths.tolist() == plain.strengths
    diagram = found.persistence
    assert list(zip(diagram.peaks.tolist(), diagram.saddles.tolist(), diagram.rows.tolist())) == plain.hills


# ---- by hand --------------------------------------------------------------------------------------------------------


def landscape(g, edges, edge_g, rows=None, mass=100.0, dimension=2.0, bridges=(), bridge_g=()):
    rows = np.full(len(g), 50.0) if rows is None else np.array(rows, float)
    bridges = np.array(bridges).reshape(-1, 2)
    bridge_g = np.array(bridge_g, float)
    return Landscape(
        rows, np.array(g, float), np.array(edges), np.array(edge_g, float), bridges, bridge_g, mass, dimension
    )


#: Nodes 0 to 4 along a line: two hills of density 1 and 1/2, and a saddle of density 1/4 on node 2.
TWO_HILLS = landscape([1, 2, 4, 3, 2], [(0, 1), (1, 2), (2, 3), (3, 4)], [2, 4, 4, 3])
LINE = np.arange(5, dtype=np.float32)[:, None]


def test_two_hills_and_a_saddle():
    peaks, merges = hills_of(TWO_HILLS, 2.0, 10)
    assert peaks.tolist() == [0, 0, 0, 4, 4] and not merges
    peaks, merges = hills_of(TWO_HILLS, 2.01, 10)  # the lower rises from 4 to 2
    assert peaks.tolist() == [0] * 5
    assert [(merge.peak_g, merge.saddle_g, merge.rows, merge.rise) for merge in merges] == [(2, 4, 100, 2)]


def test_a_hill_of_too_few_rows_is_a_part_of_the_first_it_meets():
    assert hills_of(TWO_HILLS, 1.0, 100)[0].tolist() == [0, 0, 0, 4, 4]
    assert hills_of(TWO_HILLS, 1.0, 101)[0].tolist() == [0] * 5


def test_the_smallest_rise_that_leaves_so_many():
    three = landscape([1, 8, 2, 6, 3], [(0, 1), (1, 2), (2, 3), (3, 4)], [8, 8, 6, 6])
    _, merges = hills_of(three, math.inf, 10)
    assert sorted(merge.rise for merge in merges) == [2, 4]
    for n_clusters, rise, peaks in (3, 2, [0, 0, 2, 2, 4]), (2, 4, [0, 0, 2, 2, 2]), (1, math.inf, [0] * 5):
        assert rise_for(three, n_clusters, 10, merges) == rise
        assert hills_of(three, rise, 10)[0].tolist() == peaks


def test_a_number_of_clusters_is_kept_over_gaps():
    gaps = landscape([1, 3, 2, 4, 1.5], [(0, 1)], [3], bridges=[(2, 3), (1, 2), (3, 4)], bridge_g=[7, 9, 8])
    found = {k: clusters_of(LINE, gaps, Wanted(n_clusters=k)).of_nodes.tolist() for k in (1, 2, 3, 4, 5)}
    assert found[5] == found[4] == [0, 0, 1, 2, 3]
    assert found[3] == [0, 0, 1, 1, 2] and found[2] == [1, 1, 0, 0, 0] and found[1] == [0] * 5


@pytest.mark.parametrize("d", [1, 2, 40])
def test_bridges_make_a_minimum_spanning_tree(d):
    spanning = pytest.importorskip("scipy.sparse.csgraph")
    positions = np.random.default_rng(d).random((200, d), dtype=np.float32)
    bridges = bridges_of(positions, np.empty((0, 2), np.int64))
    lengths = np.linalg.norm(positions[:, None].astype(float) - positions, axis=2)
    assert len(bridges) == 199
    assert lengths[tuple(bridges.T)].sum() == pytest.approx(spanning.minimum_spanning_tree(lengths).sum())
    assert len(bridges_of(positions, bridges)) == 0
    assert bridges_of(positions, bridges[1:]).tolist() == bridges[:1].tolist()


def test_a_bridge_that_is_hardly_longer_than_edges_is_an_edge():
    means = np.array([0, 1, 3.1, 4.1, 8, 9, 20], np.float32)[:, None]
    pairs = np.array([(0, 1), (2, 3), (4, 5)])
    edges, bridges = edges_and_bridges(means, pairs)
    assert edges.tolist() == [[0, 1], [1, 2], [2, 3], [4, 5]]  # of 2.1, and not of 3.9 and 11
    assert bridges.tolist() == [[3, 4], [5, 6]]
    assert edges_and_bridges(means[:2], pairs[:1])[1].tolist() == []
    assert edges_and_bridges(means[:2], pairs[:0])[0].tolist() == []


def test_clusters_of_two_hills():
    found = clusters_of(LINE, TWO_HILLS, Wanted())
    assert found.of_nodes.tolist() == [0, 0, 0, 1, 1]
    assert found.strengths.tolist() == [1, math.sqrt(1 / 2), math.sqrt(1 / 4), math.sqrt(2 / 3), 1]
    diagram = found.persistence
    assert diagram.peaks.tolist() == [0, -math.log(2)] and diagram.saddles.tolist() == [-math.inf, -math.log(4)]
    assert diagram.rows.tolist() == [250, 100]
    assert diagram.tau == pytest.approx(3.25 * math.sqrt(2 / 100))


def test_noise_lies_lower_than_the_saddle():
    # the saddle is on the way from 1 to 2; node 2 lies in a hollow of the second hill
    hollow = landscape([1, 2, 6, 3, 2], [(0, 1), (1, 2), (1, 3), (2, 3), (3, 4)], [2, 7, 5, 6, 3])
    found = clusters_of(LINE, hollow, Wanted(noise=True))
    assert found.of_nodes.tolist() == [1, 1, NOISE, 0, 0] and found.strengths[2] == 0
    assert clusters_of(LINE, hollow, Wanted()).of_nodes.tolist() == [1, 1, 0, 0, 0]


def test_the_number_of_a_cluster_falls_with_its_rows():
    found = clusters_of(LINE, landscape(TWO_HILLS.g, TWO_HILLS.edges, TWO_HILLS.edge_g, [10, 10, 0, 20, 30]), Wanted())
    assert found.of_nodes.tolist() == [1, 1, 1, 0, 0]
    even = clusters_of(LINE, landscape(TWO_HILLS.g, TWO_HILLS.edges, TWO_HILLS.edge_g, [30, 20, 0, 20, 30]), Wanted())
    assert even.of_nodes.tolist() == [0, 0, 0, 1, 1]


def test_what_is_too_small_joins_the_nearest_cluster_or_is_noise():
    apart = landscape([1, 2, 4, 3, 2], [(0, 1), (3, 4)], [2, 3], [50, 50, 5, 50, 50])
    nodes = np.array([0, 1, 2.4, 4, 5], np.float32)[:, None]
    assert clusters_of(nodes, apart, Wanted()).of_nodes.tolist() == [0, 0, 0, 1, 1]
    found = clusters_of(nodes, apart, Wanted(noise=True))
    assert found.of_nodes.tolist() == [0, 0, NOISE, 1, 1] and found.strengths[2] == 0


def test_a_distance_to_the_measure_by_hand():
    found = Clouds(np.array([[0], [1], [3]], np.float32), np.array([2.0, 4, 4]), np.array([0.5, 0, 1]))
    # at 0: two rows at 0.5, and one or all of the four at 1, and one of those at 9 + 1
    assert found.distance_to_measure(np.zeros((1, 1), np.float32), (3.0, 7.0)).tolist() == [[2 / 3, (1 + 4 + 10) / 7]]
    assert found.n_rows == 10


def test_clouds_by_hand():
    won = Tally(np.array([2.0, 0]), np.array([[3.0], [0]]), np.array([5.0, 0]), np.zeros(2))
    found = clouds_of(np.array([[1], [7]], np.float32), won)
    assert found.means.tolist() == [[1.5], [7]] and found.variances.tolist() == [2.5 - 0.25, 0]


def test_pairs_with_few_rows_between_them_are_no_edges():
    won = Tally(np.array([500.0, 200, 100]), np.zeros((3, 1)), np.zeros(3), np.zeros(3))
    won = Tally(won.counts, won.sums, won.errors, won.utilities, np.array([1, 2, 5]), np.array([1.0, 1, 2]))
    assert lasting_pairs(won).tolist() == [[0, 2], [1, 2]]


@pytest.mark.parametrize(
    "n_rows, n_nodes, mass",
    [(4, 9, 1), (10_000, 900, 200), (1600, 400, 50), (64, 99, 10), (16, 99, 4), (8000, 70, 800), (8000, 2, 2000)],
)
def test_the_mass(n_rows, n_nodes, mass):
    assert mass_of(n_rows, n_nodes) == mass


@pytest.mark.parametrize("d", [1, 2, 3, 8])
def test_the_effective_dimension_of_uniform_data(d):
    n = 50
    assert effective_dimension(np.ones(n), np.full(n, 2 ** (2 / d)), np.ones(n), 16) == pytest.approx(d)
    assert effective_dimension(np.ones(n), np.ones(n), np.ones(n), 16) == 16
    assert effective_dimension(np.ones(n), np.full(n, 64.0), np.ones(n), 16) == 1


# ---- how it is done -------------------------------------------------------------------------------------------------


def test_nearest_squares_are_those_of_a_sort():
    distances = np.random.default_rng(0).integers(0, 9, (40, 30)).astype(np.float32)
    order = np.argsort(distances, axis=1, kind="stable")
    for k in 1, 7, 30:
        squares, places = nearest_squares(distances, k)
        assert np.array_equal(places, order[:, :k])
        assert np.array_equal(squares, np.take_along_axis(distances, order[:, :k], axis=1) ** 2)


@pytest.mark.parametrize(
    "name, value", [("_FIRST_NEIGHBOURS", 1), ("_FIRST_NEIGHBOURS", 5), ("_DISTANCES_AT_ONCE", 90)]
)
def test_sizes_of_pieces_change_nothing(monkeypatch, name, value):
    nodes, X = made(two_moons, 3000, 2, 90, seed=1)
    won = tally(nodes, X, pairs=True)
    before = landscape_of(nodes, won)
    monkeypatch.setattr(clouds, name, value)
    after = landscape_of(nodes, won)
    assert np.array_equal(before.g, after.g) and np.array_equal(before.edge_g, after.edge_g)
    assert before.dimension == after.dimension


@pytest.mark.parametrize("n_jobs", [1, 3])
def test_winners_are_those_of_a_look_up(n_jobs):
    nodes, X = made(two_moons, 3000, 2, 90, seed=1)
    winners = np.empty(len(X), np.uint8)
    tally(nodes, X, n_jobs=n_jobs, winners=winners)
    expected = (np.square(X[:, None].astype(float) - nodes).sum(axis=2)).argmin(axis=1)
    assert (winners == expected).mean() > 0.999


# ---- whatever the data ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("power", [-40, -3, 5, 30])
def test_clusters_do_not_depend_on_the_unit(power):
    nodes, X = made(two_moons, 20_000, 2, 100, seed=3)
    factor = np.float32(2.0**power)
    before, after = (
        clusters_of(nodes * f, landscape_of(nodes * f, tally(nodes * f, X * f, pairs=True)), Wanted())
        for f in (np.float32(1), factor)
    )
    assert before.of_nodes.tolist() == after.of_nodes.tolist() and set(before.of_nodes.tolist()) == {0, 1}
    assert before.strengths.tolist() == after.strengths.tolist()
    assert before.persistence.peaks.tolist() == after.persistence.peaks.tolist()


@pytest.mark.parametrize("n, n_nodes", [(1, 2), (2, 2), (3, 7), (9, 3), (9, 30)])
def test_hardly_any_rows(n, n_nodes):
    rng = np.random.default_rng(n)
    X, nodes = rng.random((n, 2), dtype=np.float32), rng.random((n_nodes, 2), dtype=np.float32)
    for wanted in WANTED:
        compare(nodes, X, None, wanted)


def test_rows_that_are_all_the_same():
    X = np.full((500, 3), 7, np.float32)
    nodes = np.concatenate([X[:4], X[:2] + 1])
    for wanted in WANTED:
        compare(nodes, X, None, wanted)
    zero = np.zeros((500, 3), np.float32)
    compare(zero[:4], zero, None, Wanted())


def test_the_invariants_of_clusters():
    nodes, X = made(two_moons, 5000, 3, 300, seed=7)
    surface = landscape_of(nodes, tally(nodes, X, pairs=True))
    for wanted in (*WANTED, *(Wanted(n_clusters=k) for k in range(1, 8))):
        found = clusters_of(nodes, surface, wanted)
        numbers = found.of_nodes
        is_noise = numbers == NOISE
        assert set(numbers.tolist()) - {NOISE} == set(range(numbers.max() + 1))
        assert ((found.strengths > 0) == ~is_noise).all() and found.strengths.max() == 1
        rows = np.bincount(numbers[~is_noise], weights=surface.rows[~is_noise])
        assert is_noise.any() <= wanted.noise and (wanted.noise or (np.diff(rows) <= 0).all())
        for number in range(numbers.max() + 1):
            assert found.strengths[numbers == number].max() == 1
        if wanted.n_clusters is not None:
            assert numbers.max() + 1 <= wanted.n_clusters

"""Distances and shortest paths, projection onto edges, and the backbone of data that branch."""

import subprocess
import sys

import numpy as np
import pytest
from messages import raises

from gng_fast import Graph, GrowingNeuralGas
from gng_fast.graph import paths

# 0 - 1 - 2    5 - 6      7
# |       |
# 3 ----- 4
NODES = [[0, 1], [1, 1], [2, 1], [0, 0], [2, 0], [5, 0], [5, 2], [9, 9]]
GRAPH = Graph(NODES, [(0, 1), (1, 2), (0, 3), (2, 4), (3, 4), (5, 6)])
INF = np.inf


def random_graph(seed, n=120, m=200, d=3):
    random = np.random.default_rng(seed)
    pairs = np.unique(np.sort(random.integers(0, n, (m, 2)), axis=1), axis=0)
    return Graph(random.normal(size=(n, d)), pairs[pairs[:, 0] != pairs[:, 1]])


# ---- distances and paths -------------------------------------------------------------------------------------------


@pytest.mark.quick
def test_distances():
    assert GRAPH.distances(0).tolist() == [0, 1, 2, 1, 3, INF, INF, INF]
    assert GRAPH.distances([6, 7]).tolist() == [[INF] * 5 + [2, 0, INF], [INF] * 7 + [0]]
    assert GRAPH.distances(np.int32(5)).shape == (8,) and GRAPH.distances([]).shape == (0, 8)
    with raises(ValueError, "from_nodes must be a node from 0 to 7, got 8"):
        GRAPH.distances([0, 8])
    with raises(ValueError, "from_nodes must be a node from 0 to 7, got -1"):
        GRAPH.distances(-1)
    with raises(TypeError, "from_nodes must be an array of integers, got dtype float64"):
        GRAPH.distances(0.0)
    with raises(ValueError, "from_nodes must be a number or have shape (k,), got (1, 2)"):
        GRAPH.distances([[0, 1]])


@pytest.mark.parametrize("seed", range(5))
def test_distances_and_paths_agree_with_scipy(seed):
    csgraph = pytest.importorskip("scipy.sparse.csgraph")
    graph = random_graph(seed)
    expected = csgraph.dijkstra(graph.to_scipy())
    everyone = np.arange(graph.n_nodes)
    np.testing.assert_allclose(graph.distances(everyone), expected, rtol=1e-12)
    lengths = dict(zip(map(tuple, graph.edges.tolist()), graph.edge_lengths().tolist()))
    for (path, length), distance in zip(graph.shortest_paths(3, everyone.tolist()), expected[3]):
        assert length == pytest.approx(distance)
        if np.isfinite(length):
            steps = [lengths[tuple(sorted(pair))] for pair in zip(path.tolist(), path[1:].tolist())]
            assert path[0] == 3 and sum(steps) == pytest.approx(length)


@pytest.mark.quick
def test_shortest_paths_by_number_and_by_place():
    path, length = GRAPH.shortest_path(1, 4)
    assert (path.tolist(), length) == ([1, 2, 4], 2) and path.dtype == np.int64
    assert GRAPH.shortest_path(np.int64(1), [2.1, -0.3])[0].tolist() == [1, 2, 4]
    assert GRAPH.shortest_path(3, 3)[1] == 0
    found = GRAPH.shortest_paths([0, 0.9], [4, [1.1, 1], 0, 7])
    assert [(path.tolist(), length) for path, length in found] == [([0, 3, 4], 3), ([0, 1], 1), ([0], 0), ([], INF)]
    assert GRAPH.shortest_paths(0, []) == []
    with raises(ValueError, "there is no path from node 0 to node 7: they are in different components"):
        GRAPH.shortest_path(0, 7)
    with raises(ValueError, "end must be a node from 0 to 7, got 8"):
        GRAPH.shortest_path(0, 8)
    with raises(ValueError, "ends must be a point of 2 coordinates, got shape (3,)"):
        GRAPH.shortest_paths(0, [[1, 2, 3]])


def grid_of(n, scale=1.0):
    """A grid, in which many paths are equally long."""
    x, y = np.divmod(np.arange(n * n), n)
    right, up = np.flatnonzero(y < n - 1), np.flatnonzero(x < n - 1)
    return Graph(
        scale * np.stack([x, y], 1), np.concatenate([np.stack([right, right + 1], 1), np.stack([up, up + n], 1)])
    )


def winding(n=200):
    """A spiral: no way straight ahead leads anywhere."""
    angle = np.linspace(0, 20, n)
    at = angle[:, None] * np.stack([np.cos(angle), np.sin(angle)], 1)
    return Graph(at, np.stack([np.arange(n - 1), np.arange(1, n)], 1))


def trained_square():
    return GrowingNeuralGas(600, random_state=0).fit(np.random.default_rng(0).random((30_000, 2))).graph_


GRAPHS = {
    "space": lambda: random_graph(0),
    "dense": lambda: random_graph(1, m=2000, d=2),
    "ties": lambda: grid_of(12),
    "ties that are rounded": lambda: grid_of(12, 0.1),
    "all in one place": lambda: grid_of(6, 0.0),
    "rows in one place": lambda: Graph(grid_of(8).nodes * (0, 1), grid_of(8).edges),
    "tiny": lambda: grid_of(6, 3e-200),
    "winding": winding,
    "trained": trained_square,
}


@pytest.mark.parametrize("name", GRAPHS)
def test_a_path_to_one_node_is_that_of_a_search_everywhere(name):
    graph = GRAPHS[name]()
    everywhere = np.arange(graph.n_nodes).tolist()
    for start in range(0, graph.n_nodes, max(1, graph.n_nodes // 7)):
        for end, (path, length) in enumerate(graph.shortest_paths(start, everywhere)):
            [(found, found_length)] = graph.shortest_paths(start, [end])
            assert (found.tolist(), found_length) == (path.tolist(), length)


def test_what_lies_aside_is_left_out():
    graph = trained_square()
    neighbours = paths.Neighbours(graph.n_nodes, graph.edges, graph.edge_lengths())
    reached = {"everywhere": 0, "between": 0}
    for start, end in np.random.default_rng(1).integers(0, graph.n_nodes, (50, 2)).tolist():
        reached["everywhere"] += np.isfinite(paths.search(neighbours, [start], [end])[0]).sum()
        reached["between"] += np.isfinite(paths.search_between(neighbours, graph.nodes, start, end)[0]).sum()
    assert 3 * reached["between"] < reached["everywhere"]


@pytest.mark.parametrize("n_nodes", [50, 70_000])
def test_neighbours_are_in_order(n_nodes):
    pairs = np.random.default_rng(0).integers(0, n_nodes, (2 * n_nodes, 2))
    pairs = np.unique(np.sort(pairs[pairs[:, 0] != pairs[:, 1]], axis=1), axis=0)
    lengths = np.arange(len(pairs), dtype=float)
    neighbours = paths.Neighbours(n_nodes, pairs, lengths)
    assert len(neighbours) == n_nodes
    expected = [[] for _ in range(n_nodes)]
    for (a, b), length in zip(pairs.tolist(), lengths.tolist()):
        expected[a].append((b, length))
        expected[b].append((a, length))
    assert [neighbours[node] for node in range(n_nodes)] == [sorted(each) for each in expected]


def test_paths_do_not_import_scipy():
    code = (
        "import sys; from gng_fast import Graph; Graph([[0.0, 0], [3, 4]], [(0, 1)]).shortest_path(0, 1)\n"
        "assert 'scipy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


# ---- projection ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scale, offset", [(1.0, 0.0), (1e-6, 1.0), (1e8, 1e10)])
@pytest.mark.parametrize("d", [1, 2, 5])
def test_projection_is_the_nearest_place_of_all(d, scale, offset):
    graph = random_graph(0, d=d)
    graph = Graph(graph.nodes * scale + offset, graph.edges)
    X = np.random.default_rng(1).normal(size=(50, d)) * scale + offset
    edge, position, distance = graph.project(X)
    starts, ends = graph.nodes[graph.edges[:, 0]], graph.nodes[graph.edges[:, 1]]
    for row, number, share, far in zip(X, edge, position, distance):
        along = ends - starts
        shares = np.clip(((row - starts) * along).sum(axis=1) / (along**2).sum(axis=1), 0, 1)
        far_all = np.linalg.norm(row - starts - shares[:, None] * along, axis=1)
        assert far == pytest.approx(far_all.min(), rel=1e-6, abs=1e-9 * scale)
        assert far_all[number] == pytest.approx(far_all.min(), rel=1e-6, abs=1e-9 * scale)
        assert share == pytest.approx(shares[number], abs=1e-6)


@pytest.mark.quick
def test_projection_by_hand_and_what_is_refused():
    graph = Graph([[0, 0], [4, 0], [4, 3], [4, 3]], [(0, 1), (1, 2), (2, 3)])
    edge, position, distance = graph.project([[1, 2], [5, 1.5], [-3, -4]])
    assert edge.tolist() == [0, 1, 0] and np.allclose(position, [0.25, 0.5, 0]) and distance.tolist() == [2, 1, 5]
    assert [each.shape for each in graph.project(np.zeros((1, 2), np.float32))] == [(1,)] * 3
    with raises(ValueError, "X must have 2 columns, got 3"):
        graph.project(np.zeros((1, 3)))
    with raises(ValueError, "project needs a graph with edges"):
        Graph([[0, 0]], []).project([[0, 0]])
    with pytest.raises(ValueError, match="^X must hold finite numbers"):
        graph.project([[0, np.nan]])


def test_projection_in_pieces(monkeypatch):
    graph, X = random_graph(0), np.random.default_rng(1).normal(size=(50, 3))
    whole = graph.project(X)
    monkeypatch.setattr("gng_fast.graph.projection._PAIRS_AT_ONCE", 7 * graph.n_edges)
    for one, other in zip(whole, graph.project(X)):
        np.testing.assert_allclose(one, other, rtol=1e-12)


# ---- backbone ------------------------------------------------------------------------------------------------------

# Segments of trees in the plane, and how many ends they have.
TREES = {
    "line": ([([0, 0], [2, 0])], 2),
    "Y": ([([0, 0], [1, 0]), ([0, 0], [-0.5, 0.9]), ([0, 0], [-0.5, -0.9])], 3),
    "H": ([([-0.5, 0], [0.5, 0])] + [([x, 0], [2.2 * x, y]) for x in (-0.5, 0.5) for y in (-0.7, 0.7)], 4),
    "comb": ([([0, 0], [4, 0]), ([1, 0], [1, 1]), ([2, 0], [2, -1]), ([3, 0], [3, 0.8])], 5),
}


def points_of(name, n, d, noise, seed):
    """Points on a tree that lies askew in d dimensions, and which segment each is of."""
    random = np.random.default_rng(seed)
    starts, ends = np.moveaxis(np.array(TREES[name][0], float), 1, 0)
    lengths = np.linalg.norm(ends - starts, axis=1)
    segment = random.choice(len(lengths), n, p=lengths / lengths.sum())
    points = starts[segment] + random.random((n, 1)) * (ends - starts)[segment]
    plane = np.linalg.qr(random.normal(size=(d, d)))[0][:2]
    return points @ plane + random.normal(0, noise, (n, d)), segment


def is_forest(graph):
    return graph.n_edges == graph.n_nodes - graph.n_components


@pytest.mark.parametrize("n_nodes, seed", [(50, 0), (50, 1), (300, 0), (300, 1), (2000, 0)])
@pytest.mark.parametrize("name, d, noise", [("line", 10, 0.08), ("Y", 2, 0.1), ("H", 3, 0.07), ("comb", 10, 0.03)])
def test_the_backbone_is_the_tree_that_the_data_lie_on(name, d, noise, n_nodes, seed):
    X, segment = points_of(name, 10_000, d, noise, seed)
    model = GrowingNeuralGas(n_nodes, random_state=seed).fit(X)
    graph, tree = model.graph_, model.graph_.backbone()
    main = graph.components == np.bincount(graph.components).argmax()
    assert (tree.degrees[main] == 1).sum() == TREES[name][1]
    assert is_forest(tree.subgraph((tree.degrees > 0) & main))
    # a row has the branch of its nearest node: all rows of a segment, but near its ends, have the same
    branch = tree.clusters[model.nearest(X)]
    shares = [np.bincount(branch[segment == each]).max() / (segment == each).sum() for each in set(segment.tolist())]
    if name != "comb":  # whose longest segment is in four branches
        assert min(shares) > 0.7


@pytest.mark.quick
def test_backbone_of_small_graphs():
    assert Graph(np.empty((0, 2)), []).backbone().n_edges == 0
    tree = GRAPH.backbone()
    assert tree.n_nodes == 8 and is_forest(tree.subgraph(tree.degrees > 0))
    assert tree.degrees.tolist()[5:] == [1, 1, 0]
    assert set(map(tuple, tree.edges.tolist())) < set(map(tuple, GRAPH.edges.tolist()))
    assert tree.clusters[7] == -1 and tree.clusters[5] == tree.clusters[6] != tree.clusters[0] >= 0
    same_place = Graph(np.zeros((4, 2)), [(0, 1), (1, 2), (2, 3)]).backbone()
    assert same_place.n_edges == 3
    star = Graph([[0, 0], [1, 0], [-1, 0], [0, 1], [0, -1]], [(0, 1), (0, 2), (0, 3), (0, 4)])
    assert star.backbone().n_edges == 4 and len(set(star.backbone().clusters[1:].tolist())) == 4


@pytest.mark.quick
def test_backbone_keeps_what_edges_and_nodes_are():
    graph = Graph([[0, 0], [1, 0], [2, 0], [1, 0.1]], [(0, 1), (1, 2), (0, 3)], ages=[4, 5, 6], errors=[1, 2, 3, 4])
    tree = graph.backbone()
    assert np.array_equal(tree.nodes, graph.nodes) and np.array_equal(tree.errors, graph.errors)
    ages = dict(zip(map(tuple, graph.edges.tolist()), graph.ages.tolist()))
    assert [ages[tuple(edge)] for edge in tree.edges.tolist()] == tree.ages.tolist()

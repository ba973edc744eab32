"""Parts of a graph, and the graph in the words of other libraries."""

import itertools
import sys

import numpy as np
import pytest

from gng_fast import Graph, GrowingNeuralGas
from gng_fast.art.export import save
from gng_fast.graph.planar import signed_area

pytestmark = pytest.mark.quick

# two squares side by side, one with a diagonal, and a tail; apart from them a triangle and a node
#   3 - 4 - 5       8
#   |   | / |      / \
#   0 - 1 - 2     6 - 7     10     9 hangs on 2
NODES = [[0, 0], [1, 0], [2, 0], [0, 1], [1, 1], [2, 1], [4, 0], [6, 0], [5, 2], [3, -1], [8, 0]]
EDGES = [(0, 1), (1, 2), (0, 3), (1, 4), (2, 5), (3, 4), (4, 5), (1, 5), (6, 7), (7, 8), (6, 8), (2, 9)]
GRAPH = Graph(NODES, EDGES, ages=range(12), errors=np.arange(11.0))


@pytest.fixture(scope="module")
def trained():
    X = np.random.default_rng(0).random((5000, 2), dtype=np.float32)
    return GrowingNeuralGas(200, lam=50, n_epochs=10, random_state=0).fit(X).graph_


def turned(face):
    """A face as a tuple that begins with its lowest node."""
    return tuple(np.roll(face, -int(np.argmin(face))).tolist())


# ---- parts ----------------------------------------------------------------------------------------------------------


def test_subgraph():
    part = GRAPH.subgraph(GRAPH.components == 1)
    assert part == Graph(np.array(NODES[6:9], float), [(0, 1), (1, 2), (0, 2)], [8, 9, 10], [6, 7, 8])
    assert GRAPH.subgraph([8, 7, 6, 7]) == part
    assert GRAPH.subgraph([0, 1, 3, 4, 9]).edges.tolist() == [[0, 1], [0, 2], [1, 3], [2, 3]]
    assert GRAPH.subgraph([]) == Graph(np.empty((0, 2)), [])
    assert GRAPH.subgraph(np.arange(11)) == GRAPH.subgraph(np.ones(11, bool)) == GRAPH
    assert sum(GRAPH.subgraph(GRAPH.components == k).n_edges for k in range(GRAPH.n_components)) == GRAPH.n_edges
    with pytest.raises(ValueError, match="^nodes must hold node indices from 0 to 10, got 11$"):
        GRAPH.subgraph([0, 11])
    with pytest.raises(ValueError, match="got -1"):
        GRAPH.subgraph([-1])
    with pytest.raises(TypeError, match="^nodes must be an array of integers, got dtype bool$"):
        GRAPH.subgraph([True, False])


def test_triangles_by_hand():
    assert GRAPH.triangles().tolist() == [[1, 2, 5], [1, 4, 5], [6, 7, 8]]
    complete = Graph(np.zeros((5, 3)), list(itertools.combinations(range(5), 2)))
    assert complete.triangles().tolist() == [list(three) for three in itertools.combinations(range(5), 3)]
    for empty in Graph(np.empty((0, 2)), []), Graph([[0, 0], [1, 1]], []), Graph([[0.0], [1]], [(0, 1)]):
        assert empty.triangles().shape == (0, 3) and empty.triangles().dtype == np.int64


@pytest.mark.parametrize("seed", range(5))
def test_triangles_are_all_cycles_of_three(seed):
    rng = np.random.default_rng(seed)
    adjacent = np.triu(rng.random((20, 20)) < 0.3, 1)
    expected = [
        [a, b, c]
        for a, b, c in itertools.combinations(range(20), 3)
        if adjacent[a, b] and adjacent[b, c] and adjacent[a, c]
    ]
    assert Graph(rng.random((20, 2)), np.argwhere(adjacent)).triangles().tolist() == expected
    assert expected


def test_faces_by_hand():
    faces = GRAPH.faces()
    assert {turned(face) for face in faces} == {(0, 1, 4, 3), (1, 2, 5), (1, 5, 4), (6, 7, 8)}
    assert sorted(signed_area(GRAPH.nodes[face]) for face in faces) == [0.5, 0.5, 1, 2]
    assert Graph([[0, 0], [1, 1], [2, 0]], [(0, 1), (1, 2)]).faces() == []
    assert Graph(np.empty((0, 2)), []).faces() == []
    with pytest.raises(ValueError, match="^faces need a graph of 2 features, got 3$"):
        Graph(np.zeros((2, 3)), []).faces()


def test_a_pinched_face():
    """A triangle within a square, hanging on its corner: the square's face goes around it."""
    graph = Graph(
        [[0, 0], [9, 0], [9, 9], [0, 9], [4, 2], [2, 4]], [(0, 1), (1, 2), (2, 3), (0, 3), (0, 4), (4, 5), (0, 5)]
    )
    assert {turned(face) for face in graph.faces()} == {(0, 1, 2, 3, 0, 5, 4), (0, 4, 5)}
    assert sum(signed_area(graph.nodes[face]) for face in graph.faces()) == 81


def test_edges_that_lead_nowhere_are_no_part_of_a_face():
    graph = Graph([[0, 0], [9, 0], [9, 9], [0, 9], [4, 4], [5, 4]], [(0, 1), (1, 2), (2, 3), (0, 3), (0, 4), (4, 5)])
    assert [turned(face) for face in graph.faces()] == [(0, 1, 2, 3)]


def test_faces_of_a_triangulation_are_its_triangles():
    spatial = pytest.importorskip("scipy.spatial")
    points = np.random.default_rng(2).random((300, 2))
    delaunay = spatial.Delaunay(points)
    edges = {tuple(sorted(pair)) for three in delaunay.simplices.tolist() for pair in itertools.combinations(three, 2)}
    graph = Graph(points, sorted(edges))
    found = {tuple(sorted(face.tolist())) for face in graph.faces()}
    assert found == {tuple(sorted(three)) for three in delaunay.simplices.tolist()}
    assert found < {tuple(row) for row in graph.triangles().tolist()}  # around a node of degree 3 there is one more
    assert len(graph.faces()) == len(delaunay.simplices)
    assert np.isclose(sum(signed_area(points[face]) for face in graph.faces()), spatial.ConvexHull(points).volume)


def test_faces_of_a_planar_graph_obey_euler():
    """Faces = edges - nodes + components, on a lattice with a tenth of its edges gone."""
    rng = np.random.default_rng(3)
    nodes = np.array([(x, y) for x in range(15) for y in range(15)], float) + rng.uniform(-0.2, 0.2, (225, 2))
    pairs = [(i, j) for i in range(225) for j in (i + 1, i + 15) if j < 225 and (j != i + 1 or j % 15)]
    graph = Graph(nodes, [pair for pair in pairs if rng.random() < 0.9])
    assert len(graph.faces()) == graph.n_edges - graph.n_nodes + graph.n_components


def test_faces_of_a_trained_network(trained):
    faces = trained.faces()
    triangles = {tuple(row) for row in trained.triangles().tolist()}
    assert {tuple(sorted(face.tolist())) for face in faces if len(face) == 3} <= triangles
    assert 0.7 < sum(signed_area(trained.nodes[face]) for face in faces) < 1.1
    assert len(faces) > 150


def test_shortest_path_by_hand():
    pytest.importorskip("scipy")
    path, length = GRAPH.shortest_path([-0.3, 0.2], [3, -2])
    assert path.tolist() == [0, 1, 2, 9] and np.isclose(length, 2 + 2**0.5)
    assert GRAPH.shortest_path([4.1, 0], [5, 9])[0].tolist() == [6, 8]
    path, length = GRAPH.shortest_path([0, 0], [0.1, 0])
    assert (path.tolist(), length) == ([0], 0.0)
    with pytest.raises(ValueError, match="^there is no path from node 0 to node 10: they are in different components$"):
        GRAPH.shortest_path([0, 0], [9, 0])
    with pytest.raises(ValueError, match=r"^end must be a point of 2 coordinates, got shape \(3,\)$"):
        GRAPH.shortest_path([0, 0], [9, 0, 0])
    with pytest.raises(ValueError, match="^start must be finite"):
        GRAPH.shortest_path([0, np.nan], [9, 0])
    with pytest.raises(ValueError, match="at least one node"):
        Graph(np.empty((0, 2)), []).shortest_path([0, 0], [1, 1])


def test_shortest_path_between_tiny_places():
    pytest.importorskip("scipy")
    tiny = Graph(np.array([[0, 0], [3e-200, 4e-200], [1, 1]]), [(0, 1)])
    path, length = tiny.shortest_path(tiny.nodes[1], [0, 0])
    assert path.tolist() == [1, 0] and np.isclose(length / 5e-200, 1, rtol=1e-15)


def test_shortest_path_over_nodes_in_one_place():
    pytest.importorskip("scipy")
    assert Graph([[0, 0], [5, 0], [5, 0]], [(0, 1), (1, 2)]).shortest_path([0, 0], [5, 0])[1] == 5
    path, length = Graph([[0, 0], [0, 0], [5, 0]], [(0, 1), (1, 2)]).shortest_path([0, 0], [5, 0])
    assert (path.tolist(), length) == ([0, 1, 2], 5)


def test_shortest_path_agrees_with_networkx(trained):
    networkx = pytest.importorskip("networkx")
    pytest.importorskip("scipy")
    other = trained.to_networkx()
    path, length = trained.shortest_path([0, 0], [1, 1])
    assert path.tolist() == networkx.shortest_path(other, path[0], path[-1], weight="length")
    assert np.isclose(length, networkx.path_weight(other, path.tolist(), "length"))


# ---- other libraries ------------------------------------------------------------------------------------------------


def test_to_scipy():
    pytest.importorskip("scipy")
    matrix = GRAPH.to_scipy()
    assert matrix.shape == (11, 11) and matrix.nnz == 24
    assert (matrix != matrix.T).nnz == 0
    assert (matrix[1, 5], matrix[0, 1], matrix[0, 5]) == (2**0.5, 1, 0)
    ages = GRAPH.to_scipy(GRAPH.ages)
    assert ages[5, 2] == GRAPH.ages[GRAPH.edges.tolist().index([2, 5])] == 4
    assert GRAPH.to_scipy(np.ones(12)).sum(axis=0).tolist() == GRAPH.degrees.tolist()
    with pytest.raises(ValueError, match=r"^weights must have one value per edge, shape \(12,\), got \(3,\)$"):
        GRAPH.to_scipy([1, 2, 3])


@pytest.mark.parametrize("graph", [GRAPH, Graph(np.empty((0, 2)), []), Graph([[0.0], [1.0]], [(0, 1)])])
def test_to_scipy_has_indices_of_32_bits(graph):
    pytest.importorskip("scipy")
    matrix = graph.to_scipy()
    assert matrix.indices.dtype == matrix.indptr.dtype == np.int32


@pytest.mark.parametrize("name", ["SpectralClustering", "SpectralEmbedding"])
def test_to_scipy_suits_spectral_methods(name):
    made = pytest.importorskip("sklearn.cluster" if "Cl" in name else "sklearn.manifold")
    angles = np.arange(20) * np.pi / 10
    circle = np.column_stack([np.cos(angles), np.sin(angles)])
    ring = [(i, (i + 1) % 20) for i in range(20)]
    edges = np.array([*ring, *((a + 20, b + 20) for a, b in ring), (0, 30)])
    # in no order, as a trained network: a band matrix goes another way within scikit-learn
    place = np.random.default_rng(0).permutation(40)
    two = Graph(np.concatenate([circle, circle + [3, 0]])[np.argsort(place)], place[edges])
    method = getattr(made, name)(2, affinity="precomputed", random_state=0)
    found = method.fit(two.to_scipy(np.exp(-two.edge_lengths())))
    labels = (found.labels_ if "Cl" in name else found.embedding_[:, 0] > 0)[place]
    assert len(set(labels[:20].tolist())) == len(set(labels[20:].tolist())) == 1 and labels[0] != labels[20]


def test_to_networkx():
    networkx = pytest.importorskip("networkx")
    other = GRAPH.to_networkx()
    assert list(other) == list(range(11)) and list(other.edges) == [tuple(edge) for edge in GRAPH.edges.tolist()]
    assert other.nodes[5] == {"x": 2.0, "y": 1.0, "error": 5.0}
    assert [other.nodes[i]["error"] for i in other] == GRAPH.errors.tolist()
    assert [age for *_, age in other.edges(data="age")] == GRAPH.ages.tolist()
    assert other.edges[1, 5] == {"age": GRAPH.ages[GRAPH.edges.tolist().index([1, 5])], "length": 2**0.5}
    assert Graph([[1.0, 2, 3]], []).to_networkx().nodes[0] == {"w0": 1.0, "w1": 2.0, "w2": 3.0, "error": 0.0}
    # three short edges are a shorter way than one long and one short
    way = Graph([[0, 0], [1, 0], [2, 0], [3, 0], [9, 9]], [(0, 1), (1, 2), (2, 3), (0, 4), (3, 4)]).to_networkx()
    assert networkx.shortest_path(way, 0, 3) == [0, 4, 3]
    assert networkx.shortest_path(way, 0, 3, weight="length") == [0, 1, 2, 3]
    assert networkx.shortest_path_length(way, 0, 3, weight="length") == 3


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("d", [1, 2, 3, 7])
@pytest.mark.parametrize("way", ["networkx", "graphml", "gexf", "gml", "json"])
def test_there_and_back(d, dtype, way, tmp_path):
    networkx = pytest.importorskip("networkx")
    rng = np.random.default_rng(d)
    graph = Graph(rng.normal(size=(30, d)).astype(dtype), [(i, i + 1) for i in range(29)] + [(0, 7)],
                  rng.integers(0, 99, 30), rng.random(30))  # fmt: skip
    other = graph.to_networkx()
    if way == "json":
        other = networkx.node_link_graph(networkx.node_link_data(other))
    elif way == "gml":
        networkx.write_gml(other, tmp_path / "x")
        other = networkx.read_gml(tmp_path / "x", label="id")
    elif way != "networkx":
        getattr(networkx, f"write_{way}")(other, tmp_path / "x")
        other = getattr(networkx, f"read_{way}")(tmp_path / "x")
    assert Graph.from_networkx(other, dtype=dtype) == graph


def test_from_networkx_of_others():
    networkx = pytest.importorskip("networkx")
    other = networkx.Graph()
    other.add_node("b", pos=(1, 2.5), place=np.array([7, 8, 9]), x=5, y=6, z=7, height=3)
    other.add_node("a", pos=[3, 4], place=[1, 2, 3], x=0, y=1, z=2, height=4)
    other.add_node(("c", 1), pos=np.array([5.0, 6]), place=(4, 5, 6), x=1, y=1, z=1, height=np.float32(5))
    other.add_edge(("c", 1), "b", age=4)
    other.add_edge("a", "b")
    made = Graph.from_networkx(other)
    assert made == Graph([[1, 2.5], [3, 4], [5, 6]], [(0, 1), (0, 2)], [0, 4])
    assert Graph.from_networkx(other, pos="place").nodes.tolist() == [[7, 8, 9], [1, 2, 3], [4, 5, 6]]
    assert Graph.from_networkx(other, pos="height").nodes.tolist() == [[3], [4], [5]]
    assert Graph.from_networkx(other, pos=("height", "x")).nodes.tolist() == [[3, 5], [4, 0], [5, 1]]
    for _, attributes in other.nodes(data=True):
        del attributes["pos"]
    assert Graph.from_networkx(other).nodes.tolist() == [[5, 6, 7], [0, 1, 2], [1, 1, 1]]
    seen = Graph.from_networkx(networkx.random_geometric_graph(50, 0.3, seed=0))
    assert seen.n_nodes == 50 and (seen.edge_lengths() <= 0.3).all()


def test_from_networkx_starts_a_model():
    networkx = pytest.importorskip("networkx")
    grid = networkx.grid_2d_graph(3, 3)
    for (x, y), attributes in grid.nodes(data=True):
        attributes.update(x=x / 2, y=y / 2)
    init = Graph.from_networkx(grid)
    X = np.random.default_rng(0).random((500, 2))
    model = GrowingNeuralGas(9, init=init, fixed_init=True, n_epochs=1, random_state=0).fit(X)
    assert np.array_equal(model.graph_.nodes, init.nodes)
    assert {tuple(edge) for edge in init.edges.tolist()} <= {tuple(edge) for edge in model.graph_.edges.tolist()}


@pytest.mark.parametrize(
    "change, options, error, message",
    [
        (lambda g: g.to_directed(), {}, TypeError, "^graph must be an undirected networkx.Graph, got DiGraph"),
        (lambda g: type(g)(), {}, ValueError, "^graph must have at least one node, got none$"),
        (lambda g: 5, {}, TypeError, "got int"),
        (lambda g: g.add_node(9) or g, {}, ValueError, "^every node must have the attribute 'x', node 9 has none$"),
        (lambda g: g, {"pos": "pos"}, ValueError, "^every node must have the attribute 'pos', node 0 has none$"),
        (lambda g: g.nodes[1].update(x="left") or g, {}, TypeError, "^positions must be an array of numbers"),
        (lambda g: g.nodes[1].update(x=np.nan) or g, {}, ValueError, "^nodes must be finite, got nan"),
        (lambda g: g.add_edge(0, 0) or g, {}, ValueError, "^edges must join two different nodes"),
        (lambda g: g.edges[0, 1].update(age=0.5) or g, {}, TypeError, "^ages must be an array of integers"),
        (lambda g: g, {"dtype": int}, ValueError, "^dtype must be float32 or float64, got int64$"),
        (
            lambda g: g.nodes[0].update(at=(1, 2)) or g.nodes[1].update(at=(1, 2, 3)) or g,
            {"pos": "at"},
            ValueError,
            "^every node must have 2 coordinates as the first, node 1 has 3$",
        ),
        (lambda g: g.nodes[0].clear() or g, {}, ValueError, "^the nodes must have positions in pos, in x and y, or"),
    ],
)
def test_from_networkx_of_what_is_none(change, options, error, message):
    pytest.importorskip("networkx")
    other = change(Graph([[0, 0], [3, 4]], [(0, 1)]).to_networkx())
    with pytest.raises(error, match=message):
        Graph.from_networkx(other, **options)


def test_networkx_draws_it(pyplot):
    networkx = pytest.importorskip("networkx")
    pytest.importorskip("scipy")
    networkx.draw(GRAPH.to_networkx(), dict(enumerate(GRAPH.in_plane())))
    points = pyplot.gca().collections[0].get_offsets()
    assert np.array_equal(points, GRAPH.nodes)


def test_to_igraph():
    pytest.importorskip("igraph")
    other = GRAPH.to_igraph()
    assert (other.vcount(), other.ecount(), other.is_directed()) == (11, 12, False)
    assert [tuple(edge) for edge in other.get_edgelist()] == [tuple(edge) for edge in GRAPH.edges.tolist()]
    assert other.es["age"] == GRAPH.ages.tolist() and np.allclose(other.es["length"], GRAPH.edge_lengths())
    assert other.vs[5]["pos"] == (2.0, 1.0) and other.vs["error"] == GRAPH.errors.tolist()
    assert other.connected_components().membership == GRAPH.components.tolist()


def test_to_pandas():
    pytest.importorskip("pandas")
    table = GRAPH.to_pandas()
    assert table.columns.tolist() == ["source", "target", "age", "length"] and len(table) == 12
    assert table[["source", "target"]].to_numpy().tolist() == GRAPH.edges.tolist()
    assert table["age"].tolist() == GRAPH.ages.tolist()
    assert np.array_equal(table["length"], GRAPH.edge_lengths())
    table.loc[0, "source"] = 99
    assert GRAPH.edges[0, 0] == 0


def test_gml(tmp_path):
    networkx = pytest.importorskip("networkx")
    save(tmp_path / "graph.gml", graph=GRAPH)
    other = networkx.read_gml(tmp_path / "graph.gml", label="id")
    assert sorted(other.edges) == [tuple(edge) for edge in GRAPH.edges.tolist()]
    assert {name: other.nodes[5][name] for name in ("x", "y", "error")} == {"x": 2.0, "y": 1.0, "error": 5.0}
    assert [other.edges[edge]["age"] for edge in sorted(other.edges)] == GRAPH.ages.tolist()
    assert [other.edges[edge]["length"] for edge in sorted(other.edges)] == GRAPH.edge_lengths().tolist()


@pytest.mark.parametrize(
    "library, call", [("scipy", "to_scipy"), ("igraph", "to_igraph"), ("pandas", "to_pandas"), ("matplotlib", "plot")]
)
def test_a_missing_library_is_named_in_one_line(monkeypatch, library, call):
    for name in [name for name in sys.modules if name.split(".")[0] == library]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, library, None)
    install = "igraph" if library == "igraph" else r"'gng-fast\[graph\]'"
    name = {"scipy": "SciPy"}.get(library, library)
    with pytest.raises(ImportError, match=rf"^{call} needs {name}: pip install {install}$"):
        getattr(GRAPH, call)()


@pytest.fixture
def pyplot():
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    from matplotlib import pyplot

    yield pyplot
    pyplot.close("all")


@pytest.mark.parametrize("n_features, name", [(1, "rectilinear"), (2, "rectilinear"), (3, "3d"), (5, "rectilinear")])
def test_plot(pyplot, n_features, name):
    rng = np.random.default_rng(0)
    graph = Graph(rng.normal(size=(20, n_features)), [(i, i + 1) for i in range(19)])
    ax = graph.plot(colors="red", node_size=4)
    ax.figure.canvas.draw()
    assert ax.name == name
    lines = ax.collections[0]
    if n_features != 3:
        assert np.allclose(lines.get_segments(), graph.in_plane()[graph.edges])
        x, y = graph.in_plane().T
        assert ax.get_xlim()[0] <= x.min() and ax.get_xlim()[1] >= x.max() and ax.get_ylim()[1] >= y.max()
    assert lines.get_colors()[0].tolist() == [1, 0, 0, 1]
    own = pyplot.figure().add_subplot()
    assert graph.plot(own) is own
    Graph(np.zeros((0, n_features)), []).plot()

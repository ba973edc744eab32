"""Graph, Drawing, the page fit and the mesh style."""

import copy
import pickle
import sys
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from messages import raises

from gng_fast.art.drawing import Drawing, Layer, fit_page
from gng_fast.art.styles import mesh
from gng_fast.graph import Graph, arrays
from gng_fast.graph import graph as graph_module
from gng_fast.graph.lengths import lengths_of

pytestmark = pytest.mark.quick

TRIANGLE = np.array([[0, 0], [10, 0], [0, 5]], dtype=np.float32)


# --- Graph -----------------------------------------------------------------------------------------------------------


def test_edges_and_ages_are_put_in_canonical_order():
    graph = Graph(TRIANGLE, [[2, 1], [2, 0], [0, 1]], ages=[7, 8, 9], errors=[1, 2, 3])
    assert graph.edges.tolist() == [[0, 1], [0, 2], [1, 2]]
    assert graph.ages.tolist() == [9, 8, 7]
    assert graph.errors.tolist() == [1.0, 2.0, 3.0]
    assert (graph.n_nodes, graph.n_edges, graph.n_features) == (3, 3, 2)
    assert (graph.edges.dtype, graph.ages.dtype, graph.errors.dtype) == (np.int64, np.int64, np.float64)


@pytest.mark.parametrize(
    "given, kept", [("float32", "float32"), ("float64", "float64"), ("int16", "float64"), ("float16", "float64")]
)
def test_type_of_the_nodes(given, kept):
    assert Graph(np.zeros((2, 3), dtype=given), []).nodes.dtype == kept


def test_lists_are_enough_and_ages_and_errors_are_zero():
    graph = Graph([[0.5, 1.5], [2.5, 3.5]], [(1, 0)])
    assert graph.edges.tolist() == [[0, 1]]
    assert graph.ages.tolist() == [0]
    assert graph.errors.tolist() == [0.0, 0.0]


def test_arrays_are_copies_that_cannot_be_changed():
    nodes, edges, ages, errors = TRIANGLE.copy(), np.array([[0, 1]]), np.array([4]), np.array([1.0, 2.0, 3.0])
    graph = Graph(nodes, edges, ages, errors)
    for array in (nodes, edges, ages, errors):
        array[...] = 0
    assert graph == Graph(TRIANGLE, [[0, 1]], [4], [1.0, 2.0, 3.0])
    for name in ("nodes", "edges", "ages", "errors", "degrees", "components"):
        with pytest.raises(ValueError, match="read-only"):
            getattr(graph, name)[0] = 0
    with pytest.raises(AttributeError):
        graph.nodes = nodes


@pytest.mark.parametrize("again", [copy.deepcopy, lambda graph: pickle.loads(pickle.dumps(graph))])
def test_copies_and_pickles_are_equal_and_read_only(again):
    graph = Graph(TRIANGLE, [[0, 1]], [4], [1, 2, 3])
    assert again(graph) == graph
    assert not again(graph).nodes.flags.writeable


def test_equality_is_exact():
    graph = Graph(TRIANGLE, [[0, 1], [1, 2]], [1, 2], [0, 0, 1])
    assert graph == Graph(TRIANGLE, [[2, 1], [1, 0]], [2, 1], [0, 0, 1])
    assert graph != Graph(np.nextafter(TRIANGLE, np.float32(99)), graph.edges, graph.ages, graph.errors)
    assert graph != Graph(TRIANGLE.astype(np.float64), graph.edges, graph.ages, graph.errors)
    assert graph != Graph(TRIANGLE, [[0, 1], [0, 2]], graph.ages, graph.errors)
    assert graph != Graph(TRIANGLE, graph.edges, [1, 3], graph.errors)
    assert graph != Graph(TRIANGLE, graph.edges, graph.ages, [0, 0, 2])
    assert graph != "graph"


@pytest.mark.parametrize(
    "arguments, error, message",
    [
        (([1.0, 2.0], []), ValueError, "nodes must have shape (n, d) with d >= 1, got (2,)"),
        ((np.empty((3, 0)), []), ValueError, "nodes must have shape (n, d) with d >= 1, got (3, 0)"),
        ((["ab"], []), TypeError, "nodes must be an array of numbers, got dtype <U2"),
        (([[True]], []), TypeError, "nodes must be an array of numbers, got dtype bool"),
        (([[0, np.nan]], []), ValueError, "nodes must be finite, got nan"),
        (([[0, -np.inf]], []), ValueError, "nodes must be finite, got -inf"),
        ((TRIANGLE, [0, 1]), ValueError, "edges must have shape (m, 2), got (2,)"),
        ((TRIANGLE, [[0, 1, 2]]), ValueError, "edges must have shape (m, 2), got (1, 3)"),
        ((TRIANGLE, [[0.0, 1.0]]), TypeError, "edges must be an array of integers, got dtype float64"),
        ((TRIANGLE, [[0, 3]]), ValueError, "edges must hold node indices from 0 to 2, got 3"),
        ((TRIANGLE, [[0, -1]]), ValueError, "edges must hold node indices from 0 to 2, got -1"),
        ((TRIANGLE, np.array([[0, 2**64 - 1]], dtype=np.uint64)), ValueError,
         "edges must hold node indices from 0 to 2, got 18446744073709551615"),
        ((TRIANGLE, [[1, 1]]), ValueError, "edges must join two different nodes, got (1, 1)"),
        ((TRIANGLE, [[1, 2], [0, 1], [2, 1]]), ValueError, "edges must not repeat an edge, got (1, 2) more than once"),
        ((np.empty((0, 2)), [[0, 1]]), ValueError, "edges must be empty when there are no nodes, got (0, 1)"),
        ((TRIANGLE, [[0, 1]], [1, 2]), ValueError, "ages must have one value per edge, shape (1,), got (2,)"),
        ((TRIANGLE, [[0, 1]], [1.5]), TypeError, "ages must be an array of integers, got dtype float64"),
        ((TRIANGLE, [[0, 1]], np.array([2**63], dtype=np.uint64)), ValueError,
         "ages must fit in 64-bit signed integers, got 9223372036854775808"),
        ((TRIANGLE, [], None, [1.0]), ValueError, "errors must have one value per node, shape (3,), got (1,)"),
        ((TRIANGLE, [], None, [1.0, np.nan, 0]), ValueError, "errors must be finite, got nan"),
        ((TRIANGLE, [], None, ["a", "b", "c"]), TypeError, "errors must be an array of numbers, got dtype <U1"),
    ],
)  # fmt: skip
def test_bad_arguments(arguments, error, message):
    with raises(error, message):
        Graph(*arguments)


def test_degrees_and_lengths():
    graph = Graph([[0, 0], [3, 4], [3, 0], [9, 9]], [[0, 1], [0, 2]])
    assert graph.degrees.tolist() == [2, 1, 1, 0]
    assert graph.edge_lengths().tolist() == [5.0, 3.0]
    assert Graph(np.empty((0, 2)), []).degrees.tolist() == []


def test_lengths_of_any_size():
    nodes = np.array([[0, 0], [3e-200, 4e-200], [0, 1], [3e200, 4e200], [3e200, 5e-320]])
    with np.errstate(all="raise"):
        graph = Graph(nodes, [(0, 1), (0, 2), (0, 3), (0, 4)])
        assert np.allclose(graph.edge_lengths() / [5e-200, 1, 5e200, 3e200], 1, rtol=1e-15, atol=0)
    plain = np.random.default_rng(0).normal(size=(1000, 5))
    graph = Graph(plain, np.arange(1000).reshape(-1, 2))
    assert np.array_equal(graph.edge_lengths(), np.linalg.norm(plain[1::2] - plain[::2], axis=1))


@pytest.mark.parametrize("d", [1, 2, 3, 10, 784])
def test_lengths_have_the_same_bits_with_and_without_scaling(d):
    random = np.random.default_rng(d)
    vectors = random.normal(size=(400, d)) * 10.0 ** random.integers(-150, 150, (400, d))
    vectors[random.random((400, d)) < 0.1] = 0
    with_a_tiny_one = np.concatenate([vectors, np.full((1, d), 1e-300)])
    assert np.array_equal(lengths_of(vectors), lengths_of(with_a_tiny_one)[:-1])


@pytest.mark.parametrize(
    "n_nodes, edges, labels",
    [
        (0, [], []),
        (3, [], [0, 1, 2]),
        (5, [[4, 3], [1, 0]], [0, 0, 1, 2, 2]),
        (6, [[0, 5], [1, 4], [4, 2], [2, 5]], [0, 0, 0, 1, 0, 0]),
    ],
)
def test_components_by_hand(n_nodes, edges, labels):
    graph = Graph(np.zeros((n_nodes, 2)), edges)
    assert graph.components.tolist() == labels
    assert graph.components.dtype == np.int64
    assert graph.n_components == len(set(labels))


@pytest.mark.parametrize("seed", range(20))
def test_components_agree_with_networkx(seed):
    networkx = pytest.importorskip("networkx")
    rng = np.random.default_rng(seed)
    n_nodes = int(rng.integers(2, 300))
    pairs = rng.integers(0, n_nodes, (int(rng.integers(0, n_nodes)), 2))
    edges = np.unique(np.sort(pairs[pairs[:, 0] != pairs[:, 1]], axis=1), axis=0)
    graph = Graph(np.zeros((n_nodes, 1)), edges)
    expected = sorted(sorted(component) for component in networkx.connected_components(graph.to_networkx()))
    found = [np.flatnonzero(graph.components == label).tolist() for label in range(graph.n_components)]
    assert found == expected


def test_components_of_a_long_shuffled_path():
    order = np.random.default_rng(0).permutation(200_000)
    path = Graph(np.zeros((200_000, 1)), np.column_stack([order[:-1], order[1:]]))
    assert path.n_components == 1
    assert not path.components.any()


def test_to_networkx_without_networkx(monkeypatch):
    monkeypatch.setitem(sys.modules, "networkx", None)
    with raises(ImportError, "to_networkx needs networkx: pip install 'gng-fast[art]'"):
        Graph(TRIANGLE, []).to_networkx()
    with raises(ImportError, "from_networkx needs networkx: pip install 'gng-fast[art]'"):
        Graph.from_networkx(object())


def test_repr(monkeypatch):
    assert repr(Graph(TRIANGLE, [[0, 1]])) == "Graph(3 nodes, 1 edge, 2 features, 2 components)"
    assert repr(Graph([[1.0]], [])) == "Graph(1 node, 0 edges, 1 feature, 1 component)"
    monkeypatch.setattr(arrays, "_REPR_MAX_NODES", 2)
    assert repr(Graph(TRIANGLE, [[0, 1]])) == "Graph(3 nodes, 1 edge, 2 features)"


# --- The picture in notebooks ----------------------------------------------------------------------------------------


def picture_points(graph):
    """The end points of the strokes in the notebook picture, (m, 2, 2)."""
    root = ElementTree.fromstring(graph._repr_svg_())
    paths = [path.get("d") for path in root.iter("{http://www.w3.org/2000/svg}path")]
    return np.array([[point.split(",") for point in path[1:].split("L")] for path in paths], dtype=float).reshape(
        -1, 2, 2
    )


@pytest.mark.parametrize("nodes", [np.empty((0, 1)), np.empty((0, 2)), np.empty((0, 3)), [[1.0]], [[1.0, 2, 3]]])
def test_picture_of_no_or_one_node(nodes):
    assert picture_points(Graph(nodes, [])).shape == (0, 2, 2)


def test_picture_of_two_features_is_as_it_is():
    # Page of 120 mm with a margin of 5: 11 mm a unit; y up, so the third node is at the top.
    assert picture_points(Graph(TRIANGLE, [[0, 2], [1, 2]])).tolist() == [[[5, 60], [5, 5]], [[115, 60], [5, 5]]]


def test_picture_of_one_feature_is_a_line():
    assert picture_points(Graph([[0.0], [1], [4]], [[0, 1], [1, 2]])).tolist() == [
        [[5, 5], [32.5, 5]], [[32.5, 5], [115, 5]]
    ]  # fmt: skip


def test_picture_of_more_features_shows_the_first_two_principal_components():
    # Most spread along the fourth axis, then along the second; the third never changes.
    nodes = np.array([[0, 0, 7, 0], [0, 0, 7, 40], [0, 20, 7, 0], [0, 20, 7, 40]], dtype=np.float32)
    graph = Graph(nodes, [[0, 1], [0, 2]])
    assert picture_points(graph).tolist() == [[[5, 60], [115, 60]], [[5, 60], [5, 5]]]
    assert picture_points(Graph(nodes[:2], [[0, 1]])).shape == (1, 2, 2)


def test_no_picture_of_a_big_graph(monkeypatch):
    graph = Graph(TRIANGLE, [[0, 1], [1, 2]])
    monkeypatch.setattr(graph_module, "_PICTURE_MAX_EDGES", 1)
    assert graph._repr_svg_() is None
    monkeypatch.setattr(graph_module, "_PICTURE_MAX_EDGES", 2)
    assert graph._repr_svg_() is not None
    monkeypatch.setattr(graph_module, "_PICTURE_MAX_VALUES", 5)
    assert graph._repr_svg_() is None


# --- Drawing ---------------------------------------------------------------------------------------------------------


def layer(strokes, **changes):
    return Layer(**{"label": "black", "colour": "#000000", "pen": 0.3, "strokes": strokes, **changes})


def test_lengths_of_a_drawing():
    first = layer([[[0, 0], [3, 4], [3, 5]], [[6, 9], [6, 9]]])  # 6 mm, 5 mm up to the dot
    second = layer([[[0, 0], [0, 2]]])
    drawing = Drawing(10, 10, [first, second])
    assert (drawing.n_strokes, drawing.ink_length, drawing.pen_up_length) == (3, 8.0, 5.0)
    empty = Drawing(10, 10, [layer([])])
    assert (empty.n_strokes, empty.ink_length, empty.pen_up_length) == (0, 0, 0)


def test_strokes_are_read_only_copies():
    given = np.array([[0.0, 0.0], [1.0, 1.0]])
    (kept,) = layer([given]).strokes
    given[0, 0] = 9
    assert kept.tolist() == [[0, 0], [1, 1]]
    with pytest.raises(ValueError, match="read-only"):
        kept[0, 0] = 9


@pytest.mark.parametrize(
    "make, error, message",
    [
        (lambda: layer([], pen=-1), ValueError, "pen must be in (0, inf), got -1"),
        (lambda: layer([], pen=float("nan")), ValueError, "pen must be in (0, inf), got nan"),
        (lambda: layer([], pen="thick"), TypeError, "pen must be a number in (0, inf), got 'thick'"),
        (lambda: layer([], pen=True), TypeError, "pen must be a number in (0, inf), got True"),
        (lambda: layer([], colour="black"), ValueError, "colour must be a colour as \"#rrggbb\", got 'black'"),
        (lambda: layer([], colour="#00000g"), ValueError, "colour must be a colour as \"#rrggbb\", got '#00000g'"),
        (lambda: layer([], colour="#000000\n"), ValueError, "colour must be a colour as \"#rrggbb\", got '#000000\\n'"),
        (lambda: layer([], label="a\x00b"), ValueError, "label must be printable text, got 'a\\x00b'"),
        (lambda: layer([], label=3), ValueError, "label must be printable text, got 3"),
        (lambda: layer([[[0, 0]]]), ValueError, "strokes[0] must have shape (k, 2) with k >= 2, got (1, 2)"),
        (lambda: layer([[[0, 0], [1, 1]], [0, 1]]), ValueError,
         "strokes[1] must have shape (k, 2) with k >= 2, got (2,)"),
        (lambda: layer([[[0, 0], [1, np.inf]]]), ValueError, "strokes must be finite, got inf"),
        (lambda: Drawing(0, 10, []), ValueError, "width must be in [1, inf), got 0"),
        (lambda: Drawing(10, 0.5, []), ValueError, "height must be in [1, inf), got 0.5"),
        (lambda: Drawing(10, 10, ["layer"]), TypeError, "layers must hold Layer objects, got 'layer'"),
        (lambda: Drawing(10, 10, [], background="white"), ValueError,
         "background must be a colour as \"#rrggbb\", got 'white'"),
    ],
)  # fmt: skip
def test_bad_drawings(make, error, message):
    with raises(error, message):
        make()


# --- fit_page and mesh -----------------------------------------------------------------------------------------------


def test_mesh_by_hand():
    # 100 mm for 10 units; the page has the picture's aspect, y turned, and half of the pen stays out of the margin.
    drawing = mesh(Graph(TRIANGLE, [[2, 1], [0, 1]]), size=120, margin=10, pen=0.5, colour="#112233")
    assert (drawing.width, drawing.height, drawing.background) == (120, 70, None)
    (only,) = drawing.layers
    assert (only.pen, only.colour) == (0.5, "#112233")
    assert [stroke.tolist() for stroke in only.strokes] == [
        [[10.25, 59.75], [109.75, 59.75]],
        [[109.75, 59.75], [10.25, 10.25]],
    ]


def test_extent_keeps_frames_in_place():
    extent = (0, -10, 10, 10)
    drawing = mesh(Graph(TRIANGLE, [[0, 1]]), size=120, margin=10, extent=extent)
    assert (drawing.width, drawing.height) == (70, 120)
    assert drawing.layers[0].strokes[0].tolist() == [[10.15, 60], [59.85, 60]]
    moved = mesh(Graph(TRIANGLE + 5, [[0, 1]]), size=120, margin=10, extent=extent)
    assert moved.layers[0].strokes[0].tolist() == [[35, 35], [85, 35]]  # beyond the extent: drawn where it is


@pytest.mark.parametrize(
    "extent, size, margin, page, at, mm",
    [
        ((3, 4, 3, 4), 100, 5, (100, 100), (3, 4), (50, 50)),
        ((0, 4, 10, 4), 100, 5, (100, 10), (0, 4), (5, 5)),
        ((4, 0, 4, 10), 100, 5, (10, 100), (4, 0), (5, 95)),
        ((0, 4, 10, 4), 100, 0, (100, 1), (10, 4), (100, 0.5)),
        ((0, 0, 5e-324, 0), 100, 5, (100, 100), (0, 0), (50, 50)),
    ],
)
def test_degenerate_extents(extent, size, margin, page, at, mm):
    fit = fit_page(extent, size, margin)
    assert (fit.width, fit.height) == page
    assert fit([at]).tolist() == [list(mm)]


@pytest.mark.parametrize("nodes, edges", [(np.empty((0, 2)), []), ([[3, 4]], []), ([[3, 4], [3, 4]], [[0, 1]])])
def test_mesh_of_almost_nothing(nodes, edges):
    drawing = mesh(Graph(nodes, edges))
    assert (drawing.width, drawing.height) == (180, 180)
    assert [stroke.tolist() for stroke in drawing.layers[0].strokes] == [[[90, 90], [90, 90]]] * len(edges)


@pytest.mark.parametrize(
    "options, error, message",
    [
        ({"size": 0}, ValueError, "size must be in [1, inf), got 0"),
        ({"size": 0.5}, ValueError, "size must be in [1, inf), got 0.5"),
        ({"size": "A4"}, TypeError, "size must be a number in [1, inf), got 'A4'"),
        ({"margin": -1}, ValueError, "margin must be in [0, 90), less than half of size, got -1"),
        ({"margin": 90}, ValueError, "margin must be in [0, 90), less than half of size, got 90"),
        ({"pen": -1}, ValueError, "pen must be in (0, inf), got -1"),
        ({"colour": None}, ValueError, "colour must be a colour as \"#rrggbb\", got None"),
        ({"extent": 3}, TypeError,
         "extent must be (x_min, y_min, x_max, y_max) with x_min <= x_max and y_min <= y_max, got 3"),
        ({"extent": (0, 0, 1)}, ValueError,
         "extent must be (x_min, y_min, x_max, y_max) with x_min <= x_max and y_min <= y_max, got (0, 0, 1)"),
        ({"extent": (2, 0, 1, 1)}, ValueError,
         "extent must be (x_min, y_min, x_max, y_max) with x_min <= x_max and y_min <= y_max, got (2, 0, 1, 1)"),
        ({"extent": (0, 0, 1, float("nan"))}, ValueError, "extent must be in (-inf, inf), got nan"),
        ({"extent": (-1e308, 0, 1e308, 1)}, ValueError, "extent must span a finite range, got (-1e+308, 0, 1e+308, 1)"),
    ],
)  # fmt: skip
def test_bad_mesh_options(options, error, message):
    with raises(error, message):
        mesh(Graph(TRIANGLE, [[0, 1]]), **options)


@pytest.mark.parametrize("d", [1, 3])
def test_mesh_wants_two_features(d):
    with raises(ValueError, f"graph must have 2 features to be drawn, got {d}"):
        mesh(Graph(np.zeros((2, d)), [[0, 1]]))


def test_equal_graphs_have_equal_hashes():
    graph = Graph([[0.0, 0.0], [3.0, 4.0]], [(0, 1)], [3], [1, 2])
    negative = Graph([[-0.0, 0.0], [3.0, 4.0]], [(1, 0)], [3], [1, 2])
    again = pickle.loads(pickle.dumps(graph))
    assert graph == negative == again and hash(graph) == hash(negative) == hash(again)
    others = [
        Graph([[0.0, 0.0], [3.0, 4.5]], [(0, 1)]),
        Graph([[0.0, 0.0], [3.0, 4.0]], []),
        Graph(np.array([[0, 0], [3, 4]], np.float32), [(0, 1)], [3], [1, 2]),
        Graph([[0.0], [0.0], [3.0], [4.0]], [(0, 1)]),
        Graph(np.empty((0, 2)), []),
        Graph(np.empty((0, 3)), []),
    ]
    assert len({graph, negative, again, *others}) == 7 and len({hash(it) for it in (graph, *others)}) == 7
    assert {graph: "known"}[negative] == "known"

"""Graph.surface: topology, manifoldness and distance on shapes that are known; what is no surface is refused."""

import threading

import numpy as np
import pytest
from messages import raises
from scripts import script

from gng_fast import Graph, GrowingNeuralGas
from gng_fast.graph import manifold, tetrahedra
from gng_fast.progress import Stopped, watching

pytest.importorskip("scipy")
shapes = script("bench/quality/surfaces.py")

NO_EDGES = np.empty((0, 2), np.int64)
NOT_CLOSED = "surface needs nodes that lie close together on a closed surface, and these have no clear inside"


def sphere(n=300, seed=0):
    directions = np.random.default_rng(seed).normal(size=(n, 3))
    return directions / np.linalg.norm(directions, axis=1, keepdims=True)


def trained(name, n_nodes, seed, noise=shapes.NOISE):
    points = shapes.sample(shapes.SHAPES[name], 40 * n_nodes, noise, seed)
    return GrowingNeuralGas(n_nodes, random_state=seed).fit(points).graph_


def check_consistent(surface):
    """What is true of every surface."""
    assert shapes.is_manifold(surface.triangles)
    assert surface.euler_characteristic == shapes.euler_characteristic(surface.triangles)
    assert np.array_equal(np.unique(surface.triangles), np.arange(surface.n_vertices))
    assert (np.diff(surface.nodes) > 0).all()
    assert np.allclose(np.linalg.norm(surface.normals, axis=1), 1)
    assert surface.volume > 0


@pytest.mark.parametrize("name", shapes.SHAPES)
def test_topology_of_trained_graphs(name):
    graph = trained(name, 700, seed=1)
    for smooth in True, False:
        surface = graph.surface(smooth=smooth)
        check_consistent(surface)
        assert surface.euler_characteristic == shapes.SHAPES[name].euler_characteristic
        assert surface.n_vertices == 700


def test_smoothing_takes_the_noise_out():
    graph, shape = trained("torus", 2000, seed=0, noise=0.03), shapes.SHAPES["torus"]
    surface = graph.surface()
    check_consistent(surface)
    assert surface.euler_characteristic == 0
    before = shapes.distance(shape, graph.nodes[surface.nodes].astype(float)).mean()
    assert shapes.distance(shape, surface.vertices).mean() < before / 2


def test_vertices_are_the_nodes_without_smoothing():
    graph = trained("bumpy", 300, seed=0)
    surface = graph.surface(smooth=False)
    np.testing.assert_allclose(surface.vertices, graph.nodes[surface.nodes], rtol=0, atol=1e-12)


def test_volume_area_and_normals_of_a_sphere():
    surface = Graph(sphere(2000), NO_EDGES).surface()
    check_consistent(surface)
    assert surface.volume == pytest.approx(4 / 3 * np.pi, rel=0.02)
    assert surface.area == pytest.approx(4 * np.pi, rel=0.02)
    assert (surface.normals * surface.vertices).sum(axis=1).min() > 0.9
    assert repr(surface) == "Surface(2000 vertices, 3996 triangles, Euler characteristic 2)"


def test_a_cavity_is_wound_the_other_way():
    surface = Graph(np.concatenate([sphere(400), 0.5 * sphere(300, seed=1)]), NO_EDGES).surface()
    check_consistent(surface)
    assert surface.volume == pytest.approx(4 / 3 * np.pi * (1 - 0.5**3), rel=0.05)
    outwards = (surface.normals * surface.vertices).sum(axis=1)
    assert (outwards[surface.nodes < 400] > 0).all() and (outwards[surface.nodes >= 400] < 0).all()


def test_edges_tell_sheets_apart():
    """A plate as thick as its nodes lie apart: of the nearest nodes of each many are on the other side."""
    row = np.arange(14.0)
    x, y = (each.ravel() for each in np.meshgrid(row, row))
    right, up = np.flatnonzero(x < 13), np.arange(13 * 14)
    one_side = np.concatenate([np.stack([right, right + 1], 1), np.stack([up, up + 14], 1)])
    rim = np.flatnonzero((x == 0) | (x == 13) | (y == 0) | (y == 13))
    nodes = np.concatenate([np.stack([x, y, np.full(196, z)], 1) for z in (0.0, 1.0)])
    edges = np.concatenate([one_side, one_side + 196, np.stack([rim, rim + 196], 1)])
    surface = Graph(nodes, edges).surface(smooth=False)
    check_consistent(surface)
    assert surface.euler_characteristic == 2 and surface.n_vertices == 392
    assert Graph(nodes, NO_EDGES).surface(smooth=False).euler_characteristic != 2


def test_any_place_and_size():
    nodes = sphere()
    expected = Graph(nodes, NO_EDGES).surface()
    for scale, offset in (1e-30, 0.0), (1e30, 0.0), (1.0, 1e5):
        surface = Graph(nodes * scale + offset, NO_EDGES).surface()
        check_consistent(surface)
        assert surface.n_triangles == expected.n_triangles
        np.testing.assert_allclose((surface.vertices - offset) / scale, expected.vertices, atol=1e-6)


def test_regular_nodes_on_one_sphere_and_in_planes():
    """No triangulation of these is better than others, and those of single facets must fit together."""
    row = np.arange(9)
    grid = np.stack(np.meshgrid(row, row, row), -1).reshape(-1, 3)
    box = grid[((grid == 0) | (grid == 8)).any(axis=1)]
    surface = Graph(box, NO_EDGES).surface(smooth=False)
    check_consistent(surface)
    assert surface.euler_characteristic == 2 and surface.n_vertices == len(box)
    assert surface.volume == pytest.approx(8**3)


def test_repeated_nodes_and_nodes_elsewhere():
    nodes = sphere()
    twice = Graph(np.concatenate([nodes, nodes]), NO_EDGES).surface()
    check_consistent(twice)
    assert twice.euler_characteristic == 2
    with_outlier = Graph(np.concatenate([nodes, [[5, 5, 5]]]), NO_EDGES).surface()
    check_consistent(with_outlier)
    assert with_outlier.euler_characteristic == 2 and 300 not in with_outlier.nodes


def test_an_opening_is_closed():
    nodes = sphere(600)
    surface = Graph(nodes[nodes[:, 2] > 0], NO_EDGES).surface()
    check_consistent(surface)
    assert surface.euler_characteristic == 2
    assert surface.volume == pytest.approx(2 / 3 * np.pi, rel=0.1)


@pytest.mark.quick
def test_the_same_graph_gives_the_same_bytes():
    one, other = (Graph(sphere(), NO_EDGES).surface() for _ in range(2))
    for name in "vertices", "triangles", "nodes", "normals":
        assert getattr(one, name).tobytes() == getattr(other, name).tobytes()
        with pytest.raises(ValueError, match="read-only"):
            getattr(one, name)[0] = 0


@pytest.mark.quick
@pytest.mark.parametrize(
    "nodes, message",
    [
        (np.zeros((9, 2)), "surface needs a graph of 3 features, got 2"),
        (np.eye(3), "surface needs at least 4 nodes, got 3"),
        (np.zeros((9, 3)), "surface needs nodes in space, and these lie in a plane"),
        (
            np.random.default_rng(0).random((90, 3)) * [1, 1, 0],
            "surface needs nodes in space, and these lie in a plane",
        ),
        (np.random.default_rng(0).random((300, 3)) * [1, 1, 0.03], NOT_CLOSED),
        (np.random.default_rng(0).random((300, 3)), NOT_CLOSED),
    ],
)
def test_what_is_no_closed_surface_is_refused(nodes, message):
    with raises(ValueError, message):
        Graph(nodes, NO_EDGES).surface()


# ---- repair --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_outside_the_border_becomes_a_manifold(seed):
    random = np.random.default_rng(seed)
    tetra = tetrahedra.delaunay(random.random((60, 3)))
    outside = random.random(len(tetra.corners)) < 0.5
    assert not shapes.is_manifold(tetrahedra.border(tetra, outside))
    repaired = manifold.manifold(tetra, outside, random.random(len(outside)))
    triangles = tetrahedra.border(tetra, repaired)
    assert len(triangles) == 0 or shapes.is_manifold(triangles)


def test_a_manifold_stays_as_it_is():
    tetra = tetrahedra.delaunay(np.random.default_rng(0).random((60, 3)))
    for outside in np.zeros(len(tetra.corners), bool), np.arange(len(tetra.corners)) != 5:
        assert np.array_equal(manifold.manifold(tetra, outside, np.ones(len(outside))), outside)


def test_singular_points():
    tetrahedron = np.array([[0, 1, 2], [0, 3, 1], [0, 2, 3], [1, 3, 2]])
    assert manifold.singular_points(tetrahedron).tolist() == []
    assert manifold.singular_points(np.empty((0, 3), np.int64)).tolist() == []
    touching = np.concatenate([tetrahedron, np.array([0, 4, 5, 6])[tetrahedron]])
    assert manifold.singular_points(touching).tolist() == [0]
    along_an_edge = np.concatenate([tetrahedron, np.array([0, 1, 5, 6])[tetrahedron]])
    assert manifold.singular_points(along_an_edge).tolist() == [0, 1]


def test_it_tells_how_far_it_is_and_stops(tmp_path):
    graph, told = Graph(sphere(9000), NO_EDGES), []
    surface = graph.surface(progress=lambda *done: told.append(done))
    assert np.array_equal(surface.triangles, graph.surface().triangles)
    assert {stage for stage, _ in told} == {"drawing"}
    shares = [share for _, share in told]
    assert shares == sorted(shares) and (shares[0], shares[-1]) == (0, 1)
    assert len(set(shares)) > 5  # some while quadrics are fitted
    for least in sorted(set(shares)):
        with pytest.raises(Stopped, match="stopped while drawing"):
            graph.surface(progress=lambda _, share, least=least: share >= least)
    with watching(lambda stage, _: stage == "writing"), pytest.raises(Stopped, match="stopped while writing"):
        surface.save(tmp_path / "a.ply")
    assert not list(tmp_path.iterdir())


def test_it_can_be_stopped_while_scipy_is_at_work(monkeypatch):
    """The tetrahedra are found in one call, which does not ask: the callback is asked in another thread meanwhile."""
    from scipy import spatial

    at_work, stopped = threading.Event(), threading.Event()

    def delaunay(points):
        at_work.set()
        assert stopped.wait(60)
        raise RuntimeError("nobody waits for this")

    monkeypatch.setattr(spatial, "Delaunay", delaunay)
    with pytest.raises(Stopped):
        Graph(sphere(), NO_EDGES).surface(progress=lambda *_: at_work.is_set())
    stopped.set()

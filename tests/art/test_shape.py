"""Shapes that reach their edges: outlines, the fixed ring, and the measurements of bench/quality/shape.py."""

import numpy as np
import pytest

pytest.importorskip("skimage")

from scripts import script
from skimage.measure import approximate_polygon

from gng_fast import Graph, image, recipes
from gng_fast.art.image import contours

quality = script("bench/quality/shape.py")


@pytest.fixture(scope="module")
def masks():
    return quality.shapes()


def disc(radius=20, size=60):
    y, x = np.mgrid[:size, :size]
    return np.hypot(x - size / 2, y - size / 2) < radius


# ---- outlines -------------------------------------------------------------------------------------------------------


@pytest.mark.quick
def test_the_outline_of_a_square_runs_between_its_pixels():
    field = np.ones((6, 7))
    field[1:4, 2:6] = -1
    (line,) = contours.outlines(field)
    assert line.min(axis=0).tolist() == [1.5, -3.5] and line.max(axis=0).tolist() == [5.5, -0.5]
    assert np.array_equal(line[0], line[-1])
    assert abs(contours.enclosed_area(line)) == pytest.approx(12 - 4 / 8)  # its four corners are cut


def test_an_outline_lies_where_the_field_is_0():
    y, x = np.mgrid[:60, :60]
    (line,) = contours.outlines(np.hypot(x - 30, y - 30) - 17.3)
    assert np.hypot(line[:, 0] - 30, line[:, 1] + 30) == pytest.approx(17.3, abs=0.01)
    assert contours.line_length(line) == pytest.approx(2 * np.pi * 17.3, rel=1e-3)


def test_a_shape_at_the_border_ends_with_the_picture():
    (line,) = contours.outlines(-np.ones((4, 8)))
    assert line.min(axis=0).tolist() == [-0.5, -3.5] and line.max(axis=0).tolist() == [7.5, 0.5]


def test_specks_and_holes_have_outlines_of_their_own():
    field = np.where(disc(), -1.0, 1.0)
    field[28:33, 28:33] = 1
    field[2, 2] = -1
    assert len(contours.outlines(field)) == 3
    assert len(contours.outlines(field, min_area=5)) == 2


def test_resample_keeps_ends_and_steps():
    line = np.array([(0, 0), (3, 0), (3, 4)], float)
    assert contours.resample(line, 7).tolist() == [[0, 0], [1, 0], [2, 0], [3, 0], [3, 1], [3, 2], [3, 3]] + [[3, 4]]


@pytest.mark.quick
def test_corners_of_a_square():
    square = contours.resample(np.array([(0, 0), (4, 0), (4, 4), (0, 4), (0, 0)], float), 16)
    assert contours.corners(square, 0.1).tolist() == [0, 4, 8, 12, 16]


def test_share_inside():
    mask = np.zeros((10, 20), bool)
    mask[:, 10:] = True
    lines = np.array([[(12, -5), (18, -2)], [(1, -1), (5, -8)], [(4.5, -5), (14.5, -5)], [(15, -5), (15, -30)]])
    assert contours.share_inside(mask, lines, 100) == pytest.approx([1, 0, 0.5, 0.18], abs=0.01)


@pytest.mark.quick
def test_level_set_and_threshold_agree():
    plane = np.random.default_rng(0).random((40, 50))
    for method in (*image.THRESHOLDS, 0.3):
        assert np.array_equal(image.level_set(plane, method, 0.02) < 0, image.threshold(plane, method, 0.02))
    assert set(np.unique(image.level_set(~disc()))) == {-0.5, 0.5}


# ---- the mesh -------------------------------------------------------------------------------------------------------


def test_measurement_by_hand():
    """A square of two triangles over a square of 10 x 10 pixels: exact but for the width of the lines."""
    mask = np.zeros((60, 60), bool)
    mask[5:15, 5:15] = True
    square = np.array([(4.5, -4.5), (14.5, -4.5), (14.5, -14.5), (4.5, -14.5)])
    edges = [(0, 1), (1, 2), (2, 3), (0, 3), (0, 2)]
    iou, area, gap = quality.measure(Graph(square, edges), mask)
    assert iou > 0.92 and area == pytest.approx(1, abs=0.06) and gap < 0.03
    iou, area, gap = quality.measure(Graph(square * 0.5 + (4.75, -4.75), edges), mask)
    assert iou == pytest.approx(0.25, abs=0.04) and area == pytest.approx(0.25, abs=0.04) and gap > 0.3
    assert quality.measure(Graph(square, edges[:3]), mask)[1] < 0.2  # an open line encloses nothing


def test_nodes_are_counted_and_spread():
    artwork = recipes.make(~disc(45, 120), "shape", nodes=400)
    graph = artwork.graph
    assert graph.n_nodes == 400 and graph.n_components == 1
    lengths = graph.edge_lengths()
    assert 0.1 < lengths.std() / lengths.mean() < 0.3
    assert graph.degrees.min() >= 2


def test_thin_lines_and_specks_do_not_break_it():
    picture = np.ones((60, 80), bool)
    picture[30, 10:70] = picture[10:50, 40] = False
    picture[5, 5] = False
    graph = recipes.make(picture, "shape", nodes=60, blur=0).graph
    assert np.abs(graph.nodes - (40, -30)).max(axis=0).tolist() == pytest.approx([30.5, 20.5], abs=1)
    for one in np.array([[0, 1], [1, 1]], bool), ~np.eye(3, dtype=bool), np.zeros((5, 5), bool):
        assert recipes.make(one, "shape", nodes=20, blur=0, threshold=0.5).graph.n_edges >= 3


@pytest.mark.quick
def test_the_same_seed_gives_the_same_shape():
    a, b, c = (recipes.make("horse", "shape", nodes=200, seed=seed).graph for seed in (5, 5, 6))
    assert a == b != c


@pytest.mark.parametrize("target", quality.TARGETS, ids=lambda target: f"{target[0]}-{target[1]}")
def test_targets(masks, target):
    name, nodes, *_ = target
    values = quality.measure(quality.ours(masks[name], nodes, 0), masks[name])
    assert quality.met(*values, target), values


def test_plain_growth_misses_them(masks):
    values = quality.measure(quality.plain(masks["horse"], 1200, 0), masks["horse"])
    assert values == pytest.approx((0.85, 0.855, 0.46), abs=0.03)


@pytest.mark.slow
@pytest.mark.parametrize("target", quality.TARGETS, ids=lambda target: f"{target[0]}-{target[1]}")
def test_targets_for_ten_seeds(masks, target):
    name, nodes, *_ = target
    for seed in range(10):
        values = quality.measure(quality.ours(masks[name], nodes, seed), masks[name])
        assert quality.met(*values, target), (seed, values)


def test_corners_are_those_of_scikit_image():
    rng = np.random.default_rng(0)
    for n in range(2, 60):
        walk = np.cumsum(rng.normal(size=(n, 2)), axis=0)
        for line in (walk, np.concatenate([walk, walk[:1]])):
            tolerance = rng.uniform(0.1, 3)
            kept = contours.corners(line, tolerance)
            assert np.array_equal(line[kept], approximate_polygon(line, tolerance))


def test_a_ragged_outline_leaves_nodes_for_the_inside():
    y, x = np.mgrid[:200, :200] - 100.0
    ragged = np.hypot(x, y) < 70 + 8 * np.sin(30 * np.arctan2(y, x))
    graph = recipes.make(~ragged, "shape", nodes=200).graph
    assert graph.n_nodes == 200
    assert (np.hypot(*(graph.nodes - (100, -100)).T) < 50).sum() > 30


@pytest.mark.parametrize("name", ["astronaut", "chelsea"])
def test_ragged_outlines_of_photos_leave_nodes_for_the_inside(name):
    """Outlines alone would take 1331 and 1885 of 1200 nodes, and long thin triangles would fill the rest."""
    graph = recipes.make(name, "shape", nodes=1200).graph
    assert graph.n_nodes <= 1200
    lengths = graph.edge_lengths()
    assert np.quantile(lengths, 0.99) < 2.5 * np.median(lengths)

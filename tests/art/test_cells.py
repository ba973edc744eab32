"""The cells of glass: those of Voronoi, within a frame."""

import numpy as np
import pytest

pytest.importorskip("scipy")

from scipy import spatial

from gng_fast.art.styles.cells import cells_of

FRAME = (-0.5, -40.5, 51.5, 0.5)
ANGLES = np.arange(48) * np.pi / 24
RANDOM = np.random.default_rng(0)


def uniform(n):
    return RANDOM.uniform((0, -40), (51, 0), (n, 2))


def grid(step):
    x, y = np.meshgrid(np.arange(0, 52.0, step), -np.arange(0, 41.0, step))
    return np.stack([x.ravel(), y.ravel()], axis=1)


POINTS = {
    **{f"{n} points": uniform(n) for n in (1, 2, 3, 10, 500, 5000)},
    "a grid": grid(4),
    "a line": grid(4)[:13],
    "a circle and its middle": np.concatenate(
        [[[25, -20]], np.stack([25 + 15 * np.cos(ANGLES), -20 + 15 * np.sin(ANGLES)], axis=1)]
    ),
    "single precision": uniform(1000).astype(np.float32).astype(np.float64),
    "whole numbers": np.unique(np.rint(uniform(700)), axis=0),
}


def area(polygon):
    x, y = polygon.T
    return (x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2


def rounded(lines):
    """Lines of some length in any order, each from its lower end."""
    ends = np.rint(lines * 1e6).astype(np.int64)
    return {tuple(sorted(map(tuple, line))) for line in ends.tolist() if np.abs(np.subtract(*line)).max() > 3}


def all_mirrored(points):
    """Cells and lines by the diagram of SciPy, with every point mirrored in every side."""
    x_min, y_min, x_max, y_max = FRAME
    images = [points * (-1, 1) + (2 * x, 0) for x in (x_min, x_max)]
    images += [points * (1, -1) + (0, 2 * y) for y in (y_min, y_max)]
    diagram = spatial.Voronoi(np.concatenate([points, *images]))
    cells = [diagram.vertices[diagram.regions[region]] for region in diagram.point_region[: len(points)]]
    pairs = zip(diagram.ridge_points.tolist(), diagram.ridge_vertices)
    return cells, diagram.vertices[[ends for pair, ends in pairs if min(pair) < len(points)]]


@pytest.mark.parametrize("name", POINTS)
def test_cells_are_those_of_voronoi(name):
    points = POINTS[name]
    cells, lines, beside = cells_of(points, FRAME)
    expected, expected_lines = all_mirrored(points)
    areas = [area(cell) for cell in cells]
    assert min(areas) > 0  # counter-clockwise
    assert sum(areas) == pytest.approx(52 * 41)
    assert areas == pytest.approx([abs(area(cell)) for cell in expected], rel=1e-9)
    middles, expected_middles = (np.array([[each.min(0), each.max(0)] for each in some]) for some in (cells, expected))
    assert middles == pytest.approx(expected_middles, abs=1e-9)
    assert rounded(lines) == rounded(expected_lines)
    inner = beside.max(axis=1) < len(points)
    away = np.linalg.norm(points[beside[inner]] - lines[inner].mean(axis=1)[:, None], axis=2)
    assert away[:, 0] == pytest.approx(away[:, 1], abs=1e-9)
    assert away[:, 0] == pytest.approx(spatial.cKDTree(points).query(lines[inner].mean(axis=1))[0], abs=1e-9)


def test_only_what_reaches_a_side_is_mirrored(monkeypatch):
    given = []
    delaunay = spatial.Delaunay
    monkeypatch.setattr(spatial, "Delaunay", lambda points: given.append(len(points)) or delaunay(points))
    cells_of(POINTS["5000 points"], FRAME)
    assert 5000 < given[0] < 5500


def test_what_lies_in_one_place_has_one_cell():
    points = np.concatenate([uniform(20)] * 2)
    cells, *_ = cells_of(points, FRAME)
    assert all(np.array_equal(a, b) and area(a) > 0 for a, b in zip(cells[:20], cells[20:], strict=True))


def test_points_on_the_sides_have_cells_within():
    places = [(-0.5, -20), (51.5, -20), (25, 0.5), (25, -40.5), (-0.5, 0.5), (51.5, -40.5), (-0.5, -20.5), (25, -20)]
    points = np.array(places, dtype=np.float64)
    cells, lines, _ = cells_of(points, FRAME)
    assert sum(map(area, cells)) == pytest.approx(52 * 41)
    nearest = spatial.cKDTree(points).query(RANDOM.uniform((-0.5, -40.5), (51.5, 0.5), (200_000, 2)))[1]
    shares = np.bincount(nearest, minlength=len(points)) / len(nearest)
    assert [area(cell) / (52 * 41) for cell in cells] == pytest.approx(shares, abs=0.005)
    assert lines.min(axis=(0, 1)) == pytest.approx((-0.5, -40.5)) and lines.max(axis=(0, 1)) == pytest.approx(
        (51.5, 0.5)
    )

"""Few strokes, little travel: on graphs counted by hand, and on drawings as they come."""

import itertools
import os
import re
import shutil
import subprocess
from collections import Counter

import numpy as np
import pytest

from gng_fast import export, recipes
from gng_fast.art.drawing import Drawing, Layer, paths
from gng_fast.art.styles import mesh

pytestmark = pytest.mark.quick

pytest.importorskip("scipy")


def drawn(points, edges, **options):
    """The strokes of a drawing of lines between points."""
    points = np.array(points, float)
    layer = Layer("a", "#000000", 0.3, [points[list(edge)] for edge in edges])
    return paths.plan(Drawing(300, 300, (layer,)), **options).layers[0]


def lines(strokes):
    """How often each line between two points is drawn, whichever way."""
    ends = (sorted(map(tuple, np.round(pair, 2).tolist())) for stroke in strokes for pair in itertools.pairwise(stroke))
    return Counter(tuple(map(tuple, pair)) for pair in ends)


def grid(n, step=10.0):
    """An n x n grid of points and the lines between neighbours."""
    points = [(step * column, step * row) for row in range(n) for column in range(n)]
    right = [(i, i + 1) for i in range(n * n) if (i + 1) % n]
    return points, right + [(i, i + n) for i in range(n * (n - 1))]


@pytest.fixture(scope="module")
def portrait():
    points = recipes.points_of("astronaut", crop=(150, 30, 150, 150))
    graph = recipes.train(points, nodes=600).graph_
    return graph, mesh(graph, extent=points.extent)


SQUARE = [(0, 0), (10, 0), (10, 10), (0, 10)]
AROUND = [(0, 1), (1, 2), (2, 3), (3, 0)]


@pytest.mark.parametrize(
    "points, edges, n",
    [
        ([(0, 0), (1, 0)], [(0, 1)], 1),
        (SQUARE, AROUND, 1),
        (SQUARE, [*AROUND, (0, 2)], 1),
        (SQUARE, [*AROUND, (0, 2), (1, 3)], 2),
        ([(0, 0), (10, 0), (0, 10), (-10, 0)], [(0, 1), (0, 2), (0, 3)], 2),
        ([(0, 0), (10, 0), (50, 0), (60, 0)], [(0, 1), (2, 3)], 2),
        (*grid(4), 4),  # eight points of the border have three lines
        (*grid(7), 10),
    ],
)
def test_number_of_strokes_by_hand(points, edges, n):
    layer = drawn(points, edges)
    assert layer.n_strokes == n == paths.minimum_strokes(edges)
    assert lines(layer.strokes) == lines(np.array(points, float)[np.array(edges)])


def test_the_square_with_diagonals_travels_once():
    # odd are all four corners: one side's length is walked with the pen up
    assert drawn(SQUARE, [*AROUND, (0, 2), (1, 3)]).pen_up_length == 10


def test_the_longest_way_with_the_pen_up_is_left_out():
    # odd are all four corners: of the two ways of 10 and 30 mm between them one is needed
    trapezium = [(20, 0), (30, 0), (40, 40), (10, 40)]
    assert drawn(trapezium, [*AROUND, (0, 2), (1, 3)]).pen_up_length == 10


def test_pairs_of_ends_are_short_in_all():
    # the two nearest ends, 9 mm apart, would leave 30 mm to the others: 10 and 11 mm are shorter, of eight ends in all
    ends = [(x, 0) for start in (0, 200) for x in (start, start + 10, start + 19, start + 30)]
    assert drawn([*ends, (115, 50)], [(i, 8) for i in range(8)]).pen_up_length == pytest.approx(10 + 11 + 10)


@pytest.mark.parametrize("retrace", [False, True])
def test_every_line_is_drawn(portrait, retrace):
    graph, drawing = portrait
    planned = paths.plan(drawing, retrace)
    counts = lines(planned.layers[0].strokes)
    assert counts.keys() == lines(drawing.layers[0].strokes).keys()
    assert set(counts.values()) == ({1, 2} if retrace else {1})
    wanted = graph.n_components if retrace else paths.minimum_strokes(graph.edges)
    assert planned.n_strokes == wanted
    if retrace:
        assert planned.ink_length < 1.14 * drawing.ink_length
    else:
        assert planned.ink_length == pytest.approx(drawing.ink_length, rel=1e-3)


@pytest.mark.parametrize(
    "places, pairs",
    [
        ([0, 10, 19, 30], [(0, 1), (2, 3)]),  # the two nearest would leave 30 to the others
        ([0, 3, 6, 20, 23, 26], [(0, 1), (2, 3), (4, 5)]),  # two circles of three: one way leads from one to the other
    ],
)
def test_odd_points_are_paired_along_short_ways(places, pairs):
    ways = np.abs(np.subtract.outer(places, places)).astype(float)
    mate = paths._assigned(ways)
    assert ways[np.arange(len(mate)), mate].sum() == 2 * sum(ways[pair] for pair in pairs)
    assert (mate[mate] == np.arange(len(mate))).all()


def test_pieces_are_not_mixed_when_odd_points_are_paired():
    ways = np.full((8, 8), np.inf)
    ways[:4, :4] = ways[4:, 4:] = np.abs(np.subtract.outer(np.arange(4.0), np.arange(4.0)))
    assert (paths._assigned(ways) // 4 == np.arange(8) // 4).all()


def test_many_odd_points_are_paired_nearest_first(portrait, monkeypatch):
    _, drawing = portrait
    monkeypatch.setattr(paths, "_MOST_ASSIGNED", 20)
    planned = paths.plan(drawing, retrace=True)
    assert set(lines(planned.layers[0].strokes).values()) == {1, 2}
    assert planned.ink_length < 1.2 * drawing.ink_length


def test_ways_with_the_pen_up_are_short(portrait):
    _, drawing = portrait
    spacing = drawing.ink_length / drawing.n_strokes
    planned = paths.plan(drawing)
    assert planned.pen_up_length < 1.7 * spacing * planned.n_strokes < drawing.pen_up_length / 10


def test_ends_that_nearly_meet_are_joined():
    layer = drawn([(0, 0), (10, 0), (10.04, 0), (20, 0)], [(0, 1), (2, 3)])
    assert [stroke.tolist() for stroke in layer.strokes] == [[[0, 0], [10, 0], [10.04, 0], [20, 0]]]
    assert drawn([(0, 0), (10, 0), (10.06, 0), (20, 0)], [(0, 1), (2, 3)]).n_strokes == 2


def test_lines_that_fall_together_are_drawn_once():
    layer = drawn([(0, 0), (10, 0), (0.004, 0), (10.004, 0), (5, 5), (5.001, 5)], [(0, 1), (2, 3), (4, 5)])
    assert layer.n_strokes == 2 and layer.ink_length == 10
    assert sorted(stroke.tolist() for stroke in layer.strokes) == [[[0, 0], [10, 0]], [[5, 5], [5, 5]]]


def test_closed_strokes_start_where_the_pen_comes_by():
    square = np.array(SQUARE, float) + 50
    layer = paths.plan(
        Drawing(
            200,
            200,
            (
                Layer(
                    "a",
                    "#000000",
                    1,
                    [square[[0, 1]], square[[1, 2]], square[[2, 3]], square[[3, 0]], [(90, 60), (70, 60)]],
                ),
            ),
        )
    ).layers[0]
    assert layer.n_strokes == 2 and layer.pen_up_length == pytest.approx(10)


def test_ordered_chains_the_nearest_ends():
    strokes = [np.array([(x, 0.0), (x + 1, 0.0)]) for x in (0, 20, 10, 30)]
    result = paths.ordered(strokes)
    assert [stroke[0, 0] for stroke in result] == [0, 10, 20, 30]
    assert paths.ordered([]) == [] and len(paths.ordered(strokes[:1])) == 1


def test_many_dots_are_visited_along_a_short_way():
    dots = np.random.default_rng(0).random((500, 2)) * 100
    layer = Layer("dots", "#000000", 1, dots[:, None, :].repeat(2, axis=1))
    planned = paths.plan(Drawing(100, 100, (layer,))).layers[0]
    assert planned.n_strokes == 500
    assert planned.pen_up_length < 0.95 * np.sqrt(500 * 100 * 100)  # the shortest way is about 0.71 of this root


def test_nothing_and_layers_stay_what_they_are():
    drawing = Drawing(10, 20, (Layer("a", "#112233", 0.5, ()), Layer("b", "#000000", 1, [[(1, 1), (2, 2)]])), "#ffffff")
    planned = paths.plan(drawing)
    assert (planned.width, planned.height, planned.background) == (10, 20, "#ffffff")
    assert [(layer.label, layer.colour, layer.pen, layer.n_strokes) for layer in planned.layers] == [
        ("a", "#112233", 0.5, 0),
        ("b", "#000000", 1, 1),
    ]


@pytest.mark.parametrize("seed", range(20))
def test_random_graphs_reach_the_minimum(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 40))
    edges = np.unique(np.sort(rng.integers(0, n, (int(rng.integers(1, 80)), 2)), axis=1), axis=0)
    edges = edges[edges[:, 0] < edges[:, 1]]
    points = np.stack(np.divmod(rng.permutation(100)[:n], 10), axis=1) * 5.0
    layer = drawn(points, edges)
    assert layer.n_strokes == paths.minimum_strokes(edges)
    assert lines(layer.strokes) == lines(points[edges])
    again = drawn(points, edges)
    assert all(np.array_equal(a, b) for a, b in zip(layer.strokes, again.strokes, strict=True))
    pieces = drawn(points, edges, retrace=True).n_strokes
    assert pieces == len(set(paths._pieces(n, edges)[edges[:, 0]])) if len(edges) else pieces == 0


@pytest.mark.skipif(not (shutil.which("vpype") or os.environ.get("VPYPE")), reason="vpype is not installed")
def test_vpype_finds_nothing_left_to_merge(portrait, tmp_path):
    _, drawing = portrait
    export.save(tmp_path / "raw.svg", drawing=drawing)
    export.save(tmp_path / "ours.svg", drawing=paths.plan(drawing))
    raw_paths, raw_up = vpype("read", tmp_path / "raw.svg", "linemerge", "linesort")
    ours_paths, ours_up = vpype("read", tmp_path / "ours.svg")
    assert vpype("read", tmp_path / "ours.svg", "linemerge")[0] == ours_paths <= raw_paths
    assert ours_up <= raw_up


def vpype(*commands):
    """Number of paths and pen-up length that vpype counts after some commands."""
    program = os.environ.get("VPYPE") or shutil.which("vpype")
    said = subprocess.run([program, *map(str, commands), "stat"], capture_output=True, text=True, check=True).stdout
    totals = said[said.index("Totals") :]
    return int(re.search(r"Path count: (\d+)", totals)[1]), float(re.search(r"Pen-up length: ([\d.]+)", totals)[1])

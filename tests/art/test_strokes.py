import xml.etree.ElementTree as ElementTree
from itertools import groupby, pairwise

import numpy as np
import pytest

pytest.importorskip("PIL")
pytest.importorskip("skimage")

from PIL import Image, ImageDraw
from scripts import script

from gng_fast import cli
from gng_fast.art.image import ImageError
from gng_fast.art.styles.groups import groups
from gng_fast.art.writing.handwriting import trace_handwriting
from gng_fast.art.writing.ink import find_ink, stroke_width
from gng_fast.art.writing.order import in_writing_order
from gng_fast.art.writing.strokes import smooth, strokes, trails
from gng_fast.graph import Graph

quality_hands = script("bench/quality/hands.py")
quality_strokes = script("bench/quality/strokes.py")


def line_of(*corners):
    """Points about one unit apart along a line, its corners among them."""
    corners = np.array(corners, dtype=float)
    parts = [
        start + np.outer(np.linspace(0, 1, max(2, round(np.linalg.norm(stop - start)) + 1))[:-1], stop - start)
        for start, stop in pairwise(corners)
    ]
    return np.concatenate([*parts, corners[-1:]])


def graph_of(*lines):
    """Chains of nodes one unit apart; nodes at the same place are one."""
    places, edges = {}, set()
    for line in lines:
        chain = [places.setdefault(tuple(np.round(point, 6)), len(places)) for point in line_of(*line)]
        edges |= {tuple(sorted(pair)) for pair in pairwise(chain)}
    return Graph(np.array(list(places)), np.array(sorted(edges)))


def path_along(graph, line):
    """The nodes along a line of a graph whose nodes lie one unit apart."""
    points = line_of(*line)
    nearest = np.linalg.norm(graph.nodes[:, None] - points, axis=2).argmin(axis=0)
    return [node for node, _ in groupby(nearest.tolist())]


def lengths(graph, paths):
    return sorted(round(float(np.linalg.norm(np.diff(graph.nodes[path], axis=0), axis=1).sum())) for path in paths)


@pytest.mark.quick
def test_a_crossing_is_two_strokes():
    graph = graph_of([(0, 0), (20, 0)], [(10, -10), (10, 10)])
    assert lengths(graph, trails(graph, 1.0)) == [20, 20]


def test_a_stroke_ends_on_another():
    graph = graph_of([(0, 0), (20, 0)], [(10, 0), (10, 10)])
    assert lengths(graph, trails(graph, 1.0)) == [10, 20]


@pytest.mark.quick
def test_an_h_is_three_strokes():
    """The bar of an H is no way that two strokes share."""
    graph = graph_of([(0, -10), (0, 10)], [(4, -10), (4, 10)], [(0, 0), (4, 0)])
    assert lengths(graph, trails(graph, 1.0)) == [4, 20, 20]


def test_a_shared_way_is_drawn_twice():
    """Two straight lines that cross at a small angle, as a skeleton shows them: bent together to one, for 4 widths."""
    left = [[(0, side * 4), (5.6, side * 1.2), (6, 0)] for side in (1, -1)]
    right = [[(10, 0), (10.4, side * 1.2), (16, side * 4)] for side in (1, -1)]
    graph = graph_of(*left, [(6, 0), (10, 0)], *right)
    paths = trails(graph, 1.0)
    assert len(paths) == 2
    drawn = [frozenset(pair) for path in paths for pair in pairwise(path)]
    assert len(set(drawn)) == graph.n_edges and len(drawn) == graph.n_edges + 4
    assert all(np.sign(graph.nodes[path[0], 1]) == -np.sign(graph.nodes[path[-1], 1]) for path in paths)


@pytest.mark.parametrize("crosses", [False, True])
def test_the_width_of_the_ink_tells_kissing_from_crossing(crosses):
    """Both come from the left and leave to the right by the same middle lines; between them lies what the ink shows."""
    x = np.arange(-10.0, 10.5, 0.5)
    upper = np.abs(0.3 * x) if crosses else 0.025 * x**2 + 0.1
    lines = [
        [(at, side * off) for at, off in zip(x, upper) if off > 0.5 and np.sign(at) == end]
        for side in (1, -1)
        for end in (-1, 1)
    ]
    way = [(at, 0.0) for at in x[upper <= 0.5]]
    places = [line + [way[0]] if line[0][0] < 0 else [way[-1]] + line for line in lines] + [way]
    nodes = sorted({place for line in places for place in line})
    graph = Graph(
        np.array(nodes),
        [sorted((nodes.index(a), nodes.index(b))) for line in places for a, b in pairwise(line)],
    )
    excess = np.where(graph.nodes[:, 1] == 0, np.interp(graph.nodes[:, 0], x, upper), 0.0)
    paths = trails(graph, 1.0, excess)
    assert len(paths) == 2
    for path in paths:
        start, stop = graph.nodes[path[0], 1], graph.nodes[path[-1], 1]
        assert (np.sign(start) == -np.sign(stop)) == crosses


def test_a_stroke_that_ends_beside_another():
    """The ink stays twice as wide where it runs on: the path goes on to the middle of its round end."""
    nodes = [(x, 0.0) for x in range(-10, 21)] + [(-2.0 * i, float(i)) for i in range(1, 5)]
    graph = Graph(np.array(nodes), [(i, i + 1) for i in range(30)] + [(10, 31), (31, 32), (32, 33), (33, 34)])
    x, y = graph.nodes.T
    excess = np.where((y == 0) & (x >= 0) & (x <= 6), 0.4, 0.0)
    ends = {float(graph.nodes[node, 0]) for path in trails(graph, 1.0, excess) for node in (path[0], path[-1])}
    assert ends == {-10.0, 20.0, -8.0, 6.0}
    assert lengths(graph, trails(graph, 1.0)) == [9, 30]


@pytest.mark.parametrize("beyond", [3, 5])
def test_a_stroke_that_crosses_another_near_its_end_runs_on_to_it(beyond):
    """The ink is narrow where the two cross, and wide again up to the round end."""
    along = np.linspace(0, 1, 400)
    level = np.column_stack([20 + 200 * along, np.full(400, 60.0)])
    other = np.column_stack([20 + 120 * along, 60 + 40 * (1 - along) ** 2.2 - beyond * along**3])
    lines = [level, other]
    assert quality_strokes.measured(quality_strokes.picture_of(lines, (120, 240), 6), lines, 6)["true"]


def test_a_pen_pressed_down_is_one_stroke():
    """A thick stem with two bars is thick before and after them: nothing is drawn twice."""
    nodes = [(0.0, y) for y in range(-10, 11)] + [(x, y) for y in (-2.0, 2.0) for x in range(1, 9)]
    bars = [(start, start + 1) for first in (21, 29) for start in range(first, first + 7)]
    graph = Graph(np.array(nodes), [(i, i + 1) for i in range(20)] + bars + [(8, 21), (12, 29)])
    excess = np.where(graph.nodes[:, 0] == 0, 0.3, 0.0)
    assert lengths(graph, trails(graph, 1.0, excess)) == [8, 8, 20]


def test_a_loop_on_a_line_is_part_of_its_stroke():
    """A ring that touches a line would be a closed stroke of its own; a hand draws it on its way."""
    angle = np.linspace(-np.pi / 2, 1.5 * np.pi, 41)
    ring = np.column_stack([10 + 6 * np.cos(angle), 6 + 6 * np.sin(angle)])
    graph = graph_of([(0, 0), (10, 0)], [(10, 0), (20, 0)], ring)
    (path,) = trails(graph, 1.0)
    assert {graph.nodes[path[0], 0], graph.nodes[path[-1], 0]} == {0.0, 20.0} and len(path) == graph.n_edges + 1


def test_a_hand_turns_back_on_a_stem():
    """An n: down its first stem, back up on the same ink, over the arch and down: one stroke."""
    t = np.linspace(np.pi, 0, 100)
    arch = np.column_stack([150 + 30 * np.cos(t), 110 - 60 * np.sin(t)])
    stroke = np.concatenate([[(120, 60), (120, 140)], arch, [(180, 110), (180, 140)]])
    found = trace_handwriting(quality_strokes.picture_of([quality_strokes.even(stroke, 0.5)], width=8))
    assert (found.graph.degrees == 1).sum() == 3
    (path,) = trails(found.graph, found.width, found.excess)
    assert len(path) > found.graph.n_nodes + 3


def test_dots_and_bars_come_last():
    """The dot of an i and the bar of a t are drawn when the word is; both from left to right."""
    word, bar, dot = [(0, 0), (40, 0)], [(26, 12), (36, 12)], [(10, 14), (11, 14)]
    stem = [(30, 20), (30, 0)]
    graph = graph_of(word, stem, bar, dot)
    paths = in_writing_order([path_along(graph, line) for line in (bar, dot, stem, word)], graph, 1.0)
    assert [round(float(graph.nodes[path[0], 0])) for path in paths] == [0, 30, 10, 26]


@pytest.mark.parametrize("angle", [0, 12, 30, 45, 80])
def test_flat_ends_lie_on_the_axis(angle):
    """The skeleton of a flat end runs into a corner; a round pen ends on the axis, half a width before the edge."""
    width, length, larger = 10, 150, 8
    ahead = np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))])
    across = width / 2 * np.array([-ahead[1], ahead[0]])
    start, stop = (100 + side * length / 2 * ahead for side in (-1, 1))
    sheet = Image.new("L", (200 * larger, 200 * larger), 255)
    corners = [start + across, stop + across, stop - across, start - across]
    ImageDraw.Draw(sheet).polygon([tuple(corner * larger) for corner in corners], fill=0)
    graph = trace_handwriting(sheet.resize((200, 200), Image.Resampling.BOX)).graph
    ends = graph.nodes[graph.degrees == 1] * (1, -1) + 0.5 - 100
    assert (np.abs(ends @ across) / (width / 2) < 0.1 * width).all()
    assert (np.abs(np.abs(ends @ ahead) - (length - width) / 2) < 0.1 * width).all()


@pytest.mark.parametrize("width", [4, 6, 10, 20])
@pytest.mark.parametrize("radius, start", [(4, 0.0), (4, 0.4), (4, 0.8), (100, 0.0), (100, 0.3)])
def test_round_ends_lie_in_the_middle_of_their_circles(width, radius, start):
    """Of lines that bend, and of straight ones; the skeleton stops up to 0.3 widths away."""
    t = start + np.linspace(0, min(2.6, 20 / radius), 400)
    line = radius * width * np.column_stack([np.cos(t), np.sin(t)])
    line += 2.3 * width - line.min(axis=0)
    shape = tuple((line.max(axis=0)[::-1] + 3 * width).astype(int).tolist())
    graph = trace_handwriting(quality_strokes.picture_of([line], shape, width)).graph
    ends = graph.nodes[graph.degrees == 1] * (1, -1)
    away = np.linalg.norm(ends[:, None] - line[[0, -1]], axis=2)
    assert (away.min(axis=0) < 0.1 * width).all()


@pytest.mark.parametrize("width", [4, 6, 10, 20, 40])
@pytest.mark.parametrize("angle", [0, 10, 22, 30, 40, 45, 68, 90])
def test_the_width_of_strokes_at_every_angle(width, angle):
    length = 30 * width
    line = length * np.outer([0, 1], [np.cos(np.radians(angle)), np.sin(np.radians(angle))])
    line += 2 * width
    shape = tuple(int(side) + 2 * width for side in line[1, ::-1])
    ink = quality_strokes.picture_of([quality_strokes.even(line, 0.25)], shape, width) < 128
    drawn = (np.count_nonzero(ink) - np.pi * width**2 / 4) / length  # what the raster makes of the pen
    assert abs(stroke_width(ink) / drawn - 1) < 0.05


def test_three_strokes_through_one_place():
    """Their crossings lie nearer to each other than the pen is wide; each goes straight on."""
    corners = [(0.0, 0.4), (-0.35, -0.2), (0.35, -0.2)]
    rays = [(np.cos(angle), np.sin(angle)) for angle in np.radians([60, 90, 180, 240, 270, 0])]
    ends = [corners[0], corners[0], corners[1], corners[1], corners[2], corners[2]]
    nodes = [*corners, *((a + 9 * x, b + 9 * y) for (a, b), (x, y) in zip(ends, rays))]
    edges = [(0, 1), (0, 2), (0, 3), (0, 4), (1, 5), (1, 6), (2, 7), (2, 8)]
    paths = trails(Graph(np.array(nodes), edges), 1.0)
    assert {frozenset((path[0], path[-1])) for path in paths} == {frozenset(p) for p in ((3, 6), (4, 7), (5, 8))}


def test_a_short_end_beyond_a_line_is_no_bump_and_a_tip_is():
    """A stroke that just passes another one, and one that turns back in a sharp tip."""
    through = [np.array([(20.0, 60), (220, 60)]), np.array([(120.0, 160), (120, 54)])]
    found = trace_handwriting(
        quality_strokes.picture_of([quality_strokes.even(line, 0.2) for line in through], width=8)
    )
    assert found.graph.nodes[:, 1].max() > -58 and (found.graph.degrees == 1).sum() == 4
    tip = quality_strokes.even(np.array([(20.0, 160), (110, 30), (200, 160)]), 0.2)
    found = trace_handwriting(quality_strokes.picture_of([tip], width=8))
    assert (found.graph.degrees == 1).sum() == 2 and len(trails(found.graph, found.width, found.excess)) == 1


def test_a_ring_and_a_dot():
    graph = graph_of([(0, 0), (9, 0), (9, 9), (0, 9), (0, 0)])
    (path,) = trails(graph, 1.0)
    assert path[0] == path[-1] and len(path) == graph.n_nodes + 1
    dot = strokes(Graph([[3.0, 4.0]], []), width=1.0)
    assert dot.n_strokes == 1 and (dot.layers[0].strokes[0][0] == dot.layers[0].strokes[0][1]).all()
    assert strokes(Graph(np.empty((0, 2)), [])).n_strokes == 0


@pytest.mark.parametrize("seed", range(8))
def test_every_edge_is_drawn(seed):
    """On any graph, here a random one full of junctions, and never a step without an edge."""
    rng = np.random.default_rng(seed)
    nodes = rng.random((25, 2)) * 30
    pairs = {tuple(sorted(pair)) for pair in rng.integers(0, 25, (40, 2)).tolist() if pair[0] != pair[1]}
    graph = Graph(nodes, np.array(sorted(pairs)))
    drawn = [tuple(sorted(pair)) for path in trails(graph, 1.0) for pair in pairwise(path)]
    assert set(drawn) == pairs
    assert {node for path in trails(graph, 1.0) for node in path} == set(range(25))


@pytest.mark.quick
def test_order_and_direction_of_writing():
    """Two words on a line, and one below, each drawn from its left end."""
    graph = graph_of([(30, 20), (20, 21)], [(0, 21), (10, 20)], [(25, 0), (5, 1)])
    (layer,) = strokes(graph, width=1.0, size=100, margin=0).layers
    starts = [stroke[0] for stroke in layer.strokes]
    assert [round(x) for x, _ in starts] == [2, 67, 17]  # the pen is 3.3 mm wide
    assert all(stroke[0, 0] < stroke[-1, 0] for stroke in layer.strokes)


def test_smoothing_keeps_to_the_line():
    angle = np.linspace(0, np.pi, 30)
    points = np.column_stack([np.cos(angle), np.sin(angle)]) * 20
    line = smooth(points + np.random.default_rng(0).normal(0, 0.05, points.shape), 2.0)
    assert np.abs(np.linalg.norm(line, axis=1) - 20).max() < 0.2
    assert len(smooth(points[:2], 1.0)) == 2


@pytest.mark.parametrize("seed", range(3))
def test_made_signatures(seed):
    row = quality_strokes.measured(*quality_strokes.signature(seed))
    assert row["topology"]
    assert row["deviation"] <= 0.05 and row["outside"] <= 0.001 and row["covered"] >= 0.99


@pytest.mark.parametrize(
    "kind, seed",
    [("pressed", 200), ("mixed", 201), ("words", 203), ("words", 205)]
    # the fit of several strokes, of ends on another one and without a shared chain; a short end is no turning back
    + [("signatures3", seed) for seed in (11, 16, 420, 446)],
)
def test_made_handwriting_has_its_true_strokes(kind, seed):
    true, lifts, topology, _ = quality_hands.of_kind(kind, [seed])
    assert (true, lifts, topology) == (1, 0, 1)


@pytest.mark.parametrize("width", [3, 5, 12])
def test_a_loop_and_a_dot_of_any_width(width):
    """A stroke with one loop is one stroke; its dot another."""
    t = np.linspace(-1.4, 1.4, 2000)
    loop = np.column_stack([240 + 150 * t + 120 * np.sin(np.pi * t / 1.4) * -1, 90 + 60 * np.cos(np.pi * t / 1.4)])
    picture = quality_strokes.picture_of([loop, np.array([[240.0, 180.0]])], width=width)
    found = trace_handwriting(picture)
    graph = found.graph
    assert (graph.n_components, graph.n_edges - graph.n_nodes + graph.n_components) == (2, 1)
    assert len(trails(graph, found.width)) == 2
    assert width < found.width < 1.3 * width + 1


@pytest.mark.parametrize("seed", [6, 7, 15, 21, 26, 92])
def test_drawings_of_straight_lines(seed):
    """Crisp and small, of any line width, with sharp angles and many junctions: all of the ink is found and drawn."""
    rng = np.random.default_rng(seed)
    side, n, width = (int(rng.integers(low, high)) for low, high in ((40, 140), (5, 40), (1, 9)))
    picture = Image.new("L", (side, side), 255)
    ends = rng.uniform(0, side, (n, 2))
    for end in ends:
        for other in np.argsort(np.sum((ends - end) ** 2, axis=1))[1:4]:
            ImageDraw.Draw(picture).line([tuple(end), tuple(ends[other])], fill=0, width=width)
    black = np.asarray(picture) < 128
    assert np.array_equal(find_ink(picture).mask, black if black.mean() < 0.5 else ~black)  # ink is the smaller part
    graph = trace_handwriting(picture).graph
    assert len({node for path in trails(graph, width) for node in path}) == graph.n_nodes


def test_inverted_is_the_same():
    picture, _ = quality_strokes.signature(0)
    assert trace_handwriting(picture).graph.n_nodes == trace_handwriting(255 - picture).graph.n_nodes


@pytest.mark.quick
@pytest.mark.parametrize(
    "picture",
    [
        np.ones((50, 60)),
        np.zeros((50, 60)),
        np.zeros((1, 1)),
        np.random.default_rng(0).normal(0.5, 0.1, (99, 99)).clip(0, 1),
    ],
)
def test_nothing_written(picture):
    with pytest.raises(ImageError, match="no writing found"):
        trace_handwriting(picture)


def test_command(tmp_path, capsys):
    Image.fromarray(quality_strokes.signature(2)[0]).save(tmp_path / "name.png")
    for name in "ab":
        assert cli.main(["strokes", str(tmp_path / "name.png"), "-o", str(tmp_path / f"{name}.svg")]) == 0
    said = capsys.readouterr()
    assert "a.svg: 2 strokes, " in said.out and said.err == ""
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
    root = ElementTree.parse(tmp_path / "a.svg").getroot()
    assert (root.get("width"), root.get("height")) == ("180mm", "80.83mm")
    assert len(root.findall(".//{http://www.w3.org/2000/svg}path")) == 2


def test_nothing_written_is_one_line(tmp_path, capsys):
    Image.new("L", (40, 30), 255).save(tmp_path / "white.png")
    assert cli.main(["strokes", str(tmp_path / "white.png"), "-o", str(tmp_path / "a.svg")]) == 1
    said = capsys.readouterr()
    assert said.err.startswith("gng-fast: no writing found") and said.err.count("\n") == 1
    assert not (tmp_path / "a.svg").exists()


def test_groups_have_pens_of_their_own():
    graph = Graph([[0.0, 0], [1, 0], [2, 0], [3, 0]], [[0, 1], [1, 2], [2, 3]])
    drawing = groups(graph, [0, 0, 1, 1])
    assert [layer.n_strokes for layer in drawing.layers] == [1, 1]
    assert drawing.layers[0].colour != drawing.layers[1].colour
    with pytest.raises(ValueError, match="labels must be 4 integers"):
        groups(graph, [0, 0, 1])


@pytest.mark.slow
def test_target_signatures():
    """The second fifty were never looked at while the rules were made."""
    rows = [quality_strokes.measured(*quality_strokes.signature(seed)) for seed in (*range(50), *range(100, 150))]
    mean = {name: np.mean([row[name] for row in rows]) for name in rows[0]}
    assert mean["topology"] >= 0.95 and mean["true"] >= 0.9
    assert mean["deviation"] <= 0.05 and mean["outside"] <= 0.001 and mean["covered"] >= 0.99

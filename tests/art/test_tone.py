"""Tone: ink coverage against exact areas, the fit of widths, chains of contours, and bench/quality/tone.py."""

import importlib

import numpy as np
import pytest

pytest.importorskip("skimage")

from scipy.ndimage import gaussian_filter
from scripts import script

from gng_fast import Graph, recipes, styles
from gng_fast.art.image import contours
from gng_fast.art.recipes.base import darkness
from gng_fast.art.styles import tone
from gng_fast.art.styles.coverage import Coverage
from gng_fast.art.styles.tone import _on_large_pixels

quality = script("bench/quality/tone.py")

# ---- coverage -------------------------------------------------------------------------------------------------------


@pytest.mark.quick
def test_ink_of_a_level_line_is_exact():
    coverage = Coverage(np.array([[(1.5, -2), (5.5, -2)]]), (6, 8), 3.0)
    expected = np.zeros((6, 8))
    expected[2, 2:6] = 0.5
    assert coverage.ink([0.5]) == pytest.approx(expected, abs=1e-6)
    expected[2, 2:6] = 1
    expected[[1, 3], 2:6] = 0.25
    assert coverage.ink([1.5]) == pytest.approx(expected, abs=2e-4)
    assert coverage.ink([0]).max() == 0


@pytest.mark.parametrize("angle", [0, 17, 45, 63, 90])
@pytest.mark.parametrize("width", [0.2, 1.0, 2.5])
def test_ink_of_slanted_lines_adds_up(angle, width):
    vector = 30 * np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))])
    lines = np.array([[(40.3, -40.2) - vector, (40.3, -40.2) + vector]])
    assert Coverage(lines, (80, 80), 3).ink([width]).sum() == pytest.approx(60 * width, rel=0.04)


def test_lines_that_cross_share_their_ink():
    coverage = Coverage(np.array([[(-0.5, -1), (2.5, -1)], [(1, 0.5), (1, -2.5)]]), (3, 3), 1)
    assert coverage.ink([0.5, 0.5])[1, 1] == pytest.approx(0.75)


def test_lines_beyond_the_picture():
    lines = np.array([[(-50, 5), (-40, 5)], [(-5, -2), (5, -2)], [(3, -3), (3, -3)]])
    ink = Coverage(lines, (5, 5), 2).ink([1, 1, 1])
    assert ink[2] == pytest.approx(np.ones(5), abs=2e-4) and ink[0].max() == 0
    assert Coverage(np.empty((0, 2, 2)), (5, 5), 2).ink([]).max() == 0


# ---- contours -------------------------------------------------------------------------------------------------------


@pytest.mark.quick
def test_chains_follow_edges_strongest_first():
    plane = np.ones((60, 60))
    plane[10:30, 10:50] = 0.4
    plane[40:55, 20:40] = 0
    found = contours.chains(plane, 1, 0.05, 0.1, 5, 1000)
    assert len(found) >= 2
    assert all(np.abs(np.diff(chain, axis=0)).max() <= 1 for chain in found)
    # the black one first
    assert found[0][:, 1].max() < -35
    assert sum(len(chain) for chain in found) == pytest.approx(2 * (60 + 35), rel=0.15)
    assert sum(len(chain) for chain in contours.chains(plane, 1, 0.05, 0.1, 5, 80)) <= 82
    assert contours.chains(np.ones((30, 30)), 1, 0.05, 0.1, 5, 1000) == []


# ---- darkness and widths --------------------------------------------------------------------------------------------


def test_levels():
    grey = np.array([[1.0, 0.75, 0.5, 0.25, 0.0]])
    assert darkness(grey, (0.25, 0.75)).tolist() == [[0, 0, 0.5, 1, 1]]
    assert darkness(np.ones((4, 4))).max() == 0 and darkness(np.zeros((4, 4))).min() == 1
    with pytest.raises(ValueError, match="levels must be two rising numbers"):
        darkness(grey, (0.5, 0.5))


def test_levels_suit_the_picture():
    y, x = np.mgrid[:200, :200]
    radius = np.hypot(x - 100, y - 100)
    # petals, on a fifth of the pixels, over a dark ground: none is taken for paper
    petals = np.where(radius < 60, 0.95 - 0.15 * (np.sin(np.arctan2(y - 100, x - 100) * 9) > 0), 0.2)
    dark = darkness(petals)
    assert np.median(dark[np.isclose(petals, 0.8)]) > np.median(dark[petals == 0.95]) + 0.08
    assert dark[radius > 70].min() > 0.95
    # shades of paper, nothing on them: they are bare
    paper = np.where(x < 100, 0.9 + 0.05 * y / 200, 0.3)
    assert darkness(paper)[:, :40].max() < 0.15
    # in few shadows, where there is something to see, not all is of one black
    shadow = np.where((x < 9) & (y % 20 < 10), 0.0, np.where(x < 9, 0.2, 0.8))
    assert darkness(shadow)[0, 0] > darkness(shadow)[15, 0] + 0.1


def lattice(n, step):
    nodes = np.array([(step * column, -step * row) for row in range(n) for column in range(n)], float)
    edges = [(i, i + 1) for i in range(n * n) if (i + 1) % n] + [(i, i + n) for i in range(n * (n - 1))]
    return Graph(nodes, edges)


@pytest.mark.quick
@pytest.mark.parametrize("pens", [12, (0.1, 0.2, 0.4, 0.8, 1.6), (0.5,)])
def test_ink_follows_a_ramp(pens):
    dark = np.tile(np.linspace(0.05, 0.5, 121), (121, 1))
    drawing = tone(lattice(41, 3.0), dark, pens=pens, size=121.0, margin=0.0)
    columns = quality.ink(drawing)[10:-10].mean(axis=0)
    smooth = np.convolve(columns, np.ones(24) / 24, "valid")
    wanted = np.convolve(dark[0], np.ones(24) / 24, "valid")
    reached = np.polyfit(wanted, smooth, 1)
    scale = 1 if pens != (0.5,) else reached[0]  # one pen may not get as dark as it should
    assert smooth == pytest.approx(wanted * scale, abs=0.05)
    assert len(drawing.layers) <= (pens if pens == 12 else len(pens))


def test_one_layer_for_each_pen_and_none_for_paper():
    dark = np.zeros((60, 60))
    dark[:, 30:] = 0.6
    drawing = tone(lattice(20, 3.0), dark, pens=(0.3, 1.0), size=60.0, margin=0.0)
    assert [layer.label for layer in drawing.layers] == ["black 0.3 mm", "black 1 mm"]
    assert min(stroke[:, 0].min() for layer in drawing.layers for stroke in layer.strokes) > 27
    with pytest.raises(ValueError, match=r"pen must be in \(0, inf\), got -1"):
        tone(lattice(3, 3.0), dark, pens=(-1,))
    assert tone(Graph(np.empty((0, 2)), []), dark).layers == ()


def test_one_pen_draws_outlines_with_fewer_gaps_than_the_rest(monkeypatch):
    module, seen = importlib.import_module("gng_fast.art.styles.tone"), []

    def spy(lines, darkness, pens):
        seen.append((lines, darkness, module_one_pen(lines, darkness, pens) == 0))
        return seen[0][2] - 1

    module_one_pen = module._one_pen
    monkeypatch.setattr(module, "_one_pen", spy)
    recipes.make("camera", "tone", pen=0.3, nodes=5000)
    lines, darkness, drawn = seen[0]
    down, right = np.gradient(gaussian_filter(darkness, 2))
    column, row = np.rint(lines.mean(axis=1) * (1, -1)).astype(int).T
    along = lines[:, 1] - lines[:, 0]
    across = np.abs(along[:, 0] * down[row, column] + along[:, 1] * right[row, column]) / np.linalg.norm(along, axis=1)
    outlines = across > np.quantile(across, 0.95)
    assert drawn[outlines].mean() > drawn.mean()


@pytest.mark.quick
def test_the_same_seed_gives_the_same_tones():
    options = {"nodes": 300, "crop": (0, 0, 150, 150)}
    a, b, c = (recipes.make("camera", "tone", seed=seed, **options) for seed in (1, 1, 2))
    assert a.graph == b.graph != c.graph
    assert all(
        np.array_equal(p, q)
        for m, n in zip(a.drawing.layers, b.drawing.layers, strict=True)
        for p, q in zip(m.strokes, n.strokes, strict=True)
    )


@pytest.mark.parametrize(
    "picture", [np.eye(4), np.tile(np.linspace(0, 1, 30), (3, 1)), np.linspace(0, 1, 64).reshape(8, 8)]
)
def test_tiny_pictures(picture):
    assert recipes.make(picture, "tone", nodes=50).graph.n_nodes >= 2


# ---- targets --------------------------------------------------------------------------------------------------------


def missed(row, seed):
    _, style, options, targets = row
    values = quality.measure(quality.draw(style, seed, **options), quality.data.camera() / 255)
    return {name: values[name] for name, target in targets.items() if values[name] < target}


@pytest.mark.parametrize("row", quality.ROWS[2:], ids=lambda row: row[0])
def test_targets(row):
    assert missed(row, 0) == {}


def test_plain_growth_misses_them():
    values = quality.measure(
        quality.draw("mesh", 0, nodes=8000, pen=0.8, threshold="otsu"), quality.data.camera() / 255
    )
    assert values["SSIM"] < 0.65 and values["ROI recall"] < 0.6


@pytest.mark.slow
@pytest.mark.parametrize("row", quality.ROWS[2:], ids=lambda row: row[0])
def test_targets_for_five_seeds(row):
    assert [missed(row, seed) for seed in range(5)] == [{}] * 5


# ---- what keeps tones clean -----------------------------------------------------------------------------------------


def test_long_lines_are_fitted_on_larger_pixels():
    darkness = np.arange(128.0).reshape(8, 16)
    lines, larger, pens = _on_large_pixels(np.array([[(-0.5, 0.5), (15.5, -1.5)]]), darkness, np.array([2.0]))
    assert lines.tolist() == [[[-0.5, 0.5], [3.5, 0]]] and pens.tolist() == [0.5]
    assert (
        larger.shape == (2, 4) and larger[0, 0] == darkness[:4, :4].mean() and larger[1, 3] == darkness[4:, 12:].mean()
    )
    short = np.array([[(0, 0), (5, 0)]])
    assert all(a is b for a, b in zip(_on_large_pixels(short, darkness, pens), (short, darkness, pens)))


def test_nearly_black_is_solid():
    graph, page = lattice(13, 5), {"size": 61.0, "margin": 0.0}
    nearly, black = (tone(graph, np.full((61, 61), value), **page) for value in (0.95, 1.0))
    assert [layer.n_strokes for layer in nearly.layers] == [layer.n_strokes for layer in black.layers]
    assert quality.ink(nearly)[5:-5, 5:-5].mean() > 0.99
    assert quality.ink(tone(graph, np.full((61, 61), 0.8), **page))[5:-5, 5:-5].mean() == pytest.approx(0.8, abs=0.04)


def test_a_lone_line_does_not_make_up_for_all_around_it():
    graph = Graph(np.array([(15, -20), (25, -20)], np.float32), np.array([(0, 1)]))
    drawing = tone(graph, np.full((40, 40), 0.1), pens=(0.1, 1.6, 10.0), size=40.0, margin=0.0)
    assert [layer.pen for layer in drawing.layers] == [1.6]


def test_what_is_nearly_bare_is_bare(monkeypatch):
    seen = []
    monkeypatch.setattr(styles, "tone", lambda graph, darkness, **_: seen.append(darkness))
    recipes.STYLES["tone"](np.tile(np.linspace(1, 0, 64), (64, 1)), nodes=100, blur=0, levels=(0, 1))
    assert seen[0][seen[0] > 0].min() > 0.05 and (seen[0] == 0).mean() == pytest.approx(4 / 64)

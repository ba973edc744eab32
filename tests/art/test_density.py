"""Stipples with one pen, and lines through dots: their density carries the tone of the picture."""

import numpy as np
import pytest

from gng_fast import export, image, recipes
from gng_fast.art.recipes.base import darkness
from gng_fast.art.recipes.density import of_equal_ink

pytest.importorskip("skimage")
ndimage = pytest.importorskip("scipy.ndimage")


def tone(drawing, dark, share=0.02):
    """The correlation of ink and darkness, both blurred by a share of the side of the picture."""
    factor = 3
    pixels = max(drawing.width, drawing.height) / (drawing.width - 10) * dark.shape[1] * factor
    ink = 1 - np.asarray(export.render(drawing, round(pixels)).convert("L"), float) / 255
    top, left = (round((side - factor * n) / 2) for side, n in zip(ink.shape, dark.shape))
    ink = ink[top : top + factor * dark.shape[0], left : left + factor * dark.shape[1]]
    ink = ink.reshape(dark.shape[0], factor, dark.shape[1], factor).mean(axis=(1, 3))
    sigma = share * dark.size**0.5
    return np.corrcoef(*(ndimage.gaussian_filter(part, sigma).ravel() for part in (ink, dark)))[0, 1]


def darkness_of(name):
    return darkness(image.prepare(name, blur=0.8, max_pixels=1_000_000))


@pytest.mark.parametrize("name", ["camera", "astronaut", "coffee", "chelsea", "rocket"])
def test_one_pen_carries_the_tone(name):
    drawing = recipes.draw(name, "stipple", pen=0.6)
    assert [layer.pen for layer in drawing.layers] == [0.6] and drawing.n_strokes == 6000
    dark = darkness_of(name)
    assert tone(drawing, dark) > 0.99
    # the sky of the rocket is so dark that dots lie on dots
    assert tone(drawing, dark, 5 / dark.size**0.5) > (0.96 if name == "rocket" else 0.97)


@pytest.mark.parametrize("name", ["camera", "chelsea"])
def test_a_line_carries_the_tone(name):
    drawing = recipes.draw(name, "stipple", line=True, nodes=3000)
    (layer,) = drawing.layers
    (line,) = layer.strokes
    assert layer.label == "line 0.3 mm" and np.array_equal(line[0], line[-1])
    assert len(np.unique(line, axis=0)) == len(line) - 1 > 2950
    assert tone(drawing, darkness_of(name)) > 0.98


@pytest.mark.quick
def test_each_dot_has_the_same_share():
    dark = np.zeros((40, 60))
    dark[:, :20], dark[:, 20:40] = 0.25, 1.0
    rng = np.random.default_rng(0)
    anywhere = rng.uniform((0, -39), (39, 0), (300, 2)).astype(np.float32)
    dots = of_equal_ink(anywhere, dark)
    assert dots.shape == (300, 2) and dots.dtype == np.float32
    assert np.array_equal(of_equal_ink(anywhere, dark), dots)
    left = (dots[:, 0] < 19.5).sum()
    assert left == pytest.approx(60, abs=6) and (dots[:, 0] < 40).all()


@pytest.mark.quick
@pytest.mark.parametrize("n", [2, 3, 50])
def test_more_dots_than_pixels_and_very_few(n):
    dark = np.zeros((6, 7))
    dark[2, 3:5] = 1, 0.5
    dots = of_equal_ink(np.full((n, 2), (3.0, -2.0), np.float32), dark)
    assert len(dots) == n and np.isfinite(dots).all()


@pytest.mark.quick
def test_a_line_has_one_pen():
    picture = np.tile(np.linspace(0, 255, 60).astype(np.uint8), (40, 1))
    with pytest.raises(ValueError, match=r"pen must be one width for a line, got 0.3, 0.5"):
        recipes.draw(picture, "stipple", nodes=50, pen=(0.5, 0.3), line=True)
    drawing = recipes.draw(picture, "stipple", nodes=50, pen=0.5, line=True)
    assert [layer.pen for layer in drawing.layers] == [0.5] and drawing.n_strokes == 1
    assert recipes.draw(picture, "stipple", nodes=2, line=True).n_strokes == 1


@pytest.mark.quick
def test_a_stipple_of_one_pen_and_a_line_can_be_shown_growing():
    picture = np.tile(np.linspace(0, 255, 60).astype(np.uint8), (40, 1))
    for options in {"pen": 0.5}, {"line": True}:
        artwork, graphs = recipes.growth(picture, "stipple", 4, nodes=60, **options)
        assert [artwork.draw(graph).n_strokes for graph in graphs]


@pytest.mark.parametrize("options", [{"pen": 0.6}, {"line": True}], ids=["dots", "line"])
def test_growing_dots_do_not_jump_at_the_end(options):
    """The last graph of the growth, which is nearly that of the end, has nearly its ink in each part of the page."""
    artwork, graphs = recipes.growth("camera", "stipple", 8, nodes=400, max_pixels=20000, **options)
    last, end = (
        np.asarray(export.render(drawing, 180).convert("L"), float) / 255
        for drawing in (artwork.draw(graphs[-1]), artwork.drawing)
    )
    # nodes as they grew are far less dense in the dark: 0.33 for dots and 0.80 for a line
    parts = [1 - each[:180, :180].reshape(4, 45, 4, 45).mean(axis=(1, 3)) for each in (last, end)]
    assert np.corrcoef(*(part.ravel() for part in parts))[0, 1] > 0.99

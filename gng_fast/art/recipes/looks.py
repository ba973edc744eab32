"""Looks in colour, and dots: what `gng_fast.styles.looks` draws."""

import math
from functools import partial

import numpy as np

from gng_fast.art import image, styles
from gng_fast.art.drawing import Drawing
from gng_fast.art.image import contours
from gng_fast.art.recipes.base import ANNEALED, MAX_PIXELS, Artwork, Points, extent_of, importance_of, train
from gng_fast.art.recipes.tone import darkness, tone_model
from gng_fast.graph import Graph
from gng_fast.parameters import check

_SIGNALS = 250
# Cells and triangles are finer where the colours change: a pixel counts this much, and up to as much more for its slope.
_EVEN = 0.15
# Inks of the process colours, and how many pens of each.
INKS = {"yellow": "#f5d800", "magenta": "#e00080", "cyan": "#00a0e0", "black": "#000000"}
_PENS_OF_AN_INK = 5


def lowpoly(
    source,
    *,
    nodes: int = 1500,
    seed: int | None = 0,
    mask=None,
    crop=None,
    blur: float = 1.0,
    max_pixels: int | None = MAX_PIXELS,
    callback=None,
    **page,
) -> Artwork:
    """Draw a picture as triangles, each in one colour.

    nodes, seed, callback : as in `gng_fast.recipes.train`
    mask : a picture of where the triangles are to be small: white is, black gets the fewest
    crop, blur, max_pixels : as in `gng_fast.image.dark_points`; the blur is for finding the slopes
    page : as in `gng_fast.drawing.fit_page`
    """
    colours, model = _even_model(source, nodes, seed, mask, crop, blur, max_pixels, callback)
    return Artwork.of(model, partial(styles.lowpoly, colours=colours, **page))


def glass(
    source,
    *,
    nodes: int = 1200,
    seed: int | None = 0,
    pen: float | None = None,
    mask=None,
    crop=None,
    blur: float = 1.0,
    max_pixels: int | None = MAX_PIXELS,
    callback=None,
    **page,
) -> Artwork:
    """Draw a picture as stained glass. pen : width of the leads in mm; the others are those of `lowpoly`."""
    colours, model = _even_model(source, nodes, seed, mask, crop, blur, max_pixels, callback)
    return Artwork.of(model, partial(styles.glass, colours=colours, pen=pen, **page))


def stipple(
    source,
    *,
    nodes: int = 6000,
    seed: int | None = 0,
    pen=None,
    levels: tuple[float, float] | None = None,
    mask=None,
    crop=None,
    blur: float = 0.8,
    max_pixels: int | None = MAX_PIXELS,
    callback=None,
    **page,
) -> Artwork:
    """Draw a picture as dots.

    pen : widths in mm of the dots; by default eight that suit
    The others are those of `gng_fast.recipes.tone`.
    """
    plane = image.prepare(source, crop=crop, blur=blur, max_pixels=max_pixels)
    dark = darkness(plane, levels)
    if mask is not None:
        dark = dark * importance_of(mask, plane.shape, crop)
    model = _weighted_model(dark, nodes, seed, callback)
    return Artwork.of(
        model, partial(styles.stipple, darkness=dark, pens=None if pen is None else np.atleast_1d(pen), **page)
    )


def glow(
    source,
    *,
    nodes: int = 5000,
    seed: int | None = 0,
    pen: float | None = None,
    mask=None,
    crop=None,
    blur: float = 0.8,
    max_pixels: int | None = MAX_PIXELS,
    callback=None,
    **page,
) -> Artwork:
    """Draw a picture in lines of its colours on black.

    pen : width of the lines in mm; by default it goes with their length
    The others are those of `gng_fast.recipes.tone`.
    """
    colours = _colours(source, crop, max_pixels)
    bright = image.blur(colours, blur)
    bright = bright**2 / max(float(np.quantile(bright, 0.99)), 0.05) ** 2
    if mask is not None:
        bright = bright * importance_of(mask, bright.shape, crop)
    model = tone_model(image.blur(colours, 0), np.clip(bright, 0, 1), nodes=nodes, seed=seed, callback=callback)
    return Artwork.of(model, partial(styles.glow, colours=colours, pen=pen, seed=0 if seed is None else seed, **page))


def cmyk(
    source,
    *,
    nodes: int = 6000,
    seed: int | None = 0,
    pen=None,
    mask=None,
    crop=None,
    blur: float = 0.8,
    max_pixels: int | None = MAX_PIXELS // 4,
    callback=None,
    **page,
) -> Artwork:
    """Draw a picture in yellow, magenta, cyan and black lines, whose widths follow the inks. Returns the black graph.

    nodes : of all four
    The others are those of `gng_fast.recipes.tone`.
    """
    colours = _colours(source, crop, max_pixels)
    inks = _separated(colours)
    importance = 1.0 if mask is None else importance_of(mask, colours.shape[:2], crop)
    total = sum(float(ink.mean()) for ink in inks.values())
    layers, model = [], None
    for name, ink in inks.items():
        ink = image.blur(ink, blur) * importance
        if (ink > 0.05).sum() < 2:
            continue
        share = max(2, round(check("nodes", nodes) * float(ink.mean()) / total))
        model = tone_model(1 - ink, ink, nodes=share, seed=seed, callback=callback)
        drawing = styles.tone(
            model.graph_,
            ink,
            pens=_PENS_OF_AN_INK if pen is None else np.atleast_1d(pen),
            colour=INKS[name],
            label=name,
            **page,
        )
        layers += drawing.layers
    if model is None:
        raise image.ImageError("the picture has no ink to draw: it is white, or a single pixel")
    return Artwork(model.graph_, Drawing(drawing.width, drawing.height, tuple(layers)), float(model.history_[-1]))


def _colours(source, crop, max_pixels):
    """The picture as (h, w, 3) float64 in [0, 1]."""
    picture = image.load(source)
    if crop is not None:
        picture = image.crop(picture, crop)
    if picture.ndim == 2:
        return np.repeat(_shrunken(image.grey(picture), max_pixels)[:, :, None], 3, axis=2)
    picture = image.over_white(picture)
    return np.stack([_shrunken(picture[:, :, channel], max_pixels) for channel in range(3)], axis=2)


def _shrunken(plane, max_pixels):
    return plane if max_pixels is None else image.shrink(plane, max_pixels)


def _even_model(source, nodes, seed, mask, crop, blur, max_pixels, callback):
    """Colours, and a network on all of the picture, denser where they change, with fixed nodes on the border."""
    from skimage.filters import sobel

    colours = _colours(source, crop, max_pixels)
    slope = np.max([sobel(image.blur(colours[:, :, channel], blur)) for channel in range(3)], axis=0)
    weights = _EVEN + np.clip(slope / max(float(np.quantile(slope, 0.98)), 1e-6), 0, 1)
    if mask is not None:
        weights = weights * (_EVEN + importance_of(mask, weights.shape, crop))
    border = _frame(extent_of(weights), math.sqrt(weights.size / check("nodes", nodes)) * 1.5)
    return colours, _weighted_model(weights, max(nodes, border.n_nodes), seed, callback, border)


def _weighted_model(weights, nodes, seed, callback, start=None):
    inked = weights > 0.02
    if inked.sum() < 2:
        raise image.ImageError("the picture has no tone to draw: it is all of one shade, or its levels make it so")
    X = image.points(inked)
    n = min(check("nodes", nodes), len(X))
    return train(
        Points(X, extent_of(weights)),
        nodes=n,
        epochs=_SIGNALS * n / len(X),
        seed=seed,
        init=start,
        fixed_init=start is not None,
        sample_weight=weights[inked],
        callback=callback,
        **ANNEALED,
    )


def _frame(extent, step):
    """Nodes along the border of a picture, at even steps from corner to corner."""
    x_min, y_min, x_max, y_max = extent
    corners = np.array([(x_min, y_min), (x_max, y_min), (x_max, y_max), (x_min, y_max), (x_min, y_min)])
    sides = [corners[i : i + 2] for i in range(4)]
    nodes = np.concatenate(
        [contours.resample(side, max(1, round(contours.line_length(side) / step)))[:-1] for side in sides]
    )
    n = np.arange(len(nodes))
    return Graph(nodes, np.stack([n, (n + 1) % len(nodes)], axis=1))


def _separated(colours):
    """Yellow, magenta, cyan and black, (h, w) each from 0 to 1: lines lie side by side, so black takes over all grey."""
    missing = 1 - colours
    black = missing.min(axis=2)
    cyan, magenta, yellow = np.moveaxis(missing - black[:, :, None], 2, 0)
    return {"yellow": yellow, "magenta": magenta, "cyan": cyan, "black": black}

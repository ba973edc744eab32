"""Shapes that reach their edges: nodes fixed on the outline, a mesh grown within.

Nodes of a Growing Neural Gas keep away from the border of the data by about half an edge, at any number of nodes, since
each is drawn to the middle of its own signals. Fixed nodes on the outline take the border's signals instead.
"""

import math
from functools import partial
from typing import TypeAlias, Unpack

import numpy as np
from numpy.typing import NDArray

from gng_fast.art import image, styles
from gng_fast.art.image import contours
from gng_fast.art.image.picture import Box, Mask, Plane, Source
from gng_fast.art.image.pixels import too_little_ink
from gng_fast.art.recipes.base import (
    ART_LIMIT,
    Artwork,
    Callback,
    PageOptions,
    Points,
    importance_of,
    shades_at,
    train,
    warn_if_all_ink,
)
from gng_fast.art.recipes.networks import ANNEALED, CELL
from gng_fast.graph import Graph
from gng_fast.model.estimator import GrowingNeuralGas
from gng_fast.optional import need
from gng_fast.parameters import check
from gng_fast.progress import stoppable

Line: TypeAlias = NDArray[np.float64]

# Lengths are in units of the spacing, the length of the edges of the mesh.
_RING_STEP = 0.8
# The outline's own nodes serve a strip this wide; within it no others are needed.
_RING_STRIP = 0.4
# Its edges stray so far from the line; half a pixel more is the stairs of a black and white picture.
_STRAYING = 0.05
_PIXEL_STEP = 0.5
# So many times larger steps are tried when so large a share of the nodes is missing within.
_RING_ROUNDS, _MISSING = 3, 0.05
# While more of the nodes lie on outlines, these are smoothed over such shares of the spacing, if what is filled stays
# the same but for so much.
_MOST_ON_OUTLINES, _SMOOTHER, _SAME = 1.0, (0.15, 0.3, 0.6), 0.8
# Specks and holes smaller than a triangle cannot be drawn.
_LEAST_AREA = 0.5
# Signals for each node: growth takes lam = 100, the rest settles.
_SIGNALS = 400
_HEBBIAN_SIGNALS = 100
# An edge goes if more than this of it lies outside.
_OUTSIDE = 1 / 3


def shape(
    source: Source,
    *,
    nodes: int = 1200,
    seed: int | None = 0,
    pen: float = 0.3,
    mask: "Source | None" = None,
    crop: Box | None = None,
    blur: float = image.ARTICLE_BLUR,
    threshold: str | float = "otsu",
    offset: float = 0.0,
    block_size: int = 35,
    max_pixels: int | None = ART_LIMIT,
    callback: Callback | None = None,
    **page: Unpack[PageOptions],
) -> Artwork:
    """Fill the dark shapes of a picture with a mesh that reaches their edges: for silhouettes, rather than photos.

    Parameters
    ----------
    source : path, array, PIL image or the name of a built-in picture
        As in `gng_fast.image.load`.
    nodes : int
        Nodes in all, those on the outline included.
    seed, callback
        As in `gng_fast.recipes.train`.
    pen : float
        Width of the lines in mm.
    mask : path, array, PIL image or the name of a built-in picture, optional
        A picture of where the mesh is to be dense: white is, black gets no nodes but those on the outline.
    crop, blur, threshold, offset, block_size, max_pixels
        As in `gng_fast.image.dark_points`.
    **page
        As in `gng_fast.drawing.fit_page`.

    Returns
    -------
    Artwork

    Raises
    ------
    ImageError
        If nothing is dark, or the picture cannot be used.
    ValueError, TypeError
        If a parameter is out of range.
    """
    plane = stoppable(image.prepare, source, crop=crop, blur=blur, max_pixels=max_pixels)
    importance = None if mask is None else stoppable(importance_of, mask, plane.shape, crop)
    level_set = stoppable(image.level_set, plane, threshold, offset, block_size)
    if plane.size == 1 or not (level_set < 0).any():
        raise too_little_ink(plane, threshold, offset)
    warn_if_all_ink(float((level_set < 0).mean()))
    model, filled, outline = _filled(level_set, check("nodes", nodes), importance, seed, callback)
    draw = partial(styles.mesh, extent=image.extent(plane.shape), pen=pen, **page)
    return Artwork.of(model, draw, lambda graph: _within(graph, filled, outline))


def _filled(
    level_set: Plane, nodes: int, importance: Plane | None, seed: int | None, callback: Callback | None
) -> tuple[GrowingNeuralGas, Mask, Graph]:
    """The network, the pixels that it fills, and its nodes on the outline."""
    mask, ring = stoppable(_smoothed, level_set, nodes)
    X = image.points(mask)
    weights = None if importance is None else shades_at(importance, X)
    model = train(
        Points(X, image.extent(mask.shape)),
        nodes=max(nodes, ring.n_nodes),
        epochs=_SIGNALS * nodes / len(X),
        seed=seed,
        init=ring,
        fixed_init=True,
        sample_weight=weights,
        callback=callback,
        **ANNEALED,
    )
    model.reconnect(X, n_epochs=max(1, _HEBBIAN_SIGNALS * nodes / len(X)))
    return model, mask, ring


def _smoothed(level_set: Plane, nodes: int) -> tuple[Mask, Graph]:
    """The pixels to fill, and nodes on their outline, which is smooth enough to leave nodes for the inside."""
    mask, spacing, ring = _outlined(level_set, nodes)
    # what is ragged in a photo leaves no nodes for the inside: its outlines become about as smooth as the mesh is fine
    for share in _SMOOTHER:
        if ring.n_nodes <= _MOST_ON_OUTLINES * nodes:
            break
        smooth = need("scipy.ndimage", "a shape").gaussian_filter(level_set, share * spacing)
        if (mask & (smooth < 0)).sum() < _SAME * (mask | (smooth < 0)).sum():
            break  # thin shapes, such as writing, would be lost
        mask, _, ring = _outlined(smooth, nodes)
    return mask, ring


def _outlined(level_set: Plane, nodes: int) -> tuple[Mask, float, Graph]:
    """The pixels to fill, the spacing, and nodes along the outlines."""
    lines, mask, spacing = _drawable(level_set, nodes)
    ring = _ring(lines, spacing)
    # ragged outlines take more nodes than their length lets expect: with larger steps enough are left for the inside
    for _ in range(_RING_ROUNDS):
        missing = _inside(lines, spacing) - max(nodes - ring.n_nodes, 0)
        if missing < _MISSING * nodes:
            break
        spacing *= (1 + missing / nodes) ** 0.75
        ring = _ring(lines, spacing)
    return mask, spacing, ring


def _drawable(level_set: Plane, nodes: int) -> tuple[list[Line], Mask, float]:
    """Outlines and pixels of the shapes that are not too small for the spacing, and that spacing in pixels."""
    dark = level_set < 0
    everything = contours.outlines(level_set)
    areas = np.array([abs(contours.enclosed_area(line)) for line in everything])
    spacing, least, kept = 0.0, 0.0, everything
    # fewer specks leave more nodes, and a smaller spacing, for the rest: some rounds settle that
    for _ in range(4):
        least = min(_LEAST_AREA * spacing**2, areas.max() / 2)
        kept = [line for line, area in zip(everything, areas) if area >= least]
        spacing = _spacing(sum(map(contours.line_length, kept)), abs(sum(map(contours.enclosed_area, kept))), nodes)
    mask = ~_without_specks(~_without_specks(dark, least), least)
    return kept, mask if mask.sum() > 1 else dark, spacing


def _without_specks(mask: Mask, least: float) -> Mask:
    """The mask without connected pieces of fewer than `least` pixels."""
    pieces: NDArray[np.int32] = need("scipy.ndimage", "a shape").label(mask)[0]
    big = np.bincount(pieces.ravel()) >= least
    return mask & big[pieces]


def _spacing(perimeter: float, area: float, nodes: int) -> float:
    """The spacing at which an outline and what it encloses take so many nodes."""
    # nodes = perimeter / (ring step * s) + (area - strip * s * perimeter) / (cell * s^2), solved for 1 / s
    a, b = area / CELL, perimeter * (1 / _RING_STEP - _RING_STRIP / CELL)
    return (b + math.sqrt(b * b + 4 * a * nodes)) / (2 * nodes)


def _inside(lines: list[Line], spacing: float) -> float:
    """How many nodes fit into outlines, apart from those on them."""
    area, perimeter = abs(sum(map(contours.enclosed_area, lines))), sum(map(contours.line_length, lines))
    return max(0.0, area - _RING_STRIP * spacing * perimeter) / (CELL * spacing**2)


def _ring(lines: list[Line], spacing: float) -> Graph:
    """Nodes along closed lines, each joined to the next: at the corners, and at even steps between them."""
    nodes, edges, n = [], [], 0
    for line in lines:
        around = _around(line, spacing)
        k = len(around)
        nodes.append(around)
        edges.append(n + np.stack([np.arange(k), (np.arange(k) + 1) % k], axis=1))
        n += k
    return Graph(np.concatenate(nodes).astype(np.float32), np.concatenate(edges))


def _around(line: Line, spacing: float) -> Line:
    """Places on a closed line: its corners, and even steps between them."""
    along = contours.length_along(line)
    at = along[contours.corners(line, max(_STRAYING * spacing, _PIXEL_STEP))]
    steps = np.maximum(1, np.rint(np.diff(at) / (_RING_STEP * spacing))).astype(int)
    if steps.sum() < 3:
        return contours.resample(line, 3)[:-1]
    number = np.arange(steps.sum()) - np.repeat(np.cumsum(steps) - steps, steps)
    return contours.points_along(line, np.repeat(at[:-1], steps) + number * np.repeat(np.diff(at) / steps, steps))


def _within(graph: Graph, mask: Mask, ring: Graph) -> Graph:
    """The graph without the edges that leave the shape, and without nodes that lose all of theirs."""
    inside = contours.share_inside(mask, graph.nodes.astype(float)[graph.edges]) >= 1 - _OUTSIDE
    # the outline itself runs half outside by nature
    n = graph.n_nodes
    inside |= np.isin(graph.edges @ (n, 1), ring.edges @ (n, 1))
    edges = graph.edges[inside]
    used, numbers = np.unique(edges, return_inverse=True)
    return Graph(graph.nodes[used], numbers.reshape(-1, 2))

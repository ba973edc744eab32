"""Ink on paper: finding it under uneven light, measuring it, and keeping a network on it.

Sizes are in pixels and come from the picture itself: from the width of its strokes and the height of its letters.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gng_fast.art import image
from gng_fast.art.image.picture import Box, Mask, Picture, Plane, Source
from gng_fast.graph import Graph
from gng_fast.optional import need

# 8-connected: ink that touches at a corner is one piece.
TOUCHING = np.ones((3, 3), dtype=bool)

# Otsu's two classes of mere noise lie 2.6 of their own spreads apart, those of ink on paper 5 and more.
_LEAST_SEPARATION = 3.3
# Ink takes at least this share of the light; fainter things are dirt, folds and shadows.
_LEAST_CONTRAST = 0.08
_LEAST_LIGHT = 0.1
#: Most pixels a step works on: a page scanned at 300 dpi has 8.7 million.
INK_LIMIT = 12_000_000
# What libraries are needed for.
_FINDING = "finding ink"


@dataclass(frozen=True)
class Ink:
    """What is written in a picture.

    Parameters
    ----------
    mask : array of shape (h, w), bool
        True is ink.
    depth : array of shape (h, w), float32
        Share of the light that is missing: 0 on paper, about 0.5 at the edge of ink, 1 in it.
    scale : float
        Pixels of the mask per pixel of the picture.
    """

    mask: Mask
    depth: NDArray[np.float32]
    scale: float


def find_ink(source: Source, crop: Box | None = None) -> Ink:
    """Return the ink of a picture: dark on light or light on dark, grey or coloured, evenly lit or not.

    The light is what the brightest spots nearby reflect, smoothed; Otsu's threshold, taken near strong contrasts only,
    parts ink from paper. The mask is empty where nothing stands out from the noise.

    Parameters
    ----------
    source : str, path-like, array or PIL image
        Whatever `gng_fast.image.load` takes.
    crop : (left, top, width, height), optional
        In pixels.

    Raises
    ------
    ImageError
        The source is not a picture.
    """
    picture = image.load(source)
    if crop is not None:
        picture = image.crop(picture, crop)
    paper = _as_paper(picture)
    scale = min(1.0, math.sqrt(INK_LIMIT / (picture.shape[0] * picture.shape[1])))
    ink = _ink_of(paper, max(9, min(paper.shape) // 12), scale)
    height = typical_height(ink.mask)
    # Now it is known how large the writing is.
    return _ink_of(paper, max(5, height), scale) if height else ink


def enlarged(ink: Ink, wanted: float) -> Ink:
    """Return the ink `wanted` times as wide and high, or a little more: 1, 3 or 5 times.

    Edges then lie where they do between the pixels. The middle of each pixel stays ink or paper, as it was.
    """
    most = math.sqrt(INK_LIMIT / ink.mask.size)
    factor = max([1] + [odd for odd in (3, 5) if odd < min(wanted, most) + 2 and odd <= most])
    if factor == 1:
        return ink
    depth = need("scipy.ndimage", _FINDING).zoom(ink.depth, factor, order=3, mode="nearest", grid_mode=True)
    return Ink(depth > 0.5, depth, ink.scale * factor)


def stroke_width(mask: Mask) -> float:
    """Return the mean width of the strokes of a (h, w) bool mask in pixels: area by length; 0 without ink.

    Round ends are half a width longer than their skeleton, each.
    """
    skeleton = need("skimage.morphology", _FINDING).skeletonize(mask)
    length, n_ends = _length_of(skeleton)
    if not length:
        return 0.0
    area = np.count_nonzero(mask)
    width = area / length
    # twice is enough: the second step moves it by a few percent of the first
    for _ in range(2):
        width = area / (length + n_ends * np.pi / 8 * width)
    return float(width)


def _length_of(skeleton: Mask) -> tuple[float, int]:
    """The length of the lines of a skeleton at any angle, within 1 % in the mean, and the number of their ends.

    Steps to the side, steps to a corner and changes between both are weighted after A. M. Vossepoel, A. W. M.
    Smeulders, Vector code probability and metrication error in the representation of straight lines of finite length,
    Computer Graphics and Image Processing 20, 1982. A single pixel has a length of its own, 1.
    """
    rows, columns = skeleton.shape
    pixels = np.pad(skeleton, 1)

    def shifted(down: int, right: int) -> Mask:
        return pixels[1 + down : 1 + down + rows, 1 + right : 1 + right + columns]

    # the neighbours of each pixel: opposite ones four places apart
    around = [(0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1)]
    near = [skeleton & shifted(*step) for step in around]
    for corner in (1, 3, 5, 7):  # there is no step to a corner where two to the side lead there
        near[corner] &= ~(near[corner - 1] | near[(corner + 1) % 8])
    n_near = np.sum(near, axis=0)
    straight = np.any([near[i] & near[i + 4] for i in range(4)], axis=0)
    sides, corners = (sum(np.count_nonzero(near[i]) for i in group) / 2 for group in ((0, 2, 4, 6), (1, 3, 5, 7)))
    turns = np.count_nonzero((n_near == 2) & ~straight)
    alone = np.count_nonzero(skeleton & (n_near == 0))
    length = 0.980 * sides + 1.406 * corners - 0.091 * turns + alone
    return float(length), int(np.count_nonzero(n_near == 1))


def _light_on(paper: Plane, size: int) -> NDArray[np.float32]:
    """(h, w) float32: how bright the paper is, or would be, everywhere."""
    ndimage = need("scipy.ndimage", _FINDING)
    brightest = ndimage.maximum_filter(paper.astype(np.float32), size)
    # Light changes slowly: a coarse grid shows it as well, and a wide blur of it takes no time.
    step = max(1, size // 6)
    light: NDArray[np.float32]
    light = ndimage.gaussian_filter(brightest[step // 2 :: step, step // 2 :: step], 1.6 * size / step, truncate=2)
    if step > 1:
        light = need("skimage.transform", _FINDING).resize(light, paper.shape, order=1, mode="edge")
    return light


def typical_height(mask: Mask) -> int:
    """Return the height that half of the ink is below, frames and pictures left out; 0 without any."""
    ndimage = need("scipy.ndimage", _FINDING)
    labels, n = ndimage.label(mask, TOUCHING)
    heights = np.array([rows.stop - rows.start for rows, _ in ndimage.find_objects(labels)], dtype=int)
    areas = np.bincount(labels.ravel(), minlength=n + 1)[1:]
    if not n:
        return 0
    usable = heights <= mask.shape[0] / 2
    if usable.any():
        heights, areas = heights[usable], areas[usable]
    order = np.argsort(heights)
    return int(heights[order][np.searchsorted(np.cumsum(areas[order]), areas.sum() / 2)])


def edges_on_ink(nodes: NDArray[np.floating], mask: Mask) -> NDArray[np.int64]:
    """Return the edges between nodes whose Voronoi cells touch within the ink.

    Where the ink hangs together, so do its nodes. It is what competitive Hebbian learning comes to in the end, the
    induced Delaunay triangulation (T. Martinetz, K. Schulten, Topology Representing Networks, Neural Networks 7, 1994).

    Parameters
    ----------
    nodes : array of shape (n, 2)
        At (column, -row).
    mask : array of shape (h, w), bool

    Returns
    -------
    array of shape (m, 2), int64
    """
    tree = need("scipy.spatial", _FINDING).cKDTree(nodes)
    rows, columns = np.nonzero(mask)
    winners = np.full((mask.shape[0] + 1, mask.shape[1] + 2), -1)
    winners[rows, columns + 1] = tree.query(np.column_stack([columns, -rows]))[1]
    here = winners[:-1, 1:-1]
    touching = [
        np.stack([here, there], axis=-1)[(here != there) & (here >= 0) & (there >= 0)]
        for there in (winners[:-1, 2:], winners[1:, :-2], winners[1:, 1:-1], winners[1:, 2:])
    ]
    pairs = np.sort(np.concatenate(touching), axis=1)
    keys = np.unique(pairs[:, 0] * len(nodes) + pairs[:, 1])
    return np.column_stack(np.divmod(keys, len(nodes)))


def supported(graph: Graph, mask: Mask, tolerance: float = 0.75) -> Graph:
    """Return the graph without the edges that leave the ink by more than `tolerance` pixels anywhere.

    Parameters
    ----------
    graph : Graph
        Nodes at (column, -row).
    mask : array of shape (h, w), bool
    tolerance : float
        In pixels.
    """
    ndimage = need("scipy.ndimage", _FINDING)
    away = ndimage.distance_transform_edt(~mask)
    a, b = graph.nodes.astype(np.float64)[graph.edges.T]
    steps = max(3, int(np.ceil(2 * graph.edge_lengths().max(initial=0.0))))
    worst = np.zeros(graph.n_edges)
    for share in np.linspace(0, 1, steps):
        x, y = ((1 - share) * a + share * b).T
        np.maximum(worst, ndimage.map_coordinates(away, (-y, x), order=1, mode="nearest"), out=worst)
    keep = worst <= tolerance
    return Graph(graph.nodes, graph.edges[keep], graph.ages[keep], graph.errors)


def _as_paper(picture: Picture) -> Plane:
    """(h, w) float64, light paper with dark ink on it, whatever the colours of either; at most `INK_LIMIT` pixels."""
    grey = _dark_on_light(image.shrink(picture, INK_LIMIT))
    if picture.ndim == 2:
        return grey
    # Colour only helps where grey does not show the writing: it is noisier.
    best, widest = grey, 1.5 * _span(grey)
    colours = image.over_white(picture, INK_LIMIT)
    for channel in range(3):
        plane = _dark_on_light(np.ascontiguousarray(colours[..., channel]))
        if _span(plane) > widest:
            best, widest = plane, _span(plane)
    return best


def _span(plane: Plane) -> float:
    """From the nearly darkest to the nearly lightest shade of a plane."""
    light, dark = np.percentile(plane, (99, 1))
    return float(light - dark)


def _dark_on_light(plane: Plane) -> Plane:
    """The plane, inverted if most of it lies nearer to its darkest than to its lightest shade."""
    dark, middle, light = np.percentile(plane, (0.5, 50, 99.5))
    return 1 - plane if middle - dark < light - middle else plane


def _ink_of(paper: Plane, size: int, scale: float) -> Ink:
    """Ink of writing whose letters are about `size` pixels high."""
    ndimage = need("scipy.ndimage", _FINDING)
    light = _light_on(paper, size)
    # Where hardly any light falls a little of it missing tells nothing.
    least = max(1e-6, _LEAST_LIGHT * float(light.max()))
    depth = ((light - paper.astype(np.float32)) / np.maximum(light, least)).astype(np.float32, copy=False)
    reach = max(3, size // 3)
    contrast = ndimage.maximum_filter(depth, reach) - ndimage.minimum_filter(depth, reach)
    nothing = Ink(np.zeros(paper.shape, dtype=bool), np.zeros(paper.shape, dtype=np.float32), scale)
    strong = contrast > 0.5 * np.percentile(contrast, 99.8)
    if not strong.any() or np.ptp(depth[strong]) < _LEAST_CONTRAST:
        return nothing
    depths = depth[strong]
    # Otsu's threshold is the middle of the last of 256 bins below it, and where nothing lies between ink and paper the
    # lowest there is; the middle between both is where it belongs.
    threshold_otsu = need("skimage.filters", _FINDING).threshold_otsu
    parted = depths > threshold_otsu(depths) + np.ptp(depths) / 512
    ink, bare = depths[parted], depths[~parted]
    level = 0.5 * float(ink.min() + bare.max())
    apart = float(ink.mean() - bare.mean())
    spread = float(np.sqrt(0.5 * (ink.var() + bare.var())))
    if apart < max(_LEAST_CONTRAST, _LEAST_SEPARATION * spread):
        return nothing
    return Ink(depth > level, np.clip(0.5 + (depth - level) / apart, 0, 1), scale)

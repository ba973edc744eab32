"""Ink on paper: finding it under uneven light, measuring it, and keeping a network on it.

Sizes are in pixels and come from the picture itself: from the width of its strokes and the height of its letters.
scikit-image and scipy come with `pip install 'gng-fast[art]'`.
"""

import math
from dataclasses import dataclass

import numpy as np

from gng_fast.art import image
from gng_fast.graph import Graph

# 8-connected: ink that touches at a corner is one piece.
TOUCHING = np.ones((3, 3), dtype=bool)

# Otsu's two classes of mere noise lie 2.6 of their own spreads apart, those of ink on paper 5 and more.
_LEAST_SEPARATION = 3.3
# Ink takes at least this share of the light; fainter things are dirt, folds and shadows.
_LEAST_CONTRAST = 0.08
_LEAST_LIGHT = 0.1
# Most pixels a step works on: a page scanned at 300 dpi has 8.7 million.
MAX_PIXELS = 12_000_000


@dataclass(frozen=True)
class Ink:
    """What is written in a picture.

    mask : (h, w) bool, True = ink
    depth : (h, w) float32, share of the light that is missing: 0 on paper, about 0.5 at the edge of ink, 1 in it
    scale : pixels of the mask per pixel of the picture
    """

    mask: np.ndarray
    depth: np.ndarray
    scale: float


def find_ink(source, crop=None) -> Ink:
    """Return the `Ink` of a picture: dark on light or light on dark, grey or coloured, evenly lit or not.

    source : whatever `image.load` takes; crop : (left, top, width, height) in pixels

    The light is what the brightest spots nearby reflect, smoothed; Otsu's threshold, taken near strong contrasts only,
    parts ink from paper. The mask is empty where nothing stands out from the noise.
    Raises ImageError for what is not a picture.
    """
    picture = image.load(source)
    if crop is not None:
        picture = image.crop(picture, crop)
    paper = _as_paper(picture)
    scale = min(1.0, math.sqrt(MAX_PIXELS / paper.size))
    if scale < 1:
        paper = image.shrink(paper, MAX_PIXELS)
    ink = _ink_of(paper, max(9, min(paper.shape) // 12), scale)
    height = typical_height(ink.mask)
    # The second look knows how large the writing is.
    return _ink_of(paper, max(5, height), scale) if height else ink


def enlarged(ink: Ink, wanted: float) -> Ink:
    """Return the ink `wanted` times as wide and high, or a little more: 1, 3 or 5 times.

    Edges then lie where they do between the pixels. The middle of each pixel stays ink or paper, as it was.
    """
    from scipy.ndimage import zoom

    most = math.sqrt(MAX_PIXELS / ink.mask.size)
    factor = max([1] + [odd for odd in (3, 5) if odd < min(wanted, most) + 2 and odd <= most])
    if factor == 1:
        return ink
    depth = zoom(ink.depth, factor, order=3, mode="nearest", grid_mode=True)
    return Ink(depth > 0.5, depth, ink.scale * factor)


def stroke_width(mask) -> float:
    """Return the mean width of the strokes of a (h, w) bool mask in pixels: area by length; 0 without ink."""
    from skimage.morphology import skeletonize

    length = np.count_nonzero(skeletonize(mask))
    return np.count_nonzero(mask) / length if length else 0.0


def _light_on(paper, size):
    """(h, w) float32: how bright the paper is, or would be, everywhere."""
    from scipy.ndimage import gaussian_filter, maximum_filter
    from skimage.transform import resize

    brightest = maximum_filter(paper.astype(np.float32), size)
    # Light changes slowly: a coarse grid shows it as well, and a wide blur of it takes no time.
    step = max(1, size // 6)
    coarse = gaussian_filter(brightest[step // 2 :: step, step // 2 :: step], 1.6 * size / step, truncate=2)
    return resize(coarse, paper.shape, order=1, mode="edge") if step > 1 else coarse


def typical_height(mask):
    """Return the height that half of the ink is below, frames and pictures left out; 0 without any."""
    from scipy.ndimage import find_objects, label

    labels, n = label(mask, TOUCHING)
    heights = np.array([rows.stop - rows.start for rows, _ in find_objects(labels)], dtype=int)
    areas = np.bincount(labels.ravel(), minlength=n + 1)[1:]
    if not n:
        return 0
    usable = heights <= mask.shape[0] / 2
    if usable.any():
        heights, areas = heights[usable], areas[usable]
    order = np.argsort(heights)
    return int(heights[order][np.searchsorted(np.cumsum(areas[order]), areas.sum() / 2)])


def edges_on_ink(nodes, mask) -> np.ndarray:
    """Return the (m, 2) edges between nodes whose Voronoi cells touch within the ink.

    nodes : (n, 2) array, at (column, -row); mask : (h, w) bool

    Where the ink hangs together, so do its nodes. It is what competitive Hebbian learning comes to in the end, the
    induced Delaunay triangulation (T. Martinetz, K. Schulten, Topology Representing Networks, Neural Networks 7, 1994).
    """
    from scipy.spatial import cKDTree

    rows, columns = np.nonzero(mask)
    winners = np.full((mask.shape[0] + 1, mask.shape[1] + 2), -1)
    winners[rows, columns + 1] = cKDTree(nodes).query(np.column_stack([columns, -rows]))[1]
    here = winners[:-1, 1:-1]
    pairs = [
        np.stack([here, there], axis=-1)[(here != there) & (here >= 0) & (there >= 0)]
        for there in (winners[:-1, 2:], winners[1:, :-2], winners[1:, 1:-1], winners[1:, 2:])
    ]
    pairs = np.sort(np.concatenate(pairs), axis=1)
    keys = np.unique(pairs[:, 0] * len(nodes) + pairs[:, 1])
    return np.column_stack(np.divmod(keys, len(nodes)))


def supported(graph: Graph, mask, tolerance: float = 0.75) -> Graph:
    """Return the graph without the edges that leave the ink by more than `tolerance` pixels anywhere.

    graph : nodes at (column, -row); mask : (h, w) bool
    """
    from scipy.ndimage import distance_transform_edt, map_coordinates

    away = distance_transform_edt(~mask)
    a, b = graph.nodes.astype(np.float64)[graph.edges.T]
    steps = max(3, int(np.ceil(2 * graph.edge_lengths().max(initial=0.0))))
    worst = np.zeros(graph.n_edges)
    for share in np.linspace(0, 1, steps):
        x, y = ((1 - share) * a + share * b).T
        np.maximum(worst, map_coordinates(away, (-y, x), order=1, mode="nearest"), out=worst)
    keep = worst <= tolerance
    return Graph(graph.nodes, graph.edges[keep], graph.ages[keep], graph.errors)


def _as_paper(picture):
    """(h, w) float64, light paper with dark ink on it, whatever the colours of either."""
    planes = [image.grey(picture)]
    if picture.ndim == 3:
        colours = picture[..., :3] if picture.shape[2] == 3 else _on_white(picture)
        planes += [image.grey(np.ascontiguousarray(colours[..., channel])) for channel in range(3)]
    planes = [_dark_on_light(plane) for plane in planes]
    spans = [np.subtract(*np.percentile(plane, (99, 1))) for plane in planes]
    # Colour only helps where grey does not show the writing: it is noisier.
    best = int(np.argmax(spans))
    return planes[best] if spans[best] > 1.5 * spans[0] else planes[0]


def _on_white(picture):
    from skimage.color import rgba2rgb

    return rgba2rgb(picture, background=(1, 1, 1))


def _dark_on_light(plane):
    """The plane, inverted if most of it lies nearer to its darkest than to its lightest shade."""
    dark, middle, light = np.percentile(plane, (0.5, 50, 99.5))
    return 1 - plane if middle - dark < light - middle else plane


def _ink_of(paper, size, scale):
    """Ink of writing whose letters are about `size` pixels high."""
    from scipy.ndimage import maximum_filter, minimum_filter
    from skimage.filters import threshold_otsu

    light = _light_on(paper, size)
    # Where hardly any light falls a little of it missing tells nothing.
    depth = (light - paper.astype(np.float32)) / np.maximum(light, max(1e-6, _LEAST_LIGHT * float(light.max())))
    reach = max(3, size // 3)
    contrast = maximum_filter(depth, reach) - minimum_filter(depth, reach)
    nothing = Ink(np.zeros(paper.shape, dtype=bool), np.zeros(paper.shape, dtype=np.float32), scale)
    strong = contrast > 0.5 * np.percentile(contrast, 99.8)
    if not strong.any() or np.ptp(depth[strong]) < _LEAST_CONTRAST:
        return nothing
    depths = depth[strong]
    # Otsu's threshold is the middle of the last of 256 bins below it, and where nothing lies between ink and paper the
    # lowest there is; the middle between both is where it belongs.
    parted = depths > threshold_otsu(depths) + np.ptp(depths) / 512
    ink, bare = depths[parted], depths[~parted]
    level = 0.5 * float(ink.min() + bare.max())
    apart = float(ink.mean() - bare.mean())
    spread = float(np.sqrt(0.5 * (ink.var() + bare.var())))
    if apart < max(_LEAST_CONTRAST, _LEAST_SEPARATION * spread):
        return nothing
    return Ink(depth > level, np.clip(0.5 + (depth - level) / apart, 0, 1), scale)

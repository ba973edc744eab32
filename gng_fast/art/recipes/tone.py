"""Tone: a mesh that is denser where the picture is darker, with lines along its contours."""

import math
from functools import partial

import numpy as np

from gng_fast.art import image, styles
from gng_fast.art.image import contours
from gng_fast.art.recipes.base import ANNEALED, MAX_PIXELS, Artwork, Points, extent_of, importance_of, train
from gng_fast.graph import Graph
from gng_fast.model.estimator import GrowingNeuralGas
from gng_fast.parameters import check

# Shares of the pixels that are bare paper and solid ink, unless `levels` says where those are; and the least contrast.
_PAPER, _INK = 0.20, 0.05
_LEAST_CONTRAST = 0.25
# Pixels with less darkness are bare paper: faint stray lines are ugly.
_BARE = 0.05
# Lengths in units of the spacing: the step along contours, how far these are moved to their dark side, the shortest.
_STEP, _ASIDE, _SHORTEST = 0.75, 0.3, 2.5
# At most this share of the nodes lies on contours.
_CONTOUR_SHARE = 0.45
_SLOPES = 0.05, 0.1
# The ink of a mesh goes with a small power of the density of signals: for one pen dark areas get far more of them.
_GAMMA_ONE_PEN = 3.0
# A triangular lattice has a node for so many squared edges.
_CELL = math.sqrt(3) / 2
_SIGNALS = 100
_HEBBIAN_SIGNALS = 40


def tone(
    source,
    *,
    nodes: int = 9000,
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
    """Draw the tones of a picture.

    nodes : nodes in all, those on contours included
    seed, callback : as in `gng_fast.recipes.train`
    pen : width in mm of the one pen, or widths, of which each line gets the one that suits; by default a range
    levels : as in `darkness`
    mask : a picture of what is important: white is, black gets nothing
    crop, blur, max_pixels : as in `gng_fast.image.dark_points`
    page : as in `gng_fast.drawing.fit_page`

    Raises ImageError if the picture has no tone, ValueError or TypeError for a parameter out of range.
    """
    plane = image.prepare(source, crop=crop, blur=0, max_pixels=max_pixels)
    dark = darkness(image.blur(plane, blur), levels)
    if mask is not None:
        dark = dark * importance_of(mask, plane.shape, crop)
    dark = np.where(dark > _BARE, dark, 0)
    pens = {} if pen is None else {"pens": np.atleast_1d(pen)}
    gamma = _GAMMA_ONE_PEN if pens and len(pens["pens"]) == 1 else 1.0
    model = tone_model(plane, dark, nodes=nodes, gamma=gamma, seed=seed, callback=callback)
    return Artwork.of(model, partial(styles.tone, darkness=dark, **pens, **page))


def darkness(plane, levels: tuple[float, float] | None = None) -> np.ndarray:
    """Return how dark a grey picture is, (h, w) float64 from 0 (paper) to 1 (ink).

    levels : darknesses, 1 - grey, that are bare paper and solid ink; by default those that a fifth of the pixels are
        below and a twentieth above
    """
    dark = 1.0 - image.grey(plane)
    if levels is None:
        paper, ink = np.quantile(dark, (_PAPER, 1 - _INK))
        missing = max(0.0, _LEAST_CONTRAST - (ink - paper)) / 2
        paper = float(np.clip(paper - missing, 0, 1 - _LEAST_CONTRAST))
        ink = max(float(ink), paper + _LEAST_CONTRAST)
    else:
        paper, ink = levels
        if not 0 <= paper < ink <= 1:
            raise ValueError(f"levels must be two rising numbers in [0, 1], got {paper:g}, {ink:g}")
    return np.clip((dark - paper) / (ink - paper), 0, 1)


def tone_model(plane, dark, *, nodes: int, gamma: float = 1.0, seed: int | None = 0, callback=None) -> GrowingNeuralGas:
    """Return a network on a picture, denser where that is darker, with lines along its contours.

    plane : (h, w) grey picture, for the contours
    dark : (h, w) array, its darkness from 0 to 1; pixels present themselves in proportion to its power `gamma`, and to
        the slope there
    """
    from skimage.filters import gaussian, sobel

    inked = dark > _BARE
    if inked.sum() < 2:
        raise image.ImageError("the picture has no tone to draw: it is all of one shade, or its levels make it so")
    X = image.points(inked)
    weights = (dark**gamma + sobel(gaussian(dark, 1)))[inked]
    nodes = min(check("nodes", nodes), len(X))
    spacing = math.sqrt(len(X) / (_CELL * nodes))
    start = _contour_graph(plane, dark, spacing, round(_CONTOUR_SHARE * nodes))
    model = train(
        Points(X, extent_of(plane)),
        nodes=nodes,
        epochs=_SIGNALS * nodes / len(X),
        seed=seed,
        init=start,
        fixed_init=start is not None,
        sample_weight=weights,
        callback=callback,
        **ANNEALED,
    )
    return model.reconnect(X, sample_weight=weights, n_epochs=_HEBBIAN_SIGNALS * nodes / len(X))


def _contour_graph(plane, dark, spacing, nodes):
    """Nodes along the contours of a picture and the dark parts of its border, joined to lines; None if there are none."""
    step = _STEP * spacing
    total = nodes * step
    border = _border(dark, step, _ASIDE * spacing)
    total -= sum(map(contours.line_length, border))
    sigma = max(1.0, spacing / 5)
    lines = border + contours.chains(plane, sigma, *_SLOPES, max(4, _SHORTEST * spacing), total)
    up = _slopes(dark, max(1.0, _ASIDE * spacing))
    points, edges, n = [], [], 0
    for number, line in enumerate(lines):
        k = max(1, round(contours.line_length(line) / step))
        along = contours.resample(line, k)
        points.append(along if number < len(border) else _to_the_dark(along, up, _ASIDE * spacing))
        edges.append(n + np.stack([np.arange(k), np.arange(1, k + 1)], axis=1))
        n += k + 1
    if n < 2:
        return None
    # the ends of a ring are one node
    points, numbers = np.unique(np.concatenate(points).round(3), axis=0, return_inverse=True)
    edges = np.sort(numbers[np.concatenate(edges)], axis=1)
    columns, rows = np.clip(np.rint(points * (1, -1)).astype(int), 0, (dark.shape[1] - 1, dark.shape[0] - 1)).T
    inked = dark[rows, columns] > _BARE
    edges = np.unique(edges[(edges[:, 0] != edges[:, 1]) & inked[edges].all(axis=1)], axis=0)
    used, numbers = np.unique(edges, return_inverse=True)
    return Graph(points[used].astype(np.float32), numbers.reshape(-1, 2)) if len(edges) else None


def _border(dark, step, inset):
    """The dark parts of the border of the picture, as lines."""
    height, width = dark.shape
    left, right, top, bottom = inset - 0.5, width - 0.5 - inset, 0.5 - inset, 0.5 - height + inset
    if width < 4 * step or height < 4 * step:
        return []
    frame = np.array([(left, top), (right, top), (right, bottom), (left, bottom), (left, top)])
    pieces = [
        contours.resample(frame[i : i + 2], round(contours.line_length(frame[i : i + 2]) / step)) for i in range(4)
    ]
    around = np.concatenate([*(piece[:-1] for piece in pieces), frame[:1]])
    columns, rows = np.clip(np.rint(around * (1, -1)).astype(int), 0, (width - 1, height - 1)).T
    inked = dark[rows, columns] > _BARE
    return [
        run
        for run in np.split(around, np.flatnonzero(np.diff(inked)) + 1)
        if len(run) > 2 and inked[int(np.flatnonzero((around == run[0]).all(axis=1))[0])]
    ]


def _slopes(dark, sigma):
    """How much darker it becomes to the right and upwards, two (h, w) arrays."""
    from scipy.ndimage import gaussian_filter

    down, right = np.gradient(gaussian_filter(dark, sigma))
    return right, -down


def _to_the_dark(points, slopes, distance):
    """The points moved that far to where it is darker."""
    from scipy.ndimage import map_coordinates

    slope = np.stack(
        [map_coordinates(part, (-points[:, 1], points[:, 0]), order=1, mode="nearest") for part in slopes], axis=1
    )
    return points + distance * slope / np.maximum(np.linalg.norm(slope, axis=1, keepdims=True), 1e-9)

"""Tone: a mesh that is denser where the picture is darker, with lines along its contours."""

import math

import numpy as np

from gng_fast import contours, image
from gng_fast.estimator import GrowingNeuralGas
from gng_fast.graph import Graph
from gng_fast.parameters import check

# Shares of the pixels that are bare paper and solid ink, unless `levels` says where those are; and the least contrast.
_PAPER, _INK = 0.20, 0.05
_LEAST_CONTRAST = 0.25
# Pixels with less darkness get no nodes: faint stray lines are ugly.
_BARE = 0.03
# Lengths in units of the spacing: the step along contours, how far these are moved to their dark side, the shortest.
_STEP, _ASIDE, _SHORTEST = 0.75, 0.2, 2.5
# At most this share of the nodes lies on contours.
_CONTOUR_SHARE = 0.4
_SLOPES = 0.05, 0.1
_SIGNALS = 200
_HEBBIAN_SIGNALS = 60


def darkness(plane, levels: tuple[float, float] | None = None) -> np.ndarray:
    """Return how dark a grey picture is, (h, w) float64 from 0 (paper) to 1 (ink).

    levels : darknesses, 1 - grey, that are bare paper and solid ink; by default those that a fifth of the pixels are
        below and a twentieth above
    """
    dark = 1.0 - image.grey(plane)
    if levels is None:
        paper, ink = np.quantile(dark, (_PAPER, 1 - _INK))
        missing = max(0.0, _LEAST_CONTRAST - (ink - paper)) / 2
        paper, ink = paper - missing, ink + missing
    else:
        paper, ink = levels
        if not 0 <= paper < ink <= 1:
            raise ValueError(f"levels must be two rising numbers in [0, 1], got {paper:g}, {ink:g}")
    return np.clip((dark - paper) / (ink - paper), 0, 1)


def tone_graph(plane, dark, *, nodes: int = 9000, gamma: float = 1.0, seed: int | None = 0, importance=None,
               callback=None, calls: int = 100) -> Graph:
    """Return a mesh of a picture for `gng_fast.styles.tone`.

    Parameters
    ----------
    plane : (h, w) grey picture
        For the contours.
    dark : (h, w) array
        Its darkness, from 0 to 1.
    nodes : int
        Nodes in all, those on contours included.
    gamma : float
        Signals come from a pixel in proportion to its darkness to this power (and to the slope there).
    importance : (h, w) array, optional
        Factor of these.
    seed, callback, calls
        As in `gng_fast.recipes.train`.
    """
    nodes = check("nodes", nodes)
    inked = dark > _BARE
    if inked.sum() < 2:
        raise image.ImageError("no dark pixels: the picture has no tone to draw")
    from skimage.filters import gaussian, sobel

    weights = dark**gamma + sobel(gaussian(plane, 1))
    if importance is not None:
        weights = weights * importance
        inked &= weights > 0
    X, weights = image.points(inked), weights[inked]
    nodes = min(nodes, len(X))
    spacing = math.sqrt(len(X) / (0.866 * nodes))
    start = _contour_graph(plane, dark, spacing, round(_CONTOUR_SHARE * nodes))
    annealed = {"jitter": 0.5, "eps_b": 0.1, "eps_n": 0.004, "eps_b_end": 0.005, "eps_n_end": 0.0002}
    model = GrowingNeuralGas(nodes, init=start, fixed_init=start is not None, random_state=seed, **annealed)
    model.n_epochs = _SIGNALS * nodes / len(X)
    model.fit(X, sample_weight=weights, callback=callback, callback_every=math.ceil(max(1, _SIGNALS * nodes) / calls))
    return model.reconnect(X, sample_weight=weights, n_epochs=_HEBBIAN_SIGNALS * nodes / len(X)).graph_


def _contour_graph(plane, dark, spacing, nodes):
    """Nodes along the contours of a picture and the dark parts of its border, joined to lines; None if there are none."""
    step = _STEP * spacing
    total = nodes * step
    lines = _border(dark, step, _ASIDE * spacing)
    total -= sum(map(contours.line_length, lines))
    sigma = max(1.0, spacing / 5)
    lines += contours.chains(plane, sigma, *_SLOPES, max(4, _SHORTEST * spacing), total)
    points, edges, n = [], [], 0
    for line in lines:
        k = max(1, round(contours.line_length(line) / step))
        along = contours.resample(line, k)
        points.append(along)
        edges.append(n + np.stack([np.arange(k), np.arange(1, k + 1)], axis=1))
        n += k + 1
    if n < 2:
        return None
    points = _to_the_dark(np.concatenate(points), dark, _ASIDE * spacing)
    # the ends of a ring are one node
    points, numbers = np.unique(points.round(3), axis=0, return_inverse=True)
    edges = np.sort(numbers[np.concatenate(edges)], axis=1)
    return Graph(points.astype(np.float32), np.unique(edges[edges[:, 0] != edges[:, 1]], axis=0))


def _border(dark, step, inset):
    """The dark parts of the border of the picture, as lines."""
    height, width = dark.shape
    left, right, top, bottom = inset - 0.5, width - 0.5 - inset, 0.5 - inset, 0.5 - height + inset
    if width < 4 * step or height < 4 * step:
        return []
    frame = np.array([(left, top), (right, top), (right, bottom), (left, bottom), (left, top)])
    pieces = [contours.resample(frame[i : i + 2], round(contours.line_length(frame[i : i + 2]) / step)) for i in range(4)]
    around = np.concatenate([*(piece[:-1] for piece in pieces), frame[:1]])
    columns, rows = np.clip(np.rint(around * (1, -1)).astype(int), 0, (width - 1, height - 1)).T
    inked = dark[rows, columns] > _BARE
    return [run for run in np.split(around, np.flatnonzero(np.diff(inked)) + 1)
            if len(run) > 2 and inked[int(np.flatnonzero((around == run[0]).all(axis=1))[0])]]


def _to_the_dark(points, dark, distance):
    """The points moved that far, and no farther, up the slope of the darkness."""
    from scipy.ndimage import gaussian_filter, map_coordinates

    smooth = gaussian_filter(dark, max(1.0, distance))
    down, right = np.gradient(smooth)
    where = (-points[:, 1], points[:, 0])
    slope = np.stack([map_coordinates(right, where, order=1, mode="nearest"),
                      -map_coordinates(down, where, order=1, mode="nearest")], axis=1)
    return points + distance * slope / np.maximum(np.linalg.norm(slope, axis=1, keepdims=True), 1e-9)

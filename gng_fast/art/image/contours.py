"""Lines found in pictures: outlines of shapes to a fraction of a pixel, and chains of pixels along edges.

Lines are (k, 2) float64 arrays of (column, -row) in pixels, so y points up as in the graph of a picture. Needs
scikit-image.
"""

from collections.abc import Iterator
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from gng_fast.art.image.filters import gaussian, sobel
from gng_fast.art.image.picture import Mask, Plane
from gng_fast.optional import need

#: Points of a line, (k, 2).
Line = NDArray[np.float64]


def outlines(level_set: Plane, min_area: float = 0.0) -> list[Line]:
    """Return the closed lines along which a field is 0, with everything outside of the picture above 0.

    Parameters
    ----------
    level_set : array of shape (h, w)
        As `gng_fast.image.level_set` gives it.
    min_area : float
        Lines around fewer square pixels are left out.

    Returns
    -------
    list of arrays of shape (k, 2)
        The last point of a line is its first again.
    """
    find_contours = need("skimage.measure", "outlines").find_contours
    height, width = level_set.shape
    # a shape that touches the edge of the picture ends half a pixel outside of its last pixels' centres
    padded = np.pad(level_set, 1, mode="edge")
    border = np.ones(padded.shape, bool)
    border[1:-1, 1:-1] = False
    padded[border] = np.maximum(np.abs(padded[border]), 1e-9)
    lines = []
    for line in find_contours(padded, 0.0):
        line = line[:, ::-1] - 1
        line = np.clip(line, -0.5, (width - 0.5, height - 0.5)) * (1, -1)
        if len(line) > 3 and abs(enclosed_area(line)) >= max(min_area, 1e-9):
            lines.append(line)
    return lines


def enclosed_area(line: Line) -> float:
    """Return the area within a closed line, negative where it runs clockwise."""
    x, y = (line[:-1] - line[0]).T
    # no product of vectors: BLAS takes threads for long ones, which cost more than they bring
    return float((x * np.roll(y, -1) - np.roll(x, -1) * y).sum()) / 2


def line_length(line: Line) -> float:
    """Return the length of a line."""
    return float(np.hypot(*np.diff(line, axis=0).T).sum())


def length_along(line: Line) -> NDArray[np.float64]:
    """Return the length of a line up to each of its k points, (k,)."""
    return np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])


def points_along(line: Line, lengths: NDArray[np.float64]) -> Line:
    """Return the points of a line that lie at n lengths along it, (n, 2)."""
    along = length_along(line)
    return np.stack([np.interp(lengths, along, line[:, 0]), np.interp(lengths, along, line[:, 1])], axis=1)


def resample(line: Line, n_steps: int) -> Line:
    """Return n_steps + 1 points at even steps along a line, both of its ends among them."""
    return points_along(line, np.linspace(0, line_length(line), n_steps + 1))


def corners(line: Line, tolerance: float) -> NDArray[np.int64]:
    """Return the rows of the points between which a line is straight but for `tolerance`, both ends among them.

    The method is that of D. Douglas, T. Peucker, Algorithms for the reduction of the number of points required to
    represent a digitized line, Cartographica 10, 1973.
    """
    kept = np.zeros(len(line), bool)
    kept[[0, -1]] = True
    # all pieces are looked at together: skimage.measure.approximate_polygon takes them one by one, which takes seconds
    while True:
        ends = np.flatnonzero(kept)
        piece = np.cumsum(kept[:-1]) - 1
        start, vector = line[ends[:-1]][piece], np.diff(line[ends], axis=0)[piece]
        from_start = line[:-1] - start
        t = (from_start * vector).sum(axis=1) / np.maximum((vector**2).sum(axis=1), 1e-300)
        distance = np.hypot(*(from_start - np.clip(t, 0, 1)[:, None] * vector).T)
        farthest = np.maximum.reduceat(distance, ends[:-1])
        bent = np.flatnonzero((farthest > tolerance)[piece] & (distance == farthest[piece]))
        if not len(bent):
            return ends
        kept[bent[np.unique(piece[bent], return_index=True)[1]]] = True


def share_inside(mask: Mask, lines: NDArray[np.float64], steps: int = 12) -> NDArray[np.float64]:
    """Return the share of straight lines that lies on True pixels of a mask.

    Parameters
    ----------
    mask : array of shape (h, w), bool
    lines : array of shape (m, 2, 2)
        Pairs of points.
    steps : int
        Points of each line that are looked at. A point counts as inside as far as its four surrounding pixels are, by
        bilinear interpolation.

    Returns
    -------
    array of shape (m,), float64
    """
    map_coordinates = need("scipy.ndimage", "lines within a mask").map_coordinates
    t = ((np.arange(steps) + 0.5) / steps)[:, None]
    x = lines[:, 0, 0] * (1 - t) + lines[:, 1, 0] * t
    y = lines[:, 0, 1] * (1 - t) + lines[:, 1, 1] * t
    inside = map_coordinates(np.pad(mask, 1).astype(np.float32), (1 - y, x + 1), order=1)
    shares: NDArray[np.float64] = (inside > 0.5 - 1e-6).mean(axis=0)
    return shares


def chains(plane: Plane, sigma: float, low: float, high: float, shortest: float, total: float) -> list[Line]:
    """Return the strongest edges of a grey picture as chains of neighbouring pixels, strongest first.

    Edges are those of the Canny detector (J. Canny, A computational approach to edge detection, IEEE PAMI 8, 1986),
    thinned to lines and cut where three or more meet. The strength of a chain is its mean slope.

    Parameters
    ----------
    plane : array of shape (h, w)
    sigma : float
        Of the detector's blur, in pixels.
    low, high : float
        Thresholds of the detector for the slope.
    shortest : float
        Chains of fewer pixels are left out.
    total : float
        Chains after the first so many pixels are left out.

    Returns
    -------
    list of arrays of shape (k, 2)
    """
    ndimage = need("scipy.ndimage", "contours")
    everywhere = np.ones((3, 3), int)
    canny = need("skimage.feature", "contours").canny
    lines = need("skimage.morphology", "contours").skeletonize(canny(plane, sigma, low, high))
    lines &= ndimage.convolve(lines.astype(int), everywhere, mode="constant") <= 3
    pieces, n = ndimage.label(lines, everywhere)
    size = np.bincount(pieces.ravel(), minlength=n + 1)[1:]
    slope = sobel(gaussian(plane, sigma))
    strength = ndimage.mean(slope, pieces, np.arange(1, n + 1)) if n else np.empty(0)
    order: NDArray[np.int64] = np.argsort(-strength, kind="stable")
    order = order[size[order] >= shortest]
    order = order[np.cumsum(size[order]) <= total]
    if not len(order):
        return []
    rank = np.full(n + 1, -1)
    rank[order + 1] = np.arange(len(order))
    rows, columns = np.nonzero(rank[pieces] >= 0)
    ranks = rank[pieces[rows, columns]]
    by_rank = np.argsort(ranks, kind="stable")
    stops = np.cumsum(np.bincount(ranks, minlength=len(order)))[:-1]
    pixels = np.stack([rows, columns], axis=1)[by_rank]
    return [_in_a_row(piece) for piece in np.split(pixels, stops)]


def _in_a_row(pixels: NDArray[np.int64]) -> Line:
    """Pixels of a line without junctions, as (column, -row) from one end to the other; a ring ends where it starts."""
    left = {(column, row): None for row, column in pixels.tolist()}
    steps = ((0, 1), (1, 0), (0, -1), (-1, 0), (1, 1), (1, -1), (-1, -1), (-1, 1))

    def beside(x: int, y: int) -> Iterator[tuple[int, int]]:
        for dx, dy in steps:
            if (x + dx, y + dy) in left:
                yield x + dx, y + dy

    start = next((pixel for pixel in left if len(list(islice(beside(*pixel), 2))) < 2), next(iter(left)))
    here: tuple[int, int] | None = start
    chain = []
    while here is not None:
        chain.append(here)
        del left[here]
        here = next(beside(*here), None)
    if len(chain) > 3 and max(abs(chain[-1][0] - start[0]), abs(chain[-1][1] - start[1])) == 1:
        chain.append(start)
    return np.array(chain) * (1.0, -1.0)

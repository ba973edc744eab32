"""The cells of points in a frame: of all places the point nearest to them (G. Voronoi 1908).

A frame is kept by mirroring points in its sides: the cells of a point and of its mirror image end where the side is.
Only cells that reach a side need that. Which do is told by the line along the side alone: a point at height y, so far
from the side as d, is the nearest to some place z there if (z - y)^2 + d^2 is the smallest of all for that z, so if
(y, y^2 + d^2) is a corner of the lower convex hull of these.
"""

import numpy as np
from numpy.typing import NDArray

from gng_fast.art.styles.placing import Extent
from gng_fast.optional import need
from gng_fast.progress import checked

#: Points, (n, 2).
Points = NDArray[np.float64]
#: Numbers of points or of triangles.
Numbers = NDArray[np.int64]

# Steps of a loop between two questions whether to stop.
_STEPS = 5000
# Points of the hull are kept that lie above it by less than this share of what is compared: one too many does no harm.
_MARGIN = 1e-9
# Points within this share of the frame from a side are moved away from it: a point on a side would be its own image.
_INWARDS = 1e-7
# What is shorter than this share of the frame has no length.
_SHORTEST = 1e-8


def cells_of(points: Points, frame: Extent) -> tuple[list[Points], Points, Numbers]:
    """Return the cells of points within a frame, the lines between them, and which points these are between.

    Parameters
    ----------
    points : ndarray of float64, shape (n, 2), n >= 1
        Within the frame; others are moved into it.
    frame : (x_min, y_min, x_max, y_max)

    Returns
    -------
    cells : list of ndarray of float64, shape (k, 2)
        The polygon around each point, counter-clockwise.
    lines : ndarray of float64, shape (m, 2, 2)
        The sides of all polygons, each once.
    beside : ndarray of int64, shape (m, 2)
        The numbers of the two points beside each line; n and above on the far side of the frame.

    Raises
    ------
    ImportError
        SciPy is not installed.
    """
    low, high, n = np.array(frame[:2]), np.array(frame[2:]), len(points)
    size = float((high - low).max())
    points = np.clip(points, low + _INWARDS * size, high - _INWARDS * size)
    everything = np.concatenate([points, *_mirrored(points, frame)])
    mesh = need("scipy.spatial", "glass").Delaunay(everything)
    triangles = mesh.simplices.astype(np.int64)
    corners = np.clip(_centres(everything, triangles), low, high)
    cells = _polygons(everything, triangles, corners, n)
    for point, _, other in mesh.coplanar:  # it lies where another does, and has its cell
        if point < n and other < n:
            cells[point] = cells[other]
    between, beside = _sides(triangles, mesh.neighbors.astype(np.int64), n)
    lines = corners[between]
    long = np.linalg.norm(lines[:, 1] - lines[:, 0], axis=1) > _SHORTEST * size
    return cells, lines[long], beside[long]


def _mirrored(points: Points, frame: Extent) -> list[Points]:
    """The points whose cells reach a side, mirrored in it, for each of the four."""
    images = []
    for axis, place in zip((0, 1, 0, 1), frame):
        image = points[_reaching(points[:, 1 - axis], np.abs(points[:, axis] - place))]
        image[:, axis] = 2 * place - image[:, axis]
        images.append(image)
    return images


def _reaching(along: NDArray[np.float64], away: NDArray[np.float64]) -> Numbers:
    """The points that are the nearest to some place on a line, and few others: the lower hull of (y, y^2 + d^2)."""
    y = along - along.mean()
    height = y**2 + away**2
    order = np.lexsort((height, y))
    hull: list[tuple[float, float, int]] = []
    for point in checked(zip(y[order].tolist(), height[order].tolist(), order.tolist()), _STEPS):
        while len(hull) > 1 and _is_above(hull[-2], hull[-1], point):
            hull.pop()
        hull.append(point)
    return np.array([number for *_, number in hull])


def _is_above(
    before: tuple[float, float, int], middle: tuple[float, float, int], after: tuple[float, float, int]
) -> bool:
    """Whether a point lies above the line from the one before it to the one after it, beyond doubt."""
    one = (middle[1] - before[1]) * (after[0] - before[0])
    other = (after[1] - before[1]) * (middle[0] - before[0])
    return one - other > _MARGIN * (abs(one) + abs(other))


def _centres(points: Points, triangles: Numbers) -> Points:
    """The centre of the circle around each triangle."""
    first = points[triangles[:, 0]]
    a, b = points[triangles[:, 1]] - first, points[triangles[:, 2]] - first
    doubled = 2 * (a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0])
    of_a, of_b = (a**2).sum(axis=1), (b**2).sum(axis=1)
    offsets = np.stack([of_a * b[:, 1] - of_b * a[:, 1], of_b * a[:, 0] - of_a * b[:, 0]], axis=1)
    with np.errstate(all="ignore"):
        return first + offsets / doubled[:, None]


def _polygons(points: Points, triangles: Numbers, corners: Points, n: int) -> list[Points]:
    """The cells of the first n points: the centres of the triangles around each, in their order around it."""
    triangle, point = np.repeat(np.arange(len(triangles)), 3), triangles.ravel()
    inside = point < n
    triangle, point = triangle[inside], point[inside]
    towards = points[triangles].mean(axis=1)[triangle] - points[point]
    order = np.lexsort((np.arctan2(towards[:, 1], towards[:, 0]), point))
    ends = np.cumsum(np.bincount(point, minlength=n))[:-1]
    return np.split(corners[triangle[order]], ends)


def _sides(triangles: Numbers, neighbours: Numbers, n: int) -> tuple[Numbers, Numbers]:
    """The triangles on both sides of each edge at one of the first n points, (m, 2), and its two points, (m, 2)."""
    one, across = np.repeat(np.arange(len(triangles)), 3), neighbours.ravel()
    # the edge across from a corner has the other two as ends
    ends = np.stack([np.roll(triangles, -1, axis=1).ravel(), np.roll(triangles, -2, axis=1).ravel()], axis=1)
    chosen = (one < across) & (ends.min(axis=1) < n)
    return np.stack([one[chosen], across[chosen]], axis=1), ends[chosen]

"""The nearest places of points on the edges of a graph."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Reals = NDArray[np.float64]
Ints = NDArray[np.int64]

# Pairs of a point and an edge that are looked at at a time: some 100 MB.
_PAIRS_AT_ONCE = 2**22


def projected(nodes: NDArray[np.floating[Any]], edges: Ints, points: Reals) -> tuple[Ints, Reals, Reals]:
    """Return the nearest edge of each point, where along it the nearest place is, and how far; see `Graph.project`."""
    middle, scale = _frame(nodes)
    starts, ends = np.moveaxis(((nodes - middle) / scale)[edges], 1, 0)
    points = (points - middle) / scale
    chosen = np.empty(len(points), np.int64)
    rows = max(1, _PAIRS_AT_ONCE // len(edges))
    for first in range(0, len(points), rows):
        chosen[first : first + rows] = _nearest(starts, ends - starts, points[first : first + rows])
    along = (ends - starts)[chosen]
    offsets = points - starts[chosen]
    squares = (along**2).sum(axis=1)
    position = np.clip((offsets * along).sum(axis=1) / np.where(squares > 0, squares, 1.0), 0.0, 1.0)
    distances = np.linalg.norm(offsets - position[:, None] * along, axis=1) * scale
    return chosen, position, distances


def _frame(nodes: NDArray[np.floating[Any]]) -> tuple[Reals, float]:
    """The mean of the nodes, and their largest distance from it along an axis."""
    middle: Reals = nodes.mean(axis=0, dtype=np.float64)
    return middle, float(np.abs(nodes - middle).max()) or 1.0


def _nearest(starts: Reals, along: Reals, points: Reals) -> Ints:
    """The edge nearest to each point, by products of matrices."""
    squares = (along**2).sum(axis=1)
    shares = points @ along.T - (starts * along).sum(axis=1)
    positions = np.clip(shares / np.where(squares > 0, squares, 1.0), 0.0, 1.0)
    # |p - s - t u|^2 without |p|^2, which is the same for all edges
    distances = (starts**2).sum(axis=1) - 2 * (points @ starts.T) + positions * (positions * squares - 2 * shares)
    nearest: Ints = distances.argmin(axis=1)
    return nearest

"""A surface that touches itself nowhere: every point has at most one fan of triangles around it."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from gng_fast.graph.tetrahedra import Ints, Reals, Tetrahedra, border
from gng_fast.optional import need

# After so many changes for each point to be repaired at first, which is more than it ever took, the inside only grows.
_CHANGES_PER_POINT = 10


def manifold(tetrahedra: Tetrahedra, outside: NDArray[np.bool_], weights: Reals) -> NDArray[np.bool_]:
    """Return which tetrahedra are outside after some have changed sides, so that the border is a manifold.

    Around a point of a manifold lie one part outside and one inside; around any other point the part of least weight
    changes sides. That ends: in the long run only from outside to inside.
    """
    star = _Stars(tetrahedra, outside, weights)
    waiting = singular_points(border(tetrahedra, outside)).tolist()
    left = _CHANGES_PER_POINT * len(waiting)
    while waiting:
        changed = star.repair(waiting.pop(), only_grow=left <= 0)
        left -= 1
        waiting += {int(corner) for corner in tetrahedra.corners[changed].ravel()}
    return np.array(star.outside)


def singular_points(triangles: Ints) -> Ints:
    """Return the points around which the triangles of a closed surface are not one fan."""
    sparse = need("scipy.sparse", "surface", extra="graph")
    csgraph = need("scipy.sparse.csgraph", "surface", extra="graph")
    n = int(triangles.max(initial=-1)) + 1
    # the triangles at a point, seen from there: edges from one neighbour to the next
    tails = triangles.ravel() * n + np.roll(triangles, -1, axis=1).ravel()
    heads = triangles.ravel() * n + np.roll(triangles, -2, axis=1).ravel()
    spokes, tail, uses = np.unique(tails, return_inverse=True, return_counts=True)
    head = np.searchsorted(spokes, heads)
    links = sparse.csr_array((np.ones(len(tail)), (tail, head)), shape=(len(spokes), len(spokes)))
    fans = np.unique(csgraph.connected_components(links, directed=False)[1], return_index=True)[1]
    n_fans = np.bincount(spokes[fans] // max(n, 1), minlength=n)
    crossed = np.zeros(n, bool)
    crossed[spokes[uses > 1] // max(n, 1)] = True
    points: Ints = np.flatnonzero((n_fans > 1) | crossed)
    return points


class _Stars:
    """The tetrahedra around each point, and which of them are outside.

    What is beyond the hull is the tetrahedron -1, the last: outside, and never anywhere else.
    """

    def __init__(self, tetrahedra: Tetrahedra, outside: NDArray[np.bool_], weights: Reals) -> None:
        self.outside: list[bool] = outside.tolist()
        self._weights: list[float] = weights.tolist()
        self._tetrahedra = tetrahedra
        corners = tetrahedra.corners.ravel()
        self._order = np.argsort(corners, kind="stable") // 4
        self._ends = np.concatenate([[0], np.cumsum(np.bincount(corners, minlength=len(tetrahedra.points)))])

    def repair(self, point: int, *, only_grow: bool) -> list[int]:
        """Change the side of what is too much around a point, and return these tetrahedra."""
        parts = list(self._parts(point))
        if len(parts) <= 2:
            return []
        if only_grow:
            changed = [each for part in parts for each in part if self._is_outside(each) and each >= 0]
        else:
            several = [
                part
                for side in (True, False)
                for part in self._all_but_heaviest([part for part in parts if self._is_outside(part[0]) == side])
            ]
            changed = min(several, key=self._weight)
        for each in changed:
            self.outside[each] = not self.outside[each]
        return changed

    def _all_but_heaviest(self, parts: list[list[int]]) -> list[list[int]]:
        return sorted(parts, key=self._weight)[:-1]

    def _weight(self, part: list[int]) -> float:
        """What a change of its side costs; that which is beyond the hull stays."""
        return float("inf") if -1 in part else sum(self._weights[each] for each in part)

    def _is_outside(self, tetrahedron: int) -> bool:
        return tetrahedron < 0 or self.outside[tetrahedron]

    def _parts(self, point: int) -> Iterator[list[int]]:
        """The tetrahedra around a point in parts of one side, of which each touches the next in a facet."""
        around = self._order[self._ends[point] : self._ends[point + 1]]
        touching: dict[int, list[int]] = {}
        for one, corners, others in zip(
            around.tolist(), self._tetrahedra.corners[around].tolist(), self._tetrahedra.neighbours[around].tolist()
        ):
            touching[one] = [other for corner, other in zip(corners, others) if corner != point]
        beyond = [one for one, others in touching.items() if -1 in others]
        if beyond:
            touching[-1] = beyond
        while touching:
            start, others = touching.popitem()
            part, waiting = [start], others
            while waiting:
                one = waiting.pop()
                if one in touching and self._is_outside(one) == self._is_outside(start):
                    part.append(one)
                    waiting += touching.pop(one)
            yield part

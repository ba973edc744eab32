"""The lines of a graph between its ends and junctions, and how smoothly strokes run along them.

A hand draws smooth lines: the rougher a stroke through a junction would be, the less likely is it one stroke.
"""

import functools
import itertools
import math
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gng_fast.art.image.contours import length_along
from gng_fast.optional import need

#: A chain from one of its ends: its number, and 0 for its start or 1 for its end.
Half = tuple[int, int]
#: (k, 2) points in widths of the pen.
Points = NDArray[np.float64]
#: (k,) values of points.
Values = NDArray[np.float64]

# What SciPy is needed for.
_JOINING = "strokes through junctions"
# In widths of the pen on the paper.
STEP = 0.25  # between points that smoothness is measured at
REACH = 3.0  # so much of a line is looked at beyond a junction
_CLEAR = 0.8  # and nothing so near to it, where lines just cross: skeletons are bent there
_MERGED = 1.5  # and nothing so near where two strokes begin to run over each other
_DETAIL = 1.0  # bends of a line that are not several times as long may be flaws
# By so much the ink is wider than the pen, to either side, where two strokes run over each other.
SINGLE = 1 / 16
# In widths of the pen: strokes that cross at so sharp an angle that both run on along each other are apart before.
_CROSSED = 2.0
# Of points that are not known, so that there is one solution.
_LEAST_WEIGHT = 1e-6
# Roughness that a squared radian is worth, where a line is not known and could bend in any way.
_TURNING = 0.01
# Radians squared: a stroke that turns by more at its end does not run on along another one.
_RUNS_ON = 1.2**2


class Lines:
    """The lines of a graph between ends and junctions, from each of their two ends, in widths of the pen.

    Parameters
    ----------
    nodes : array of shape (n, 2)
    chains : lists of int
        Nodes from one end or junction to the next.
    width : float
        Of the pen.
    excess : array of shape (n,), optional
        By how much the ink is wider than the pen at each node, to either side; None if unknown.
    outline : array of shape (k, 2), optional
        Points along the outline of the ink; None if unknown.
    """

    def __init__(
        self,
        nodes: ArrayLike,
        chains: list[list[int]],
        width: float,
        excess: ArrayLike | None = None,
        outline: ArrayLike | None = None,
    ) -> None:
        self.known = excess is not None
        self.outline = None if outline is None else np.asarray(outline, dtype=np.float64) / width
        self._nodes = np.asarray(nodes, dtype=np.float64) / width
        self._excess = np.zeros(len(self._nodes)) if excess is None else np.maximum(excess, 0.0) / width
        self._chains = chains
        self._along: dict[tuple[Half, float], tuple[Points, Values]] = {}
        self._directions: dict[Half, Values] = {}
        self.half: dict[int, list[Half]] = {}  # node -> the half-chains there
        for number, chain in enumerate(chains):
            self.half.setdefault(chain[0], []).append((number, 0))
            self.half.setdefault(chain[-1], []).append((number, 1))
        self.ends = {number: (chain[0], chain[-1]) for number, chain in enumerate(chains)}

    def along(self, item: Half, reach: float = math.inf) -> tuple[Points, Values]:
        """(k, 2) points `STEP` apart along a half-chain from its end, and the (k,) excess there."""
        if (item, reach) not in self._along:
            self._along[item, reach] = self._evenly(item, reach)
        return self._along[item, reach]

    def _evenly(self, item: Half, reach: float) -> tuple[Points, Values]:
        """What `along` returns."""
        chain = self._nodes_from(item)
        points, excess = self._nodes[chain], self._excess[chain]
        along = length_along(points)
        at = np.linspace(0, min(reach, along[-1]), max(2, round(min(reach, along[-1]) / STEP) + 1))
        return np.column_stack([np.interp(at, along, points[:, axis]) for axis in (0, 1)]), np.interp(at, along, excess)

    def direction(self, item: Half) -> Values:
        """Unit vector that a half-chain leaves its end in, taken a little away from it."""
        if item not in self._directions:
            points = self.along(item, 2.5)[0]
            ahead = points[-1] - points[min(round(_CLEAR / STEP), round(0.3 * len(points)))]
            self._directions[item] = ahead / max(float(np.linalg.norm(ahead)), 1e-9)
        return self._directions[item]

    def usual_excess(self, items: Iterable[Half]) -> float:
        """By how much the ink of half-chains is wider than the pen even away from others: that of the second widest.

        A pen pressed down on a stroke that goes on is so before and after.
        """
        return sorted(float(self.along(item, REACH)[1].min()) for item in items)[-2:][0]

    def wide(self, item: Half, usual: float) -> float:
        """So far along a half-chain another stroke runs beside it: up to the middle of its round end.

        Where the two cross, the ink is as narrow as one of them, and wide again behind.
        """
        chain = self._nodes_from(item)
        along = length_along(self._nodes[chain])
        single = self._excess[chain] < usual + SINGLE
        starts = np.flatnonzero(single & ~np.concatenate([[False], single[:-1]]))  # of narrow parts
        last = along[starts[0]] - 0.5 if len(starts) else along[-1]
        for narrow, behind in itertools.pairwise(starts):
            wide = narrow + int(single[narrow:].argmin())
            if along[wide] - along[narrow] > _CROSSED or along[behind] > along[-1] - _CLEAR:
                break
            last = along[behind] - 0.5
        return max(0.0, float(last))

    def nodes(self, item: Half, stop: float) -> list[int]:
        """The nodes along a half-chain behind its end, as far as `stop`."""
        chain = self._nodes_from(item)
        return [node for node, at in zip(chain[1:], length_along(self._nodes[chain])[1:]) if at <= stop]

    def _nodes_from(self, item: Half) -> list[int]:
        number, side = item
        return self._chains[number][:: -1 if side else 1]

    def length(self, number: int) -> float:
        """Length of a chain."""
        return float(length_along(self._nodes[self._chains[number]])[-1])


def roughness(points: Points, weights: Values) -> float:
    """Return how rough a line through points is: the least of bending and distance of a line near it.

    The line near it is Whittaker's (On a new method of graduation, 1923): the integrals of its squared distance and of
    `_DETAIL`^6 times its squared third derivative are least. So circles cost little, and changes of curvature do.

    Parameters
    ----------
    points : array of shape (k, 2)
        `STEP` apart.
    weights : array of shape (k,)
        How sure each point is.
    """
    if len(points) < 4:
        return 0.0
    wanted = (weights + _LEAST_WEIGHT)[:, None] * points
    return float(STEP * (wanted * (points - smoothed(points, weights))).sum())


def smoothed(points: Points, weights: Values) -> Points:
    """Return the line near (k, 2) points that `roughness` measures."""
    if len(points) < 4:
        return points
    band = bending(len(points)).copy()
    band[3] += weights + _LEAST_WEIGHT
    wanted = (weights + _LEAST_WEIGHT)[:, None] * points
    near: Points = need("scipy.linalg", _JOINING).solveh_banded(band, wanted, overwrite_ab=True, check_finite=False)
    return near


def left_of(points: Points) -> Points:
    """Return unit vectors to the left of a line at each of its (k, 2) points."""
    ahead = np.gradient(points, axis=0)
    ahead /= np.maximum(np.linalg.norm(ahead, axis=1), 1e-9)[:, None]
    return np.column_stack([-ahead[:, 1], ahead[:, 0]])


@functools.lru_cache(maxsize=256)
def bending(n: int) -> NDArray[np.float64]:
    """Return (4, n): the upper band of (`_DETAIL` / `STEP`)^6 D'D, D the third differences of n points."""
    differences = np.diff(np.eye(4), n=3, axis=0)[0]
    band = np.zeros((4, n))
    for i in range(4):
        for j in range(i, 4):
            band[3 - (j - i), j : n - 3 + j] += differences[i] * differences[j]
    return band * (_DETAIL / STEP) ** 6


def through(lines: Lines, p: Half, q: Half, shared: Sequence[int] = ()) -> float:
    """How rough a stroke is that comes along one half-chain and leaves by another one, by shared chains between."""
    parts = [lines.along(p, REACH)[0][::-1]]
    for number in shared:
        part = lines.along((number, 0))[0]
        backwards = np.linalg.norm(part[0] - parts[-1][-1]) > np.linalg.norm(part[-1] - parts[-1][-1])
        parts.append(part[::-1] if backwards else part)
    parts.append(lines.along(q, REACH)[0])
    points = np.concatenate([part[min(i, 1) :] for i, part in enumerate(parts)])
    weights = np.zeros(len(points))
    clear = round((_MERGED if shared else _CLEAR) / STEP)
    for ends, part in ((slice(None), parts[0]), (slice(None, None, -1), parts[-1])):
        weights[ends][: len(part) - min(clear, round(0.5 * len(part)))] = 1
    return roughness(points, weights) + _TURNING * turn(lines.direction(p), lines.direction(q))


def turn(one: Values, other: Values) -> float:
    """Squared angle by which a stroke turns that comes along one direction reversed and leaves by the other."""
    return math.acos(max(-1.0, min(1.0, -float(one @ other)))) ** 2


def run_on(lines: Lines, item: Half, others: list[Half]) -> tuple[Half, float] | None:
    """The half-chain that another one which ends still runs along, the straightest of some, and how far; or None."""
    turns = [(turn(lines.direction(item), lines.direction(other)), other) for other in others]
    if not turns or not lines.known or min(turns)[0] > _RUNS_ON:
        return None
    straightest = min(turns)[1]
    rest = [other for other in others if other != straightest][:1] or [item]
    stop = lines.wide(straightest, lines.usual_excess(rest))
    return (straightest, stop) if stop else None

"""Which of several pairings at a meeting is true: the one whose strokes, drawn with the pen, give the ink there.

Where strokes run over each other for long, or three of them meet, their middle lines do not tell which goes where. So
curves are fitted to the outline of the ink for each pairing (`snakes`). What they leave over, and how rough they have
to be, tells touching from crossing. Fits that start near a wrong place stay there: each begins in the middle of the
ink, and with every stroke at one of its sides.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gng_fast.art.writing.costs import END
from gng_fast.art.writing.lines import STEP, Half, Points, Values, left_of, smoothed
from gng_fast.art.writing.meetings import Meeting, Meetings, Place
from gng_fast.art.writing.snakes import misfit
from gng_fast.optional import need

# In widths of the pen.
_OUTLINED = 3.0  # so much of the outline of a line is looked at beyond a junction
_BEHIND = 1.5  # and so much behind the end of another stroke that runs along it
_BEYOND = 1.0  # and so much more of it is fitted
_NEAR = 1.5  # outlines farther away from all lines are of other ink
_CLEAR = 1.5  # so near to a junction another stroke may bend a line
# A squared width between curve and outline costs so much, for each width of outline.
_MISFIT = 2.0
# How sure the middle of shared ink is as the place of a stroke at each start; 1 where a stroke is alone.
_SURE = 0.03, 0.3
_SURE_OF_SIDE = 0.5
# A pairing that costs so little is true: wrong ones cost 0.05 and more.
_TRUE = 0.02
# Pairings that seem by so much dearer than the best one are not tried, nor more than so many.
_MARGIN, _MOST = 0.05, 8
# Where fits are about as good, the cost that a pairing seems to have decides: so much of it counts.
_SEEMING = 0.5


class Fits:
    """Fits of pairings to the outline of the ink.

    meetings : to reckon by
    outline : (n, 2) points along it, evenly spaced, in widths of the pen
    """

    def __init__(self, meetings: Meetings, outline: Points) -> None:
        self._meetings, self._lines = meetings, meetings.costs.lines
        chains = {number: self._lines.along((number, 0))[0] for number in self._lines.ends}
        tree = need("scipy.spatial", "fitting strokes").cKDTree
        middles = np.concatenate(list(chains.values()))
        away, nearest = tree(middles).query(outline)
        self._outline, nearest = outline[away < _NEAR], nearest[away < _NEAR]
        # of each point of the outline: the chain that it is nearest to, and the number of the point there
        self._chain = np.repeat(list(chains), [len(points) for points in chains.values()])[nearest]
        self._at = np.concatenate([np.arange(len(points)) for points in chains.values()])[nearest]
        self._length = {number: len(points) for number, points in chains.items()}
        self._radius = float(np.median(tree(outline).query(middles)[0]))
        self._weight = _MISFIT * float(np.median(np.linalg.norm(np.diff(outline, axis=0), axis=1)))

    def best(self, place: Place, meeting: Meeting, ask: Callable[[], None]) -> Meeting:
        """The meeting that gives the ink at a place best, of the one that is there now and others that cost little.

        ask : called between two fits
        """
        if place[1] & {*self._meetings.costs.stems}:
            return meeting
        meetings = self._meetings.likely(place, meeting, _MARGIN)[:_MOST]
        if len(meetings) == 1:
            return meeting
        outline = self._outline_at(place)
        best, least = meeting, math.inf
        for other in meetings:
            ask()
            fit = self._cost(place, other, outline)
            cost = fit + _SEEMING * other.cost
            if cost < least:
                best, least = other, cost
            if fit < _TRUE:
                break
        return best

    def _outline_at(self, place: Place) -> Points:
        """The outline along the shared chains of a place, and the beginnings of the others."""
        junctions, shared = place
        near = np.isin(self._chain, list(shared))
        for item in (item for node in junctions for item in self._lines.half[node]):
            number, side = item
            at = self._length[number] - 1 - self._at if side else self._at
            near |= (self._chain == number) & (at <= self._reach(item) / STEP)
        here: Points = self._outline[near]
        return here

    def _reach(self, item: Half) -> float:
        """So far along a half-chain its outline is looked at: to behind the end of a stroke that runs along it."""
        return max(_OUTLINED, self._lines.wide(item, 0.0) + _BEHIND)

    def _cost(self, place: Place, meeting: Meeting, outline: Points) -> float:
        """What the curves of a meeting cost, and the ends there."""
        curves = [self._curve(*pair) for pair in meeting.pairs]
        for item in meeting.left:
            tail = self._meetings.tail(place, meeting, item)
            curves.append(self._curve(item, tail.other, tail.between, tail.stop) if tail else self._curve(item))
        middles = [curve.points for curve in curves]
        least = math.inf
        for start in _starts(curves):
            least = min(least, misfit(middles, start, outline, self._radius, self._weight))
            if least < _TRUE:
                break
        return least + END * len(meeting.left)

    def _curve(self, p: Half, q: Half | None = None, between: Sequence[int] = (), stop: float = math.inf) -> "_Curve":
        """The curve from one half-chain by shared chains to another one, as far as `stop` on it; or to the end of p."""
        curve = self._part(p).backwards()
        for number in between:
            chain = _Curve.beside(*self._lines.along((number, 0)))
            last = curve.points[-1]
            turned = np.linalg.norm(chain.points[0] - last) > np.linalg.norm(chain.points[-1] - last)
            curve = curve.then(chain.backwards() if turned else chain)
        if q is None:
            return curve
        if stop < math.inf:
            return curve.then(_Curve.beside(*self._lines.along(q, max(stop, STEP))))
        return curve.then(self._part(q))

    def _part(self, item: Half) -> "_Curve":
        """The beginning of a half-chain."""
        points, excess = self._lines.along(item, self._reach(item) + _BEYOND)
        at = STEP * np.arange(len(points))
        wide = self._lines.wide(item, 0.0)
        shared = at < max(min(_CLEAR, 0.5 * at[-1]), min(wide, at[-1]))
        return _Curve(points, np.where(at < wide, excess, 0.0), shared)


class _Curve(NamedTuple):
    """The middle of the ink along a stroke that goes on or ends at a meeting, and where that is shared.

    points : (k, 2), `STEP` apart; excess : (k,) of the ink, 0 where it is not shared; shared : (k,) bool
    """

    points: Points
    excess: Values
    shared: NDArray[np.bool_]

    @classmethod
    def beside(cls, points: Points, excess: Values) -> "_Curve":
        """A line that is shared all along."""
        return cls(points, excess, np.ones(len(points), dtype=bool))

    def backwards(self) -> "_Curve":
        """The same from its other end."""
        return _Curve(self.points[::-1], self.excess[::-1], self.shared[::-1])

    def then(self, other: "_Curve") -> "_Curve":
        """This one and another one, which begins where this one ends."""
        return _Curve(
            np.concatenate([self.points, other.points[1:]]),
            np.concatenate([self.excess, other.excess[1:]]),
            np.concatenate([self.shared, other.shared[1:]]),
        )

    def smooth(self, sure: float, side: int = 0) -> Points:
        """A smooth line along the middle, or at its left (1) or right (-1) side where the ink is shared."""
        points = self.points + side * left_of(self.points) * self.excess[:, None] if side else self.points
        return smoothed(points, np.where(self.shared, sure, 1.0))


def _starts(curves: list[_Curve]) -> Iterator[list[Points]]:
    """Where the curves may be: each in the middle of the ink, or the first at one side and the others at the other."""
    for sure in _SURE:
        yield [curve.smooth(sure) for curve in curves]
    wide = [i for i, curve in enumerate(curves) if curve.excess.any()]
    if len(wide) > 1:
        sides = [0] * len(curves)
        for i in wide:
            sides[i] = 1 if i == wide[0] else -1 if _same_way(curves[wide[0]], curves[i]) else 1
        for sign in (1, -1):
            yield [curve.smooth(_SURE_OF_SIDE, sign * side) for curve, side in zip(curves, sides)]


def _same_way(one: _Curve, other: _Curve) -> bool:
    """Whether two curves run the same way along ink that they share."""

    def ahead(curve: _Curve, at: Values) -> Values:
        i = int(np.clip(np.linalg.norm(curve.points - at, axis=1).argmin(), 1, len(curve.points) - 2))
        way: Values = curve.points[i + 1] - curve.points[i - 1]
        return way

    middle = other.points[int(np.flatnonzero(other.excess).mean())]
    return bool(ahead(one, middle) @ ahead(other, middle) > 0)

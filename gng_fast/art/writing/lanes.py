"""Two strokes that run over each other: which of them goes on into which line at the end of their common chain.

The width of the ink tells how far apart they are: the middle line of both is the middle of neither, each lies off it by
what the ink is wider than the pen, to either side. They may cross where the ink is not wider. So strokes that touch and
strokes that cross can be told from each other.
"""

import itertools
import math
from collections.abc import Iterator, Sequence

import numpy as np

from gng_fast.art.image.contours import length_along
from gng_fast.art.writing.lines import REACH, STEP, Half, Lines, Points, Values, left_of, roughness, through

# In widths of the pen: strokes that cross come nearer than twice that to each other.
_CROSSING = 0.3
# Strokes that run over each other cross so often at most, at one of so many places.
_MOST_CROSSINGS, _MOST_PLACES = 2, 6


def beside_each_other(lines: Lines, number: int, here: list[Half]) -> list[tuple[Half, Half, list[int]]]:
    """Return (p, q, chains between) at a shared chain, which two strokes go along, in lanes.

    All others just meet at its ends. There are none where fewer than two lines meet at an end.
    """
    a, b = ([item for item in here if item in lines.half[end]] for end in lines.ends[number])
    best = math.inf
    pairs: list[tuple[Half, Half, list[int]]] = []
    for two, others in itertools.product(itertools.combinations(a, 2), itertools.combinations(b, 2)):
        cost, ways = _lanes(lines, number, two, others)
        groups = [sorted({*group} - {*taken}) for group, taken in ((a, two), (b, others))]
        left = [pair for group in groups for pair in _smoothest(lines, group)]
        cost += sum(through(lines, p, q) for p, q in left)
        if cost < best:
            best, pairs = cost, [(p, q, [number]) for p, q in ways] + [(p, q, []) for p, q in left]
    return pairs


def _lanes(
    lines: Lines, number: int, here: Sequence[Half], there: Sequence[Half]
) -> tuple[float, list[tuple[Half, Half]]]:
    """The cost of the smoothest way to join two half-chains by a shared chain with two others, and the two pairs."""
    middle, excess = lines.along((number, 0))
    off = left_of(middle) * excess[:, None]
    # on the left of the chain first; from its start, the lines behind it are the other way round
    here = _left_first(lines, here, -_heading(middle))[::-1]
    there = _left_first(lines, there, -_heading(middle[::-1]))
    before = [_beside(lines, item, -side)[::-1] for item, side in zip(here, (1, -1))]
    after = [_beside(lines, item, side) for item, side in zip(there, (1, -1))]
    best = math.inf
    pairs: list[tuple[Half, Half]] = []
    for side in _sides(excess):
        ends = [0, 1] if side[-1] > 0 else [1, 0]
        lanes = [middle + sign * side[:-1, None] * off for sign in (1, -1)]
        cost = sum(_evenly_rough(np.concatenate([before[i][:-1], lanes[i], after[ends[i]][1:]])) for i in (0, 1))
        if cost < best:
            best, pairs = cost, [(here[i], there[ends[i]]) for i in (0, 1)]
    return best, pairs


def _sides(excess: Values) -> Iterator[Values]:
    """The sides, +-1, that the stroke may keep to which begins on the left: at each point of a chain, and after it.

    It changes sides where both come near to each other: nearer than before and after.
    """
    around = np.concatenate([[math.inf], excess, [math.inf]])
    places = np.flatnonzero((excess < _CROSSING) & (excess <= around[:-2]) & (excess < around[2:]))
    places = places[np.argsort(excess[places], kind="stable")][:_MOST_PLACES].tolist()
    places += [place for place, end in ((0, 0), (len(excess), -1)) if excess[end] < _CROSSING]
    for n in range(_MOST_CROSSINGS + 1):
        for crossings in itertools.combinations(sorted(set(places)), n):
            side = np.ones(len(excess) + 1)
            for place in crossings:
                side[place:] *= -1
            yield side


def _evenly_rough(points: Points) -> float:
    """How rough a line is whose points are all known, but not evenly spaced."""
    along = length_along(points)
    at = np.linspace(0, along[-1], max(2, round(along[-1] / STEP) + 1))
    points = np.column_stack([np.interp(at, along, points[:, axis]) for axis in (0, 1)])
    return roughness(points, np.ones(len(points)))


def _heading(points: Points) -> Values:
    """Where a line leads from its start."""
    ahead: Values = points[min(len(points) - 1, round(1.5 / STEP))] - points[0]
    return ahead


def _left_first(lines: Lines, pair: Sequence[Half], ahead: Values) -> list[Half]:
    """Two half-chains, the one more to the left of a direction first."""

    def angle(item: Half) -> float:
        x, y = _heading(lines.along(item, REACH)[0])
        return math.atan2(ahead[0] * y - ahead[1] * x, ahead[0] * x + ahead[1] * y)

    return sorted(pair, key=angle, reverse=True)


def _beside(lines: Lines, item: Half, side: int) -> Points:
    """A half-chain, put right where another stroke is still near, on its right (side 1) or on its left (-1)."""
    points, excess = lines.along(item, REACH)
    moved: Points = points + side * left_of(points) * np.minimum.accumulate(excess)[:, None]
    return moved


def _smoothest(lines: Lines, items: list[Half]) -> list[tuple[Half, Half]]:
    """The pairs of the smoothest pairing of a few half-chains; all are paired, but one of an odd number."""
    return min(_matchings(items), key=lambda pairs: sum(through(lines, p, q) for p, q in pairs))


def _matchings(items: list[Half]) -> Iterator[list[tuple[Half, Half]]]:
    """All pairings of the items, each leaving one of an odd number."""
    if len(items) < 2:
        yield []
        return
    if len(items) % 2:
        for i in range(len(items)):
            yield from _matchings(items[:i] + items[i + 1 :])
        return
    for i in range(1, len(items)):
        for rest in _matchings(items[1:i] + items[i + 1 :]):
            yield [(items[0], items[i]), *rest]

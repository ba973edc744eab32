"""Where strokes meet: which line goes on into which, and where two strokes run over each other.

A hand draws smooth lines. Of all pairings of the lines at a junction the one is taken whose strokes are smoothest; and
where two strokes run over each other, the width of the ink tells how far apart they are: the middle line of both is the
middle of neither, each lies off it by what the ink is wider than the pen, to either side. They may cross where the ink
is not wider. So strokes that touch and strokes that cross can be told from each other.
"""

import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gng_fast.art.image.contours import length_along
from gng_fast.optional import need

#: A chain from one of its ends: its number, and 0 for its start or 1 for its end.
Half = tuple[int, int]
#: What a half-chain goes on with: the half-chain after it, and the numbers of the shared chains between.
Joined = tuple[Half | None, Sequence[int]]
#: (k, 2) points in widths of the pen.
Points = NDArray[np.float64]
#: (k,) values of points.
Values = NDArray[np.float64]

# What SciPy is needed for.
_JOINING = "strokes through junctions"
# In widths of the pen on the paper.
_STEP = 0.25  # between points that smoothness is measured at
_REACH = 3.0  # so much of a line is looked at beyond a junction
_CLEAR = 0.8  # and nothing so near to it, where lines just cross: skeletons are bent there
_MERGED = 1.5  # and nothing so near where two strokes begin to run over each other
_DETAIL = 1.0  # bends of a line that are not several times as long may be flaws
_CROSSED = 1.0  # junctions nearer to each other are one crossing
_EVENED = 2.0  # and junctions nearer than that so if two strokes had to end there otherwise
_LONGEST_SHARED = 9.0  # where the width of the ink is unknown, two strokes run over each other for less than that
_CROSSING = 0.3  # strokes that cross come nearer than twice that to each other
# By so much the ink is wider than the pen, to either side, in the mean: never, and always, where two strokes run over
# each other. They part when it is half a width, so that it is about a quarter in the mean; but the corners of the
# junctions at both ends of a chain make up for a quarter of a squared width as well.
_SINGLE, _DOUBLE, _FILLET = 1 / 16, 1 / 16, 1 / 4
# Of points that are not known, so that there is one solution.
_LEAST_WEIGHT = 1e-6
# Roughness that a squared radian is worth, where a line is not known and could bend in any way.
_TURNING = 0.01
# Radians squared that lifting the pen at a junction is worth.
_LIFT = 1.2**2
# Strokes that run over each other cross so often at most, at one of so many places.
_MOST_CROSSINGS, _MOST_PLACES = 3, 6
# Junctions of more lines are paired greedily.
_MOST_MATCHED = 7
#: What a line that two strokes share is joined with.
SHARED: Joined = (None, ())


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
    """

    def __init__(
        self, nodes: ArrayLike, chains: list[list[int]], width: float, excess: ArrayLike | None = None
    ) -> None:
        self.known = excess is not None
        self._nodes = np.asarray(nodes, dtype=np.float64) / width
        self._excess = np.zeros(len(self._nodes)) if excess is None else np.maximum(excess, 0.0) / width
        self._chains = chains
        self.half: dict[int, list[Half]] = {}  # node -> the half-chains there
        for number, chain in enumerate(chains):
            self.half.setdefault(chain[0], []).append((number, 0))
            self.half.setdefault(chain[-1], []).append((number, 1))
        self.ends = {number: (chain[0], chain[-1]) for number, chain in enumerate(chains)}

    def along(self, item: Half, reach: float = math.inf) -> tuple[Points, Values]:
        """(k, 2) points `_STEP` apart along a half-chain from its end, and the (k,) excess there."""
        number, side = item
        chain = self._chains[number][:: -1 if side else 1]
        points, excess = self._nodes[chain], self._excess[chain]
        along = length_along(points)
        at = np.linspace(0, min(reach, along[-1]), max(2, round(min(reach, along[-1]) / _STEP) + 1))
        return np.column_stack([np.interp(at, along, points[:, axis]) for axis in (0, 1)]), np.interp(at, along, excess)

    def direction(self, item: Half) -> Values:
        """Unit vector that a half-chain leaves its end in, taken a little away from it."""
        points = self.along(item, 2.5)[0]
        start = points[min(round(_CLEAR / _STEP), round(0.3 * len(points)))]
        length = np.linalg.norm(points[-1] - start)
        return np.asarray((points[-1] - start) / length) if length else np.zeros(2)

    def usual_excess(self, items: Iterable[Half]) -> float:
        """By how much the ink of half-chains is wider than the pen even away from others: that of the second widest.

        A pen pressed down on a stroke that goes on is so before and after.
        """
        return sorted(float(self.along(item, _REACH)[1].min()) for item in items)[-2:][0]

    def wide(self, item: Half, usual: float) -> list[int]:
        """The nodes along a half-chain as far as another stroke runs beside it: up to the middle of its round end."""
        number, side = item
        chain = self._chains[number][:: -1 if side else 1]
        single = np.flatnonzero(self._excess[chain] < usual + _SINGLE)
        along = length_along(self._nodes[chain])
        last = along[single[0]] - 0.5 if len(single) else along[-1]
        return [node for node, at in zip(chain[1:], along[1:]) if at <= last]

    def length(self, number: int) -> float:
        """Length of a chain."""
        return float(length_along(self._nodes[self._chains[number]])[-1])


def continuations(lines: Lines) -> tuple[dict[Half, Joined], dict[Half, list[int]]]:
    """Return what strokes go on with.

    Returns
    -------
    joined : dict
        Half-chain -> (the half-chain after it, the shared chains between); shared chains go on with `SHARED`.
    tails : dict
        Half-chain that ends on another line -> the nodes of that line which it still runs along.
    """
    joined: dict[Half, Joined] = {}
    tails: dict[Half, list[int]] = {}
    for ends, shared in _meetings(lines):
        here = [item for end in ends for item in lines.half[end] if item[0] not in shared]
        if len(shared) == 1 and lines.known:
            pairs = _beside_each_other(lines, shared[0], here)
        else:
            between = _shared_between(lines, ends, shared)
            pairs = [(p, q, between(p, q)) for p, q in _matched(here, _roughness_through(lines, between))]
        for p, q, chains in pairs:
            joined[p], joined[q] = (q, chains), (p, chains[::-1])
            joined.update({(number, side): SHARED for number in chains for side in (0, 1)})
        for left in set(here) - {item for p, q, _ in pairs for item in (p, q)}:
            tails[left] = _tail(lines, left, [item for item in here if item != left])
    return joined, tails


def _meetings(lines: Lines) -> list[tuple[list[int], list[int]]]:
    """(nodes, chains) of each place where strokes meet: junctions, and the chains between them that strokes share."""
    root = {node: node for node in lines.half}

    def find(node: int) -> int:
        while root[node] != node:
            node = root[node]
        return node

    shared = [number for number in lines.ends if _is_shared(lines, number)]
    shared += _evening(lines, shared)
    for number in shared:
        a, b = lines.ends[number]
        root[find(a)] = find(b)
    meetings: dict[int, tuple[list[int], list[int]]] = {}
    for node in lines.half:
        meetings.setdefault(find(node), ([], []))[0].append(node)
    for number in shared:
        meetings[find(lines.ends[number][0])][1].append(number)
    return list(meetings.values())


def _shared_between(lines: Lines, ends: list[int], shared: list[int]) -> Callable[[Half, Half], list[int]]:
    """A function of two half-chains: the shared chains on the shortest path between them."""
    coo_array, dijkstra = need("scipy.sparse", _JOINING).coo_array, need("scipy.sparse.csgraph", _JOINING).dijkstra
    place = {node: i for i, node in enumerate(ends)}
    pairs: dict[tuple[int, int], int] = {}
    for number in sorted(shared, key=lines.length, reverse=True):
        a, b = (place[node] for node in lines.ends[number])
        pairs[a, b] = pairs[b, a] = number
    rows, columns = np.array(list(pairs), dtype=int).reshape(-1, 2).T
    lengths = [lines.length(number) for number in pairs.values()]
    before = dijkstra(coo_array((lengths, (rows, columns)), shape=(len(ends),) * 2).tocsr(), return_predecessors=True)[
        1
    ]

    def between(p: Half, q: Half) -> list[int]:
        start, stop = (place[lines.ends[number][side]] for number, side in (p, q))
        chains = []
        while stop != start:
            chains.append(pairs[int(before[start, stop]), stop])
            stop = int(before[start, stop])
        return chains[::-1]

    return between


def _roughness_through(lines: Lines, between: Callable[[Half, Half], list[int]]) -> Callable[[Half, Half], float]:
    """A function of two half-chains: how rough a stroke through both is, by the chains that `between` gives."""
    return lambda p, q: _through(lines, p, q, between(p, q))


def _tail(lines: Lines, item: Half, others: list[Half]) -> list[int]:
    """The nodes a half-chain runs along after its end: of the line that goes on straightest, as far as ink is wider."""
    turns = [(_turn(lines.direction(item), lines.direction(other)), other) for other in others]
    if not turns or not lines.known or min(turns)[0] > _LIFT:
        return []
    straightest = min(turns)[1]
    rest = [other for other in others if other != straightest][:1] or [item]
    return lines.wide(straightest, lines.usual_excess(rest))


# ---- smoothness -----------------------------------------------------------------------------------------------------


def roughness(points: Points, weights: Values) -> float:
    """Return how rough a line through points is: the least of bending and distance of a line near it.

    The line near it is Whittaker's (On a new method of graduation, 1923): the integrals of its squared distance and of
    `_DETAIL`^6 times its squared third derivative are least. So circles cost little, and changes of curvature do.

    Parameters
    ----------
    points : array of shape (k, 2)
        `_STEP` apart.
    weights : array of shape (k,)
        How sure each point is.
    """
    n = len(points)
    if n < 4:
        return 0.0
    differences = np.diff(np.eye(4), n=3, axis=0)[0]
    band = np.zeros((4, n))  # the upper one of weights + (_DETAIL / _STEP)^6 D'D, D the third differences
    for i in range(4):
        for j in range(i, 4):
            band[3 - (j - i), j : n - 3 + j] += differences[i] * differences[j]
    band *= (_DETAIL / _STEP) ** 6
    band[3] += weights + _LEAST_WEIGHT
    wanted = (weights + _LEAST_WEIGHT)[:, None] * points
    near = need("scipy.linalg", _JOINING).solveh_banded(band, wanted)
    return float(_STEP * (wanted * (points - near)).sum())


def _through(lines: Lines, p: Half, q: Half, shared: Sequence[int] = ()) -> float:
    """How rough a stroke is that comes along one half-chain and leaves by another one, by shared chains between."""
    parts = [lines.along(p, _REACH)[0][::-1]]
    for number in shared:
        part = lines.along((number, 0))[0]
        backwards = np.linalg.norm(part[0] - parts[-1][-1]) > np.linalg.norm(part[-1] - parts[-1][-1])
        parts.append(part[::-1] if backwards else part)
    parts.append(lines.along(q, _REACH)[0])
    points = np.concatenate([part[min(i, 1) :] for i, part in enumerate(parts)])
    weights = np.zeros(len(points))
    clear = round((_MERGED if shared else _CLEAR) / _STEP)
    for ends, part in ((slice(None), parts[0]), (slice(None, None, -1), parts[-1])):
        weights[ends][: len(part) - min(clear, round(0.5 * len(part)))] = 1
    return roughness(points, weights) + _TURNING * _turn(lines.direction(p), lines.direction(q))


# ---- shared chains --------------------------------------------------------------------------------------------------


def _is_shared(lines: Lines, number: int) -> bool:
    """Whether two strokes run along a chain: by the width of its ink, or else by the directions at its ends."""
    a, b = lines.ends[number]
    here, there = ([item for item in lines.half[end] if item[0] != number] for end in (a, b))
    if a == b or min(len(here), len(there)) < 2:
        return False
    length = lines.length(number)
    if length < _CROSSED:
        return True
    if lines.known:
        excess = lines.along((number, 0))[1].mean() - lines.usual_excess([*here, *there])
        if excess < _SINGLE:
            return False
        if excess > _DOUBLE + _FILLET / length:
            return True
    elif length > _LONGEST_SHARED:
        return False
    if len(here) > 2 or len(there) > 2:
        return False
    directions = {item: lines.direction(item) for item in [*here, *there, (number, 0), (number, 1)]}
    together = sum(_turn(directions[item], directions[number, 0]) for item in here)
    together += sum(_turn(directions[item], directions[number, 1]) for item in there)
    return together < sum(_least_turns([*group, (number, side)], directions) for side, group in ((0, here), (1, there)))


def _evening(lines: Lines, shared: list[int]) -> list[int]:
    """Short chains which, shared as well, leave fewer junctions where a stroke must end.

    One ends at each junction of an odd number of lines. Two of them are even if strokes share the chains between them.
    """
    coo_array, dijkstra = need("scipy.sparse", _JOINING).coo_array, need("scipy.sparse.csgraph", _JOINING).dijkstra
    inner = [node for node, here in lines.half.items() if len(here) > 2]
    place = {node: i for i, node in enumerate(inner)}
    odd = np.array([len(lines.half[node]) % 2 for node in inner], dtype=bool)
    for number in shared:
        for node in lines.ends[number]:
            odd[place[node]] ^= True
    pairs: dict[tuple[int, int], int] = {}
    for number, (a, b) in sorted(lines.ends.items(), key=lambda item: -lines.length(item[0])):
        if a != b and a in place and b in place and number not in shared and lines.length(number) < _EVENED:
            if not lines.known or lines.along((number, 0))[1].mean() >= _SINGLE:
                pairs[place[a], place[b]] = pairs[place[b], place[a]] = number
    if not pairs:
        return []
    lengths = [lines.length(number) for number in pairs.values()]
    distances, before = dijkstra(
        coo_array((lengths, np.array(list(pairs)).T), shape=(len(inner),) * 2).tocsr(), return_predecessors=True
    )
    found: set[int] = set()
    for a, b in sorted(itertools.combinations(np.flatnonzero(odd).tolist(), 2), key=lambda pair: distances[pair]):
        if odd[a] and odd[b] and distances[a, b] < 2 * _EVENED:
            odd[[a, b]] = False
            while b != a:
                found ^= {pairs[int(before[a, b]), b]}
                b = int(before[a, b])
    return sorted(found)


def _turn(one: Values, other: Values) -> float:
    """Squared angle by which a stroke turns that comes along one direction reversed and leaves by the other."""
    return math.acos(max(-1.0, min(1.0, -float(one @ other)))) ** 2


def _least_turns(here: list[Half], directions: dict[Half, Values]) -> float:
    """What the strokes through a junction turn by at least, and what lifting the pen there is worth."""
    pairs = _matched(here, lambda p, q: _turn(directions[p], directions[q]))
    return sum(_turn(directions[p], directions[q]) for p, q in pairs) + _LIFT * (len(here) - 2 * len(pairs))


def _beside_each_other(lines: Lines, number: int, here: list[Half]) -> list[tuple[Half, Half, list[int]]]:
    """(p, q, chains between) at a shared chain: two strokes go along it, in lanes; all others just meet at its ends."""
    a, b = ([item for item in here if item in lines.half[end]] for end in lines.ends[number])
    best = math.inf
    pairs: list[tuple[Half, Half, list[int]]] = []
    for two, others in itertools.product(itertools.combinations(a, 2), itertools.combinations(b, 2)):
        cost, through = _lanes(lines, number, two, others)
        left = [
            pair
            for group in (set(a) - set(two), set(b) - set(others))
            for pair in _matched(sorted(group), lambda p, q: _through(lines, p, q))
        ]
        cost += sum(_through(lines, p, q) for p, q in left)
        if cost < best:
            best, pairs = cost, [(p, q, [number]) for p, q in through] + [(p, q, []) for p, q in left]
    return pairs


def _lanes(
    lines: Lines, number: int, here: Sequence[Half], there: Sequence[Half]
) -> tuple[float, list[tuple[Half, Half]]]:
    """The cost of the smoothest way to join two half-chains by a shared chain with two others, and the two pairs."""
    middle, excess = lines.along((number, 0))
    off = _left(middle) * excess[:, None]
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
    at = np.linspace(0, along[-1], max(2, round(along[-1] / _STEP) + 1))
    points = np.column_stack([np.interp(at, along, points[:, axis]) for axis in (0, 1)])
    return roughness(points, np.ones(len(points)))


def _left(points: Points) -> Points:
    """Unit vectors to the left of a line at each of its points."""
    ahead = np.gradient(points, axis=0)
    ahead /= np.maximum(np.linalg.norm(ahead, axis=1), 1e-9)[:, None]
    return np.column_stack([-ahead[:, 1], ahead[:, 0]])


def _heading(points: Points) -> Values:
    """Where a line leads from its start."""
    ahead: Values = points[min(len(points) - 1, round(1.5 / _STEP))] - points[0]
    return ahead


def _left_first(lines: Lines, pair: Sequence[Half], ahead: Values) -> list[Half]:
    """Two half-chains, the one more to the left of a direction first."""

    def angle(item: Half) -> float:
        x, y = _heading(lines.along(item, _REACH)[0])
        return math.atan2(ahead[0] * y - ahead[1] * x, ahead[0] * x + ahead[1] * y)

    return sorted(pair, key=angle, reverse=True)


def _beside(lines: Lines, item: Half, side: int) -> Points:
    """A half-chain, put right where another stroke is still near, on its right (side 1) or on its left (-1)."""
    points, excess = lines.along(item, _REACH)
    moved: Points = points + side * _left(points) * np.minimum.accumulate(excess)[:, None]
    return moved


# ---- pairs ----------------------------------------------------------------------------------------------------------


def _matched(here: Sequence[Half], cost: Callable[[Half, Half], float]) -> list[tuple[Half, Half]]:
    """Pairs of half-chains at a junction of the least cost; all are paired, but one of an odd number."""
    if len(here) > _MOST_MATCHED:
        pairs, left = [], list(here)
        while len(left) > 1:
            p, q = min(itertools.combinations(left, 2), key=lambda pair: cost(*pair))
            pairs.append((p, q))
            left = [item for item in left if item not in (p, q)]
        return pairs
    costs = {pair: cost(*pair) for pair in itertools.combinations(here, 2)}
    return min(_matchings(list(here)), key=lambda pairs: sum(costs[pair] for pair in pairs))


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

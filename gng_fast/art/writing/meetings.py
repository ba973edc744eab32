"""Which lines go on into each other where they meet: the pairing of least cost, exactly.

A meeting is a junction, or several that are joined by chains which strokes share. Its lines are paired, or end; each
pair may run along the shared chains between, and back and forth along stems, lines with a free end, on its way. Every
shared chain and every stem has to be run along. The least cost is found over sets of lines that are left, the
lowest-numbered of which is paired first (R. Bellman, Dynamic programming treatment of the travelling salesman problem,
J. ACM 9, 1962, in the form for matchings).
"""

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from gng_fast.art.writing.costs import END, Costs
from gng_fast.art.writing.lanes import beside_each_other
from gng_fast.art.writing.lines import Half, Lines, run_on
from gng_fast.optional import need

#: A meeting: its junctions, and the chains drawn twice there.
Place = tuple[frozenset[int], frozenset[int]]
#: The shared chains on the shortest way between two half-chains.
Between = Callable[[Half, Half], list[int]]

# Larger meetings are not tried with shared chains; junctions of more lines than that are paired greedily.
_MOST_LINES, _MOST_INNER, _MOST_STEMS = 8, 5, 3
_MOST_MATCHED = 9
# In widths of the pen: shorter chains are where strokes cross, unless the ink is wider, to either side. Where two cross
# at a right angle it is 0.21 wider, and less at others.
_LONG = 1.0
_CROSSED = 0.25
# Turning back spares no end where a line ends that could have led to the tip of the stem.
_INSTEAD = 0.12


class Pair(NamedTuple):
    """Two half-chains that are one stroke, and the chains between; a stem it turns back on is there twice."""

    p: Half
    q: Half
    between: list[int]


class Tail(NamedTuple):
    """What a stroke that ends still runs along: chains, and then so much of a half-chain."""

    between: list[int]
    other: Half
    stop: float


@dataclass(frozen=True)
class Meeting:
    """The pairs at a place, the half-chains that end there, and what that costs; infinitely much if impossible."""

    cost: float
    pairs: tuple[Pair, ...] = ()
    left: tuple[Half, ...] = ()


class _Option(NamedTuple):
    """A way to go on for a line: with another one, along shared chains and stems (bits of their numbers)."""

    cost: float
    other: int
    inner: int
    stems: int
    between: list[int]


class Meetings:
    """The least-cost meetings of a graph; each is reckoned once."""

    def __init__(self, costs: Costs) -> None:
        self.costs = costs
        self._found: dict[Place, Meeting] = {}

    def __call__(self, place: Place) -> Meeting:
        """The meeting of least cost at a place, without the cost of what is drawn twice."""
        if place not in self._found:
            self._found[place] = self._meeting(*place)
        return self._found[place]

    def likely(self, place: Place, found: Meeting, margin: float) -> list[Meeting]:
        """The meeting found at a place without stems, and the others that cost less than the least one and `margin`.

        There are no others where more than `_MOST_LINES` lines meet.
        """
        lines, between = self.costs.lines, self.between(place)
        here = [item for node in sorted(place[0]) for item in lines.half[node] if item[0] not in place[1]]
        if len(here) > _MOST_LINES:
            return [found]
        others = [
            meeting
            for pairs in _pairings(here)
            for meeting in [self._priced([Pair(p, q, between(p, q)) for p, q in pairs], here)]
            if place[1] <= {chain for pair in meeting.pairs for chain in pair.between}
        ]
        least = min(meeting.cost for meeting in others)
        found_pairs = {frozenset(pair[:2]) for pair in found.pairs}
        others = [
            meeting
            for meeting in sorted(others, key=lambda meeting: meeting.cost)
            if meeting.cost < least + margin and {frozenset(pair[:2]) for pair in meeting.pairs} != found_pairs
        ]
        return [found, *others]

    def tail(self, place: Place, meeting: Meeting, item: Half) -> Tail | None:
        """What a half-chain that ends at a meeting still runs along there: another one, or a chain shared with it."""
        half, ends = self.costs.lines.half, self.costs.lines.ends[item[0]]
        drawn = [number for pair in meeting.pairs for number in pair.between]
        here = [
            other
            for other in half[ends[item[1]]]
            if other != item and (other[0] not in place[1] or drawn.count(other[0]) == 1)
        ]
        found = run_on(self.costs.lines, item, here)
        if found:
            return Tail([], *found)
        others = [other for node in sorted(place[0]) for other in half[node] if other[0] not in place[1]]
        found = run_on(self.costs.lines, item, [other for other in others if other != item])
        return Tail(self.between(place)(item, found[0]), *found) if found else None

    def between(self, place: Place) -> Between:
        """A function of two half-chains: the shared chains on the shortest way between them."""
        junctions, shared = place
        inner = sorted(shared.difference(self._stems(place)))
        return _shortest(self.costs.lines, sorted(junctions), inner)

    def _stems(self, place: Place) -> list[int]:
        """The stems that strokes turn back on at a place."""
        return [chain for chain in self.costs.stems if chain in place[1]]

    def _meeting(self, junctions: frozenset[int], shared: frozenset[int]) -> Meeting:
        place = junctions, shared
        lines = self.costs.lines
        stems = self._stems(place)
        inner = sorted(shared - {*stems})
        here = [item for node in sorted(junctions) for item in lines.half[node] if item[0] not in shared]
        if shared and (len(here) > _MOST_LINES or len(inner) > _MOST_INNER or len(stems) > _MOST_STEMS):
            return Meeting(math.inf)
        between = self.between(place)
        if len(here) > _MOST_MATCHED:
            return self._greedily(here, between)
        if len(inner) == 1 and not stems and self._has_lanes(inner[0]):
            pairs = beside_each_other(lines, inner[0], here)
            if pairs:
                return self._priced([Pair(*pair) for pair in pairs], here)
        options = [self._options(i, here, inner, stems, between) for i in range(len(here))]
        meeting = _least(options, here, (1 << len(inner)) - 1, (1 << len(stems)) - 1)
        return replace(meeting, cost=meeting.cost + _INSTEAD * min(len(stems), len(meeting.left)))

    def _has_lanes(self, number: int) -> bool:
        """Whether the ink of a chain shows which of two strokes is where: it is long, or too wide for a crossing."""
        if not self.costs.lines.known:
            return False
        return bool(self.costs.length[number] >= _LONG or self.costs.lines.along((number, 0))[1].min() > _CROSSED)

    def _priced(self, pairs: list[Pair], here: list[Half]) -> Meeting:
        """A meeting of given pairs."""
        paired = {item for pair in pairs for item in pair[:2]}
        left = tuple(item for item in here if item not in paired)
        cost = sum(self.costs.through(*pair) for pair in pairs) + END * len(left)
        return Meeting(cost, tuple(pairs), left)

    def _greedily(self, here: list[Half], between: Between) -> Meeting:
        """The meeting whose pairs are those of least cost, one after the other."""
        every = sorted(
            (self.costs.through(p, q, between(p, q)), p, q) for p, q in itertools.combinations(sorted(here), 2)
        )
        pairs: list[Pair] = []
        paired: set[Half] = set()
        for cost, p, q in every:
            if cost < 2 * END and not paired & {p, q}:
                pairs.append(Pair(p, q, between(p, q)))
                paired |= {p, q}
        return self._priced(pairs, here)

    def _options(self, i: int, here: list[Half], inner: list[int], stems: list[int], between: Between) -> list[_Option]:
        """The ways for a line to go on with a later one, the cheapest first."""
        costs, p = self.costs, here[i]
        bit = {number: 1 << k for k, number in enumerate(inner)}
        options = []

        def add(cost: float, j: int, on_stems: int, way: list[int]) -> None:
            covered = 0
            for number in way:
                covered |= bit.get(number, 0)
            options.append(_Option(cost, j, covered, on_stems, way))

        for j in range(i + 1, len(here)):
            q = here[j]
            add(costs.through(p, q, between(p, q)), j, 0, between(p, q))
            for k, stem in enumerate(stems):
                start = costs.at_junction(stem)
                to, fro = between(p, start), between(start, q)
                add(costs.back(p, stem, q, to, fro), j, 1 << k, [*to, stem, stem, *fro])
            for (k, one), (m, other) in itertools.permutations(enumerate(stems), 2):
                first, second = costs.at_junction(one), costs.at_junction(other)
                to, on, fro = between(p, first), between(first, second), between(second, q)
                # the line between both stems belongs to the first turn-back and to the second one
                cost = costs.back(p, one, second, to, on) + costs.back(first, other, q, on, fro)
                cost -= costs.through(first, second, on)
                add(cost, j, 1 << k | 1 << m, [*to, one, one, *on, other, other, *fro])
        return sorted(options, key=lambda option: option.cost)


def _pairings(items: list[Half]) -> Iterator[list[tuple[Half, Half]]]:
    """All ways to pair some of the items."""
    if not items:
        yield []
        return
    first, rest = items[0], items[1:]
    yield from _pairings(rest)
    for i, other in enumerate(rest):
        for pairs in _pairings(rest[:i] + rest[i + 1 :]):
            yield [(first, other), *pairs]


def _least(options: list[list[_Option]], here: list[Half], inner: int, stems: int) -> Meeting:
    """The meeting of least cost that runs along all of the shared chains and stems."""
    known: dict[tuple[int, int, int], tuple[float, _Option | None]] = {}

    def least(items: int, to_turn: int, covered: int) -> tuple[float, _Option | None]:
        """The least cost of the lines in `items`, and how the first of them goes on, None for an end."""
        if not items:
            return (0.0, None) if not to_turn and covered == inner else (math.inf, None)
        key = items, to_turn, covered
        if key not in known:
            first, rest = _first(items), items & (items - 1)
            best: tuple[float, _Option | None] = (END + least(rest, to_turn, covered)[0], None)
            for option in options[first]:
                if option.cost >= best[0]:
                    break
                if rest >> option.other & 1 and option.stems & to_turn == option.stems:
                    left = rest & ~(1 << option.other)
                    cost = option.cost + least(left, to_turn & ~option.stems, covered | option.inner)[0]
                    if cost < best[0]:
                        best = cost, option
            known[key] = best
        return known[key]

    items, to_turn, covered = (1 << len(here)) - 1, stems, 0
    cost = least(items, to_turn, covered)[0]
    if cost == math.inf:
        return Meeting(math.inf)
    pairs: list[Pair] = []
    left: list[Half] = []
    while items:
        first = _first(items)
        option = least(items, to_turn, covered)[1]
        items &= items - 1
        if option is None:
            left.append(here[first])
            continue
        pairs.append(Pair(here[first], here[option.other], option.between))
        items &= ~(1 << option.other)
        to_turn &= ~option.stems
        covered |= option.inner
    return Meeting(cost, tuple(pairs), tuple(left))


def _first(items: int) -> int:
    """The lowest set bit."""
    return (items & -items).bit_length() - 1


def _shortest(lines: Lines, junctions: Sequence[int], shared: Sequence[int]) -> Between:
    """The function of `Meetings.between`."""
    if not shared:
        return lambda p, q: []
    coo_array = need("scipy.sparse", "strokes through junctions").coo_array
    dijkstra = need("scipy.sparse.csgraph", "strokes through junctions").dijkstra
    place = {node: i for i, node in enumerate(junctions)}
    pairs: dict[tuple[int, int], int] = {}
    for number in sorted(shared, key=lines.length, reverse=True):
        a, b = (place[node] for node in lines.ends[number])
        pairs[a, b] = pairs[b, a] = number
    rows, columns = np.array(list(pairs), dtype=int).T
    lengths = [lines.length(number) for number in pairs.values()]
    table = coo_array((lengths, (rows, columns)), shape=(len(junctions),) * 2).tocsr()
    before = dijkstra(table, return_predecessors=True)[1]

    def between(p: Half, q: Half) -> list[int]:
        start, stop = (place[lines.ends[number][side]] for number, side in (p, q))
        chains = []
        while stop != start:
            chains.append(pairs[int(before[start, stop]), stop])
            stop = int(before[start, stop])
        return chains[::-1]

    return between

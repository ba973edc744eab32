"""Closed strokes joined to others: a hand that comes back to where it began draws on.

A closed stroke that hangs on another one could as well be part of it: at a meeting of both the ends are paired anew,
so that one stroke goes in and comes out. That may cost as much as lifting the pen.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from gng_fast.art.writing.costs import END
from gng_fast.art.writing.lines import Half
from gng_fast.art.writing.meetings import Meeting, Meetings, Pair, Place

# What joining a closed stroke may cost.
_MOST = 2 * END


@dataclass(frozen=True)
class _Change:
    """Pairs anew at a meeting, and what that costs."""

    cost: float
    place: Place
    meeting: Meeting


def spliced(meetings: Meetings, found: dict[Place, Meeting], twice: frozenset[int]) -> dict[Place, Meeting]:
    """Return the meetings with closed strokes joined to others, the cheapest first.

    Parameters
    ----------
    meetings : Meetings
        To reckon by.
    found : dict
        The meeting at each place.
    twice : frozenset
        Chains drawn twice.
    """
    found = dict(found)
    while True:
        strokes, closed = _strokes(meetings, found, twice)
        changes = [
            change
            for place, meeting in found.items()
            for change in _changes(meetings, place, meeting, strokes, closed)
            if change.cost < _MOST
        ]
        if not changes:
            return found
        best = min(changes, key=lambda change: change.cost)
        found[best.place] = best.meeting


def _strokes(
    meetings: Meetings, found: dict[Place, Meeting], twice: frozenset[int]
) -> tuple[dict[Half, int], set[int]]:
    """The number of the stroke that each half-chain belongs to, and which strokes are closed."""
    after: dict[Half, Half] = {}
    for meeting in found.values():
        for p, q, _ in meeting.pairs:
            after[p], after[q] = q, p
    strokes: dict[Half, int] = {}
    closed: set[int] = set()
    numbers = itertools.count()
    for chain in meetings.costs.lines.ends:
        if chain in twice or (chain, 0) in strokes:
            continue
        number = next(numbers)
        ends = 0
        for start in ((chain, 0), (chain, 1)):
            item: Half | None = start
            while item is not None:
                strokes[item] = number
                item = after.get(item)
                if item is None:
                    ends += 1
                elif (item[0], 1 - item[1]) in strokes and item in strokes:
                    item = None
                else:
                    strokes[item] = number
                    item = item[0], 1 - item[1]
        if not ends:
            closed.add(number)
    return strokes, closed


def _changes(
    meetings: Meetings, place: Place, meeting: Meeting, strokes: dict[Half, int], closed: set[int]
) -> Iterator[_Change]:
    """The ways to join a closed stroke to another one, or to a line that ends here."""
    for one, other in itertools.combinations(meeting.pairs, 2):
        if strokes[one.p] != strokes[other.p] and closed & {strokes[one.p], strokes[other.p]}:
            for pairs in _crossed(meetings, place, one, other):
                cost = sum(_price(meetings, place, pair) for pair in pairs)
                cost -= _price(meetings, place, one) + _price(meetings, place, other)
                rest = tuple(pair for pair in meeting.pairs if pair not in (one, other))
                yield _Change(cost, place, Meeting(0.0, rest + pairs, meeting.left))
    for pair, end in itertools.product(meeting.pairs, meeting.left):
        # the end goes into the closed stroke, whose other side ends instead
        if strokes[pair.p] != strokes[end] and strokes[pair.p] in closed and not _stems(meetings, pair):
            between = meetings.between(place)
            for into, out in ((pair.p, pair.q), (pair.q, pair.p)):
                new = Pair(end, into, between(end, into))
                if {*pair.between} <= {*new.between}:
                    cost = _price(meetings, place, new) - _price(meetings, place, pair)
                    rest = tuple(other for other in meeting.pairs if other is not pair)
                    left = (*(item for item in meeting.left if item != end), out)
                    yield _Change(cost, place, Meeting(0.0, (*rest, new), left))


def _crossed(meetings: Meetings, place: Place, one: Pair, other: Pair) -> Iterator[tuple[Pair, Pair]]:
    """Two pairs with their ends exchanged, which run along the same shared chains and the same stem, if any."""
    between = meetings.between(place)
    used = {*one.between, *other.between}
    stems = [*_stems(meetings, one), *_stems(meetings, other)]
    for ends in ((one.p, other.p, one.q, other.q), (one.p, other.q, one.q, other.p)):
        straight = [Pair(p, q, between(p, q)) for p, q in (ends[:2], ends[2:])]
        if not stems:
            choices = [tuple(straight)]
        elif len(stems) == 1:
            back = [_by_stem(meetings, place, pair, stems[0]) for pair in straight]
            choices = [(back[0], straight[1]), (straight[0], back[1])]
        else:
            choices = []
        for first, second in choices:
            if used <= {*first.between, *second.between}:
                yield first, second


def _stems(meetings: Meetings, pair: Pair) -> list[int]:
    """The stems that a pair turns back on."""
    return [stem for stem in dict.fromkeys(pair.between) if stem in meetings.costs.stems]


def _by_stem(meetings: Meetings, place: Place, pair: Pair, stem: int) -> Pair:
    """A pair that turns back on a stem on its way."""
    between, start = meetings.between(place), meetings.costs.at_junction(stem)
    return Pair(pair.p, pair.q, [*between(pair.p, start), stem, stem, *between(start, pair.q)])


def _price(meetings: Meetings, place: Place, pair: Pair) -> float:
    """What a pair costs that turns back once at most."""
    stems = _stems(meetings, pair)
    if not stems:
        return meetings.costs.through(*pair)
    first = pair.between.index(stems[0])
    return meetings.costs.back(pair.p, stems[0], pair.q, pair.between[:first], pair.between[first + 2 :])

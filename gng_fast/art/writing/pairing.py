"""Strokes through all junctions of a drawing at once: the set of chains drawn twice that makes the whole cheapest.

What is drawn twice at one junction changes what is likely at the next. So one cost is asked for all of them
(`costs`): the meetings that a set of chains makes are paired exactly (`meetings`), and the set is improved chain by
chain, the best change first, until no change helps. Then closed strokes that hang on another one are joined to it.
"""

import functools
import itertools
import math
from collections.abc import Iterable, Iterator, Sequence

from gng_fast.art.writing.costs import LONGEST_TWICE, Costs
from gng_fast.art.writing.fitting import Fits
from gng_fast.art.writing.lines import Half, Lines
from gng_fast.art.writing.meetings import Meetings, Place
from gng_fast.art.writing.splicing import spliced
from gng_fast.progress import report

#: What a half-chain goes on with: the half-chain after it, and the numbers of the shared chains between.
Joined = tuple[Half | None, Sequence[int]]
#: What a line that strokes share is joined with.
SHARED: Joined = (None, ())
#: Chains drawn twice, or whose being so changes.
_Chains = frozenset[int]

# In widths of the pen: inner chains that change together with a stem at either end are not longer.
_SHORT = 4.0
# A change has to save more than rounding does.
_LEAST_GAIN = 1e-9


def continuations(lines: Lines) -> tuple[dict[Half, Joined], dict[Half, list[int]]]:
    """Return what strokes go on with.

    Returns
    -------
    joined : dict
        Half-chain -> (the half-chain after it, the shared chains between); shared chains go on with `SHARED`.
    tails : dict
        Half-chain that ends on another line -> the nodes of that line which it still runs along.
    """
    meetings = Meetings(Costs(lines))
    twice = _cheapest(meetings)
    found = {place: meetings(place) for place in _places(meetings.costs, twice)}
    if lines.outline is not None and found:  # rings alone meet nowhere
        fits = Fits(meetings, lines.outline)
        for n_done, (place, meeting) in enumerate(list(found.items())):
            found[place] = fits.best(
                place, meeting, functools.partial(report, "planning", 0.6 + 0.4 * n_done / len(found))
            )
    joined: dict[Half, Joined] = {(number, side): SHARED for number in twice for side in (0, 1)}
    tails: dict[Half, list[int]] = {}
    for place, meeting in spliced(meetings, found, twice).items():
        for p, q, between in meeting.pairs:
            joined[p], joined[q] = (q, between), (p, between[::-1])
        for item in meeting.left:
            tail = meetings.tail(place, meeting, item)
            if tail:
                tails[item] = lines.nodes(tail.other, tail.stop)
    return joined, tails


def _cheapest(meetings: Meetings) -> _Chains:
    """The set of chains drawn twice that no single change makes cheaper; the cheaper one of those from two starts."""
    costs = meetings.costs
    changes = list(_changes(costs))
    wide = frozenset(number for number in costs.inner if costs.shared(number) <= 0)
    ends = []
    for n_done, start in enumerate(dict.fromkeys((frozenset[int](), wide))):
        twice = _improved(meetings, start, changes, 0.3 * n_done)
        ends.append((_cost(meetings, _places(costs, twice)), sorted(twice)))
    return frozenset(min(ends)[1])


def _improved(meetings: Meetings, twice: _Chains, changes: list[_Chains], done: float) -> _Chains:
    """A set of chains with all changes that make it cheaper, the best first; far from each other many at once.

    done : the share of the drawing that is done before
    """
    known: dict[tuple[frozenset[Place], _Chains], float] = {}
    left = 1.0
    while True:
        at = {node: place for place in _places(meetings.costs, twice) for node in place[0]}
        gains = []
        for n_tried, change in enumerate(changes):
            report("planning", done + 0.3 * (1 - left * (1 - 0.5 * n_tried / len(changes))))
            ends = itertools.chain(*(meetings.costs.lines.ends[number] for number in change))
            places = frozenset(at[node] for node in ends if node in at)
            if (places, change) not in known:
                known[places, change] = _gain(meetings, places, change)
            if known[places, change] > _LEAST_GAIN:
                gains.append((-known[places, change], sorted(change), places))
        if not gains:
            return twice
        left /= 2  # nobody knows how many rounds there will be
        touched: set[Place] = set()
        for _, chains, places in sorted(gains, key=lambda gain: gain[:2]):
            if not touched & places:
                touched |= places
                twice ^= frozenset(chains)


def _gain(meetings: Meetings, places: Iterable[Place], change: _Chains) -> float:
    """What changing some chains from once to twice, or back, saves at the places where they end."""
    nodes = [node for junctions, _ in places for node in junctions]
    chains = frozenset(number for _, shared in places for number in shared)
    after = _cost(meetings, _places(meetings.costs, chains ^ change, nodes))
    before = _cost(meetings, places)
    return before - after if after < math.inf else -math.inf


def _cost(meetings: Meetings, places: Iterable[Place]) -> float:
    """The cost of some meetings with that of the chains drawn twice there."""
    return sum(meetings(place).cost + sum(map(meetings.costs.shared, sorted(place[1]))) for place in places)


def _places(costs: Costs, twice: _Chains, nodes: Iterable[int] | None = None) -> list[Place]:
    """The meetings that chains drawn twice make of the junctions, all of them or some."""
    root = {node: node for node in (costs.lines.half if nodes is None else nodes) if node not in costs.free}

    def find(node: int) -> int:
        while root[node] != node:
            node = root[node]
        return node

    for number in twice:
        a, b = costs.lines.ends[number]
        if a in root and b in root:
            root[find(a)] = find(b)
    junctions: dict[int, list[int]] = {}
    chains: dict[int, list[int]] = {}
    for node in root:
        junctions.setdefault(find(node), []).append(node)
    for number in twice:
        a, b = costs.lines.ends[number]
        chains.setdefault(find(a if a in root else b), []).append(number)
    return [(frozenset(group), frozenset(chains.get(node, ()))) for node, group in junctions.items()]


def _changes(costs: Costs) -> Iterator[_Chains]:
    """The changes that are tried: one chain, two at a junction, a short chain with a stem at either end."""
    single = [number for number in costs.inner if costs.length[number] < LONGEST_TWICE] + costs.stems
    at: dict[int, list[int]] = {}
    for number in single:
        for node in costs.lines.ends[number]:
            if node not in costs.free:
                at.setdefault(node, []).append(number)
    changes = {frozenset([number]) for number in single}
    changes |= {frozenset(pair) for here in at.values() for pair in itertools.combinations(here, 2)}
    for number in costs.inner:
        if costs.length[number] < _SHORT:
            stems = [[stem for stem in at.get(node, ()) if stem in costs.stems] for node in costs.lines.ends[number]]
            changes |= {frozenset([number, *pair]) for pair in itertools.product(*stems)}
    yield from sorted(changes, key=sorted)

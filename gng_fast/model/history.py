"""The mean distances of epochs or arrays: one entry for each, and in a long stream one for several in a row."""

import math
from collections.abc import Iterable, Sequence

#: A mean distance, NaN if nothing was presented, and for how many epochs or arrays it stands.
Entry = tuple[float, int]

#: A history has no more entries than these, and twice as many while it is added to.
MOST_ENTRIES = 4096


def merged(history: Sequence[Entry]) -> list[Entry]:
    """Return a history of at most so many entries, each of which stands for as many epochs or arrays.

    These are the smallest power of two that is enough; the last entry may stand for fewer.

    Parameters
    ----------
    history : sequence of Entry
        In order of time, some of them merged before.

    Returns
    -------
    list of Entry
    """
    total, span = sum(n for _, n in history), 1
    while span * MOST_ENTRIES < total:
        span *= 2
    entries: list[Entry] = []
    waiting: list[Entry] = []
    n_waiting = 0
    for entry in history:
        waiting.append(entry)
        n_waiting += entry[1]
        if n_waiting >= span:
            entries.append((_mean(waiting), n_waiting))
            waiting, n_waiting = [], 0
    if waiting:
        entries.append((_mean(waiting), n_waiting))
    return entries


def _mean(entries: Iterable[Entry]) -> float:
    """The mean of the distances, each for as many as it stands for; those without are left out."""
    presented = [(distance, n) for distance, n in entries if not math.isnan(distance)]
    if len(presented) == 1:
        return presented[0][0]
    n_presented = sum(n for _, n in presented)
    return sum(distance * n for distance, n in presented) / n_presented if n_presented else math.nan

"""What nodes win of rows: sums over one pass, which add up over parts of the data.

Refinement and clusters are made from them, in one place or on many machines (`gng_fast.distributed`).
"""

import operator
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gng_fast.core.network import Network, add_up
from gng_fast.progress import checked

# Rows looked up at a time: what they take is some 40 bytes each.
_ROWS_AT_ONCE = 2**17


@dataclass(frozen=True)
class Tally:
    """What n nodes win of some rows. Tallies of parts of the data add up, with +, to that of the whole.

    Parameters
    ----------
    counts : ndarray of float64, shape (n,)
        Rows, or the sum of their weights, that each node is nearest to.
    sums : ndarray of float64, shape (n, d)
        Sums of these rows.
    errors : ndarray of float64, shape (n,)
        Sums of the squared distances to these rows.
    utilities : ndarray of float64, shape (n,)
        By how much the errors would grow without the node: sums of d2^2 - d1^2, where d1 and d2 are the distances to
        the nearest and the second nearest node (B. Fritzke, ICANN 1997).
    pairs : ndarray of int64, shape (p,), optional
        a * n + b, increasing, for the nodes a < b that were the two nearest of some row; None if not asked for.
    pair_counts : ndarray of float64, shape (p,), optional
        Of how many rows they were.
    """

    counts: NDArray[np.float64]
    sums: NDArray[np.float64]
    errors: NDArray[np.float64]
    utilities: NDArray[np.float64]
    pairs: NDArray[np.int64] | None = None
    pair_counts: NDArray[np.float64] | None = None

    def __add__(self, other: "Tally") -> "Tally":
        total = Tally(
            self.counts + other.counts,
            self.sums + other.sums,
            self.errors + other.errors,
            self.utilities + other.utilities,
            self.pairs,
            self.pair_counts,
        )
        return total if self.pairs is None else total.with_pairs(*other.counted_pairs())

    def counted_pairs(self) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """`pairs` and `pair_counts`; raises ValueError if pairs were not counted."""
        if self.pairs is None or self.pair_counts is None:
            raise ValueError("the pairs of this tally were not counted")
        return self.pairs, self.pair_counts

    def with_pairs(self, pairs: NDArray[np.int64], counts: NDArray[np.float64]) -> "Tally":
        """The tally with these pairs, in any order, and of how many rows they were, added to its own."""
        own_pairs, own_counts = self.counted_pairs()
        pairs, counts = _added_up(np.concatenate([own_pairs, pairs]), np.concatenate([own_counts, counts]))
        return replace(self, pairs=pairs, pair_counts=counts)


def sum_of(tallies: Iterable[Tally]) -> Tally:
    """The tallies of several parts added up in their order, of which there is at least one."""
    return reduce(operator.add, tallies)


def _added_up(keys: NDArray[np.int64], counts: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The keys that differ, increasing, and the sum of the counts of each."""
    if not len(keys):
        return keys, counts
    order = np.argsort(keys, kind="stable")
    keys, counts = keys[order], counts[order]
    starts = np.flatnonzero(np.diff(keys, prepend=keys[0] - 1))
    return keys[starts], np.add.reduceat(counts, starts)


def tally(
    nodes: NDArray[np.float32],
    points: NDArray[np.float32],
    weights: NDArray[np.float64] | None = None,
    *,
    pairs: bool = False,
    n_jobs: int = 1,
    winners: NDArray[np.unsignedinteger[Any]] | None = None,
) -> Tally:
    """Return what the nodes win of the points.

    Parameters
    ----------
    nodes : ndarray of float32, shape (n, d)
        At least 2.
    points : ndarray of float32, shape (k, d)
        Memory-mapped ones may be larger than memory.
    weights : ndarray of float64, shape (k,), optional
        Of the points.
    pairs : bool, default False
        Whether to count the pairs of nearest nodes.
    n_jobs : int, default 1
        Threads that look for nearest nodes; the result does not depend on it.
    winners : ndarray of unsigned int, shape (k,), optional
        Room for the nearest node of each point.

    Returns
    -------
    Tally

    Raises
    ------
    ValueError
        For points that are not finite or of another number of columns.
    """
    (n, d), k = nodes.shape, min(len(points), _ROWS_AT_ONCE)
    network = Network(d, max_nodes=n)
    network.start(nodes)
    won = Tally(np.zeros(n), np.zeros((n, d)), np.zeros(n), np.zeros(n))
    if pairs:
        won = replace(won, pairs=np.empty(0, np.int64), pair_counts=np.empty(0))
    # memory that is used again and again
    found, distances, keys = np.empty((k, 2), np.int64), np.empty((k, 2), np.float32), np.empty(k, np.int64)
    for start in checked(range(0, len(points), _ROWS_AT_ONCE), 1):
        rows = np.ascontiguousarray(points[start : start + _ROWS_AT_ONCE])
        weight = None if weights is None else weights[start : start + len(rows)]
        two = network.two_nearest(rows, n_jobs, (found[: len(rows)], distances[: len(rows)]))
        add_up(rows, weight, *two, won.counts, won.sums, won.errors, won.utilities)
        if winners is not None:
            winners[start : start + len(rows)] = two[0][:, 0]
        if pairs:
            won = won.with_pairs(*_pairs_of_rows(two[0], n, weight, keys[: len(rows)]))
    return won


def _pairs_of_rows(
    two: NDArray[np.int64], n: int, weights: NDArray[np.float64] | None, keys: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The pairs of rows whose nearest of n nodes are `two`, and of how many rows they are; `keys` is room for them."""
    np.minimum(two[:, 0], two[:, 1], out=keys)
    keys *= n - 1
    keys += two[:, 0]
    keys += two[:, 1]  # the smaller times n, and the larger
    if weights is not None:
        return keys, weights
    keys.sort()
    starts = np.concatenate([[0], np.flatnonzero(keys[1:] != keys[:-1]) + 1])
    return keys[starts], np.diff(starts, append=len(keys)).astype(np.float64)

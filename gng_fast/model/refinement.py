"""Refinement of a trained network: nodes that do little go where there is much to do, all go to the middle of what they
win, and the edges are drawn anew.

The passes over data only add up what nodes win (`tally`), so they may run wherever the data is: `gng_fast.distributed`
runs them on many machines. What is done with the sums (`refined`) takes the same time for any amount of data.

1. Relocation, eight rounds on a sample: a node whose loss would cost little goes beside one that has much to gain from
   help. The idea is that of the utility of B. Fritzke, "The LBG-U method for vector quantization", Neural Processing
   Letters 5, 1997, for many nodes at a time.
2. Two passes of S. P. Lloyd, "Least squares quantization in PCM", IEEE Transactions on Information Theory 28, 1982.
3. One pass for the edges: those that ageing would keep.
"""

import math
import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gng_fast.core.network import Network, add_up, restored

#: Rows of the sample for relocation, for each node.
SAMPLE_PER_NODE = 100

#: What a node must gain, in multiples of what it costs, to be relocated, in each round: more and more, so that moves
#: die out.
MARGINS = tuple(np.geomspace(1.5, 4, 8))
LLOYD_PASSES = 2

# Most nodes that are relocated in one round.
_SHARE_RELOCATED = 0.1

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
    for start in range(0, len(points), _ROWS_AT_ONCE):
        rows = np.ascontiguousarray(points[start : start + _ROWS_AT_ONCE])
        weight = None if weights is None else weights[start : start + len(rows)]
        two = network.two_nearest(rows, n_jobs, (found[: len(rows)], distances[: len(rows)]))
        add_up(rows, weight, *two, won.counts, won.sums, won.errors, won.utilities)
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


def centred(nodes: NDArray[np.float32], won: Tally, movable: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return the nodes, each in the middle of what it wins; one that wins nothing stays, as do those not `movable`."""
    moves = movable & (won.counts > 0)
    nodes = nodes.copy()
    nodes[moves] = won.sums[moves] / won.counts[moves, np.newaxis]
    return nodes


def relocated(
    nodes: NDArray[np.float32], won: Tally, margin: float, random: np.random.Generator, movable: NDArray[np.bool_]
) -> NDArray[np.float32]:
    """Return the nodes in the middle of what they win, and up to a tenth of them moved to where the error is large.

    The node of smallest utility goes beside the one of largest error, the next beside the next, as long as the gain is
    at least `margin` times the cost. Of nodes that share an edge only one takes part, because what is known about the
    other is then no longer true.
    """
    n = len(nodes)
    nodes = centred(nodes, won, movable)
    busy = (won.counts > 0) & (won.errors > 0)
    if not busy.any():
        return nodes
    # a second node in a cell spares about half of what the cell's own node spares its neighbours
    gain = won.errors * 0.5 * np.median(won.utilities[busy] / won.errors[busy])
    gain[won.counts < 2] = 0
    neighbours, ends = _neighbours(won.counted_pairs()[0], n)
    free = np.ones(n, bool)
    takers = iter(np.argsort(-gain, kind="stable").tolist())
    left = int(n * _SHARE_RELOCATED)
    for giver in np.argsort(won.utilities, kind="stable").tolist():
        if not (free[giver] and movable[giver]):
            continue
        taker = next((node for node in takers if free[node] and node != giver), None)
        if left == 0 or taker is None or gain[taker] <= margin * won.utilities[giver]:
            break
        direction = random.standard_normal(nodes.shape[1])
        radius = 0.5 * math.sqrt(won.errors[taker] / won.counts[taker])
        nodes[giver] = nodes[taker] + radius / np.linalg.norm(direction) * direction
        for node in giver, taker:
            free[node] = False
            free[neighbours[ends[node] : ends[node + 1]]] = False
        left -= 1
    return nodes


def _neighbours(pairs: NDArray[np.int64], n: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The partners of each node among the two nearest, one after the other, and where those of each begin, (n + 1,)."""
    a, b = np.divmod(pairs, n)
    node = np.concatenate([a, b])
    ends = np.concatenate([[0], np.cumsum(np.bincount(node, minlength=n))])
    return np.concatenate([b, a])[np.argsort(node, kind="stable")], ends


def lasting_edges(won: Tally, n: int, max_age: int) -> NDArray[np.int64]:
    """Return the edges that Growing Neural Gas would have, (m, 2) int64: ageing keeps them at least half of the time.

    An edge grows older with every row that one of its ends wins, and is young again when both were the nearest. If the
    second happens in a share r of the first, the edge lives through max_age of them with probability (1 - r)^max_age.
    """
    pairs, pair_counts = won.counted_pairs()
    a, b = np.divmod(pairs, n)
    lasts = pair_counts >= math.log(2) / max_age * (won.counts[a] + won.counts[b])
    return np.stack([a[lasts], b[lasts]], axis=1)


def refined(
    network: Network,
    on_sample: Callable[[NDArray[np.float32]], Tally],
    on_all: Callable[[NDArray[np.float32], bool], Tally],
    random: np.random.Generator,
) -> Network:
    """Return the network after refinement: a new one that goes on training where this one is.

    Its errors and ages are 0. Fixed nodes and permanent edges stay as they are.

    Parameters
    ----------
    network : Network
        It is not changed.
    on_sample : callable(nodes)
        Returns the tally, with pairs, of nodes, (n, d) float32, over a sample of `SAMPLE_PER_NODE` rows for each.
    on_all : callable(nodes, pairs)
        Returns their tally over all data; `pairs` says whether to count pairs.
    random : numpy Generator
        For the directions in which relocated nodes go.

    Returns
    -------
    Network
    """
    about, arrays = network.as_arrays()
    movable = ~arrays["fixed"] if "fixed" in arrays else np.ones(network.n_nodes, bool)
    nodes = arrays["nodes"]
    for margin in MARGINS:
        nodes = relocated(nodes, on_sample(nodes), margin, random, movable)
    for _ in range(LLOYD_PASSES):
        nodes = centred(nodes, on_all(nodes, False), movable)
    edges = lasting_edges(on_all(nodes, True), len(nodes), about["parameters"]["max_age"])
    return restored(type(network), about, _replaced(arrays, nodes, edges))


def _replaced(
    arrays: dict[str, NDArray[Any]], nodes: NDArray[np.float32], edges: NDArray[np.int64]
) -> dict[str, NDArray[Any]]:
    """The arrays of a network with other nodes and edges."""
    n = len(nodes)
    keys = edges @ [n, 1]
    if "permanent" in arrays:
        lasting = arrays["edges"][arrays["permanent"]] @ [n, 1]
        keys = np.union1d(keys, lasting)
        arrays["permanent"] = np.isin(keys, lasting)
    arrays |= {
        "nodes": nodes,
        "errors": np.zeros(n),
        "edges": np.stack(np.divmod(keys, n), axis=1),
        "ages": np.zeros(len(keys), np.int64),
    }
    if "utilities" in arrays:
        arrays["utilities"] = np.zeros(n)
    return arrays


def refined_on(
    network: Network,
    points: NDArray[np.float32],
    weights: NDArray[np.float64] | None = None,
    n_jobs: int = 1,
) -> Network:
    """Return the network after refinement on these points, as of `refined`.

    Random numbers depend on where the network's generator is, so the same network and points give the same bytes.

    Parameters
    ----------
    network : Network
        It is not changed.
    points : ndarray of float32, shape (k, d)
        In the network's coordinates.
    weights : ndarray of float64, shape (k,), optional
        Rows count as much; the sample is drawn in proportion to them.
    n_jobs : int, default 1
        Threads that look for nearest nodes; the result does not depend on it.

    Returns
    -------
    Network
    """
    random = np.random.default_rng(network.as_arrays()[0]["rng"])
    sample = points[sample_rows(len(points), SAMPLE_PER_NODE * network.n_nodes, random, weights)]
    return refined(
        network,
        lambda nodes: tally(nodes, sample, pairs=True, n_jobs=n_jobs),
        lambda nodes, pairs: tally(nodes, points, weights, pairs=pairs, n_jobs=n_jobs),
        random,
    )


def sample_rows(
    n: int, size: int, random: np.random.Generator, weights: NDArray[np.float64] | None = None
) -> NDArray[np.int64]:
    """Return `size` row numbers of [0, n), increasing, or all if there are no more: one at random out of each stretch.

    weights : (n,) float64, optional: the stretches are of equal weight, a row may be drawn more than once
    """
    if weights is not None:
        ends = np.cumsum(weights)
        drawn = (np.arange(size) + random.random(size)) * (ends[-1] / size)
        rows = np.searchsorted(ends, drawn, side="right")
        return np.asarray(np.minimum(rows, n - 1), np.int64)
    if n <= size:
        return np.arange(n)
    stretch = np.arange(size + 1)
    starts = stretch * (n // size) + stretch * (n % size) // size
    return random.integers(starts[:-1], starts[1:])

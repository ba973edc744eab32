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
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gng_fast.core.network import Network, restored
from gng_fast.model.tally import Tally, tally

#: Rows of the sample for relocation, for each node.
SAMPLE_PER_NODE = 100

#: What a node must gain, in multiples of what it costs, to be relocated, in each round: more and more, so that moves
#: die out.
MARGINS = tuple(np.geomspace(1.5, 4, 8))
LLOYD_PASSES = 2

# Most nodes that are relocated in one round.
_SHARE_RELOCATED = 0.1


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

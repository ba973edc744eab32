"""Shortest paths over the edges of a graph: E. W. Dijkstra, "A note on two problems in connexion with graphs", 1959.

In plain Python, because the import of SciPy alone takes longer than the search in 10,000 nodes.
"""

import heapq
import math
from collections.abc import Iterable
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gng_fast.graph.lengths import lengths_of
from gng_fast.graph.validation import Floats

Reals = NDArray[np.float64]
Ints = NDArray[np.int64]


class Neighbours:
    """For each node, its neighbours by increasing number, with the lengths of the edges to them.

    The pairs of a node are made when they are asked for: a search seldom comes to all nodes.
    """

    def __init__(self, n_nodes: int, edges: Ints, lengths: Reals) -> None:
        # edges are sorted, and lead upwards: after the ways back those up, each node has its neighbours in their order
        starts, others = np.concatenate([edges[:, ::-1], edges]).T
        # numbers of 16 bits are sorted faster
        order = np.argsort(starts.astype(np.min_scalar_type(n_nodes)), kind="stable")
        self._others: list[int] = others[order].tolist()
        self._lengths: list[float] = np.tile(lengths, 2)[order].tolist()
        self._ends: list[int] = [0, *np.cumsum(np.bincount(starts, minlength=n_nodes)).tolist()]

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __getitem__(self, node: int) -> list[tuple[int, float]]:
        start, end = self._ends[node], self._ends[node + 1]
        return list(zip(self._others[start:end], self._lengths[start:end]))


def search(
    neighbours: Neighbours,
    starts: Iterable[int],
    targets: Iterable[int] = (),
    known: tuple[list[float], list[int]] | None = None,
    within: tuple[list[float], float] | None = None,
) -> tuple[list[float], list[int]]:
    """Return how far each node is from the nearest start, and the node before it on the way.

    It is infinity and -1 where there is no way. With targets, it may be so for nodes farther off than all of these.

    known : what this function returned for other starts, to which these are added: it is changed
    within : how far each node is from the only target as the crow flies, and how long the way is at most: nodes that no
        such way leads through are left out
    """
    ahead, longest = within or ([], math.inf)
    distances, before = known or ([math.inf] * len(neighbours), [-1] * len(neighbours))
    waiting = [(0.0, start) for start in starts]
    for _, start in waiting:
        distances[start], before[start] = 0.0, -1
    heapq.heapify(waiting)
    left = set(targets)
    while waiting:
        distance, node = heapq.heappop(waiting)
        if distance > distances[node]:  # a shorter way was found since
            continue
        if node in left:
            left.remove(node)
            if not left:
                break
        for other, length in neighbours[node]:
            through = distance + length
            if through < distances[other] and (within is None or through + ahead[other] <= longest):
                distances[other], before[other] = through, node
                heapq.heappush(waiting, (through, other))
    return distances, before


def search_between(neighbours: Neighbours, nodes: Floats, start: int, end: int) -> tuple[list[float], list[int]]:
    """Return what `search` does for one start and one target, but for nodes that are on no way as short as one known.

    That is a walk straight towards the end, where it comes there. The path is the very same: whatever leads to a node
    on it on a way as short is not left out, and nodes are looked at in the same order.
    """
    ahead, behind = (lengths_of(nodes - nodes[node].astype(np.float64)).tolist() for node in (end, start))
    longest = min(_walk(neighbours, start, end, ahead), _walk(neighbours, end, start, behind))
    # no sum of a million lengths is rounded by as much
    return search(neighbours, [start], [end], within=(ahead, longest * (1 + 1e-9)))


def _walk(neighbours: Neighbours, start: int, end: int, ahead: list[float]) -> float:
    """The length of a walk that goes on to the node from where the end seems nearest; infinite if it comes nowhere."""
    node, walked = start, 0.0
    while node != end:
        onwards = [(length + ahead[other], length, other) for other, length in neighbours[node]]
        nearer = [step for step in onwards if ahead[step[2]] < ahead[node]]
        if not nearer:
            return math.inf
        _, length, node = min(nearer)
        walked += length
    return walked


def path_to(node: int, before: list[int]) -> list[int]:
    """Return the nodes from a start to this one."""
    path = [node]
    while (node := before[node]) >= 0:
        path.append(node)
    return path[::-1]


def node_at(nodes: NDArray[np.floating[Any]], name: str, given: ArrayLike) -> int:
    """Return the node of a number, or else the one nearest to a point, the first of equally near ones."""
    if isinstance(given, Integral):
        return node_numbered(len(nodes), name, int(given))
    if not len(nodes):
        raise ValueError("paths need a graph with at least one node")
    point = np.asarray(given, dtype=np.float64)
    if point.shape != (nodes.shape[1],):
        raise ValueError(f"{name} must be a point of {nodes.shape[1]} coordinates, got shape {point.shape}")
    if not np.isfinite(point).all():
        raise ValueError(f"{name} must be finite, got {point.tolist()}")
    return int(lengths_of(nodes - point).argmin())


def node_numbered(n_nodes: int, name: str, number: int) -> int:
    """Return the number of a node; raises ValueError if there is none of this number."""
    if not 0 <= number < n_nodes:
        raise ValueError(f"{name} must be a node from 0 to {n_nodes - 1}, got {number}")
    return number

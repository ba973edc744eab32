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

Reals = NDArray[np.float64]
Ints = NDArray[np.int64]

#: For each node, its neighbours and the lengths of the edges to them.
Neighbours = list[list[tuple[int, float]]]


def neighbours_of(n_nodes: int, edges: Ints, lengths: Reals) -> Neighbours:
    """Return the neighbours of each node, by increasing number."""
    both = np.concatenate([edges, edges[:, ::-1]])
    order = np.lexsort((both[:, 1], both[:, 0]))
    pairs = list(zip(both[order, 1].tolist(), np.tile(lengths, 2)[order].tolist()))
    ends = np.cumsum(np.bincount(both[:, 0], minlength=n_nodes)).tolist()
    return [pairs[start:end] for start, end in zip([0, *ends], ends)]


def search(
    neighbours: Neighbours,
    starts: Iterable[int],
    targets: Iterable[int] = (),
    known: tuple[list[float], list[int]] | None = None,
) -> tuple[list[float], list[int]]:
    """Return how far each node is from the nearest start, and the node before it on the way.

    It is infinity and -1 where there is no way. With targets, it may be so for nodes farther off than all of these.

    known : what this function returned for other starts, to which these are added: it is changed
    """
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
            if through < distances[other]:
                distances[other], before[other] = through, node
                heapq.heappush(waiting, (through, other))
    return distances, before


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

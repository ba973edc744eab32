"""Bridges: edges between parts of a graph that no edge joins, so that all of it hangs together."""

import numpy as np
from numpy.typing import NDArray

from gng_fast.graph import Graph
from gng_fast.model.clusters.clouds import nearest_position

_Ints = NDArray[np.int64]


def bridges_of(positions: NDArray[np.float32], edges: _Ints) -> _Ints:
    """Return edges that are missing for all nodes to hang together, each the shortest way out of a part of the graph.

    With them, the edges of the graph make a minimum spanning tree of its parts (O. Boruvka, 1926).

    Parameters
    ----------
    positions : ndarray of float32, shape (n, d)
    edges : ndarray of int64, shape (m, 2)
        Pairs a < b.

    Returns
    -------
    ndarray of int64, shape (k, 2)
        Pairs a < b; none if the graph is of one part.
    """
    n_edges = len(edges)
    while True:
        parts = Graph(positions, edges).components
        if not parts.any():
            return edges[n_edges:]
        edges = np.concatenate([edges, _shortest_ways_out(positions, parts)])


def _shortest_ways_out(positions: NDArray[np.float32], parts: _Ints) -> _Ints:
    """The shortest pair from each part to another, without repetitions; of equally short ones the lowest nodes."""
    others, distances = _nearest_of_another_part(positions, parts)
    nodes = np.arange(len(parts))
    pairs = np.stack([np.minimum(nodes, others), np.maximum(nodes, others)], axis=1)
    order = np.lexsort((pairs[:, 1], pairs[:, 0], distances, parts))
    first_of_part = np.flatnonzero(np.diff(parts[order], prepend=-1))
    ways: _Ints = np.unique(pairs[order[first_of_part]], axis=0)
    return ways


def _nearest_of_another_part(positions: NDArray[np.float32], parts: _Ints) -> tuple[_Ints, NDArray[np.float32]]:
    """For each node the nearest of another part and the distance to it; of equally near ones the lowest.

    Nodes of two parts differ in some bit of the number of their part, so look-ups among those whose bit is the other
    one find it, for one bit after another.
    """
    others, distances = np.full(len(parts), len(parts)), np.full(len(parts), np.inf, np.float32)
    for bit in range(int(parts.max()).bit_length()):
        is_set = (parts >> bit & 1).astype(bool)
        for some in is_set, ~is_set:
            here, there = np.flatnonzero(some), np.flatnonzero(~some)
            found, distance = nearest_position(positions[there], positions[here])
            other = there[found]
            nearer = (distance < distances[here]) | ((distance == distances[here]) & (other < others[here]))
            others[here[nearer]], distances[here[nearer]] = other[nearer], distance[nearer]
    return others, distances

"""The triangles of a graph, and the faces of one that is drawn in the plane."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray


def triangles(n_nodes: int, edges: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the 3-cycles a < b < c, sorted, (t, 3) int64; edges in canonical order as in `Graph`."""
    a, b = edges.T
    # for each edge (a, b), the edges (b, c) with c > b: a slice, as edges are sorted
    first = np.searchsorted(a, np.arange(n_nodes + 1))
    counts = first[b + 1] - first[b]
    edge = np.repeat(np.arange(len(edges)), counts)
    offset = np.arange(len(edge)) - np.repeat(np.cumsum(counts) - counts, counts)
    c = b[first[b[edge]] + offset]
    keys, wanted = a * n_nodes + b, a[edge] * n_nodes + c
    place = np.searchsorted(keys, wanted)
    closed = place < len(keys)
    closed[closed] = keys[place[closed]] == wanted[closed]
    cycles: NDArray[np.int64] = np.column_stack([a[edge], b[edge], c])[closed]
    return cycles


def faces(nodes: NDArray[np.floating[Any]], edges: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Return the bounded faces of a straight-line graph in the plane, counter-clockwise; see `Graph.faces`."""
    nodes, edges = nodes.astype(np.float64), _on_cycles(len(nodes), edges)
    m = len(edges)
    tail, head = np.concatenate([edges, edges[:, ::-1]]).T  # half-edge i runs the other way as (i + m) % 2m
    step = nodes[head] - nodes[tail]
    order = np.lexsort((np.arctan2(step[:, 1], step[:, 0]), tail))  # around each tail, counter-clockwise
    # A face lies to the left of its half-edges: after u -> v comes the one that follows v -> u clockwise around v.
    first = np.searchsorted(tail[order], np.arange(len(nodes) + 1))
    place = np.empty(2 * m, np.int64)
    place[order] = np.arange(2 * m)
    back = place[(np.arange(2 * m) + m) % (2 * m)] if m else place
    following = np.where(back == first[head], first[head + 1] - 1, back - 1)
    return [face for face in _walks(order[following], tail) if signed_area(nodes[face]) > 0]


def _walks(following: NDArray[np.int64], tail: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """The tails of the half-edges along each cycle of the permutation `following`."""
    after, visited = following.tolist(), [False] * len(following)
    for start in range(len(after)):
        walk, here = [], start
        while not visited[here]:
            visited[here] = True
            walk.append(here)
            here = after[here]
        if walk:
            yield tail[walk]


def _on_cycles(n_nodes: int, edges: NDArray[np.int64]) -> NDArray[np.int64]:
    """The edges without dangling trees: nodes with one edge are taken away as long as there are any."""
    while True:
        degrees = np.bincount(edges.ravel(), minlength=n_nodes)
        stays = (degrees[edges] > 1).all(axis=1)
        if stays.all():
            return edges
        edges = edges[stays]


def signed_area(polygon: NDArray[np.floating[Any]]) -> float:
    """Return the area of a polygon (k, 2), negative if it runs clockwise."""
    x, y = (polygon - polygon[0]).T
    return float(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2

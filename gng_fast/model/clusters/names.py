"""The numbers of clusters over time: a cluster keeps its number while it lives."""

from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gng_fast.model.clusters.clouds import nearest_position
from gng_fast.model.clusters.clustering import NOISE, Clusters
from gng_fast.model.clusters.landscape import Landscape


@dataclass(frozen=True, eq=False)
class KnownClusters:
    """The clusters of a network at one moment, with what the next ones are made from and named after.

    Parameters
    ----------
    places : ndarray of float32, shape (p, d)
        The positions of the nodes, or of fewer places that stand for them.
    landscape : Landscape
        That of the places.
    clusters : Clusters
        Those of the places.
    next_number : int
        That of the next cluster that is new.
    place_of : ndarray of int64, shape (n,), optional
        The place that stands for each node; None where each stands for itself.
    """

    places: NDArray[np.float32]
    landscape: Landscape
    clusters: Clusters
    next_number: int
    place_of: NDArray[np.int64] | None

    def __getstate__(self) -> dict[str, Any]:
        # without what is worked out when asked for: another thread may ask while this one is copied
        return {each.name: getattr(self, each.name) for each in fields(self)}

    @cached_property
    def of_nodes(self) -> NDArray[np.int64]:
        """The number of the cluster of each node, (n,), or `NOISE`."""
        return self.clusters.of_nodes if self.place_of is None else self.clusters.of_nodes[self.place_of]

    @cached_property
    def strengths(self) -> NDArray[np.float64]:
        """How deep in it each node lies, (n,)."""
        return self.clusters.strengths if self.place_of is None else self.clusters.strengths[self.place_of]


def named(made: KnownClusters, before: KnownClusters | None) -> KnownClusters:
    """Return clusters that are numbered from 0 with the numbers of those that were there before.

    Two clusters, one of then and one of now, share the places of each whose nearest place at the other time is in the
    other one. They are as much the same as the lesser share of all rows that these places win, then or now. So a new
    cluster takes no number from the one that it lies nearest to, as long as that is still there. The numbers of those
    that are most the same go first, of equal ones the lower; a cluster that is the same as none gets a new number.
    """
    if before is None:
        return replace(made, next_number=count_clusters(made.clusters.of_nodes))
    then, now = before.clusters.of_nodes, made.clusters.of_nodes
    of_now = _shared(then[nearest_position(before.places, made.places)[0]], now, made.landscape)
    of_then = _shared(then, now[nearest_position(made.places, before.places)[0]], before.landscape)
    numbers, next_number = _numbers(of_now, of_then, int(now.max()) + 1, before.next_number)
    of_nodes = np.where(now == NOISE, NOISE, numbers[now])
    return replace(made, clusters=replace(made.clusters, of_nodes=of_nodes), next_number=next_number)


def count_clusters(of_nodes: NDArray[np.int64]) -> int:
    """Return how many clusters nodes belong to."""
    return len(np.unique(of_nodes[of_nodes != NOISE]))


def _shared(then: NDArray[np.int64], now: NDArray[np.int64], landscape: Landscape) -> dict[tuple[int, int], float]:
    """The share of all rows of nodes, for each pair of clusters that they are in, then and now.

    then, now : (n,) the cluster of each node of the landscape
    """
    both = (then != NOISE) & (now != NOISE) & (landscape.rows > 0)
    pairs, which = np.unique(np.stack([then[both], now[both]], axis=1), axis=0, return_inverse=True)
    rows = np.bincount(which.ravel(), weights=landscape.rows[both], minlength=len(pairs)) / landscape.n_rows
    return {(a, b): share for (a, b), share in zip(pairs.tolist(), rows.tolist())}


def _numbers(
    of_now: dict[tuple[int, int], float], of_then: dict[tuple[int, int], float], n_now: int, next_number: int
) -> tuple[NDArray[np.int64], int]:
    """The number of each of the n_now clusters, and that of the next that is new.

    of_now, of_then : what clusters share of the rows now, and of those then, by their numbers then and now
    """
    same = sorted((-min(share, of_then[pair]), pair) for pair, share in of_now.items() if pair in of_then)
    numbers = np.full(n_now, NOISE)
    given: set[int] = set()
    for _, (old, new) in same:
        if numbers[new] == NOISE and old not in given:
            numbers[new] = old
            given.add(old)
    is_new = numbers == NOISE
    n_new = int(np.count_nonzero(is_new))
    numbers[is_new] = next_number + np.arange(n_new)
    return numbers, next_number + n_new

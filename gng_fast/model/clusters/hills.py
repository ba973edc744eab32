"""Hills of a landscape: each peak with what lies around it, down to the saddles at which it meets a higher hill.

This is ToMATo (F. Chazal, L. J. Guibas, S. Y. Oudot, P. Skraba, "Persistence-Based Clustering in Riemannian Manifolds",
Journal of the ACM 60(6), 2013) over edges instead of nodes: the water sinks, edges come out of it from the highest to
the lowest, and where two hills meet at a saddle, the lower of them becomes a part of the higher one if its peak is not
prominent, which is to say that it rises not far above the saddle.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gng_fast.model.clusters.landscape import Landscape


@dataclass(frozen=True)
class Merge:
    """A hill that met a higher one; both had enough rows to be hills of their own.

    Parameters
    ----------
    peak_g, saddle_g : float
        The squared distances to the measure at its peak, and where they met.
    rows : float
        Its rows when they met.
    """

    peak_g: float
    saddle_g: float
    rows: float

    @property
    def rise(self) -> float:
        """By what factor g falls from the saddle to the peak."""
        return self.saddle_g / self.peak_g


class Forest:
    """Nodes in sets, each a hill whose root is its peak.

    rows : (n,) of each hill, at its peak
    parents : of each node one nearer to the peak of its hill; the peak's is itself
    """

    def __init__(self, rows: NDArray[np.float64], parents: list[int]) -> None:
        self.parents, self.rows = parents, rows.tolist()

    def find(self, node: int) -> int:
        """Return the peak of the hill that a node belongs to."""
        parents = self.parents
        while parents[node] != node:
            parents[node] = parents[parents[node]]  # half the way for whoever comes next
            node = parents[node]
        return node

    def join(self, higher: int, lower: int) -> None:
        """Let the hill of one peak become a part of that of a higher one."""
        self.parents[lower] = higher
        self.rows[higher] += self.rows[lower]

    def peaks(self) -> NDArray[np.int64]:
        """Return the peak of each node's hill, (n,) int64."""
        return np.array([self.find(node) for node in range(len(self.parents))], dtype=np.int64)


def hills_of(landscape: Landscape, rise: float, least_rows: float) -> tuple[NDArray[np.int64], list[Merge]]:
    """Return the hills whose g falls from every saddle to the peak by at least a factor.

    Parameters
    ----------
    landscape : Landscape
    rise : float
        That factor, >= 1.
    least_rows : float
        A hill with fewer rows becomes a part of the first hill that it meets.

    Returns
    -------
    peaks : ndarray of int64, shape (n,)
        For each node the peak of its hill, a node. Hills of fewer rows are left where they meet no other.
    merges : list of Merge
        In falling density of the saddles.
    """
    g: list[float] = landscape.g.tolist()
    forest, merges = Forest(landscape.rows, list(range(len(g)))), []
    order = np.argsort(landscape.edge_g, kind="stable")
    for (a, b), saddle_g in zip(landscape.edges[order].tolist(), landscape.edge_g[order].tolist()):
        higher, lower = forest.find(a), forest.find(b)
        if higher == lower:
            continue
        if (g[lower], lower) < (g[higher], higher):
            higher, lower = lower, higher
        is_small = min(forest.rows[higher], forest.rows[lower]) < least_rows
        if is_small or saddle_g < g[lower] * rise:
            if not is_small and saddle_g > g[lower]:
                merges.append(Merge(g[lower], saddle_g, forest.rows[lower]))
            forest.join(higher, lower)
    return forest.peaks(), merges


def joined_over_bridges(
    landscape: Landscape, peaks: NDArray[np.int64], least_rows: float, n_clusters: int
) -> NDArray[np.int64]:
    """Return hills that meet no other joined over bridges, from the highest bridge on, until few enough are large.

    landscape, least_rows : as of `hills_of`
    peaks : of the hills that are left at an infinite rise
    """
    forest, g = Forest(count_rows(landscape, peaks), peaks.tolist()), landscape.g.tolist()
    n_large = sum(rows >= least_rows for rows in forest.rows)
    for bridge in np.argsort(landscape.bridge_g, kind="stable").tolist():
        if n_large <= n_clusters:
            break
        a, b = map(forest.find, landscape.bridges[bridge].tolist())
        higher, lower = (a, b) if (g[a], a) < (g[b], b) else (b, a)
        n_large -= sum(forest.rows[peak] >= least_rows for peak in (a, b))
        forest.join(higher, lower)
        n_large += forest.rows[higher] >= least_rows
    return forest.peaks()


def rise_for(landscape: Landscape, n_clusters: int, least_rows: float, merges: list[Merge]) -> float:
    """Return the smallest rise at which no more than so many hills are left; infinity if there is none.

    landscape, least_rows : as of `hills_of`
    merges : those of an infinite rise
    """
    rises = sorted({merge.rise for merge in merges})
    low, high = 0, len(rises)
    while low < high:
        middle = (low + high) // 2
        peaks, _ = hills_of(landscape, rises[middle], least_rows)
        if np.count_nonzero(count_rows(landscape, peaks) >= least_rows) <= n_clusters:
            high = middle
        else:
            low = middle + 1
    return rises[low] if low < len(rises) else math.inf


def count_rows(landscape: Landscape, peaks: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the rows of the hill of each peak, (n,); 0 for other nodes."""
    rows: NDArray[np.float64] = np.bincount(peaks, weights=landscape.rows, minlength=len(peaks)).astype(np.float64)
    return rows

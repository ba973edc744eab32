"""Clusters: the hills of a landscape that are prominent and large enough, and to which of them each node belongs."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gng_fast.model.clusters.clouds import nearest_position
from gng_fast.model.clusters.hills import Merge, count_rows, hills_of, joined_over_bridges, rise_for
from gng_fast.model.clusters.landscape import Landscape
from gng_fast.model.clusters.persistence import Persistence

#: The cluster of noise.
NOISE = -1

# The prominence of a cluster: a density 1.35 times that at the saddle, or more than what chance makes of a mass of few
# rows, which is more in few dimensions; but 2.12 times is enough for any.
_LEAST_TAU, _TAU_OF_CHANCE, _TAU_OF_DIMENSION, _LARGEST_TAU = 0.3, 2.0, 2.5, 0.75

# The rows of a cluster, unless the user says how many: more where the clusters are to be a certain number.
_LEAST_ROWS, _SHARE_OF_MASS, _SHARE_OF_MASS_FOR_NUMBER = 10.0, 0.1, 0.25


@dataclass(frozen=True)
class Wanted:
    """What the user wants of clusters.

    Parameters
    ----------
    n_clusters : int, optional
        There shall be no more than so many; None leaves it to their prominence.
    min_cluster_size : int, optional
        Rows that a cluster must have; None leaves it to the mass.
    noise : bool, default False
        Whether rows between clusters belong to none.
    """

    n_clusters: int | None = None
    min_cluster_size: int | None = None
    noise: bool = False


@dataclass(frozen=True)
class Clusters:
    """The clusters of n nodes.

    Parameters
    ----------
    of_nodes : ndarray of int64, shape (n,)
        The number of the cluster of each node, or `NOISE`.
    strengths : ndarray of float64, shape (n,)
        How deep in it each node lies, in [0, 1]: 1 at the peak, 0 for noise.
    persistence : Persistence
        All hills, and which of them are clusters.
    """

    of_nodes: NDArray[np.int64]
    strengths: NDArray[np.float64]
    persistence: Persistence


def clusters_of(nodes: NDArray[np.float32], landscape: Landscape, wanted: Wanted) -> Clusters:
    """Return the clusters of the nodes, numbered from 0 by falling rows.

    Parameters
    ----------
    nodes : ndarray of float32, shape (n, d)
        Their positions.
    landscape : Landscape
        Theirs.
    wanted : Wanted

    Returns
    -------
    Clusters
    """
    least_rows = _least_rows(landscape, wanted)
    whole, merges = hills_of(landscape, math.inf, least_rows)
    if wanted.n_clusters is None:
        rise = math.exp(2 * least_prominence(landscape) / landscape.dimension)
        hills, _ = hills_of(landscape, rise, least_rows)
    else:
        rise = rise_for(landscape, wanted.n_clusters, least_rows, merges)
        hills, _ = hills_of(landscape, rise, least_rows)
        hills = joined_over_bridges(landscape, hills, least_rows, wanted.n_clusters)
    is_large = _large(landscape, hills, least_rows)
    hills = _with_small_joined(nodes, hills, is_large)
    numbers = _numbered(hills, landscape.rows)
    is_noise = _noise(landscape, hills) | ~is_large if wanted.noise else np.zeros(len(nodes), bool)
    strengths = np.sqrt(_lowest_of(hills, landscape.g)[hills] / landscape.g)
    return Clusters(
        np.where(is_noise, NOISE, numbers),
        np.where(is_noise, 0.0, strengths),
        _diagram(landscape, whole, merges, rise, least_rows),
    )


def least_prominence(landscape: Landscape) -> float:
    """Return tau: by how much the logarithm of the density must rise from the saddle to the peak of a cluster."""
    of_chance = _TAU_OF_CHANCE + _TAU_OF_DIMENSION / landscape.dimension
    return min(max(_LEAST_TAU, of_chance * math.sqrt(2 / landscape.mass)), _LARGEST_TAU)


def _least_rows(landscape: Landscape, wanted: Wanted) -> float:
    """The rows that a cluster must have."""
    if wanted.min_cluster_size is not None:
        return wanted.min_cluster_size
    share = _SHARE_OF_MASS if wanted.n_clusters is None else _SHARE_OF_MASS_FOR_NUMBER
    return max(_LEAST_ROWS, share * landscape.mass)


def _large(landscape: Landscape, hills: NDArray[np.int64], least_rows: float) -> NDArray[np.bool_]:
    """Whether the hill of each node has rows enough, (n,); where none has, whether it has any."""
    rows = count_rows(landscape, hills)
    is_large: NDArray[np.bool_] = (rows >= least_rows)[hills]
    return is_large if is_large.any() else (rows > 0)[hills]


def _with_small_joined(
    nodes: NDArray[np.float32], hills: NDArray[np.int64], is_large: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """The hills, with each node of one that is not large in that of the nearest node that is in a large one."""
    if is_large.all():
        return hills
    joined = hills.copy()
    joined[~is_large] = hills[is_large][nearest_position(nodes[is_large], nodes[~is_large])[0]]
    return joined


def _noise(landscape: Landscape, hills: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether each node lies lower than the highest saddle at which its cluster meets another."""
    a, b = landscape.edges.T
    meets = hills[a] != hills[b]
    saddles = np.full(len(hills), math.inf)
    for ends in a, b:
        np.minimum.at(saddles, hills[ends[meets]], landscape.edge_g[meets])
    is_lower: NDArray[np.bool_] = landscape.g > saddles[hills]
    return is_lower


def _lowest_of(hills: NDArray[np.int64], g: NDArray[np.float64]) -> NDArray[np.float64]:
    """The smallest g of each hill, at the place of its peak, (n,)."""
    lowest = np.full(len(g), math.inf)
    np.minimum.at(lowest, hills, g)
    return lowest


def _numbered(hills: NDArray[np.int64], rows: NDArray[np.float64]) -> NDArray[np.int64]:
    """Numbers from 0 for the hills by falling rows, of equal ones the one with the lowest node first."""
    _, first, number = np.unique(hills, return_index=True, return_inverse=True)
    order = np.lexsort((first, -np.bincount(number, weights=rows)))
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    numbers: NDArray[np.int64] = rank[number]
    return numbers


def _diagram(
    landscape: Landscape, whole: NDArray[np.int64], merges: list[Merge], rise: float, least_rows: float
) -> Persistence:
    """The persistence diagram.

    whole, merges : the hills of an infinite rise, and what they were merged from
    rise : that of the clusters
    """
    tops = np.unique(whole[_large(landscape, whole, least_rows)])
    rows = count_rows(landscape, whole)
    lasting = [Merge(float(landscape.g[top]), math.inf, float(rows[top])) for top in tops]
    hills = sorted(lasting + merges, key=lambda hill: (-hill.rise, -hill.rows))
    highest, half = min(hill.peak_g for hill in hills), landscape.dimension / 2
    return Persistence(
        peaks=np.array([-half * math.log(hill.peak_g / highest) for hill in hills]),
        saddles=np.array([-half * math.log(hill.saddle_g / highest) for hill in hills]),
        rows=np.array([hill.rows for hill in hills]),
        tau=half * math.log(rise),
        dimension=landscape.dimension,
        mass=landscape.mass,
    )

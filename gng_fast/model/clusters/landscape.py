"""The density of the rows over the graph: heights of nodes, and of the passes between them."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gng_fast.checks import whatever_errstate
from gng_fast.model.clusters.bridges import bridges_of
from gng_fast.model.clusters.clouds import Clouds, clouds_of, squared_lengths
from gng_fast.model.tally import Tally

# An edge joins two nodes that are the two nearest of at least this share of the rows that the lesser of them wins.
_LEAST_SHARE = 0.01

# A bridge is an edge if it is no longer than so many times the longest edge at either end.
_LONGEST_EDGE = 2.2

# The mass of the density, which is the rows looked at around a point: the root is what few rows need for a smooth
# density, the share is what many rows can spare, the rows of so many nodes are what few nodes need for it, and the most
# is for hardly any of both.
_MASS_PER_ROOT, _MASS_SHARE, _NODES_OF_MASS, _MOST_MASS_SHARE = 1.25, 0.02, 7, 0.25

# Positions are float32: what is nearer than their rounding is not told apart.
_ROUNDING = 2.0**-24


@dataclass(frozen=True)
class Landscape:
    """The density of n_rows rows over n nodes, as squared distances to their measure: the smaller, the denser.

    Where the rows lie in d dimensions, the density is g^(-d/2) but for a factor, so the logarithm of the ratio of two
    densities is d/2 times that of the ratio of their g, and which of two places is denser needs no logarithm.

    Parameters
    ----------
    rows : ndarray of float64, shape (n,)
        Rows that each node wins, or the sum of their weights.
    g : ndarray of float64, shape (n,)
        The squared distance to the measure at the mean of these rows, > 0.
    edges : ndarray of int64, shape (m, 2)
        Pairs a < b of nodes between which there are rows, sorted.
    edge_g : ndarray of float64, shape (m,)
        The largest g on the way over an edge: that at its ends, and at its middle. The middle is what sees gaps.
    bridges, bridge_g : ndarray of int64 and of float64, shape (k, 2) and (k,)
        The same for pairs of nodes that join the parts of this graph, although there are no rows between them.
    mass : float
        The number of rows that the density at a point is made from.
    dimension : float
        The effective dimension of the data, from 1 to its columns.
    """

    rows: NDArray[np.float64]
    g: NDArray[np.float64]
    edges: NDArray[np.int64]
    edge_g: NDArray[np.float64]
    bridges: NDArray[np.int64]
    bridge_g: NDArray[np.float64]
    mass: float
    dimension: float

    @property
    def n_rows(self) -> float:
        """All rows together."""
        return float(np.cumsum(self.rows)[-1])


@whatever_errstate
def landscape_of(nodes: NDArray[np.float32], won: Tally) -> Landscape:
    """Return the landscape of nodes that have won this.

    Parameters
    ----------
    nodes : ndarray of float32, shape (n, d)
    won : Tally
        Of at least one row, with pairs.

    Returns
    -------
    Landscape
    """
    clouds = clouds_of(nodes, won)
    mass = mass_of(clouds.n_rows, len(nodes))
    floor = _least_square(clouds.means)
    g, g_of_twice = np.maximum(clouds.distance_to_measure(clouds.means, (mass, 2 * mass)), floor).T
    edges, bridges = edges_and_bridges(clouds.means, lasting_pairs(won))
    dimension = effective_dimension(g, g_of_twice, clouds.rows, nodes.shape[1])
    edge_g, bridge_g = (_largest_on_way(clouds, g, pairs, mass) for pairs in (edges, bridges))
    return Landscape(clouds.rows, g, edges, edge_g, bridges, bridge_g, mass, dimension)


def mass_of(n_rows: float, n_nodes: int) -> float:
    """Return the number of rows that the density at a point is made from."""
    least = max(_MASS_PER_ROOT * math.sqrt(n_rows), _MASS_SHARE * n_rows, _NODES_OF_MASS * n_rows / n_nodes)
    return min(least, _MOST_MASS_SHARE * n_rows)


def lasting_pairs(won: Tally) -> NDArray[np.int64]:
    """Return the pairs of nodes between which there are rows, (m, 2) int64."""
    pairs, pair_counts = won.counted_pairs()
    a, b = np.divmod(pairs, len(won.counts))
    lasts = (pair_counts > 0) & (pair_counts >= _LEAST_SHARE * np.minimum(won.counts[a], won.counts[b]))
    return np.stack([a[lasts], b[lasts]], axis=1)


def edges_and_bridges(
    means: NDArray[np.float32], pairs: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the edges, sorted, and the bridges over the gaps that are left, (m, 2) and (k, 2) int64.

    Where a node wins few rows, there may be none between two neighbours by chance. So a bridge that is hardly longer
    than the edges at both its ends is an edge.

    means : (n, d) of the clouds
    pairs : (p, 2) of nodes between which there are rows
    """
    bridges = bridges_of(means, pairs)
    if not len(bridges) or not len(pairs):
        return pairs, bridges
    squares, lengths = (_squared_lengths(means, ends) for ends in (bridges, pairs))
    reach = np.full(len(means), -math.inf)
    for ends in pairs.T:
        np.maximum.at(reach, ends, lengths)
    reach[np.isinf(reach)] = np.sort(lengths)[len(lengths) // 2]  # of a node without edges that of most
    is_short = squares <= _LONGEST_EDGE**2 * reach[bridges].min(axis=1)
    edges = np.concatenate([pairs, bridges[is_short]])
    return edges[np.argsort(edges[:, 0] * len(means) + edges[:, 1], kind="stable")], bridges[~is_short]


def effective_dimension(
    g: NDArray[np.float64], g_of_twice: NDArray[np.float64], rows: NDArray[np.float64], n_features: int
) -> float:
    """Return the dimension in which twice the rows lie so much further away as they mostly do, in [1, n_features].

    In d dimensions the distance within which m rows lie grows with m^(1/d).

    g, g_of_twice : (n,) of the nodes, for a mass and for twice that mass
    rows : (n,) weights of the nodes
    """
    growth = g_of_twice / g
    order = np.argsort(growth, kind="stable")
    upto = np.cumsum(rows[order])
    median = float(growth[order[np.searchsorted(upto, upto[-1] / 2)]])
    return min(max(1.0, 2 * math.log(2) / max(math.log(median), 1e-9)), float(n_features))


def _largest_on_way(
    clouds: Clouds, g: NDArray[np.float64], pairs: NDArray[np.int64], mass: float
) -> NDArray[np.float64]:
    """The largest g at the ends and at the middle of the way between two nodes, for each pair."""
    ends = clouds.means[pairs].astype(np.float64)
    middles = ((ends[:, 0] + ends[:, 1]) / 2).astype(np.float32)
    largest: NDArray[np.float64] = np.maximum(g[pairs].max(axis=1), clouds.distance_to_measure(middles, (mass,))[:, 0])
    return largest


def _squared_lengths(means: NDArray[np.float32], pairs: NDArray[np.int64]) -> NDArray[np.float64]:
    """The squared length of each pair."""
    ends = means[pairs].astype(np.float64)
    return squared_lengths(ends[:, 1] - ends[:, 0])


def _least_square(means: NDArray[np.float32]) -> float:
    """The smallest square of a distance that these float32 positions tell from 0; 1 where all are 0."""
    reach = float(np.abs(means).max())
    return (_ROUNDING * reach) ** 2 if reach else 1.0

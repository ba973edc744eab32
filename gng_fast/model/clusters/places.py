"""Places: fewer nodes that stand for those of a large network, so that clusters take as long as for a small one."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from gng_fast.core.network import Network
from gng_fast.core.signals import Signals
from gng_fast.model.clusters.clouds import clouds_of, squared_lengths
from gng_fast.model.tally import Tally

#: Nodes of a network that are clustered as they are: the density at each depends on a share of all of them.
MOST_PLACES = 2048

# Signals for each place, half of which let the network of places grow.
_SIGNALS_PER_PLACE = 300


def places_of(nodes: NDArray[np.float32], won: Tally) -> NDArray[np.float32]:
    """Return the nodes, or if they are too many, those of a network that learns them, in proportion to their rows.

    Parameters
    ----------
    nodes : ndarray of float32, shape (n, d)
    won : Tally
        Theirs.

    Returns
    -------
    ndarray of float32, shape (p, d)
    """
    if len(nodes) <= MOST_PLACES:
        return nodes
    signals, n_signals = Signals(nodes, "replacement", weights=won.counts), _SIGNALS_PER_PLACE * MOST_PLACES
    network = Network(nodes.shape[1], max_nodes=MOST_PLACES)
    network.draw_start_nodes(signals)
    network.anneal(0.01, 0.0001, n_signals)
    network.train(signals, n_signals)
    return network.graph().nodes.astype(np.float32, copy=False)


def won_by_places(
    places: NDArray[np.float32], place_of: NDArray[np.int64], nodes: NDArray[np.float32], won: Tally
) -> Tally:
    """Return what places win: all that the nodes have won for which each stands.

    Parameters
    ----------
    places, nodes : ndarray of float32, shape (p, d) and (n, d)
    place_of : ndarray of int64, shape (n,)
        The place that stands for each node.
    won : Tally
        That of the nodes, with pairs. Rows between two nodes of one place are between no two places.

    Returns
    -------
    Tally
        Its utilities are 0.
    """
    p, n = len(places), len(nodes)
    clouds = clouds_of(nodes, won)
    spread = clouds.variances + squared_lengths(clouds.means.astype(np.float64) - places[place_of])
    sums = [np.bincount(place_of, weights=column, minlength=p) for column in won.sums.T]
    a, b = (place_of[end] for end in np.divmod(won.counted_pairs()[0], n))
    apart = a != b
    counted = Tally(
        np.bincount(place_of, weights=won.counts, minlength=p).astype(np.float64),
        np.stack(sums, axis=1).astype(np.float64),
        np.bincount(place_of, weights=won.counts * spread, minlength=p).astype(np.float64),
        np.zeros(p),
    )
    counted = replace(counted, pairs=np.empty(0, np.int64), pair_counts=np.empty(0))
    pairs = (np.minimum(a, b) * p + np.maximum(a, b))[apart]
    return counted.with_pairs(pairs, won.counted_pairs()[1][apart])

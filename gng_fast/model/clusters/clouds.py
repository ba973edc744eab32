"""The data as clouds: what a node has won of the rows stands for them, wherever a density is wanted."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from gng_fast.core.network import Network
from gng_fast.model.tally import Tally

# Nodes that are looked for at first about each point; twice as many where they have too few rows.
_FIRST_NEIGHBOURS = 32

# Distances that are held at a time: 4 MB, and twice that for their order.
_DISTANCES_AT_ONCE = 2**20

_Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Clouds:
    """The rows that n nodes win, as one cloud for each node.

    Parameters
    ----------
    means : ndarray of float32, shape (n, d)
        The mean of the rows; the node itself where it has won none.
    rows : ndarray of float64, shape (n,)
        How many rows they are, or the sum of their weights.
    variances : ndarray of float64, shape (n,)
        The mean squared distance of the rows to their mean.
    """

    means: NDArray[np.float32]
    rows: _Floats
    variances: _Floats

    @property
    def n_rows(self) -> float:
        """All rows together, added up from the first node to the last."""
        return float(np.cumsum(self.rows)[-1])

    @cached_property
    def _network(self) -> Network:
        """The means as a network that finds the nearest of them."""
        return network_at(self.means)

    def distance_to_measure(self, points: NDArray[np.float32], masses: tuple[float, ...]) -> _Floats:
        """Return the squared distance of each point to the measure that the rows are, for each mass.

        It is the mean squared distance from the point to the `mass` rows nearest to it (F. Chazal, D. Cohen-Steiner,
        Q. Merigot, "Geometric Inference for Probability Measures", Foundations of Computational Mathematics 11, 2011):
        small where the rows are dense. Clouds are taken from the nearest mean on, until they hold so many rows; the
        last of them counts in part.

        Parameters
        ----------
        points : ndarray of float32, shape (k, d)
        masses : tuple of float
            Numbers of rows, increasing, the last not more than there are.

        Returns
        -------
        ndarray of float64, shape (k, len(masses))
        """
        found = np.empty((len(points), len(masses)))
        step = max(1, _DISTANCES_AT_ONCE // len(self.means))
        for start in range(0, len(points), step):
            distances = self._network.distances(points[start : start + step])
            found[start : start + step] = self._mean_squares(distances, masses)
        return found

    def _mean_squares(self, distances: NDArray[np.float32], masses: tuple[float, ...]) -> _Floats:
        """`distance_to_measure` of points with these distances to all means."""
        n_points, n = distances.shape
        found = np.empty((n_points, len(masses)))
        left, n_neighbours = np.arange(n_points), min(n, _FIRST_NEIGHBOURS)
        while len(left):
            squares, order = nearest_squares(distances[left], n_neighbours)
            rows = self.rows[order]
            upto = np.cumsum(rows, axis=1)
            spread = squares + self.variances[order]
            for column, mass in enumerate(masses):
                share = np.minimum(np.maximum(mass - (upto - rows), 0), rows)
                # added up from the nearest to the farthest, which a sum would do in an order of its own
                total = np.cumsum(share * spread, axis=1)[:, -1]
                found[left, column] = total / np.cumsum(share, axis=1)[:, -1]
            if n_neighbours == n:
                break
            left = left[upto[:, -1] < masses[-1]]
            n_neighbours = min(n, 2 * n_neighbours)
        return found


def clouds_of(nodes: NDArray[np.float32], won: Tally) -> Clouds:
    """Return the clouds of nodes, (n, d), that have won this."""
    some = won.counts > 0
    means = nodes.astype(np.float64)
    means[some] = won.sums[some] / won.counts[some, np.newaxis]
    variances = np.zeros(len(nodes))
    variances[some] = won.errors[some] / won.counts[some] - squared_lengths(means[some] - nodes[some])
    return Clouds(means.astype(np.float32), won.counts, np.maximum(variances, 0))


def network_at(positions: NDArray[np.float32]) -> Network:
    """Return a network with nodes at these positions, (n, d), which finds the nearest of them."""
    network = Network(positions.shape[1], max_nodes=max(2, len(positions)))
    network.start(positions)
    return network


def nearest_position(
    positions: NDArray[np.float32], points: NDArray[np.float32]
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return the nearest position of each point and the distance to it, (k,) each; of equally near ones the first.

    positions, points : (n, d) and (k, d) float32
    """
    return network_at(positions).nearest(points)


def nearest_squares(distances: NDArray[np.float32], k: int) -> tuple[_Floats, NDArray[np.int64]]:
    """The k smallest of each row of distances, squared, and where they are, (q, k) each: of equal ones the first."""
    # one number for distance and place: as a distance is not negative, its bits are in its order
    keys = distances.view(np.uint32).astype(np.uint64) << np.uint64(32)
    keys |= np.arange(distances.shape[1], dtype=np.uint64)
    if k < keys.shape[1]:
        keys = np.partition(keys, k - 1, axis=1)[:, :k]
    keys.sort(axis=1)
    nearest = (keys >> np.uint64(32)).astype(np.uint32).view(np.float32).astype(np.float64)
    return nearest * nearest, (keys & np.uint64(0xFFFFFFFF)).astype(np.int64)


def squared_lengths(vectors: _Floats) -> _Floats:
    """The squared length of each vector, (n,), added up from the first coordinate to the last."""
    squares = np.zeros(len(vectors))
    for column in vectors.T:
        squares += column * column
    return squares

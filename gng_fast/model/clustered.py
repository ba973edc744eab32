"""The clusters of a fitted model: labels, how deep rows lie in their clusters, and making clusters anew."""

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gng_fast.checks import check_weights, whatever_errstate
from gng_fast.core.network import Network
from gng_fast.model.clusters.clouds import nearest_position
from gng_fast.model.clusters.clustering import Wanted, clusters_of
from gng_fast.model.clusters.landscape import Landscape, landscape_of
from gng_fast.model.clusters.names import KnownClusters, count_clusters, named
from gng_fast.model.clusters.persistence import Persistence
from gng_fast.model.clusters.places import places_of, won_by_places
from gng_fast.model.clusters.recent import ROWS_PER_NODE, RecentRows, spread_rows
from gng_fast.model.constructor import Clusters
from gng_fast.model.data import Data
from gng_fast.model.fitted import TrainingState, room_for_winners, training_state, winners_of
from gng_fast.model.lookups import LookUps
from gng_fast.model.tally import Tally, tally
from gng_fast.parameters import check, check_switch
from gng_fast.progress import report, stoppable

# Weights beyond this are no numbers of rows that anyone has.
_MOST_REPETITIONS = 2.0**40


class Clustered(LookUps):
    """Mixin with the clusters of a fitted model."""

    clusters: Clusters
    n_clusters: int | None
    min_cluster_size: int | None
    noise: bool

    # ---- what there is -----------------------------------------------------------------------------------------------

    @property
    def labels_(self) -> NDArray[np.int64]:
        """Clusters of the data of `fit`, as they are now."""
        state = self._fitted_state("labels_")
        labels = state.labels(lambda network: self._of_nodes(state, network, "labels_"))
        if labels is None:
            raise _no_labels("labels_", "predict")
        return labels

    @property
    def probabilities_(self) -> NDArray[np.float64]:
        """How deep each row of the data of `fit` lies in its cluster, in [0, 1]."""
        state = self._fitted_state("probabilities_")
        winners, known = state.known_winners(), self._known(state, state.network, "probabilities_")
        if winners is None or state.known_winners() is not winners:
            raise _no_labels("probabilities_", "membership")
        strengths: NDArray[np.float64] = known.strengths[winners]
        return strengths

    @property
    def persistence_(self) -> Persistence:
        """The persistence diagram: all hills of density, and which of them are clusters."""
        state = self._fitted_state("persistence_")
        return self._known(state, state.network, "persistence_").clusters.persistence

    @property
    def n_clusters_(self) -> int:
        """Number of clusters."""
        state = self._fitted_state("n_clusters_")
        return count_clusters(self._of_nodes(state, state.network, "n_clusters_"))

    # ---- look-ups ----------------------------------------------------------------------------------------------------

    def predict(self, X: Data) -> NDArray[np.int64]:
        """Return the cluster of each row, which is that of its nearest node.

        With clusters="density" the first call after the network has changed makes the clusters anew, as `cluster()`
        does. With clusters="components" the cluster is the connected component (`graph_.components`), and a call costs
        what has changed: take that where single rows are learned and predicted in turn.

        Parameters
        ----------
        X : array of shape (n, d)

        Returns
        -------
        ndarray of int64, shape (n,)
            Numbers of clusters, from 0; -1 for noise.

        Raises
        ------
        AttributeError, ValueError, TypeError
            As `nearest`; AttributeError, too, if there is nothing to make clusters from (see `cluster`).
        """
        state = self._fitted_state("predict")
        points = self._points(state, X)
        (nodes, _), of_nodes = state.at_one_moment(
            lambda network: (network.nearest(points, self._n_threads), self._of_nodes(state, network, "predict"))
        )
        return of_nodes[nodes]

    def membership(self, X: Data) -> NDArray[np.float64]:
        """Return how deep each row lies in its cluster: 1 at the peak of the density, 0 for noise.

        It is the ratio of the distances to the measure at the peak and at the nearest node (see docs/clusters.md), and
        falls with the density, as the membership strength of HDBSCAN does.

        Parameters
        ----------
        X : array of shape (n, d)

        Returns
        -------
        ndarray of float64, shape (n,)
            In [0, 1].

        Raises
        ------
        AttributeError, ValueError, TypeError
            As `predict`; AttributeError, too, with clusters="components".
        """
        state = self._fitted_state("membership")
        points = self._points(state, X)
        (nodes, _), known = state.at_one_moment(
            lambda network: (network.nearest(points, self._n_threads), self._known(state, network, "membership"))
        )
        strengths: NDArray[np.float64] = known.strengths[nodes]
        return strengths

    # ---- making clusters ---------------------------------------------------------------------------------------------

    def cluster(self, X: Data | None = None, *, sample_weight: ArrayLike | None = None) -> Self:
        """Make the clusters anew for the network as it is, with the parameters as they are; nothing is trained.

        A cluster keeps its number while it lives: each takes the number of the one before that it shares most rows
        with, and one that is new gets a number that there has not been since `fit`.

        Parameters
        ----------
        X : array of shape (n, d), optional
            Rows to look up, once. By default, and if the nodes are where the last clusters were made, those clusters'
            rows need not be looked up again; otherwise the last rows that the model was trained on are, at most 8 for
            each of `max_nodes`.
        sample_weight : array of shape (n,), optional
            As of `fit`.

        Returns
        -------
        GrowingNeuralGas
            This model.

        Raises
        ------
        AttributeError
            If the model is not fitted; or, without X, has kept no rows since it was trained with clusters="components".
        ValueError, TypeError
            If X or a parameter is not as described; with clusters="components", which has no such clusters.

        Examples
        --------
        >>> import numpy as np
        >>> from gng_fast import GrowingNeuralGas
        >>> X = np.random.default_rng(0).normal([[0, 0], [9, 0], [0, 20]], size=(500, 3, 2)).reshape(-1, 2)
        >>> model = GrowingNeuralGas(100, random_state=0).fit(X)
        >>> model.n_clusters_, model.set_params(n_clusters=2).cluster().n_clusters_
        (3, 2)
        """
        state = self._fitted_state("cluster")
        if not self._by_density:
            raise ValueError("cluster needs clusters='density', got clusters='components'")
        if X is None:
            if sample_weight is not None:
                raise ValueError("sample_weight cannot be used without X")
            with state.clustering:
                known = state.known_clusters()
                if known is None:
                    self._made_of_recent(state, state.network, "cluster")
                else:
                    places, place_of = known.places, known.place_of
                    self._keep(state, state.network, places, place_of, known.landscape, state.network.n_changes)
            return self
        points = self._points(state, X)
        weights = None if sample_weight is None else as_row_weights(sample_weight, len(points))
        with state.clustering:
            self._made_of(state, state.network, points, weights)
        return self

    @property
    def _by_density(self) -> bool:
        return bool(check("clusters", self.clusters) == "density")

    def _of_nodes(self, state: TrainingState, network: Network, wanted: str) -> NDArray[np.int64]:
        """The clusters of the nodes of a network: that of the state, or a copy of it as it was at some moment."""
        if self._by_density:
            return self._known(state, network, wanted).of_nodes
        return network.components()

    def _known(self, state: TrainingState, network: Network, wanted: str) -> KnownClusters:
        """The clusters of a network by density, for the attribute or method `wanted`: made now if need be."""
        if not self._by_density:
            raise AttributeError(f"{wanted}: there is none with clusters='components'")
        known = state.known_clusters() if network is state.network else None
        if known is not None:
            return known
        with state.clustering:  # another thread may be making them
            known = state.known_clusters() if network is state.network else None
            return self._made_of_recent(state, network, wanted) if known is None else known

    def _made_of_recent(self, state: TrainingState, network: Network, wanted: str) -> KnownClusters:
        """Clusters made from the last rows that the model was trained on."""
        rows = None if state.recent is None else state.recent.in_order()
        if rows is None or not len(rows):
            raise AttributeError(
                f"{wanted}: there are no rows to make clusters from, since the model was trained with "
                "clusters='components': give some to cluster(X)"
            )
        return self._made_of(state, network, rows, None)

    def _made_of(
        self,
        state: TrainingState,
        network: Network,
        points: NDArray[np.float32],
        weights: NDArray[np.float64] | None,
        winners: NDArray[np.unsignedinteger[Any]] | None = None,
    ) -> KnownClusters:
        """Clusters made from one look-up of these rows; `winners` is room for their nearest nodes."""
        # asked for before the copy is made: another thread may train meanwhile
        n_changes, nodes = network.n_changes, network.graph().nodes.astype(np.float32, copy=False)
        report("clustering", 0)
        won = tally(nodes, points, weights, pairs=True, n_jobs=self._n_threads, winners=winners)
        return self._made_of_won(state, network, nodes, won, n_changes)

    def _made_of_won(
        self, state: TrainingState, network: Network, nodes: NDArray[np.float32], won: Tally, n_changes: int
    ) -> KnownClusters:
        """Clusters made from what nodes have won, which are those of the network at this count of its changes."""
        places = places_of(nodes, won)
        if places is nodes:
            return self._keep(state, network, nodes, None, stoppable(landscape_of, nodes, won), n_changes)
        place_of = nearest_position(places, nodes)[0]
        landscape = stoppable(landscape_of, places, won_by_places(places, place_of, nodes, won))
        return self._keep(state, network, places, place_of, landscape, n_changes)

    def _keep(
        self,
        state: TrainingState,
        network: Network,
        places: NDArray[np.float32],
        place_of: NDArray[np.int64] | None,
        landscape: Landscape,
        n_changes: int,
    ) -> KnownClusters:
        """The clusters of a landscape, numbered after those before, which the state then knows."""
        wanted = Wanted(
            check("n_clusters", self.n_clusters),
            check("min_cluster_size", self.min_cluster_size),
            check_switch("noise", self.noise),
        )
        made = KnownClusters(places, landscape, stoppable(clusters_of, places, landscape, wanted), 0, place_of)
        known = named(made, state.clusters)
        state.keep_clusters(known, n_changes if network is state.network else -1)
        return known

    def _cluster_data(
        self, state: TrainingState, points: NDArray[np.float32], weights: NDArray[np.float64] | None
    ) -> None:
        """Look up the data of `fit`: keep the nearest node of each row, and the clusters."""
        if not self._by_density:
            state.keep_winners(winners_of(state.network, points, self._n_threads))
            return
        winners = room_for_winners(state.network, len(points))
        with state.clustering:
            state.clusters = None  # those that were made meanwhile, of a part of the rows: numbers start at 0
            self._made_of(state, state.network, points, weights, winners)
        state.keep_winners(winners)

    def _keep_recent(
        self,
        state: TrainingState,
        points: NDArray[np.float32] | None = None,
        weights: NDArray[np.float64] | None = None,
    ) -> None:
        """Let the state keep as many rows as the parameters ask for: those that it has, or some of `points`."""
        if not self._by_density:
            state.recent = None
            return
        most = ROWS_PER_NODE * int(state.network.parameters["max_nodes"])
        if state.recent is None:
            state.recent = RecentRows(state.network.n_features, most)
        elif state.recent.most != most:
            state.recent = state.recent.copy(most)
        if points is not None:
            state.recent.add(points[spread_rows(len(points), most, weights)])


def make_clusters(model: Clustered) -> None:
    """Make the clusters of a fitted model now, unless they are known, and not when somebody first asks for them.

    Parameters
    ----------
    model : GrowingNeuralGas
    """
    state = training_state(model)
    model._of_nodes(state, state.network, "predict")


def cluster_by_tally(model: Clustered, won: Tally) -> None:
    """Make the clusters of a fitted model from what its nodes have won, wherever that was counted; numbered from 0.

    Parameters
    ----------
    model : GrowingNeuralGas
        With clusters="density".
    won : Tally
        Of the model's nodes, with pairs.
    """
    state = training_state(model)
    network = state.network
    n_changes, nodes = network.n_changes, network.graph().nodes.astype(np.float32, copy=False)
    with state.clustering:
        state.clusters = None
        model._made_of_won(state, network, nodes, won, n_changes)


@whatever_errstate
def as_row_weights(sample_weight: ArrayLike, n: int) -> NDArray[np.float64]:
    """Return weights of n rows as numbers of repetitions: themselves, or larger so that they are rows enough.

    Weights that add up to less than the rows that have any, such as probabilities, are meant to be relative, and so are
    those beyond 2^40.

    Raises ValueError if all are 0, and what `check_weights` raises.
    """
    weights = check_weights(sample_weight, n)
    if not weights.any():
        raise ValueError("sample_weight must not all be zero")
    n_rows, largest = np.count_nonzero(weights), float(weights.max())
    relative = weights / largest
    total = float(np.cumsum(relative)[-1])
    counts = largest <= _MOST_REPETITIONS and total * largest >= n_rows
    return weights if counts else relative * (n_rows / total)


def _no_labels(name: str, method: str) -> AttributeError:
    return AttributeError(
        f"{name}: there are none during fit, after a fit that was interrupted, and after further training, "
        f"call {method}"
    )

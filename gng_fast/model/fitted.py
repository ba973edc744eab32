"""What fitting has made: the state of a model, all of it in one object, and the attributes that show it."""

import math
import os
import sys
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from gng_fast.core.network import Network, restored
from gng_fast.core.signals import Signals
from gng_fast.graph import Graph
from gng_fast.model.clusters.names import KnownClusters
from gng_fast.model.clusters.recent import RecentRows
from gng_fast.model.coordinates import Coordinates
from gng_fast.model.history import MOST_ENTRIES, Entry, merged
from gng_fast.model.row_weights import CARRY_AT_START

_Found = TypeVar("_Found")

#: The smallest of these types that holds all node numbers is that of `winners_of`.
WINNER_TYPES = np.uint8, np.uint16, np.uint32

# Rows looked up at a time for the winners: what they take besides is 12 bytes each.
_ROWS_AT_ONCE = 2**15


class Moment(NamedTuple):
    """What changes in a state while it is trained, copied at one moment between two pieces of training."""

    about: dict[str, Any]
    arrays: dict[str, NDArray[Any]]
    history: list[Entry]
    carry: int
    winners: NDArray[np.unsignedinteger[Any]] | None
    recent: RecentRows | None
    clusters: KnownClusters | None
    clusters_hold: bool


@dataclass(eq=False)
class TrainingState:
    """All that training goes on from, and what is kept until the network changes.

    A thread may read what another trains: `fit` replaces the state as a whole, and whoever needs two things of one
    moment takes them with `at_one_moment` or `moment`. A copy or pickle shares nothing with it that training changes.

    Parameters
    ----------
    network : Network
        The compiled network.
    coordinates : Coordinates
        Where the network's float32 coordinates lie in the units of the data.
    feature_names : ndarray of str objects, shape (d,), optional
        Names of the columns of the data.
    history : list of Entry
        Mean distances to the winner, in the network's units, for each epoch of `fit` or array of `partial_fit`, or for
        several in a row: never more than twice `MOST_ENTRIES`.
    carry : int
        Fraction of a presentation that the weights of the rows so far have left over, in units of 2^-32.

    Attributes
    ----------
    winners : ndarray of unsigned int, shape (n,), or None
        The nearest node of each row of the data of `fit`, as long as the nodes are where `fit` left them.
    recent : RecentRows or None
        The rows that clusters are made from when the nodes have moved; None if they are not made from rows.
    clusters : KnownClusters or None
        The last clusters that were made from rows, as of the nodes then.
    """

    network: Network
    coordinates: Coordinates
    feature_names: NDArray[np.object_] | None = None
    history: list[Entry] = field(default_factory=list)
    carry: int = CARRY_AT_START
    winners: NDArray[np.unsignedinteger[Any]] | None = field(default=None, init=False)
    # the network's count of changes when its nodes were where the winners were found
    _won_at: int = field(default=-1, init=False)
    recent: RecentRows | None = field(default=None, init=False)
    clusters: KnownClusters | None = field(default=None, init=False)
    # the network's count of changes when its nodes were where the clusters were made
    _clustered_at: int = field(default=-1, init=False)
    # the parameters that the network was trained with last, to see whether they were set anew since
    parameters: tuple[Any, ...] = field(default=(), init=False)
    # the signals of one row, for `partial_fit` with one row after another, with the jitter they were made for
    single_row: tuple[float, Signals] | None = field(default=None, init=False)
    # the copy of the graph, with what it is of: the network, its count of changes, and the clusters
    _graph: tuple[Network, int, KnownClusters | None, Graph] | None = field(default=None, init=False)
    # the labels, with the clusters of the nodes that they were taken from
    _labels: tuple[NDArray[np.int64], NDArray[np.int64]] | None = field(default=None, init=False)
    # the locks, for each process: a thread that had one when the process was forked is not in the child
    _locks: dict[tuple[str, int], Any] = field(default_factory=dict, init=False)

    @property
    def training(self) -> AbstractContextManager[bool]:
        """The lock of whoever trains, and of whoever copies what is trained."""
        return self._lock("training")

    @property
    def clustering(self) -> AbstractContextManager[bool]:
        """The lock of whoever makes clusters, and numbers them after those before; it never waits for training."""
        return self._lock("clustering")

    def _lock(self, name: str) -> AbstractContextManager[bool]:
        key = name, os.getpid()
        lock: AbstractContextManager[bool] = self._locks.get(key) or self._locks.setdefault(key, threading.RLock())
        return lock

    def graph(self) -> Graph:
        """The graph as it is now, in the units of the data; the same object until it, or its clusters, are others."""
        # asked for before the copy is made: another thread may train meanwhile
        network, copied = self.network, self._graph
        n_changes, known = network.n_changes, self.known_clusters()
        if copied is None or copied[0] is not network or copied[1] != n_changes or copied[2] is not known:
            graph = self.coordinates.graph(network.graph(), str(network.parameters["variant"]))
            if known is not None and network.n_changes == n_changes:
                graph = graph.with_clusters(known.of_nodes)
            copied = self._graph = network, n_changes, known, graph
        return copied[3]

    def at_one_moment(self, look_up: Callable[[Network], _Found]) -> _Found:
        """What several questions to the network find, all at the same moment, whoever else trains it meanwhile."""
        network = self.network
        n_changes = network.n_changes
        found = look_up(network)
        if network.n_changes != n_changes:
            found = look_up(restored(type(network), *network.as_arrays()))  # nobody else knows this one
        return found

    def labels(self, clusters_of: Callable[[Network], NDArray[np.int64]]) -> NDArray[np.int64] | None:
        """The clusters of the data of `fit`, while it is known which nodes are nearest to its rows.

        clusters_of : returns the clusters of the nodes of a network
        """
        network, winners = self.network, self.known_winners()
        if winners is None:
            return None
        of_nodes, labels = clusters_of(network), self._labels
        if self.known_winners() is not winners:  # trained meanwhile
            return None
        if labels is None or labels[0] is not of_nodes:
            labels = self._labels = of_nodes, of_nodes[winners]
        return labels[1]

    def mean_distances(self) -> NDArray[np.float64]:
        """The history in the units of the data."""
        distances = [distance for distance, _ in merged(tuple(self.history))]
        return self.coordinates.lengths(np.array(distances, dtype=np.float64))

    def note_distance(self, *, if_any: bool = False) -> None:
        """Add the mean distance of the signals since the last call to the history.

        if_any : whether to leave it out, instead of adding NaN, if there were no signals
        """
        # The network forgets what it gives. `extend` takes and keeps it in one call of C, within which Ctrl-C waits:
        # with `append(take_mean_distance())` it could come between the two calls, and the distance would be lost.
        taken = map(Network.take_mean_distance, [self.network])
        self.history.extend(zip(filter(math.isfinite, taken) if if_any else taken, repeat(1)))
        if len(self.history) == 2 * MOST_ENTRIES:
            self.history = merged(self.history)

    def replace_network(self, network: Network) -> None:
        """Go on with another network for the same data; the clusters that were found with the old one are forgotten."""
        self.forget_winners()
        self._clustered_at = -1
        self.network = network

    def keep_winners(self, winners: NDArray[np.unsignedinteger[Any]] | None) -> None:
        """Keep the nearest nodes of the data of `fit`, which hold as long as the nodes stay."""
        self._won_at, self.winners = self.network.n_changes, winners

    def known_winners(self) -> NDArray[np.unsignedinteger[Any]] | None:
        """The winners, unless the network was changed since, by whomever."""
        winners = self.winners
        return winners if self._won_at == self.network.n_changes else None

    def keep_clusters(self, clusters: KnownClusters, n_changes: int) -> None:
        """Keep clusters, which hold as long as the network's count of changes is this."""
        self._clustered_at = -1  # what another thread sees is never the new count with the old clusters
        self.clusters = clusters
        self._clustered_at = n_changes

    def known_clusters(self) -> KnownClusters | None:
        """The clusters, unless the network was changed since they were made, by whomever."""
        clusters = self.clusters
        return clusters if self._clustered_at == self.network.n_changes else None

    def forget_winners(self) -> None:
        """Before the nodes move: what was nearest to the data of `fit` may no longer be."""
        self.winners = self._labels = None

    def moment(self) -> Moment:
        """Return a copy of what changes; it waits for the piece of training that another thread is at."""
        with self.training:
            about, arrays = self.network.as_arrays()
            recent = None if self.recent is None else self.recent.copy()
            clusters_hold = self.known_clusters() is not None
            return Moment(
                about,
                arrays,
                list(self.history),
                self.carry,
                self.known_winners(),
                recent,
                self.clusters,
                clusters_hold,
            )

    def __reduce__(self) -> tuple[Any, ...]:
        return state_of, (type(self.network), self.coordinates, self.feature_names, self.moment())


def state_of(
    kind: type[Network],
    coordinates: Coordinates,
    feature_names: NDArray[np.object_] | None,
    moment: Moment,
) -> TrainingState:
    """Return the state that a `TrainingState` was at that moment."""
    network = restored(kind, moment.about, moment.arrays)
    state = TrainingState(network, coordinates, feature_names, list(moment.history), moment.carry)
    state.keep_winners(moment.winners)
    state.recent = moment.recent
    if moment.clusters is not None:
        state.keep_clusters(moment.clusters, network.n_changes if moment.clusters_hold else -1)
    return state


def winners_of(network: Network, points: NDArray[np.float32], n_jobs: int) -> NDArray[np.unsignedinteger[Any]]:
    """Return the nearest node of each point, (n,), in 1, 2 or 4 bytes each."""
    winners = room_for_winners(network, len(points))
    for start in range(0, len(points), _ROWS_AT_ONCE):
        rows = slice(start, start + _ROWS_AT_ONCE)
        winners[rows] = network.nearest(points[rows], n_jobs)[0]
    return winners


def room_for_winners(network: Network, n: int) -> NDArray[np.unsignedinteger[Any]]:
    """Return an array for the nearest nodes of n points, in 1, 2 or 4 bytes each."""
    dtype = next(dtype for dtype in WINNER_TYPES if network.n_nodes - 1 <= np.iinfo(dtype).max)
    return np.empty(n, dtype)


class FittedAttributes:
    """The attributes of a fitted model; before it is fitted there are none of them."""

    _state: TrainingState

    @property
    def network_(self) -> Network:
        """The compiled network; its coordinates are those of the data only if these are near the origin."""
        return self._fitted_state("network_").network

    @property
    def n_features_in_(self) -> int:
        """Columns of the data."""
        return self._fitted_state("n_features_in_").network.n_features

    @property
    def feature_names_in_(self) -> NDArray[np.object_]:
        """Names of the columns of the data, if they have names."""
        names = self._fitted_state("feature_names_in_").feature_names
        if names is None:
            raise AttributeError("feature_names_in_: the columns that the model was fitted on have no names")
        return names

    @property
    def graph_(self) -> Graph:
        """The graph as it is now."""
        return self._fitted_state("graph_").graph()

    @property
    def history_(self) -> NDArray[np.float64]:
        """Mean distances to the winner, per epoch of `fit` or array of `partial_fit`."""
        return self._fitted_state("history_").mean_distances()

    def _fitted_state(self, wanted: str) -> TrainingState:
        """The state, for the attribute or method `wanted`."""
        if not self.__sklearn_is_fitted__():
            raise _not_fitted(f"{wanted}: this {type(self).__name__} is not fitted yet, call fit or partial_fit first")
        return self._state

    def __sklearn_is_fitted__(self) -> bool:
        return "_state" in self.__dict__


def training_state(model: FittedAttributes) -> TrainingState:
    """Return the state of a fitted model, for tools that go on with its network by themselves.

    What is done to the state is done to the model: `gng_fast.distributed` refines the network where the data is, in the
    state's coordinates, and gives the model the result with `TrainingState.replace_network`.

    Parameters
    ----------
    model : GrowingNeuralGas

    Returns
    -------
    TrainingState

    Raises
    ------
    AttributeError
        If the model is not fitted.
    """
    return model._fitted_state("training_state")


def _not_fitted(message: str) -> AttributeError:
    """The error for a model that is not fitted: scikit-learn's, if anybody imported it and could look for it."""
    exceptions = sys.modules.get("sklearn.exceptions")
    return exceptions.NotFittedError(message) if exceptions else AttributeError(message)

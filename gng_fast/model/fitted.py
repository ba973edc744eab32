"""What fitting has made: the state of a model, all of it in one object, and the attributes that show it."""

import math
import sys
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from gng_fast.core.network import Network
from gng_fast.core.signals import Signals
from gng_fast.graph import Graph
from gng_fast.model.coordinates import Coordinates
from gng_fast.model.data import Data
from gng_fast.model.row_weights import CARRY_AT_START


@dataclass(eq=False)
class TrainingState:
    """All that training goes on from, and what is kept until the network changes.

    Parameters
    ----------
    network : Network
        The compiled network.
    coordinates : Coordinates
        Where the network's float32 coordinates lie in the units of the data.
    feature_names : ndarray of str objects, shape (d,), optional
        Names of the columns of the data.
    history : list of float
        Mean distances to the winner, in the network's units, for each epoch of `fit` or array of `partial_fit`.
    carry : int
        Fraction of a presentation that the weights of the rows so far have left over, in units of 2^-32.
    unlabelled : Data, optional
        The data of `fit`, as long as nobody has asked for its labels.
    labels : ndarray of int64, shape (n,), optional
        The clusters of the data of `fit`, if somebody has.
    """

    network: Network
    coordinates: Coordinates
    feature_names: NDArray[np.object_] | None = None
    history: list[float] = field(default_factory=list)
    carry: int = CARRY_AT_START
    unlabelled: Data | None = None
    labels: NDArray[np.int64] | None = None
    # the signals of one row, for `partial_fit` with one row after another, with the jitter they were made for
    single_row: tuple[float, Signals] | None = field(default=None, init=False)
    # the copy of the graph, with the network's count of changes when it was made
    _graph: tuple[int, Graph] | None = field(default=None, init=False)

    def graph(self) -> Graph:
        """The graph as it is now, in the units of the data; the same object until the network changes."""
        # asked for before the copy is made: another thread may train meanwhile
        n_changes, copied = self.network.n_changes, self._graph
        if copied is None or copied[0] != n_changes:
            variant = self.network.parameters["variant"]
            copied = self._graph = n_changes, self.coordinates.graph(self.network.graph(), str(variant))
        return copied[1]

    def mean_distances(self) -> NDArray[np.float64]:
        """The history in the units of the data."""
        return self.coordinates.lengths(np.array(self.history, dtype=np.float64))

    def note_distance(self, *, if_any: bool = False) -> None:
        """Add the mean distance of the signals since the last call to the history.

        if_any : whether to leave it out, instead of adding NaN, if there were no signals
        """
        # The network forgets what it gives. `extend` takes and keeps it in one call of C, within which Ctrl-C waits:
        # with `append(take_mean_distance())` it could come between the two calls, and the distance would be lost.
        taken = map(Network.take_mean_distance, [self.network])
        self.history.extend(filter(math.isfinite, taken) if if_any else taken)

    def replace_network(self, network: Network) -> None:
        """Go on with another network for the same data; the clusters that were found with the old one are forgotten."""
        self.network = network
        self.unlabelled = self.labels = self._graph = None


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

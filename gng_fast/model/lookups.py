"""What a fitted model says about data: nearest nodes, distances, and how well the nodes stand for it."""

from collections.abc import Callable
from typing import Any, Literal, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gng_fast.checks import as_table, as_weights, whatever_errstate
from gng_fast.core.network import Network
from gng_fast.model.data import Data
from gng_fast.model.fitted import TrainingState
from gng_fast.model.sklearn_protocol import SklearnProtocol
from gng_fast.parameters import check_switch

#: What is measured for some rows, in a network that does not change meanwhile.
_Measure = Callable[[Network, NDArray[np.float32]], NDArray[Any]]


class LookUps(SklearnProtocol):
    """Mixin with the methods of a fitted model that look rows up, and change nothing."""

    n_jobs: int | None

    @overload
    def nearest(self, X: Data, *, return_distance: Literal[False] = False) -> NDArray[np.int64]: ...

    @overload
    def nearest(self, X: Data, *, return_distance: Literal[True]) -> tuple[NDArray[np.int64], NDArray[np.float64]]: ...

    def nearest(
        self, X: Data, *, return_distance: bool = False
    ) -> NDArray[np.int64] | tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return the nearest node of each row: vector quantization.

        The distance to it says how unlike the data of training a row is: a score for outliers.

        Parameters
        ----------
        X : array of shape (n, d)
        return_distance : bool, default False
            Whether to return the distances too.

        Returns
        -------
        nodes : ndarray of int64, shape (n,)
            Rows of `graph_.nodes`; of equally near ones the first.
        distances : ndarray of float64, shape (n,)
            Euclidean distances to them, in the units of the data; only if asked for.

        Raises
        ------
        AttributeError
            If the model is not fitted.
        ValueError, TypeError
            If X or `n_jobs` is not as described; the message says what was allowed and what was given.

        Examples
        --------
        >>> from gng_fast import GrowingNeuralGas
        >>> model = GrowingNeuralGas(2, random_state=0).fit([[0.0, 0.0], [0.0, 1.0]] * 10)
        >>> nodes, distances = model.nearest([[0.0, 0.5], [40.0, 0.5]], return_distance=True)
        >>> (distances > 1).tolist()
        [False, True]
        """
        state = self._fitted_state("nearest")
        nodes, distances = state.network.nearest(self._points(state, X), self._n_threads)
        if not check_switch("return_distance", return_distance):
            return nodes
        return nodes, state.coordinates.lengths(distances.astype(np.float64))

    def transform(self, X: Data) -> Any:
        """Return the Euclidean distances of each row to all nodes.

        Parameters
        ----------
        X : array of shape (n, d)

        Returns
        -------
        ndarray of float32, shape (n, n_nodes), or what `set_output` asks for
            The smallest of a row is that of `nearest`. float64 if the data was scaled (see the class).

        Raises
        ------
        AttributeError, ValueError, TypeError
            As `nearest`.
        """
        state = self._fitted_state("transform")
        distances = state.network.distances(self._points(state, X), self._n_threads)
        return self._in_container(state.coordinates.lengths(distances), X)

    def quantization_error(self, X: Data, *, sample_weight: ArrayLike | None = None) -> float:
        """Return the mean distance of the rows to their nearest nodes.

        Parameters
        ----------
        X : array of shape (n, d)
        sample_weight : array of shape (n,), optional
            A row of weight k counts as k rows: finite, >= 0, not all 0.

        Returns
        -------
        float
            Mean in float64.

        Raises
        ------
        AttributeError, ValueError, TypeError
            As `nearest`, or if the weights are not as described.
        """
        state = self._fitted_state("quantization_error")

        def distances(network: Network, points: NDArray[np.float32]) -> NDArray[np.float32]:
            return network.nearest(points, self._n_threads)[1]

        return self._mean(state, X, sample_weight, distances) / state.coordinates.scale

    def score(self, X: Data, y: object = None, *, sample_weight: ArrayLike | None = None) -> float:
        """Return minus the mean squared distance of the rows to their nearest nodes: the greater, the better.

        Parameters
        ----------
        X : array of shape (n, d)
        y : ignored
        sample_weight : array of shape (n,), optional
            As of `quantization_error`.

        Returns
        -------
        float
            Mean in float64; of distances below 1e-162 it is 0.

        Raises
        ------
        AttributeError, ValueError, TypeError
            As `quantization_error`.
        """
        state = self._fitted_state("score")

        def squared(network: Network, points: NDArray[np.float32]) -> NDArray[np.float64]:
            return np.square(network.nearest(points, self._n_threads)[1], dtype=np.float64)

        return -self._mean(state, X, sample_weight, squared) / state.coordinates.scale / state.coordinates.scale

    def topographic_error(self, X: Data, *, sample_weight: ArrayLike | None = None) -> float:
        """Return the share of the rows whose two nearest nodes are not joined by an edge.

        It says how well the edges stand for what lies side by side in the data (K. Kiviluoto, ICNN 1996).

        Parameters
        ----------
        X : array of shape (n, d)
        sample_weight : array of shape (n,), optional
            As of `quantization_error`.

        Returns
        -------
        float
            In [0, 1].

        Raises
        ------
        AttributeError, ValueError, TypeError
            As `quantization_error`.

        Examples
        --------
        >>> import numpy as np
        >>> from gng_fast import GrowingNeuralGas
        >>> X = np.random.default_rng(0).random((2000, 2))
        >>> model = GrowingNeuralGas(50, random_state=0).fit(X)
        >>> model.topographic_error(X) > model.reconnect(X).topographic_error(X) == 0
        True
        """
        state = self._fitted_state("topographic_error")

        def apart(network: Network, points: NDArray[np.float32]) -> NDArray[np.bool_]:
            two, graph = network.two_nearest(points, self._n_threads)[0], network.graph()
            return np.isin(_keys(two, graph.n_nodes), _keys(graph.edges, graph.n_nodes), invert=True)

        return self._mean(state, X, sample_weight, apart)

    @whatever_errstate
    def _mean(self, state: TrainingState, X: Data, sample_weight: ArrayLike | None, measure: _Measure) -> float:
        """The mean over rows of these weights, in float64, of what is measured for some of them at a time."""
        table = self._checked(state, X)
        weights = None if sample_weight is None else as_weights(sample_weight, len(table), "sample_weight")

        def total(network: Network) -> float:
            total = 0.0
            for start, points in state.coordinates.pieces(table):
                values = measure(network, points)
                if weights is None:
                    total += float(values.sum(dtype=np.float64))
                else:
                    total += float(weights[start : start + len(points)] @ values)
            return total

        return state.at_one_moment(total) / (len(table) if weights is None else float(weights.sum()))

    def _points(self, state: TrainingState, X: Data) -> NDArray[np.float32]:
        """X in the network's coordinates, with the columns that the model was fitted on."""
        return state.coordinates.points(self._checked(state, X))

    @property
    def _n_threads(self) -> int:
        return 1 if self.n_jobs is None else self.n_jobs

    def _checked(self, state: TrainingState, X: Data) -> NDArray[Any]:
        """X as a table with the columns that the model was fitted on."""
        table: NDArray[Any] = as_table(X)
        self._check_columns(state, X, table.shape[1])
        return table


def _keys(pairs: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    """One number for each pair of n nodes, whichever comes first in it."""
    keys: NDArray[np.int64] = pairs.min(axis=1) * n + pairs.max(axis=1)
    return keys

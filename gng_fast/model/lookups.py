"""What a fitted model says about data: nearest nodes, clusters, distances, and how well the nodes stand for it."""

from typing import Any, Literal, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gng_fast.checks import as_table, as_weights, check_values, whatever_errstate
from gng_fast.model.data import Data
from gng_fast.model.fitted import TrainingState
from gng_fast.model.sklearn_protocol import SklearnProtocol
from gng_fast.parameters import check_switch

# `transform` works on so many distances at a time: what they take stays in the processor's cache.
_DISTANCES_AT_ONCE = 65536


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

    def predict(self, X: Data) -> NDArray[np.int64]:
        """Return the cluster of each row: the connected component (`graph_.components`) of its nearest node.

        Parameters
        ----------
        X : array of shape (n, d)

        Returns
        -------
        ndarray of int64, shape (n,)
            Numbers of components, from 0.

        Raises
        ------
        AttributeError, ValueError, TypeError
            As `nearest`.
        """
        state = self._fitted_state("predict")
        points = self._points(state, X)
        (nodes, _), graph = state.at_one_moment(lambda network: network.nearest(points, self._n_threads))
        components: NDArray[np.int64] = graph.components
        return components[nodes]

    @whatever_errstate
    def transform(self, X: Data) -> Any:
        """Return the Euclidean distances of each row to all nodes.

        Parameters
        ----------
        X : array of shape (n, d)

        Returns
        -------
        ndarray of float32, shape (n, n_nodes), or what `set_output` asks for
            The smallest of a row is that of `nearest` up to rounding. float64 if the data was scaled (see the class).

        Raises
        ------
        AttributeError, ValueError, TypeError
            As `nearest`.
        """
        state = self._fitted_state("transform")
        points, nodes = self._points(state, X), state.network.graph().nodes
        check_values(points)
        distances = np.zeros((len(points), len(nodes)), np.float32)
        step = max(1, _DISTANCES_AT_ONCE // len(nodes))
        for start in range(0, len(points), step):
            rows, squared = points[start : start + step], distances[start : start + step]
            for k in range(points.shape[1]):
                difference = np.subtract.outer(rows[:, k], nodes[:, k])
                squared += np.square(difference, out=difference)
            np.sqrt(squared, out=squared)
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
        points = self._points(state, X)
        distances = state.network.nearest(points, self._n_threads)[1]
        return _mean(distances, sample_weight) / state.coordinates.scale

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
        points = self._points(state, X)
        squared = np.square(state.network.nearest(points, self._n_threads)[1], dtype=np.float64)
        return -_mean(squared, sample_weight) / state.coordinates.scale / state.coordinates.scale

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
        points = self._points(state, X)
        (two, _), graph = state.at_one_moment(lambda network: network.two_nearest(points, self._n_threads))
        joined = np.isin(_keys(two, graph.n_nodes), _keys(graph.edges, graph.n_nodes))
        return _mean(~joined, sample_weight)

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


def _mean(values: NDArray[Any], sample_weight: ArrayLike | None) -> float:
    """The mean of values of rows of these weights, in float64."""
    if sample_weight is None:
        return float(values.mean(dtype=np.float64))
    weights = as_weights(sample_weight, len(values), "sample_weight")
    return float(weights @ values / weights.sum())


def _keys(pairs: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    """One number for each pair of n nodes, whichever comes first in it."""
    keys: NDArray[np.int64] = pairs.min(axis=1) * n + pairs.max(axis=1)
    return keys

"""What a fitted model says about data: nearest nodes, clusters, distances, and how well the nodes stand for it."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gng_fast.checks import as_table, check_values
from gng_fast.model.data import Data
from gng_fast.model.sklearn_protocol import SklearnProtocol

# `transform` works on so many distances at a time: what they take stays in the processor's cache.
_DISTANCES_AT_ONCE = 65536


class LookUps(SklearnProtocol):
    """Mixin with the methods of a fitted model that look rows up, and change nothing."""

    n_jobs: int | None

    def nearest(self, X: Data) -> NDArray[np.int64]:
        """Return the nearest node of each row: vector quantization.

        Parameters
        ----------
        X : array of shape (n, d)

        Returns
        -------
        ndarray of int64, shape (n,)
            Rows of `graph_.nodes`; of equally near ones the first.

        Raises
        ------
        AttributeError
            If the model is not fitted.
        ValueError, TypeError
            If X or `n_jobs` is not as described; the message says what was allowed and what was given.
        """
        return self._look_up(X, "nearest")[0]

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
        nodes = self._look_up(X, "predict")[0]
        components: NDArray[np.int64] = self.graph_.components
        return components[nodes]

    def transform(self, X: Data) -> Any:
        """Return the Euclidean distances of each row to all nodes.

        Parameters
        ----------
        X : array of shape (n, d)

        Returns
        -------
        ndarray of float32, shape (n, n_nodes), or what `set_output` asks for
            The smallest of a row is that of `nearest` up to rounding.

        Raises
        ------
        AttributeError, ValueError, TypeError
            As `nearest`.
        """
        state = self._fitted_state("transform")
        points, nodes = state.coordinates.points(self._checked(X)), state.network.graph().nodes
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

    def quantization_error(self, X: Data) -> float:
        """Return the mean distance of the rows to their nearest nodes.

        Parameters
        ----------
        X : array of shape (n, d)

        Returns
        -------
        float
            Mean in float64.

        Raises
        ------
        AttributeError, ValueError, TypeError
            As `nearest`.
        """
        return float(self._look_up(X, "quantization_error")[1].mean(dtype=np.float64))

    def score(self, X: Data, y: object = None) -> float:
        """Return minus the mean squared distance of the rows to their nearest nodes: the greater, the better.

        Parameters
        ----------
        X : array of shape (n, d)
        y : ignored

        Returns
        -------
        float
            Mean in float64.

        Raises
        ------
        AttributeError, ValueError, TypeError
            As `nearest`.
        """
        return -float(np.square(self._look_up(X, "score")[1], dtype=np.float64).mean())

    @property
    def labels_(self) -> NDArray[np.int64]:
        """Clusters of the data of `fit`."""
        state = self._fitted_state("labels_")
        # neither is looked at twice: several threads may ask at the same time
        unlabelled, labels = state.unlabelled, state.labels
        if unlabelled is not None:
            state.labels = labels = self.predict(unlabelled)
            state.unlabelled = None
        if labels is None:
            raise AttributeError("labels_: there are none during fit and after partial_fit, call predict")
        return labels

    def _look_up(self, X: Data, wanted: str) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The nearest nodes and their distances, for the method `wanted`."""
        state = self._fitted_state(wanted)
        points = state.coordinates.points(self._checked(X))
        nodes, distances = state.network.nearest(points, n_jobs=self._n_threads)
        return nodes, state.coordinates.lengths(distances)

    @property
    def _n_threads(self) -> int:
        return 1 if self.n_jobs is None else self.n_jobs

    def _checked(self, X: Data) -> NDArray[Any]:
        """X as a table with the columns that the model was fitted on."""
        table: NDArray[Any] = as_table(X)
        self._check_columns(X, table.shape[1])
        return table

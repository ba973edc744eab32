"""`predict`: the cluster of each row of data in partitions, worked out where the data lies."""

import copy
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gng_fast.distributed.clients import delayed
from gng_fast.distributed.partitions import naming_partition, partitions_of, table_of
from gng_fast.model.clustered import make_clusters
from gng_fast.model.estimator import GrowingNeuralGas
from gng_fast.model.fitted import training_state
from gng_fast.optional import need


def predict(model: GrowingNeuralGas, data: Any) -> Any:
    """Return the cluster of each row, as `model.predict` gives it, without bringing the data to one place.

    Nothing is computed yet: the labels of a partition are a task on the partition, which Dask runs where the data lies.

    Parameters
    ----------
    model : GrowingNeuralGas
        A fitted model. It travels to the workers as it is now; what it learns later changes nothing.
    data : Dask array of shape (n, d), Dask bag, Dask data frame, memory-mapped array, or list
        As in `fit`.

    Returns
    -------
    dask.array.Array of int64, shape (n,)
        One chunk for each partition. Lengths that Dask does not know it does not know here either.

    Raises
    ------
    AttributeError
        If the model is not fitted.
    ValueError, TypeError
        If the data is not as described. What is wrong within a partition is said, with its number, when it is computed.
    ImportError
        If Dask is not installed: pip install 'gng-fast[distributed]'.

    Examples
    --------
    >>> from dask import array
    >>> from gng_fast import distributed
    >>> X = array.random.default_rng(0).random((100_000, 2), chunks=(10_000, 2))
    >>> model = distributed.fit(X, max_nodes=200, random_state=0)
    >>> labels = distributed.predict(model, X)
    >>> labels.shape, labels.numblocks, int(labels.max().compute()) < model.graph_.n_components
    ((100000,), (10,), True)
    """
    if not isinstance(model, GrowingNeuralGas):
        raise TypeError(f"model must be a GrowingNeuralGas, got {type(model).__name__}")
    n_features = model.n_features_in_
    arrays = need("dask.array", "gng_fast.distributed")
    shape: tuple[Any, ...] = getattr(data, "shape", ())
    if len(shape) == 2 and isinstance(shape[1], int) and shape[1] != n_features:
        raise ValueError(f"data must have {n_features} columns, as that of the model, got {shape[1]}")
    parts, lengths = partitions_of(data)
    # a copy, in the same place for all tasks
    there, work = delayed(_copy_of(model)), delayed(labels_of)
    chunks = [
        arrays.from_delayed(work(i, part, there), (np.nan if lengths is None else lengths[i],), np.int64)
        for i, part in enumerate(parts)
    ]
    return arrays.concatenate(chunks, allow_unknown_chunksizes=lengths is None)


def _copy_of(model: GrowingNeuralGas) -> GrowingNeuralGas:
    """The model with its clusters, but without the rows that they are made from, and the labels of its data."""
    copied = copy.deepcopy(model)
    state = training_state(copied)
    make_clusters(copied)  # and not on every worker
    state.forget_winners()
    state.recent = None
    return copied


@naming_partition
def labels_of(part: Any, model: GrowingNeuralGas) -> NDArray[np.int64]:
    """The clusters of the rows of a partition; a data frame goes to the model with the names of its columns."""
    table = part if hasattr(part, "columns") else table_of(part)
    return np.empty(0, np.int64) if table is None or not len(table) else model.predict(table)

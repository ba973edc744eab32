"""What users may give as data, and what their data frames say about its columns."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gng_fast.checks import column_names

if TYPE_CHECKING:
    from typing_extensions import TypeIs  # type checkers know it, nothing need be installed

#: Rows of numbers, (n, d): a NumPy array, memory-mapped or not, nested sequences, or a data frame (anything that has
#: `__array__`). Whether there are rows of real numbers in it is looked at by `as_table`.
Data: TypeAlias = ArrayLike


def gives_arrays(X: Any) -> "TypeIs[Iterable[Any]]":
    """Whether X is an iterator of arrays, or makes one as loaders of batches do, and is no array or sequence itself."""
    # not isinstance with Iterator, which takes as long as training on a row
    if hasattr(X, "__next__"):
        return True
    if isinstance(X, (np.ndarray, set, frozenset)) or not hasattr(X, "__iter__"):
        return False
    if any(hasattr(X, name) for name in ("__array__", "__dlpack__", "shape")):
        return False
    # a sequence; without a length it can be indexed in name only, as PyTorch's IterableDataset
    return not (hasattr(X, "__getitem__") and hasattr(X, "__len__"))


def array_of(batch: Any) -> Data:
    """Return the array of what a loader gives: that itself, or the only entry of a batch of a data set of one tensor.

    Raises TypeError for batches of several, as rows with their labels.
    """
    if isinstance(batch, Mapping):
        for key, value in batch.items():
            if np.ndim(value) > 1:
                raise TypeError(
                    f"X must give arrays of shape (n, d), got a {type(batch).__name__}: give the entry with the rows, "
                    f"as in (batch[{key!r}] for batch in X)"
                )
    if isinstance(batch, (tuple, list)) and batch and np.ndim(batch[0]) > 1:
        if len(batch) == 1:
            first: Data = batch[0]
            return first
        raise TypeError(
            f"X must give arrays of shape (n, d), got a {type(batch).__name__} of {len(batch)}: give the one with the "
            "rows, as in (batch[0] for batch in X)"
        )
    given: Data = batch
    return given


def has_no_rows(X: Any) -> bool:
    """Whether X is an array or a sequence of no rows; what is neither is for `as_table` to refuse."""
    shape = getattr(X, "shape", None)
    if isinstance(shape, tuple):
        return len(shape) in (1, 2) and bool(shape[0] == 0)
    return isinstance(X, Sequence) and not isinstance(X, (str, bytes)) and len(X) == 0


def feature_names(X: Any) -> NDArray[np.object_] | None:
    """The names of the columns of a data frame as an array of str objects; None if there are none, or not all are str.

    Raises TypeError where only some of them are.
    """
    columns = column_names(X)
    if columns is None:
        return None
    names = np.asarray(columns, dtype=object)
    are_str = [isinstance(name, str) for name in names]
    if any(are_str) and not all(are_str):
        raise TypeError(
            "Feature names are only supported if all input features have string names, but X has some that "
            "are not: convert them with X.columns = X.columns.astype(str)"
        )
    return names if len(names) and all(are_str) else None

"""What users may give as data, and what their data frames say about its columns."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gng_fast.checks import column_names

if TYPE_CHECKING:
    from typing_extensions import TypeIs  # type checkers know it, nothing need be installed

#: Rows of numbers, (n, d): a NumPy array, memory-mapped or not, nested sequences, or a data frame (anything that has
#: `__array__`). Whether there are rows of real numbers in it is looked at by `as_table`.
Data: TypeAlias = ArrayLike


def is_iterator(X: Any) -> "TypeIs[Iterator[Any]]":
    """Whether X gives one array after another, instead of being one."""
    # not isinstance with Iterator, which takes as long as training on a row
    return hasattr(X, "__next__")


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

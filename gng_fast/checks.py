"""Arrays at the door: tables, points, weights and flags are checked here before anything is done with them."""

import functools
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ParamSpec, TypeVar

import numpy as np
from numpy.typing import NDArray

from gng_fast.parameters import RANGES, check

#: Squared distances are float32: beyond this a sum of squares could overflow to infinity.
LARGEST_COORDINATE = 1e15

# Up to so many values the sum of their squares is a faster check than their smallest and largest.
_FEW_VALUES = 1024


_P = ParamSpec("_P")
_T = TypeVar("_T")


def whatever_errstate(function: Callable[_P, _T]) -> Callable[_P, _T]:
    """Let `function` compute in floats as if the caller had NumPy say nothing about underflow, overflow or NaN.

    Underflow is part of every conversion to a smaller type of float, and what is too large or no number is refused by
    checks that name row and column.
    """

    @functools.wraps(function)
    def computed(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        # not errstate as a decorator: in NumPy 1.26 threads would restore each other's settings
        with np.errstate(all="ignore"):
            return function(*args, **kwargs)

    return computed


def as_table(X: Any, name: str = "X") -> NDArray[Any]:
    """Return `X` as an array of shape (n, d) of real numbers; of an array, whether they are finite is not looked at.

    An array is not copied, unless it holds objects: they become float64; a memory-mapped one stays that. Raises
    TypeError where X does not hold real numbers, ValueError for complex numbers, masked or missing ones, a wrong shape,
    no rows or no columns; and what `check_values` raises of a data frame, since only here its columns have names.
    """
    array = _as_array(X, name)
    columns = None if isinstance(X, np.ndarray) else column_names(X)
    if array.dtype.kind not in "biuf":
        if array.ndim == 0:
            raise _no_array(X, name)
        array = _as_real_numbers(array, name, columns)
    if array.ndim != 2:
        hint = (
            ". Reshape your data: X.reshape(-1, 1) is one column, X.reshape(1, -1) one row" if array.ndim == 1 else ""
        )
        raise ValueError(f"{name} must have 2 dimensions (n, d), got shape {array.shape}{hint}")
    n, d = array.shape
    if n == 0 or d == 0:
        hint = f": 0 feature(s) (shape=({n}, 0)) while a minimum of 1 is required." if d == 0 else ""
        raise ValueError(f"{name} must have at least one row and one column, got shape {array.shape}{hint}")
    if d > RANGES["n_features"].high:
        check("n_features", d)
    if columns is not None:
        check_values(array, name, columns=columns)
    return array


def column_names(X: Any) -> list[Any] | None:
    """The names of the columns of a data frame of any library; None if X is none."""
    names = getattr(X, "column_names", None)  # of PyArrow's tables, whose `columns` are the columns themselves
    if names is None:
        names = getattr(X, "columns", None)
    return None if names is None else list(names)


def _no_array(X: Any, name: str) -> TypeError:
    """The error for something of which NumPy makes no array but one object, with what to do."""
    what = "None" if X is None else f"a {type(X).__name__}"
    advice = ""
    if isinstance(X, (str, bytes, os.PathLike)):
        advice = ": load the file first, for instance with np.load or np.loadtxt"
    elif isinstance(X, Mapping):
        tables = [key for key, value in X.items() if getattr(value, "ndim", 0) == 2]
        advice = (
            f": give one of its entries, as in {name}[{tables[0]!r}]"
            if tables
            else f": make columns of its values, for instance with np.column_stack(list({name}.values()))"
        )
    return TypeError(f"{name} must be an array of numbers of shape (n, d), got {what}{advice}")


def _as_array(X: Any, name: str) -> NDArray[Any]:
    """X as an array of whatever it holds."""
    if type(X) is np.ndarray:
        return X
    if hasattr(X, "toarray") and not isinstance(X, np.ndarray):
        raise TypeError(f"{name} must be a dense array of shape (n, d), got a sparse {type(X).__name__}")
    _refuse_annotated(X, name)  # some of these are mappings too
    if isinstance(X, Mapping):
        raise _no_array(X, name)
    X = _without_gradient(X)
    if not hasattr(X, "__array__"):
        if hasattr(X, "collect"):
            raise TypeError(
                f"{name} must be an array or a data frame, got a {type(X).__name__}, which is not computed yet: "
                "give what its collect() returns"
            )
        if hasattr(X, "__dlpack__"):
            return _from_dlpack(X, name)
    _refuse_masked(X, name)
    try:
        array: NDArray[Any] = X if isinstance(X, np.memmap) else np.asarray(X)
    except ValueError as error:
        raise ValueError(f"{name} must be an array of shape (n, d) with rows of one length") from error
    except (TypeError, RuntimeError) as error:  # tensors that are sparse, elsewhere, or of a type that NumPy lacks
        kind = f"a {type(X).__name__} that NumPy cannot read"
        raise TypeError(f"{name} must be an array of numbers of shape (n, d), got {kind}: {error}") from error
    return array.astype(np.float32) if array.dtype.name == "bfloat16" else array


def copied(X: Any, array: NDArray[Any]) -> bool:
    """Whether X is memory that can be written to, and `array`, which was made of it, is not the same memory."""
    if isinstance(X, np.ndarray):
        can_be_written = X.flags.writeable
    elif hasattr(X, "requires_grad"):
        can_be_written = True
    else:
        try:
            can_be_written = not memoryview(X).readonly
        except TypeError:
            can_be_written = False
    return can_be_written and not np.may_share_memory(_as_array(X, "X"), array)


def _refuse_annotated(X: Any, name: str) -> None:
    """Raise TypeError for an object that holds tables along with much else, or gives them, with what to give.

    NumPy would look at it entry by entry, which may take for ever.
    """
    kind = type(X).__name__
    if hasattr(X, "obsm") and hasattr(X, "mod"):  # these have an X too, without numbers
        advice = "a representation in its .obsm, or the .X of one of its .mod"
    elif hasattr(X, "obsm") and hasattr(X, "X"):
        advice = "its matrix .X, or a representation in .obsm, as data.obsm['X_pca']"
    elif hasattr(X, "tables") and hasattr(X, "images"):
        advice = "the .X or .obsm of one of its .tables"
    elif hasattr(X, "data_vars"):
        advice = "one of its variables, or to_array().T"
    elif hasattr(X, "tensors"):
        advice = "one of its .tensors, as data.tensors[0]"
    elif hasattr(X, "to_batches") and not hasattr(X, "__array__"):
        advice = "what its to_batches() returns to partial_fit"
    else:
        return
    raise TypeError(f"{name} must be an array of shape (n, d), got {kind}: give {advice}")


def _without_gradient(X: Any) -> Any:
    """Tensors of PyTorch, one or a sequence of them, as NumPy can read them; anything else as it is.

    They leave their gradient, and bfloat16, which NumPy lacks, becomes float32.
    """
    if hasattr(X, "requires_grad"):
        X = X.detach()
        return X.float() if str(X.dtype) == "torch.bfloat16" else X
    if isinstance(X, (list, tuple)) and X and hasattr(X[0], "requires_grad"):
        return [_without_gradient(row) for row in X]
    return X


def _from_dlpack(X: Any, name: str) -> NDArray[Any]:
    """The array that a tensor of another library shows by the protocol DLPack alone."""
    try:
        return np.from_dlpack(X)
    except (BufferError, RuntimeError, ValueError) as error:
        raise TypeError(
            f"{name} must be in the memory of the processor, got a {type(X).__name__} that is not: copy it there first "
            f"({error})"
        ) from error


def _refuse_masked(X: Any, name: str) -> None:
    """Raise ValueError for an entry that is masked, which a plain array would show as if it were there."""
    masked = sys.modules.get("numpy.ma")  # not imported: nobody can have made one
    if masked is None:
        return
    if isinstance(X, (list, tuple)) and any(isinstance(row, masked.MaskedArray) for row in X):
        X = masked.stack(X) if len({np.shape(row) for row in X}) == 1 else X
    if not isinstance(X, masked.MaskedArray):
        return
    where = np.argwhere(masked.getmaskarray(X))
    if len(where):
        place = ", ".join(f"{axis} {i}" for axis, i in zip(("row", "column"), where[0]))
        raise ValueError(
            f"{name} must not hold masked entries, got one in {place}: fill them in or leave their rows out"
        )


def _as_real_numbers(array: NDArray[Any], name: str, columns: list[Any] | None) -> NDArray[np.float64]:
    """The numbers of an array of objects as float64; `columns` are the names of its columns, if they have any."""
    if array.dtype.kind == "c":
        raise ValueError(f"Complex data not supported: {name} must hold real numbers, got dtype {array.dtype}")
    if array.dtype != object:
        text = f", which is text: convert it, for instance with np.asarray({name}, dtype=float)"
        raise TypeError(
            f"{name} must hold real numbers, got dtype {array.dtype}{text if array.dtype.kind in 'UST' else ''}"
        )
    try:
        numbers = array.astype(np.float64)
    except (TypeError, ValueError) as error:
        _name_what_is_no_number(array, name, columns)
        raise TypeError(f"{name} must hold real numbers, got dtype object: {error}") from error
    except OverflowError as error:
        raise ValueError(f"{_allowed(name)}, got an integer larger than any float") from error
    if any(isinstance(entry, (str, bytes)) for entry in array.flat):  # which NumPy reads as numbers
        _name_what_is_no_number(array, name, columns)
    return numbers


def _name_what_is_no_number(array: NDArray[Any], name: str, columns: list[Any] | None) -> None:
    """Raise an error that says where the first entry is that is no number."""
    for index, entry in np.ndenumerate(array):
        place = _place(index, columns)
        if isinstance(entry, (str, bytes)):
            raise TypeError(
                f"{name} must hold real numbers, got the text {_short(entry)} in {place}: convert its column to "
                "numbers, or leave it out"
            )
        try:
            float(entry)
        except (TypeError, ValueError) as error:
            if entry is None:  # NumPy takes it for NaN
                continue
            if type(entry).__name__ == "NAType":
                raise ValueError(f"{_allowed(name)}, got {entry} in {place} (no infinity, no NaN)") from error
            reason = str(error).replace(repr(entry), _short(entry))
            raise TypeError(f"{name} must hold real numbers, got dtype object: {reason} ({place})") from error
        except OverflowError:
            continue


def _place(index: tuple[int, ...], columns: list[Any] | None, first_row: int = 0) -> str:
    """Where an entry of a table is, in words; its column by name, if there are names."""
    row, *rest = index
    labels = [repr(columns[at]) if columns is not None and at < len(columns) else str(at) for at in rest]
    return f"row {first_row + row}" + "".join(f", column {label}" for label in labels)


def _short(entry: Any) -> str:
    """What an entry looks like, in one line of some 40 characters."""
    text = repr(entry)
    return (text if len(text) <= 40 else text[:37] + "...").replace("\n", " ")


def _allowed(name: str) -> str:
    """How a message about values out of range begins."""
    return f"{name} must hold finite numbers in [{-LARGEST_COORDINATE:g}, {LARGEST_COORDINATE:g}]"


def check_values(array: NDArray[Any], name: str = "X", first_row: int = 0, columns: list[Any] | None = None) -> None:
    """Raise ValueError for NaN, infinity or a number beyond `LARGEST_COORDINATE` in a table of `as_table`.

    first_row : number of its first row in the message, for a table that is a piece of a longer one
    columns : names of its columns, by which they are called instead of by their numbers
    """
    if array.dtype.kind != "f":
        return
    if array.size <= _FEW_VALUES and array.dtype.itemsize >= 4 and np.vdot(array, array) < LARGEST_COORDINATE**2:
        return  # min and max take longer than training on one signal
    # they let NaN through and need no second array of the data's size
    smallest, largest = float(array.min()), float(array.max())
    if not (-LARGEST_COORDINATE <= smallest and largest <= LARGEST_COORDINATE):
        # compared as float64: float16 would take the bound for infinity
        row, column = np.argwhere(~(np.abs(array) <= np.float64(LARGEST_COORDINATE)))[0]
        place = _place((row, column), columns, first_row)
        raise ValueError(f"{_allowed(name)}, got {array[row, column]} in {place} (no infinity, no NaN)")


def as_points(
    X: Any, name: str = "X", *, dtype: type[np.float32] | type[np.float64] = np.float32, n_features: int | None = None
) -> NDArray[Any]:
    """Return `X` as a finite C-contiguous array of shape (n, d) in `dtype`, without a copy where it is one already.

    Raises what `as_table` and `check_values` raise, and ValueError for a wrong number of columns.
    """
    array = as_table(X, name)
    if n_features is not None and array.shape[1] != n_features:
        raise ValueError(f"{name} must have {n_features} columns as at the start, got {array.shape[1]}")
    check_values(array, name)
    if array.dtype == dtype:
        return np.ascontiguousarray(array)
    with np.errstate(all="ignore"):  # what is tiny becomes 0 in float32, whatever the user wants to hear of
        return np.ascontiguousarray(array, dtype=dtype)


def as_weights(weights: Any, n: int, name: str = "weights") -> NDArray[np.float64]:
    """Return `weights` as a float64 array of shape (n,), divided by the largest of them.

    Raises ValueError when all are 0, and what `check_weights` raises.
    """
    array = check_weights(weights, n, name)
    largest = float(array.max())
    if largest == 0:
        raise ValueError(f"{name} must not all be 0")
    with np.errstate(all="ignore"):
        return array / largest


@whatever_errstate
def check_weights(weights: Any, n: int, name: str = "sample_weight") -> NDArray[np.float64]:
    """Return `weights` as a float64 array of shape (n,).

    Raises TypeError where they are not real numbers; ValueError for a wrong shape, or a weight that is negative or not
    finite.
    """
    _refuse_masked(weights, name)
    try:
        array: NDArray[Any] = np.asarray(_without_gradient(weights))
    except ValueError as error:
        raise ValueError(f"{name} must have shape ({n},), one weight for each row of X") from error
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{name} must hold real numbers, got dtype {array.dtype}")
    if array.shape != (n,):
        raise ValueError(f"{name} must have shape ({n},), one weight for each row of X, got {array.shape}")
    array = array.astype(np.float64)
    wrong = np.flatnonzero(~((array >= 0) & (array < np.inf)))
    if wrong.size:
        raise ValueError(f"{name} must be in [0, inf), got {array[wrong[0]]} in row {wrong[0]}")
    return array


def as_flags(flags: Any, n: int, name: str) -> NDArray[np.bool_]:
    """Return `flags`, one bool or n of them, as an array of n bools.

    Raises TypeError for anything but bools, ValueError for a wrong number of them.
    """
    array = np.asarray(flags)
    if array.dtype != bool and array.size:
        raise TypeError(f"{name} must be True, False or an array of bools, got {flags!r}")
    if array.shape not in ((), (n,)):
        raise ValueError(f"{name} must be one bool or have shape ({n},), got shape {array.shape}")
    return np.broadcast_to(array.astype(bool), n)


def as_pairs(edges: Iterable[Iterable[Any]], n_nodes: int) -> NDArray[np.int64]:
    """Return `edges` as an int64 array of shape (m, 2), for `check_pairs`.

    Raises ValueError where one is no pair, or of numbers beyond 2^62, which no node of n has.
    """
    ends: list[int] = []
    for edge in edges:
        a, b = (int(end) for end in edge)
        if max(abs(a), abs(b)) >= 2**62:
            raise _no_pair(a, b, n_nodes)
        ends += a, b
    return np.array(ends, np.int64).reshape(-1, 2)


def check_pairs(pairs: NDArray[np.int64], n_nodes: int) -> None:
    """Raise ValueError unless each pair is of two different ones of n nodes."""
    a, b = pairs[:, 0], pairs[:, 1]
    wrong = np.flatnonzero((pairs < 0).any(axis=1) | (pairs >= n_nodes).any(axis=1) | (a == b))
    if wrong.size:
        raise _no_pair(a[wrong[0]], b[wrong[0]], n_nodes)


def _no_pair(a: Any, b: Any, n_nodes: int) -> ValueError:
    return ValueError(f"edges must join two different nodes in [0, {n_nodes - 1}], got ({a}, {b})")


def as_out(out: Any, shape: tuple[int, int], X: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return the two arrays of `out`, checked to be such as results can be written to while `X` is read.

    Raises TypeError where they are no arrays of int64 and of float32, ValueError for anything else that is wrong.
    """
    arrays: tuple[Any, ...] = tuple(out)
    if len(arrays) != 2:
        raise ValueError(f"out must be two arrays, got {len(arrays)}")
    nodes, distances = arrays
    for array, dtype in zip(arrays, (np.int64, np.float32)):
        if type(array) is not np.ndarray or array.dtype != dtype:
            raise TypeError(
                f"out must be an ndarray of int64 and one of float32, got {getattr(array, 'dtype', array)!r}"
            )
        if array.shape != shape:
            raise ValueError(f"out must be two arrays of shape {shape}, got {nodes.shape} and {distances.shape}")
        if not (array.flags.c_contiguous and array.flags.writeable and array.flags.aligned):
            raise ValueError("out must be two C-contiguous arrays that can be written to")
    if any(np.may_share_memory(*two) for two in ((nodes, distances), (nodes, X), (distances, X))):
        raise ValueError("out must be two arrays that share no memory with each other or X")
    return nodes, distances

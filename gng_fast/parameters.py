"""The parameters of Growing Neural Gas: names, defaults, allowed ranges, and the checks on data.

The compiled core, the plain-Python reference and the estimator all check their arguments here, so that a wrong value
gets the same message everywhere.
"""

import math
import numbers
import os
from typing import Any, NamedTuple

import numpy as np

VARIANTS = ("fritzke", "neupy")
SAMPLINGS = ("epochs", "replacement", "order")
SEARCHES = ("auto", "brute", "grid", "leaves")

# Squared distances are float32: beyond this a sum of squares could overflow to infinity.
LARGEST_COORDINATE = 1e15

# Up to so many values the sum of their squares is a faster check than their smallest and largest.
_FEW_VALUES = 1024


class Range(NamedTuple):
    """An interval of numbers; `low_open` leaves its lower end out."""

    low: float
    high: float
    integer: bool = False
    low_open: bool = False

    def check(self, name: str, value: Any) -> float:
        """Return `value` as a plain int or float, or raise TypeError / ValueError naming `name` and the range."""
        given = type(value)
        if given is not int and (given is not float or self.integer):  # else no need for the slow look at what it is
            kind = numbers.Integral if self.integer else numbers.Real
            if isinstance(value, (bool, np.bool_)) or not isinstance(value, kind):
                raise TypeError(
                    f"{name} must be {'an integer' if self.integer else 'a number'} in {self}, got {value!r}"
                )
        try:
            number = int(value) if self.integer else float(value)
        except OverflowError:  # an integer larger than any float
            number = math.inf
        below = number <= self.low if self.low_open else number < self.low
        if below or number > self.high or not (self.integer or math.isfinite(number)):
            raise ValueError(f"{name} must be in {self}, got {value}")
        return number

    def __str__(self) -> str:
        left = "(" if self.low_open else "["
        return f"{left}{self.low}, inf)" if math.isinf(self.high) else f"{left}{self.low}, {self.high}]"


NODES = Range(2, 2**30, integer=True)
EPOCHS = Range(0, math.inf, low_open=True)
SEED = Range(0, 2**64 - 1, integer=True)
N_JOBS = Range(1, 1024, integer=True)

RANGES = {
    "max_nodes": NODES,
    "eps_b": Range(0, 1, low_open=True),
    "eps_n": Range(0, 1),
    "max_age": Range(1, 2**31 - 1, integer=True),
    "lam": Range(1, math.inf, integer=True),
    "alpha": Range(0, 1),
    "decay": Range(1e-6, 1),
    "min_distance": Range(0, math.inf),
    "utility": Range(1, math.inf, low_open=True),
    "jitter": Range(0, math.inf),
    "eps_b_end": Range(0, 1, low_open=True),
    "eps_n_end": Range(0, 1),
    "n_features": Range(1, 2**20, integer=True),
    "n_epochs": EPOCHS,
    "n_start_nodes": NODES,
    "n_signals": Range(0, 2**63 - 1, integer=True),
    "callback_every": Range(1, math.inf, integer=True),
    "seed": SEED,
    "random_state": SEED,
    # as the recipes and the command line call them
    "nodes": NODES,
    "epochs": EPOCHS,
}

CHOICES = {"variant": VARIANTS, "sampling": SAMPLINGS, "search": SEARCHES}

#: Parameters that are switched off by None.
OPTIONAL = ("utility", "eps_b_end", "eps_n_end")

#: The training parameters of a network and their defaults (Fritzke 1995, section 4, for all but max_nodes and lam).
DEFAULTS = {
    "max_nodes": 1000,
    "eps_b": 0.2,
    "eps_n": 0.006,
    "max_age": 50,
    "lam": 100,
    "alpha": 0.5,
    "decay": 0.995,
    "variant": "fritzke",
    "min_distance": 0.0,
    "utility": None,
}


def check(name: str, value: Any) -> Any:
    """Return `value` as a plain number or word after comparing it with what the parameter `name` allows.

    Raises ValueError (out of range, unknown word) or TypeError (not a number) such as "eps_b must be in (0, 1], got 5".
    """
    if name in CHOICES:
        if not isinstance(value, str) or value not in CHOICES[name]:
            raise ValueError(f"{name} must be one of {', '.join(map(repr, CHOICES[name]))}, got {value!r}")
        return value
    if value is None and name in OPTIONAL:
        return None
    return RANGES[name].check(name, value)


def check_switch(name: str, value: Any) -> bool:
    """Return `value` as a bool; raises TypeError for anything else."""
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{name} must be True or False, got {value!r}")
    return bool(value)


def count_threads(n_jobs: Any) -> int:
    """Return the number of threads that `n_jobs` asks for: as many as it says, for -1 one for each core.

    Raises ValueError (out of range) or TypeError (not an integer).
    """
    if isinstance(n_jobs, (bool, np.bool_)) or not isinstance(n_jobs, numbers.Integral):
        raise TypeError(f"n_jobs must be an integer, -1 or in {N_JOBS}, got {n_jobs!r}")
    if n_jobs == -1:
        # the cores this process may run on, where the system tells
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if not N_JOBS.low <= n_jobs <= N_JOBS.high:
        raise ValueError(f"n_jobs must be -1 or in {N_JOBS}, got {n_jobs}")
    return int(n_jobs)


def network_parameters(given: dict[str, Any]) -> dict[str, Any]:
    """Return the checked training parameters of a network: `given`, completed by `DEFAULTS`.

    Raises TypeError for a name that is no parameter, ValueError for utility with variant="neupy", and what `check`
    raises.
    """
    unknown = sorted(set(given) - set(DEFAULTS))
    if unknown:
        raise TypeError(f"{unknown[0]} is not a parameter; the parameters are {', '.join(DEFAULTS)}")
    checked = {name: check(name, given.get(name, default)) for name, default in DEFAULTS.items()}
    if checked["utility"] is not None and checked["variant"] != "fritzke":
        raise ValueError(f"utility can only be used with variant='fritzke', got variant={checked['variant']!r}")
    return checked


def skip_distance(min_distance: float, variant: str) -> float:
    """Return the distance to the winner below which a signal is skipped.

    NeuPy 0.8.2 compares the plain distance with the square of its threshold.
    """
    return min_distance**2 if variant == "neupy" else min_distance


def as_table(X: Any, name: str = "X") -> np.ndarray:
    """Return `X` as an array of shape (n, d) of real numbers; whether they are finite is not looked at.

    An array is not copied, unless it holds objects: they become float64; a memory-mapped one stays that. Raises TypeError
    where X does not hold real numbers, ValueError for complex numbers, a wrong shape, no rows or no columns.
    """
    if type(X) is not np.ndarray and hasattr(X, "toarray"):
        raise TypeError(f"{name} must be a dense array of shape (n, d), got a sparse {type(X).__name__}")
    try:
        array = X if isinstance(X, np.memmap) else np.asarray(X)
    except ValueError as error:
        raise ValueError(f"{name} must be an array of shape (n, d) with rows of one length") from error
    if array.dtype.kind not in "biuf":
        array = _as_real_numbers(array, name)
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
    return array


def _as_real_numbers(array, name):
    if array.dtype.kind == "c":
        raise ValueError(f"Complex data not supported: {name} must hold real numbers, got dtype {array.dtype}")
    if array.dtype != object or array.ndim == 0:
        raise TypeError(f"{name} must hold real numbers, got dtype {array.dtype}")
    try:
        return array.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise TypeError(f"{name} must hold real numbers, got dtype object: {error}") from error
    except OverflowError as error:
        raise ValueError(
            f"{name} must hold finite numbers in [{-LARGEST_COORDINATE:g}, {LARGEST_COORDINATE:g}], got an "
            "integer larger than any float"
        ) from error


def check_values(array: np.ndarray, name: str = "X", first_row: int = 0) -> None:
    """Raise ValueError for NaN, infinity or a number beyond `LARGEST_COORDINATE` in a table of `as_table`.

    first_row : number of its first row in the message, for a table that is a piece of a longer one
    """
    if array.dtype.kind != "f":
        return
    if array.size <= _FEW_VALUES and array.dtype.itemsize >= 4 and np.vdot(array, array) < LARGEST_COORDINATE**2:
        return  # min and max take longer than training on one signal
    # they let NaN through and need no second array of the data's size
    smallest, largest = float(array.min()), float(array.max())
    if not (-LARGEST_COORDINATE <= smallest and largest <= LARGEST_COORDINATE):
        row, column = np.argwhere(~(np.abs(array) <= LARGEST_COORDINATE))[0]
        raise ValueError(
            f"{name} must hold finite numbers in [{-LARGEST_COORDINATE:g}, {LARGEST_COORDINATE:g}], got "
            f"{array[row, column]} in row {first_row + row}, column {column} (no infinity, no NaN)"
        )


def as_points(X: Any, name: str = "X", *, dtype: type = np.float32, n_features: int | None = None) -> np.ndarray:
    """Return `X` as a finite C-contiguous array of shape (n, d) in `dtype`, without a copy where it is one already.

    Raises what `as_table` and `check_values` raise, and ValueError for a wrong number of columns.
    """
    array = as_table(X, name)
    if n_features is not None and array.shape[1] != n_features:
        raise ValueError(f"{name} must have {n_features} columns as at the start, got {array.shape[1]}")
    check_values(array, name)
    return np.ascontiguousarray(array, dtype=dtype)


def as_weights(weights: Any, n: int, name: str = "weights") -> np.ndarray:
    """Return `weights` as a float64 array of shape (n,), divided by the largest of them.

    Raises ValueError when all are 0, and what `check_weights` raises.
    """
    array = check_weights(weights, n, name)
    largest = array.max()
    if largest == 0:
        raise ValueError(f"{name} must not all be 0")
    return array / largest


def check_weights(weights: Any, n: int, name: str = "sample_weight") -> np.ndarray:
    """Return `weights` as a float64 array of shape (n,).

    Raises TypeError where they are not real numbers; ValueError for a wrong shape, or a weight that is negative or not
    finite.
    """
    try:
        array = np.asarray(weights)
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


def as_flags(flags: Any, n: int, name: str) -> np.ndarray:
    """Return `flags`, one bool or n of them, as an array of n bools.

    Raises TypeError for anything but bools, ValueError for a wrong number of them.
    """
    array = np.asarray(flags)
    if array.dtype != bool and array.size:
        raise TypeError(f"{name} must be True, False or an array of bools, got {flags!r}")
    if array.shape not in ((), (n,)):
        raise ValueError(f"{name} must be one bool or have shape ({n},), got shape {array.shape}")
    return np.broadcast_to(array.astype(bool), n)

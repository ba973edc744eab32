"""The parameters of Growing Neural Gas: names, defaults, allowed ranges, and the checks on data.

The compiled core, the plain-Python reference and the estimator all check their arguments here, so that a wrong value
gets the same message everywhere.
"""

import math
import numbers
from typing import Any, NamedTuple

import numpy as np

VARIANTS = ("fritzke", "neupy")
SAMPLINGS = ("epochs", "replacement", "order")
SEARCHES = ("auto", "brute", "grid", "leaves")

# Squared distances are float32: beyond this a sum of squares could overflow to infinity.
LARGEST_COORDINATE = 1e15


class Range(NamedTuple):
    """An interval of numbers; `low_open` leaves its lower end out."""

    low: float
    high: float
    integer: bool = False
    low_open: bool = False

    def check(self, name: str, value: Any) -> float:
        """Return `value` as a plain int or float, or raise TypeError / ValueError naming `name` and the range."""
        kind = numbers.Integral if self.integer else numbers.Real
        if isinstance(value, (bool, np.bool_)) or not isinstance(value, kind):
            raise TypeError(f"{name} must be {'an integer' if self.integer else 'a number'} in {self}, got {value!r}")
        number = int(value) if self.integer else float(value)
        below = number <= self.low if self.low_open else number < self.low
        if below or number > self.high or math.isnan(number) or math.isinf(number):
            raise ValueError(f"{name} must be in {self}, got {value}")
        return number

    def __str__(self) -> str:
        left = "(" if self.low_open else "["
        return f"{left}{self.low}, inf)" if math.isinf(self.high) else f"{left}{self.low}, {self.high}]"


NODES = Range(2, 2**30, integer=True)
EPOCHS = Range(0, math.inf, low_open=True)
SEED = Range(0, 2**64 - 1, integer=True)

RANGES = {
    "max_nodes": NODES,
    "eps_b": Range(0, 1, low_open=True),
    "eps_n": Range(0, 1),
    "max_age": Range(1, 2**31 - 1, integer=True),
    "lam": Range(1, math.inf, integer=True),
    "alpha": Range(0, 1),
    "decay": Range(1e-6, 1),
    "min_distance": Range(0, math.inf),
    "n_features": Range(1, 2**20, integer=True),
    "n_epochs": EPOCHS,
    "n_start_nodes": NODES,
    "callback_every": Range(1, math.inf, integer=True),
    "seed": SEED,
    "random_state": SEED,
    # as the recipes and the command line call them
    "nodes": NODES,
    "epochs": EPOCHS,
}

CHOICES = {"variant": VARIANTS, "sampling": SAMPLINGS, "search": SEARCHES}

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
}


def check(name: str, value: Any) -> Any:
    """Return `value` as a plain number or word after comparing it with what the parameter `name` allows.

    Raises ValueError (out of range, unknown word) or TypeError (not a number) such as "eps_b must be in (0, 1], got 5".
    """
    if name in CHOICES:
        if not isinstance(value, str) or value not in CHOICES[name]:
            raise ValueError(f"{name} must be one of {', '.join(map(repr, CHOICES[name]))}, got {value!r}")
        return value
    return RANGES[name].check(name, value)


def network_parameters(given: dict[str, Any]) -> dict[str, Any]:
    """Return the checked training parameters of a network: `given`, completed by `DEFAULTS`.

    Raises TypeError for a name that is no parameter, and what `check` raises.
    """
    unknown = sorted(set(given) - set(DEFAULTS))
    if unknown:
        raise TypeError(f"{unknown[0]} is not a parameter; the parameters are {', '.join(DEFAULTS)}")
    return {name: check(name, given.get(name, default)) for name, default in DEFAULTS.items()}


def as_points(X: Any, name: str = "X", *, dtype: type = np.float32, n_features: int | None = None) -> np.ndarray:
    """Return `X` as a finite C-contiguous array of shape (n, d) in `dtype`, without a copy where it is one already.

    Raises TypeError where X does not hold real numbers; ValueError for a wrong shape, no rows, NaN, infinity, or a
    coordinate beyond `LARGEST_COORDINATE`.
    """
    if hasattr(X, "toarray"):
        raise TypeError(f"{name} must be a dense array of shape (n, d), got a sparse {type(X).__name__}")
    try:
        array = np.asarray(X)
    except ValueError as error:
        raise ValueError(f"{name} must be an array of shape (n, d) with rows of one length") from error
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{name} must hold real numbers, got dtype {array.dtype}")
    if array.ndim != 2:
        raise ValueError(f"{name} must have 2 dimensions (n, d), got shape {array.shape}")
    if array.shape[0] == 0 or array.shape[1] == 0:
        raise ValueError(f"{name} must have at least one row and one column, got shape {array.shape}")
    if n_features is not None and array.shape[1] != n_features:
        raise ValueError(f"{name} must have {n_features} columns as at the start, got {array.shape[1]}")
    check("n_features", array.shape[1])
    if array.dtype.kind == "f":
        # min and max let NaN through and need no second array of the data's size
        smallest, largest = float(array.min()), float(array.max())
        if not (-LARGEST_COORDINATE <= smallest and largest <= LARGEST_COORDINATE):
            raise ValueError(_what_is_not_finite(array, name))
    return np.ascontiguousarray(array, dtype=dtype)


def _what_is_not_finite(array: np.ndarray, name: str) -> str:
    row, column = np.argwhere(~(np.abs(array) <= LARGEST_COORDINATE))[0]
    return (f"{name} must hold finite numbers in [{-LARGEST_COORDINATE:g}, {LARGEST_COORDINATE:g}], "
            f"got {array[row, column]} in row {row}, column {column}")

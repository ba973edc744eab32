"""The parameters of Growing Neural Gas: names, allowed ranges, checks of scalars, and every default.

The compiled core, the plain-Python reference and the estimator all check their arguments here, so that a wrong value
gets the same message everywhere. Arrays are checked in checks.py.
"""

import inspect
import math
import numbers
import os
from typing import Any, Literal, NamedTuple

import numpy as np

VARIANTS = ("fritzke", "neupy")
SAMPLINGS = ("epochs", "replacement", "order")
CLUSTERS = ("density", "components")
SEARCHES = ("auto", "brute", "grid", "leaves")


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
            if isinstance(value, (bool, np.bool_)) or not issubclass(given, kind):
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
    "max_bytes": Range(0, math.inf, integer=True),
    "n_clusters": Range(1, math.inf, integer=True),
    "min_cluster_size": Range(1, math.inf, integer=True),
    "seed": SEED,
    "random_state": SEED,
    # as the recipes and the command line call them
    "nodes": NODES,
    "epochs": EPOCHS,
}

CHOICES: dict[str, tuple[str, ...]] = {
    "variant": VARIANTS,
    "sampling": SAMPLINGS,
    "search": SEARCHES,
    "clusters": CLUSTERS,
}

#: The square of this is still a number, and a distance that no data comes near.
MOST_SQUARED = 1e150

#: Parameters that may be None: it switches them off, or sets no limit.
OPTIONAL = ("utility", "eps_b_end", "eps_n_end", "max_bytes", "n_clusters", "min_cluster_size")

#: The training parameters of a network and their defaults (Fritzke 1995, section 4, for all but max_nodes and lam).
DEFAULTS: dict[str, Any] = {
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

#: What else a network takes, and its defaults.
NETWORK_DEFAULTS: dict[str, Any] = {"seed": 0, "search": "auto"}

#: What a model may take instead of a number for eps_b_end and eps_n_end: `fit` chooses.
AUTO: Literal["auto"] = "auto"

#: What `GrowingNeuralGas` takes otherwise than a network, or besides, and its defaults. None for max_nodes and n_epochs
#: leaves them to `fit`; for random_state and n_jobs it is a new seed and one thread.
MODEL_DEFAULTS: dict[str, Any] = {
    "max_nodes": None,
    "n_epochs": None,
    "sampling": "epochs",
    "init": None,
    "fixed_init": False,
    "n_start_nodes": 2,
    "jitter": 0.0,
    "eps_b_end": AUTO,
    "eps_n_end": AUTO,
    "refine": False,
    "clusters": "density",
    "n_clusters": None,
    "min_cluster_size": None,
    "noise": False,
    "random_state": None,
    "n_jobs": None,
}

#: Drawings take eps_n from the article that they follow, "Making Art with Growing Neural Gas", which trains with 0.005
#: (see docs/differences.md); everything else takes the 0.006 of Fritzke 1995.
ARTICLE_EPS_N = 0.005

#: The training parameters of a drawing and their defaults; a look that needs other ones says so itself.
DRAWING_DEFAULTS: dict[str, Any] = {
    "nodes": 2400,  # of the article too
    "epochs": None,  # enough to grow all nodes, and settle
    "seed": 0,
    "variant": DEFAULTS["variant"],
    "eps_b": DEFAULTS["eps_b"],
    "eps_n": ARTICLE_EPS_N,
    "max_age": DEFAULTS["max_age"],
    "lam": DEFAULTS["lam"],
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


def check_end(name: str, value: Any) -> Any:
    """Return `value` as `check` does for eps_b_end and eps_n_end, or "auto", which only a model takes."""
    if isinstance(value, str):
        if value != AUTO:
            raise ValueError(f"{name} must be {AUTO!r}, None or a number in {RANGES[name]}, got {value!r}")
        return AUTO
    return check(name, value)


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
    wanted = int(n_jobs)
    if wanted == -1:
        # the cores this process may run on, where the system tells
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if not N_JOBS.low <= wanted <= N_JOBS.high:
        raise ValueError(f"n_jobs must be -1 or in {N_JOBS}, got {n_jobs}")
    return wanted


def network_signature() -> inspect.Signature:
    """Return the signature of `Network`, which no compiled class has of itself.

    Returns
    -------
    inspect.Signature
    """
    parameters = [inspect.Parameter("n_features", inspect.Parameter.POSITIONAL_OR_KEYWORD)]
    for name, default in (NETWORK_DEFAULTS | DEFAULTS).items():
        parameters.append(inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default))
    return inspect.Signature(parameters)


def network_parameters(given: dict[str, Any]) -> dict[str, Any]:
    """Return the checked training parameters of a network: `given`, completed by `DEFAULTS`.

    Raises TypeError for a name that is no parameter, ValueError for utility with variant="neupy" or a min_distance
    whose square is too large for it, and what `check` raises.
    """
    unknown = sorted(set(given) - set(DEFAULTS))
    if unknown:
        raise TypeError(f"{unknown[0]} is not a parameter; the parameters are {', '.join(DEFAULTS)}")
    checked = {name: check(name, given.get(name, default)) for name, default in DEFAULTS.items()}
    if checked["utility"] is not None and checked["variant"] != "fritzke":
        raise ValueError(f"utility can only be used with variant='fritzke', got variant={checked['variant']!r}")
    if checked["variant"] == "neupy" and checked["min_distance"] > MOST_SQUARED:
        raise ValueError(
            f"min_distance must be in [0, {MOST_SQUARED:g}] with variant='neupy', which squares it, got "
            f"{checked['min_distance']:g}"
        )
    return checked


def skip_distance(min_distance: float, variant: str) -> float:
    """Return the distance to the winner below which a signal is skipped.

    NeuPy 0.8.2 compares the plain distance with the square of its threshold.
    """
    return min_distance**2 if variant == "neupy" else min_distance

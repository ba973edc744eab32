"""What `fit` takes where the user leaves the choice to it: nodes, signals, and how eps_b and eps_n end.

The numbers were measured against k-means (see docs/parameters.md).
"""

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gng_fast.checks import whatever_errstate

# Nodes for n rows: so many times sqrt(n), but at least so many rows for each, and never more than so many nodes.
_NODES_PER_ROOT = 6
_ROWS_PER_NODE = 3
_MOST_NODES = 2000

#: Signals for each node, and for all of them so many times what growth takes, if that is more.
SIGNALS_PER_NODE = 300
_TRAINING_PER_GROWTH = 3

#: Who wants no growth says so with a lam that nobody waits for.
NO_GROWTH = 10**6

#: Where eps_b and eps_n go once the network has grown.
AUTO_ENDS = {"eps_b": 0.02, "eps_n": 0.00001}


@whatever_errstate
def counted_rows(n_rows: int, weights: NDArray[np.float64] | None) -> float:
    """How many rows of equal weight carry as much as these: n, or (sum of w)^2 / (sum of w^2), L. Kish 1965.

    weights : (n,) float64, finite and >= 0, not all 0

    >>> counted_rows(4, np.array([2.0, 2.0, 0.0, 0.0]))
    2.0
    """
    if weights is None:
        return n_rows
    shares = weights / weights.max()
    return float(shares.sum() ** 2 / (shares**2).sum())


def nodes_for(n_rows: float, n_start_nodes: int) -> int:
    """The number of nodes for so many rows: that of a good codebook, with some rows for each node.

    >>> nodes_for(150, 2), nodes_for(10_000, 2), nodes_for(1_000_000, 2)
    (50, 600, 2000)
    """
    wanted = min(_NODES_PER_ROOT * math.sqrt(n_rows), n_rows / _ROWS_PER_NODE, _MOST_NODES)
    return max(int(wanted), n_start_nodes)


def signals_for(parameters: dict[str, Any], n_start_nodes: int) -> int:
    """The number of signals that a network of these parameters takes to grow and to settle."""
    n_nodes = n_start_nodes if parameters["lam"] >= NO_GROWTH else int(parameters["max_nodes"])
    return max(SIGNALS_PER_NODE * n_nodes, _TRAINING_PER_GROWTH * _growth(parameters, n_start_nodes))


def _growth(parameters: dict[str, Any], n_start_nodes: int) -> int:
    """The number of signals until the last node is there."""
    lam = int(parameters["lam"])
    return 0 if lam >= NO_GROWTH else lam * (int(parameters["max_nodes"]) - n_start_nodes)


class Annealing(NamedTuple):
    """How eps_b and eps_n sink: after `begin` signals they go to these ends, geometrically; None keeps one as it is."""

    begin: int
    eps_b_end: float | None
    eps_n_end: float | None


def annealing_for(
    parameters: dict[str, Any], n_start_nodes: int, eps_b_end: Any, eps_n_end: Any, n_signals: int
) -> Annealing | None:
    """The annealing of a run of so many signals, None where eps_b and eps_n are constant.

    parameters, n_start_nodes : those of the network
    eps_b_end, eps_n_end : checked ones of a model: a number, None or "auto", which never raises one
    """
    given = {"eps_b": eps_b_end, "eps_n": eps_n_end}
    is_auto = {name: isinstance(end, str) for name, end in given.items()}
    ends: dict[str, float | None] = {name: None if is_auto[name] else end for name, end in given.items()}
    # a number is for the whole run, and then the other one sinks from the first signal on, too
    begin = 0
    if ends == {"eps_b": None, "eps_n": None}:
        begin = max(n_signals // _TRAINING_PER_GROWTH, _growth(parameters, n_start_nodes))
    if parameters["variant"] == "fritzke":
        for name, end in AUTO_ENDS.items():
            if is_auto[name] and parameters[name] > end:
                ends[name] = end
    if ends == {"eps_b": None, "eps_n": None} or begin >= n_signals:
        return None
    return Annealing(begin, ends["eps_b"], ends["eps_n"])

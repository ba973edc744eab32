"""The warning for a network that has not grown as large as it was to be, or larger than its data gives reason for."""

import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from gng_fast.model.defaults import NO_GROWTH

# A network that lacks no more than this share of its nodes has grown, for all that anybody would notice.
_SHARE_MISSING = 0.05


# What the parameters are called by who is warned: recipes and the command line have names of their own.
_names: ContextVar[dict[str, str]] = ContextVar("_names")


@contextmanager
def calling_parameters(**names: str) -> Iterator[None]:
    """Context manager: warnings call parameters by these names, unless the caller is in such a context already."""
    token = _names.set(_names.get(names))
    try:
        yield
    finally:
        _names.reset(token)


class GrowthWarning(UserWarning):
    """`fit` ended before all of `max_nodes` nodes had grown, or there are more nodes than rows; says what to change."""


def warn_of_growth(
    *, n_nodes: int, n_start_nodes: int, max_nodes: int, lam: int, n_rows: int, n_signals: int, stacklevel: int
) -> None:
    """Warn if `n_signals` signals of `n_rows` rows could not grow nearly `max_nodes`, or grew more nodes than rows.

    n_nodes, n_start_nodes : how many there are, and were at the start
    stacklevel : as of `warnings.warn`, called from the caller
    """
    if lam >= NO_GROWTH:
        return
    needed = (max_nodes - n_start_nodes) * lam
    unfinished = n_nodes < (1 - _SHARE_MISSING) * max_nodes and n_signals < needed
    if not unfinished and n_nodes <= n_rows:
        return
    nodes, epochs, every = map(_name_of, ("max_nodes", "n_epochs", "lam"))
    grown = f"the network has {n_nodes} of {nodes} = {max_nodes} nodes"
    if max_nodes > n_rows:
        message = f"{grown}, and X has {n_rows} rows: lower {nodes}, to a fraction of the rows"
        if unfinished:
            message += f" (with these {epochs} and {every}, {n_nodes} nodes grow)"
    else:
        message = (
            f"{grown} after {n_signals} signals, since one grows every {every} = {lam}: raise {epochs} to "
            f"{math.ceil(needed / n_rows)}"
        )
        if lam_enough := n_signals // (max_nodes - n_start_nodes):
            message += f", lower {every} to {lam_enough}"
        message += f", or lower {nodes} to {n_nodes}"
    warnings.warn(message, GrowthWarning, stacklevel=stacklevel + 1)


def _name_of(parameter: str) -> str:
    """What the caller calls a parameter."""
    return _names.get({}).get(parameter, parameter)

"""The warning for a network that has not grown as large as it was to be, or larger than its data gives reason for."""

import math
import warnings

# Who wants no growth says so with a lam that nobody waits for.
_NO_GROWTH = 2**31
# A network that lacks no more than this share of its nodes has grown, for all that anybody would notice.
_SHARE_MISSING = 0.05


class GrowthWarning(UserWarning):
    """`fit` ended before all of `max_nodes` nodes had grown, or there are more nodes than rows; says what to change."""


def warn_of_growth(
    *, n_nodes: int, n_start_nodes: int, max_nodes: int, lam: int, n_rows: int, n_signals: int, stacklevel: int
) -> None:
    """Warn if `n_signals` signals of `n_rows` rows could not grow nearly `max_nodes`, or grew more nodes than rows.

    n_nodes, n_start_nodes : how many there are, and were at the start
    stacklevel : as of `warnings.warn`, called from the caller
    """
    if lam >= _NO_GROWTH:
        return
    needed = (max_nodes - n_start_nodes) * lam
    unfinished = n_nodes < (1 - _SHARE_MISSING) * max_nodes and n_signals < needed
    if not unfinished and n_nodes <= n_rows:
        return
    grown = f"the network has {n_nodes} of max_nodes = {max_nodes} nodes"
    if max_nodes > n_rows:
        message = f"{grown}, and X has {n_rows} rows: lower max_nodes, to a fraction of the rows"
        if unfinished:
            message += f" (with these n_epochs and lam, {n_nodes} nodes grow)"
    else:
        message = (
            f"{grown} after {n_signals} signals, since one grows every lam = {lam}: raise n_epochs to "
            f"{math.ceil(needed / n_rows)}"
        )
        if lam_enough := n_signals // (max_nodes - n_start_nodes):
            message += f", lower lam to {lam_enough}"
        message += f", or lower max_nodes to {n_nodes}"
    warnings.warn(message, GrowthWarning, stacklevel=stacklevel + 1)

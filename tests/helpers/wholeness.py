"""Is a network whole after whatever happened to it?"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gng_fast import Network

SAMPLE = 4096  # rows that are looked up


def broken(network: Network, X: NDArray[Any], connected: bool = True) -> list[str]:
    """What is wrong with a network that was trained on rows of X, as a list of words: empty if nothing is.

    connected : whether every node must have an edge, as after enough signals
    """
    graph, (about, _) = network.graph(), network.as_arrays()  # a Graph checks edges and numbers itself
    parameters = about["parameters"]
    low, high = X.min(axis=0), X.max(axis=0)
    rounding = 1e-5 * float((high - low).max())
    rows = X[:SAMPLE]
    nodes, distances = network.nearest(rows)
    nearest = np.array([np.sqrt(((graph.nodes.astype(np.float64) - row) ** 2).sum(axis=1)).min() for row in rows[:256]])
    rules = {
        "numbers of nodes": graph.n_nodes == network.n_nodes <= parameters["max_nodes"],
        "numbers of edges": graph.n_edges == network.n_edges,
        "lonely nodes": not connected or graph.degrees.min() >= 1,
        "ages": graph.ages.min(initial=0) >= 0 and graph.ages.max(initial=0) <= parameters["max_age"],
        "errors": np.isfinite(graph.errors).all() and graph.errors.min(initial=0) >= 0,
        "scale of the errors": 1 <= about["error_scale"] <= 2.0**512,
        "signals until the insertion": 1 <= about["until_insertion"] <= parameters["lam"],
        "positions": (graph.nodes >= low - rounding).all() and (graph.nodes <= high + rounding).all(),
        "nodes found": nodes.min() >= 0 and nodes.max() < graph.n_nodes,
        "distances found": np.allclose(distances[:256], nearest, rtol=1e-5, atol=rounding),
    }
    return [name for name, holds in rules.items() if not holds]


def state(network: Network) -> tuple[Any, dict[str, Any]]:
    """Everything that training depends on, for a comparison with ==."""
    about, arrays = network.as_arrays()
    return about, {name: (array.dtype.str, array.shape, array.tobytes()) for name, array in arrays.items()}

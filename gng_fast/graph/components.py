"""Connected components of a graph."""

import numpy as np
from numpy.typing import NDArray


def component_roots(n_nodes: int, edges: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the lowest node index of each node's component, (n,) int64.

    Every round hooks the root of each component below the lowest root it touches, then flattens the chains by pointer
    jumping; both are array operations, so a million nodes take a fraction of a second.
    """
    roots = np.arange(n_nodes)
    a, b = edges.T
    while True:
        root_a, root_b = roots[a], roots[b]
        apart = root_a != root_b
        if not apart.any():
            return roots
        a, b, root_a, root_b = a[apart], b[apart], root_a[apart], root_b[apart]
        np.minimum.at(roots, np.maximum(root_a, root_b), np.minimum(root_a, root_b))
        while True:
            jumped = roots[roots]
            if np.array_equal(jumped, roots):
                break
            roots = jumped

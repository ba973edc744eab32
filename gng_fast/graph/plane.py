"""Positions of any number of coordinates in the plane."""

import numpy as np
from numpy.typing import NDArray

from gng_fast.graph.validation import Floats


def in_plane(positions: Floats) -> NDArray[np.float64]:
    """Return positions (n, d) as points (n, 2); see `Graph.in_plane`."""
    nodes: NDArray[np.float64] = positions.astype(np.float64)
    if nodes.shape[1] > 2 and len(nodes):
        centred = nodes - nodes.mean(axis=0)
        axes = np.linalg.svd(centred, full_matrices=False)[2][:2]
        # The SVD leaves the sign of each axis open: make the largest coordinate of each positive.
        largest = np.take_along_axis(axes, np.abs(axes).argmax(axis=1)[:, None], axis=1)
        nodes = centred @ (axes * np.where(largest < 0, -1.0, 1.0)).T
    plane = np.zeros((len(nodes), 2))
    used = min(2, nodes.shape[1])
    plane[:, :used] = nodes[:, :used]
    return plane

"""Groups: the edges of each group of nodes in a colour of their own."""

import numpy as np
from numpy.typing import ArrayLike

from gng_fast.art.drawing import Drawing, Layer
from gng_fast.art.styles.placing import Extent, place
from gng_fast.graph import Graph

# Told apart on white, also by most of the colour-blind (after P. Tol's bright and vibrant schemes).
PALETTE = ("#4477aa", "#ee6677", "#228833", "#aa3377", "#ee7733", "#009988", "#332288", "#996600")


def groups(
    graph: Graph,
    labels: ArrayLike,
    *,
    width: float | None = None,
    size: float = 180.0,
    margin: float = 5.0,
    pen: float | None = None,
    extent: Extent | None = None,
) -> Drawing:
    """Draw the edges of a graph with 2 features, each group of nodes in a colour of `PALETTE`, in turn.

    Parameters
    ----------
    graph : Graph
    labels : array of shape (n,), integers >= 0
        The group of each node; edges between two groups are not drawn.
    width : float, optional
        Of the lines in graph units; by default a fifth of the median length of an edge.
    size, margin, extent
        As in `mesh`.
    pen : float, optional
        Width of the lines in mm, instead of `width`.

    Returns
    -------
    Drawing
        A layer for each colour.

    Raises
    ------
    TypeError, ValueError
        The message names the parameter.
    """
    page = place(graph, extent, size, margin)
    group = np.asarray(labels)
    if group.shape != (graph.n_nodes,) or (group.size and (group.dtype.kind not in "iu" or group.min() < 0)):
        raise ValueError(f"labels must be {graph.n_nodes} integers >= 0, one for each node")
    if pen is None:
        if width is None:
            width = 0.2 * float(np.median(graph.edge_lengths())) if graph.n_edges else 0.2
        pen = max(0.05, round(width * page.scale, 2))
    ends = group[graph.edges]
    lines = page(graph.nodes, pen)[graph.edges]
    layers = []
    for number, colour in enumerate(PALETTE):
        chosen = (ends[:, 0] == ends[:, 1]) & (ends[:, 0] % len(PALETTE) == number)
        if chosen.any():
            layers.append(Layer(f"group {number + 1}", colour, pen, tuple(lines[chosen])))
    return Drawing(page.width, page.height, tuple(layers))

"""A graph in colours: the edges of each group of nodes with a pen of its own."""

import numpy as np

from gng_fast.art.drawing import Drawing, Layer, fit_page
from gng_fast.art.styles.mesh import bounding_box
from gng_fast.graph import Graph

# Told apart on white, also by most of the colour-blind (after P. Tol's bright and vibrant schemes).
PALETTE = ("#4477aa", "#ee6677", "#228833", "#aa3377", "#ee7733", "#009988", "#332288", "#996600")


def groups(
    graph: Graph,
    labels,
    *,
    width: float | None = None,
    size: float = 180.0,
    margin: float = 5.0,
    pen: float | None = None,
    extent: tuple[float, float, float, float] | None = None,
) -> Drawing:
    """Draw the edges of a graph with 2 features, each group of nodes in a colour of `PALETTE`, in turn.

    labels : (n,) integers >= 0, the group of each node; edges between two groups are not drawn
    width : of the lines in graph units; default a fifth of the median length of an edge
    pen : the same in mm, instead
    size, margin, extent : as in `mesh`

    Returns a `Drawing`, a layer for each colour. Raises TypeError or ValueError naming the parameter.
    """
    if graph.n_features != 2:
        raise ValueError(f"graph must have 2 features to be drawn, got {graph.n_features}")
    labels = np.asarray(labels)
    if labels.shape != (graph.n_nodes,) or (labels.size and (labels.dtype.kind not in "iu" or labels.min() < 0)):
        raise ValueError(f"labels must be {graph.n_nodes} integers >= 0, one for each node")
    page = fit_page(bounding_box(graph) if extent is None else extent, size, margin)
    if pen is None:
        if width is None:
            width = 0.2 * float(np.median(graph.edge_lengths())) if graph.n_edges else 0.2
        pen = max(0.05, round(width * page.scale, 2))
    ends = labels[graph.edges]
    lines = page(graph.nodes)[graph.edges]
    layers = []
    for number, colour in enumerate(PALETTE):
        chosen = (ends[:, 0] == ends[:, 1]) & (ends[:, 0] % len(PALETTE) == number)
        if chosen.any():
            layers.append(Layer(f"group {number + 1}", colour, pen, tuple(lines[chosen])))
    return Drawing(page.width, page.height, tuple(layers))

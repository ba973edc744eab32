"""Where a graph is placed on a page."""

from gng_fast.art.drawing import PageFit, fit_page
from gng_fast.graph import Graph

#: x_min, y_min, x_max, y_max in graph units.
Extent = tuple[float, float, float, float]


def place(graph: Graph, extent: Extent | None, size: float, margin: float, page: str | None = None) -> PageFit:
    """Return the page of a graph with 2 features.

    Parameters
    ----------
    graph : Graph
    extent : (x_min, y_min, x_max, y_max), optional
        What is fitted onto the page; by default the bounding box of the nodes.
    size, margin, page
        As in `gng_fast.drawing.fit_page`.

    Raises
    ------
    TypeError, ValueError
        The graph has another number of features, or a parameter is out of range.
    """
    if graph.n_features != 2:
        raise ValueError(f"graph must have 2 features to be drawn, got {graph.n_features}")
    return fit_page(bounding_box(graph) if extent is None else extent, size, margin, page)


def bounding_box(graph: Graph) -> Extent:
    """Return (x_min, y_min, x_max, y_max) of the nodes of a graph; a point at the origin if it has none."""
    if not graph.n_nodes:
        return 0.0, 0.0, 0.0, 0.0
    (x_min, y_min), (x_max, y_max) = graph.nodes.min(axis=0).tolist(), graph.nodes.max(axis=0).tolist()
    return x_min, y_min, x_max, y_max

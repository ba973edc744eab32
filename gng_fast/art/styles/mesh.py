"""The plain look: every edge is a straight line."""

from gng_fast.art.drawing import Drawing, Layer, fit_page
from gng_fast.graph import Graph


def mesh(
    graph: Graph,
    *,
    size: float = 180.0,
    margin: float = 5.0,
    page: str | None = None,
    pen: float = 0.3,
    colour: str = "#000000",
    extent: tuple[float, float, float, float] | None = None,
) -> Drawing:
    """Draw every edge of a graph with 2 features as one straight stroke, in the order of `graph.edges`.

    Parameters
    ----------
    graph : Graph
        Its y points up, so the highest node is at the top of the page.
    size, margin, page
        The page, as in `gng_fast.drawing.fit_page`.
    pen : float
        Width of the line in mm.
    colour : str
        "#rrggbb".
    extent : (x_min, y_min, x_max, y_max), optional
        Frame in graph units to fit onto the page; give all frames of an animation the same. Nodes outside it are drawn
        outside the frame, not cropped. Default: the bounding box of the nodes.

    Returns a `Drawing` with one layer. Raises TypeError or ValueError naming the parameter.
    """
    if graph.n_features != 2:
        raise ValueError(f"graph must have 2 features to be drawn, got {graph.n_features}")
    if extent is None:
        extent = bounding_box(graph)
    fit = fit_page(extent, size, margin, page)
    layer = Layer("mesh", colour, pen, tuple(fit(graph.nodes)[graph.edges]))
    return Drawing(fit.width, fit.height, (layer,))


def bounding_box(graph: Graph) -> tuple[float, float, float, float]:
    """(x_min, y_min, x_max, y_max) of the nodes of a graph with 2 features; a point at the origin if it has none."""
    if not graph.n_nodes:
        return 0.0, 0.0, 0.0, 0.0
    return (*graph.nodes.min(axis=0).tolist(), *graph.nodes.max(axis=0).tolist())

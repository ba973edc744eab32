"""Mesh: every edge is a straight line."""

from gng_fast.art.drawing import Drawing, Layer
from gng_fast.art.styles.placing import Extent, place
from gng_fast.graph import Graph


def mesh(
    graph: Graph,
    *,
    size: float = 180.0,
    margin: float = 5.0,
    page: str | None = None,
    pen: float = 0.3,
    colour: str = "#000000",
    extent: Extent | None = None,
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
        What is fitted onto the page, in graph units; give all frames of an animation the same. Nodes outside it are
        drawn outside it, not cropped. By default the bounding box of the nodes.

    Returns
    -------
    Drawing
        With one layer.

    Raises
    ------
    TypeError, ValueError
        The message names the parameter.

    Examples
    --------
    >>> from gng_fast import Graph
    >>> drawing = mesh(Graph([[0, 0], [4, 3]], [[0, 1]]), size=90, margin=5)
    >>> drawing.width, drawing.height, round(drawing.ink_length, 1)
    (90.0, 70.0, 99.6)
    """
    fit = place(graph, extent, size, margin, page)
    layer = Layer("mesh", colour, pen, tuple(fit(graph.nodes, pen)[graph.edges]))
    return Drawing(fit.width, fit.height, (layer,))

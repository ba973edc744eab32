"""Low-poly: the triangles between the nodes, each in its mean colour."""

import numpy as np

from gng_fast.art.drawing import Area, Drawing, fit_page
from gng_fast.art.image import extent
from gng_fast.art.styles.colours import Colours, hex_colours, mean_colours
from gng_fast.art.styles.tiles import tiles_of_pixels
from gng_fast.graph import Graph
from gng_fast.optional import need


def lowpoly(
    graph: Graph, colours: Colours, *, size: float = 180.0, margin: float = 5.0, page: str | None = None
) -> Drawing:
    """Fill the triangles between the nodes of a graph (their Delaunay triangulation), each in its mean colour.

    A picture is filled to its edges if its corners, half a pixel outside of the corner pixels' centres, are nodes.

    Parameters
    ----------
    graph : Graph
        Nodes in pixels of the picture, at (column, -row); its edges do not matter.
    colours : array of shape (h, w, 3)
        The picture, in [0, 1].
    size, margin, page
        The page, as in `gng_fast.drawing.fit_page`.

    Returns
    -------
    Drawing
        An area for each triangle.

    Raises
    ------
    TypeError, ValueError
        A parameter is no number, or out of range.
    ImportError
        SciPy is missing.
    """
    fit = fit_page(extent(colours.shape), size, margin, page)
    mesh = need("scipy.spatial", "lowpoly").Delaunay(graph.nodes.astype(np.float64))
    triangles = graph.nodes[mesh.simplices]
    means = mean_colours(tiles_of_pixels(triangles, colours.shape), colours, triangles.mean(axis=1))
    outlines = fit(graph.nodes)[mesh.simplices]
    return Drawing(fit.width, fit.height, (), areas=tuple(map(Area, hex_colours(means), outlines)))

"""Stained glass: the cells around the nodes in their mean colours, with leads between."""

import numpy as np

from gng_fast.art.drawing import Area, Drawing, Layer, fit_page
from gng_fast.art.image import extent
from gng_fast.art.styles.cells import Points, cells_of
from gng_fast.art.styles.colours import BLACK, Colours, hex_colours, mean_colours
from gng_fast.graph import Graph
from gng_fast.optional import need


def glass(
    graph: Graph,
    colours: Colours,
    pen: float | None = None,
    *,
    size: float = 180.0,
    margin: float = 5.0,
    page: str | None = None,
) -> Drawing:
    """Fill the cells around the nodes of a graph (their Voronoi cells) in their mean colours, with black leads between.

    Parameters
    ----------
    graph, colours, size, margin, page
        As in `lowpoly`.
    pen : float, optional
        Width of the leads in mm; by default a twelfth of the mean distance between nodes.

    Returns
    -------
    Drawing
        An area for each cell, and a layer of leads.

    Raises
    ------
    TypeError, ValueError
        A parameter is no number, or out of range.
    ImportError
        SciPy is missing.
    """
    fit = fit_page(extent(colours.shape), size, margin, page)
    nodes = graph.nodes.astype(np.float64)
    cells, leads = cells_of(nodes, extent(colours.shape))
    nearest = need("scipy.spatial", "glass").cKDTree(nodes).query(_pixel_centres(colours.shape))[1]
    means = mean_colours(nearest, colours, nodes)
    if pen is None:
        pen = max(0.1, round(np.sqrt(np.prod(colours.shape[:2]) / len(nodes)) * fit.scale / 12, 2))
    areas = tuple(map(Area, hex_colours(means), [fit(cell) for cell in cells]))
    return Drawing(fit.width, fit.height, (Layer("leads", BLACK, pen, tuple(fit(leads, pen))),), areas=areas)


def _pixel_centres(shape: tuple[int, ...]) -> Points:
    rows, columns = np.indices(shape[:2])
    return np.stack([columns.ravel(), -rows.ravel()], axis=1).astype(np.float64)

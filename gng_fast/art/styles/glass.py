"""Stained glass: the cells around the nodes in their mean colours, with leads between."""

import numpy as np
from numpy.typing import NDArray

from gng_fast.art.drawing import Area, Drawing, Layer, fit_page
from gng_fast.art.image import extent
from gng_fast.art.styles.cells import Numbers, Points, cells_of
from gng_fast.art.styles.colours import BLACK, Colours, hex_colours, mean_colours
from gng_fast.art.styles.tiles import tiles_of_pixels
from gng_fast.graph import Graph

#: Width of the leads in mean distances between nodes.
LEAD = 1 / 12
# Leads between colours that differ by less, each from 0 to 1, and between nodes that are nearer, are so much thinner:
# outlines stand out, and what is small is not covered.
_ALIKE, _NEAR, _FINE = 0.25, 0.3, 0.35


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
        Width of the leads in mm; by default a twelfth of the mean distance between nodes, and a third of that between
        much the same colours and in fine detail.

    Returns
    -------
    Drawing
        An area for each cell, and a layer of leads, or two for two widths.

    Raises
    ------
    TypeError, ValueError
        A parameter is no number, or out of range.
    ImportError
        SciPy is missing.
    """
    fit = fit_page(extent(colours.shape), size, margin, page)
    nodes = graph.nodes.astype(np.float64)
    cells, leads, beside = cells_of(nodes, extent(colours.shape))
    means = mean_colours(tiles_of_pixels(cells, colours.shape), colours, nodes)
    areas = tuple(map(Area, hex_colours(means), [fit(cell) for cell in cells]))
    if pen is not None:
        return Drawing(fit.width, fit.height, (Layer("leads", BLACK, pen, tuple(fit(leads, pen))),), areas=areas)
    mean = float(np.sqrt(np.prod(colours.shape[:2]) / len(nodes)))
    width = max(0.1, round(mean * fit.scale * LEAD, 2))
    fine = _are_fine(beside, nodes, means, mean)
    layers = [
        Layer(label, BLACK, pen, tuple(fit(leads[chosen], pen)))
        for label, pen, chosen in (("leads", width, ~fine), ("fine leads", max(0.05, round(width * _FINE, 2)), fine))
        if chosen.any()
    ]
    return Drawing(fit.width, fit.height, tuple(layers), areas=areas)


def _are_fine(beside: Numbers, nodes: Points, means: Colours, mean: float) -> NDArray[np.bool_]:
    """Whether the lead between each pair of nodes is a thin one: between much the same colours, or in fine detail.

    mean : distance of nodes
    """
    fine: NDArray[np.bool_] = beside.max(axis=1) < len(nodes)  # at the border there is no other node
    a, b = beside[fine].T
    alike = ((means[a] - means[b]) ** 2).sum(axis=1) < _ALIKE**2
    near = ((nodes[a] - nodes[b]) ** 2).sum(axis=1) < (_NEAR * mean) ** 2
    fine[fine] = alike | near
    return fine

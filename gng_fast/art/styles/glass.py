"""Stained glass: the cells around the nodes in their mean colours, with leads between."""

import numpy as np
from numpy.typing import NDArray

from gng_fast.art.drawing import Area, Drawing, Layer, fit_page
from gng_fast.art.image import extent
from gng_fast.art.styles.cells import Points, cells_of
from gng_fast.art.styles.colours import BLACK, Colours, hex_colours, mean_colours
from gng_fast.art.styles.tiles import tiles_of_pixels
from gng_fast.graph import Graph
from gng_fast.optional import need

# Width of the leads in mean distances between nodes. Those between colours that differ by less, each from 0 to 1, and
# between nodes that are nearer, are so much thinner: so outlines stand out, and what is small is not covered.
_LEAD, _ALIKE, _NEAR, _FINE = 1 / 12, 0.25, 0.3, 0.35
# Distances in mean distances between nodes that are the same but for rounding.
_SAME = 1e-3


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
    cells, leads = cells_of(nodes, extent(colours.shape))
    means = mean_colours(tiles_of_pixels(cells, colours.shape), colours, nodes)
    areas = tuple(map(Area, hex_colours(means), [fit(cell) for cell in cells]))
    if pen is not None:
        return Drawing(fit.width, fit.height, (Layer("leads", BLACK, pen, tuple(fit(leads, pen))),), areas=areas)
    mean = float(np.sqrt(np.prod(colours.shape[:2]) / len(nodes)))
    width = max(0.1, round(mean * fit.scale * _LEAD, 2))
    fine = _are_fine(leads, nodes, means, mean)
    layers = [
        Layer(label, BLACK, pen, tuple(fit(leads[chosen], pen)))
        for label, pen, chosen in (("leads", width, ~fine), ("fine leads", max(0.05, round(width * _FINE, 2)), fine))
        if chosen.any()
    ]
    return Drawing(fit.width, fit.height, tuple(layers), areas=areas)


def _are_fine(leads: Points, nodes: Points, means: Colours, mean: float) -> NDArray[np.bool_]:
    """Whether each lead is a thin one: between much the same colours, or in fine detail. mean : distance of nodes"""
    if len(nodes) < 2:
        return np.zeros(len(leads), bool)
    # a lead is as far from the node on one side as from that on the other; at the border there is no other
    away, beside = need("scipy.spatial", "glass").cKDTree(nodes).query(leads.mean(axis=1), 2)
    a, b = beside.T
    alike = ((means[a] - means[b]) ** 2).sum(axis=1) < _ALIKE**2
    near = ((nodes[a] - nodes[b]) ** 2).sum(axis=1) < (_NEAR * mean) ** 2
    fine: NDArray[np.bool_] = (alike | near) & (away[:, 1] - away[:, 0] < _SAME * mean)
    return fine

"""Glow: the edges in the colours of the picture, on black."""

import numpy as np

from gng_fast.art.drawing import Drawing, Layer, fit_page
from gng_fast.art.image import extent
from gng_fast.art.image.planes import BRIGHTNESS
from gng_fast.art.styles.colours import BLACK, Colours, colours_at, hex_colours
from gng_fast.graph import Graph
from gng_fast.optional import need

#: Width of the lines in mean lengths of the edges.
GLOW_PEN = 1 / 4
# Power of colours in [0, 1] on black.
_BRIGHTEN = 0.75


def glow(
    graph: Graph,
    colours: Colours,
    pen: float | None = None,
    n_colours: int = 24,
    seed: int = 0,
    *,
    size: float = 180.0,
    margin: float = 5.0,
    page: str | None = None,
) -> Drawing:
    """Draw the edges of a graph in the colours of the picture, brightened as the lines do not cover all, on black.

    Parameters
    ----------
    graph, colours, size, margin, page
        As in `lowpoly`; here the edges of the graph matter.
    pen : float, optional
        Width of the lines in mm; by default a quarter of their mean length.
    n_colours : int
        Colours, one layer each: the means of as many groups of edges (k-means).
    seed : int
        The same seed gives the same groups.

    Returns
    -------
    Drawing
        A layer for each colour, the brightest last and so on top.

    Raises
    ------
    TypeError, ValueError
        A parameter is no number, or out of range.
    ImportError
        SciPy is missing.
    """
    fit = fit_page(extent(colours.shape), size, margin, page)
    lines = graph.nodes.astype(np.float64)[graph.edges]
    if not len(lines):
        return Drawing(fit.width, fit.height, (), BLACK)
    if pen is None:
        pen = max(0.1, round(graph.edge_lengths().mean() * fit.scale * GLOW_PEN, 2))
    found = colours_at(colours, lines.mean(axis=1))
    found = np.clip(found / max(float(np.quantile(found.max(axis=1), 0.95)), 1e-6), 0, 1) ** _BRIGHTEN
    groups = min(n_colours, len(np.unique(found, axis=0)))
    kmeans2 = need("scipy.cluster.vq", "glow").kmeans2
    means, chosen = kmeans2(found, groups, minit="++", rng=np.random.default_rng(seed))
    # the brightest last, on top
    order = np.argsort(means @ BRIGHTNESS, kind="stable")
    names = hex_colours(means)
    layers = [
        Layer(names[group], names[group], pen, tuple(fit(lines[chosen == group], pen)))
        for group in order.tolist()
        if (chosen == group).any()
    ]
    return Drawing(fit.width, fit.height, tuple(layers), BLACK)

"""Stipple: the nodes as dots, whose ink is the darkness of the picture around them."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from gng_fast.art.drawing import Drawing, Layer, fit_page
from gng_fast.art.image import extent
from gng_fast.art.styles.colours import BLACK
from gng_fast.art.styles.coverage import share_of_cells
from gng_fast.graph import Graph

# Widths of dots, unless they are given.
_PENS = 8


def stipple(
    graph: Graph,
    darkness: NDArray[np.float64],
    pens: Iterable[float] | None = None,
    *,
    size: float = 180.0,
    margin: float = 5.0,
    page: str | None = None,
) -> Drawing:
    """Draw the nodes of a graph as dots, whose ink is the darkness of the picture around them.

    Parameters
    ----------
    graph, size, margin, page
        As in `lowpoly`.
    darkness : array of shape (h, w)
        From 0, paper, to 1, ink.
    pens : widths in mm, optional
        Of the dots there are, one layer each; by default eight that suit.

    Returns
    -------
    Drawing
        A layer for each pen.

    Raises
    ------
    TypeError, ValueError
        A parameter is no number, or out of range.
    ImportError
        SciPy is missing.
    """
    fit = fit_page(extent(darkness.shape), size, margin, page)
    widths = np.sqrt(share_of_cells(graph.nodes, darkness) * 4 / np.pi) * fit.scale
    if pens is None:
        low, high = np.quantile(widths, (0.05, 0.95)) if len(widths) else (0.3, 0.3)
        pens = np.geomspace(max(low, 0.05), max(high, 0.1), _PENS).round(2)
    sizes: NDArray[np.float64] = np.unique(np.asarray(pens))
    chosen = np.searchsorted((sizes[1:] + sizes[:-1]) / 2, widths)
    layers = [
        Layer(
            f"dots {pen:.3g} mm",
            BLACK,
            float(pen),
            tuple(fit(graph.nodes[chosen == number], pen)[:, None].repeat(2, axis=1)),
        )
        for number, pen in enumerate(sizes)
        if (chosen == number).any()
    ]
    return Drawing(fit.width, fit.height, tuple(layers))

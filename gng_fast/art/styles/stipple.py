"""Stipple: the nodes as dots, whose ink is the darkness of the picture around them."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from gng_fast.art.drawing import Drawing, Layer, PageFit, fit_page
from gng_fast.art.drawing.page import PEN
from gng_fast.art.drawing.tour import tour
from gng_fast.art.image import extent
from gng_fast.art.styles.colours import BLACK
from gng_fast.art.styles.coverage import share_of_cells
from gng_fast.graph import Graph

# Widths of dots, unless they are given.
_PENS = 8
# A dot that wants to be so much smaller than the smallest, in widths of that, is a stray on bare paper.
_FAINTEST = 0.6
#: Width in mm of a line through the dots, unless it is given.
TOUR_PEN = 0.3


def stipple(
    graph: Graph,
    darkness: NDArray[np.float64],
    pens: Iterable[float] | None = None,
    line: bool = False,
    *,
    size: float = 180.0,
    margin: float = 5.0,
    page: str | None = None,
) -> Drawing:
    """Draw the nodes of a graph as dots, whose ink is the darkness of the picture around them, or a line through them.

    Parameters
    ----------
    graph, size, margin, page
        As in `lowpoly`.
    darkness : array of shape (h, w)
        From 0, paper, to 1, ink.
    pens : widths in mm, optional
        Of the dots there are, one layer each; by default eight that suit. With one, all dots are the same, and a line
        takes no more.
    line : bool
        Whether to draw one closed line through the nodes, short and without crossings, and no dots.

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
    widths = None if pens is None else np.unique([PEN.check("pen", pen) for pen in pens])
    if line:
        if widths is not None and len(widths) > 1:
            raise ValueError(f"pen must be one width for a line, got {', '.join(f'{pen:g}' for pen in widths)}")
        return Drawing(fit.width, fit.height, _line(graph, fit, TOUR_PEN if widths is None else float(widths[0])))
    if widths is None or len(widths) > 1:
        wanted = np.sqrt(share_of_cells(graph.nodes, darkness) * 4 / np.pi) * fit.scale
        if widths is None:
            low, high = np.quantile(wanted, (0.05, 0.95)) if len(wanted) else (0.3, 0.3)
            widths = np.unique(np.geomspace(max(low, 0.05), max(high, 0.1), _PENS).round(2))
        chosen = np.searchsorted((widths[1:] + widths[:-1]) / 2, wanted)
        chosen[wanted < _FAINTEST * widths[0]] = -1
    else:
        chosen = np.zeros(graph.n_nodes, int)
    layers = [
        Layer(
            f"dots {pen:.3g} mm", BLACK, pen, tuple(fit(graph.nodes[chosen == number], pen)[:, None].repeat(2, axis=1))
        )
        for number, pen in enumerate(widths.tolist())
        if (chosen == number).any()
    ]
    return Drawing(fit.width, fit.height, tuple(layers))


def _line(graph: Graph, fit: PageFit, pen: float) -> tuple[Layer, ...]:
    """The layer of the line; none for less than two dots that files can tell apart."""
    points: NDArray[np.float64] = np.unique(fit(graph.nodes, pen).round(2), axis=0)
    if len(points) < 2:
        return ()
    order = tour(points)
    return (Layer(f"line {pen:.3g} mm", BLACK, pen, (points[np.append(order, order[0])],)),)

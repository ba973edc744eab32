"""Tone: the widths of the lines, or which of them are drawn at all, follow the darkness of a picture."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gng_fast.art.drawing import Drawing, Layer, fit_page
from gng_fast.art.drawing.page import PEN
from gng_fast.art.image import extent
from gng_fast.art.image.planes import coarse
from gng_fast.art.styles.coverage import Coverage
from gng_fast.graph import Graph
from gng_fast.optional import need

#: Straight lines, (m, 2, 2) pairs of points.
Lines = NDArray[np.float64]
#: A value for each pixel, (h, w).
Plane = NDArray[np.floating]

# Rounds of the fit of many pens, and of one.
_ROUNDS, _ROUNDS_ONE_PEN = 3, 6
# Of an even mesh of triangles: the length of all lines in an area of 1, where each has the length 1.
_MESH_LENGTH = 2 * 3**0.5
# Pixels along a mean line: where it is longer the picture is fitted on larger pixels, as lines cannot show its details.
_PIXELS_A_LINE = 4
# Ink is compared over about this many mean edge lengths: detail, and the even tone of areas.
_FINE, _COARSE = 0.4, 0.7
# Of both, so that there is something to divide by.
_LEAST_INK = 1e-4
# More ink than this is black; and nearly black becomes black from here on: specks of paper are uglier than lost shades.
_SOLID = 0.995
_NEARLY_BLACK = 0.85, 0.95
# A line becomes so many times as wide as the widest in proportion to the darkness under it.
_LONE = 1.5
# With one pen, all but this share of the dark areas is to become as dark as it should.
_REACHED = 0.1
# A line that wants less than this share of the thinnest pen is a stray on bare paper.
_FAINTEST = 0.3
_GOLDEN = (5**0.5 - 1) / 2
# Places on a line at which the darkness under it is looked up.
_STEPS = 8
# Pens of a range are so many.
_PENS = 12


def tone(
    graph: Graph,
    darkness: Plane,
    *,
    pens: Sequence[float] | NDArray[np.floating] | int = _PENS,
    colour: str = "#000000",
    label: str = "",
    size: float = 180.0,
    margin: float = 5.0,
    page: str | None = None,
) -> Drawing:
    """Draw the edges of a graph so that their ink is the darkness of a picture.

    Parameters
    ----------
    graph : Graph
        In pixels of the picture, at (column, -row).
    darkness : array of shape (h, w)
        From 0, paper, to 1, all ink.
    pens : widths in mm, or their number
        Each edge gets the one that suits best; an edge that wants less than the thinnest is not drawn. With one pen, as
        many edges are drawn as the ink needs. A number gives so many that go with the spacing of the graph.
    colour, label : str
        Of the layers, one for each pen.
    size, margin, page
        The page, as in `gng_fast.drawing.fit_page`.

    Returns
    -------
    Drawing
        A layer for each pen.

    Raises
    ------
    TypeError, ValueError
        The message names the parameter.
    ImportError
        SciPy is missing.
    """
    fit = fit_page(extent(darkness.shape), size, margin, page)
    lines = graph.nodes.astype(np.float64)[graph.edges]
    wanted = pen_range(graph, fit.scale, pens) if isinstance(pens, (int, np.integer)) else pens
    widths = np.unique([PEN.check("pen", pen) for pen in wanted])
    chosen = np.empty(0, int)
    if len(lines):
        choose = _one_pen if len(widths) == 1 else _fitting_pens
        chosen = choose(*_on_large_pixels(lines, darkness, widths / fit.scale))
    layers = [
        Layer(
            f"{label or _colour_name(colour)} {pen:.3g} mm",
            colour,
            float(pen),
            tuple(fit(lines[chosen == number], pen)),
        )
        for number, pen in enumerate(widths.tolist())
        if (chosen == number).any()
    ]
    return Drawing(fit.width, fit.height, tuple(layers))


def pen_range(graph: Graph, scale: float, n_pens: int) -> NDArray[np.float64]:
    """Return widths in mm, in even ratios, from hair to solid black for the spacing of a graph, `scale` mm a unit."""
    mean = float(graph.edge_lengths().mean()) if graph.n_edges else 1.0
    widths: NDArray[np.float64] = np.round(np.geomspace(0.05, 0.9, n_pens) * mean * scale, 3)
    return widths


def _colour_name(colour: str) -> str:
    """Return the name of a common colour of pens, or "#rrggbb" as it is."""
    return {"#000000": "black", "#ffffff": "white"}.get(colour, colour)


def _on_large_pixels(
    lines: Lines, darkness: Plane, pens: NDArray[np.float64]
) -> tuple[Lines, Plane, NDArray[np.float64]]:
    """Lines, darkness and pens as in a picture of larger pixels, if the lines are long."""
    length = np.linalg.norm(lines[:, 1] - lines[:, 0], axis=1).mean()
    factor = int(min(round(length / _PIXELS_A_LINE), *darkness.shape))
    if factor < 2:
        return lines, darkness, pens
    larger = coarse(darkness, factor)
    return (lines + (0.5, -0.5)) / factor - (0.5, -0.5), larger, pens / factor


def _fitting_pens(lines: Lines, darkness: Plane, pens: NDArray[np.float64]) -> NDArray[np.int64]:
    """Number of the pen for each line, -1 for none: widths are fitted, round after round, and then put into pens."""
    gaussian_filter = need("scipy.ndimage", "tone").gaussian_filter
    length = np.linalg.norm(lines[:, 1] - lines[:, 0], axis=1).mean()
    # single precision: logarithms of a whole picture take a fraction of the time
    bare = 1 - np.interp(darkness, (0, *_NEARLY_BLACK), (0, _NEARLY_BLACK[0], 1)).astype(np.float32)
    sigmas = _FINE * length, _COARSE * length
    target = sum(np.log(_depth(gaussian_filter(bare, sigma))) for sigma in sigmas)
    dark = 1 - _means_along(lines, bare)
    # a single line is not to make up for all that lacks around it
    widest = np.maximum(pens[0], pens[-1] * np.minimum(1, _LONE * dark))
    coverage = Coverage(lines, darkness.shape, widest)
    widths = np.clip(length / _MESH_LENGTH * _depth(1 - dark), pens[0] / 100, widest)
    for _ in range(_ROUNDS):
        shares = coverage.shares(widths)
        bare = coverage.bare(shares)
        reached = sum(np.log(_depth(gaussian_filter(bare, sigma))) for sigma in sigmas)
        factor = np.exp((target - reached) / len(sigmas))
        widths = np.clip(widths * coverage.means(factor, np.maximum(shares, 1e-6)), pens[0] / 100, widest)
    # of the pens below and above, each as often as makes up for the other; the golden ratio mixes neighbours evenly
    steps = np.concatenate([[0.0], pens])
    above = np.clip(np.searchsorted(steps, widths), 1, len(pens))
    share = (widths - steps[above - 1]) / (steps[above] - steps[above - 1])
    share[widths < _FAINTEST * pens[0]] = 0
    chosen: NDArray[np.int64] = above - 1 - (np.arange(len(lines)) * _GOLDEN % 1 >= share)
    return chosen


def _means_along(lines: Lines, plane: Plane) -> NDArray[np.float64]:
    """The mean of a plane along each line."""
    t = ((np.arange(_STEPS) + 0.5) / _STEPS)[:, None]
    x, y = (lines[:, 0, axis] * (1 - t) + lines[:, 1, axis] * t for axis in (0, 1))
    rows, columns = (np.rint(values).astype(np.int64) for values in (-y, x))
    means: NDArray[np.float64] = plane[
        np.clip(rows, 0, plane.shape[0] - 1), np.clip(columns, 0, plane.shape[1] - 1)
    ].mean(axis=0, dtype=np.float64)
    return means


def _depth(bare: Plane) -> Plane:
    """How much ink lies on the paper, one layer over the other, where this share is bare: solid black needs a lot."""
    return _LEAST_INK - np.log(np.maximum(bare, 1 - _SOLID))


def _one_pen(lines: Lines, darkness: Plane, pens: NDArray[np.float64]) -> NDArray[np.int64]:
    """0 for each line to draw, -1 for the others: a line is drawn where the ink so far leaves room for it."""
    gaussian_filter = need("scipy.ndimage", "tone").gaussian_filter
    vectors = lines[:, 1] - lines[:, 0]
    length = np.linalg.norm(vectors, axis=1)
    pen = pens[0]
    coverage = Coverage(lines, darkness.shape, pen)
    sigma = max(_COARSE * length.mean(), 1.0)
    everything = gaussian_filter(coverage.ink(np.full(len(lines), pen)), sigma)
    target = gaussian_filter(darkness, sigma)
    dark = target > 0.5 * target.max()
    # all lines together may be lighter than the picture: then its tones are lighter too
    target = target * min(1.0, float(np.quantile(everything[dark] / target[dark], _REACHED)))
    drawn = np.zeros(len(lines), bool)
    # lines that are asked first find room: so outlines have fewer gaps
    order = np.argsort(-_along_contours(lines, darkness, sigma), kind="stable")
    for _ in range(_ROUNDS_ONE_PEN):
        # lines overlap: what they really cover is counted anew
        left = target - gaussian_filter(coverage.ink(pen * drawn), sigma)
        _diffuse(lines, length * pen, left, sigma, drawn, order)
    return np.where(drawn, 0, -1)


def _along_contours(lines: Lines, darkness: Plane, sigma: float) -> NDArray[np.float64]:
    """How steep the darkness is across each line, at its middle."""
    ndimage = need("scipy.ndimage", "tone")
    down, right = np.gradient(ndimage.gaussian_filter(darkness, sigma / 2))
    x, y = lines.mean(axis=1).T
    down, right = (ndimage.map_coordinates(slope, (-y, x), order=1, mode="nearest") for slope in (down, right))
    vectors = lines[:, 1] - lines[:, 0]
    across: NDArray[np.float64] = np.abs(vectors[:, 0] * down + vectors[:, 1] * right)
    across /= np.maximum(np.linalg.norm(vectors, axis=1), 1e-9)
    return across


def _diffuse(
    lines: Lines,
    ink: NDArray[np.float64],
    left: Plane,
    sigma: float,
    drawn: NDArray[np.bool_],
    order: NDArray[np.int64],
) -> None:
    """Ask each line in turn whether the blurred ink still left to draw, `left`, has room for it. Changes `drawn`."""
    reach = int(3 * sigma)
    height, width = left.shape
    left = np.pad(left.astype(np.float64), reach)
    offsets = np.exp(-(np.arange(-reach, reach + 1) ** 2) / (2 * sigma**2))
    kernel = np.outer(offsets, offsets)
    kernel /= kernel.sum()
    middle = np.rint(lines.mean(axis=1) * (1, -1)).astype(int)
    columns, rows = np.clip(middle[:, 0], 0, width - 1), np.clip(middle[:, 1], 0, height - 1)
    here = left[reach:, reach:]
    # plain numbers: taking them out of arrays one by one takes longer than what is done with them
    shares = ink * kernel[reach, reach]
    todo = zip(order.tolist(), *(values[order].tolist() for values in (rows, columns, shares, drawn)), strict=True)
    for i, row, column, share, is_drawn in todo:
        if (here.item(row, column) + share * is_drawn > share / 2) != is_drawn:
            drawn[i] = not is_drawn
            patch = left[row : row + 2 * reach + 1, column : column + 2 * reach + 1]
            patch -= kernel * (-ink[i] if is_drawn else ink[i])

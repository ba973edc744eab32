"""Tone: the widths of the lines, or which of them are drawn at all, follow the darkness of a picture."""

import numpy as np

from gng_fast.art.drawing import Drawing, Layer, check_positive, fit_page
from gng_fast.art.styles.coverage import Coverage
from gng_fast.graph import Graph

# Rounds of the fit, and how far each goes.
_ROUNDS = 6
_POWER = 0.8
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
# Pens of a range are so many.
_PENS = 12


def tone(
    graph: Graph,
    darkness: np.ndarray,
    *,
    pens: tuple[float, ...] | int = _PENS,
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
    darkness : (h, w) array
        From 0, paper, to 1, all ink.
    pens : widths in mm, or their number
        Each edge gets the one that suits best; an edge that wants less than the thinnest is not drawn. With one pen, so
        many edges are drawn that the ink suits. A number gives so many that go with the spacing of the graph.
    colour, label
        Of the layers, one for each pen.
    size, margin, page
        The page, as in `gng_fast.drawing.fit_page`.

    Raises ValueError or TypeError naming the parameter.
    """
    height, width = darkness.shape
    fit = fit_page((-0.5, 0.5 - height, width - 0.5, 0.5), size, margin, page)
    lines = graph.nodes.astype(np.float64)[graph.edges]
    if np.ndim(pens) == 0:
        pens = pen_range(graph, fit.scale, pens)
    pens = np.unique([check_positive("pen", pen) for pen in pens])
    chosen = _one_pen if len(pens) == 1 else _fitting_pens
    chosen = chosen(*_on_large_pixels(lines, darkness, pens / fit.scale)) if len(lines) else np.empty(0, int)
    layers = [
        Layer(f"{label or _colour_name(colour)} {pen:.3g} mm", colour, float(pen), tuple(fit(lines[chosen == number])))
        for number, pen in enumerate(pens.tolist())
        if (chosen == number).any()
    ]
    return Drawing(fit.width, fit.height, tuple(layers))


def pen_range(graph: Graph, scale: float, n_pens: int) -> np.ndarray:
    """Return widths in mm, in even ratios, from hair to solid black for the spacing of a graph, `scale` mm a unit."""
    mean = float(graph.edge_lengths().mean()) if graph.n_edges else 1.0
    return np.round(np.geomspace(0.05, 0.9, n_pens) * mean * scale, 3)


def _colour_name(colour: str) -> str:
    """Return the name of a common colour of pens, or "#rrggbb" as it is."""
    return {"#000000": "black", "#ffffff": "white"}.get(colour, colour)


def _on_large_pixels(lines, darkness, pens):
    """Lines, darkness and pens as in a picture of larger pixels, if the lines are long."""
    length = np.linalg.norm(lines[:, 1] - lines[:, 0], axis=1).mean()
    factor = int(min(round(length / _PIXELS_A_LINE), *darkness.shape))
    if factor < 2:
        return lines, darkness, pens
    height, width = darkness.shape
    larger = np.pad(darkness, ((0, -height % factor), (0, -width % factor)), mode="edge")
    larger = larger.reshape(len(larger) // factor, factor, -1, factor).mean(axis=(1, 3))
    return (lines + (0.5, -0.5)) / factor - (0.5, -0.5), larger, pens / factor


def _fitting_pens(lines, darkness, pens):
    """Number of the pen for each line, -1 for none: widths are fitted, round after round, and then put into pens."""
    from scipy.ndimage import gaussian_filter

    length = np.linalg.norm(lines[:, 1] - lines[:, 0], axis=1).mean()
    coverage = Coverage(lines, darkness.shape, pens[-1])
    # single precision: logarithms of a whole picture take a fraction of the time
    bare = 1 - np.interp(darkness, (0, *_NEARLY_BLACK), (0, _NEARLY_BLACK[0], 1)).astype(np.float32)
    sigmas = _FINE * length, _COARSE * length
    target = sum(np.log(_depth(gaussian_filter(bare, sigma))) for sigma in sigmas)
    widths = np.full(len(lines), np.sqrt(pens[0] * pens[-1]))
    # a single line is not to make up for all that lacks around it
    widest = np.maximum(pens[0], pens[-1] * np.minimum(1, _LONE * coverage.seen(1 - bare, coverage.shares(widths))))
    coverage = coverage.up_to(widest)
    for _ in range(_ROUNDS):
        shares = coverage.shares(widths)
        bare = coverage.bare(shares)
        reached = sum(np.log(_depth(gaussian_filter(bare, sigma))) for sigma in sigmas)
        factor = np.exp(_POWER / len(sigmas) * (target - reached))
        widths = np.clip(widths * coverage.seen(factor, np.maximum(shares, 1e-6)), pens[0] / 100, widest)
    # of the pens below and above, each as often as makes up for the other; the golden ratio mixes neighbours evenly
    steps = np.concatenate([[0.0], pens])
    above = np.clip(np.searchsorted(steps, widths), 1, len(pens))
    share = (widths - steps[above - 1]) / (steps[above] - steps[above - 1])
    share[widths < _FAINTEST * pens[0]] = 0
    return above - 1 - (np.arange(len(lines)) * _GOLDEN % 1 >= share)


def _depth(bare):
    """How much ink lies on the paper, one layer over the other, where this share is bare: solid black needs a lot."""
    return _LEAST_INK - np.log(np.maximum(bare, 1 - _SOLID))


def _one_pen(lines, darkness, pens):
    """0 for each line to draw, -1 for the others: a line is drawn where the ink so far leaves room for it."""
    from scipy.ndimage import gaussian_filter

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
    # who is asked first finds room: so outlines have fewer gaps
    order = np.argsort(-_along_contours(lines, darkness, sigma), kind="stable")
    for _ in range(_ROUNDS):
        # lines overlap: what they really cover is counted anew
        left = target - gaussian_filter(coverage.ink(pen * drawn), sigma)
        _diffuse(lines, length * pen, left, sigma, drawn, order)
    return np.where(drawn, 0, -1)


def _along_contours(lines, darkness, sigma):
    """How steep the darkness is across each line, at its middle."""
    from scipy.ndimage import gaussian_filter, map_coordinates

    down, right = np.gradient(gaussian_filter(darkness, sigma / 2))
    x, y = lines.mean(axis=1).T
    down, right = (map_coordinates(slope, (-y, x), order=1, mode="nearest") for slope in (down, right))
    vectors = lines[:, 1] - lines[:, 0]
    return np.abs(vectors[:, 0] * down + vectors[:, 1] * right) / np.maximum(np.linalg.norm(vectors, axis=1), 1e-9)


def _diffuse(lines, ink, left, sigma, drawn, order):
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

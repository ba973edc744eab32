"""CMYK: one network for each process colour, lines of which lie side by side."""

import math
from collections.abc import Sequence
from typing import Unpack

import numpy as np

from gng_fast.art import image, styles
from gng_fast.art.drawing import Drawing, Layer, fit_page
from gng_fast.art.image.picture import Box, Plane, Source
from gng_fast.art.recipes.base import (
    ART_LIMIT,
    Artwork,
    Callback,
    PageOptions,
    colours_of,
    final_error,
    importance_of,
    widths_of,
)
from gng_fast.art.recipes.networks import BARE, contour_network
from gng_fast.graph import Graph
from gng_fast.model.estimator import GrowingNeuralGas
from gng_fast.parameters import check
from gng_fast.progress import checked, part, report, stoppable

#: Inks of the process colours, in the order in which they are drawn.
INKS = {"yellow": "#f5d800", "magenta": "#e00080", "cyan": "#00a0e0", "black": "#000000"}
# Where there are colours (from this on fully) black is this power of the grey: light grey in black lines would cover
# them. Of the rest they take a share.
_COLOURED = 0.25
_BLACK = 1.6
_NEUTRAL = 0.3
#: Width of the pens in mean lengths of the edges.
INK_PEN = 0.22
# One pen draws an ink: its dark areas get more nodes.
_GAMMA = 2.0


def cmyk(
    source: Source,
    *,
    nodes: int = 7500,
    seed: int | None = 0,
    pen: float | Sequence[float] | None = None,
    mask: "Source | None" = None,
    crop: Box | None = None,
    blur: float = 0.8,
    max_pixels: int | None = ART_LIMIT // 4,
    callback: Callback | None = None,
    **page: Unpack[PageOptions],
) -> Artwork:
    """Draw a picture in yellow, magenta, cyan and black lines, whose widths follow the inks.

    Parameters
    ----------
    source, seed, callback, mask, crop, blur, max_pixels
        As in `gng_fast.recipes.STYLES["tone"]`.
    nodes : int
        Nodes of all four networks together.
    pen : float or sequence of float, optional
        Widths in mm of the pens of each ink; by default one for each, that suits.
    **page
        As in `gng_fast.drawing.fit_page`.

    Returns
    -------
    Artwork
        Its graph and its error are those of the last ink, which is black unless the picture has none.

    Raises
    ------
    ImageError
        If the picture is white, or cannot be used.
    ValueError, TypeError
        If a parameter is out of range.
    """
    colours = stoppable(colours_of, source, crop, max_pixels)
    inks = stoppable(separated, colours)
    importance: Plane | float = 1.0 if mask is None else stoppable(importance_of, mask, colours.shape[:2], crop)
    darks = {name: stoppable(image.blur, ink, blur) * importance for name, ink in checked(inks.items(), 1)}
    # by the root of their ink: of an ink that is rare there is little, but what it draws is as fine
    amounts = {name: math.sqrt(float(ink.mean())) for name, ink in inks.items()}
    shares = {name: amount / sum(amounts.values()) for name, amount in amounts.items()}
    models: dict[str, GrowingNeuralGas] = {}
    done = 0.0
    for name, dark in darks.items():
        if (dark > BARE).sum() >= 2:
            n = max(2, round(check("nodes", nodes) * shares[name]))
            with part(done, done + shares[name]):
                models[name] = contour_network(1 - dark, dark, nodes=n, gamma=_GAMMA, seed=seed, callback=callback)
        done = min(1.0, done + shares[name])
    if not models:
        raise image.ImageError("the picture has no ink to draw: it is white, or a single pixel")
    layers: list[Layer] = []
    for number, (name, model) in enumerate(models.items()):
        report("drawing", number / len(models))
        graph = model.graph_
        pens = _pen_for(graph, colours.shape, page) if pen is None else widths_of(pen)
        drawing = stoppable(styles.tone, graph, darks[name], pens=pens, colour=INKS[name], label=name, **page)
        layers += drawing.layers
    return Artwork(graph, Drawing(drawing.width, drawing.height, tuple(layers)), final_error(model))


def _pen_for(graph: Graph, shape: tuple[int, ...], page: PageOptions) -> tuple[float]:
    """A pen in mm that covers the paper between the edges of a graph about to a half."""
    mean = float(graph.edge_lengths().mean()) if graph.n_edges else 1.0
    return (max(0.05, round(INK_PEN * mean * fit_page(image.extent(shape), **page).scale, 2)),)


def separated(colours: Plane) -> dict[str, Plane]:
    """Return the inks, (h, w) each from 0 to 1: black for the dark, the colours for part of the lighter grey.

    Lines lie side by side, so that all grey in black would cover the colours (grey component replacement).
    """
    missing = 1 - colours
    grey = missing.min(axis=2)
    colour = np.clip((missing.max(axis=2) - grey) / _COLOURED, 0, 1)
    black = grey + colour * (grey**_BLACK - grey)
    left = missing - grey[:, :, None] + _NEUTRAL * (grey - black)[:, :, None]
    cyan, magenta, yellow = np.moveaxis(left, 2, 0)
    return {"yellow": yellow, "magenta": magenta, "cyan": cyan, "black": black}

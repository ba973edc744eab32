"""Stipple: dots, whose density and ink follow the darkness of the picture, or one line through them."""

from collections.abc import Sequence
from functools import partial
from typing import Unpack

import numpy as np

from gng_fast.art import image, styles
from gng_fast.art.image.picture import Box, Plane, Source
from gng_fast.art.recipes.base import (
    ART_LIMIT,
    Artwork,
    Callback,
    PageOptions,
    darkness,
    importance_of,
    widths_of,
)
from gng_fast.art.recipes.density import of_equal_ink
from gng_fast.art.recipes.networks import BARE, weighted_network
from gng_fast.graph import Graph
from gng_fast.progress import stoppable

# A line does not go to what is less dark than this.
_FAINT = 0.1


def stipple(
    source: Source,
    *,
    nodes: int = 6000,
    seed: int | None = 0,
    pen: float | Sequence[float] | None = None,
    line: bool = False,
    levels: tuple[float, float] | None = None,
    mask: "Source | None" = None,
    crop: Box | None = None,
    blur: float = 0.8,
    max_pixels: int | None = ART_LIMIT,
    callback: Callback | None = None,
    **page: Unpack[PageOptions],
) -> Artwork:
    """Draw a picture as dots, or as one line through them.

    With several pens the dots are as large as the picture is dark; with one they are as dense.

    Parameters
    ----------
    source, levels, mask, crop, blur, max_pixels
        As in `gng_fast.recipes.STYLES["tone"]`.
    nodes, seed, callback
        As in `gng_fast.recipes.train`; each node is a dot, but for strays on bare paper.
    pen : float or sequence of float, optional
        Widths in mm of the dots; by default eight that suit. The line has one width, by default 0.3.
    line : bool
        Whether to draw one closed line through the dots, short and without crossings, and no dots.
    **page
        As in `gng_fast.drawing.fit_page`.

    Returns
    -------
    Artwork

    Raises
    ------
    ImageError
        If the picture has no tone, or cannot be used.
    ValueError, TypeError
        If a parameter is out of range.
    """
    plane = stoppable(image.prepare, source, crop=crop, blur=blur, max_pixels=max_pixels)
    dark = stoppable(darkness, plane, levels)
    if mask is not None:
        dark = dark * stoppable(importance_of, mask, plane.shape, crop)
    dark = np.where(dark > BARE, dark, 0)
    model = weighted_network(dark, nodes, seed, callback)
    pens = None if pen is None else widths_of(pen)
    draw = partial(styles.stipple, darkness=dark, pens=pens, line=line, **page)
    if not line and (pens is None or len(pens) > 1):
        return Artwork.of(model, draw)
    wanted = _dark_enough_for_a_line(dark) if line else dark
    return Artwork.of(model, draw, lambda graph: Graph(of_equal_ink(graph.nodes, wanted), []))


def _dark_enough_for_a_line(dark: Plane) -> Plane:
    """The darkness that dots are to be as dense as, so that the line through them is as dark as the picture."""
    # four dots make the way from dot to dot half as long, and the ink twice as much; single dots on paper, far from
    # others, would get long lines
    dense: Plane = np.where(dark > min(_FAINT, float(dark.max()) / 2), dark**2, 0)
    return dense

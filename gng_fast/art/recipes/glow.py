"""Glow: lines in the colours of the picture, on black."""

from functools import partial
from typing import Unpack

import numpy as np

from gng_fast.art import image, styles
from gng_fast.art.image.picture import Box, Plane, Source
from gng_fast.art.recipes.base import ART_LIMIT, Artwork, Callback, PageOptions, colours_of, importance_of
from gng_fast.art.recipes.networks import contour_network
from gng_fast.art.recipes.option_table import COLOURS
from gng_fast.progress import stoppable

# How lines get denser with the brightness. Their colours have it already, and what is dark is not to end all at once.
_GAMMA = 1.25


def glow(
    source: Source,
    *,
    nodes: int = 5000,
    seed: int | None = 0,
    pen: float | None = None,
    colours: int = 24,
    mask: "Source | None" = None,
    crop: Box | None = None,
    blur: float = 0.8,
    max_pixels: int | None = ART_LIMIT,
    callback: Callback | None = None,
    **page: Unpack[PageOptions],
) -> Artwork:
    """Draw a picture in lines of its colours on black.

    Parameters
    ----------
    source, nodes, seed, callback, mask, crop, blur, max_pixels
        As in `gng_fast.recipes.STYLES["tone"]`.
    pen : float, optional
        Width of the lines in mm; by default it goes with their length.
    colours : int
        How many: each has a pen, and a layer, of its own.
    **page
        As in `gng_fast.drawing.fit_page`.

    Returns
    -------
    Artwork

    Raises
    ------
    ImageError
        If the picture has nothing bright, or cannot be used.
    ValueError, TypeError
        If a parameter is out of range.
    """
    n_colours = int(COLOURS.check("colours", colours))
    picture = stoppable(colours_of, source, crop, max_pixels)
    bright: Plane = stoppable(image.blur, picture, blur)
    bright = (bright / max(float(np.quantile(bright, 0.99)), 0.05)) ** _GAMMA
    if mask is not None:
        bright = bright * stoppable(importance_of, mask, bright.shape, crop)
    plane = stoppable(image.blur, picture, 0)
    model = contour_network(plane, np.clip(bright, 0, 1), nodes=nodes, seed=seed, callback=callback)
    look = partial(styles.glow, colours=picture, pen=pen, n_colours=n_colours, seed=0 if seed is None else seed, **page)
    return Artwork.of(model, look)

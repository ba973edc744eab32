"""Glass: cells, each in one colour, with black leads between them."""

from functools import partial
from typing import Unpack

from gng_fast.art import styles
from gng_fast.art.image.picture import Box, Source
from gng_fast.art.recipes.base import ART_LIMIT, Artwork, Callback, PageOptions
from gng_fast.art.recipes.networks import colour_network

# Pairs of nodes on either side of a contour, so many steps along it apart, have a lead on it.
_ASIDE = 0.6


def glass(
    source: Source,
    *,
    nodes: int = 1300,
    seed: int | None = 0,
    pen: float | None = None,
    mask: "Source | None" = None,
    crop: Box | None = None,
    blur: float = 1.0,
    max_pixels: int | None = ART_LIMIT,
    callback: Callback | None = None,
    **page: Unpack[PageOptions],
) -> Artwork:
    """Draw a picture as stained glass.

    Parameters
    ----------
    source : path, array, PIL image or the name of a built-in picture
        As in `gng_fast.image.load`.
    nodes, seed, callback
        As in `gng_fast.recipes.train`; each node is the middle of a cell.
    pen : float, optional
        Width of the leads in mm; by default it goes with the size of the cells, and leads between much the same colours
        are thinner.
    mask : path, array, PIL image or the name of a built-in picture, optional
        A picture of where the cells are to be small: white is, black gets the fewest.
    crop, blur, max_pixels
        As in `gng_fast.image.dark_points`; the blur is for finding the slopes.
    **page
        As in `gng_fast.drawing.fit_page`.

    Returns
    -------
    Artwork

    Raises
    ------
    ImageError
        If the picture or the mask cannot be used.
    ValueError, TypeError
        If a parameter is out of range.
    """
    colours, model = colour_network(source, nodes, seed, mask, crop, blur, max_pixels, callback, aside=_ASIDE)
    return Artwork.of(model, partial(styles.glass, colours=colours, pen=pen, **page))

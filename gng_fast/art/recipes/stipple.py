"""Stipple: dots, whose density and ink follow the darkness of the picture."""

from collections.abc import Sequence
from functools import partial
from typing import Unpack

from gng_fast.art import image, styles
from gng_fast.art.image.picture import Box, Source
from gng_fast.art.recipes.base import ART_LIMIT, Artwork, Callback, PageOptions, darkness, importance_of, widths_of
from gng_fast.art.recipes.networks import weighted_network


def stipple(
    source: Source,
    *,
    nodes: int = 6000,
    seed: int | None = 0,
    pen: float | Sequence[float] | None = None,
    levels: tuple[float, float] | None = None,
    mask: "Source | None" = None,
    crop: Box | None = None,
    blur: float = 0.8,
    max_pixels: int | None = ART_LIMIT,
    callback: Callback | None = None,
    **page: Unpack[PageOptions],
) -> Artwork:
    """Draw a picture as dots.

    Parameters
    ----------
    source, levels, mask, crop, blur, max_pixels
        As in `gng_fast.recipes.STYLES["tone"]`.
    nodes, seed, callback
        As in `gng_fast.recipes.train`; each node is a dot.
    pen : float or sequence of float, optional
        Widths in mm of the dots; by default eight that suit.
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
    plane = image.prepare(source, crop=crop, blur=blur, max_pixels=max_pixels)
    dark = darkness(plane, levels)
    if mask is not None:
        dark = dark * importance_of(mask, plane.shape, crop)
    model = weighted_network(dark, nodes, seed, callback)
    pens = None if pen is None else widths_of(pen)
    return Artwork.of(model, partial(styles.stipple, darkness=dark, pens=pens, **page))

"""Tone: a mesh that is denser where the picture is darker, with lines along its contours."""

from collections.abc import Sequence
from functools import partial
from typing import Any, Unpack

import numpy as np

from gng_fast.art import image, styles
from gng_fast.art.image.picture import Box, Source
from gng_fast.art.recipes.base import (
    ART_LIMIT,
    Artwork,
    Callback,
    PageOptions,
    darkness,
    importance_of,
    warn_if_all_ink,
    widths_of,
)
from gng_fast.art.recipes.networks import BARE, contour_network
from gng_fast.progress import stoppable

# The ink of a mesh goes with a small power of the density of signals: for one pen dark areas get far more of them.
_GAMMA_ONE_PEN = 3.0


def tone(
    source: Source,
    *,
    nodes: int = 9000,
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
    """Draw the tones of a picture.

    Parameters
    ----------
    source : path, array, PIL image or the name of a built-in picture
        As in `gng_fast.image.load`.
    nodes : int
        Nodes in all, those on contours included.
    seed, callback
        As in `gng_fast.recipes.train`.
    pen : float or sequence of float, optional
        Width in mm of the one pen, or widths, of which each line gets the one that suits; by default a range.
    levels : (paper, ink), optional
        Darknesses in [0, 1] that are bare paper and solid ink; by default as suits the picture: at most a fifth of the
        pixels become bare and a twentieth solid, and fewer where more than a twentieth of the contours would be lost.
    mask : path, array, PIL image or the name of a built-in picture, optional
        A picture of what is important: white is, black gets nothing.
    crop, blur, max_pixels
        As in `gng_fast.image.dark_points`.
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
    plane = stoppable(image.prepare, source, crop=crop, blur=0, max_pixels=max_pixels)
    dark = stoppable(lambda: darkness(image.blur(plane, blur), levels))
    if mask is not None:
        dark = dark * stoppable(importance_of, mask, plane.shape, crop)
    dark = np.where(dark > BARE, dark, 0)
    warn_if_all_ink(float(dark.mean()))
    pens: dict[str, Any] = {} if pen is None else {"pens": widths_of(pen)}
    gamma = _GAMMA_ONE_PEN if pens and len(pens["pens"]) == 1 else 1.0
    model = contour_network(plane, dark, nodes=nodes, gamma=gamma, seed=seed, callback=callback)
    return Artwork.of(model, partial(styles.tone, darkness=dark, **pens, **page))

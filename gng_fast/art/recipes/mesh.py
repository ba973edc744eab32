"""The plain style: a network grown on the dark pixels, every edge a line."""

from functools import partial
from typing import Unpack

from gng_fast.art import image, styles
from gng_fast.art.image.picture import Box, Source
from gng_fast.art.recipes.base import Artwork, Callback, PageOptions, importance_of, points_of, shades_at, train
from gng_fast.parameters import DRAWING_DEFAULTS


def mesh(
    source: Source,
    *,
    nodes: int = DRAWING_DEFAULTS["nodes"],
    epochs: float | None = DRAWING_DEFAULTS["epochs"],
    seed: int | None = DRAWING_DEFAULTS["seed"],
    pen: float = 0.3,
    mask: "Source | None" = None,
    crop: Box | None = None,
    blur: float = image.ARTICLE_BLUR,
    threshold: str | float = "otsu",
    offset: float | None = None,
    block_size: int = 35,
    max_pixels: int | None = None,
    variant: str = DRAWING_DEFAULTS["variant"],
    eps_b: float = DRAWING_DEFAULTS["eps_b"],
    eps_n: float = DRAWING_DEFAULTS["eps_n"],
    max_age: int = DRAWING_DEFAULTS["max_age"],
    lam: int = DRAWING_DEFAULTS["lam"],
    callback: Callback | None = None,
    **page: Unpack[PageOptions],
) -> Artwork:
    """Draw the dark pixels of a picture as the article does.

    Parameters
    ----------
    source : path, array, PIL image or the name of a built-in picture
        As in `gng_fast.image.load`.
    nodes, epochs, seed, callback, variant, eps_b, eps_n, max_age, lam
        As in `gng_fast.recipes.train`.
    pen : float
        Width of the lines in mm.
    mask : path, array, PIL image or the name of a built-in picture, optional
        A picture of what is important: white is, black gets nothing.
    crop, blur, threshold, offset, block_size, max_pixels
        As in `gng_fast.image.dark_points`.
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
    points = points_of(
        source, crop=crop, blur=blur, threshold=threshold, offset=offset, block_size=block_size, max_pixels=max_pixels
    )
    weights = None
    if mask is not None:
        weights = shades_at(importance_of(mask, points.shape, crop), points.X)
    model = train(
        points,
        nodes=nodes,
        epochs=epochs,
        seed=seed,
        variant=variant,
        eps_b=eps_b,
        eps_n=eps_n,
        max_age=max_age,
        lam=lam,
        sample_weight=weights,
        callback=callback,
    )
    return Artwork.of(model, partial(styles.mesh, extent=points.extent, pen=pen, **page))

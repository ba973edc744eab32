"""The plain look: a network grown on the dark pixels, every edge a line."""

from functools import partial

from gng_fast.art import styles
from gng_fast.art.recipes.base import Artwork, importance_of, points_of, shades_at, train


def mesh(
    source,
    *,
    nodes: int = 2400,
    epochs: float | None = None,
    seed: int | None = 0,
    pen: float = 0.3,
    mask=None,
    crop=None,
    blur: float = 0.6,
    threshold="otsu",
    offset: float | None = None,
    block_size: int = 35,
    max_pixels: int | None = None,
    variant: str = "fritzke",
    eps_b: float = 0.2,
    eps_n: float = 0.005,
    max_age: int = 50,
    lam: int = 100,
    callback=None,
    **page,
) -> Artwork:
    """Draw the dark pixels of a picture as the article does.

    nodes, epochs, seed, callback, variant, eps_b, eps_n, max_age, lam : as in `gng_fast.recipes.train`
    pen, page : as in `gng_fast.styles.mesh`
    mask : a picture of what is important: white is, black gets nothing
    crop, blur, threshold, offset, block_size, max_pixels : as in `gng_fast.image.dark_points`
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

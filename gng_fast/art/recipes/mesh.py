"""The plain style: a network grown on the dark pixels, every edge a line."""

import math
from functools import partial
from typing import Any, Unpack

import numpy as np

from gng_fast.art import image, styles
from gng_fast.art.image import contours
from gng_fast.art.image.picture import Box, Source
from gng_fast.art.recipes.base import (
    Artwork,
    Callback,
    PageOptions,
    Points,
    importance_of,
    points_of,
    shades_at,
    train,
    warn_if_all_ink,
)
from gng_fast.graph import Graph
from gng_fast.parameters import DRAWING_DEFAULTS
from gng_fast.progress import stoppable

# With the threshold "auto" a line may cross so much bare paper, in mean lengths of the edges.
_BARE = 0.5
# There pixels are squares and not points: else their lattice shows.
_JITTER = 0.5


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
    threshold: str | float = "auto",
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

    The threshold is not the article's but "auto", which suits photos; edges that bridge bare paper are then not drawn.
    For the article's, take "otsu".

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
    points = stoppable(
        points_of,
        source,
        crop=crop,
        blur=blur,
        threshold=threshold,
        offset=offset,
        block_size=block_size,
        max_pixels=max_pixels,
    )
    warn_if_all_ink(len(points.X) / math.prod(points.shape))
    auto = threshold == "auto"
    smooth: dict[str, Any] = {"jitter": _JITTER} if auto else {}
    weights = None
    if mask is not None:
        weights = shades_at(stoppable(importance_of, mask, points.shape, crop), points.X)
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
        **smooth,
    )

    look = partial(styles.mesh, extent=points.extent, pen=pen, **page)
    return Artwork.of(model, look, (lambda graph: _on_ink(graph, points)) if auto else None)


def _on_ink(graph: Graph, points: Points) -> Graph:
    """The graph without the edges that bridge bare paper."""
    mask = np.zeros(points.shape, bool)
    columns, rows = (points.X * (1, -1)).astype(int).T
    mask[rows, columns] = True
    lengths = graph.edge_lengths()
    bare = (1 - contours.share_inside(mask, graph.nodes.astype(float)[graph.edges])) * lengths
    return Graph(graph.nodes, graph.edges[bare <= _BARE * lengths.mean()]) if graph.n_edges else graph

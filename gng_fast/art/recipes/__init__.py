"""The whole path in one call: picture -> points -> network -> graph -> drawing. One recipe for each style."""

import inspect
from dataclasses import replace

from gng_fast.art import image
from gng_fast.art.drawing import Drawing, paths
from gng_fast.art.recipes.base import CALLS, Artwork, Points, points_of, train
from gng_fast.art.recipes.looks import cmyk, glass, glow, lowpoly, stipple
from gng_fast.art.recipes.mesh import mesh
from gng_fast.art.recipes.shape import shape
from gng_fast.art.recipes.tone import tone
from gng_fast.graph import Graph

__all__ = [
    "CALLS",
    "GROWING",
    "PRESETS",
    "STYLES",
    "Artwork",
    "Points",
    "check_options",
    "draw",
    "growth",
    "make",
    "points_of",
    "train",
]

#: A recipe is a function of the picture and of options, which are the names of its parameters; it returns an `Artwork`.
STYLES = {
    "mesh": mesh,
    "shape": shape,
    "tone": tone,
    "stipple": stipple,
    "lowpoly": lowpoly,
    "glass": glass,
    "glow": glow,
    "cmyk": cmyk,
}

#: The styles of one network, whose growth `growth` can show.
GROWING = tuple(style for style in STYLES if style != "cmyk")

#: Options for a purpose, name -> (what it is for, options of `make`).
PRESETS = {
    "plotter": ("one 0.4 mm pen on A4", {"style": "tone", "pen": 0.4, "nodes": 9000, "page": "a4", "margin": 15.0}),
    "pens": ("0.2, 0.4 and 0.8 mm pens on A3", {"style": "tone", "pen": (0.2, 0.4, 0.8), "page": "a3", "margin": 20.0}),
    "poster": ("fine tones on A2", {"style": "tone", "nodes": 20000, "page": "a2", "margin": 30.0}),
    "postcard": ("coarse tones on A6", {"style": "tone", "nodes": 4000, "page": "a6", "margin": 5.0}),
    "logo": ("a dark shape and its outline, 100 mm", {"style": "shape", "nodes": 600, "size": 100.0}),
}

_PAGE_OPTIONS = ("size", "margin", "page")


def make(source, style: str = "mesh", *, invert: bool = False, retrace: bool = False, **options) -> Artwork:
    """Return the drawing of a picture, its lines joined to few strokes (`gng_fast.drawing.paths.plan`), and its graph.

    source : path, array, PIL image or the name of a built-in picture, as in `gng_fast.image.load`
    style : one of `STYLES`
    invert : draw the picture's negative: for light shapes, or for a white pen on black paper
    retrace : draw some lines twice, so that every connected piece is one stroke
    options : those of the recipe, `STYLES[style]`, and size, margin and page as in `gng_fast.drawing.fit_page`

    Raises ValueError for an option the style does not have, and what the recipe raises.
    """
    artwork = _made(source, style, invert, options)
    return replace(artwork, drawing=paths.plan(artwork.drawing, retrace))


def growth(
    source, style: str = "mesh", n_frames: int = 60, *, invert: bool = False, **options
) -> tuple[Artwork, list[Graph]]:
    """Return the artwork of `make`, its lines not joined, and graphs of its growth, the last one left out.

    style : one of `GROWING`; n_frames : of the growth, its end among them, at most `CALLS`; the others as for `make`

    `artwork.draw(graph)` draws a graph as the artwork is drawn. Steps are short at first, when most changes: graph k is that
    after (k / n_frames)^2 of the training. A short training may give fewer graphs than asked for.
    Raises what `make` raises.
    """
    if style in STYLES and style not in GROWING:
        raise ValueError(f"style {style} cannot be shown growing: its networks grow one after the other")
    if not 1 <= n_frames <= CALLS:
        raise ValueError(f"frames must be in [1, {CALLS}], got {n_frames}")
    graphs: list[Graph] = []

    def keep(done, total, model):
        if done * n_frames**2 >= total * (len(graphs) + 1) ** 2 and done < total:
            graphs.append(model.graph_)

    return _made(source, style, invert, {**options, "callback": keep}), graphs


def _made(source, style, invert, options):
    check_options(style, options)
    return STYLES[style](image.negative(image.load(source)) if invert else source, **options)


def check_options(style: str, options) -> None:
    """Raise ValueError for a style that there is not, or a name of an option that it does not have; see `make`."""
    if style not in STYLES:
        raise ValueError(f"style must be one of {', '.join(STYLES)}, got {style!r}")
    known = (*inspect.signature(STYLES[style]).parameters, "invert", "retrace", *_PAGE_OPTIONS)
    for name in options:
        if name not in known:
            raise ValueError(f"{name} is not for style {style}")


def draw(source, style: str = "mesh", **options) -> Drawing:
    """Return the drawing of a picture: that of `make`, which has the same parameters.

    >>> from gng_fast import recipes
    >>> drawing = recipes.draw("horse", nodes=300)
    >>> drawing.width, drawing.n_strokes < 300
    (180.0, True)
    """
    return make(source, style, **options).drawing

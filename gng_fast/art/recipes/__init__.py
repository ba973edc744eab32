"""The whole path in one call: picture -> points -> network -> graph -> drawing. One recipe for each style."""

import inspect
import shlex
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from gng_fast.art import image
from gng_fast.art.drawing import Drawing, fit_page, plan
from gng_fast.art.image.picture import Source
from gng_fast.art.recipes.base import CALLS, Artwork, PageOptions, Points, points_of, train
from gng_fast.art.recipes.cmyk import cmyk
from gng_fast.art.recipes.command import command_words
from gng_fast.art.recipes.glass import glass
from gng_fast.art.recipes.glow import glow
from gng_fast.art.recipes.lowpoly import lowpoly
from gng_fast.art.recipes.mesh import mesh
from gng_fast.art.recipes.option_table import DETAIL, TABLE, Option
from gng_fast.art.recipes.shape import shape
from gng_fast.art.recipes.stipple import stipple
from gng_fast.art.recipes.tone import tone
from gng_fast.graph import Graph
from gng_fast.model.estimator import GrowingNeuralGas
from gng_fast.parameters import Range
from gng_fast.progress import STAGES, Progress, Stopped, report, stoppable, watching

__all__ = [
    "CALLS",
    "GROWING",
    "PRESETS",
    "STAGES",
    "STYLES",
    "TABLE",
    "Artwork",
    "Option",
    "Points",
    "Stopped",
    "check_options",
    "command_line",
    "defaults",
    "draw",
    "growth",
    "make",
    "options",
    "points_of",
    "train",
]

#: A recipe is a function of the picture and of options, which are the names of its parameters; it returns an `Artwork`.
STYLES: dict[str, Callable[..., Artwork]] = {
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
# The styles that nothing is left of with strokes_only.
_AREAS_ALONE = ("lowpoly",)
_FRAMES = Range(1, CALLS, integer=True)

#: Options for a purpose, name -> (what it is for, options of `make`).
PRESETS: dict[str, tuple[str, dict[str, Any]]] = {
    "plotter": ("one 0.4 mm pen on A4", {"style": "tone", "pen": 0.4, "nodes": 9000, "page": "a4", "margin": 15.0}),
    "pens": ("0.2, 0.4 and 0.8 mm pens on A3", {"style": "tone", "pen": (0.2, 0.4, 0.8), "page": "a3", "margin": 20.0}),
    "poster": ("fine tones on A2", {"style": "tone", "nodes": 20000, "page": "a2", "margin": 30.0}),
    "postcard": ("coarse tones on A6", {"style": "tone", "nodes": 4000, "page": "a6", "margin": 5.0}),
    "logo": ("a dark shape and its outline, 100 mm", {"style": "shape", "nodes": 600, "size": 100.0}),
}


def make(
    source: Source,
    style: str = "mesh",
    *,
    invert: bool = False,
    retrace: bool = False,
    detail: float | None = None,
    strokes_only: bool = False,
    progress: Progress | None = None,
    **options: Any,
) -> Artwork:
    """Return the drawing of a picture, its lines joined to few strokes (`gng_fast.drawing.plan`), and its graph.

    Parameters
    ----------
    source : path, array, PIL image or the name of a built-in picture
        As in `gng_fast.image.load`.
    style : str
        One of `STYLES`.
    invert : bool
        Whether to draw the picture's negative: for light shapes, or for a white pen on black paper.
    retrace : bool
        Whether to draw some lines twice, so that every connected piece is one stroke.
    detail : float, optional
        How dense the drawing is, in place of `nodes`: 1 is the style's own density, 2 has twice as many nodes.
    strokes_only : bool
        Whether to leave out areas and the background, which a plotter cannot fill.
    progress : callable(stage, fraction), optional
        Called with one of `STAGES` from "loading" to "planning" and with the share of it that is done, neither of which
        ever goes back; some 10 times a second, in this thread. If it returns True, the work stops, and what it
        raises comes through.
    **options
        Those of the recipe, `STYLES[style]`, and size, margin and page as in `gng_fast.drawing.fit_page`.

    Returns
    -------
    Artwork

    Raises
    ------
    ImageError
        If the picture cannot be used. It is a ValueError.
    ValueError
        If the style does not have an option, or one is out of range.
    TypeError
        If an option is of the wrong kind.
    Stopped
        If `progress` returned True.
    """
    if strokes_only and style in _AREAS_ALONE:
        raise ValueError(f"style {style} draws areas alone: there are no strokes to be had of it")
    switches = {"invert": invert, "retrace": retrace, "strokes_only": strokes_only, "detail": detail}
    with watching(progress):
        artwork = _made(source, style, invert, detail, options)
        drawing = artwork.drawing.strokes_only() if strokes_only else artwork.drawing
        drawing = replace(plan(drawing, retrace), command=command_line(source, style, {**options, **switches}))
        return replace(artwork, drawing=drawing)


def growth(
    source: Source,
    style: str = "mesh",
    n_frames: int = 60,
    *,
    invert: bool = False,
    detail: float | None = None,
    progress: Progress | None = None,
    **options: Any,
) -> tuple[Artwork, list[Graph]]:
    """Return the artwork of `make`, its lines not joined, and graphs of its growth, the last one left out.

    `artwork.draw(graph)` draws a graph as the artwork is drawn. Steps are short at first, when most changes: graph k is
    that after (k / n_frames)^2 of the training. A short training may give fewer graphs than asked for.

    Parameters
    ----------
    source, invert, detail, progress, **options
        As for `make`.
    style : str
        One of `GROWING`.
    n_frames : int
        Frames of the growth, its end among them, at most `CALLS`.

    Returns
    -------
    artwork : Artwork
    graphs : list of Graph

    Raises
    ------
    ImageError, ValueError, TypeError, Stopped
        As `make` does, and for a style of several networks, or n_frames out of range.
    """
    if style in STYLES and style not in GROWING:
        raise ValueError(f"style {style} cannot be shown growing: its networks grow one after the other")
    n_frames = int(_FRAMES.check("frames", n_frames))
    graphs: list[Graph] = []

    def keep(done: int, total: int, model: GrowingNeuralGas) -> None:
        if done * n_frames**2 >= total * (len(graphs) + 1) ** 2 and done < total:
            graphs.append(model.graph_)

    with watching(progress):
        return _made(source, style, invert, detail, {**options, "callback": keep}), graphs


def _made(source: Source, style: str, invert: bool, detail: float | None, options: dict[str, Any]) -> Artwork:
    """The artwork of a recipe, as that returns it."""
    check_options(style, options)
    if detail is not None:
        if "nodes" in options:
            raise ValueError("give nodes or detail, not both: either says how dense the drawing is")
        factor = DETAIL.check("detail", detail)
        options = {**options, "nodes": max(2, round(factor * defaults(style)["nodes"]))}
    report("loading", 0)
    picture = stoppable(image.load, source)
    report("loading", 1)
    report("preparing", 0)
    return STYLES[style](image.negative(picture) if invert else picture, **options)


def command_line(source: Source, style: str, options: Mapping[str, Any]) -> str:
    """Return the command line that makes a drawing again, but for the name of its file.

    Parameters
    ----------
    source : path, array, PIL image or the name of a built-in picture
        Of paths the name alone is told, which is all that others may see; an array is called PICTURE.
    style : str
        One of `STYLES`.
    options : dict
        Those of `make`.

    Returns
    -------
    str
        It is in the metadata of files.

    Examples
    --------
    >>> from gng_fast import recipes
    >>> recipes.command_line("photos/cat.jpg", "tone", {"page": "a4", "pen": (0.2, 0.4)})
    'gng-fast draw cat.jpg --style tone --page a4 --pen 0.2,0.4 --seed 0'
    """
    words = command_words(source, style, {"seed": defaults(style)["seed"], **options})
    return "".join(letter if letter.isprintable() else "?" for letter in shlex.join(words))


def check_options(style: str, options: Iterable[str]) -> None:
    """Check the names of options, those of `make` included, before a picture is drawn.

    Parameters
    ----------
    style : str
    options : iterable of str

    Raises
    ------
    ValueError
        If there is no such style, or it does not have one of the options.
    """
    if style not in STYLES:
        raise ValueError(f"style must be one of {', '.join(STYLES)}, got {style!r}")
    known = {*_parameters(style)}
    for name in options:
        if name not in known:
            raise ValueError(f"{name} is not for style {style}")


def defaults(style: str) -> dict[str, Any]:
    """Return the options of a recipe and their defaults, without those of the page.

    Parameters
    ----------
    style : str
        One of `STYLES`.

    Returns
    -------
    dict
        Name -> default.
    """
    return {name: parameter.default for name, parameter in _keywords(STYLES[style]).items()}


def options(style: str) -> tuple[Option, ...]:
    """Return the options of a style, for programs that make controls of them.

    They are those that values can be given to: `callback` and `progress` are not among them.

    Parameters
    ----------
    style : str
        One of `STYLES`.

    Returns
    -------
    tuple of Option

    Raises
    ------
    ValueError
        If there is no such style.

    Examples
    --------
    >>> from gng_fast import recipes
    >>> found = {option.name: option for option in recipes.options("tone")}
    >>> found["nodes"].default, found["margin"].unit, found["blur"].usual
    (9000, 'mm', (0, 5))
    """
    check_options(style, ())
    parameters = _parameters(style)
    return tuple(option.of(parameters[name]) for name, option in TABLE.items() if name in parameters)


def _parameters(style: str) -> dict[str, inspect.Parameter]:
    """The keywords of `make` for a style, by their names."""
    page = inspect.signature(fit_page).parameters
    own = {name: parameter for name, parameter in _keywords(make).items() if name != "progress"}
    return {**own, **_keywords(STYLES[style]), **{name: page[name] for name in PageOptions.__annotations__}}


def _keywords(function: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    """The parameters of a function that are given by name alone."""
    parameters = inspect.signature(function).parameters.values()
    return {each.name: each for each in parameters if each.kind is each.KEYWORD_ONLY}


def draw(source: Source, style: str = "mesh", **options: Any) -> Drawing:
    """Return the drawing of a picture.

    Parameters
    ----------
    source, style, **options
        As for `make`.

    Returns
    -------
    Drawing

    Raises
    ------
    ImageError, ValueError, TypeError
        As `make` does.

    Examples
    --------
    >>> from gng_fast import recipes
    >>> drawing = recipes.draw("horse", nodes=300)
    >>> drawing.width, drawing.n_strokes < 300
    (180.0, True)
    """
    return make(source, style, **options).drawing

"""What is made of a picture for a page: the drawing, and files of it."""

import io
import itertools
import time
from dataclasses import dataclass, replace
from typing import Any

from gng_fast.art import recipes
from gng_fast.art.drawing import Drawing
from gng_fast.art.export import ANIMATIONS, FORMATS, save
from gng_fast.art.export.frames import FRAME_SECONDS
from gng_fast.art.image.picture import Picture as Pixels
from gng_fast.art.writing.handwriting import trace_handwriting
from gng_fast.art.writing.words import find_words
from gng_fast.graph import Graph
from gng_fast.progress import watching
from gng_fast.studio.growth import Growth
from gng_fast.studio.pictures import Picture
from gng_fast.studio.pieces import of_drawing, report
from gng_fast.studio.settings import Settings, command_of, named, python_of
from gng_fast.studio.works import Work

#: What may be downloaded, and what browsers call it.
DOWNLOADS = {
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".gif": "image/gif",
    ".html": "text/html",
    ".json": "application/json",
    ".graphml": "application/xml",
    ".gml": "text/plain",
    ".npz": "application/octet-stream",
}
# The length of an animation, as that of `gng-fast animate`.
_ANIMATION_SECONDS = 6.0


@dataclass(frozen=True)
class Made:
    """What a page has last made, for files of it.

    Attributes
    ----------
    picture, settings, mask
        Of what it was made.
    graph, drawing
        What files hold.
    facts : dict
        What the page says of it.
    """

    picture: Picture
    settings: Settings
    mask: Pixels | None
    graph: Graph
    drawing: Drawing
    facts: dict[str, Any]


def make(picture: Picture, settings: Settings, mask: Pixels | None, work: Work) -> Made:
    """Return the drawing of a picture, and tell the page of it: its growth, and then the drawing."""
    makers = {"draw": _drawn, "words": _words, "strokes": _handwriting}
    graph, drawing, facts = makers[settings.mode](picture, settings, mask, work)
    work.check()
    facts |= {
        **report(drawing),
        "nodes": graph.n_nodes,
        "edges": graph.n_edges,
        "seconds": time.perf_counter() - work.started,
        "command": command_of(settings, picture.name),
        "python": python_of(settings, picture.name),
    }
    return Made(picture, settings, mask, graph, drawing, facts)


def tell(made: Made, work: Work) -> None:
    """Tell the page of a drawing."""
    with watching(work.asked):
        facts, data = of_drawing(made.drawing)
    work.tell("drawing", {**facts, **made.facts}, data)


def _options(settings: Settings, mask: Pixels | None) -> dict[str, Any]:
    """The options of the recipe."""
    return settings.options | ({"mask": mask} if mask is not None and settings.masked else {})


def _drawn(
    picture: Picture, settings: Settings, mask: Pixels | None, work: Work
) -> tuple[Graph, Drawing, dict[str, Any]]:
    artwork = recipes.make(
        picture.pixels,
        settings.style,
        progress=work.progress,
        callback=Growth(picture.fit(settings), lambda: picture.tones(settings, mask, work), settings, work),
        **_options(settings, mask),
    )
    # the picture has no name here, but it has one in the file that a command line writes
    command = recipes.command_line(picture.name, settings.style, named(settings))
    return artwork.graph, replace(artwork.drawing, command=command), {"error": artwork.error}


def _words(
    picture: Picture, settings: Settings, mask: Pixels | None, work: Work
) -> tuple[Graph, Drawing, dict[str, Any]]:
    with watching(work.progress):
        found = find_words(picture.pixels, **_given(settings, "hyphen", "crop", "seed"))
        work.check()
        drawing = found.drawing(**_given(settings, "size", "margin", "pen"))
    return found.graph, drawing, {"words": found.count}


def _handwriting(
    picture: Picture, settings: Settings, mask: Pixels | None, work: Work
) -> tuple[Graph, Drawing, dict[str, Any]]:
    with watching(work.progress):
        found = trace_handwriting(picture.pixels, **_given(settings, "crop", "seed"))
        work.check()
        drawing = found.drawing(**_given(settings, "size", "margin", "pen"))
    return found.graph, drawing, {}


def _given(settings: Settings, *names: str) -> dict[str, Any]:
    """Those of the options that are given."""
    return {name: settings.options[name] for name in names if name in settings.options}


# ---- files ----------------------------------------------------------------------------------------------------------


def written(made: Made, ending: str, work: Work, pixels: int | None = None) -> bytes:
    """Return a file of what was made: that which `gng-fast draw`, `animate`, `words` or `strokes` writes.

    Raises ValueError for what cannot be written.
    """
    options = {} if pixels is None else {"pixels": pixels}
    if ending in FORMATS:
        buffer = io.BytesIO()
        with watching(work.progress):
            save(buffer, graph=made.graph, drawing=made.drawing, format=ending, **options)
        return buffer.getvalue()
    if made.settings.mode != "draw":
        raise ValueError("words and handwriting cannot be shown growing")
    artwork, graphs = recipes.growth(
        made.picture.pixels, made.settings.style, progress=work.progress, **_for_growth(made)
    )
    assert artwork.draw is not None  # a style that grows draws any of its graphs
    frames = itertools.chain(map(artwork.draw, graphs), [artwork.drawing])
    n = len(graphs) + 1

    def watched() -> Any:
        for number, frame in enumerate(frames):
            work.progress("writing", number / n)
            work.check()
            yield frame

    buffer = io.BytesIO()
    ANIMATIONS[ending](watched(), buffer, seconds=max(FRAME_SECONDS.low, _ANIMATION_SECONDS / n), **options)
    return buffer.getvalue()


def _for_growth(made: Made) -> dict[str, Any]:
    """The options of `recipes.growth`, which joins no lines."""
    options = _options(made.settings, made.mask)
    return {name: value for name, value in options.items() if name not in ("retrace", "strokes_only")}

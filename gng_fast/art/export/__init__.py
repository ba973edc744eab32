"""Files of graphs and drawings, by the ending of their name."""

from collections.abc import Callable
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from gng_fast.art.drawing import Drawing
from gng_fast.art.export.data import read_json, read_npz, write_gml, write_graphml, write_json, write_npz
from gng_fast.art.export.html import write_html
from gng_fast.art.export.raster import render, write_apng, write_gif, write_png
from gng_fast.art.export.svg import to_svg, write_svg
from gng_fast.graph import Graph

__all__ = [
    "ANIMATIONS", "FORMATS", "Format", "format_of", "read_json", "read_npz", "render", "save", "to_svg",
    "write_apng", "write_gif", "write_gml", "write_graphml", "write_html", "write_json", "write_npz", "write_png", "write_svg",
]  # fmt: skip


@dataclass(frozen=True)
class Format:
    """takes : "graph" or "drawing", what the format holds; write : function of that, the path and the options."""

    takes: str
    write: Callable[..., None]


# The one place that knows the formats: a new one is a line here.
FORMATS = {
    ".svg": Format("drawing", write_svg),
    ".png": Format("drawing", write_png),
    ".json": Format("graph", write_json),
    ".graphml": Format("graph", write_graphml),
    ".gml": Format("graph", write_gml),
    ".npz": Format("graph", write_npz),
}

#: Writers of a series of drawings, by the ending of the file.
ANIMATIONS = {".gif": write_gif, ".png": write_apng, ".html": write_html}


def format_of(path: str | PathLike) -> Format:
    """The `Format` for the ending of `path`, in upper or lower case; ValueError for an unknown one."""
    ending = Path(path).suffix.lower()
    if ending not in FORMATS:
        raise ValueError(f"cannot write '{path}': the ending must be one of {', '.join(FORMATS)}")
    return FORMATS[ending]


def save(path: str | PathLike, *, graph: Graph | None = None, drawing: Drawing | None = None, **options) -> None:
    """Write a file in the format its ending names.

    path : str or path-like, ending in one of `FORMATS`
    graph : Graph, for the data formats
    drawing : Drawing, for .svg and .png
    options : passed to the writer, as pixels=1200 for .png

    Raises ValueError for an unknown ending or when what the format holds is not given, TypeError for an option the
    format does not have, and what the writer raises.
    """
    chosen = format_of(path)
    content = {"graph": graph, "drawing": drawing}[chosen.takes]
    if content is None:
        raise ValueError(f"cannot write '{path}': this format needs a {chosen.takes}")
    chosen.write(content, path, **options)

"""Files of graphs and drawings, by the ending of their name."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from gng_fast.art.drawing import Drawing
from gng_fast.art.export.data import read_json, read_npz, write_gml, write_graphml, write_json, write_npz
from gng_fast.art.export.gif import write_gif
from gng_fast.art.export.html import write_html
from gng_fast.art.export.raster import render, write_apng, write_png
from gng_fast.art.export.svg import to_svg, write_svg
from gng_fast.files import PathOrFile
from gng_fast.graph import Graph
from gng_fast.progress import report

__all__ = [
    "ANIMATIONS", "FORMATS", "Format", "format_of", "read_json", "read_npz", "render", "save", "to_svg", "write_apng",
    "write_gif", "write_gml", "write_graphml", "write_html", "write_json", "write_npz", "write_png", "write_svg",
]  # fmt: skip


@dataclass(frozen=True)
class Format:
    """A format of files.

    Attributes
    ----------
    takes : "graph" or "drawing"
        What a file of the format holds.
    write : callable
        Writes a file of it; it is given the content, the path and the format's own options.
    """

    takes: Literal["graph", "drawing"]
    write: Callable[..., None]


#: The formats, by the ending of the file. This is the one place that knows them: a new one is a line here.
FORMATS = {
    ".svg": Format("drawing", write_svg),
    ".png": Format("drawing", write_png),
    ".json": Format("graph", write_json),
    ".graphml": Format("graph", write_graphml),
    ".gml": Format("graph", write_gml),
    ".npz": Format("graph", write_npz),
}

#: Writers of a series of drawings, by the ending of the file: functions of the frames, the path and options.
ANIMATIONS: dict[str, Callable[..., None]] = {".gif": write_gif, ".png": write_apng, ".html": write_html}


def format_of(path: str | os.PathLike[str]) -> Format:
    """Return the format that the ending of a path names.

    Parameters
    ----------
    path : str or path-like
        Its ending may be in upper or lower case.

    Returns
    -------
    Format

    Raises
    ------
    ValueError
        If the ending is not one of `FORMATS`.
    """
    ending = Path(path).suffix.lower()
    if ending not in FORMATS:
        raise ValueError(f"cannot write '{path}': the ending must be one of {', '.join(FORMATS)}")
    return FORMATS[ending]


def save(
    path: PathOrFile,
    *,
    graph: Graph | None = None,
    drawing: Drawing | None = None,
    format: str | None = None,
    **options: Any,
) -> None:
    """Write a file in the format that its ending names.

    Parameters
    ----------
    path : str, path-like or binary file
        The file to write.
    graph : Graph, optional
        What the data formats hold.
    drawing : Drawing, optional
        What .svg and .png hold.
    format : str, optional
        One of `FORMATS`, such as ".svg"; by default the ending of the path. An open file needs it.
    **options
        Options of the writer, as pixels=1200 for .png.

    Raises
    ------
    ValueError
        If the format is unknown, what the format holds is not given, or an option is out of range.
    TypeError
        If the format does not have an option.
    ImportError
        If the library that writes the format is not installed.
    OSError
        If the file cannot be written.
    """
    if format is not None and format.lower() not in FORMATS:
        raise ValueError(f"format must be one of {', '.join(FORMATS)}, got {format!r}")
    if isinstance(path, (str, os.PathLike)):
        name = os.fspath(path)
    elif format is None:
        raise ValueError(f"format must be given for an open file: one of {', '.join(FORMATS)}")
    else:
        name = "the open file"
    chosen = format_of(name) if format is None else FORMATS[format.lower()]
    content = {"graph": graph, "drawing": drawing}[chosen.takes]
    if content is None:
        raise ValueError(f"cannot write '{name}': this format needs a {chosen.takes}")
    report("writing", 0)
    chosen.write(content, path, **options)

"""Growing drawings as one HTML page with a slider, which needs no other file and no network.

The page itself is growth.html beside this module; the words between two @ in it are filled in here.
"""

import base64
import html
import json
import re
from collections.abc import Iterable
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from gng_fast.art.drawing import Drawing
from gng_fast.art.drawing.paths import lines_of
from gng_fast.art.export.frames import FRAME_SECONDS, of_one_size
from gng_fast.files import PathOrFile, write_file


def write_html(
    frames: Iterable[Drawing], path: PathOrFile, seconds: float = 0.1, title: str = "Growing Neural Gas"
) -> None:
    """Write an animation as a page that plays it, with a slider.

    Parameters
    ----------
    frames : iterable of Drawing
        All with the same page. They are all held in memory.
    path : str, path-like or binary file
        The file to write.
    seconds : float
        The time each frame is shown, 0.02 to 655.
    title : str
        The title of the page.

    Raises
    ------
    ValueError, TypeError
        If seconds is out of range, there are no frames, or their pages differ.
    OSError
        If the file cannot be written.
    """
    seconds = FRAME_SECONDS.check("seconds", seconds)
    drawings = list(of_one_size(frames))
    first = drawings[0]
    data = {
        "width": round(first.width, 2),
        "height": round(first.height, 2),
        "seconds": seconds,
        "frames": [_shown(drawing) for drawing in drawings],
    }
    values = {
        "TITLE": html.escape(title),
        "PAPER": first.background or "#ffffff",
        "N": str(len(drawings)),
        "DATA": json.dumps(data, separators=(",", ":")),
    }
    text = re.sub(f"@({'|'.join(values)})@", lambda found: values[found[1]], _page())
    write_file(path, text.encode())


@cache
def _page() -> str:
    """The page of this package, read once."""
    return resources.files("gng_fast.art.export").joinpath("growth.html").read_text(encoding="utf-8")


def _shown(drawing: Drawing) -> dict[str, Any]:
    """What is drawn of a frame, areas first, and what is said of it."""
    # a hairline of the same colour, as browsers leave one of paper between areas that only touch
    layers: list[dict[str, Any]] = [
        {"colour": area.colour, "pen": 0.1, "filled": True, "lines": "", "points": _hundredths(area.outline)}
        for area in drawing.areas
    ]
    n_lines, places = 0, []
    for layer in drawing.layers:
        if layer.strokes:
            points, edges = lines_of(layer.strokes)
            dots = np.setdiff1d(np.arange(len(points)), edges)
            n_lines += len(edges)
            places.append(points)
            layers.append(
                {
                    "colour": layer.colour,
                    "pen": layer.pen,
                    "points": _hundredths(points),
                    "lines": _packed(np.concatenate([edges, np.stack([dots, dots], axis=1)]), "<u4"),
                }
            )
    n_nodes = len(np.unique(np.concatenate(places), axis=0)) if places else 0
    if drawing.areas:
        said = f"{len(drawing.areas)} areas"
    else:
        said = f"{n_nodes} nodes, {n_lines} lines" if n_lines else f"{n_nodes} dots"
    return {"layers": layers, "said": said}


def _hundredths(points: NDArray[np.float64]) -> str:
    """Places in mm as whole hundredths of it, packed."""
    return _packed(np.rint(points * 100), "<i4")


def _packed(numbers: ArrayLike, dtype: DTypeLike) -> str:
    """Numbers as text: their bytes in base64."""
    return base64.b64encode(np.ascontiguousarray(numbers, dtype=dtype).tobytes()).decode()

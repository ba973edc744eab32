"""Drawings, and what has grown of them, as bytes for the page, which draws them itself."""

import json
import struct
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gng_fast.art.drawing import Drawing
from gng_fast.art.drawing.drawing import as_plotted
from gng_fast.art.drawing.page import PageFit
from gng_fast.progress import checked

#: Colour, pen and lines in mm, (m, k, 2), of each layer.
Layers = Sequence[tuple[str, float, NDArray[np.float64]]]

# So many strokes are made ready between two questions whether to stop.
_MOST_AT_ONCE = 500


def message(facts: dict[str, Any], data: bytes) -> bytes:
    """Return facts and bytes as one message.

    The length of the facts in four bytes, the facts as JSON with spaces to a multiple of four bytes, the bytes.
    """
    head = json.dumps(facts, separators=(",", ":")).encode()
    head += b" " * (-len(head) % 4)
    return struct.pack("<I", len(head)) + head + data


def of_drawing(drawing: Drawing) -> tuple[dict[str, Any], bytes]:
    """Return a drawing: of all areas, then of all layers, the lengths of the lines (uint32) and their points (float32).

    The facts say how many lines and points there are of each.
    """
    parts: list[bytes] = []
    areas = [area.outline for area in drawing.areas]
    facts: dict[str, Any] = {
        "page": [drawing.width, drawing.height],
        "background": drawing.background,
        "areas": {"colours": [area.colour for area in drawing.areas], **_packed(areas, parts)},
        "layers": [
            {
                "label": layer.label,
                "colour": layer.colour,
                "pen": layer.pen,
                **_packed(
                    [as_plotted(stroke, drawing.width) for stroke in checked(layer.strokes, _MOST_AT_ONCE)], parts
                ),
            }
            for layer in drawing.layers
        ],
    }
    return facts, b"".join(parts)


def of_sketch(
    fit: PageFit,
    layers: Layers,
    colours: Sequence[str],
    outlines: Sequence[NDArray[np.float64]],
    background: str | None,
) -> tuple[dict[str, Any], bytes]:
    """Return what has grown as `of_drawing` returns a drawing; layers : (colour, pen, lines)"""
    parts: list[bytes] = []
    facts: dict[str, Any] = {
        "page": [fit.width, fit.height],
        "background": background,
        "areas": {"colours": colours, **_packed(outlines, parts)},
        "layers": [{"colour": colour, "pen": pen, **_packed(lines, parts)} for colour, pen, lines in layers],
    }
    return facts, b"".join(parts)


def _packed(lines: Sequence[NDArray[np.float64]] | NDArray[np.float64], parts: list[bytes]) -> dict[str, int]:
    """Append lines as bytes to the parts, and return how many they are and how many points they have."""
    if not len(lines):
        return {"lines": 0, "points": 0}
    points = np.concatenate(lines)
    parts += [np.array([len(line) for line in lines], "<u4").tobytes(), points.astype("<f4").tobytes()]
    return {"lines": len(lines), "points": len(points)}


def report(drawing: Drawing) -> dict[str, Any]:
    """Return what a plotter has to do, in mm and seconds."""
    return {
        "paths": drawing.n_strokes,
        "ink": drawing.ink_length,
        "pen_up": drawing.pen_up_length,
        "plot_seconds": drawing.plot_seconds(),
    }

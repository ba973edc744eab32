"""Drawings and graphs as bytes for the page, which draws them itself."""

import json
import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gng_fast.art.drawing import Drawing
from gng_fast.art.drawing.drawing import as_plotted
from gng_fast.art.drawing.page import PageFit
from gng_fast.graph import Graph
from gng_fast.progress import checked

# So many strokes are made ready between two questions whether to stop.
_MOST_AT_ONCE = 500


def message(facts: dict[str, Any], data: bytes) -> bytes:
    """Return facts and bytes as one message.

    The length of the facts in four bytes, the facts as JSON with spaces to a multiple of four bytes, the bytes.
    """
    head = json.dumps(facts, separators=(",", ":")).encode()
    head += b" " * (-len(head) % 4)
    return struct.pack("<I", len(head)) + head + data


def of_graph(graph: Graph, fit: PageFit) -> tuple[dict[str, Any], bytes]:
    """Return a growing graph on its page: places of nodes in mm (float32), and pairs of their numbers (uint32)."""
    facts = {"nodes": graph.n_nodes, "edges": graph.n_edges, "page": [fit.width, fit.height]}
    return facts, fit(graph.nodes).astype("<f4").tobytes() + np.asarray(graph.edges).astype("<u4").tobytes()


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


def _packed(lines: list[NDArray[np.float64]], parts: list[bytes]) -> dict[str, int]:
    """Append lines as bytes to the parts, and return how many they are and how many points they have."""
    if not lines:
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

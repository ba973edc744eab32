"""Drawings as SVG for plotters, cutters and Inkscape: true millimetres, one path per stroke, one layer per pen."""

from html import escape

import numpy as np
from numpy.typing import NDArray

from gng_fast.art.drawing import Drawing
from gng_fast.files import PathOrFile, write_file

_HEAD = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape" '
    'width="{width}mm" height="{height}mm" viewBox="0 0 {width} {height}">'
)


def to_svg(drawing: Drawing) -> str:
    """Return the drawing as an SVG document.

    One unit is one mm, and y points down. A layer is a top-level group that Inkscape shows as a layer, labelled
    "1 - label"; stroke, width and fill are set on the group. Areas are a group of their own. Coordinates have at most
    two decimals. There are no transforms, clips, styles or texts, and the same drawing always gives the same text.

    Parameters
    ----------
    drawing : Drawing

    Returns
    -------
    str
    """
    width, height = _rounded(np.array([drawing.width, drawing.height]))
    lines = [_HEAD.format(width=width, height=height)]
    if drawing.background is not None:
        lines.append(f'<rect width="{width}" height="{height}" fill="{drawing.background}"/>')
    if drawing.areas:
        # strokes of the same colour, as viewers leave hairlines between areas that only touch
        lines.append(
            '<g inkscape:groupmode="layer" inkscape:label="areas" id="areas" stroke-width="0.1" '
            'stroke-linejoin="round">'
        )
        lines.extend(
            f'<path d="{_points(area.outline)}Z" fill="{area.colour}" stroke="{area.colour}"/>'
            for area in drawing.areas
        )
        lines.append("</g>")
    for number, layer in enumerate(drawing.layers, start=1):
        lines.append(
            f'<g inkscape:groupmode="layer" inkscape:label="{number} - {escape(layer.label)}" id="layer{number}" '
            f'stroke="{layer.colour}" stroke-width="{layer.pen:.6g}" fill="none" '
            f'stroke-linecap="round" stroke-linejoin="round">'
        )
        lines.extend(_path(stroke) for stroke in layer.strokes)
        lines.append("</g>")
    lines.append("</svg>\n")
    return "\n".join(lines)


def write_svg(drawing: Drawing, path: PathOrFile) -> None:
    """Write a drawing as an SVG document, that of `to_svg`.

    Parameters
    ----------
    drawing : Drawing
    path : str, path-like or binary file
        The file to write.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    write_file(path, to_svg(drawing).encode())


def _path(stroke: NDArray[np.float64]) -> str:
    """A stroke as an element."""
    return f'<path d="{_points(stroke)}"/>'


def _points(points: NDArray[np.float64]) -> str:
    """Points as the data of a path, joined by lines."""
    values = _rounded(points.ravel())
    return "M" + "L".join(f"{x},{y}" for x, y in zip(values[::2], values[1::2]))


def _rounded(values: NDArray[np.float64]) -> list[str]:
    """Numbers as short text with at most two decimals; adding 0.0 turns -0 into 0."""
    return [f"{value:.12g}" for value in (np.round(values, 2) + 0.0).tolist()]

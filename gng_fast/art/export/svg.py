"""Drawings as SVG for plotters, cutters and Inkscape: true millimetres, one path per stroke, one layer per pen."""

from collections.abc import Iterator
from html import escape

import numpy as np
from numpy.typing import NDArray

from gng_fast import __version__
from gng_fast.art.drawing import Drawing
from gng_fast.art.drawing.drawing import as_plotted
from gng_fast.files import PathOrFile, write_file
from gng_fast.progress import checked, report, stoppable

_HEAD = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape" '
    'width="{width}mm" height="{height}mm" viewBox="0 0 {width} {height}">'
)
# Paths written between two questions whether to stop.
_PATHS = 1000
# Where Inkscape and other tools of plotters keep what a file was made with.
_METADATA = (
    '<metadata><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
    'xmlns:cc="http://creativecommons.org/ns#" xmlns:dc="http://purl.org/dc/elements/1.1/">'
    '<cc:Work rdf:about=""><dc:format>image/svg+xml</dc:format>'
    "<dc:creator><cc:Agent><dc:title>gng_fast {version}</dc:title></cc:Agent></dc:creator>"
    "<dc:source>{command}</dc:source></cc:Work></rdf:RDF></metadata>"
)


def to_svg(drawing: Drawing) -> str:
    """Return the drawing as an SVG document.

    One unit is one mm, and y points down. A layer is a top-level group that Inkscape shows as a layer, labelled
    "1 - label"; stroke, width and fill are set on the group. The background and the areas are groups of their own, with
    numbers after those of the layers; the % before these numbers tells some tools that they are not to be plotted, and
    `Drawing.strokes_only` leaves them out for all. Dots are lines of 0.01 mm. Coordinates have at most two decimals.
    There are no transforms, clips, styles or texts, and the same drawing always gives the same text. Metadata tells the
    command of the drawing and the version of this package.

    Parameters
    ----------
    drawing : Drawing

    Returns
    -------
    str
    """
    width, height = _rounded(np.array([drawing.width, drawing.height]))
    lines = [_HEAD.format(width=width, height=height)]
    if drawing.command:
        lines.append(_METADATA.format(version=__version__, command=escape(drawing.command)))
    number = len(drawing.layers) + 1
    if drawing.background is not None:
        lines.append(_group(f"% {number} - background", "background"))
        lines.append(f'<rect width="{width}" height="{height}" fill="{drawing.background}"/>')
        lines.append("</g>")
        number += 1
    if drawing.areas:
        # strokes of the same colour, as viewers leave hairlines between areas that only touch
        lines.append(_group(f"% {number} - areas", "areas", 'stroke-width="0.1" stroke-linejoin="round"'))
        lines.extend(
            f'<path d="{data}Z" fill="{area.colour}" stroke="{area.colour}"/>'
            for area, data in zip(checked(drawing.areas, _PATHS), _paths([area.outline for area in drawing.areas]))
        )
        lines.append("</g>")
    for number, layer in enumerate(drawing.layers, start=1):
        report("writing", (number - 1) / len(drawing.layers))
        look = (
            f'stroke="{layer.colour}" stroke-width="{layer.pen:.6g}" fill="none" stroke-linecap="round" '
            'stroke-linejoin="round"'
        )
        lines.append(_group(f"{number} - {layer.label}", f"layer{number}", look))
        plotted = [as_plotted(stroke, drawing.width) for stroke in checked(layer.strokes, _PATHS)]
        lines.extend(f'<path d="{data}"/>' for data in _paths(plotted))
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
    write_file(path, stoppable(to_svg, drawing).encode())


def _group(label: str, name: str, look: str = "") -> str:
    """The start of a group that is a layer."""
    words = ["<g", 'inkscape:groupmode="layer"', f'inkscape:label="{escape(label)}"', f'id="{name}"', look]
    return " ".join(filter(None, words)) + ">"


def _paths(lines: list[NDArray[np.float64]]) -> Iterator[str]:
    """Yield points, joined by lines, as the data of paths."""
    if not lines:
        return
    numbers = _rounded(np.concatenate(lines).ravel())  # of all at once, which is far faster
    points = [f"{x},{y}" for x, y in zip(numbers[::2], numbers[1::2])]
    stop = 0
    for line in lines:
        start, stop = stop, stop + len(line)
        yield "M" + "L".join(points[start:stop])


def _rounded(values: NDArray[np.float64]) -> list[str]:
    """Numbers as short text with at most two decimals; adding 0.0 turns -0 into 0."""
    return [f"{value:.12g}" for value in (np.round(values, 2) + 0.0).tolist()]

"""Drawings as pixels: PNG for one drawing, animated PNG for a growing one. Needs Pillow."""

import io
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gng_fast.art.drawing import Area, Drawing, Layer
from gng_fast.art.export.frames import FRAME_SECONDS, of_one_size
from gng_fast.files import PathOrFile, write_file
from gng_fast.optional import need
from gng_fast.parameters import Range
from gng_fast.progress import checked, report, stoppable

if TYPE_CHECKING:
    import PIL.Image
    import PIL.ImageDraw

#: Pixels of the longer side of a picture, at most.
MAX_SIDE = 20_000
_PIXELS = Range(1, MAX_SIDE, integer=True)
# Subpixels drawn at once: so many stay in the caches, and bound the memory of a big picture.
_BAND_SUBPIXELS = 1 << 22
# Subpixels from the corner. Pillow's arithmetic has 32 bits, and it walks thin lines to their far ends.
_FARTHEST = 1 << 24
_AREA_FACTOR = 4
# Subpixels from which on the round ends of a line show.
_ROUND = 3
# Areas, lines or ends drawn between two questions whether to stop.
_PIECES = 1000
_MM_PER_INCH = 25.4


def render(drawing: Drawing, pixels: int = 1200) -> "PIL.Image.Image":
    """Return the drawing as an antialiased RGB picture.

    Lines have the widths of the pens and round ends; without a background the paper is white.

    Parameters
    ----------
    drawing : Drawing
    pixels : int
        The length of the longer side, 1 to 20000.

    Returns
    -------
    PIL.Image.Image

    Raises
    ------
    ImportError
        If Pillow is not installed.
    ValueError, TypeError
        If pixels is out of range.
    """
    need("PIL", "a drawing in pixels")
    from PIL import Image

    scale = _pixels_per_mm(drawing, int(_PIXELS.check("pixels", pixels)))
    width, height = (max(1, round(side * scale)) for side in (drawing.width, drawing.height))
    picture = Image.new("RGB", (width, height), drawing.background or "#ffffff")
    if drawing.areas:
        _draw_areas(picture, drawing.areas, scale)
    n_drawn = 0
    for (colour, is_thin), group in groupby(drawing.layers, lambda layer: (layer.colour, layer.pen * scale < 1)):
        layers = list(group)
        report("writing", n_drawn / len(drawing.layers))
        # Pillow's line widths are whole subpixels: a thin line needs more of them to look as even as a thick one.
        inked = [layer for layer in layers if layer.strokes]
        if inked:
            _draw_pens(picture, colour, inked, scale, 16 if is_thin else 8)
        n_drawn += len(layers)
    return picture


def write_png(drawing: Drawing, path: PathOrFile, pixels: int = 1200) -> None:
    """Write a drawing as a PNG, with the resolution at which it prints at its true size.

    Parameters
    ----------
    drawing : Drawing
    path : str, path-like or binary file
        The file to write.
    pixels : int
        The length of the longer side, 1 to 20000.

    Raises
    ------
    ImportError
        If Pillow is not installed.
    ValueError, TypeError
        If pixels is out of range.
    OSError
        If the file cannot be written.
    """
    write_file(path, stoppable(_png, drawing, pixels))


def _png(drawing: Drawing, pixels: int) -> bytes:
    """What a PNG file of a drawing holds."""
    picture = render(drawing, pixels)
    dpi = _pixels_per_mm(drawing, pixels) * _MM_PER_INCH
    buffer = io.BytesIO()
    picture.save(buffer, format="PNG", dpi=(dpi, dpi))
    return buffer.getvalue()


def write_apng(
    frames: Iterable[Drawing], path: PathOrFile, pixels: int = 600, seconds: float = 0.1, hold: float = 2.0
) -> None:
    """Write an animated PNG in full colour that repeats for ever. All frames are held in memory, as pictures.

    Parameters
    ----------
    frames : iterable of Drawing
        All with the same page.
    path, pixels, seconds, hold
        As in `gng_fast.export.write_gif`.

    Raises
    ------
    ImportError
        If Pillow is not installed.
    ValueError, TypeError
        If a parameter is out of range, there are no frames, or their pages differ.
    OSError
        If the file cannot be written.
    """
    seconds, hold = FRAME_SECONDS.check("seconds", seconds), FRAME_SECONDS.check("hold", hold)
    pictures = [without_colour(render(drawing, pixels)) for drawing in of_one_size(frames)]
    if len({picture.mode for picture in pictures}) > 1:
        pictures = [picture.convert("RGB") for picture in pictures]
    times = [round(seconds * 1000)] * (len(pictures) - 1) + [round(hold * 1000)]
    buffer = io.BytesIO()
    pictures[0].save(buffer, format="PNG", save_all=True, append_images=pictures[1:], duration=times, loop=0)
    write_file(path, buffer.getvalue())


def without_colour(picture: "PIL.Image.Image") -> "PIL.Image.Image":
    """Return the RGB picture in greys, a third of the size, if it is grey, else as it is."""
    red, green, blue = picture.split()
    return red if red.tobytes() == green.tobytes() == blue.tobytes() else picture


def _pixels_per_mm(drawing: Drawing, pixels: int) -> float:
    """The scale at which the longer side of the page has so many pixels."""
    return pixels / max(drawing.width, drawing.height)


def _draw_areas(picture: "PIL.Image.Image", areas: tuple[Area, ...], scale: float) -> None:
    """Fill the areas much enlarged, band by band, and reduce."""
    from PIL import Image, ImageDraw

    outlines = [np.clip(area.outline * (scale * _AREA_FACTOR), -_FARTHEST, _FARTHEST) for area in areas]
    width, height = picture.size
    rows = max(1, _BAND_SUBPIXELS // (3 * width * _AREA_FACTOR**2))
    for top in range(0, height, rows):
        bottom = min(top + rows, height)
        enlarged = width * _AREA_FACTOR, (bottom - top) * _AREA_FACTOR
        band = picture.crop((0, top, width, bottom)).resize(enlarged, Image.Resampling.NEAREST)
        draw = ImageDraw.Draw(band)
        for area, outline in checked(zip(areas, outlines), _PIECES):
            if outline[:, 1].max() >= top * _AREA_FACTOR and outline[:, 1].min() <= bottom * _AREA_FACTOR:
                # pixel centres lie at whole numbers for pillow
                draw.polygon((outline - (0.5, top * _AREA_FACTOR + 0.5)).ravel().tolist(), fill=area.colour)
        picture.paste(band.reduce(_AREA_FACTOR), (0, top))


def _draw_pens(picture: "PIL.Image.Image", colour: str, layers: list[Layer], scale: float, factor: int) -> None:
    """Draw the strokes of pens of one colour, as one layer of ink: each pixel gets its exact share.

    They are drawn in black and white, so many times enlarged, band by band, and reduced.
    """
    from PIL import Image, ImageDraw

    layers = sorted(layers, key=attrgetter("pen"), reverse=True)
    found = [_segments(layer.strokes, scale * factor) for layer in layers]
    subpixels = [max(1, round(layer.pen * scale * factor)) for layer in layers]
    segments, widths = np.concatenate(found), np.repeat(subpixels, [len(each) for each in found])
    ends, end_widths = _round_ends(segments, widths)
    columns, n_rows = picture.size
    rows = max(1, _BAND_SUBPIXELS // (columns * factor**2))
    for top in range(0, n_rows, rows):
        bottom = min(top + rows, n_rows)
        ink = Image.new("L", (columns * factor, (bottom - top) * factor), 0)
        draw = ImageDraw.Draw(ink)
        for lines, pens in _pieces(*_visible(segments, widths, top * factor, ink.size)):
            for line, pen in zip(lines, pens):
                draw.line(line, 255, pen)
        for boxes, _ in _pieces(*_boxes(*_visible(ends, end_widths, top * factor, ink.size))):
            for box in boxes:
                draw.ellipse(box, 255)
        picture.paste(colour, (0, top, columns, bottom), ink.reduce(factor))


def _round_ends(segments: NDArray[np.int64], widths: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The places of the round ends of lines, (k, 2), thick lines first, and their widths: one where many lines meet."""
    shown = widths >= _ROUND
    ends = segments[shown].reshape(-1, 2)
    # both coordinates in one number, which is far faster to sort
    first = np.unique(ends @ (2 * _FARTHEST + 1, 1), return_index=True)[1]
    return ends[first], np.repeat(widths[shown], 2)[first]


def _visible(
    places: NDArray[np.int64], widths: NDArray[np.int64], top: int, size: tuple[int, int]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Those of the lines or points that reach into a band of subpixels, as seen from its corner, and their widths."""
    # the first and the last point, which are one and the same of points
    (x0, y0), (x1, y1) = places[:, :2].T, places[:, -2:].T
    reaching = (np.maximum(x0, x1) >= -widths) & (np.minimum(x0, x1) <= size[0] + widths)
    reaching &= (np.maximum(y0, y1) >= top - widths) & (np.minimum(y0, y1) <= top + size[1] + widths)
    local = places[reaching]
    local[:, 1::2] -= top
    return local, widths[reaching]


def _boxes(places: NDArray[np.int64], widths: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The corners of the boxes around dots of some widths, (k, 4), and the widths."""
    before, after = widths[:, None] // 2, (widths[:, None] - 1) // 2
    return np.hstack([places - before, places + after]), widths


def _pieces(places: NDArray[np.int64], widths: NDArray[np.int64]) -> Iterator[tuple[list[list[int]], list[int]]]:
    """Yield some lines or boxes after the other, with their widths, and ask whether to stop before each lot."""
    for first in checked(range(0, len(places), _PIECES), 1):
        yield places[first : first + _PIECES].tolist(), widths[first : first + _PIECES].tolist()


def _segments(strokes: tuple[NDArray[np.float64], ...], scale: float) -> NDArray[np.int64]:
    """(k, 4) int64: x0, y0, x1, y1 of every straight piece of the strokes, in subpixels."""
    places = np.concatenate(strokes) * scale
    points = np.rint(np.clip(places, -_FARTHEST, _FARTHEST)).astype(np.int64)
    joined = np.ones(len(points), dtype=bool)
    joined[np.cumsum([len(stroke) for stroke in strokes]) - 1] = False
    return np.hstack([points[:-1], points[1:]])[joined[:-1]]

"""Drawings as pixels: PNG for one drawing, GIF and animated PNG for a growing one. Needs pillow."""

import io
from collections.abc import Iterable
from numbers import Integral
from os import PathLike
from typing import TYPE_CHECKING

import numpy as np

from gng_fast.art.drawing import Drawing, check_number
from gng_fast.files import replacing, write_file

if TYPE_CHECKING:
    import PIL.Image

_MAX_PIXELS = 20_000
# Subpixels drawn at once: what bounds the memory of a big picture.
_BAND_SUBPIXELS = 1 << 26
# Subpixels from the corner. Pillow's arithmetic has 32 bits, and it walks thin lines to their far ends.
_FARTHEST = 1 << 24
_AREA_FACTOR = 4
_MM_PER_INCH = 25.4
_MIN_SECONDS = 0.02
_MAX_SECONDS = 655

_GREYS = 16
_COLOURS = 128
# The application extension that makes viewers repeat an animation for ever.
_GIF_REPEAT = b"\x21\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00"
_GIF_TRAILER = b";"


def render(drawing: Drawing, pixels: int = 1200) -> "PIL.Image.Image":
    """The drawing as an antialiased RGB picture.

    pixels : length of the longer side, 1 to 20000

    Lines have the widths of the pens and round ends; without a background the paper is white.
    Raises ImportError without pillow, TypeError or ValueError for bad `pixels`.
    """
    Image, _ = _pillow()
    if isinstance(pixels, bool) or not isinstance(pixels, Integral):
        raise TypeError(f"pixels must be an integer, got {pixels!r}")
    if not 1 <= pixels <= _MAX_PIXELS:
        raise ValueError(f"pixels must be from 1 to {_MAX_PIXELS}, got {pixels}")
    scale = _pixels_per_mm(drawing, pixels)
    width, height = (max(1, round(side * scale)) for side in (drawing.width, drawing.height))
    picture = Image.new("RGB", (width, height), drawing.background or "#ffffff")
    if drawing.areas:
        _draw_areas(picture, drawing.areas, scale)
    for layer in drawing.layers:
        if layer.strokes:
            _draw_layer(picture, layer, scale)
    return picture


def write_png(drawing: Drawing, path: str | PathLike, pixels: int = 1200) -> None:
    """Write `render(drawing, pixels)` to `path`, with the resolution at which it prints at its true size.

    Raises as `render` does, and OSError when the file cannot be written.
    """
    picture = render(drawing, pixels)
    dpi = _pixels_per_mm(drawing, pixels) * _MM_PER_INCH
    buffer = io.BytesIO()
    picture.save(buffer, format="PNG", dpi=(dpi, dpi))
    write_file(path, buffer.getvalue())


def write_gif(
    frames: Iterable[Drawing],
    path: str | PathLike,
    pixels: int = 600,
    seconds: float = 0.1,
    hold: float = 2.0,
) -> None:
    """Write an animation that repeats for ever, in 16 greys, or 128 colours a frame. Only two frames are in memory at a time.

    frames : iterable of Drawing, all with the same page (give the frames of a growing graph the same extent)
    pixels : length of the longer side, 1 to 20000
    seconds : time each frame is shown, 0.02 to 655 (GIF counts hundredths, and viewers slow down anything faster)
    hold : the same for the last frame

    Raises ImportError without pillow, TypeError or ValueError naming the parameter, OSError when the file cannot be
    written. After any error, also one of `frames`, an existing file is as it was.
    """
    _check_seconds("seconds", seconds)
    _check_seconds("hold", hold)
    page = None
    with replacing(path) as file:
        for number, (drawing, is_last) in enumerate(_marking_last(frames), start=1):
            if page is None:
                page = (drawing.width, drawing.height)
            elif page != (drawing.width, drawing.height):
                raise ValueError(
                    f"frames must have pages of the same size, got {drawing.width:g} x {drawing.height:g} mm "
                    f"for frame {number} and {page[0]:g} x {page[1]:g} mm for frame 1"
                )
            header, picture = _gif_blocks(render(drawing, pixels), hold if is_last else seconds)
            if number == 1:
                file.write(header + _GIF_REPEAT)
            file.write(picture)
        if page is None:
            raise ValueError("frames must hold at least one drawing, got none")
        file.write(_GIF_TRAILER)


def write_apng(
    frames: Iterable[Drawing], path: str | PathLike, pixels: int = 600, seconds: float = 0.1, hold: float = 2.0
) -> None:
    """Write an animated PNG in full colour that repeats for ever. All frames are held in memory, as pictures.

    The parameters and errors are those of `write_gif`.
    """
    _check_seconds("seconds", seconds)
    _check_seconds("hold", hold)
    pictures = [_without_colour(render(drawing, pixels)) for drawing in frames]
    if len({picture.mode for picture in pictures}) > 1:
        pictures = [picture.convert("RGB") for picture in pictures]
    if not pictures:
        raise ValueError("frames must hold at least one drawing, got none")
    for number, picture in enumerate(pictures, start=1):
        if picture.size != pictures[0].size:
            raise ValueError(f"frames must have pages of the same size, got another one for frame {number}")
    times = [round(seconds * 1000)] * (len(pictures) - 1) + [round(hold * 1000)]
    buffer = io.BytesIO()
    pictures[0].save(buffer, format="PNG", save_all=True, append_images=pictures[1:], duration=times, loop=0)
    write_file(path, buffer.getvalue())


def _without_colour(picture):
    """The picture in greys, if it is grey: a third of the size."""
    red, green, blue = picture.split()
    return red if red.tobytes() == green.tobytes() == blue.tobytes() else picture


def _pillow():
    try:
        from PIL import Image, ImageDraw
    except ImportError as error:
        raise ImportError("pictures need pillow: pip install 'gng-fast[art]'") from error
    return Image, ImageDraw


def _pixels_per_mm(drawing, pixels):
    return pixels / max(drawing.width, drawing.height)


def _draw_areas(picture, areas, scale):
    """Fill the areas much enlarged, band by band, and reduce."""
    Image, ImageDraw = _pillow()
    outlines = [np.clip(area.outline * (scale * _AREA_FACTOR), -_FARTHEST, _FARTHEST) for area in areas]
    width, height = picture.size
    rows = max(1, _BAND_SUBPIXELS // (3 * width * _AREA_FACTOR**2))
    for top in range(0, height, rows):
        bottom = min(top + rows, height)
        band = picture.crop((0, top, width, bottom)).resize((width * _AREA_FACTOR, (bottom - top) * _AREA_FACTOR), 0)
        draw = ImageDraw.Draw(band)
        for area, outline in zip(areas, outlines):
            if outline[:, 1].max() >= top * _AREA_FACTOR and outline[:, 1].min() <= bottom * _AREA_FACTOR:
                # pixel centres lie at whole numbers for pillow
                draw.polygon((outline - (0.5, top * _AREA_FACTOR + 0.5)).ravel().tolist(), fill=area.colour)
        picture.paste(band.reduce(_AREA_FACTOR), (0, top))


def _draw_layer(picture, layer, scale):
    """Draw the strokes much enlarged in black and white, band by band, and reduce: each pixel gets its exact share."""
    Image, ImageDraw = _pillow()
    pen = layer.pen * scale
    # Pillow's line widths are whole subpixels: a thin line needs more of them to look as even as a thick one.
    factor = 8 if pen >= 1 else 16
    pen = max(1, round(pen * factor))
    segments = _segments(layer.strokes, scale * factor)
    x_min, y_min = np.minimum(segments[:, :2], segments[:, 2:]).T - pen
    x_max, y_max = np.maximum(segments[:, :2], segments[:, 2:]).T + pen
    width, height = picture.size
    rows = max(1, _BAND_SUBPIXELS // (width * factor**2))
    for top in range(0, height, rows):
        bottom = min(top + rows, height)
        seen = (y_max >= top * factor) & (y_min <= bottom * factor) & (x_max >= 0) & (x_min <= width * factor)
        ink = Image.new("L", (width * factor, (bottom - top) * factor), 0)
        _draw_segments(ImageDraw.Draw(ink), segments[seen] - (0, top * factor, 0, top * factor), pen)
        picture.paste(layer.colour, (0, top, width, bottom), ink.reduce(factor))


def _segments(strokes, scale):
    """(k, 4) int64: x0, y0, x1, y1 of every straight piece of the strokes, in subpixels."""
    points = np.concatenate(strokes) * scale
    points = np.rint(np.clip(points, -_FARTHEST, _FARTHEST)).astype(np.int64)
    joined = np.ones(len(points), dtype=bool)
    joined[np.cumsum([len(stroke) for stroke in strokes]) - 1] = False
    return np.hstack([points[:-1], points[1:]])[joined[:-1]]


def _draw_segments(draw, segments, pen):
    for segment in segments.tolist():
        draw.line(segment, fill=255, width=pen)
    if pen < 3:
        return  # too thin for round ends to show
    before = pen // 2
    after = pen - 1 - before
    for x, y in np.unique(segments.reshape(-1, 2), axis=0).tolist():
        draw.ellipse((x - before, y - before, x + after, y + after), fill=255)


def _check_seconds(name, value):
    if not _MIN_SECONDS <= check_number(name, value) <= _MAX_SECONDS:
        raise ValueError(f"{name} must be from {_MIN_SECONDS} to {_MAX_SECONDS}, got {value}")


def _marking_last(items):
    """Pairs of an item and whether it is the last one."""
    items = iter(items)
    for item in items:
        for following in items:
            yield item, False
            item = following
        yield item, True


def _gif_blocks(picture, seconds):
    """The header, and the blocks of one frame.

    Pillow's own animations keep every frame in memory until the end, so each frame is encoded as a picture of its own
    and the parts are joined.
    """
    buffer = io.BytesIO()
    _indexed(picture).save(buffer, format="GIF", duration=round(seconds * 1000), interlace=0, optimize=False)
    data = buffer.getvalue()
    # The header has 13 bytes; bits 0-2 of byte 10 give the number of colours that follow it, 3 bytes each. Then come 8
    # bytes of the control extension and 10 of the image descriptor; in its last one bit 7 says that it has its own colours.
    size = data[10] & 7
    start = 13 + 3 * 2 ** (size + 1)
    own = data[start : start + 17] + bytes([data[start + 17] | 0x80 | size]) + data[13:start]
    return data[:start], own + data[start + 18 : -len(_GIF_TRAILER)]


def _indexed(picture):
    """The picture in few colours, with a palette."""
    Image, _ = _pillow()
    grey = _without_colour(picture)
    if grey.mode != "L":
        return picture.quantize(_COLOURS, dither=Image.Dither.NONE)
    indexed = grey.point([round(value * (_GREYS - 1) / 255) for value in range(256)])
    indexed.putpalette([round(level * 255 / (_GREYS - 1)) for level in range(_GREYS) for _ in "rgb"])
    return indexed

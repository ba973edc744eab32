"""Drawings as pixels: PNG for one drawing, GIF for a growing one. Needs pillow."""

import io
from itertools import chain
from numbers import Integral

import numpy as np

from ..drawing import check_number
from .files import replacing, write_file

_MAX_PIXELS = 20_000
# Subpixels drawn at once: what bounds the memory of a big picture.
_BAND_SUBPIXELS = 1 << 26
# Farther out, pillow's 32-bit arithmetic would overflow.
_FARTHEST = 1 << 28
_MM_PER_INCH = 25.4
_GREYS = 16


def render(drawing, pixels=1200):
    """The drawing as an antialiased RGB picture (`PIL.Image.Image`).

    pixels : length of the longer side, 1 to 20000. Lines have the pens' widths and round ends; without a background the
        paper is white.

    Raises ImportError without pillow, TypeError or ValueError for bad `pixels`.
    """
    Image, _ = _pillow()
    _check_pixels(pixels)
    scale = pixels / max(drawing.width, drawing.height)
    width, height = (max(1, round(side * scale)) for side in (drawing.width, drawing.height))
    picture = Image.new("RGB", (width, height), drawing.background or "#ffffff")
    for layer in drawing.layers:
        if layer.strokes:
            _draw_layer(picture, layer, scale)
    return picture


def write_png(drawing, path, pixels=1200):
    """Write `render(drawing, pixels)` to `path`, with the resolution at which it prints at its true size.

    Raises as `render` does, and OSError when the file cannot be written.
    """
    dpi = pixels / max(drawing.width, drawing.height) * _MM_PER_INCH if _check_pixels(pixels) else None
    buffer = io.BytesIO()
    render(drawing, pixels).save(buffer, format="PNG", dpi=(dpi, dpi))
    write_file(path, buffer.getvalue())


def write_gif(frames, path, pixels=600, seconds=0.1, hold=2.0):
    """Write an animation in 16 greys that repeats for ever. Only one frame at a time is held in memory.

    frames : iterable of Drawing, all with the same page (give every frame of a growing graph the same extent)
    pixels : length of the longer side, 1 to 20000
    seconds : time each frame is shown, 0.02 to 655 (GIF counts hundredths; viewers slow down anything faster)
    hold : the same for the last frame

    Raises ImportError without pillow, TypeError or ValueError naming the parameter, OSError when the file cannot be
    written. On any error, also one raised by `frames`, an existing file stays as it was.
    """
    _pillow()
    _check_pixels(pixels)
    _check_seconds("seconds", seconds)
    _check_seconds("hold", hold)
    pages = _same_pages(frames)
    last = next(pages, None)
    if last is None:
        raise ValueError("frames must hold at least one drawing, got none")
    with replacing(path) as file:
        header, _ = _gif_parts(last, pixels, seconds)
        file.write(header)
        for frame in pages:
            file.write(_gif_parts(last, pixels, seconds)[1])
            last = frame
        file.write(_gif_parts(last, pixels, hold)[1])
        file.write(b";")


def _pillow():
    try:
        from PIL import Image, ImageDraw
    except ImportError as error:
        raise ImportError("pictures need pillow: pip install 'gng-fast[art]'") from error
    return Image, ImageDraw

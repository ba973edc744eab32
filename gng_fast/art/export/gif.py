"""Animated GIFs, written frame by frame. Needs Pillow, which encodes each frame as a picture of its own.

Pillow can write animations too, but it keeps all frames in memory until the end: 1 MB for each of 1000 x 1000 pixels.
So the parts of the files it writes of single pictures are joined here. Such a file consists of

    screen      13 bytes: the signature and the size; bits 0-2 of byte 10 give the number of colours that follow
    colours     3 bytes each, for all frames that have none of their own
    control     8 bytes: among other things the time that the frame is shown
    descriptor  10 bytes: place and size; bit 7 of the last says that colours of its own follow, bits 0-2 how many
    pixels      compressed
    trailer     1 byte
"""

import io
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from gng_fast.art.drawing import Drawing
from gng_fast.art.export.frames import FRAME_SECONDS, of_one_size
from gng_fast.art.export.raster import render, without_colour
from gng_fast.files import PathOrFile, replacing

if TYPE_CHECKING:
    import PIL.Image

_GREYS = 16
_COLOURS = 128

_SCREEN_BYTES = 13
_COLOURS_BYTE = 10
_CONTROL_BYTES = 8
_DESCRIPTOR_BYTES = 10
_OWN_COLOURS = 0x80
# The application extension that makes viewers repeat an animation for ever.
_REPEAT = b"\x21\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00"
_TRAILER = b";"


def write_gif(
    frames: Iterable[Drawing],
    path: PathOrFile,
    pixels: int = 600,
    seconds: float = 0.1,
    hold: float = 2.0,
) -> None:
    """Write an animation that repeats for ever, in 16 greys, or in 128 colours a frame.

    Parameters
    ----------
    frames : iterable of Drawing
        All with the same page: give the frames of a growing graph the same extent. They are taken as they come, and
        only two are in memory at a time.
    path : str, path-like or binary file
        The file to write. After any error, also one of `frames`, an existing file is as it was.
    pixels : int
        The length of the longer side, 1 to 20000.
    seconds : float
        The time each frame is shown, 0.02 to 655.
    hold : float
        The time the last frame is shown, in the same range.

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
    with replacing(path) as file:
        for number, (drawing, is_last) in enumerate(_marking_last(of_one_size(frames))):
            start, frame = _start_and_frame(render(drawing, pixels), hold if is_last else seconds)
            if number == 0:
                file.write(start + _REPEAT)
            file.write(frame)
        file.write(_TRAILER)


def _marking_last(frames: Iterable[Drawing]) -> Iterator[tuple[Drawing, bool]]:
    """Pairs of a frame and whether it is the last one."""
    frames = iter(frames)
    for frame in frames:
        for following in frames:
            yield frame, False
            frame = following
        yield frame, True


def _start_and_frame(picture: "PIL.Image.Image", seconds: float) -> tuple[bytes, bytes]:
    """The start of a file, and the blocks of the picture as a frame that has its colours for itself."""
    buffer = io.BytesIO()
    _in_few_colours(picture).save(buffer, format="GIF", duration=round(seconds * 1000), interlace=0, optimize=False)
    data = buffer.getvalue()
    n_colours = data[_COLOURS_BYTE] & 7
    start = data[: _SCREEN_BYTES + 3 * 2 ** (n_colours + 1)]
    control = data[len(start) : len(start) + _CONTROL_BYTES]
    descriptor = bytearray(data[len(start) + _CONTROL_BYTES :][:_DESCRIPTOR_BYTES])
    descriptor[-1] |= _OWN_COLOURS | n_colours
    pixels = data[len(start) + _CONTROL_BYTES + _DESCRIPTOR_BYTES : -len(_TRAILER)]
    return start, control + descriptor + start[_SCREEN_BYTES:] + pixels


def _in_few_colours(picture: "PIL.Image.Image") -> "PIL.Image.Image":
    """The picture with a palette: of even greys if it is grey, else of the colours that suit it best."""
    from PIL import Image

    grey = without_colour(picture)
    if grey.mode != "L":
        return picture.quantize(_COLOURS, dither=Image.Dither.NONE)
    indexed = grey.point([round(value * (_GREYS - 1) / 255) for value in range(256)])
    indexed.putpalette([round(level * 255 / (_GREYS - 1)) for level in range(_GREYS) for _ in "rgb"])
    return indexed

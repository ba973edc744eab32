"""Pictures for tests, and what an error that a user sees looks like."""

import struct
import zlib

import numpy as np
import pytest

from gng_fast.art.image import ImageError

# How bright the colours are.
RED, GREEN, BLUE = 0.2125, 0.7154, 0.0721
RAMP = np.array([[0, 50, 100], [150, 200, 250]], dtype=np.uint8)


def fails(message, function, *args, kind=ImageError, **kwargs):
    """The function raises an error that says so, in one line."""
    with pytest.raises(kind) as caught:
        function(*args, **kwargs)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def png_header(width, height):
    """A PNG that says it is so large, and ends soon."""

    def chunk(name, body):
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0" * 10))


def tiled_tiff(width, height, tile):
    """A TIFF of tiles of that size."""
    tags = [(256, 4, width), (257, 4, height), (258, 3, 8), (259, 3, 8), (262, 3, 1), (277, 3, 1)]
    tags += [(322, 4, tile), (323, 4, tile), (324, 4, 8), (325, 4, 8)]
    packed = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags)
    return b"II*\0" + struct.pack("<I", 16) + zlib.compress(b"")[:8] + struct.pack("<H", len(tags)) + packed + b"\0" * 4

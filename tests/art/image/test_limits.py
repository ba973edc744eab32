"""How large a picture may be, and the memory that it takes."""

import re
import struct
import subprocess
import sys
import tracemalloc

import numpy as np
import pytest

pytest.importorskip("PIL")
pytest.importorskip("skimage")

from picture_cases import RAMP, fails, png_header, tiled_tiff
from PIL import Image

from gng_fast import image
from gng_fast.art.image import ImageError


@pytest.mark.quick
def test_too_big(monkeypatch, tmp_path):
    path = tmp_path / "bomb.png"
    path.write_bytes(png_header(20_000, 20_000))
    message = (
        "bomb.png is too big: more than 50,331,648 pixels, the limit of image.load: scale the picture down, or give"
    )
    fails(message, image.load, path)
    # The limit stands even where a program has switched pillow's own off.
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)
    fails(message, image.load, path)


def gif_header(width, height):
    return (
        b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
        b"," + struct.pack("<HHHHB", 0, 0, width, height, 0) + b"\x02\x02\x4c\x01\0;"
    )


def webp_header(width, height):
    bits = struct.pack("<I", (width - 1) | (height - 1) << 14)
    chunk = b"VP8L" + struct.pack("<I", 14) + b"\x2f" + bits + bytes.fromhex("88880800000000000000")[:9]
    return b"RIFF" + struct.pack("<I", 4 + len(chunk)) + b"WEBP" + chunk


@pytest.mark.parametrize(
    "name, content",
    [
        ("bomb.png", png_header(13_000, 13_000)),
        ("bomb.gif", gif_header(65_000, 2_700)),
        ("bomb.tif", tiled_tiff(16, 16, 13_008)),
    ],
)
def test_the_size_in_the_header_is_judged_before_anything_is_decoded(monkeypatch, tmp_path, name, content):
    def decode(image):
        raise AssertionError("decoded")

    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", decode)
    (tmp_path / name).write_bytes(content)
    fails(f"{name} is too big: more than 50,331,648 pixels", image.load, tmp_path / name)
    fails(f"{name} is too big", image.dark_points, tmp_path / name)


LOAD_PEAK = """
import re, sys
from gng_fast import image
image.load("moon")
def peak():
    return int(re.search(r"VmHWM:\\s*(\\d+) kB", open("/proc/self/status").read())[1]) * 1024
before = peak()
height, width = image.load(sys.argv[1], limit=10**9).shape[:2]
print((peak() - before) / (height * width))
"""


def greedy(path, mode, **options):
    """Write a picture of one shade, which takes a few kB, of 17 million pixels."""
    Image.new(mode, (4096, 4096)).save(path, **options)


@pytest.mark.parametrize(
    "name, mode, options",
    [
        ("a.webp", "RGB", {"lossless": True, "method": 0}),
        ("b.webp", "RGBA", {"lossless": True, "method": 0}),
        ("a.jp2", "L", {}),
        ("b.jp2", "LA", {}),
        ("c.jp2", "RGB", {}),
        ("d.jp2", "RGBA", {}),
        ("a.jpg", "RGB", {"progressive": True, "subsampling": 0}),
        ("b.jpg", "CMYK", {"progressive": True}),
        ("a.tif", "RGBA", {"compression": "tiff_adobe_deflate", "tiffinfo": {278: 4096}}),
        ("b.tif", "F", {"compression": "tiff_adobe_deflate", "tiffinfo": {278: 4096}}),
        ("a.png", "LA", {}),
        ("a.gif", "P", {"transparency": 0}),
        ("a.tga", "RGBA", {"compression": "tga_rle"}),
        ("a.pcx", "P", {}),
    ],
)
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the peak of one process")
def test_no_format_takes_more_memory_than_its_default_limit_allows(monkeypatch, tmp_path, name, mode, options):
    path = tmp_path / name
    try:
        greedy(path, mode, **options)
    except (KeyError, OSError) as error:
        pytest.skip(f"this Pillow does not write {name}: {error}")
    done = subprocess.run([sys.executable, "-c", LOAD_PEAK, path], capture_output=True, text=True, check=True)
    # the default limit of a format, as many times smaller as the one of the test
    monkeypatch.setattr("gng_fast.art.image.loading.LOAD_LIMIT", 4096**2 - 1)
    with pytest.raises(ImageError) as refused:
        image.load(path)
    most = int(re.search(r"more than ([\d,]+) pixels", str(refused.value))[1].replace(",", ""))
    # the libraries of a format take some MB themselves
    assert float(done.stdout) * most < 10.5 * 4096**2 + 8e6


def test_the_limits_of_formats_that_take_more_memory(tmp_path):
    bomb = tmp_path / "bomb.webp"
    bomb.write_bytes(webp_header(8192, 6144))
    message = (
        "bomb.webp is too big: more than 31,457,280 pixels of WEBP (RGB), the limit of image.load: scale the picture "
        "down, or give limit=... to image.load"
    )
    fails(message, image.load, bomb)
    fails(message, image.dark_points, bomb)
    # a limit that is given is that of every format
    small = tmp_path / "small.webp"
    Image.new("RGB", (2, 1)).save(small, lossless=True)
    assert image.load(small, limit=2).shape == (1, 2, 3)


def chunk_after(path, name, claimed):
    """Append a chunk of a PNG that claims to be longer than the file, in place of its end."""
    path.write_bytes(path.read_bytes()[:-12] + struct.pack(">I4s", claimed, name) + b"x" * 20)


def test_what_a_part_of_a_file_claims_takes_no_memory(save, tmp_path):
    """Python takes the memory for as many bytes as are asked for before it reads any."""
    pixels = save(RAMP, "pixels.png")
    chunk_after(pixels, b"IDAT", 2**31 - 9)
    (tmp_path / "box.jp2").write_bytes(
        b"\0\0\0\x0cjP  \r\n\x87\n" + struct.pack(">I4s", 20, b"ftyp") + b"jp2 \0\0\0\0jp2 "
        + struct.pack(">I4sQ", 1, b"jp2h", 2**62) + struct.pack(">I4s", 2**32 - 9, b"ihdr") + b"x" * 20
    )  # fmt: skip
    tag = struct.pack("<HHII", 34675, 7, 2**32 - 9, 8)
    (tmp_path / "tag.tif").write_bytes(b"II*\0\x08\0\0\0" + struct.pack("<H", 1) + tag + b"\0" * 4)
    for name in "pixels.png", "box.jp2", "tag.tif":
        tracemalloc.start()
        try:
            image.load(tmp_path / name)
        except ImageError:
            pass
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 50_000_000, (name, peak)


def test_the_limit_can_be_raised_and_lowered(monkeypatch, save):
    path = save(RAMP, "six.png")
    fails("six.png is too big: more than 5 pixels", image.load, path, limit=5)
    assert np.array_equal(image.load(path, limit=6), RAMP)
    fails("limit must be in [1, inf), got 0", image.load, path, limit=0, kind=ValueError)
    fails("limit must be an integer in [1, inf), got 0.5", image.load, path, limit=0.5, kind=TypeError)
    # Pillow has a limit of its own, which only its user can raise
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 2)
    fails("more than 4 pixels, which Pillow refuses: raise PIL.Image.MAX_IMAGE_PIXELS", image.load, path)


def test_the_default_limit_takes_the_photos_of_phones():
    assert 50e6 < image.LOAD_LIMIT < 60e6


# Not by getrusage: there a process starts with the peak of the one that started it.
PEAK = """
import re, sys
from gng_fast import image
image.dark_points("moon", max_pixels=1000, threshold=0.9)
def peak():
    return int(re.search(r"VmHWM:\\s*(\\d+) kB", open("/proc/self/status").read())[1]) * 1024
before = peak()
X, (height, width) = image.dark_points(sys.argv[1], **eval(sys.argv[2]))
print((peak() - before) / eval(sys.argv[3]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the peak of one process")
@pytest.mark.parametrize(
    "name, options, most",
    [
        # bytes a pixel: 3 for the picture, 8 for its plane; PIL holds 4
        ("noise.png", {}, 13),
        ("noise.png", {"max_pixels": 10**6}, 13),
        ("noise.png", {"threshold": "sauvola"}, 22),
        # all of them dark: the points themselves take 8
        ("black.png", {"threshold": 0.5}, 11),
        # Pillow's decoder takes 16
        ("noise.webp", {}, 18.5),
    ],
)
def test_memory_is_bounded_by_the_number_of_pixels(tmp_path, name, options, most):
    side = 3000
    if name == "black.png":
        picture = Image.new("1", (side, side))
    else:
        small = np.random.default_rng(0).integers(0, 256, (side // 10, side // 10, 3), dtype=np.uint8)
        picture = Image.fromarray(small).resize((side, side), Image.Resampling.NEAREST)
    picture.save(
        tmp_path / name, **({"lossless": True, "method": 0} if name.endswith("webp") else {"compress_level": 1})
    )
    command = [sys.executable, "-c", PEAK, tmp_path / name, repr(options), str(side**2)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert float(done.stdout) < most


def test_big_but_allowed_is_read_without_a_warning(monkeypatch, save):
    path = save(RAMP, "six.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 5)
    with pytest.raises(Image.DecompressionBombWarning):
        Image.open(path)
    assert np.array_equal(image.load(path), RAMP)

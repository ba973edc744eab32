"""image.py: every step on cases worked out by hand, every kind of picture file, and the article's 11,931 points."""

import os
import pathlib
import re
import struct
import subprocess
import sys
import tracemalloc
import warnings
import zlib

import numpy as np
import pytest

pytest.importorskip("PIL")
pytest.importorskip("skimage")

from PIL import Image, ImageOps
from skimage import color, data, filters, util

from gng_fast import image, recipes
from gng_fast.art.image import ImageError, loading
from gng_fast.art.image.libtiff import quiet
from gng_fast.art.recipes.base import importance_of

RAMP = np.array([[0, 50, 100], [150, 200, 250]], dtype=np.uint8)
RED, GREEN, BLUE = 0.2125, 0.7154, 0.0721


@pytest.fixture(autouse=True)
def no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.fixture
def save(tmp_path):
    def save(picture, name, **options):
        path = tmp_path / name
        picture = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
        picture.save(path, **options)
        return path

    return save


def fails(message, function, *args, kind=ImageError, **kwargs):
    with pytest.raises(kind) as caught:
        function(*args, **kwargs)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def png_header(width, height):
    def chunk(name, body):
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0" * 10))


# ---- the module


def test_alone_it_needs_only_numpy():
    script = (
        "import sys, gng_fast; assert gng_fast.image.BUILT_IN;"
        "print(sorted({'PIL', 'skimage', 'scipy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "module, step",
    [
        ("PIL.Image", lambda: image.load("photo.jpg")),
        ("skimage", lambda: image.load("camera")),
        ("skimage.color", lambda: image.grey(np.zeros((2, 2, 3)))),
        ("skimage.filters", lambda: image.blur(np.zeros((2, 2)), 1)),
        ("skimage.filters", lambda: image.threshold(RAMP)),
        ("skimage.transform", lambda: image.shrink(RAMP, 2)),
    ],
)
def test_a_missing_library_says_what_to_install(monkeypatch, module, step):
    monkeypatch.setitem(sys.modules, module, None)
    fails("pip install 'gng-fast[art]'", step, kind=ImportError)


def test_array_steps_work_without_pillow(monkeypatch):
    monkeypatch.setitem(sys.modules, "PIL.Image", None)
    assert image.load(RAMP) is RAMP


# ---- load: files of every kind


@pytest.mark.quick
def test_plain_png_is_returned_as_stored(save):
    path = save(RAMP, "ramp.png")
    for source in (path, str(path)):
        loaded = image.load(source)
        assert loaded.dtype == np.uint8
        assert np.array_equal(loaded, RAMP)


@pytest.mark.quick
def test_rgb_and_rgba(save):
    rgba = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    assert np.array_equal(image.load(save(rgba, "a.png")), rgba)
    assert np.array_equal(image.load(save(rgba[..., :3], "b.png")), rgba[..., :3])


def test_grey_with_alpha_becomes_rgba(save):
    pair = Image.merge("LA", [Image.fromarray(RAMP), Image.fromarray(RAMP[:, ::-1].copy())])
    loaded = image.load(save(pair, "la.png"))
    assert np.array_equal(loaded, np.dstack([RAMP, RAMP, RAMP, RAMP[:, ::-1]]))


def test_one_bit_is_bool(save):
    mask = np.array([[True, False, True]])
    loaded = image.load(save(mask, "bit.png"))
    assert loaded.dtype == bool
    assert np.array_equal(loaded, mask)


@pytest.mark.quick
@pytest.mark.parametrize("name", ["deep.png", "deep.tif"])
def test_sixteen_bit(save, name):
    deep = np.array([[0, 256, 65535]], dtype=np.uint16)
    loaded = image.load(save(deep, name))
    assert loaded.dtype == np.uint16
    assert np.array_equal(loaded, deep)
    assert np.allclose(image.grey(loaded), [[0, 256 / 65535, 1]])


def test_big_endian_sixteen_bit_tiff(tmp_path):
    # pillow cannot write this one: header, strip of two pixels, directory.
    tags = [(256, 2), (257, 1), (258, 16), (259, 1), (262, 1), (273, 8), (277, 1), (278, 1), (279, 4)]
    directory = struct.pack(">H", len(tags)) + b"".join(struct.pack(">HHIHH", t, 3, 1, v, 0) for t, v in tags)
    path = tmp_path / "big.tif"
    path.write_bytes(b"MM\0*" + struct.pack(">I", 12) + struct.pack(">HH", 1, 65535) + directory + b"\0" * 4)
    loaded = image.load(path)
    assert loaded.dtype == np.uint16 and loaded.dtype.isnative
    assert loaded.tolist() == [[1, 65535]]


@pytest.mark.parametrize("dtype", [np.int32, np.float32])
def test_thirty_two_bit_tiff(save, dtype):
    loaded = image.load(save(np.array([[0, 1000, 65535]], dtype=dtype), "wide.tif"))
    assert loaded.dtype == dtype
    assert np.allclose(image.grey(loaded), [[0, 1000 / 65535, 1]])


def test_float_tiff_with_nan(save):
    path = save(np.array([[0, np.nan]], dtype=np.float32), "nan.tif")
    fails("nan.tif must be finite everywhere", image.load, path)


@pytest.mark.quick
def test_cmyk_jpeg_becomes_rgb(save):
    ink = Image.new("CMYK", (8, 8), (0, 255, 255, 0))
    loaded = image.load(save(ink, "cmyk.jpg", quality=95))
    assert loaded.shape == (8, 8, 3)
    assert np.abs(loaded.astype(int) - [255, 0, 0]).max() < 12


def test_palette_with_and_without_transparency(save):
    palette = Image.fromarray(np.array([[0, 1]], dtype=np.uint8)).convert("P")
    palette.putpalette([255, 0, 0, 0, 0, 255])
    assert image.load(save(palette, "p.png")).tolist() == [[[255, 0, 0], [0, 0, 255]]]
    loaded = image.load(save(palette, "t.png", transparency=1))
    assert loaded.tolist() == [[[255, 0, 0, 255], [0, 0, 255, 0]]]
    assert np.allclose(image.grey(loaded), [[RED, 1]])


def test_a_transparent_grey_value_in_a_png(save):
    loaded = image.load(save(RAMP, "key.png", transparency=0))
    assert loaded[..., 3].tolist() == [[0, 255, 255], [255, 255, 255]]


def test_gif_gives_its_first_frame(save):
    frames = [Image.new("L", (4, 3), shade) for shade in (0, 255)]
    path = save(frames[0], "two.gif", save_all=True, append_images=frames[1:])
    loaded = image.load(path)
    assert loaded.shape[:2] == (3, 4)
    assert image.grey(loaded).max() == 0


TURNED = {
    1: [[0, 50, 100], [150, 200, 250]],
    2: [[100, 50, 0], [250, 200, 150]],
    3: [[250, 200, 150], [100, 50, 0]],
    4: [[150, 200, 250], [0, 50, 100]],
    5: [[0, 150], [50, 200], [100, 250]],
    6: [[150, 0], [200, 50], [250, 100]],
    7: [[250, 100], [200, 50], [150, 0]],
    8: [[100, 250], [50, 200], [0, 150]],
}


@pytest.mark.quick
@pytest.mark.parametrize("name", ["turned.png", "turned.tif"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_rotation(save, orientation, name):
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = save(RAMP, name, exif=exif)
    assert image.load(path).tolist() == TURNED[orientation]


def test_exif_rotation_of_a_pil_image(save):
    exif = Image.Exif()
    exif[0x0112] = 6
    with Image.open(save(RAMP, "turned.png", exif=exif)) as opened:
        assert image.load(opened).tolist() == TURNED[6]


def test_exif_that_cannot_be_written_again_still_turns_the_picture(save):
    # Orientation 6, and a resolution stored as text.
    entries = [struct.pack(">HHIHH", 0x0112, 3, 1, 6, 0), struct.pack(">HHI4s", 0x011A, 2, 4, b"abc\0")]
    block = b"Exif\0\0MM\0*" + struct.pack(">IH", 8, len(entries)) + b"".join(entries) + b"\0" * 4
    path = save(RAMP, "odd.png", exif=block)
    with Image.open(path) as opened, pytest.raises(TypeError):
        ImageOps.exif_transpose(opened)
    assert image.load(path).tolist() == TURNED[6]


def test_senseless_exif_is_ignored(save):
    assert np.array_equal(image.load(save(RAMP, "noise.png", exif=b"Exif\0\0noise noise")), RAMP)


# ---- load: what is not a picture


@pytest.mark.quick
def test_truncated_files(save):
    noise = np.random.default_rng(1).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    for name in ("cut.png", "cut.jpg", "cut.bmp"):
        path = save(noise, name)
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        fails(f"{name} is truncated or damaged", image.load, path)


def test_text_named_png(tmp_path):
    path = tmp_path / "letter.png"
    path.write_text("Dear reader,\n")
    fails("letter.png is not an image that can be read", image.load, path)


@pytest.mark.quick
def test_empty_file_directory_and_missing(tmp_path):
    (tmp_path / "empty.png").touch()
    fails("empty.png is empty", image.load, tmp_path / "empty.png")
    fails("is a directory, not an image", image.load, tmp_path)
    fails("photo.jpg does not exist", image.load, tmp_path / "photo.jpg")
    fails("camra does not exist and is no built-in picture (astronaut, camera,", image.load, "camra")
    fails("'' does not exist", image.load, "")
    fails("cannot be read", image.load, "nul\0byte.png")
    fails("'two\\nlines.png' does not exist", image.load, "two\nlines.png")


def test_no_permission(monkeypatch, save):
    path = save(RAMP, "secret.png")

    def refuse(*args, **options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", refuse)
    fails("secret.png cannot be read: Permission denied", image.load, path)


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


def tiled_tiff(width, height, tile):
    tags = [(256, 4, width), (257, 4, height), (258, 3, 8), (259, 3, 8), (262, 3, 1), (277, 3, 1)]
    tags += [(322, 4, tile), (323, 4, tile), (324, 4, 8), (325, 4, 8)]
    packed = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags)
    return b"II*\0" + struct.pack("<I", 16) + zlib.compress(b"")[:8] + struct.pack("<H", len(tags)) + packed + b"\0" * 4


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


def damaged_tiff(path, compression):
    """Write a TIFF of which libtiff says in a line what is wrong with it."""
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    Image.fromarray(noise).save(path, compression=compression)
    content = bytearray(path.read_bytes())
    content[200:260] = b"\xff\x13" * 30
    path.write_bytes(content)


def decode_by_pillow(path):
    with pytest.raises(OSError), Image.open(path) as opened:
        opened.load()


@pytest.mark.skipif(sys.platform == "win32", reason="libtiff is out of reach there")
@pytest.mark.parametrize("compression", ["tiff_adobe_deflate", "tiff_lzw"])
def test_of_a_damaged_tiff_only_our_line_is_seen(tmp_path, capfd, compression):
    path = tmp_path / "damaged.tif"
    damaged_tiff(path, compression)
    fails("damaged.tif is truncated or damaged", image.load, path)
    assert capfd.readouterr().err == ""
    # to others libtiff speaks as before
    decode_by_pillow(path)
    assert capfd.readouterr().err != ""


LOAD = """
import sys
from gng_fast import image
try:
    image.load(sys.argv[1])
except image.ImageError as error:
    print(error)
"""


def test_what_pillow_logs_of_a_damaged_tiff_is_not_printed(tmp_path):
    samples = struct.pack("<HHII", 277, 3, 1, 1)
    content = tiled_tiff(16, 16, 16).replace(samples, samples[:8] + struct.pack("<I", 728))
    (tmp_path / "many.tif").write_bytes(content)
    command = [sys.executable, "-c", LOAD, tmp_path / "many.tif"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert (done.stdout.count("\n"), done.stderr) == (1, "")


@pytest.mark.skipif(sys.platform == "win32", reason="libtiff is out of reach there")
def test_libtiff_is_quiet_until_the_last_thread_is_done(tmp_path, capfd):
    path = tmp_path / "damaged.tif"
    damaged_tiff(path, "tiff_lzw")
    first, second = quiet(Image.core), quiet(Image.core)
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)  # not the one that came last
    decode_by_pillow(path)
    assert capfd.readouterr().err == ""
    second.__exit__(None, None, None)
    decode_by_pillow(path)
    assert capfd.readouterr().err != ""
    with quiet(None):  # a Pillow in which libtiff cannot be found
        pass


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


EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\nshowpage\n%%EOF\n"


@pytest.fixture
def no_programs(monkeypatch):
    def run(*args, **kwargs):
        raise AssertionError(f"a picture runs {args}")

    monkeypatch.setattr(subprocess, "Popen", run)
    monkeypatch.setattr("PIL.EpsImagePlugin.gs_binary", "gs")


@pytest.mark.parametrize("name", ["x.png", "x.eps", "x.gif"])
def test_no_picture_runs_another_program(no_programs, tmp_path, name):
    path = tmp_path / name
    path.write_bytes(EPS)
    with Image.open(path) as opened, pytest.raises(AssertionError, match="a picture runs"):
        opened.load()  # the file is one that Pillow would give to Ghostscript
    fails(f"{name} is not an image that can be read", image.load, path)
    fails(f"{name} is not an image that can be read", image.dark_points, path)
    with Image.open(path) as opened:
        fails("a file in the format EPS; give a copy() of it instead", image.load, opened)


def test_only_formats_of_the_list_are_tried(monkeypatch, save):
    path = save(np.arange(256, dtype=np.uint8).reshape(16, 16), "x.ico")
    fails("x.ico is not an image that can be read", image.load, path)
    with Image.open(path) as opened:
        assert image.load(opened.copy()).shape[:2] == (16, 16)
    # whatever else a program has taught Pillow
    monkeypatch.setitem(Image.OPEN, "NEW", (lambda *_: Image.new("L", (1, 1)), lambda prefix: True))
    monkeypatch.setattr(Image, "ID", ["NEW", *Image.ID])
    fails("x.ico is not an image that can be read", image.load, path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_pipes_and_devices_are_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    fails("pipe.png is a pipe, not an image file", image.load, tmp_path / "pipe.png")
    (tmp_path / "link.png").symlink_to(tmp_path / "pipe.png")
    fails("link.png is a pipe, not an image file", image.dark_points, tmp_path / "link.png")
    fails("/dev/zero is a device, not an image file", image.load, "/dev/zero")


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


@pytest.mark.quick
def test_pil_images():
    assert np.array_equal(image.load(Image.fromarray(RAMP)), RAMP)
    assert image.load(Image.new("HSV", (2, 1))).shape == (1, 2, 3)
    fails("the PIL image is too big: more than 5 pixels", image.load, Image.fromarray(RAMP), limit=5)


@pytest.mark.parametrize("source", [None, 3, [[0, 1]]])
def test_other_types(source):
    fails(f"got {type(source).__name__}", image.load, source)


@pytest.mark.quick
@pytest.mark.parametrize(
    "array, message",
    [
        (np.zeros(4), "got (4,)"),
        (np.zeros((2, 2, 5)), "got (2, 2, 5)"),
        (np.zeros((2, 2, 2)), "got (2, 2, 2)"),
        (np.zeros((1, 2, 2, 3)), "got (1, 2, 2, 3)"),
        (np.zeros((0, 5)), "no pixels, its shape is (0, 5)"),
        (np.zeros((2, 2), dtype=complex), "got complex128"),
        (np.array([["a", "b"]]), "got <U1"),
        (np.array([[0, np.nan]]), "NaN or infinite"),
        (np.array([[0, np.inf]]), "NaN or infinite"),
        (np.array([[-1e308, 1e308]]), "NaN or infinite"),
    ],
)
@pytest.mark.parametrize("step", [image.load, image.grey, image.threshold, image.dark_points])
def test_arrays_that_are_no_pictures(step, array, message):
    fails(message, step, array)


# ---- built-in pictures


def test_built_in_pictures_are_those_of_scikit_image():
    for name in image.BUILT_IN:
        assert np.array_equal(image.load(name), getattr(data, name)()), name


def test_a_file_wins_over_a_built_in_name(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    Image.fromarray(RAMP).save("camera", format="PNG")
    assert np.array_equal(image.load("camera"), RAMP)
    (tmp_path / "coins").mkdir()
    assert np.array_equal(image.load("coins"), data.coins())
    fails("does not exist", image.load, pathlib.Path("moon"))


def test_a_picture_that_scikit_image_would_download_is_refused(monkeypatch):
    monkeypatch.setitem(loading._BUILT_IN_FILES, "camera", "not_in_this_wheel.png")
    fails("does not contain the picture 'camera'", image.load, "camera")


# ---- crop


@pytest.mark.quick
def test_crop():
    grid = np.arange(20).reshape(4, 5)
    assert image.crop(grid, (1, 2, 3, 2)).tolist() == [[11, 12, 13], [16, 17, 18]]
    assert np.array_equal(image.crop(grid, (0, 0, 5, 4)), grid)
    narrow = np.array([200, 0, 100, 1], dtype=np.uint8)
    assert image.crop(np.zeros((2, 300, 3)), narrow).shape == (1, 100, 3)


@pytest.mark.parametrize("box", [(1, 0, 5, 4), (0, 1, 5, 4), (-1, 0, 2, 2), (0, -1, 2, 2), (0, 0, 0, 1), (0, 0, 1, 0)])
def test_crop_outside_names_the_size(box):
    fails("which is 5 wide and 4 high", image.crop, np.zeros((4, 5)), box)


@pytest.mark.parametrize("box", [None, 3, (1, 2, 3), (0, 0, 1.5, 1), "abcd", (0, 0, 1, None)])
def test_crop_that_is_no_box(box):
    fails("crop must be four whole numbers", image.crop, np.zeros((4, 5)), box)


# ---- grey


@pytest.mark.quick
@pytest.mark.parametrize(
    "values, dtype, expected",
    [
        ([0, 1], bool, [0, 1]),
        ([0, 51, 255], np.uint8, [0, 0.2, 1]),
        ([0, 1], np.uint8, [0, 1 / 255]),
        ([0, 13107, 65535], np.uint16, [0, 0.2, 1]),
        ([0, 1], np.int64, [0, 1]),
        ([0, 204.6, 1023], np.uint16, [0, 204 / 1023, 1]),
        ([0, 819, 4095], np.uint16, [0, 0.2, 1]),
        ([0, 819, 4000], np.int32, [0, 0.2, 4000 / 4095]),
        ([0, 5, 1], np.int32, [0, 1, 0.2]),
        ([0, 0.5, 2.5], np.float32, [0, 0.2, 1]),
        ([0.25] * 98 + [1, 1.5], np.float64, [0.25] * 98 + [1, 1]),
        ([0, 51, 255], np.int64, [0, 0.2, 1]),
        ([0, 13107], np.int32, [0, 0.2]),
        ([0, 0.25, 1], np.float16, [0, 0.25, 1]),
        ([-0.05, 0.5, 0.9], np.float64, [0, 0.5, 0.9]),
        ([0.1, 0.5, 1.05], np.float64, [0.1, 0.5, 1]),
        ([0, 51], np.float32, [0, 0.2]),
        ([0, 13107], np.float64, [0, 0.2]),
        ([-1, 0, 1], np.float64, [0, 0.5, 1]),
        ([0, 65536, 131072], np.int64, [0, 0.5, 1]),
        ([-7, -7], np.int64, [0, 0]),
    ],
)
def test_grey_of_every_dtype(values, dtype, expected):
    result = image.grey(np.array([values], dtype=dtype))
    assert result.dtype == np.float64
    assert np.allclose(result, [expected], rtol=0, atol=1e-15)


def test_grey_of_colours_and_of_transparency():
    colours = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255]]], dtype=np.uint8)
    assert np.allclose(image.grey(colours), [[RED, GREEN, BLUE, 1]])
    black = np.array([[[0, 0, 0, 255], [0, 0, 0, 51], [0, 0, 0, 0]]], dtype=np.uint8)
    assert np.allclose(image.grey(black), [[0, 0.8, 1]])


def test_grey_in_bands_equals_the_whole(monkeypatch):
    photo = image.load("chelsea")
    assert np.allclose(image.grey(photo), color.rgb2gray(photo), rtol=0, atol=1e-12)
    whole = image.grey(photo)
    monkeypatch.setattr("gng_fast.art.image.planes._BAND_PIXELS", 1000)
    assert np.allclose(image.grey(photo), whole, rtol=0, atol=1e-12)


def test_grey_leaves_its_input_alone():
    for picture in (np.array([[-1.0, 3.0]]), np.array([[0.5, 1.05]]), RAMP.copy()):
        before = picture.copy()
        image.grey(picture)
        assert np.array_equal(picture, before)
    plane = np.array([[0.25, 1.0]])
    assert image.grey(plane) is plane


# ---- shrink and blur


@pytest.mark.quick
@pytest.mark.parametrize(
    ("values", "dtype", "expected"),
    [
        ([[False, True]], bool, [[True, False]]),
        ([[0, 1, 255]], np.uint8, [[255, 254, 0]]),
        ([[0, 65535]], np.uint16, [[1.0, 0.0]]),
        ([[0, 819, 4095]], np.uint16, [[1.0, 0.8, 0.0]]),
        ([[65000, 65535]], np.uint16, [[1 - 65000 / 65535, 0.0]]),
        ([[0.0, 0.25, 1.0]], np.float32, [[1.0, 0.75, 0.0]]),
        ([[-10, 0, 10]], np.int64, [[1.0, 0.5, 0.0]]),
    ],
)
def test_negative_of_every_dtype(values, dtype, expected):
    picture = np.array(values, dtype)
    assert image.negative(picture).tolist() == expected
    assert picture.tolist() == np.array(values, dtype).tolist()
    assert np.allclose(image.grey(image.negative(picture)), 1 - image.grey(picture))


def test_negative_keeps_transparency():
    assert image.negative(np.array([[[0, 100, 255, 0]]], np.uint8)).tolist() == [[[255, 155, 0, 0]]]


@pytest.mark.quick
def test_shrink():
    plane = image.grey(image.load("camera"))
    small = image.shrink(plane, 10_000)
    assert small.shape == (100, 100)
    assert small.dtype == np.float64
    assert abs(small.mean() - plane.mean()) < 0.005
    assert image.shrink(plane, plane.size) is plane
    stripes = np.tile([0.0, 1.0], (100, 50))
    assert np.abs(image.shrink(stripes, 200) - 0.5).max() < 0.1
    assert np.allclose(image.shrink(np.full((30, 20, 3), 255, dtype=np.uint8), 50), 1)


@pytest.mark.parametrize("shape", [(1, 1000), (1000, 1), (3, 700), (700, 3), (31, 17)])
@pytest.mark.parametrize("max_pixels", [1, 2, 7, 100])
def test_shrink_never_exceeds_the_limit(shape, max_pixels):
    assert 1 <= image.shrink(np.zeros(shape), max_pixels).size <= max_pixels


def test_shrink_refuses_what_is_no_size():
    for wrong in (0, -5):
        fails(f"max_pixels must be in [1, inf), got {wrong}", image.shrink, RAMP, wrong, kind=ValueError)
    for wrong in (2.5, True):
        fails(f"max_pixels must be an integer in [1, inf), got {wrong}", image.shrink, RAMP, wrong, kind=TypeError)


@pytest.mark.quick
def test_blur():
    dot = np.zeros((9, 9))
    dot[4, 4] = 1
    blurred = image.blur(dot, 1)
    weights = np.exp(-0.5 * np.arange(-4, 5) ** 2)
    weights /= weights.sum()
    assert np.allclose(blurred, np.outer(weights, weights))
    assert image.blur(dot, 0) is dot
    assert np.allclose(image.blur(np.array([[255]], dtype=np.uint8), 50), 1)
    assert image.blur(RAMP, 0.6).max() <= 1


def test_blur_out_of_range():
    for wrong in (-1, float("nan"), 1001, float("inf")):
        fails(f"blur must be in [0, 1000], got {wrong}", image.blur, RAMP, wrong, kind=ValueError)
    for wrong in ("much", None):
        fails(f"blur must be a number in [0, 1000], got {wrong!r}", image.blur, RAMP, wrong, kind=TypeError)


# ---- threshold


def test_a_number_is_compared_as_it_is():
    plane = np.array([[0, 0.25, 0.5, 0.75, 1]])
    assert image.threshold(plane, 0.5).tolist() == [[True, True, False, False, False]]
    assert image.threshold(plane, 0.5, offset=0.3).tolist() == [[True, True, True, True, False]]
    assert image.threshold(plane, 0.5, offset=-0.3).tolist() == [[True, False, False, False, False]]
    assert image.threshold(np.zeros((2, 2)), 0.5).all()


@pytest.mark.parametrize("method", image.THRESHOLDS)
def test_named_methods_on_a_photo(method):
    plane = image.grey(image.load("camera"))
    mask = image.threshold(plane, method)
    assert mask.shape == plane.shape and mask.dtype == bool
    assert 0.1 < mask.mean() < 0.6
    assert plane[mask].mean() < plane[~mask].mean() - 0.05
    more = image.threshold(plane, method, offset=0.1)
    assert (mask <= more).all() and more.sum() > mask.sum()


@pytest.mark.quick
@pytest.mark.parametrize("method", image.THRESHOLDS)
def test_named_methods_find_a_stroke_and_keep_paper_empty(method):
    page = np.full((60, 80), 0.9)
    page[30:33, 10:70] = 0.1
    mask = image.threshold(page, method)
    assert mask[30:33, 10:70].all()
    assert not mask[page == 0.9].any()


def test_thresholds_are_those_of_scikit_image():
    plane = util.img_as_float(data.camera())
    assert np.array_equal(image.threshold(plane, "otsu"), plane < filters.threshold_otsu(plane))
    expected = plane < filters.threshold_local(plane, 35)
    assert np.mean(image.threshold(plane, "local") != expected) < 1e-3
    assert not np.array_equal(image.threshold(plane, "local", block_size=11), expected)
    expected = plane < filters.threshold_sauvola(plane, 35, r=0.5)
    assert np.mean(image.threshold(plane, "sauvola") != expected) < 1e-3


def test_multiotsu_takes_the_darkest_class():
    plane = np.repeat([[0.1, 0.5, 0.9]], 4, axis=0)
    assert image.threshold(plane, "multiotsu").tolist() == [[True, False, False]] * 4
    assert image.threshold(plane, "multiotsu", classes=5).tolist() == [[True, False, False]] * 4
    photo = image.load("camera")
    assert image.threshold(photo, "multiotsu", classes=4).sum() < image.threshold(photo, "multiotsu", classes=2).sum()


@pytest.mark.parametrize("method", image.THRESHOLDS)
@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (7, 1), (20, 30)])
@pytest.mark.parametrize("shade", [0, 128, 255])
def test_one_shade_has_no_dark_pixels(method, shape, shade):
    plane = image.blur(np.full(shape, shade, dtype=np.uint8), 0.6)
    assert not image.threshold(plane, method, offset=0.1).any()


@pytest.mark.parametrize("method", image.THRESHOLDS)
def test_what_rounding_leaves_is_one_shade(method):
    plane = np.full((20, 30), 0.5)
    plane[::2] += 1e-12
    assert not image.threshold(plane, method, offset=0.1).any()


@pytest.mark.parametrize("method", image.THRESHOLDS)
@pytest.mark.parametrize("block_size", [3, 35, 10**9 + 1])
def test_a_window_wider_than_the_picture(method, block_size):
    row = np.array([[1, 1, 0, 1, 1]])
    assert image.threshold(row, method, block_size=block_size).tolist() == [[False, False, True, False, False]]


@pytest.mark.quick
@pytest.mark.parametrize(
    "arguments, message",
    [
        (
            {"method": "x"},
            "threshold must be a number or one of auto, otsu, local, sauvola, niblack, multiotsu, got 'x'",
        ),
        ({"method": None}, "threshold must be a number or one of"),
        ({"method": True}, "threshold must be a number or one of"),
        ({"method": 128}, "threshold must be in [0, 1], got 128"),
        ({"method": float("nan")}, "threshold must be in [0, 1], got nan"),
        ({"offset": 2}, "offset must be in [-1, 1], got 2"),
        ({"offset": float("nan")}, "offset must be in [-1, 1], got nan"),
        ({"offset": "x"}, "offset must be a number in [-1, 1], got 'x'"),
        ({"block_size": 4}, "block_size must be odd, got 4"),
        ({"block_size": 1}, "block_size must be in [3, inf), got 1"),
        ({"block_size": 5.0}, "block_size must be an integer in [3, inf), got 5.0"),
        ({"classes": 1}, "classes must be in [2, 5], got 1"),
        ({"classes": 6}, "classes must be in [2, 5], got 6"),
    ],
)
def test_threshold_parameters_out_of_range(arguments, message):
    kind = TypeError if " must be an integer in" in message or "offset must be a number" in message else ValueError
    fails(message, image.threshold, RAMP, kind=kind, **arguments)


# ---- points


@pytest.mark.quick
def test_points_are_column_and_minus_row_in_reading_order():
    mask = np.array([[False, True, True], [True, False, False]])
    found = image.points(mask)
    assert found.tolist() == [[1, 0], [2, 0], [0, -1]]
    assert found.dtype == np.float32 and found.flags.c_contiguous
    assert image.points(np.zeros((3, 3), dtype=bool)).shape == (0, 2)


def test_points_want_a_mask():
    fails("got float64 of shape (2, 2)", image.points, np.zeros((2, 2)))
    fails("got bool of shape (2,)", image.points, np.zeros(2, dtype=bool))


@pytest.mark.quick
def test_the_articles_points():
    found = image.article_points()
    assert found.shape == (11931, 2) and found.dtype == np.float32
    # The recipe again, in the words of the article.
    picture = util.img_as_float(data.astronaut())[30:180, 150:300]
    blurred = filters.gaussian(color.rgb2gray(picture), sigma=0.6)
    rows, columns = np.nonzero(blurred < filters.threshold_otsu(blurred) + 0.1)
    assert np.array_equal(found, (np.column_stack([columns, -rows]) * 0.001).astype(np.float32))


@pytest.mark.quick
def test_dark_points_with_its_defaults_is_the_article():
    found, size = image.dark_points("astronaut", crop=image.PORTRAIT_CROP)
    assert size == (150, 150)
    assert np.array_equal((found.astype(float) * 0.001).astype(np.float32), image.article_points())


def test_dark_points_passes_every_parameter_on():
    photo = image.load("camera")
    found, size = image.dark_points(
        photo, crop=(100, 50, 200, 160), blur=1.5, threshold="niblack", offset=-0.02, block_size=21, max_pixels=8000
    )
    plane = image.blur(image.shrink(image.grey(photo[50:210, 100:300]), 8000), 1.5)
    assert size == plane.shape == (80, 100)
    assert np.array_equal(found, image.points(image.threshold(plane, "niblack", -0.02, 21)))
    found, _ = image.dark_points(photo, threshold="multiotsu", classes=4)
    assert np.array_equal(found, image.points(image.threshold(image.blur(photo, 0.6), "multiotsu", classes=4)))


def test_dark_points_adds_the_articles_offset_to_otsu_only():
    photo = image.load("camera")
    for method in ("local", "sauvola", "niblack", "multiotsu", 0.5):
        found, _ = image.dark_points(photo, threshold=method)
        assert len(found) == image.threshold(image.blur(photo, 0.6), method).sum()


@pytest.mark.quick
@pytest.mark.parametrize("method", [*image.THRESHOLDS, 0.0])
@pytest.mark.parametrize(
    "shade, words, more",
    [
        (255, "all white, as transparent pixels are", "; what is white on transparent shows with invert"),
        (0, "all black", ", or a number above 0 as threshold, which takes every pixel"),
        (
            51,
            "all of one shade, 0.2 between black and white",
            ", or a number above 0.2 as threshold, which takes every",
        ),
    ],
)
def test_pictures_of_one_shade_get_advice_that_helps(method, shade, words, more):
    picture = np.full((20, 30), shade, dtype=np.uint8)
    fails(
        f"the picture is {words}: nothing in it is darker than the rest, whatever the threshold finds; give a picture "
        f"or crop that shows something{more}",
        image.dark_points,
        picture,
        threshold=method,
    )
    fails(f"the picture is {words}", recipes.shape, picture, threshold=method)
    if shade < 255:
        assert len(image.dark_points(picture, threshold=shade / 255 + 0.01)[0]) == picture.size


def test_a_picture_of_one_pixel():
    for draw in image.dark_points, recipes.shape:
        message = (
            "the picture is a single pixel, and two dark ones are needed: give a larger picture, crop or max_pixels"
        )
        fails(message, draw, np.zeros((1, 1)))
        fails(message, draw, np.zeros((9, 9)), crop=(3, 3, 1, 1))
        fails(message, draw, np.zeros((1, 1)), threshold=0.5)


def test_dark_points_of_pictures_without_any():
    faint = np.full((20, 20), 255, dtype=np.uint8)
    faint[5:10] = 200
    advice = "no dark pixels: raise offset (now 0) or give a higher number in [0, 1] as threshold (now 0.5)"
    fails(advice, image.dark_points, faint, threshold=0.5)
    speck = np.full((20, 20), 255, dtype=np.uint8)
    speck[3, 4] = 0
    fails("only one dark pixel", image.dark_points, speck, blur=0, threshold=0.5)
    speck[3, 5] = 0
    found, _ = image.dark_points(speck, blur=0, threshold=0.5)
    assert found.tolist() == [[4, -3], [5, -3]]


def test_an_avif_is_not_read_whatever_its_header_says(tmp_path):
    path = tmp_path / "a.avif"
    path.write_bytes(b"\0\0\0\x20ftypavif\0\0\0\0avifmif1miafMA1B" + bytes(64))
    with pytest.raises(ImageError, match=re.escape("a.avif is not an image that can be read")):
        image.load(path)
    assert "AVIF" not in image.FORMATS


# ---- what files say of their numbers, pages and colours


def test_a_page_or_frame_by_its_number(save, tmp_path):
    for name, growing in ("pages.tif", 1), ("frames.gif", 0):
        pages = [Image.new("L", (4 + growing * page, 3), 80 * page) for page in range(3)]
        path = save(pages[0], name, save_all=True, append_images=pages[1:])
        for page in range(3):
            loaded = image.load(f"{path}[{page}]")
            assert loaded.shape[:2] == (3, 4 + growing * page)
            assert np.median(image.grey(loaded)) == pytest.approx(80 * page / 255, abs=0.01)
        fails(f"{name}[3] is not there: the file has fewer frames, and they count from 0", image.load, f"{path}[3]")
        for source in path, str(path):
            assert (image.load(source, frame=2) == image.load(f"{path}[2]")).all()
        with open(path, "rb") as file, Image.open(path) as opened:
            assert (image.load(file, frame=1) == image.load(opened, frame=1)).all()
            file.seek(0)
            fails(f"{name}[4] is not there: the file has fewer", image.load, file, frame=4)
            fails("the PIL image[5] is not there: the file has fewer", image.load, opened, frame=5)
        with pytest.raises(ValueError, match="frame must be in "):
            image.load(path, frame=-1)
    fails("frame is for files", image.load, RAMP, frame=1)
    fails("pages.tif[2] is too big: more than 17 pixels", image.load, f"{tmp_path / 'pages.tif'}[2]", limit=17)
    fails("one.png[1] is not there: the file has fewer frames", image.load, f"{save(RAMP, 'one.png')}[1]")
    fails("no.tif[1] does not exist", image.load, str(tmp_path / "no.tif[1]"))
    # a file of that very name comes first
    assert np.array_equal(image.load(save(RAMP, "photo[1].png")), RAMP)
    Image.fromarray(RAMP).save(tmp_path / "one.png[1]", format="PNG")
    assert np.array_equal(image.load(tmp_path / "one.png[1]"), RAMP)


def test_colour_profiles_count(save):
    from PIL import ImageCms

    flat = Image.new("RGB", (5, 4), (200, 60, 30))
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    as_stored = np.asarray(flat)
    assert np.array_equal(image.load(save(flat, "s.png", icc_profile=srgb)), as_stored)
    # neither of colours in RGB, nor a profile at all: as good as none
    for number, profile in enumerate((lab, b"no profile", srgb[:200])):
        assert np.array_equal(image.load(save(flat, f"{number}.png", icc_profile=profile)), as_stored)
    # linear light is lighter in sRGB
    loaded = image.load(save(flat, "x.png", icc_profile=linear_profile(srgb)))
    assert loaded.shape == (4, 5, 3) and (loaded[0, 0] > as_stored[0, 0] + 15).all()
    turned = image.load(save(flat.convert("RGBA"), "a.png", icc_profile=linear_profile(srgb)))
    assert turned.shape == (4, 5, 4) and np.array_equal(turned[..., :3], loaded)


def linear_profile(srgb):
    """The profile of sRGB with the curves of linear light, by another name."""
    changed = bytearray(srgb.replace("sRGB".encode("utf-16-be"), "xxxx".encode("utf-16-be")).replace(b"sRGB", b"xxxx"))
    for tag in range(struct.unpack_from(">I", changed, 128)[0]):
        name, start, _ = struct.unpack_from(">4sII", changed, 132 + 12 * tag)
        if name.endswith(b"TRC"):
            # a curve without points is the line
            struct.pack_into(">4sII", changed, start, b"curv", 0, 0)
    return bytes(changed)


@pytest.mark.quick
def test_a_heic_picture_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    path = tmp_path / "photo.heic"
    path.write_bytes(b"\0\0\0\x18ftypheic" + bytes(100))
    if "HEIF" not in Image.OPEN:
        fails("photo.heic is a HEIC picture: pip install pillow-heif, or save it as JPEG", image.load, path)
    path.write_bytes(b"\0\0\0\x18ftypavif" + bytes(100))
    fails("photo.heic is not an image that can be read", image.load, path)


def test_heic_is_read_where_its_library_is(tmp_path):
    heif = pytest.importorskip("pillow_heif")
    heif.from_pillow(Image.new("RGB", (64, 48), (255, 0, 0))).save(tmp_path / "photo.heic", quality=100)
    assert np.abs(image.load(tmp_path / "photo.heic")[0, 0].astype(int) - (255, 0, 0)).max() < 9


@pytest.mark.quick
def test_transparent_in_a_mask_is_not_wanted():
    white = np.full((2, 2, 4), 255, np.uint8)
    white[..., 3] = [[0, 255], [51, 0]]
    assert np.allclose(importance_of(white, (2, 2)), [[0, 1], [0.2, 0]])
    white[..., 3] = 0
    fails("the mask is all black or transparent", importance_of, white, (2, 2))


@pytest.mark.quick
@pytest.mark.parametrize("style", ["mesh", "shape", "tone"])
def test_a_page_full_of_ink_is_warned_of(style):
    picture = np.zeros((40, 50), np.uint8)
    picture[3:5, 10:20] = 255
    with pytest.warns(UserWarning, match="% of the page is ink: if that is not wanted, invert"):
        recipes.make(picture, style, nodes=60)


@pytest.mark.quick
def test_twelve_bits_are_drawn_as_eight():
    photo = image.load("camera")[::4, ::4]
    deep = photo.astype(np.uint16) * 16
    assert recipes.make(deep, nodes=50, threshold="otsu").graph.n_edges > 0
    assert np.abs(image.grey(deep) - image.grey(photo)).max() < 0.005


@pytest.mark.quick
def test_white_on_transparent_is_told_of_invert():
    picture = np.full((40, 50, 4), 255, np.uint8)
    picture[..., 3] = 0
    picture[10:30, 10:40, 3] = 255
    for style in recipes.STYLES:
        if style not in ("lowpoly", "glass", "glow", "cmyk"):
            fails("shows with invert", recipes.make, picture, style, nodes=50)
            assert recipes.make(picture, style, nodes=50, invert=True).graph.n_nodes > 2

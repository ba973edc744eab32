"""What is no picture, and what reading one must not do."""

import os
import re
import struct
import subprocess
import sys

import numpy as np
import pytest

pytest.importorskip("PIL")
pytest.importorskip("skimage")

from picture_cases import RAMP, fails, tiled_tiff
from PIL import Image

from gng_fast import image
from gng_fast.art.image import ImageError
from gng_fast.art.image.libtiff import quiet


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


def test_an_avif_is_not_read_whatever_its_header_says(tmp_path):
    path = tmp_path / "a.avif"
    path.write_bytes(b"\0\0\0\x20ftypavif\0\0\0\0avifmif1miafMA1B" + bytes(64))
    with pytest.raises(ImageError, match=re.escape("a.avif is not an image that can be read")):
        image.load(path)
    assert "AVIF" not in image.FORMATS

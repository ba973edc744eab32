"""load: files of every kind, built-in pictures, and what a file says of its pages and colours."""

import pathlib
import struct
import sys

import numpy as np
import pytest

pytest.importorskip("PIL")
pytest.importorskip("skimage")

from picture_cases import RAMP, RED, fails
from PIL import Image, ImageOps
from skimage import data

from gng_fast import image
from gng_fast.art.image import loading

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


@pytest.mark.quick
def test_pil_images():
    assert np.array_equal(image.load(Image.fromarray(RAMP)), RAMP)
    assert image.load(Image.new("HSV", (2, 1))).shape == (1, 2, 3)
    fails("the PIL image is too big: more than 5 pixels", image.load, Image.fromarray(RAMP), limit=5)


@pytest.mark.parametrize("source", [None, 3, [[0, 1]]])
def test_other_types(source):
    fails(f"got {type(source).__name__}", image.load, source)


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

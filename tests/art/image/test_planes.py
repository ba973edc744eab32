"""Steps from a picture to a plane of greys, worked out by hand: crop, grey, negative, shrink and blur."""

import os
import subprocess
import sys

import numpy as np
import pytest

pytest.importorskip("PIL")
pytest.importorskip("skimage")

from picture_cases import BLUE, GREEN, RAMP, RED, fails
from skimage import color, filters

from gng_fast import image, recipes
from gng_fast.art.image import filters as own_filters

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
        ("scipy.ndimage", lambda: image.blur(np.zeros((2, 2)), 1)),
        ("scipy.ndimage", lambda: image.threshold(RAMP, "auto")),
        ("skimage.filters", lambda: image.threshold(RAMP, "local")),
        ("scipy.ndimage", lambda: image.shrink(RAMP, 2)),
    ],
)
def test_a_missing_library_says_what_to_install(monkeypatch, module, step):
    monkeypatch.setitem(sys.modules, module, None)
    fails("pip install 'gng-fast[art]'", step, kind=ImportError)


def test_an_ordinary_photo_needs_neither_scikit_image_nor_seldom_met_readers(save):
    # they take longer to import than most pictures take to be drawn
    path = save(np.random.default_rng(0).integers(0, 256, (40, 50, 3), np.uint8), "photo.png")
    script = (
        f"import sys, gng_fast; gng_fast.recipes.make({os.fspath(path)!r}, nodes=20);"
        "print(sorted({'skimage', 'PIL.TiffImagePlugin', 'PIL.PdfImagePlugin'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (5, 7), (200, 301)])
def test_filters_have_the_values_of_scikit_image_to_the_last_bit(shape):
    random = np.random.default_rng(0)
    plane, rgba = random.random(shape), random.random((*shape, 4))
    for sigma in (0.3, 1.0, 3.3):
        assert np.array_equal(own_filters.gaussian(plane, sigma), filters.gaussian(plane, sigma))
    assert np.array_equal(own_filters.sobel(plane), filters.sobel(plane))
    assert np.array_equal(image.grey(rgba[:, :, :3]), color.rgb2gray(rgba[:, :, :3]))
    assert np.array_equal(image.grey(rgba), color.rgb2gray(color.rgba2rgb(rgba)))
    for n in (3, 40, 256):
        counts, edges = np.histogram(plane**3, n)
        if np.count_nonzero(counts) > 1:
            middles = (edges[:-1] + edges[1:]) / 2
            assert own_filters.otsu(counts, middles) == filters.threshold_otsu(hist=(counts, middles))


def test_array_steps_work_without_pillow(monkeypatch):
    monkeypatch.setitem(sys.modules, "PIL.Image", None)
    assert image.load(RAMP) is RAMP


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


@pytest.mark.quick
def test_twelve_bits_are_drawn_as_eight():
    photo = image.load("camera")[::4, ::4]
    deep = photo.astype(np.uint16) * 16
    assert recipes.make(deep, nodes=50, threshold="otsu").graph.n_edges > 0
    assert np.abs(image.grey(deep) - image.grey(photo)).max() < 0.005

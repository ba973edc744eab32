"""threshold: numbers and named methods."""

import numpy as np
import pytest

pytest.importorskip("PIL")
pytest.importorskip("skimage")

from picture_cases import RAMP, fails
from skimage import data, filters, util

from gng_fast import image


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

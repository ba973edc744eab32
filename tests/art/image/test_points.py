"""From a picture to its points, and the article's 11,931 points."""

import numpy as np
import pytest

pytest.importorskip("PIL")
pytest.importorskip("skimage")

from picture_cases import fails
from skimage import color, data, filters, util

from gng_fast import image, recipes
from gng_fast.art.recipes.base import importance_of


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


@pytest.mark.quick
def test_transparent_in_a_mask_is_not_wanted():
    white = np.full((2, 2, 4), 255, np.uint8)
    white[..., 3] = [[0, 255], [51, 0]]
    assert np.allclose(importance_of(white, (2, 2)), [[0, 1], [0.2, 0]])
    white[..., 3] = 0
    fails("the mask is all black or transparent", importance_of, white, (2, 2))


@pytest.mark.quick
@pytest.mark.parametrize("noise", [0, 8])
@pytest.mark.parametrize("style", ["mesh", "shape", "tone"])
def test_a_page_full_of_ink_is_warned_of(style, noise):
    picture = np.random.default_rng(0).integers(0, noise + 1, (40, 50)).astype(np.uint8)
    picture[3:5, 10:20] = 255
    with pytest.warns(UserWarning, match="% of the page is ink: if that is not wanted, invert"):
        recipes.make(picture, style, nodes=60)


@pytest.mark.quick
def test_white_on_transparent_is_told_of_invert():
    picture = np.full((40, 50, 4), 255, np.uint8)
    picture[..., 3] = 0
    picture[10:30, 10:40, 3] = 255
    for style in recipes.STYLES:
        if style not in ("lowpoly", "glass", "glow", "cmyk"):
            fails("shows with invert", recipes.make, picture, style, nodes=50)
            assert recipes.make(picture, style, nodes=50, invert=True).graph.n_nodes > 2

"""Pages and lengths as users tell them, and points that keep the ink of their lines out of the margin."""

import numpy as np
import pytest
from messages import raises

from gng_fast import drawing, recipes
from gng_fast.art.styles.groups import groups
from gng_fast.graph import Graph

pytestmark = pytest.mark.quick


@pytest.mark.parametrize(
    "page, landscape, sides",
    [
        ("a4", False, (210, 297)),
        ("A4", True, (297, 210)),
        ("a4 landscape", False, (297, 210)),
        ("a4-portrait", True, (210, 297)),
        (" Letter  Landscape ", False, (279.4, 215.9)),
        ("a0", False, (841, 1189)),
        ("120x80", False, (120, 80)),
        ("120x80mm", True, (120, 80)),
        ("21x29.7cm", False, (210, 297)),
        ("8.5 x 11 in", False, (215.9, 279.4)),
        ("8.5in x 200 mm", False, (215.9, 200)),
        (".5x1in", False, (12.7, 25.4)),
        ("11×8.5in portrait", False, (215.9, 279.4)),
        ("80x120 landscape", False, (120, 80)),
    ],
)
def test_pages(page, landscape, sides):
    assert drawing.page_size(page, landscape) == sides


@pytest.mark.parametrize("page", ["b7", "a4 sideways", "landscape", "8.5x11ft", "8x", "x", "", "-3x4", "a4landscape"])
def test_what_is_no_page(page):
    with pytest.raises(ValueError, match="page must be WIDTHxHEIGHT in mm, cm, in or one of a0, a1"):
        drawing.page_size(page)


def test_pages_are_at_least_a_millimetre():
    with raises(ValueError, "page must be at least 1 mm wide and high, got '0.01x5in'"):
        drawing.page_size("0.01x5in")


@pytest.mark.parametrize("width, height", drawing.PAGES.values())
def test_named_pages_stand(width, height):
    assert width < height


def test_sheets_are_halves_of_each_other():
    for larger, smaller in zip(range(6), range(1, 7)):
        (a, b), (c, d) = drawing.PAGES[f"a{larger}"], drawing.PAGES[f"a{smaller}"]
        assert a == d and b // 2 == c


@pytest.mark.parametrize("text, mm", [("12", 12), ("12 mm", 12), ("1.5cm", 15), (" 0.5IN", 12.7), (".1in", 2.54)])
def test_lengths(text, mm):
    assert drawing.millimetres(text) == mm


@pytest.mark.parametrize("text", ["", "in", "1 ft", "1e3", "-2", "nan", "1 2"])
def test_what_is_no_length(text):
    with pytest.raises(ValueError, match="a length must be a number, perhaps with a unit"):
        drawing.millimetres(text)


def test_half_of_the_pen_stays_out_of_the_margin():
    fit = drawing.fit_page((0, 0, 10, 10), size=100, margin=5)
    corners = [(0, 0), (10, 10), (5, 10), (0.1, 5)]
    assert fit(corners).tolist() == pytest.approx(np.array([(5, 95), (95, 5), (50, 5), (5.9, 50)]))
    assert fit(corners, 2.0).tolist() == pytest.approx(np.array([(6, 94), (94, 6), (50, 6), (6, 50)]))
    # what lies in the margin anyway is not pulled out of it
    assert fit([(-1, 5), (12, -0.5)], 2.0).tolist() == pytest.approx(np.array([(-4, 50), (113, 99.5)]))
    # a pen as wide as the page goes through its middle
    assert fit(corners, 200.0).tolist() == [[50, 50]] * 4


def test_a_page_that_is_told_keeps_its_margin_where_the_picture_reaches_it():
    fit = drawing.fit_page((0, 0, 20, 10), page="100x100", margin=10)
    assert fit([(0, 0), (20, 10)], 4.0).tolist() == [[12, 70], [88, 30]]


@pytest.mark.parametrize("style", recipes.STYLES)
@pytest.mark.parametrize("margin", [0.0, 7.0])
def test_no_ink_lies_in_the_margin(style, margin):
    pytest.importorskip("skimage")
    rows, columns = np.mgrid[:50, :70]
    picture = np.stack([rows * 5, columns * 3, 255 - rows * 2 - columns], axis=2).astype(np.uint8)
    picture[:4] = picture[:, :4] = 0  # dark up to the border
    drawn = recipes.draw(picture, style, nodes=150, size=100, margin=margin)
    ends = [(layer.pen, np.concatenate(layer.strokes)) for layer in drawn.layers]
    assert ends or drawn.areas
    for pen, points in ends:
        # files hold hundredths
        assert points.min() >= margin + pen / 2 - 0.006
        assert (points <= np.array([drawn.width, drawn.height]) - margin - pen / 2 + 0.006).all()
    for area in drawn.areas:
        assert area.outline.min() >= margin - 1e-6


def test_groups_and_strokes_keep_their_ink_out_of_the_margin():
    square = Graph([(0, 0), (10, 0), (10, 10), (0, 10)], [(0, 1), (1, 2), (2, 3), (0, 3)])
    (layer,) = groups(square, [0] * 4, width=1.0, size=100, margin=0).layers
    assert layer.pen == 10 and np.concatenate(layer.strokes).min() == 5

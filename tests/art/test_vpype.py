"""Files as vpype reads them, the tool that most plotters are driven through: nothing lost, added or moved.

vpype need not be installed; `pip install 'gng-fast[vpype]'` brings it, and then all of this runs.
"""

import re

import numpy as np
import pytest

from gng_fast import export, image, recipes
from gng_fast.art.drawing import Area, Drawing, Layer
from gng_fast.art.drawing.drawing import as_plotted
from gng_fast.art.styles.groups import groups
from gng_fast.art.writing import find_words, strokes, trace_handwriting

vpype = pytest.importorskip("vpype", reason="NOT TESTED WITH VPYPE: pip install 'gng-fast[vpype]'")
vpype_cli = pytest.importorskip("vpype_cli")
pytest.importorskip("skimage")

MM = vpype.convert_length("1mm")
PAGE = {"page": "a4", "margin": 20.0}
OPTIONS = {
    "mesh": {"nodes": 400},
    "shape": {"nodes": 300},
    "tone": {"nodes": 600},
    "stipple": {"nodes": 500},
    "lowpoly": {"nodes": 150},
    "glass": {"nodes": 150},
    "glow": {"nodes": 400},
    "cmyk": {"nodes": 500},
}
ONE_PEN = {"stipple": {"nodes": 500, "pen": 0.6}, "tone": {"nodes": 600, "pen": 0.4}}


def read(drawing, folder):
    """The document that vpype reads from the SVG file of a drawing."""
    export.write_svg(drawing, folder / "drawing.svg")
    return vpype_cli.execute(f"read '{folder / 'drawing.svg'}'")


def length_of(points):
    return np.linalg.norm(np.diff(points, axis=0), axis=1).sum()


def check(drawing, document):
    """Layer by layer, vpype has the strokes, their pens and colours, and nothing lies outside of the page."""
    width, height = drawing.width, drawing.height
    assert np.array(document.page_size) / MM == pytest.approx((width, height), abs=0.006)
    assert sorted(document.layers) == [number for number, layer in enumerate(drawing.layers, 1) if layer.strokes]
    for number, lines in document.layers.items():
        layer = drawing.layers[number - 1]
        plotted = [as_plotted(stroke, width) for stroke in layer.strokes]
        assert len(lines) == layer.n_strokes
        assert lines.length() / MM == pytest.approx(sum(map(length_of, plotted)), rel=1e-5)
        assert lines.pen_up_length()[0] / MM == pytest.approx(layer.pen_up_length, rel=1e-3, abs=0.1)
        assert lines.property("vp_pen_width") / MM == pytest.approx(layer.pen, rel=1e-4)
        assert lines.property("vp_color").as_rgb_hex() == layer.colour
        for line, stroke in zip(lines, plotted, strict=True):
            assert np.stack([line.real, line.imag], axis=1) / MM == pytest.approx(stroke, abs=1e-3)
            # the ink, not only the line
            half = layer.pen / 2 - 0.006
            assert stroke.min() >= half and stroke[:, 0].max() <= width - half and stroke[:, 1].max() <= height - half


def check_hpgl(drawing, document, folder):
    """A plotter of the eighties gets every stroke, too."""
    vpype_cli.execute(f"write --device hp7475a --page-size a4 '{folder / 'drawing.hpgl'}'", document)
    written = (folder / "drawing.hpgl").read_text()
    assert len(re.findall(r"\bPD", written.replace(";", " "))) == drawing.n_strokes


def made(style, **options):
    return recipes.draw("astronaut", style, crop=(150, 30, 150, 150), **{**OPTIONS[style], **PAGE, **options})


@pytest.mark.quick
@pytest.mark.parametrize("style", [style for style in recipes.STYLES if style != "lowpoly"])
def test_every_style(style, tmp_path):
    drawing = made(style, strokes_only=True)
    document = read(drawing, tmp_path)
    check(drawing, document)
    check_hpgl(drawing, document, tmp_path)


@pytest.mark.parametrize("style", ONE_PEN)
def test_styles_with_one_pen(style, tmp_path):
    drawing = made(style, **ONE_PEN[style])
    assert len(drawing.layers) == 1
    document = read(drawing, tmp_path)
    check(drawing, document)
    check_hpgl(drawing, document, tmp_path)


@pytest.mark.parametrize("style", recipes.STYLES)
def test_without_a_margin_nothing_lies_outside_of_the_page(style, tmp_path):
    drawing = made(style, page=None, size=100, margin=0.0).strokes_only()
    check(drawing, read(drawing, tmp_path))


@pytest.mark.quick
@pytest.mark.parametrize("style", ["lowpoly", "glass", "glow"])
def test_areas_and_background_are_layers_of_their_own(style, tmp_path):
    drawing = made(style)
    document = read(drawing, tmp_path)
    own = {number: lines for number, lines in document.layers.items() if number > len(drawing.layers)}
    n_background = drawing.background is not None
    assert len(own) == n_background + bool(drawing.areas)
    # vpype cuts the frame of the page where it touches the page
    assert not drawing.areas or len(own[len(drawing.layers) + n_background + 1]) == len(drawing.areas)
    for number in own:
        document.pop(number)
    check(drawing, document)


def test_dots_lines_and_edges_of_the_page(tmp_path):
    dots = Layer("dots", "#000000", 0.5, [[(5, 5), (5, 5)], [(19.75, 0.25), (19.75, 0.25)], [(7, 5), (7.004, 5)]])
    nothing = Layer("nothing", "#ff0000", 0.5, [])
    lines = Layer("7 lines", "#0000ff", 0.3, [[(1, 1), (1, 9), (9, 9), (1, 1)]])
    drawing = Drawing(20, 10, [dots, nothing, lines], "#ffff00", [Area("#00ff00", [(0, 0), (1, 0), (0, 1)])])
    check(drawing.strokes_only(), read(drawing.strokes_only(), tmp_path))
    assert sorted(read(drawing, tmp_path).layers) == [1, 3, 4, 5]


def test_words_and_strokes(tmp_path):
    page = np.full((60, 200), 255, np.uint8)
    for left in (20, 100):
        for letter in range(left, left + 60, 20):
            page[25:40, letter : letter + 4] = 0
            page[25:29, letter : letter + 14] = 0
    words, hand = find_words(page), trace_handwriting(page)
    for drawing in (
        groups(words.graph, words.labels, extent=image.extent(words.shape)),
        strokes(hand.graph, width=hand.width, excess=hand.excess, extent=image.extent(hand.shape), margin=0.0),
    ):
        assert drawing.n_strokes
        document = read(drawing, tmp_path)
        check(drawing, document)
        check_hpgl(drawing, document, tmp_path)


def test_metadata_is_left_alone(tmp_path):
    drawing = made("shape")
    assert drawing.command.startswith("gng-fast draw astronaut --style shape --crop 150,30,150,150 --margin ")
    document = read(drawing, tmp_path)
    assert set(document.layers[1].metadata) >= {"vp_color", "vp_pen_width", "vp_name"}
    assert document.layers[1].property("vp_name") == "1 - mesh"

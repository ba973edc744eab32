"""Files as vpype reads them, the tool that most plotters are driven through: nothing lost, added or moved.

vpype need not be installed; `pip install 'gng-fast[vpype]'` brings it, and then all of this runs.
"""

import importlib.metadata
import pathlib
import re
import tomllib

import numpy as np
import pytest

from gng_fast import export, image, recipes
from gng_fast.art.drawing import Area, Drawing, Layer
from gng_fast.art.drawing.drawing import as_plotted
from gng_fast.art.styles.groups import groups
from gng_fast.art.writing import find_words, strokes, trace_handwriting

vpype = pytest.importorskip("vpype", reason="NOT TESTED WITH VPYPE: pip install 'gng-fast[vpype]'")
vpype_cli = pytest.importorskip("vpype_cli")
PIL = pytest.importorskip("PIL.Image")
CliRunner = pytest.importorskip("click.testing").CliRunner
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


# ---- drawings and the plug-in in vpype's pipeline -------------------------------------------------------------------


@pytest.mark.quick
@pytest.mark.parametrize("style", ["tone", "stipple", "glow"])
def test_to_vpype_is_what_vpype_reads(style, tmp_path):
    drawing = made(style, strokes_only=True)
    document, of_file = drawing.to_vpype(), read(drawing, tmp_path)
    check(drawing, document)
    assert document.layers.keys() == of_file.layers.keys()
    for number, lines in document.layers.items():
        for name in ("vp_name", "vp_color"):
            assert lines.property(name) == of_file.layers[number].property(name)
    assert sorted(drawing.to_vpype(first_layer=8).layers) == [number + 7 for number in sorted(document.layers)]
    assert drawing.to_vpype(first_layer=8).layers[8].property("vp_name") == f"8 - {drawing.layers[0].label}"


@pytest.fixture
def plugin():
    """The command in vpype, which finds it by the entry point if this installation has it, and is given it if not."""
    pyproject = pathlib.Path(__file__).parents[2] / "pyproject.toml"
    value = tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]["entry-points"]["vpype.plugins"]["gng"]
    command = importlib.metadata.EntryPoint("gng", value, "vpype.plugins").load()
    vpype_cli.execute("random")  # which loads the plug-ins that are installed
    vpype_cli.cli.add_command(command)
    return command


@pytest.mark.quick
def test_the_plugin_keeps_layers_and_pens(plugin, tmp_path):
    out = tmp_path / "out.svg"
    pens = "0.3,0.9"
    command = f"gng astronaut --style tone --nodes 500 --crop 150,30,150,150 --pen {pens} --page a5 --margin 1cm"
    document = vpype_cli.execute(f"{command} linesort write '{out}'")
    drawing = recipes.draw(
        "astronaut", "tone", nodes=500, crop=(150, 30, 150, 150), pen=(0.3, 0.9), page="a5", margin=10.0
    )
    again = vpype_cli.execute(f"read '{out}'")
    for found in document, again:
        assert np.array(found.page_size) / MM == pytest.approx((drawing.width, drawing.height), abs=0.01)
        assert sorted(found.layers) == [1, 2]
        for number, layer in enumerate(drawing.layers, 1):
            lines = found.layers[number]
            assert len(lines) == layer.n_strokes and lines.length() / MM == pytest.approx(layer.ink_length, rel=1e-4)
            assert lines.property("vp_pen_width") / MM == pytest.approx(layer.pen, rel=1e-3)
            assert lines.property("vp_color").as_rgb_hex() == layer.colour
            assert lines.property("vp_name") == f"{number} - {layer.label}"


@pytest.mark.quick
def test_the_plugin_adds_layers_to_those_there_are(plugin):
    document = vpype_cli.execute(
        "line --layer 3 0 0 1cm 1cm gng horse --style glass --pen 1 --nodes 40 "
        "gng horse --style glow --nodes 60 --seed 4"
    )
    glow = recipes.draw("horse", "glow", nodes=60, seed=4, strokes_only=True)
    assert sorted(document.layers) == [3, 4, *range(5, 5 + len(glow.layers))]
    assert [document.layers[5 + i].property("vp_color").as_rgb_hex() for i in range(len(glow.layers))] == [
        layer.colour for layer in glow.layers
    ]


@pytest.mark.quick
def test_the_plugin_reads_numbers_and_frames_as_the_command_line_does(plugin, tmp_path):
    frames = [image.load("horse")[:, :n] for n in (400, 300)]
    first, second = (PIL.fromarray(frame) for frame in frames)
    first.save(tmp_path / "two.tif", save_all=True, append_images=[second])
    document = vpype_cli.execute(
        f"gng --frame 1 '{tmp_path / 'two.tif'}' --nodes 90 --pen 0.2-0.8 --page a5-landscape --max-pixels 20000"
    )
    pens = tuple(np.geomspace(0.2, 0.8, 12).round(3))
    drawing = recipes.draw(frames[1], "tone", nodes=90, pen=pens, page="a5-landscape", max_pixels=20000)
    check(drawing, document)


@pytest.mark.quick
@pytest.mark.parametrize(
    "arguments, message",
    [
        ("horse --frame 1", "horse[1] does not exist"),
        ("horse --frame x", "must be a whole number, got 'x'"),
        ("horse --style lowpoly", "style lowpoly draws areas alone"),
        ("horse --style mesh --levels 0,1", "levels is not for style mesh"),
        ("nothing.png", "nothing.png does not exist"),
        ("horse --page b7", "page must be WIDTHxHEIGHT"),
        ("horse --margin 1ft", "a length must be a number"),
        ("horse --crop 1,2,3", "must be LEFT,TOP,WIDTH,HEIGHT, in whole pixels, got '1,2,3'"),
        ("horse --pen a", "must be a width in mm, widths with commas or a range, got 'a'"),
        ("horse --style mesh --threshold otso", "threshold must be a number or one of auto, otsu"),
    ],
)
def test_errors_of_the_plugin_are_one_line(plugin, arguments, message):
    result = CliRunner().invoke(vpype_cli.cli, f"gng {arguments}")
    assert result.exit_code in (1, 2) and message in result.output and "Traceback" not in result.output


def test_the_plugin_has_the_options_of_the_recipes(plugin):
    ours = {parameter.name for parameter in plugin.params} - {"image", "frame", "style"}
    every = {name for style in recipes.STYLES for name in recipes.defaults(style)} - {"callback"}
    assert ours == every | {"size", "page", "margin", "invert", "retrace", "detail"}

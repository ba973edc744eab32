"""Styles in colour, dots, areas in files, and growth as animated PNG and as a page."""

import io
import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("skimage")

from PIL import Image
from scipy.spatial import Delaunay

from gng_fast import Graph, export, image, recipes
from gng_fast.art.drawing import Area, Drawing, Layer
from gng_fast.art.image.faces import faces, within
from gng_fast.art.styles import glass, glow, lowpoly, stipple
from gng_fast.art.styles.colours import mean_colours
from gng_fast.art.styles.tiles import tiles_of_pixels

CORNERS = [(-0.5, 0.5), (7.5, 0.5), (-0.5, -7.5), (7.5, -7.5)]


@pytest.fixture
def halves():
    """8 x 8 pixels, red on the left, blue on the right."""
    picture = np.zeros((8, 8, 3))
    picture[:, :4, 0] = picture[:, 4:, 2] = 1
    return picture


def painted(drawing, pixels):
    return np.asarray(export.render(drawing, pixels))


# ---- areas ----------------------------------------------------------------------------------------------------------


def test_areas_are_checked_and_frozen():
    area = Area("#ff0000", [(0, 0), (1, 0), (0, 1)])
    with pytest.raises(ValueError, match="read-only"):
        area.outline[0] = 5
    with pytest.raises(ValueError, match="outline must have shape"):
        Area("#ff0000", [(0, 0), (1, 0)])
    with pytest.raises(ValueError, match='colour must be a colour as "#rrggbb"'):
        Area("red", [(0, 0), (1, 0), (0, 1)])


@pytest.mark.quick
def test_areas_in_svg_and_pixels():
    square = Area("#0000ff", [(2, 2), (6, 2), (6, 6), (2, 6)])
    drawing = Drawing(10, 10, (Layer("a", "#000000", 0.3, [[(1, 1), (9, 9)]]),), areas=(square,))
    root = ElementTree.fromstring(export.to_svg(drawing))
    assert [group.get("id") for group in root] == ["areas", "layer1"]
    assert root[0][0].get("d") == "M2,2L6,2L6,6L2,6Z" and root[0][0].get("fill") == "#0000ff"
    pixels = painted(Drawing(10, 10, (), areas=(square,)), 20)
    blue = (pixels == (0, 0, 255)).all(axis=2)
    assert blue[4:12, 4:12].all()
    # pillow's polygons reach a fraction of a subpixel farther
    assert (1 - pixels[:, :, 0] / 255).sum() == pytest.approx(64, rel=0.07)


def test_areas_without_seams_in_bands(monkeypatch):
    rows = [Area("#00ff00", [(0, y), (10, y), (10, y + 0.7), (0, y + 0.7)]) for y in np.arange(0, 10, 0.7)]
    drawing = Drawing(10, 10, (), areas=tuple(rows))
    whole = painted(drawing, 100)
    assert (whole == (0, 255, 0)).all()
    monkeypatch.setattr("gng_fast.art.export.raster._BAND_SUBPIXELS", 3 * 100 * 16 * 7)
    assert np.array_equal(painted(drawing, 100), whole)


# ---- styles ---------------------------------------------------------------------------------------------------------


@pytest.mark.quick
def test_lowpoly_takes_mean_colours(halves):
    graph = Graph([*CORNERS, (3.5, 0.5), (3.5, -7.5)], [])
    drawing = lowpoly(graph, halves, size=80.0, margin=0.0)
    assert len(drawing.areas) == 4
    assert {area.colour for area in drawing.areas} == {"#ff0000", "#0000ff"}
    pixels = painted(drawing, 80)
    assert (pixels[:, :39] == (255, 0, 0)).all() and (pixels[:, 41:] == (0, 0, 255)).all()


def test_the_tiles_of_pixels_are_their_triangles():
    rng = np.random.default_rng(0)
    corners = rng.uniform((-9, -70), (90, 9), (300, 2))
    mesh = Delaunay(corners)
    rows, columns = np.indices((60, 80))
    wanted = mesh.find_simplex(np.stack([columns, -rows], axis=2))
    assert np.array_equal(tiles_of_pixels(corners[mesh.simplices], (60, 80)), wanted.ravel())


def test_the_tiles_of_pixels_may_have_any_number_of_corners_and_leave_pixels_out():
    tiles = [np.array([(-0.5, 0.5), (1.5, 0.5), (1.5, -1.5), (-0.5, -1.5)]), np.array([(2, 0), (9, -2), (2, -2.5)])]
    assert tiles_of_pixels(tiles, (3, 4)).reshape(3, 4).tolist() == [[0, 0, -1, -1], [0, 0, 1, 1], [-1, -1, 1, 1]]


def test_what_lies_on_a_slope_between_two_colours_counts_little():
    """Of a blurred edge an area has a few pixels: without them it has the colour of its own side."""
    grey = np.interp(np.arange(12), (5, 8), (0.2, 0.8))
    picture = np.repeat(np.tile(grey, (12, 1))[:, :, None], 3, axis=2)
    owner = np.tile(np.arange(12) >= 8, (12, 1)).astype(int)
    means = mean_colours(owner.ravel(), picture, np.zeros((2, 2)))
    assert means[0] == pytest.approx([0.2] * 3, abs=0.02) and means[1] == pytest.approx([0.8] * 3, abs=0.02)
    assert picture[owner == 0].mean() > 0.27


@pytest.mark.quick
def test_glass_fills_the_frame_with_cells(halves):
    drawing = glass(Graph([(1.5, -3.5), (5.5, -3.5)], []), halves, pen=1.0, size=80.0, margin=0.0)
    assert [area.colour for area in drawing.areas] == ["#ff0000", "#0000ff"]
    low, high = (np.array([area.outline.min(axis=0), area.outline.max(axis=0)]) for area in drawing.areas)
    assert low == pytest.approx(np.array([(0, 0), (40, 80)])) and high == pytest.approx(np.array([(40, 0), (80, 80)]))
    assert drawing.layers[0].ink_length == pytest.approx(5 * (80 - 1))  # half of the pen stays within the frame


@pytest.mark.quick
def test_stipple_has_the_ink_of_the_picture():
    dark = np.zeros((40, 40))
    dark[:, 20:] = 0.3
    rng = np.random.default_rng(0)
    nodes = np.stack([rng.uniform(20, 39, 120), -rng.uniform(0, 39, 120)], axis=1)
    drawing = stipple(Graph(nodes, []), dark, size=40.0, margin=0.0)
    ink = sum(layer.n_strokes * np.pi * layer.pen**2 / 4 for layer in drawing.layers)
    assert ink == pytest.approx(dark.sum(), rel=0.1)
    assert sum(layer.n_strokes for layer in drawing.layers) == 120 and len(drawing.layers) <= 8


def test_no_dots_stray_on_bare_paper():
    """In the cameraman's sky, but for its corners, there is nothing to see."""
    layers = recipes.draw("camera", "stipple", size=512.0, margin=0.0).layers
    dots = np.concatenate([layer.strokes for layer in layers])[:, 0]
    assert 5500 < len(dots) < 6000 and not ((dots[:, 1] < 45) & (dots[:, 0] > 100) & (dots[:, 0] < 380)).any()


@pytest.mark.quick
def test_glow_groups_lines_by_colour(halves):
    nodes = [(1, -1), (2, -6), (5, -1), (6, -6)]
    drawing = glow(Graph(nodes, [(0, 1), (2, 3)]), halves, pen=0.5)
    assert drawing.background == "#000000"
    assert {layer.colour for layer in drawing.layers} == {"#ff0000", "#0000ff"}
    assert glow(Graph(nodes, []), halves).layers == ()


@pytest.mark.parametrize("style", ["lowpoly", "glass", "stipple", "glow", "cmyk"])
@pytest.mark.parametrize("source", ["astronaut", "camera"])
def test_every_style_of_a_photo(style, source):
    options = {"nodes": 300, "crop": (150, 30, 150, 120), "page": "120x80", "margin": 10.0}
    if style == "stipple":
        options["levels"] = (0, 1)  # else there are no dots in the cameraman's sky
    a, b = (recipes.make(source, style, seed=3, **options) for _ in "ab")
    assert export.to_svg(a.drawing) == export.to_svg(b.drawing)
    assert (a.drawing.width, a.drawing.height) == (120, 80)
    points = np.concatenate(
        [
            *(area.outline for area in a.drawing.areas),
            *(stroke for layer in a.drawing.layers for stroke in layer.strokes),
        ]
    )
    assert points.min(axis=0) == pytest.approx((22.5, 10), abs=4) and points.max(axis=0) == pytest.approx(
        (97.5, 70), abs=4
    )


def test_transparent_is_white():
    picture = np.zeros((4, 4, 4), np.uint8)
    picture[:, 2:, 3] = 255
    white = image.over_white(picture)
    assert white[:, :2].min() == 1 and white[:, 2:].max() == 0


# ---- growth ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def growth():
    y, x = np.mgrid[:40, :60]
    artwork, graphs = recipes.growth(np.hypot(x - 30, y - 20) > 12, "mesh", 6, nodes=60, blur=0, threshold=0.5)
    graphs.append(artwork.graph)
    return graphs, list(map(artwork.draw, graphs))


@pytest.mark.quick
def test_apng_has_its_frames(growth, tmp_path):
    export.write_apng(growth[1], tmp_path / "a.png", pixels=120, seconds=0.2, hold=1)
    with Image.open(tmp_path / "a.png") as picture:
        assert (picture.n_frames, picture.size) == (6, (120, 82))
        assert picture.info["loop"] == 0
        picture.seek(5)
        last = picture.convert("RGB")
    assert np.array_equal(np.asarray(last), painted(growth[1][-1], 120))
    with pytest.raises(ValueError, match="at least one drawing"):
        export.write_apng([], tmp_path / "b.png")
    with pytest.raises(ValueError, match="pages of the same size"):
        export.write_apng([growth[1][0], Drawing(9, 20, ())], tmp_path / "b.png")
    assert not (tmp_path / "b.png").exists()


@pytest.mark.quick
def test_page_stands_alone(growth, tmp_path):
    export.write_html(growth[1], tmp_path / "a.html", title="a <b>")
    text = (tmp_path / "a.html").read_text()
    assert "a &lt;b&gt;" in text and "@" not in re.sub(r"const shown = .*", "", text)
    assert not re.search(r"https?:|src=|href=|import ", text)
    with pytest.raises(ValueError, match="at least one drawing"):
        export.write_html([], tmp_path / "b.html")


@pytest.mark.skipif(not shutil.which("chromium"), reason="Chromium is not installed")
@pytest.mark.parametrize("frame", [1, 4, 6])
def test_page_in_a_browser(growth, tmp_path, frame):
    graphs, drawings = growth
    export.write_html(drawings, tmp_path / "a.html")
    said = in_chromium(f"file://{tmp_path}/a.html#{frame}", tmp_path)
    graph = graphs[frame - 1]
    assert f"{frame} of 6: {graph.n_nodes} nodes, {graph.n_edges} lines</output>" in said
    with Image.open(io.BytesIO((tmp_path / "shot.png").read_bytes())) as shot:
        assert (np.asarray(shot.convert("L")) < 60).sum() > 5 * graph.n_edges


@pytest.mark.skipif(not shutil.which("chromium"), reason="Chromium is not installed")
def test_page_plays_by_itself(growth, tmp_path):
    export.write_html(growth[1], tmp_path / "a.html", seconds=0.02)
    said = in_chromium(f"file://{tmp_path}/a.html", tmp_path)
    assert "6 of 6:" in said and ">play</button>" in said


def in_chromium(address, folder):
    """The page as it is after some seconds; a picture of it is put into the folder."""
    command = [
        "chromium",
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        f"--user-data-dir={folder}/profile",
        "--virtual-time-budget=3000",
    ]
    subprocess.run([*command, f"--screenshot={folder}/shot.png", address], capture_output=True, timeout=120, check=True)
    done = subprocess.run([*command, "--dump-dom", address], capture_output=True, text=True, timeout=120, check=True)
    return done.stdout


def test_glow_draws_the_brightest_last():
    picture = np.zeros((40, 60, 3), np.uint8)
    picture[..., 0], picture[..., 1] = np.linspace(40, 255, 60), np.linspace(20, 200, 40)[:, None]
    colours = [layer.colour for layer in recipes.draw(picture, "glow", nodes=150).layers]
    brightness = [0.2125 * int(c[1:3], 16) + 0.7154 * int(c[3:5], 16) + 0.0721 * int(c[5:], 16) for c in colours]
    assert len(colours) > 10 and np.diff(brightness).min() > -1  # colours are rounded


def test_grey_takes_only_black_ink():
    grey = np.repeat(np.tile(np.linspace(0, 255, 60).astype(np.uint8), (40, 1))[:, :, None], 3, axis=2)
    assert {layer.label.split()[0] for layer in recipes.draw(grey, "cmyk", nodes=200).layers} == {"black"}
    red = np.full((40, 60, 3), (255, 0, 0), np.uint8)
    assert {layer.label.split()[0] for layer in recipes.draw(red, "cmyk", nodes=200).layers} == {"yellow", "magenta"}


@pytest.mark.quick
def test_thick_leads_are_where_colours_change(halves):
    rows, columns = np.indices((4, 4)) * 2 + 0.5
    nodes = np.stack([columns.ravel(), -rows.ravel()], axis=1)
    layers = {layer.label: layer for layer in glass(Graph(nodes, []), halves, size=80.0, margin=0.0).layers}
    assert layers["fine leads"].pen < layers["leads"].pen / 2
    # thick: the four lines in the middle and the border
    thick = np.array(layers["leads"].strokes)
    inner = thick[(abs(thick - 40) < 39).all(axis=(1, 2)) | (abs(thick[:, :, 0] - 40) < 1).all(axis=1)]
    assert len(inner) == 4 and len(thick) == 4 + 16 and len(layers["fine leads"].strokes) == 24 - 4
    assert [layer.label for layer in glass(Graph(nodes, []), halves, 0.5, size=80.0, margin=0.0).layers] == ["leads"]


def test_faces_are_found():
    astronaut = image.grey(image.load("astronaut"))
    (box,) = faces(astronaut)
    assert box == pytest.approx((177, 70, 100, 100), abs=25)  # of the eyes, nose and mouth
    assert faces(astronaut[::-1]) == [] and faces(image.grey(image.load("coffee"))) == []
    assert faces(np.zeros((20, 500))) == [] and faces(np.zeros((300, 300))) == []
    inside = within([box], astronaut.shape)
    assert inside[box[1] + box[3] // 2, box[0] + box[2] // 2] and 0.5 < inside.sum() / (box[2] * box[3]) < 0.8


@pytest.mark.parametrize("style, most", [("lowpoly", 0.08), ("glass", 0.12)])
def test_faces_are_seen_at_the_default_density(style, most):
    """Without care for faces their colours are off by 0.104 and 0.137."""
    picture = image.over_white(image.load("astronaut"))
    drawing = recipes.draw("astronaut", style, size=512.0, margin=0.0)
    drawn = np.asarray(export.render(replace(drawing, layers=()), 512)) / 255
    face = within(faces(image.grey(picture)), picture.shape[:2])
    assert np.sqrt(((drawn[face] - picture[face]) ** 2).mean()) < most


@pytest.mark.parametrize("style, most", [("lowpoly", 0.085), ("glass", 0.12)])
def test_areas_end_at_contours(style, most):
    """Without contours the colours are off by 0.094 and 0.142, as triangles and cells lie across them."""
    picture = image.over_white(image.load("astronaut"))
    drawing = recipes.draw("astronaut", style, size=512.0, margin=0.0)
    drawn = np.asarray(export.render(replace(drawing, layers=()), 512)) / 255
    assert np.sqrt(((drawn - picture) ** 2).mean()) < most

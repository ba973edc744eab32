"""What the files hold: exact and reproducible."""

import io
import json
import os
import re
import sys
import warnings
import xml.etree.ElementTree as ElementTree
import zipfile

import numpy as np
import pytest
from messages import raises

import gng_fast
from gng_fast import export
from gng_fast.art.drawing import Area, Drawing, Layer
from gng_fast.art.export import gif, raster
from gng_fast.art.styles import mesh
from gng_fast.graph import Graph

TRIANGLE = Graph(
    np.array([[0, 0], [10, 0], [0, 5]], dtype=np.float32), [[2, 1], [2, 0], [0, 1]], [7, 8, 9], [0.5, 0, 1]
)


def page(*strokes, width=20, height=10, pen=1.0, colour="#000000", background=None):
    return Drawing(width, height, [Layer("black", colour, pen, strokes)], background)


def random_graph(dtype, d=2, seed=0):
    rng = np.random.default_rng(seed)
    nodes = (rng.standard_normal((50, d)) * 10.0 ** rng.integers(-20, 20, (50, d))).astype(dtype)
    edges = np.unique(np.sort(rng.integers(0, 50, (80, 2)), axis=1), axis=0)
    edges = edges[edges[:, 0] != edges[:, 1]]
    return Graph(nodes, edges, rng.integers(0, 99, len(edges)), rng.random(50))


GRAPHS = [
    TRIANGLE,
    random_graph(np.float32),
    random_graph(np.float64, d=1),
    random_graph(np.float32, d=3),
    Graph(np.empty((0, 3), dtype=np.float32), []),
    Graph([[1.5]], []),
]
# with exponents, with and without a point, and ages of more than 32 bits
ODD_NUMBERS = Graph([[1e30, 1.5e-30], [-0.0, 1e16], [1e-5, 3]], [(0, 1), (1, 2)], [2**31 - 1, 2**31], [0, 1e22, 1e300])


# --- SVG -------------------------------------------------------------------------------------------------------------


@pytest.mark.quick
def test_svg_of_a_triangle():
    assert export.to_svg(mesh(TRIANGLE, size=120, margin=10)) == (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape" '
        'width="120mm" height="70mm" viewBox="0 0 120 70">\n'
        '<g inkscape:groupmode="layer" inkscape:label="1 - mesh" id="layer1" stroke="#000000" stroke-width="0.3" '
        'fill="none" stroke-linecap="round" stroke-linejoin="round">\n'
        '<path d="M10.15,59.85L109.85,59.85"/>\n'
        '<path d="M10.15,59.85L10.15,10.15"/>\n'
        '<path d="M109.85,59.85L10.15,10.15"/>\n'
        "</g>\n"
        "</svg>\n"
    )


def test_svg_numbers_have_two_decimals_at_most():
    svg = export.to_svg(page([[-0.001, 0.016], [1234567.891, -2.5], [0.1, 3]], width=20.004, pen=0.125))
    assert '<path d="M0,0.02L1234567.89,-2.5L0.1,3"/>' in svg
    assert 'width="20mm" height="10mm" viewBox="0 0 20 10"' in svg
    assert 'stroke-width="0.125"' in svg


def test_svg_layers_and_background():
    labels = ["black", "a < b & \"c\" 'd' é"]
    layers = [Layer(label, "#010203", 0.5, [[[0, 0], [1, 1]]]) for label in labels]
    root = ElementTree.fromstring(export.to_svg(Drawing(20, 10, layers, background="#fffff0")))
    background, *groups = root
    assert [rect.attrib for rect in background] == [{"width": "20", "height": "10", "fill": "#fffff0"}]
    inkscape = "{http://www.inkscape.org/namespaces/inkscape}"
    # % is for tools that then do not plot it, and the number keeps others from taking it for a layer of strokes
    assert background.get(inkscape + "label") == "% 3 - background"
    assert [group.get(inkscape + "label") for group in groups] == [f"1 - {labels[0]}", f"2 - {labels[1]}"]
    assert [group.get("id") for group in groups] == ["layer1", "layer2"]
    assert {group.get(inkscape + "groupmode") for group in groups} == {"layer"}


@pytest.mark.quick
def test_svg_has_dots_as_short_lines_on_the_page():
    svg = export.to_svg(page([[5, 5], [5, 5]], [[20, 1], [20, 1], [20, 1]], [[7, 5], [7.004, 5]], [[8, 5], [8.01, 5]]))
    assert re.findall(r' d="(.*?)"', svg) == ["M5,5L5.01,5", "M20,1L19.99,1", "M7,5L7.01,5", "M8,5L8.01,5"]


@pytest.mark.quick
def test_svg_tells_how_it_was_made():
    drawing = Drawing(20, 10, [], command="gng-fast draw 'a < b & c.jpg' --seed 3")
    root = ElementTree.fromstring(export.to_svg(drawing))
    dc, cc = "{http://purl.org/dc/elements/1.1/}", "{http://creativecommons.org/ns#}"
    assert root.find(f".//{dc}source").text == drawing.command
    assert root.find(f".//{cc}Agent/{dc}title").text == f"gng_fast {gng_fast.__version__}"
    assert "metadata" not in export.to_svg(Drawing(20, 10, []))
    with pytest.raises(ValueError, match="command must be printable text"):
        Drawing(20, 10, [], command="two\nlines")


@pytest.mark.quick
def test_strokes_only_leaves_the_strokes():
    area = Area("#ff0000", [(0, 0), (1, 0), (0, 1)])
    drawing = Drawing(20, 10, page([[1, 1], [2, 2]]).layers, "#00ff00", [area])
    root = ElementTree.fromstring(export.to_svg(drawing.strokes_only()))
    assert [group.get("id") for group in root] == ["layer1"]
    assert [group.get("id") for group in ElementTree.fromstring(export.to_svg(drawing))] == [
        "background",
        "areas",
        "layer1",
    ]


def test_svg_of_nothing():
    root = ElementTree.fromstring(export.to_svg(mesh(Graph(np.empty((0, 2)), []))))
    assert [len(group) for group in root] == [0]


# --- Pixels ----------------------------------------------------------------------------------------------------------


def ink(picture):
    """Share of black in each pixel of a black and white picture."""
    return 1 - np.asarray(picture.convert("L"), dtype=float) / 255


@pytest.mark.quick
def test_a_line_lands_where_it_should_in_its_true_width():
    pytest.importorskip("PIL")
    # 10 pixels a mm: 20 pixels wide from x = 50 to 150 around y = 50, plus the half discs of the ends.
    shares = ink(export.render(page([[5, 5], [15, 5]], pen=2), pixels=200))
    assert shares.shape == (100, 200)
    assert (shares[41:59, 50:150] > 0.99).all()
    assert shares[:39].max() == shares[61:].max() == shares[:, :39].max() == shares[:, 161:].max() == 0
    assert shares[50, 42] == shares[50, 157] == 1
    assert shares[42, 42] == shares[57, 157] == 0  # the ends are round
    assert shares.sum() == pytest.approx(20 * 100 + np.pi * 10**2, rel=0.01)


@pytest.mark.parametrize("pen_pixels, tolerance", [(0.5, 0.13), (1, 0.13), (2, 0.09)])
def test_thin_lines_are_even_in_every_direction(pen_pixels, tolerance):
    pytest.importorskip("PIL")
    for angle in np.linspace(0, np.pi, 37):
        half = 40 * np.array([np.cos(angle), np.sin(angle)])
        drawing = page([50.3 - half, 50.3 + half], width=100, height=100, pen=pen_pixels)
        shares = ink(export.render(drawing, pixels=100))
        assert shares.sum() / (80 * pen_pixels + np.pi / 4 * pen_pixels**2) == pytest.approx(1, abs=tolerance)


@pytest.mark.quick
def test_colours_background_and_order_of_the_layers():
    pytest.importorskip("PIL")
    layers = [Layer("a", "#ff0000", 4, [[[0, 5], [20, 5]]]), Layer("b", "#0000ff", 4, [[[10, 0], [10, 10]]])]
    picture = export.render(Drawing(20, 10, layers, background="#00ff00"), pixels=40)
    assert picture.size == (40, 20)
    assert [picture.getpixel(at) for at in ((1, 1), (5, 10), (20, 10))] == [(0, 255, 0), (255, 0, 0), (0, 0, 255)]
    assert export.render(page(), pixels=40).getpixel((0, 0)) == (255, 255, 255)


def test_the_pen_is_up_between_strokes_and_down_along_one():
    pytest.importorskip("PIL")
    two = export.render(page([[2, 5], [4, 5]], [[16, 5], [18, 5]]), pixels=40)
    one = export.render(page([[2, 5], [4, 5], [16, 5], [18, 5]]), pixels=40)
    assert [picture.getpixel((20, 10)) for picture in (two, one)] == [(255, 255, 255), (0, 0, 0)]


def test_bands_leave_no_seams(monkeypatch):
    pytest.importorskip("PIL")
    drawing = mesh(random_positions(200), pen=0.4)
    whole = np.asarray(export.render(drawing, pixels=150))
    monkeypatch.setattr(raster, "_BAND_SUBPIXELS", 150 * 16**2 * 7)
    assert np.array_equal(np.asarray(export.render(drawing, pixels=150)), whole)
    assert whole.min() < 50


def random_positions(n):
    rng = np.random.default_rng(1)
    edges = np.column_stack([np.arange(n - 1), np.arange(1, n)])
    return Graph(rng.random((n, 2)), edges)


def test_strokes_far_outside_the_page_do_no_harm():
    pytest.importorskip("PIL")
    picture = export.render(page([[5, 5], [1e300, 5]], [[-1e12, -1e12], [-1e12, 1e12]]), pixels=40)
    assert picture.getpixel((39, 10)) == (0, 0, 0)
    assert picture.getpixel((2, 10)) == (255, 255, 255)


@pytest.mark.parametrize(
    "pixels, error, message",
    [
        (0, ValueError, "pixels must be in [1, 20000], got 0"),
        (20_001, ValueError, "pixels must be in [1, 20000], got 20001"),
        (99.5, TypeError, "pixels must be an integer in [1, 20000], got 99.5"),
        (True, TypeError, "pixels must be an integer in [1, 20000], got True"),
    ],
)
def test_bad_pixels(pixels, error, message, tmp_path):
    pytest.importorskip("PIL")
    with raises(error, message):
        export.render(page(), pixels=pixels)
    with raises(error, message):
        export.write_png(page(), tmp_path / "x.png", pixels=pixels)
    with raises(error, message):
        export.write_gif([page()], tmp_path / "x.gif", pixels=pixels)
    assert not os.listdir(tmp_path)


def test_one_pixel():
    pytest.importorskip("PIL")
    assert export.render(page([[0, 5], [20, 5]], width=20, height=1), pixels=1).size == (1, 1)


def test_png_prints_at_its_true_size(tmp_path):
    Image = pytest.importorskip("PIL.Image")
    drawing = page([[0, 0], [20, 10]])
    export.write_png(drawing, tmp_path / "x.png", pixels=400)
    with Image.open(tmp_path / "x.png") as picture:
        assert np.array_equal(np.asarray(picture), np.asarray(export.render(drawing, pixels=400)))
        assert picture.size[0] / picture.info["dpi"][0] * 25.4 == pytest.approx(20, rel=1e-4)


def gif_frames(n=3):
    for number in range(1, n + 1):
        yield page([[2, 5], [2 + 5 * number, 5]], pen=2)


@pytest.mark.quick
def test_gif(tmp_path):
    Image = pytest.importorskip("PIL.Image")
    export.write_gif(gif_frames(), tmp_path / "x.gif", pixels=60, seconds=0.25, hold=1.5)
    with Image.open(tmp_path / "x.gif") as animation:
        assert (animation.n_frames, animation.info["loop"], animation.size) == (3, 0, (60, 30))
        durations = []
        for number, drawing in enumerate(gif_frames()):
            animation.seek(number)
            durations.append(animation.info["duration"])
            expected = np.asarray(export.render(drawing, pixels=60), dtype=int)
            # 16 greys lie 17 apart, so the nearest is at most 8.5 away.
            assert np.abs(np.asarray(animation.convert("RGB"), dtype=int) - expected).max() <= 8.5
        assert durations == [250, 250, 1500]


def test_gif_in_colours(tmp_path):
    Image = pytest.importorskip("PIL.Image")
    frames = [page([[2, 5], [9, 5]], colour=colour, pen=2) for colour in ("#000000", "#ff0000", "#00aa00")]
    export.write_gif(frames, tmp_path / "x.gif", pixels=60)
    with Image.open(tmp_path / "x.gif") as animation:
        for number, drawing in enumerate(frames):
            animation.seek(number)
            found = np.asarray(animation.convert("RGB"), dtype=int)
            assert np.abs(found - np.asarray(export.render(drawing, pixels=60))).max() <= 12, number


def test_gif_of_one_frame_is_held(tmp_path):
    Image = pytest.importorskip("PIL.Image")
    export.write_gif([page([[2, 5], [9, 5]])], tmp_path / "x.gif", pixels=20, hold=3)
    with Image.open(tmp_path / "x.gif") as animation:
        assert (animation.n_frames, animation.info["duration"]) == (1, 3000)


def test_gif_takes_the_frames_as_they_come(tmp_path, monkeypatch):
    pytest.importorskip("PIL")
    made, drawn = [], []
    render = gif.render
    monkeypatch.setattr(gif, "render", lambda drawing, pixels: drawn.append(len(made)) or render(drawing, pixels))
    export.write_gif((made.append(1) or frame for frame in gif_frames(5)), tmp_path / "x.gif", pixels=20)
    assert drawn == [2, 3, 4, 5, 5]  # one ahead, to know the last


@pytest.mark.parametrize(
    "frames, options, message",
    [
        ([], {}, "frames must hold at least one drawing, got none"),
        ([page(), page(width=30)], {},
         "frames must have pages of the same size, got 30 x 10 mm for frame 2 and 20 x 10 mm for frame 1"),
        ([page()], {"seconds": 0}, "seconds must be in [0.02, 655], got 0"),
        ([page()], {"hold": 1000}, "hold must be in [0.02, 655], got 1000"),
    ],
)  # fmt: skip
def test_bad_gifs_leave_the_file_as_it_was(frames, options, message, tmp_path):
    pytest.importorskip("PIL")
    (tmp_path / "x.gif").write_bytes(b"before")
    with raises(ValueError, message):
        export.write_gif(frames, tmp_path / "x.gif", pixels=20, **options)
    assert (tmp_path / "x.gif").read_bytes() == b"before"
    assert os.listdir(tmp_path) == ["x.gif"]


def test_pictures_without_pillow(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "PIL", None)
    for write in (lambda: export.render(page()), lambda: export.write_gif([page()], tmp_path / "x.gif")):
        with raises(ImportError, "a drawing in pixels needs Pillow: pip install 'gng-fast[art]'"):
            write()
    assert not os.listdir(tmp_path)


# --- Pages -----------------------------------------------------------------------------------------------------------


def test_a_title_is_only_text(tmp_path):
    """What fills a place of the page is not itself searched for places."""
    export.write_html(gif_frames(), tmp_path / "x.html", title="@N@ <@DATA@>")
    text = (tmp_path / "x.html").read_text()
    assert text.count("<title>@N@ &lt;@DATA@&gt;</title>") == 1
    assert 'max="3"' in text and text.count('"frames":') == 1


@pytest.mark.parametrize(
    "frames, options, message",
    [
        ([page(), page(width=30)], {}, "frames must have pages of the same size, got 30 x 10 mm for frame 2"),
        ([page()], {"seconds": float("nan")}, "seconds must be in [0.02, 655], got nan"),
    ],
)
def test_bad_pages_leave_the_file_as_it_was(frames, options, message, tmp_path):
    (tmp_path / "x.html").write_text("before")
    with pytest.raises(ValueError, match=re.escape(message)):
        export.write_html(frames, tmp_path / "x.html", **options)
    assert (tmp_path / "x.html").read_text() == "before"


# --- Data ------------------------------------------------------------------------------------------------------------


@pytest.mark.quick
@pytest.mark.parametrize("graph", GRAPHS, ids=repr)
@pytest.mark.parametrize("ending, read", [(".npz", export.read_npz), (".json", export.read_json)])
def test_round_trips(graph, ending, read, tmp_path):
    export.save(tmp_path / f"x{ending}", graph=graph)
    assert read(tmp_path / f"x{ending}") == graph


@pytest.mark.quick
def test_json_of_a_triangle(tmp_path):
    export.write_json(
        Graph(np.float32([[0.1, 0], [10, 0], [0, 5]]), [[2, 1], [0, 1]], [7, 9], [0.5, 0, 1]), tmp_path / "x"
    )
    assert (tmp_path / "x").read_text() == (
        '{\n"format": "gng_fast graph",\n"version": 1,\n"dtype": "float32",\n"n_features": 2,\n'
        '"nodes": [[0.1,0.0],[10.0,0.0],[0.0,5.0]],\n"edges": [[0,1],[1,2]],\n'
        '"ages": [9,7],\n"errors": [0.5,0.0,1.0]\n}\n'
    )


def test_json_keeps_every_float32(tmp_path):
    bits = np.random.default_rng(0).integers(0, 2**32, 30_000, dtype=np.uint32)
    values = bits.view(np.float32)
    nodes = values[np.isfinite(values)][:, None]
    export.write_json(Graph(nodes, []), tmp_path / "x")
    assert export.read_json(tmp_path / "x").nodes.tobytes() == nodes.tobytes()


@pytest.mark.parametrize("graph", [*GRAPHS, ODD_NUMBERS, Graph(np.empty((0, 2)), [])], ids=repr)
@pytest.mark.parametrize("ending", ["graphml", "gml"])
def test_graphs_as_text_are_those_of_networkx(ending, graph, monkeypatch):
    networkx = pytest.importorskip("networkx")
    expected = "\n".join([*getattr(networkx, f"generate_{ending}")(graph.to_networkx()), ""]).encode()
    monkeypatch.setitem(sys.modules, "networkx", None)
    file = io.BytesIO()
    export.save(file, graph=graph, format=f".{ending}")
    assert file.getvalue() == expected


@pytest.mark.parametrize("graph", GRAPHS, ids=repr)
def test_graphml(graph, tmp_path):
    networkx = pytest.importorskip("networkx")
    export.write_graphml(graph, tmp_path / "x.graphml")
    read = networkx.read_graphml(tmp_path / "x.graphml", node_type=int)
    names = {1: ["w0"], 2: ["x", "y"], 3: ["w0", "w1", "w2"]}[graph.n_features]
    assert [[read.nodes[node][name] for name in names] for node in range(graph.n_nodes)] == graph.nodes.tolist()
    assert [read.nodes[node]["error"] for node in range(graph.n_nodes)] == graph.errors.tolist()
    edges = sorted((min(a, b), max(a, b), age) for a, b, age in read.edges(data="age"))
    assert edges == [(a, b, age) for (a, b), age in zip(graph.edges.tolist(), graph.ages.tolist())]


@pytest.mark.parametrize("ending", export.FORMATS)
def test_bytes_are_reproducible(ending, tmp_path, monkeypatch):
    pytest.importorskip("PIL")
    graph = random_positions(30)
    export.save(tmp_path / f"a{ending}", graph=graph, drawing=mesh(graph))
    monkeypatch.setattr("time.time", lambda: 2e9)  # zip archives can hold the time of day
    again = Graph(graph.nodes, graph.edges[::-1, ::-1])
    export.save(tmp_path / f"b{ending}", graph=again, drawing=mesh(again))
    assert (tmp_path / f"a{ending}").read_bytes() == (tmp_path / f"b{ending}").read_bytes()


FIELDS = {
    "format": "gng_fast graph", "version": 1, "dtype": "float32", "n_features": 2,
    "nodes": [[0, 0], [1, 1]], "edges": [[0, 1]], "ages": [0], "errors": [0.0, 0.0],
}  # fmt: skip


@pytest.mark.parametrize(
    "changes, reason",
    [
        ({"format": "other"}, "it is not a gng_fast graph"),
        ({"version": 2}, "it has version 2, but this gng_fast reads version 1"),
        ({"version": None}, "it has version None, but this gng_fast reads version 1"),
        ({"nodes": [[0, 0], [1]]}, ""),
        ({"nodes": {}}, ""),
        ({"nodes": 3}, ""),
        ({"nodes": [[0, None], [1, 1]]}, "nodes must be finite, got nan"),
        ({"nodes": []}, "edges must be empty when there are no nodes, got (0, 1)"),
        ({"dtype": "object"}, "dtype must be float32 or float64, got 'object'"),
        ({"dtype": []}, "dtype must be float32 or float64, got []"),
        ({"n_features": 3}, "its nodes have 2 features, but n_features is 3"),
        ({"nodes": [], "n_features": -1}, ""),
        ({"edges": [[0, 2]]}, "edges must hold node indices from 0 to 1, got 2"),
        ({"edges": [[0, 10**30]]}, "edges must be an array of integers, got dtype object"),
        ({"ages": "old"}, "ages must be an array of integers, got dtype <U3"),
        ({"errors": [0.0]}, "errors must have one value per node, shape (2,), got (1,)"),
    ],
)
def test_json_with_wrong_fields(changes, reason, tmp_path):
    path = tmp_path / "x.json"
    path.write_text(json.dumps(FIELDS))
    assert export.read_json(path).n_edges == 1
    path.write_text(json.dumps({**FIELDS, **changes}))
    with pytest.raises(ValueError, match=re.escape(f"cannot read '{path}': {reason}")):
        export.read_json(path)


@pytest.mark.quick
@pytest.mark.parametrize("name", FIELDS)
def test_json_without_a_field(name, tmp_path):
    path = tmp_path / "x.json"
    path.write_text(json.dumps({key: value for key, value in FIELDS.items() if key != name}))
    reason = "it is not a gng_fast graph" if name == "format" else f"it has no field '{name}'"
    with raises(ValueError, f"cannot read '{path}': {reason}"):
        export.read_json(path)


@pytest.mark.parametrize("data", [b"", b"\xff\xfe\x00", b"{", b"3", b"null", b'"format"', b"[]", b"[" * 100_000])
def test_files_that_are_not_graphs(data, tmp_path):
    (tmp_path / "x").write_bytes(data)
    for read in (export.read_json, export.read_npz):
        with pytest.raises(ValueError, match="^cannot read '.*x': .+"):
            read(tmp_path / "x")


def npy_bytes():
    buffer = io.BytesIO()
    np.save(buffer, np.zeros(3))
    return buffer.getvalue()


def npz_bytes(**arrays):
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


@pytest.mark.quick
@pytest.mark.parametrize(
    "data, reason",
    [
        (b"dear reader", "it is damaged or not an npz file"),
        (npy_bytes(), "it is damaged or not an npz file"),
        (npz_bytes(a=1), "it is not a gng_fast graph"),
        (npz_bytes(format="gng_fast graph"), "it has no field 'version'"),
        (
            npz_bytes(format=np.array([None])),
            "its field 'format' must have 0 dimensions of U, got shape (1,) of object",
        ),
        (npz_bytes(format="gng_fast graph", version=2, nodes=0, edges=0, ages=0, errors=0), "it has version 2"),
    ],
)
def test_foreign_npz(data, reason, tmp_path):
    (tmp_path / "x.npz").write_bytes(data)
    with pytest.raises(ValueError, match=re.escape(f"cannot read '{tmp_path / 'x.npz'}': {reason}")):
        export.read_npz(tmp_path / "x.npz")


def test_foreign_zip_archive(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.npz", "w") as archive:
        archive.writestr("letter.txt", "dear reader")
    with raises(
        ValueError, f"cannot read '{tmp_path / 'x.npz'}': it is not a gng_fast graph: it has no field 'format'"
    ):
        export.read_npz(tmp_path / "x.npz")


def test_an_array_that_claims_more_than_the_file_can_hold(tmp_path):
    (tmp_path / "graph.npz").write_bytes(npz_bytes(format="gng_fast graph", version=1))
    with zipfile.ZipFile(tmp_path / "graph.npz", "a") as archive:
        header = io.BytesIO()
        np.lib.format.write_array_header_1_0(header, {"descr": "<f8", "fortran_order": False, "shape": (2**41, 2)})
        archive.writestr("nodes.npy", header.getvalue())
    with pytest.raises(ValueError, match="its field 'nodes' does not hold as many numbers as it says"):
        export.read_npz(tmp_path / "graph.npz")


def test_damaged_npz_gives_a_value_error_or_the_same_graph(tmp_path):
    path = tmp_path / "x.npz"
    graph = random_graph(np.float32)
    export.write_npz(graph, path)
    data = path.read_bytes()
    rng = np.random.default_rng(0)
    refused = 0
    for _ in range(300):
        damaged = bytearray(data[: rng.integers(len(data))] if rng.random() < 0.3 else data)
        for _ in range(rng.integers(1, 4)):
            if damaged:
                damaged[rng.integers(len(damaged))] ^= int(rng.integers(1, 256))
        path.write_bytes(damaged)
        try:
            with warnings.catch_warnings(action="ignore"):
                assert export.read_npz(path) == graph  # bytes that nobody reads, such as dates
        except ValueError as error:
            refused += str(error).startswith(f"cannot read '{path}': ")
    assert refused > 200


def test_a_file_that_is_not_there(tmp_path):
    for read in (export.read_json, export.read_npz):
        with pytest.raises(FileNotFoundError):
            read(tmp_path / "none")


# --- save ------------------------------------------------------------------------------------------------------------


@pytest.mark.quick
@pytest.mark.parametrize("name", ["x.svg", "X.SVG", "x.png", "x.json", "x.graphml", "x.npz"])
def test_save_picks_the_format_by_the_ending(name, tmp_path):
    pytest.importorskip("PIL")
    chosen = export.format_of(tmp_path / name)
    content = {"graph": TRIANGLE, "drawing": mesh(TRIANGLE)}
    export.save(str(tmp_path / name), **content)
    chosen.write(content[chosen.takes], tmp_path / "expected")
    assert (tmp_path / name).read_bytes() == (tmp_path / "expected").read_bytes()
    del content[chosen.takes]
    with raises(ValueError, f"cannot write '{tmp_path / name}': this format needs a {chosen.takes}"):
        export.save(tmp_path / name, **content)


def test_save_passes_options(tmp_path):
    Image = pytest.importorskip("PIL.Image")
    export.save(tmp_path / "x.png", drawing=mesh(TRIANGLE), pixels=50)
    with Image.open(tmp_path / "x.png") as picture:
        assert max(picture.size) == 50
    with pytest.raises(TypeError, match="pixels"):
        export.save(tmp_path / "x.svg", drawing=mesh(TRIANGLE), pixels=50)


@pytest.mark.quick
@pytest.mark.parametrize("ending", export.FORMATS)
def test_save_writes_into_an_open_file(ending, tmp_path):
    pytest.importorskip("PIL")
    content = {"graph": TRIANGLE, "drawing": mesh(TRIANGLE)}
    export.save(tmp_path / f"x{ending}", **content)
    file = io.BytesIO()
    export.save(file, format=ending.upper(), **content)
    assert file.getvalue() == (tmp_path / f"x{ending}").read_bytes()
    export.save(tmp_path / "y.bmp", format=ending, **content)
    assert file.getvalue() == (tmp_path / "y.bmp").read_bytes()


def test_an_open_file_has_no_ending():
    with raises(ValueError, "format must be given for an open file: one of .svg, .png, .json, .graphml, .gml, .npz"):
        export.save(io.BytesIO(), graph=TRIANGLE)
    with raises(ValueError, "format must be one of .svg, .png, .json, .graphml, .gml, .npz, got 'svg'"):
        export.save(io.BytesIO(), format="svg", drawing=mesh(TRIANGLE))
    with raises(ValueError, "cannot write 'the open file': this format needs a graph"):
        export.save(io.BytesIO(), format=".json", drawing=mesh(TRIANGLE))


@pytest.mark.parametrize("name", ["x.bmp", "x", ".svg", "x.svg.gz", ""])
def test_unknown_endings(name):
    message = f"cannot write '{name}': the ending must be one of .svg, .png, .json, .graphml, .gml, .npz"
    with raises(ValueError, message):
        export.save(name, graph=TRIANGLE, drawing=mesh(TRIANGLE))

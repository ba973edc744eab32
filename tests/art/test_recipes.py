import shlex
from dataclasses import replace

import numpy as np
import pytest

from gng_fast import GrowingNeuralGas, GrowthWarning, export, recipes
from gng_fast.art.drawing import paths
from gng_fast.cli import main

pytestmark = pytest.mark.quick
Image = pytest.importorskip("PIL.Image")
pytest.importorskip("skimage")


@pytest.fixture
def disc():
    y, x = np.mgrid[:40, :60]
    return recipes.points_of(np.hypot(x - 30, y - 20) > 12, blur=0, threshold=0.5)


def test_points_lie_within_their_extent(disc):
    assert disc.extent == (-0.5, -39.5, 59.5, 0.5)
    assert disc.X.min(axis=0).tolist() == [18, -32]
    assert disc.X.max(axis=0).tolist() == [42, -8]


def test_enough_epochs_to_grow_all_nodes(disc):
    assert recipes.train(disc, nodes=50).graph_.n_nodes == 50
    assert recipes.train(disc, nodes=50, lam=7).graph_.n_nodes == 50
    model = recipes.train(disc, nodes=50, epochs=2.5)
    assert model.network_.n_signals == round(2.5 * len(disc.X))


def test_a_warning_calls_parameters_as_the_recipe_does(disc):
    message = (
        "^the network has 3 of nodes = 50 nodes after 181 signals, .*: raise epochs to 11, lower lam to 3, or lower n"
    )
    with pytest.warns(GrowthWarning, match=message):
        recipes.train(disc, nodes=50, epochs=0.41)
    # and the network as the network does, also afterwards
    with pytest.warns(GrowthWarning, match="of max_nodes = 50 nodes .*: raise n_epochs to 11"):
        GrowingNeuralGas(50, n_epochs=0.41, random_state=0).fit(disc.X)


def test_never_more_nodes_than_points(disc):
    assert recipes.train(disc, nodes=10_000, epochs=100).max_nodes == len(disc.X)


def test_callback_is_called_so_many_times(disc):
    calls = []
    recipes.train(disc, nodes=50, callback=lambda done, total, _: calls.append((done, total)))
    assert 850 < len(calls) <= recipes.CALLS and calls[-1][0] == calls[-1][1]


@pytest.mark.parametrize("style", recipes.GROWING)
def test_growth_ends_with_the_drawing(style):
    picture = np.tile(np.linspace(0, 255, 60).astype(np.uint8), (40, 1))
    artwork, graphs = recipes.growth(picture, style, 8, nodes=60, seed=3, invert=True)
    assert len(graphs) == 7
    n_nodes = [graph.n_nodes for graph in (*graphs, artwork.graph)]
    assert n_nodes == sorted(n_nodes) and n_nodes[0] < n_nodes[-1] >= 60
    made = recipes.make(picture, style, nodes=60, seed=3, invert=True)
    assert artwork.graph == made.graph and artwork.error == made.error
    assert export.to_svg(paths.plan(artwork.drawing)) == export.to_svg(replace(made.drawing, command=""))
    first = artwork.draw(graphs[0])
    assert (first.width, first.height) == (artwork.drawing.width, artwork.drawing.height)
    assert first.layers or first.areas


def test_growth_refuses_what_has_none():
    with pytest.raises(ValueError, match="style cmyk cannot be shown growing"):
        recipes.growth("coins", "cmyk")
    with pytest.raises(ValueError, match=r"frames must be in \[1, 1000\], got 1001"):
        recipes.growth("coins", "mesh", 1001)
    artwork, graphs = recipes.growth("horse", "mesh", 1, nodes=50)
    assert graphs == [] and artwork.graph.n_nodes == 50


def test_a_number_of_frames_is_whole():
    with pytest.raises(TypeError, match=r"frames must be an integer in \[1, 1000\], got 2.5"):
        recipes.growth("horse", "mesh", 2.5)


def test_defaults_are_those_of_the_recipe():
    assert recipes.defaults("mesh")["eps_n"] == 0.005  # the article's, and not that of the network
    assert recipes.defaults("cmyk")["max_pixels"] == 250_000
    for style in recipes.STYLES:
        options = recipes.defaults(style)
        recipes.check_options(style, {**options, "page": "a4", "invert": True})
        assert "source" not in options and "page" not in options
    with pytest.raises(ValueError, match="levels is not for style mesh"):
        recipes.check_options("mesh", ["levels"])


def test_draw_is_the_whole_path():
    drawing = recipes.draw("horse", nodes=100, size=100, margin=0)
    assert (drawing.width, drawing.height) == (100, pytest.approx(82))
    again = recipes.draw("horse", nodes=100, size=100, margin=0)
    assert all(np.array_equal(a, b) for a, b in zip(drawing.layers[0].strokes, again.layers[0].strokes, strict=True))
    assert 150 < sum(len(stroke) - 1 for stroke in drawing.layers[0].strokes) < 350
    assert drawing.n_strokes < 50


@pytest.mark.parametrize("style", recipes.STYLES)
def test_inverted_is_the_drawing_of_the_negative(style):
    picture = np.tile(np.linspace(0, 255, 40).astype(np.uint8), (30, 1))
    inverted, of_negative, other = (
        export.render(recipes.draw(source, style, nodes=40, invert=invert), 60).tobytes()
        for source, invert in ((picture, True), (255 - picture, False), (picture, False))
    )
    assert inverted == of_negative != other


def test_inverted_points_are_the_others():
    mask = np.zeros((4, 5), bool)
    mask[1, 2:4] = True
    assert len(recipes.points_of(mask, blur=0, threshold=0.5).X) == 18
    assert recipes.points_of(mask, invert=True, blur=0, threshold=0.5).X.tolist() == [[2, -1], [3, -1]]


@pytest.mark.parametrize("name", recipes.PRESETS)
def test_presets_are_options_of_their_style(name):
    what, options = recipes.PRESETS[name]
    drawing = recipes.draw("horse", **{**options, "nodes": 60})
    assert what and drawing.n_strokes > 0
    assert {"page", "size"} & set(options)


@pytest.mark.parametrize(
    "style, options",
    [
        ("mesh", {"nodes": 40, "crop": (150, 30, 90, 80), "threshold": 0.4, "block_size": 11}),
        ("tone", {"nodes": 90, "pen": (0.3, 0.6), "levels": (0.1, 0.9), "page": "a5 landscape", "seed": 7}),
        ("glass", {"nodes": 30, "strokes_only": True, "invert": True, "retrace": True, "size": 90.5}),
    ],
)
def test_the_command_makes_the_drawing_again(tmp_path, style, options):
    drawing = recipes.draw("horse", style, **options)
    program, *arguments = shlex.split(drawing.command)
    assert program == "gng-fast" and f"--seed {options.get('seed', 0)}" in drawing.command
    out = tmp_path / "again.svg"
    assert main([*arguments, "-q", "-o", str(out)]) == 0
    assert out.read_text(encoding="utf-8") == export.to_svg(drawing)


def test_the_command_tells_names_and_no_folders(tmp_path, disc):
    Image.fromarray(np.tile(np.arange(0, 250, 5, dtype=np.uint8), (40, 1))).save(tmp_path / "a b\n.png")
    drawing = recipes.draw(tmp_path / "a b\n.png", "shape", nodes=30, seed=None, mask=tmp_path / "a b\n.png")
    assert drawing.command == "gng-fast draw 'a b?.png' --style shape --mask 'a b?.png' --nodes 30"
    drawing = recipes.draw(np.eye(9), "shape", nodes=9, callback=lambda *_: None)
    assert drawing.command == "gng-fast draw PICTURE --style shape --nodes 9 --seed 0"


def test_strokes_only():
    whole, strokes = (recipes.draw("horse", "glow", nodes=60, strokes_only=only) for only in (False, True))
    assert whole.background and not strokes.background and whole.n_strokes == strokes.n_strokes
    glass = recipes.draw("horse", "glass", nodes=30, strokes_only=True)
    assert glass.n_strokes and not glass.areas
    with pytest.raises(ValueError, match="style lowpoly draws areas alone"):
        recipes.draw("no such picture", "lowpoly", strokes_only=True)
    # all others leave something
    for style in set(recipes.STYLES) - {"lowpoly"}:
        assert recipes.draw("horse", style, nodes=60, strokes_only=True).n_strokes


@pytest.mark.parametrize("style", recipes.STYLES)
def test_detail_is_the_density_in_every_style(style):
    picture = np.tile(np.linspace(0, 255, 90).astype(np.uint8), (60, 1))
    nodes = recipes.defaults(style)["nodes"]
    fine, same = (
        recipes.make(picture, style, **options).graph for options in ({"detail": 0.05}, {"nodes": round(0.05 * nodes)})
    )
    assert fine == same
    with pytest.raises(ValueError, match="give nodes or detail, not both"):
        recipes.make(picture, style, nodes=20, detail=1)
    with pytest.raises(ValueError, match=r"detail must be in \(0, 100\], got 0"):
        recipes.make(picture, style, detail=0)


@pytest.mark.quick
def test_glow_in_few_colours():
    drawing = recipes.draw("chelsea", "glow", nodes=300, colours=3)
    assert len(drawing.layers) == 3
    with pytest.raises(ValueError, match=r"colours must be in \[1, 256\], got 0"):
        recipes.draw("chelsea", "glow", colours=0)


@pytest.mark.quick
def test_cmyk_has_a_pen_for_each_ink_and_shows_colours():
    picture = np.zeros((60, 120, 3), np.uint8)
    picture[:, :40], picture[:, 40:80], picture[:, 80:] = (230, 120, 60), (128, 128, 128), (15, 15, 15)
    drawing = recipes.draw(picture, "cmyk", nodes=1200)
    ink = {layer.label.split()[0]: layer for layer in drawing.layers}
    assert list(ink) == ["yellow", "magenta", "black"] and len(drawing.layers) == 3

    def length(name, left, right):
        strokes = np.concatenate([np.stack([stroke[:-1], stroke[1:]], axis=1) for stroke in ink[name].strokes])
        inside = (strokes[:, :, 0].mean(axis=1) > left) & (strokes[:, :, 0].mean(axis=1) < right)
        return np.linalg.norm(strokes[inside, 0] - strokes[inside, 1], axis=1).sum()

    # orange is magenta and yellow, with little black; grey is black
    assert min(length("yellow", 5, 60), length("magenta", 5, 60)) > 5 * length("black", 5, 60)
    assert length("black", 65, 180) > 5 * length("magenta", 65, 180)

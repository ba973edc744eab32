import json
import os
import pathlib
import subprocess
import sys
import warnings
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from commands import run

pytest.importorskip("PIL")
pytest.importorskip("skimage")

from PIL import Image

from gng_fast import recipes

FEW = ["--nodes", "60"]


@pytest.fixture
def photo(tmp_path):
    """A dark ring on white, 120 x 80."""
    y, x = np.mgrid[:80, :120]
    radius = np.hypot(x - 60, y - 40)
    Image.fromarray(np.where((radius > 15) & (radius < 30), 30, 240).astype("u1")).save(tmp_path / "ring.png")
    return tmp_path / "ring.png"


@pytest.mark.quick
@pytest.mark.parametrize("ending", [".svg", ".png", ".json", ".graphml", ".npz", ".SVG"])
def test_draw_writes_every_format(photo, tmp_path, capsys, ending):
    out = tmp_path / f"out{ending}"
    assert run("draw", photo, "-o", out, *FEW) == 0
    assert out.stat().st_size > 500
    said = capsys.readouterr()
    assert said.err == ""
    assert said.out.startswith(f"{out}: 60 nodes, ") and said.out.endswith(" s\n") and " px, " in said.out


def test_draw_without_image_is_the_portrait(tmp_path, capsys):
    assert run("draw", "-o", tmp_path / "a.svg") == 0
    assert "2400 nodes" in capsys.readouterr().out
    root = ElementTree.parse(tmp_path / "a.svg").getroot()
    assert (root.get("width"), root.get("height")) == ("180mm", "180mm")
    paths = root.findall(".//{http://www.w3.org/2000/svg}path")
    assert 400 < len(paths) < 800
    assert 5600 < sum(path.get("d").count("L") for path in paths) < 6100


@pytest.mark.quick
def test_same_seed_same_bytes(photo, tmp_path):
    for name, seed in ("a", 1), ("b", 1), ("c", 2):
        run("draw", photo, "-o", tmp_path / f"{name}.svg", "-q", "--seed", seed, *FEW)
    a, b, c = ((tmp_path / f"{name}.svg").read_bytes() for name in "abc")
    assert a == b != c


def size_of(path):
    root = ElementTree.parse(path).getroot()
    return root.get("width"), root.get("height")


def test_a_preset_fills_in_what_is_not_given(photo, tmp_path):
    out = tmp_path / "a.svg"
    assert run("draw", photo, "-o", out, "--preset", "plotter", *FEW) == 0
    assert size_of(out) == ("297mm", "210mm")
    assert "black 0.4 mm" in out.read_text()
    assert (
        run("draw", photo, "-o", out, "--preset", "plotter", "--pen", "0.7", "--size", "90", "--margin", "0", *FEW) == 0
    )
    assert size_of(out) == ("90mm", "60mm")
    assert "black 0.7 mm" in out.read_text()
    assert run("draw", photo, "-o", out, "--preset", "logo", "--page", "a5", *FEW) == 0
    assert size_of(out) == ("210mm", "148mm")


def test_invert_draws_what_is_light(photo, tmp_path, capsys):
    for extra in (), ("--invert",):
        assert run("draw", photo, "-o", tmp_path / "a.json", "--threshold", "0.5", "--blur", "0", *FEW, *extra) == 0
        x, y = np.array(json.loads((tmp_path / "a.json").read_text())["nodes"]).T
        in_ring = np.abs(np.hypot(x - 60, y + 40) - 22.5) < 8
        assert in_ring.all() if not extra else in_ring.mean() < 0.2


@pytest.mark.quick
def test_options_reach_their_steps(photo, tmp_path, capsys):
    assert (
        run(
            "draw",
            photo,
            "-o",
            tmp_path / "a.svg",
            "--crop",
            "50,0,70,80",
            "--threshold",
            "0.5",
            "--blur",
            "0",
            "--size",
            "100",
            "--margin",
            "0",
            "--pen",
            "0.5",
            "--variant",
            "neupy",
            *FEW,
        )
        == 0
    )
    root = ElementTree.parse(tmp_path / "a.svg").getroot()
    assert (root.get("width"), root.get("height")) == ("87.5mm", "100mm")
    assert root.find("{*}g").get("stroke-width") == "0.5"


def test_fewer_points_than_nodes(tmp_path, capsys):
    image = np.full((9, 9), 255, np.uint8)
    image[4, 3:6] = 0
    Image.fromarray(image).save(tmp_path / "dots.png")
    assert run("draw", tmp_path / "dots.png", "-o", tmp_path / "a.svg", "--blur", "0") == 0
    assert ": 3 nodes" in capsys.readouterr().out


def test_quiet(photo, tmp_path, capsys):
    assert run("draw", photo, "-o", tmp_path / "a.svg", "-q", *FEW) == 0
    assert capsys.readouterr() == ("", "")


@pytest.mark.quick
@pytest.mark.parametrize(
    "style, n_layers",
    [("mesh", 1), ("shape", 1), ("tone", 12), ("stipple", 8), ("glow", 24), ("cmyk", 4), ("glass", 3), ("lowpoly", 1)],
)
def test_every_style_fills_its_page(photo, tmp_path, capsys, style, n_layers):
    out = tmp_path / "a.svg"
    assert run("draw", photo, "-o", out, "--style", style, "--page", "A5", "--margin", "10", "--seed", "4", *FEW) == 0
    root = ElementTree.parse(out).getroot()
    assert (root.get("width"), root.get("height"), root.get("viewBox")) == ("210mm", "148mm", "0 0 210 148")
    assert 1 <= len(root.findall("{http://www.w3.org/2000/svg}g")) <= n_layers
    points = [
        pair.split(",")
        for path in root.iter("{http://www.w3.org/2000/svg}path")
        for pair in path.get("d")[1:].rstrip("Z").split("L")
    ]
    assert len(points) > 30
    x, y = np.array(points, float).T
    assert x.min() >= 10 and x.max() <= 200 and y.min() >= 10 and y.max() <= 138


def test_report_and_retrace(photo, tmp_path, capsys):
    assert run("draw", photo, "-o", tmp_path / "a.svg", "-q", "--retrace", "--report", *FEW) == 0
    assert capsys.readouterr().out.startswith("1 path")
    root = ElementTree.parse(tmp_path / "a.svg").getroot()
    assert len(root[0]) == 1


def test_pens_become_layers(photo, tmp_path):
    for pens, widths in ("2,5", {"2", "5"}), ("0.4", {"0.4"}):
        assert (
            run("draw", photo, "-o", tmp_path / "a.svg", "-q", "--style", "tone", "--pen", pens, "--nodes", "200") == 0
        )
        groups = ElementTree.parse(tmp_path / "a.svg").getroot().findall("{*}g")
        assert {group.get("stroke-width") for group in groups} == widths


def test_nothing_is_drawn_where_the_mask_is_black(photo, tmp_path):
    mask = np.zeros((40, 60), np.uint8)
    mask[:, :30] = 255  # half the size of the picture, and scaled to it
    Image.fromarray(mask).save(tmp_path / "mask.png")
    for style in "mesh", "tone":
        assert (
            run("draw", photo, "-o", tmp_path / "a.json", "-q", "--style", style, "--mask", tmp_path / "mask.png", *FEW)
            == 0
        )
        nodes = np.array(json.loads((tmp_path / "a.json").read_text())["nodes"])
        assert len(nodes) == 60 and nodes[:, 0].max() < 61


def test_animate(photo, tmp_path, capsys):
    assert run("animate", photo, "-o", tmp_path / "g.gif", "--frames", "5", "--pixels", "200", *FEW) == 0
    with Image.open(tmp_path / "g.gif") as gif:
        assert (gif.n_frames, gif.size) == (5, (200, 137))
    assert ": 60 nodes" in capsys.readouterr().out


@pytest.mark.quick
@pytest.mark.parametrize(
    "arguments, message",
    [
        (["draw", "nothing.png", "-o", "a.svg"], "nothing.png does not exist"),
        (["draw", "text.png", "-o", "a.svg"], "text.png is not an image that can be read"),
        (["draw", "white.png", "-o", "a.svg"], "the picture is all white"),
        (["draw", "ring.png", "-o", "a.bmp"], "cannot write 'a.bmp': the ending must be one of .svg"),
        (["draw", "ring.png", "-o", "missing/a.svg", *FEW], "cannot write 'missing/a.svg': its folder does not exist"),
        (["draw", "ring.png", "-o", "a.svg", "--nodes", "1"], "nodes must be in [2, 1073741824], got 1"),
        (["draw", "ring.png", "-o", "a.svg", "--epochs", "-1"], "epochs must be in (0, inf), got -1.0"),
        (["draw", "ring.png", "-o", "a.svg", "--seed", "-1"], "seed must be in [0, 18446744073709551615], got -1"),
        (["draw", "ring.png", "-o", "a.svg", "--lam", "0"], "lam must be in [1, inf), got 0"),
        (["draw", "ring.png", "-o", "a.svg", "--pen", "0", *FEW], "pen must be in (0, inf), got 0.0"),
        (
            ["draw", "ring.png", "-o", "a.svg", "--crop", "100,0,50,50"],
            "crop (left 100, top 0, width 50, height 50) does not lie",
        ),
        (["draw", "ring.png", "-o", "a.svg", "--threshold", "otso"], "threshold must be a number or one of auto"),
        (["draw", "ring.png", "-o", "a.png", "--pixels", "0", *FEW], "pixels must be in [1, 20000], got 0"),
        (
            ["draw", "ring.png", "-o", "a.svg", "--page", "b7", *FEW],
            "page must be WIDTHxHEIGHT in mm, cm, in or one of a0, a1, a2",
        ),
        (["draw", "ring.png", "-o", "a.svg", "--style", "tone", "--lam", "9"], "lam is not for style tone"),
        (["draw", "ring.png", "-o", "a.svg", "--style", "shape", "--levels", "0,1"], "levels is not for style shape"),
        (
            ["draw", "ring.png", "-o", "a.svg", "--style", "tone", "--levels", "1,0"],
            "levels must be two rising numbers in [0, 1]",
        ),
        (["draw", "white.png", "-o", "a.svg", "--style", "tone"], "the picture has no tone to draw"),
        (["draw", "white.png", "-o", "a.svg", "--style", "shape"], "the picture is all white"),
        (["draw", "ring.png", "-o", "a.svg", "--mask", "nothing.png", *FEW], "nothing.png does not exist"),
        (["draw", "ring.png", "-o", "a.svg", "--mask", "black.png", *FEW], "the mask is all black"),
        (["draw", "ring.png", "-o", "a.svg", "--pixels", "9", *FEW], "pixels is for .png and .gif, not for 'a.svg'"),
        (["animate", "ring.png", "-o", "a.svg"], "cannot write 'a.svg': the ending must be one of .gif, .png, .html"),
        (["animate", "ring.png", "-o", "a.gif", "--frames", "0"], "frames must be in [1, 1000], got 0"),
        (["animate", "ring.png", "-o", "a.gif", "--seconds", "nan"], "seconds must be in (0, inf), got nan"),
        (["animate", "ring.png", "-o", "a.gif", "--seconds", "-3"], "seconds must be in (0, inf), got -3.0"),
        (["animate", "ring.png", "-o", "a.html", "--pixels", "9"], "pixels is for .png and .gif, not for 'a.html'"),
        (["words", "ring.png", "-o", "a.svg", "--pixels", "9"], "pixels is for .png and .gif, not for 'a.svg'"),
        (["strokes", "ring.png", "-o", "a.svg", "--pixels", "9"], "pixels is for .png and .gif, not for 'a.svg'"),
        (
            ["words", "ring.png", "-o", "a.json", "--boxes", "./a.json"],
            "boxes must not be the file of the drawing, got",
        ),
        (["animate", "ring.png", "-o", "a.gif", "--style", "cmyk"], "style cmyk cannot be shown growing"),
    ],
)
def test_errors_are_one_line(photo, tmp_path, monkeypatch, capsys, arguments, message):
    monkeypatch.chdir(tmp_path)
    pathlib.Path("text.png").write_text("no image")
    Image.new("L", (20, 20), 255).save("white.png")
    Image.new("L", (20, 20), 0).save("black.png")
    assert run(*arguments) == 1
    said = capsys.readouterr()
    assert said.err.startswith(f"gng-fast: {message}") and said.err.count("\n") == 1
    assert said.out == ""
    assert not list(pathlib.Path().glob("a.*"))


@pytest.mark.parametrize(
    "arguments",
    [
        ["draw"],
        ["draw", "-o"],
        ["paint"],
        ["draw", "-o", "a.svg", "--nodes", "many"],
        ["draw", "-o", "a.svg", "--crop", "1,2"],
        ["draw", "-o", "a.svg", "--variant", "x"],
        ["draw", "-o", "a.svg", "--threshold", "nan"],
        ["draw", "-o", "a.svg", "--colour"],
        ["draw", "-o", "a.svg", "--style", "oil"],
        ["draw", "-o", "a.svg", "--pen", "thick"],
        ["draw", "-o", "a.svg", "--pen", "0-1"],
        ["draw", "-o", "a.svg", "--levels", "0.2"],
        ["draw", "-o", "a.svg", "--size", "90", "--page", "a4"],
        ["draw", "-o", "a.svg", "--style", "oil\npaint"],
        ["draw", "-o", "a.svg", "--nodes", "9\n9"],
        ["paint\nall"],
    ],
)
def test_usage_errors_are_one_line(capsys, arguments):
    assert run(*arguments) == 2
    said = capsys.readouterr()
    assert said.err.startswith("gng-fast") and said.err.count("\n") == 1 and "--help)" in said.err


def test_a_warning_is_one_line_in_the_words_of_the_options(photo, tmp_path, capsys):
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        assert run("draw", photo, "-o", tmp_path / "a.svg", "-q", "--epochs", "0.1") == 0
    said = capsys.readouterr()
    assert said.out == "" and (tmp_path / "a.svg").exists()
    assert said.err == (
        "gng-fast: warning: the network has 4 of --nodes = 2100 nodes after 210 signals, since one grows every "
        "--lam = 100: raise --epochs to 100, or lower --nodes to 4\n"
    )


@pytest.mark.parametrize("filters", [[], ["-W", "ignore"]])
def test_a_warning_shows_no_line_of_code(photo, tmp_path, filters):
    done = subprocess.run(
        [sys.executable, *filters, "-m", "gng_fast", "draw", photo, "-o", tmp_path / "a.svg", "--epochs", "0.1"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0
    lines = done.stderr.splitlines()
    assert [line.startswith("gng-fast: warning: the network has") for line in lines] == ([] if filters else [True])


@pytest.mark.parametrize("epochs, code", [("0.1", 1), ("100", 0)])
def test_where_warnings_are_errors_they_are_one_line_too(photo, tmp_path, epochs, code):
    out = tmp_path / "a.svg"
    command = [sys.executable, "-W", "error", "-m", "gng_fast", "draw", photo, "-q", "--epochs", epochs, "-o", out]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, out.exists()) == (code, "", not code)
    expected = (
        "gng-fast: the network has 4 of --nodes = 2100 nodes after 210 signals, since one grows every "
        "--lam = 100: raise --epochs to 100, or lower --nodes to 4\n"
    )
    assert done.stderr == (expected if code else "")


def test_an_existing_file_survives_an_error(photo, tmp_path, monkeypatch):
    out = tmp_path / "a.svg"
    out.write_text("precious")

    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(recipes, "make", interrupted)
    assert run("draw", photo, "-o", out) == 130
    assert run("draw", photo, "-o", out, "--pen", "0") == 130
    assert out.read_text() == "precious"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.svg", "ring.png"]


@pytest.mark.parametrize("name", ["ring.png", "./ring.png", "symbolic.png", "hard.png"])
def test_the_picture_is_not_overwritten(photo, tmp_path, monkeypatch, capsys, name):
    monkeypatch.chdir(tmp_path)
    pathlib.Path("symbolic.png").symlink_to("ring.png")
    os.link("ring.png", "hard.png")
    Image.new("L", (20, 20), 255).save("other.png")
    before = photo.read_bytes()
    for arguments in (
        ["draw", "ring.png", "-o", name],
        ["draw", "other.png", "-o", name, "--mask", "ring.png"],
        ["animate", "ring.png", "-o", name],
        ["words", "ring.png", "-o", name],
        ["words", "ring.png", "--boxes", name],
        ["strokes", "ring.png", "-o", name],
    ):
        assert run(*arguments) == 1
        assert capsys.readouterr() == ("", f"gng-fast: cannot write '{name}': it is a picture that is read\n")
        assert photo.read_bytes() == before and pathlib.Path("symbolic.png").is_symlink()


@pytest.mark.parametrize(
    "arguments",
    [["draw", "-o"], ["animate", "-o"], ["words", "-o"], ["words", "--boxes"], ["strokes", "-o"]],
    ids=" ".join,
)
def test_a_file_that_cannot_be_written_is_refused_before_the_work(photo, tmp_path, monkeypatch, capsys, arguments):
    """The picture, which is not there, is not even looked for."""
    monkeypatch.chdir(tmp_path)
    command, option = arguments
    pathlib.Path("folder.png").mkdir()
    pathlib.Path("dangling.png").symlink_to("none/a.png")
    for out, reason in (
        ("none/a.png", "its folder does not exist"),
        ("folder.png", "it is a folder"),
        ("dangling.png", "its folder does not exist"),
        ("ring.png/a.png", "Not a directory"),
    ):
        assert run(command, "nothing.png", option, out) == 1
        assert capsys.readouterr() == ("", f"gng-fast: cannot write '{out}': {reason}\n")
    assert run(command, "nothing.png", option, "new.png") == 1
    assert "nothing.png does not exist" in capsys.readouterr().err


def test_a_built_in_picture_is_no_file(tmp_path, monkeypatch):
    """A drawing may be called as the picture is."""
    monkeypatch.chdir(tmp_path)
    assert run("draw", "horse", "-o", "horse.svg", "-q", *FEW) == 0
    assert run("draw", "horse", "-o", "horse.svg", "-q", *FEW) == 0


def help_of(command, capsys):
    assert run(command, "--help") == 0
    return " ".join(capsys.readouterr().out.split())


def test_help_names_the_defaults_of_the_recipes(monkeypatch, capsys):
    text = help_of("draw", capsys)
    for default in (
        "2400 for mesh;", "1200 for shape;", "1300 for glass;", "(for mesh only; default 0.005)", "(default 180)",
        "(default 1200)", "0.6 for mesh and shape;", "250000 for cmyk)", "(default 0)", "(for tone and stipple only;",
    ):  # fmt: skip
        assert default in text, default

    def toy(source, *, nodes=4242, eps_b=0.125):
        raise NotImplementedError

    monkeypatch.setitem(recipes.STYLES, "toy", toy)
    text = help_of("draw", capsys)
    assert "4242 for toy" in text and "(default 0.2 for mesh; 0.125 for toy)" in text
    text = help_of("animate", capsys)
    assert "(default 60)" in text and "at most 1000" in text
    assert "(default two)" in help_of("words", capsys) and "(default 5)" in help_of("strokes", capsys)


def test_as_a_module(photo, tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "gng_fast", "draw", photo, "-o", tmp_path / "a.svg", *FEW],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    done = subprocess.run([sys.executable, "-m", "gng_fast", "--version"], capture_output=True, text=True, check=False)
    assert done.stdout.startswith("gng-fast ")
    environment = {**os.environ, "GNG_FAST_ISA": "mmx"}
    done = subprocess.run(
        [sys.executable, "-m", "gng_fast", "draw", photo, "-o", tmp_path / "b.svg"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr.count("\n")) == (1, 1) and "got 'mmx'" in done.stderr


@pytest.mark.quick
@pytest.mark.parametrize(
    "arguments, message",
    [
        (["drwa"], "gng-fast: no such command 'drwa', did you mean 'draw'? (see gng-fast --help)"),
        (["zzz"], "gng-fast: no such command 'zzz' (see gng-fast --help)"),
        (["--verison"], "gng-fast: no such option '--verison', did you mean '--version'? (see gng-fast --help)"),
        (["draw", "--noeds", "9"], "gng-fast draw: no such option '--noeds', did you mean '--nodes'? (see gng-fast"),
        (["draw", "--style", "stiple"], "got 'stiple', did you mean 'stipple'? (see gng-fast draw --help)"),
        (["draw", "--preset", "ploter"], "got 'ploter', did you mean 'plotter'? (see gng-fast draw --help)"),
        (["draw", "--nodes"], "gng-fast draw: option '--nodes' requires an argument (see gng-fast draw --help)"),
        (["draw"], "gng-fast draw: missing option '-o' / '--out' (see gng-fast draw --help)"),
        (["words"], "gng-fast words: missing argument 'IMAGE...' (see gng-fast words --help)"),
    ],
)
def test_typing_errors_get_advice(capsys, arguments, message):
    assert run(*arguments) == 2
    said = capsys.readouterr()
    assert message in said.err and said.err.count("\n") == 1 and said.out == ""


@pytest.mark.quick
def test_without_arguments_there_is_help(capsys):
    assert run() == 2
    said = capsys.readouterr()
    assert said.err.startswith("Usage: gng-fast") and "draw        draw a picture" in said.err and said.out == ""
    assert run("--help") == 0
    assert capsys.readouterr() == (said.err, "")


@pytest.mark.quick
@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["drwa"]])
def test_what_needs_no_libraries_imports_none(arguments):
    script = (
        f"import sys; from gng_fast.cli import main; main({arguments}); "
        "print(*{name.partition('.')[0] for name in sys.modules} & {'numpy', 'scipy', 'skimage', 'PIL', 'matplotlib'})"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == ""


@pytest.mark.quick
def test_options_are_shown_in_groups(capsys):
    assert run("draw", "--help") == 0
    titles = [line[:-1] for line in capsys.readouterr().out.splitlines() if line.endswith(":") and line[0] != " "]
    assert titles == ["arguments", "options", "style", "picture", "training", "page", "plotting"]


@pytest.mark.quick
def test_help_of_a_style_shows_what_that_has(capsys):
    assert run("draw", "--style", "tone", "--help") == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "(default 9000)" in text and "--levels" in text and " for " in text
    for other in "--eps-b", "--threshold", "2400", "for mesh":
        assert other not in text, other
    assert run("draw", "--help") == 0
    assert "--eps-b" in capsys.readouterr().out

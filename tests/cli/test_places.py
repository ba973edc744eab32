"""Standard input and output, folders and patterns, several pictures, options from a file, the command that repeats."""

import io
import os
import pathlib
import shlex
import subprocess
import sys

import numpy as np
import pytest
from commands import run

pytest.importorskip("PIL")
pytest.importorskip("skimage")

from PIL import Image

from gng_fast import image

FEW = ["--nodes", "60"]


def piped(*arguments, data=b""):
    """The exit code and both outputs, in bytes, of a command in a process of its own."""
    command = [sys.executable, "-m", "gng_fast", *map(str, arguments)]
    done = subprocess.run(command, input=data, capture_output=True, check=False)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """The folder that the command line runs in, with rings of three sizes."""
    monkeypatch.chdir(tmp_path)
    y, x = np.mgrid[:80, :120]
    for name, size in ("a", 20), ("b", 25), ("c", 30):
        radius = np.hypot(x - 60, y - 40)
        Image.fromarray(np.where((radius > 10) & (radius < size), 30, 240).astype("u1")).save(f"{name}.png")
    return tmp_path


def names():
    return sorted(os.listdir())


@pytest.mark.quick
def test_from_standard_input_to_standard_output():
    data = pathlib.Path("a.png").read_bytes()
    for arguments, start in (
        (["draw", "-", "-o", "-", *FEW], b"<svg "),
        (["draw", "-", "-o", "-", "--format", "png", *FEW], b"\x89PNG"),
        (["draw", "-", "-o", "-", "--format", "npz", "--report", *FEW], b"PK"),
        (["animate", "-", "-o", "-", "--frames", "2", *FEW], b"GIF89a"),
        (["strokes", "-", "-o", "-"], b"<svg "),
    ):
        code, out, err = piped(*arguments, data=data)
        assert code == 0 and out.startswith(start) and err.startswith(b"standard output: ")
    assert piped("draw", "-", "-o", "-", "-q", *FEW, data=data)[2] == b""
    assert piped("words", "-", data=data)[1].strip().isdigit()


@pytest.mark.quick
def test_standard_output_holds_the_bytes_of_a_file():
    assert run("draw", "a.png", "-o", "a.json", "-q", *FEW) == 0
    data = pathlib.Path("a.png").read_bytes()
    _, out, _ = piped("draw", "-", "-o", "-", "--format", "json", "-q", *FEW, data=data)
    assert out == pathlib.Path("a.json").read_bytes()


@pytest.mark.quick
@pytest.mark.parametrize(
    "data, message",
    [
        (b"", "standard input is empty"),
        (b"no image", "standard input is not an image that can be read"),
        (b"\x89PNG\r\n\x1a\n", "standard input is"),
    ],
)
def test_what_is_wrong_with_standard_input_is_one_line(data, message):
    code, out, err = piped("draw", "-", "-o", "-", data=data)
    assert (code, out, err.count(b"\n")) == (1, b"", 1) and err.decode().startswith(f"gng-fast: {message}")


@pytest.mark.quick
def test_an_open_file_is_a_picture():
    expected = image.load("a.png")
    with open("a.png", "rb") as file:
        assert (image.load(file) == expected).all()
    assert (image.load(io.BytesIO(pathlib.Path("a.png").read_bytes())) == expected).all()


def test_several_pictures_go_into_a_folder_as_each_alone(capfd):
    assert run("draw", "a.png", "b.png", "horse", "-o", "out/", "--jobs", "2", "--pen", "0.7", *FEW) == 0
    said = capfd.readouterr()
    assert [line.partition(":")[0] for line in said.out.splitlines()] == [
        "out/a.svg",
        "out/b.svg",
        "out/horse.svg",
    ]
    assert said.err == "" and sorted(os.listdir("out")) == ["a.svg", "b.svg", "horse.svg"]
    assert run("draw", "b.png", "-o", "one.svg", "-q", "--pen", "0.7", *FEW) == 0
    assert pathlib.Path("one.svg").read_bytes() == pathlib.Path("out/b.svg").read_bytes()


def test_several_pictures_go_by_a_pattern_and_one_that_fails_is_said(capfd):
    before = pathlib.Path("a.png").read_bytes()
    pathlib.Path("bad.png").write_text("no image")
    assert run("draw", "a.png", "bad.png", "-o", "{name}-net.json", "-q", *FEW) == 1
    assert capfd.readouterr() == (
        "",
        "gng-fast: bad.png is not an image that can be read\ngng-fast: 1 of 2 pictures could not be drawn\n",
    )
    assert names() == ["a-net.json", "a.png", "b.png", "bad.png", "c.png"]
    assert pathlib.Path("a.png").read_bytes() == before


def test_the_words_and_strokes_of_several_pictures_are_those_of_each(capfd):
    write = Image.new("L", (120, 40), 255)
    for left in (8, 20, 32, 80, 92):  # two words of a few high letters
        write.paste(0, (left, 10, left + 3, 30))
        write.paste(0, (left, 10, left + 8, 13))
    write.save("text.png")
    assert run("words", "text.png", "-o", "one.svg", "-q") == 0
    alone = capfd.readouterr().out
    assert run("words", "text.png", "a.png", "-o", "out/", "--boxes", "{name}.json", "--jobs", "2") == 0
    said = capfd.readouterr()
    lines = said.out.splitlines()
    assert lines[0] == f"text.png: {alone.strip()}" and lines[1].startswith("a.png: ") and len(lines) == 2
    assert said.err == "" and sorted(os.listdir("out")) == ["a.svg", "text.svg"]
    assert pathlib.Path("one.svg").read_bytes() == pathlib.Path("out/text.svg").read_bytes()
    assert {"a.json", "text.json"} < set(names())
    assert run("strokes", "a.png", "b.png", "-o", "{name}.out.svg", "--jobs", "2") == 0
    assert [line.partition(":")[0] for line in capfd.readouterr().out.splitlines()] == ["a.out.svg", "b.out.svg"]
    assert run("strokes", "b.png", "-o", "alone.svg", "-q") == 0
    assert pathlib.Path("alone.svg").read_bytes() == pathlib.Path("b.out.svg").read_bytes()


def test_what_is_said_of_several_pictures_comes_in_their_order(capfd):
    pathlib.Path("bad.png").write_text("no image")
    assert run("words", "bad.png", "a.png", "b.png", "--jobs", "3") == 1
    said = capfd.readouterr()
    assert [line.partition(":")[0] for line in said.out.splitlines()] == ["a.png", "b.png"]
    assert said.err == (
        "gng-fast: bad.png is not an image that can be read\ngng-fast: 1 of 3 pictures could not be read\n"
    )
    for command in (["words", "a.png", "-"], ["words", "a.png", "b.png", "-o", "x.svg"], ["words", "a.png", "a.png"]):
        assert run(*command, "--boxes", "y.json") == 1
    assert names() == ["a.png", "b.png", "bad.png", "c.png"]


@pytest.mark.quick
def test_one_picture_goes_into_a_folder_too():
    os.mkdir("there")
    assert run("draw", "a.png", "-o", "there", "-q", "--format", "json", *FEW) == 0
    assert run("draw", "a.png", "-o", "new/deep/", "-q", *FEW) == 0
    assert os.listdir("there") == ["a.json"] and os.listdir("new/deep") == ["a.svg"]


@pytest.mark.quick
@pytest.mark.parametrize(
    "arguments, message",
    [
        (["a.png", "b.png", "-o", "x.svg"], "out must be a folder/ or have {name} in it for 2 pictures, got 'x.svg'"),
        (["a.png", "b.png", "-o", "-"], "out must be a folder/ or have {name} in it for 2 pictures, got '-'"),
        (["a.png", "-", "-o", "x/"], "standard input is one picture"),
        (["a.png", "./a.png", "-o", "x/"], "'a.png' and './a.png' would both be drawn as 'x/a.svg'"),
        (["a.png", "b.png", "-o", "{name}.png"], "cannot write 'a.png': it is a picture that is read"),
        (["a.png", "b.png", "-o", "./", "--format", "png"], "cannot write './a.png': it is a picture that is read"),
        (["c.png", "--mask", "a.png", "-o", "a.png"], "cannot write 'a.png': it is a picture that is read"),
        (["a.png", "-o", "x.svg", "--format", "png"], "format must be that of 'x.svg', got png"),
        (["a.png", "-o", "x/", "--pixels", "9"], "pixels is for .png and .gif, not for 'x/'"),
        (["a.png", "b.png", "-o", "x/", "--jobs", "0"], "jobs must be in [1, 1024], got 0"),
        (["a.png", "-o", "b.png/x/"], "cannot make the folder 'b.png/x/': Not a directory"),
        (["-", "-o", "x.svg", "--mask", "no.png"], "no.png does not exist"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_places_that_cannot_be_are_refused(capfd, monkeypatch, arguments, message):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(pathlib.Path("a.png").read_bytes())))
    before = {name: pathlib.Path(name).read_bytes() for name in names()}
    assert run("draw", *arguments) == 1
    said = capfd.readouterr()
    assert said.err.startswith(f"gng-fast: {message}") and said.err.count("\n") == 1 and said.out == ""
    assert {name: pathlib.Path(name).read_bytes() for name in names() if os.path.isfile(name)} == before


@pytest.mark.quick
def test_no_clobber_keeps_what_is_there(capsys):
    pathlib.Path("x.svg").write_text("precious")
    pathlib.Path("x.json").symlink_to("nowhere")
    for command, option, out in (
        ("draw", "-o", "x.svg"),
        ("draw", "-o", "x.json"),
        ("words", "-o", "x.svg"),
        ("words", "--boxes", "x.svg"),
        ("strokes", "-o", "x.svg"),
    ):
        assert run(command, "a.png", option, out, "--no-clobber") == 1
        assert capsys.readouterr().err == f"gng-fast: cannot write '{out}': it is there already (--no-clobber)\n"
    assert pathlib.Path("x.svg").read_text() == "precious" and os.path.islink("x.json")
    assert run("draw", "a.png", "-o", "x.svg", "-q", "--no-clobber", "--force", *FEW) == 0
    assert pathlib.Path("x.svg").read_text().startswith("<svg")


@pytest.mark.quick
def test_options_from_a_file_come_after_those_given(capsys):
    pathlib.Path("x.toml").write_text(
        'nodes = 50\n[draw]\npen = [0.3, 0.8]\nstyle = "tone"\nmax-pixels = 5000\nquiet = true\npage = "a5"\n'
        '[words]\nhyphen = "one"\n'
    )
    assert run("draw", "a.png", "-o", "x.svg", "--config", "x.toml", "--nodes", "70", "--report") == 0
    repeated = capsys.readouterr().out.splitlines()[-1]
    assert repeated == (
        "gng-fast draw a.png --style tone --max-pixels 5000 --nodes 70 --page a5 --pen 0.3,0.8 --seed 0 -o x.svg"
    )
    # of two that exclude each other, the one that is given
    assert run("draw", "a.png", "-o", "x.svg", "--config", "x.toml", "--size", "90") == 0
    assert 'width="90mm"' in pathlib.Path("x.svg").read_text()
    pathlib.Path("y.toml").write_text('out = "y.json"\nforce = false\n')
    assert run("draw", "a.png", "--config", "y.toml", *FEW) == 0
    assert run("draw", "a.png", "--config", "y.toml", *FEW) == 1
    assert run("draw", "a.png", "--config", "y.toml", "--force", *FEW) == 0
    # a switch that is off is as good as none, for several pictures too
    pathlib.Path("z.toml").write_text("invert = false\nretrace = false\n")
    os.link("a.png", "again.png")
    assert run("draw", "a.png", "again.png", "-o", "both/", "--config", "z.toml", *FEW) == 0


@pytest.mark.quick
@pytest.mark.parametrize(
    "content, message",
    [
        ("noeds = 3", "noeds in 'x.toml' is no option of draw, did you mean 'nodes'?"),
        ("[drwa]", "[drwa] in 'x.toml' is no command, did you mean 'draw'?"),
        ("[draw]\nimages = 'a.png'", "images in 'x.toml' is no option of draw"),
        ("config = 'y.toml'", "config in 'x.toml' is no option of draw"),
        ("invert = 3", "invert in 'x.toml' must be true or false, got 3"),
        ("nodes = true", "nodes in 'x.toml' must be a number, a word or a list of numbers, got True"),
        ("nodes = 1979-05-27", "nodes in 'x.toml' must be a number"),
        ("pen = []", "pen in 'x.toml' must be a number"),
        ("nodes = 2.5", "--nodes must be a whole number, got '2.5'"),
        ("style = 'mehs'", "--style must be one of"),
        ("nodes = ", "cannot read 'x.toml': Invalid value"),
    ],
)
def test_what_is_wrong_with_a_file_of_options_is_named(capsys, content, message):
    pathlib.Path("x.toml").write_text(content)
    assert run("draw", "a.png", "-o", "x.svg", "--config", "x.toml") == 2
    said = capsys.readouterr()
    assert said.err.startswith(f"gng-fast draw: {message}") and said.err.count("\n") == 1
    assert not os.path.exists("x.svg")


@pytest.mark.quick
def test_a_file_of_options_that_is_not_there_is_one_line(capsys):
    assert run("draw", "a.png", "-o", "x.svg", "--config", "no.toml") == 1
    assert capsys.readouterr().err == "gng-fast: cannot read 'no.toml': No such file or directory\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["a.png", "--preset", "plotter", "--nodes", "90", "--retrace", "--invert"],
        ["a.png", "--style", "tone", "--pen", "0.1-1.2", "--levels", "0.1,0.9", "--seed", "7", *FEW],
        ["a.png", "--crop", "10,10,100,60", "--frame", "0", "--threshold", "0.5", "--offset", "-0.05", *FEW],
        ["-- odd 'name.png", *FEW],
    ],
)
def test_the_command_that_is_printed_repeats_the_drawing(capsys, arguments):
    os.link("a.png", "-- odd 'name.png")
    picture, *options = arguments
    assert run("draw", "-o", "x.svg", "--report", "-q", *options, "--", picture) == 0
    program, *repeated = shlex.split(capsys.readouterr().out.splitlines()[-1])
    assert program == "gng-fast" and not {"--preset", "--report"} & set(repeated)
    first = pathlib.Path("x.svg").read_bytes()
    os.unlink("x.svg")
    assert run(repeated[0], "-q", *repeated[1:]) == 0
    assert pathlib.Path("x.svg").read_bytes() == first

"""What a page is told: ink, growth and drawings, and files that are those of the command line."""

import http.client
import io
import shlex
import signal
import threading
import time

import numpy as np
import pytest

pytest.importorskip("websockets")
pytest.importorskip("PIL")

from PIL import Image
from studio_pages import LivePage
from websockets.exceptions import ConnectionClosed

from gng_fast import cli, image, recipes
from gng_fast.art.recipes.cmyk import INKS

FEW = {"nodes": 60}


@pytest.fixture
def page(program):
    with LivePage(program.url) as opened:
        yield opened


@pytest.fixture(scope="module")
def photo():
    """A dark ring and a grey disc on white, 120 x 80, with some colour, as the bytes of a PNG."""
    y, x = np.mgrid[:80, :120]
    radius = np.hypot(x - 60, y - 40)
    grey = np.where((radius > 15) & (radius < 30), 30, np.where(radius < 10, 120, 240)) + x % 7
    return png_of(np.stack([grey, grey, np.minimum(255, grey + 15)], axis=2).astype("u1"))


def png_of(array):
    buffer = io.BytesIO()
    Image.fromarray(array).save(buffer, "PNG")
    return buffer.getvalue()


def pixels_of(data):
    return np.asarray(Image.open(io.BytesIO(data)))


def post(program, page, what, data, name="ring of ink.png"):
    address = f"pages/{page.number}/{what}?serial=99&name={name.replace(' ', '%20')}"
    assert program.ask(address, "POST", data, origin=f"http://{program.host}") == (204, "")
    return page.hear(what, serial=99)


def download(program, page, ending):
    """The bytes of a file."""
    connection = http.client.HTTPConnection("127.0.0.1", program.port, timeout=60)
    connection.request("GET", f"/{program.token}/pages/{page.number}/drawing{ending}")
    answer = connection.getresponse()
    data = answer.read()
    connection.close()
    assert answer.status == 200, data
    return data


STYLES = {
    "mesh": {"options": {"detail": 0.05, "margin": 10, "offset": 0.05}},
    "shape": {"options": {**FEW, "pen": 0.5, "crop": [5, 3, 100, 70]}},
    "tone": {"options": {**FEW, "pen": [0.2, 0.4], "page": "a6-landscape", "levels": [0.1, 0.8]}, "masked": True},
    "stipple": {"options": {**FEW, "line": True, "seed": 3}},
    "lowpoly": {"options": {**FEW, "size": 77}},
    "glass": {"options": {**FEW, "blur": 2}},
    "glow": {"options": {**FEW, "colours": 3, "retrace": True}},
    "cmyk": {"options": {**FEW, "invert": True, "strokes_only": True}},
}


@pytest.mark.parametrize("style", recipes.STYLES)
def test_files_are_those_of_the_command_and_of_the_python_that_the_page_shows(
    program, page, photo, tmp_path, monkeypatch, style
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ring of ink.png").write_bytes(photo)
    half = np.full((40, 60), 255, "u1")
    half[:, 40:] = 0
    (tmp_path / "mask.png").write_bytes(png_of(half))
    post(program, page, "picture", photo)
    post(program, page, "mask", png_of(half))
    made = page.draw(style=style, **STYLES[style])
    assert made["kind"] == "drawing", made
    svg = download(program, page, ".svg")
    assert cli.main([*shlex.split(made["command"])[1:], "-q"]) == 0
    assert (tmp_path / "ring of ink.svg").read_bytes() == svg
    (tmp_path / "ring of ink.svg").unlink()
    exec(made["python"], {})
    assert (tmp_path / "ring of ink.svg").read_bytes() == svg
    assert ("mask.png" in made["command"]) == STYLES[style].get("masked", False)
    for ending in (".png", ".json", ".npz"):
        words = shlex.split(made["command"].replace("ring of ink.svg", f"copy{ending}"))
        assert cli.main([*words[1:], "-q"]) == 0
        assert (tmp_path / f"copy{ending}").read_bytes() == download(program, page, ending)


def test_animations_are_those_of_animate(program, page, photo, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ring.png").write_bytes(photo)
    post(program, page, "picture", photo, "ring.png")
    page.draw(style="mesh", options={"nodes": 30})
    for ending, query, own in (".gif", "?pixels=40", ["--pixels", "40"]), (".html", "", []):
        assert cli.main(["animate", "ring.png", "--nodes", "30", "-o", f"a{ending}", "-q", *own]) == 0
        assert (tmp_path / f"a{ending}").read_bytes() == download(program, page, f"{ending}{query}")


@pytest.mark.parametrize("mode, picture", [("words", "page"), ("strokes", "text")])
def test_writing(program, page, tmp_path, monkeypatch, mode, picture):
    monkeypatch.chdir(tmp_path)
    page.open(picture)
    own = {"crop": [0, 0, 200, 60], "hyphen": "one"} if mode == "words" else {"pen": 0.7, "crop": [0, 100, 448, 72]}
    made = page.draw(mode=mode, options={"margin": 3, **own})
    assert made["kind"] == "drawing", made
    assert ("words" in made) == (mode == "words")
    svg = download(program, page, ".svg")
    assert cli.main([*shlex.split(made["command"])[1:], "-q"]) == 0
    assert (tmp_path / f"{picture}.svg").read_bytes() == svg
    (tmp_path / f"{picture}.svg").unlink()
    exec(made["python"], {})
    assert (tmp_path / f"{picture}.svg").read_bytes() == svg
    status, text = program.ask(f"pages/{page.number}/drawing.gif")
    assert (status, text) == (409, "refused: words and handwriting cannot be shown growing\n")


@pytest.mark.parametrize("threshold", [*image.THRESHOLDS, 0.4])
@pytest.mark.parametrize("offset", [0.0, 0.07, -0.1])
def test_the_ink_is_what_is_drawn(program, page, photo, threshold, offset):
    post(program, page, "picture", photo)
    options = {"threshold": threshold, "offset": offset, "blur": 1.1, "block_size": 21}
    for want in ("ink", "exact"):
        told = page.hear("ink", serial=page.ask("set", options=options, want=want))
        X, shape = image.dark_points(pixels_of(photo), **options)
        mask = np.zeros(shape, bool)
        mask[-X[:, 1].astype(int), X[:, 0].astype(int)] = True
        # local thresholds are found once for all offsets, which rounds otherwise
        assert np.count_nonzero((pixels_of(told["data"]) < 128) != mask) <= (2 if threshold != "otsu" else 0)
    assert told["page"] == pytest.approx([180, 370 / 3]) and told["share"] == pytest.approx(mask.mean(), abs=1e-3)


def parts_of(told):
    """The outlines of the areas, and the lines of each layer, of a frame."""
    data, offset = told["data"], 0

    def lines_of(part):
        nonlocal offset
        lengths = np.frombuffer(data, "<u4", part["lines"], offset)
        offset += lengths.nbytes
        points = np.frombuffer(data, "<f4", 2 * part["points"], offset).reshape(-1, 2)
        offset += points.nbytes
        assert lengths.sum() == len(points)
        return np.split(points, np.cumsum(lengths)[:-1]) if len(lengths) else []

    areas = lines_of(told["areas"])
    layers = [np.array(lines_of(layer)) for layer in told["layers"]]
    assert offset == len(data)
    return areas, layers


@pytest.mark.parametrize("style", recipes.STYLES)
def test_growth_is_shown_in_the_pens_and_colours_of_the_style(program, page, style):
    y, x = np.mgrid[:80, :120]
    red = np.stack([np.where(x < 60, 250, 245), 240 - 2 * x, 240 - 3 * y], axis=2).astype("u1")
    post(program, page, "picture", png_of(red), "red.png")
    serial = page.ask("set", style=style, options={"nodes": 400} | ({"threshold": 0.9} if style == "shape" else {}))
    frame = page.hear("frame", "failed", serial=serial)
    assert frame["kind"] == "frame", frame
    drawing = page.hear("drawing", serial=serial)
    assert frame["page"] == pytest.approx(drawing["page"]) and frame["background"] == drawing["background"]
    areas, layers = parts_of(frame)
    assert bool(areas) == bool(drawing["areas"]["lines"]) and bool(layers) == bool(drawing["layers"])
    assert len(areas) == len(frame["areas"]["colours"])
    if style in ("glow", "lowpoly", "glass"):
        colours = frame["areas"]["colours"] or [layer["colour"] for layer in frame["layers"]]
        red, green, blue = np.array([[int(each[i : i + 2], 16) for i in (1, 3, 5)] for each in colours]).T
        assert (red >= green).all() and (red >= blue).all() and len(set(colours)) > 3
    else:
        assert {layer["colour"] for layer in frame["layers"]} <= {layer["colour"] for layer in drawing["layers"]}
    if style in ("mesh", "shape"):
        assert frame["layers"][0]["pen"] == drawing["layers"][0]["pen"]


def test_inks_grow_one_over_the_other_and_grey_in_black_alone(page):
    page.open("coffee")
    colours = set()
    serial = page.ask("set", style="cmyk", options={"nodes": 4000})
    while (told := page.hear("frame", "drawing", serial=serial))["kind"] == "frame":
        colours.add(tuple(layer["colour"] for layer in told["layers"]))
    inks = list(INKS.values())
    assert colours and all(each == tuple(inks[: len(each)]) for each in colours)
    page.open("camera")
    frame = page.hear("frame", serial=page.ask("set", style="cmyk"))
    assert [layer["colour"] for layer in frame["layers"]] == ["#000000"]


def test_growth_is_told_and_a_new_setting_stops_it(page):
    page.open("coffee")
    first = page.ask("set", style="tone", options={"nodes": 60000})
    frames = [page.hear("frame", serial=first) for _ in range(3)]
    assert 0 < frames[0]["nodes"] <= frames[1]["nodes"] <= frames[2]["nodes"]
    for frame in frames:
        areas, layers = parts_of(frame)
        assert areas == [] and len(layers) > 3
        for lines in layers:
            assert lines.shape[1:] == (2, 2) and (lines >= 0).all() and (lines <= frame["page"]).all()
        assert sum(map(len, layers)) > frame["nodes"] / 2
    second = page.ask("set", style="mesh", options=FEW)
    kinds = []
    while True:
        told = page.next()
        kinds.append((told["kind"], told["serial"]))
        if told["kind"] == "stopped":
            assert told["serial"] == first
        if told["kind"] == "drawing":
            break
    assert told["serial"] == second
    assert ("drawing", first) not in kinds
    if "stopped" not in dict(kinds):
        page.hear("stopped", serial=first)


def test_only_the_last_of_many_settings_is_drawn(page):
    page.open("coffee")
    asked = [page.ask("set", style="stipple", options={"seed": seed, "nodes": 3000}) for seed in range(20)]
    drawn = page.hear("drawing")
    assert drawn["serial"] == asked[-1] and "--seed 19" in drawn["command"]


def test_warnings_and_errors_are_told_in_a_line(page):
    page.open("horse")
    serial = page.ask("set", options={"nodes": 50, "threshold": 1.0, "offset": 0.5})
    assert "% of the page is ink" in page.hear("warning", serial=serial)["message"]
    failed = page.draw(options={"threshold": 0.0, "offset": -0.5})
    assert failed["kind"] == "failed" and failed["message"].startswith("no dark pixels: ")


def test_sizes_of_files_that_are_no_numbers(program, page):
    page.open("horse")
    page.draw(options=FEW)
    for pixels in ("-5", "1.5", "1" * 30, "%D9%A3x"):
        status, text = program.ask(f"pages/{page.number}/drawing.png?pixels={pixels}")
        assert status == 409 and text.startswith("refused: pixels must be a whole number, got ")


def test_pens_that_would_cover_everything(page):
    page.open("coffee")
    failed = page.draw(style="tone", options={"pen": 100})
    assert failed["kind"] == "failed" and "the widest pen is too wide for " in failed["message"]


def test_thumbnails_of_every_style(page):
    page.open("cat")
    serial = page.ask("thumbnails")
    found = [page.hear("thumbnail", serial=serial) for _ in recipes.STYLES]
    assert [each["style"] for each in found] == list(recipes.STYLES)
    assert all(max(pixels_of(each["data"]).shape) == 200 for each in found)


def test_pages_do_not_meet(program):
    """Each of several pages at once gets its own drawing."""
    made = {}

    def draw(seed):
        with LivePage(program.url) as page:
            page.open("horse")
            made[seed] = page.draw(options={"nodes": 100, "seed": seed})["command"], download(program, page, ".svg")

    threads = [threading.Thread(target=draw, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for seed, (command, svg) in made.items():
        assert f"--seed {seed}" in command
        assert recipes.make("horse", nodes=100, seed=seed).to_bytes() == svg
    assert len(made) == 8


def test_a_page_that_goes_is_forgotten(program):
    with LivePage(program.url) as page:
        page.open("coffee")
        page.ask("set", style="tone", options={"nodes": 60000})
    for _ in range(100):
        if program.ask(f"pages/{page.number}/drawing.svg")[0] == 404:
            return
        time.sleep(0.05)
    raise AssertionError("it is still there")


def test_pictures_of_the_command_line(start, tmp_path, photo):
    (tmp_path / "ring.png").write_bytes(photo)
    program = start(tmp_path / "ring.png", "horse", cwd=tmp_path)
    assert '"named":["ring.png","horse"]' in program.ask("controls")[1]
    with LivePage(program.url) as page:
        assert page.open(0)["name"] == "ring.png" and page.open(1)["name"] == "horse"
        assert page.hear("failed", serial=page.ask("open", picture=2))
    assert program.stop() == (130, "gng-fast: the studio is closed\n")


def test_the_end_is_told_to_pages(start, tmp_path):
    program = start(cwd=tmp_path)
    with LivePage(program.url) as page:
        page.open("coffee")
        page.ask("set", style="tone", options={"nodes": 60000})
        page.hear("frame")
        assert program.stop()[0] == 130
        with pytest.raises(ConnectionClosed):
            while True:
                page.next()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("by, ended", [("SIGINT", (130, "gng-fast: the studio is closed\n")), ("SIGTERM", (143, ""))])
def test_a_call_that_nothing_stops_does_not_keep_the_studio_from_ending(start, tmp_path, by, ended):
    endless = "import time; from gng_fast.art import recipes; recipes.make = lambda *_, **__: time.sleep(3600)"
    program = start(cwd=tmp_path, before=endless)
    with LivePage(program.url) as page:
        page.open("horse")
        page.hear("ink", serial=page.ask("set"))
        assert program.stop(getattr(signal, by)) == ended


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["missing.png"], "gng-fast: missing.png does not exist\n"),
        (["--port", "70000"], "gng-fast: port must be in [0, 65535], got 70000\n"),
    ],
)
def test_what_cannot_be_served(arguments, message, capsys):
    assert cli.main(["studio", "--no-browser", *arguments]) != 0
    assert capsys.readouterr().err == message


def test_a_port_that_is_taken(program, capsys):
    assert cli.main(["studio", "--no-browser", "--port", str(program.port)]) == 1
    assert f"gng-fast: cannot listen at 127.0.0.1:{program.port}: " in capsys.readouterr().err

import json

import numpy as np
import pytest

pytest.importorskip("PIL")
pytest.importorskip("skimage")

from PIL import Image, ImageDraw, ImageFont
from scripts import script
from skimage import data

from gng_fast import cli
from gng_fast.art.writing.words import Words, find_words

quality_words = script("bench/quality/words.py")


def sheet(lines, size=20, ink=0, paper=255, mode="L"):
    """Lines of text in the font that comes with Pillow."""
    font = ImageFont.load_default(size)
    width = max(font.getlength(line) for line in lines)
    picture = Image.new(mode, (40 + int(width), 40 + 2 * size * len(lines)), paper)
    draw = ImageDraw.Draw(picture)
    for number, line in enumerate(lines):
        draw.text((20, 20 + 2 * size * number), line, fill=ink, font=font)
    return picture


THREE_LINES = ["The quick brown fox", "jumps over, i.e. above,", "the lazy dog"]  # 4 + 4 + 3 words


@pytest.mark.parametrize("hyphen, count", [("two", 44), ("one", 43)])
def test_the_page_and_its_hyphen(hyphen, count):
    assert quality_words.of_page(0, hyphen) == (count, 1.0)


def test_the_whole_page():
    """The heading's three words, forty-one below, >>>, markers, =, np.zeros_like(coins), and a cut-off line."""
    assert find_words("page").count == 49


def test_boxes_and_labels():
    found = find_words(sheet(THREE_LINES))
    assert found.count == 11 and found.boxes.shape == (11, 4)
    tops = found.boxes[:, 1]
    assert tops[:4].max() < tops[4:8].min() < tops[8:].min()
    for line in (found.boxes[:4], found.boxes[4:8], found.boxes[8:]):
        assert (np.diff(line[:, 0]) > 0).all()
    assert found.graph.n_components == 11
    assert len({(label, part) for label, part in zip(found.labels.tolist(), found.graph.components.tolist())}) == 11
    # each word's nodes lie in its box
    x, y = found.graph.nodes[:, 0], -found.graph.nodes[:, 1]
    left, top, width, height = found.boxes[found.labels].T
    assert (x > left - 1.5).all() and (x < left + width + 0.5).all()
    assert (y > top - 1.5).all() and (y < top + height + 0.5).all()


@pytest.mark.parametrize(
    "ink, paper, mode",
    [
        (255, 0, "L"),
        (90, 160, "L"),
        ((200, 30, 30), (250, 250, 235), "RGB"),
        ((250, 240, 60), (20, 40, 120), "RGB"),
        ((230, 60, 60), (60, 145, 60), "RGB"),
        ((0, 0, 0, 255), (0, 0, 0, 0), "RGBA"),
    ],
)
def test_any_colours(ink, paper, mode):
    assert find_words(sheet(THREE_LINES, ink=ink, paper=paper, mode=mode)).count == 11


@pytest.mark.parametrize("size", [12, 16, 40, 90])
def test_any_size(size):
    assert find_words(sheet(THREE_LINES, size=size)).count == 11


@pytest.mark.quick
@pytest.mark.parametrize(
    "text, count",
    [
        ("Hello", 1),
        ("Hello world", 2),
        ("I", 1),
        ("well-known", 2),
        ("a = b", 2),
        ("end.", 1),
    ],
)
def test_few_words(text, count):
    assert find_words(sheet([text], size=30)).count == count


@pytest.mark.parametrize("sign", ["-", "\N{EN DASH}", "\N{BULLET}", ".....", "=", "&", "?", "!", "+", ">", "("])
def test_a_sign_alone_is_no_word(sign):
    """A word needs a letter or a digit; signs beside one belong to its word."""
    pytest.importorskip("matplotlib", reason="the DejaVu fonts come with matplotlib: pip install matplotlib")
    typeface, _ = quality_words.font("Sans", 6)  # four times as large
    picture = Image.new("L", (460, 120), 255)
    ImageDraw.Draw(picture).text((20, 20), f"many words {sign} here\nand (so?) it is", fill=0, font=typeface)
    assert find_words(picture).count == 7


@pytest.mark.parametrize("turns", [0, 1, 3])
@pytest.mark.parametrize("typeface", ["Sans", "Serif"])
@pytest.mark.parametrize("sign", "|/#@%")
def test_a_sign_as_high_as_letters_is_no_word(sign, typeface, turns):
    """Nor on a page on its side; what is not told from it by much is one."""
    pytest.importorskip("matplotlib", reason="the DejaVu fonts come with matplotlib: pip install matplotlib")
    font, _ = quality_words.font(typeface, 6)  # four times as large
    picture = Image.new("L", (480, 120), 255)
    ImageDraw.Draw(picture).text((20, 20), f"many words {sign} here\nand {sign}2 (so?) it is", fill=0, font=font)
    assert find_words(np.rot90(np.asarray(picture), turns)).count == 8


@pytest.mark.parametrize("letter", "IlWHMBg8dbpoAkx1709")
def test_a_letter_or_digit_alone_is_a_word(letter):
    pytest.importorskip("matplotlib", reason="the DejaVu fonts come with matplotlib: pip install matplotlib")
    font, _ = quality_words.font("Sans", 6)
    picture = Image.new("L", (480, 120), 255)
    ImageDraw.Draw(picture).text((20, 20), f"many words {letter} here\nand (so?) it is", fill=0, font=font)
    assert find_words(picture).count == 8


@pytest.mark.parametrize("turns", [1, 3])
def test_a_page_on_its_side(turns):
    """Counts as upright: the same words, where they are in the picture."""
    upright, found = (find_words(np.rot90(data.page()[:90], k)) for k in (0, turns))
    assert found.count == upright.count and found.shape == (384, 90)
    assert np.array_equal(found.labels, upright.labels) and np.array_equal(found.graph.edges, upright.graph.edges)
    x, y = found.graph.nodes[:, 0], -found.graph.nodes[:, 1]
    left, top, width, height = found.boxes[found.labels].T
    assert (x > left - 1.5).all() and (x < left + width + 0.5).all()
    assert (y > top - 1.5).all() and (y < top + height + 0.5).all()
    first = found.boxes[0, :2] + found.boxes[0, 2:] / 2  # its middle, near the upright page's top left corner
    assert np.allclose(first, (13 + 10.1, 384 - 7 - 37) if turns == 1 else (90 - 13 - 10.1, 7 + 37), atol=1)


@pytest.mark.parametrize(
    "picture",
    [
        np.ones((50, 60)),
        np.zeros((50, 60)),
        np.zeros((1, 1)),
        np.ones((2, 3)),
        np.zeros((1, 40)),
        np.random.default_rng(0).normal(0.5, 0.1, (120, 160)).clip(0, 1),
        np.linspace(0.2, 1, 6000).reshape(60, 100),
    ],
    ids=["white", "black", "a pixel", "tiny", "row", "noise", "ramp"],
)
def test_nothing_written(picture):
    found = find_words(picture)
    assert found.count == 0 and found.boxes.shape == (0, 4) and found.graph.n_nodes == 0
    assert found.shape == picture.shape


@pytest.mark.parametrize("name", ["horse", "coins", "colorwheel", "coffee"])
def test_things_are_no_words(name):
    assert find_words(name).count == 0


def test_rules_and_frames_are_no_words():
    picture = sheet(THREE_LINES)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((4, 4, picture.width - 5, picture.height - 5), outline=0, width=2)
    draw.line((15, 52, picture.width - 15, 52), fill=0, width=1)
    assert find_words(picture).count == 11


def test_uneven_light_and_noise():
    rng = np.random.default_rng(5)
    picture = quality_words.lit(np.asarray(sheet(THREE_LINES), dtype=float), rng, 0.5, 6)
    assert find_words(picture).count == 11


def test_a_seed_gives_the_same_network():
    a, b, c = (find_words(sheet(["one two"]), seed=seed) for seed in (1, 1, 2))
    assert a.graph == b.graph != c.graph


def test_json():
    assert json.loads(find_words(np.ones((9, 9))).to_json()) == {"count": 0, "boxes": []}
    found = find_words(sheet(["one two"]))
    assert isinstance(found, Words)
    content = json.loads(found.to_json())
    assert content["count"] == 2 and np.allclose(content["boxes"], found.boxes, atol=0.005)


def test_command(tmp_path, capsys):
    sheet(THREE_LINES).save(tmp_path / "page.png")
    files = ["-o", str(tmp_path / "a.svg"), "--boxes", str(tmp_path / "a.json")]
    assert cli.main(["words", str(tmp_path / "page.png"), *files]) == 0
    said = capsys.readouterr()
    assert said.out == "11\n" and said.err == ""
    assert json.loads((tmp_path / "a.json").read_text())["count"] == 11
    assert (tmp_path / "a.svg").read_text().count("<g ") == 8  # colours


@pytest.mark.quick
@pytest.mark.parametrize(
    "arguments, message",
    [
        (["words", "nothing.png"], "nothing.png does not exist"),
        (["words", "page", "-o", "a.bmp"], "cannot write 'a.bmp': the ending must be one of .svg"),
        (["words", "page", "--seed", "-1"], "seed must be in [0, 18446744073709551615], got -1"),
        (["words", "page", "--crop", "0,0,999,10"], "crop (left 0, top 0, width 999, height 10) does not lie"),
    ],
)
def test_errors_are_one_line(capsys, arguments, message):
    assert cli.main(arguments) == 1
    said = capsys.readouterr()
    assert said.err.startswith(f"gng-fast: {message}") and said.err.count("\n") == 1 and said.out == ""


def test_hyphen_is_checked():
    with pytest.raises(ValueError, match="hyphen must be one of two, one, got 'three'"):
        find_words(data.page(), hyphen="three")


@pytest.mark.slow
def test_target_page():
    assert [quality_words.of_page(seed) for seed in range(20)] == [(44, 1.0)] * 20


@pytest.mark.slow
def test_target_pages():
    pytest.importorskip("matplotlib", reason="the DejaVu fonts come with matplotlib: pip install matplotlib")
    off = [off for _, off in quality_words.of_pages()]
    assert off.count(0) >= 0.95 * len(off) and max(map(abs, off)) <= 1

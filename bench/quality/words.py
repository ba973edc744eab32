"""Words: the metrics and the pages of the quality tables. `python bench/quality/words.py` prints them.

The pages are set in DejaVu Sans, Serif and Mono, which come with matplotlib, and in DejaVu Sans Condensed, which is
DejaVu Sans at 90 % of its width. They are drawn four times too large and reduced, so no hinting helps.
"""

import json
import pathlib

import numpy as np
from PIL import Image, ImageDraw, ImageFont

FONTS = {
    "Sans": ("DejaVuSans.ttf", 1.0),
    "Serif": ("DejaVuSerif.ttf", 1.0),
    "Condensed": ("DejaVuSans.ttf", 0.9),
    "Mono": ("DejaVuSansMono.ttf", 1.0),
}
SIZES = (11, 12, 13, 14, 16, 18, 21, 24)

_LARGER = 4
_VOCABULARY = """the of and to in a is that for it was on are as with his they at be this from I have or by one had not
but what all were when we there can an your which their said if do will each about how up out them then she many some
so these would other into has more two like him see time could no make than first been its who now people my made over
did down only way find use may water long little very after words called just where most know through back much before
line right too means old any same tell boy follow came want show also around form three small set put end does another
well large must big even such because turn here why asked went men read need land different home us move try kind hand
picture again change off play spell air away animal house point page letter mother answer found study still learn should
jungle quiz exact fjord vivid wizard maximum jimjam filling rhythm illicit"""


def font(name, size):
    """The Pillow font of one of `FONTS`, four times too large, and its squeeze."""
    import matplotlib

    file, squeeze = FONTS[name]
    path = pathlib.Path(matplotlib.get_data_path(), "fonts", "ttf", file)
    return ImageFont.truetype(str(path), size * _LARGER), squeeze


def sentence_words(rng, n):
    """n words of a text with capitals, commas, full stops and figures."""
    words = rng.choice(_VOCABULARY.split(), n).tolist()
    first = True
    for i, word in enumerate(words):
        chance = rng.random()
        word = str(rng.integers(1, 2000)) if chance < 0.03 else word.capitalize() if first else word
        first = chance > 0.9
        words[i] = word + ("." if first else "," if chance > 0.82 else "")
    return words


def page(typeface, size, *, seed, squeeze=1.0, words=80, width=520, tilt=0.0, shade=0.0, noise=0.0):
    """A page of text as (h, w) uint8 and its number of words.

    typeface : Pillow font four times `size` px large
    tilt : degrees; shade : share of the light lost at the darker side; noise : standard deviation of 255 shades
    """
    rng = np.random.default_rng(seed)
    words = sentence_words(rng, words)
    wide = width * _LARGER / squeeze
    space = typeface.getlength(" ")
    margin, pitch = 1.5 * size * _LARGER, 1.35 * size * _LARGER
    x, y, places = margin, margin, []
    for word in words:
        length = typeface.getlength(word)
        if x + length > wide - margin:
            x, y = margin, y + pitch
        places.append((x, y, word))
        x += length + space
    sheet = Image.new("L", (round(wide), round(y + pitch + margin)), 255)
    draw = ImageDraw.Draw(sheet)
    for x, y, word in places:
        draw.text((x, y), word, fill=25, font=typeface)
    sheet = sheet.rotate(tilt, Image.Resampling.BICUBIC, fillcolor=255)
    sheet = sheet.resize((width, round(sheet.height / _LARGER)), Image.Resampling.BOX)
    return lit(np.asarray(sheet, dtype=float), rng, shade, noise), len(words)


def lit(sheet, rng, shade, noise):
    """A grey sheet under uneven light, with noise, as (h, w) uint8."""
    rows, columns = np.indices(sheet.shape) / np.array(sheet.shape).reshape(2, 1, 1)
    angle = rng.uniform(0, 2 * np.pi)
    ramp = np.cos(angle) * (rows - 0.5) + np.sin(angle) * (columns - 0.5)
    light = 1 - shade * (0.5 + ramp / np.sqrt(2)) - 0.15 * shade * np.sin(3 * ramp + 5 * rows * columns)
    return np.clip(sheet * light + rng.normal(0, noise, sheet.shape), 0, 255).astype(np.uint8)


def pages(seed=0):
    """The 32 pages of the target (seed 0), or others: (name, picture, number of words)."""
    rng = np.random.default_rng(seed)
    for name in FONTS:
        for size in SIZES:
            options = {"tilt": rng.uniform(0, 1), "shade": rng.uniform(0.2, 0.5), "noise": rng.uniform(2, 8)}
            typeface, squeeze = font(name, size)
            seed = int(rng.integers(2**32))
            yield f"{name} {size} px", *page(typeface, size, seed=seed, squeeze=squeeze, **options)


def true_boxes(hyphen="two"):
    """(n, 4) boxes, x, y, width, height, of the words in page()[:140]; with "two" Region-based is two boxes."""
    path = pathlib.Path(__file__).with_name("page_words.json")
    boxes = {(text, *box): box for text, *box in json.loads(path.read_text()) if box[1] < 140}
    result = []
    for (text, *_), (x, y, width, height) in boxes.items():
        if text == "Region-based" and hyphen == "two":
            # The hyphen ends at 81, the b begins at 84.
            result += [(x, y, 82.5 - x, height), (82.5, y, x + width - 82.5, height)]
        elif (text, x, y) == ("the", 6.5, 100.25):
            # The box in the file is 18.75 high and reaches over the h of the line below; the word's ink ends at 111.5.
            result.append((x, y, width, 11.25))
        else:
            result.append((x, y, width, height))
    return np.array(result)


def word_f1(graph, labels, boxes, count):
    """F1 of the words.

    One is right if 90 % of the nodes in its box, and 1.5 px around, are of one component, and 90 % of that component's
    nodes lie there.
    """
    x, y = graph.nodes[:, 0], -graph.nodes[:, 1]
    right = 0
    for left, top, width, height in boxes:
        inside = (x >= left - 1.5) & (x <= left + width + 1.5) & (y >= top - 1.5) & (y <= top + height + 1.5)
        if inside.any():
            found, times = np.unique(labels[inside], return_counts=True)
            most = times.max()
            whole = np.count_nonzero(labels == found[times.argmax()])
            right += most >= 0.9 * inside.sum() and most >= 0.9 * whole
    return 2 * right / (len(boxes) + count)


def of_page(seed, hyphen="two"):
    """(count, F1) for page()[:140]."""
    from gng_fast.art.writing.words import find_words

    found = find_words("page", crop=(0, 0, 384, 140), hyphen=hyphen, seed=seed)
    return found.count, word_f1(found.graph, found.labels, true_boxes(hyphen), found.count)


def of_page_plainly(seed):
    """(count, F1) by the article's recipe: Otsu's threshold of the whole picture, a plain network, its components."""
    from gng_fast import recipes

    points = recipes.points_of("page", crop=(0, 0, 384, 140), offset=0)
    graph = recipes.train(points, nodes=2000, seed=seed, epochs=60).graph_
    return graph.n_components, word_f1(graph, graph.components, true_boxes(), graph.n_components)


def of_pages(seed=0):
    """[(name, words found too many)] for the 32 pages."""
    from gng_fast.art.writing.words import find_words

    return [(name, find_words(picture).count - count) for name, picture, count in pages(seed)]


def table(seeds=20):
    """Print every figure with its target."""
    plain = [of_page_plainly(seed) for seed in range(seeds)]
    ours = [of_page(seed) for seed in range(seeds)]
    for name, rows in ("plain", plain), ("ours", ours):
        exact = sum(count == 44 for count, _ in rows)
        print(f"{name:6} 44 words in {exact} of {seeds} seeds, mean F1 {np.mean([f1 for _, f1 in rows]):.4f}")
    print("        target: 20 of 20, F1 >= .995", flush=True)
    from gng_fast.art.writing.words import find_words

    print("whole page:", [find_words("page", seed=seed).count for seed in range(5)], "target 49", flush=True)
    for seed in range(3):
        wrong = [(name, off) for name, off in of_pages(seed) if off]
        print(f"pages, set {seed}: {32 - len(wrong)} of 32 exact, {wrong}; target 31, none off by over 1", flush=True)


if __name__ == "__main__":
    table()

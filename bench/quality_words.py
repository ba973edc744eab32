"""Words: the metrics and the pages of the quality tables. `python bench/quality_words.py` prints them.

The pages are set in DejaVu Sans, Serif and Mono, which come with matplotlib, and in DejaVu Sans Condensed, which is
DejaVu Sans at 90 % of its width. They are drawn four times too large and reduced, so no hinting helps.
"""

import json
import pathlib

import numpy as np
from PIL import Image, ImageDraw, ImageFont

FONTS = {"Sans": ("DejaVuSans.ttf", 1.0), "Serif": ("DejaVuSerif.ttf", 1.0), "Condensed": ("DejaVuSans.ttf", 0.9),
         "Mono": ("DejaVuSansMono.ttf", 1.0)}
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

"""What commands share: options that several have, how these are read, and what help says of their defaults."""

import argparse
import inspect
import math
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np

from gng_fast.art import image, recipes
from gng_fast.art.drawing import PAGES, fit_page
from gng_fast.art.export import ANIMATIONS, FORMATS
from gng_fast.art.export.gif import write_gif
from gng_fast.art.export.raster import write_png
from gng_fast.files import check_target
from gng_fast.parameters import VARIANTS

# Options of `draw` and `animate` by what they are about. Those that are not given are left to the recipes.
PICTURE = "invert", "crop", "blur", "threshold", "offset", "block_size", "max_pixels"
TRAINING = "nodes", "epochs", "seed", "variant", "eps_b", "eps_n", "max_age", "lam"
LOOK = "pen", "levels", "mask", "size", "margin", "page"

_DEFAULT_STYLE = "mesh"
_PENS_OF_A_RANGE = 12


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one line, instead of argparse's usage and a line."""

    def error(self, message: str) -> NoReturn:
        """End with the exit code 2."""
        self.exit(2, f"{self.prog}: {' '.join(message.split())} (see {self.prog} --help)\n")


@dataclass(frozen=True)
class Command:
    """A command: what help says of it, its options, and what it does with them."""

    name: str
    help: str
    description: str
    add_options: Callable[[Parser], None]
    run: Callable[[argparse.Namespace], None]


# ---- what is given --------------------------------------------------------------------------------------------------


def given(options: argparse.Namespace, *names: str) -> dict[str, Any]:
    """Return those of the named options that are given."""
    values = {name: getattr(options, name, None) for name in names}
    return {name: value for name, value in values.items() if value is not None}


def source_of(options: argparse.Namespace) -> str:
    """Return the picture. If none is given it is the astronaut, and the part of it that is the article's portrait."""
    if options.image is None:
        options.crop = options.crop or image.PORTRAIT_CROP
        return "astronaut"
    return str(options.image)


def style_of(options: argparse.Namespace) -> str:
    """Return the style, after setting the options of a preset that are not given."""
    if options.preset is not None:
        # a page or a size that is given takes the place of both
        sized = options.size is not None or options.page is not None
        for name, value in recipes.PRESETS[options.preset][1].items():
            if getattr(options, name) is None and not (sized and name in ("size", "page")):
                setattr(options, name, value)
    return options.style or _DEFAULT_STYLE


def check_out(out: str, options: argparse.Namespace) -> None:
    """Raise ValueError if a file to write is a picture that is read, perhaps by another name, OSError if it cannot be.

    That is said before the work, which may take minutes, and not after it.
    """
    for source in (options.image, getattr(options, "mask", None)):
        if source is not None and os.path.isfile(source) and os.path.exists(out) and os.path.samefile(source, out):
            raise ValueError(f"cannot write '{out}': it is a picture that is read")
    check_target(out)


def check_pixels(options: argparse.Namespace, write: Callable[..., None]) -> None:
    """Raise ValueError if a number of pixels is given for a format that has none, before the work and not after it."""
    if options.pixels is not None and not _takes_pixels(write):
        writers = [*((ending, each.write) for ending, each in FORMATS.items()), *ANIMATIONS.items()]
        endings = dict.fromkeys(ending for ending, each in writers if _takes_pixels(each))
        raise ValueError(f"pixels is for {_listed(endings)}, not for '{options.out}'")


def _takes_pixels(write: Callable[..., None]) -> bool:
    """Whether a writer has the option."""
    return "pixels" in inspect.signature(write).parameters


# ---- what help says of defaults -------------------------------------------------------------------------------------


def default_of(function: Callable[..., Any], name: str) -> Any:
    """Return the default of a parameter."""
    return inspect.signature(function).parameters[name].default


def default_by_style(name: str, none: str = "none") -> str:
    """Return what help says of an option of the recipes: its default in each style, and which styles have it.

    none : what it is where the default is None
    """
    styles: dict[str, list[str]] = {}
    for style in recipes.STYLES:
        defaults = recipes.defaults(style)
        if name in defaults:
            value = none if defaults[name] is None else f"{defaults[name]}".removesuffix(".0")
            styles.setdefault(value, []).append(style)
    if len(styles) > 1:
        return "default " + "; ".join(f"{value} for {_listed(same)}" for value, same in styles.items())
    ((value, same),) = styles.items()
    return f"default {value}" if len(same) == len(recipes.STYLES) else f"for {_listed(same)} only; default {value}"


def _listed(words: Iterable[str]) -> str:
    """Words with commas and an "and"."""
    *others, last = words
    return f"{', '.join(others)} and {last}" if others else last


# ---- options that several commands have -----------------------------------------------------------------------------


def add_drawing_options(parser: Parser, out_help: str) -> None:
    """Add the options of commands that draw a picture in a style."""
    parser.add_argument(
        "image",
        nargs="?",
        metavar="IMAGE",
        help="file, or the name of a picture that comes with "
        f"scikit-image ({', '.join(image.BUILT_IN)}); without it, the astronaut's portrait is drawn",
    )
    parser.add_argument("-o", "--out", required=True, help=out_help)
    _add_style(parser)
    _add_picture(parser)
    _add_training(parser)
    _add_page(parser)
    parser.add_argument("-q", "--quiet", action="store_true", help="no progress bar and no summary")


def _add_style(parser: Parser) -> None:
    """Add the options of the style."""
    add = parser.add_argument_group("style").add_argument
    presets = "; ".join(f"{name}: {what}" for name, (what, _) in recipes.PRESETS.items())
    add(
        "--preset",
        choices=tuple(recipes.PRESETS),
        help=f"options for a purpose, which others given change: {presets}",
    )
    add("--style", choices=tuple(recipes.STYLES), help=f"how the picture is drawn (default {_DEFAULT_STYLE})")
    add("--mask", metavar="FILE", help="a picture of what is important: white is, black gets no lines")
    add(
        "--levels",
        type=_levels,
        metavar="PAPER,INK",
        help="darknesses in [0, 1] that are bare paper and solid ink "
        f"({default_by_style('levels', 'as suits the picture')})",
    )


def _add_picture(parser: Parser) -> None:
    """Add the options of the way from the picture to the points."""
    add = parser.add_argument_group("picture").add_argument
    add("--crop", type=_box, metavar="LEFT,TOP,WIDTH,HEIGHT", help="part of the picture, in pixels")
    add(
        "--invert",
        action="store_true",
        default=None,
        help="draw the negative: for light shapes, or a white pen on black paper",
    )
    add("--blur", type=float, help=f"Gaussian blur in pixels ({default_by_style('blur')})")
    add(
        "--threshold",
        type=_number_or_word,
        help=f"a number in [0, 1], or {', '.join(image.THRESHOLDS)} ({default_by_style('threshold')})",
    )
    offset = default_by_style("offset", f"{image.ARTICLE_OFFSET} with otsu and 0 without")
    add("--offset", type=float, help=f"added to the threshold: more gives more ink ({offset})")
    add(
        "--block-size",
        type=int,
        help=f"surroundings of the local thresholds in pixels ({default_by_style('block_size')})",
    )
    add(
        "--max-pixels",
        type=int,
        help=f"shrink a larger picture to so many pixels ({default_by_style('max_pixels')})",
    )


def _add_training(parser: Parser) -> None:
    """Add the options of the network."""
    add = parser.add_argument_group("training").add_argument
    add("--nodes", type=int, help=f"nodes to grow: the density of the drawing ({default_by_style('nodes')})")
    epochs = default_by_style("epochs", "as many as it takes to grow all nodes, and a quarter more")
    add("--epochs", type=float, help=f"passes over the dark pixels ({epochs})")
    add("--seed", type=int, help=f"the same seed gives the same drawing ({default_by_style('seed')})")
    add("--variant", choices=VARIANTS, help=f"conventions of training ({default_by_style('variant')})")
    add("--eps-b", type=float, help=f"step of the winner ({default_by_style('eps_b')})")
    add("--eps-n", type=float, help=f"step of its neighbours ({default_by_style('eps_n')})")
    add("--max-age", type=int, help=f"an edge older than this goes ({default_by_style('max_age')})")
    add("--lam", type=int, help=f"signals between two insertions ({default_by_style('lam')})")


def _add_page(parser: Parser) -> None:
    """Add the options of the page and of what is drawn on it."""
    group = parser.add_argument_group("page")
    add = group.add_argument
    where = group.add_mutually_exclusive_group().add_argument
    where("--size", type=float, help=f"longer side in mm (default {default_of(fit_page, 'size'):g})")
    where("--page", help=f"{', '.join(PAGES)} or WIDTHxHEIGHT in mm, instead of a page as large as the picture")
    add("--margin", type=float, help=f"free border in mm (default {default_of(fit_page, 'margin'):g})")
    add(
        "--pen",
        type=_pens,
        metavar="MM",
        help="width of the line in mm; tone, stipple and cmyk also take pens as 0.2,0.4,0.8 or a range as 0.1-1.2 "
        f"({default_by_style('pen', 'what suits')})",
    )
    png, gif = default_of(write_png, "pixels"), default_of(write_gif, "pixels")
    add("--pixels", type=int, help=f"longer side of a PNG (default {png}) or an animation (default {gif})")


def add_writing_options(parser: Parser, function: Callable[..., Any]) -> None:
    """Add the options of commands that read writing; the function is what they are handed to."""
    add = parser.add_argument
    add("image", metavar="IMAGE", help="file, or the name of a picture that comes with scikit-image")
    add("--crop", type=_box, metavar="LEFT,TOP,WIDTH,HEIGHT", help="part of the picture, in pixels")
    add("--seed", type=int, help=f"the same seed gives the same result (default {default_of(function, 'seed')})")
    add("--size", type=float, help=f"longer side in mm (default {default_of(fit_page, 'size'):g})")
    add("--margin", type=float, help=f"free border in mm (default {default_of(fit_page, 'margin'):g})")
    add("--pen", type=float, help="width of the line in mm (default: as in the picture)")
    add("--pixels", type=int, help=f"longer side of a PNG (default {default_of(write_png, 'pixels')})")


# ---- how options are read -------------------------------------------------------------------------------------------


def _box(text: str) -> tuple[int, ...]:
    """A part of a picture."""
    try:
        numbers = tuple(int(part) for part in text.split(","))
    except ValueError:
        numbers = ()
    if len(numbers) != 4:
        raise argparse.ArgumentTypeError(f"must be LEFT,TOP,WIDTH,HEIGHT in whole pixels, got '{text}'")
    return numbers


def _pens(text: str) -> float | tuple[float, ...]:
    """A width, widths with commas, or a range of them."""
    try:
        if "-" in text[1:]:
            low, high = (float(part) for part in text.split("-"))
            return tuple(np.geomspace(low, high, _PENS_OF_A_RANGE).round(3).tolist())
        pens = tuple(float(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"must be a width in mm, widths with commas or a range, got '{text}'"
        ) from None
    return pens[0] if len(pens) == 1 else pens


def _levels(text: str) -> tuple[float, ...]:
    """The darknesses of paper and ink."""
    try:
        levels = tuple(float(part) for part in text.split(","))
    except ValueError:
        levels = ()
    if len(levels) != 2:
        raise argparse.ArgumentTypeError(f"must be PAPER,INK, two numbers in [0, 1], got '{text}'")
    return levels


def _number_or_word(text: str) -> float | str:
    """A threshold, or the name of one."""
    try:
        number = float(text)
    except ValueError:
        return text
    if not math.isfinite(number):
        raise argparse.ArgumentTypeError(f"must be a number in [0, 1] or a word, got '{text}'")
    return number

"""The options that commands share, and checks of what is given before the work.

A new option of the recipes is one entry of `_RECIPE_OPTIONS`: help takes its default from the recipes, and `for_recipe`
hands it over.
"""

import inspect
import os
from collections.abc import Callable
from typing import Any

import click

from gng_fast.art import image, recipes
from gng_fast.art.drawing import PAGES, fit_page
from gng_fast.art.export import ANIMATIONS, FORMATS
from gng_fast.art.export.gif import write_gif
from gng_fast.art.export.raster import write_png
from gng_fast.cli.command import Argument, Option, RecipeOption, default_of, listed
from gng_fast.cli.kinds import File, Number, NumberOrWord, Numbers, Pens, Text, Whole, Words
from gng_fast.files import check_target
from gng_fast.parameters import VARIANTS

_DEFAULT_STYLE = "mesh"
_BOX = Numbers("LEFT,TOP,WIDTH,HEIGHT", int, "in whole pixels")
_SIZE, _MARGIN = (default_of(fit_page, name) for name in ("size", "margin"))
_PNG, _GIF = (default_of(write, "pixels") for write in (write_png, write_gif))
_PRESETS = "; ".join(f"{name}: {what}" for name, (what, _) in recipes.PRESETS.items())


def drawing_options(out_help: str) -> list[click.Parameter]:
    """Return the options of commands that draw a picture in a style."""
    built_in = ", ".join(image.BUILT_IN)
    return [
        Argument(
            ["image"],
            required=False,
            type=File("IMAGE", image.BUILT_IN),
            about=f"file, or the name of a picture that comes with scikit-image ({built_in}); without it, the "
            "astronaut's portrait is drawn",
        ),
        Option("-o", "--out", required=True, type=File("FILE"), help=out_help),
        Option("-q", "--quiet", is_flag=True, help="no progress bar and no summary"),
        *_style_options(),
        *_picture_options(),
        *_training_options(),
        *_page_options(),
        Option(
            "--pixels",
            group="page",
            type=Whole(),
            help=f"longer side of a PNG (default {_PNG}) or an animation (default {_GIF})",
        ),
    ]


def writing_options(function: Callable[..., Any]) -> list[click.Parameter]:
    """Return the options of commands that read writing; the function is what they are handed to."""
    seed = default_of(function, "seed")
    return [
        Argument(
            ["image"],
            type=File("IMAGE", image.BUILT_IN),
            about="file, or the name of a picture that comes with scikit-image",
        ),
        Option("--crop", type=_BOX, help="part of the picture, in pixels"),
        Option("--seed", type=Whole(), help=f"the same seed gives the same result (default {seed})"),
        Option("--size", type=Number("MM"), help=f"longer side in mm (default {_SIZE:g})"),
        Option("--margin", type=Number("MM"), help=f"free border in mm (default {_MARGIN:g})"),
        Option("--pen", type=Number("MM"), help="width of the line in mm (default: as in the picture)"),
        Option("--pixels", type=Whole(), help=f"longer side of a PNG (default {_PNG})"),
    ]


# ---- options of the recipes: a new one is an entry of one of these lists ---------------------------------------------


def _style_options() -> list[Option]:
    """The options of the style."""
    return [
        Option(
            "--preset",
            group="style",
            type=Words(recipes.PRESETS),
            help=f"options for a purpose, which others given change: {_PRESETS}",
        ),
        Option(
            "--style",
            group="style",
            type=Words(recipes.STYLES),
            help=f"how the picture is drawn (default {_DEFAULT_STYLE})",
        ),
        RecipeOption(
            "--mask",
            group="style",
            type=File("FILE"),
            help="a picture of what is important: white is, black gets no lines",
        ),
        RecipeOption(
            "--levels",
            group="style",
            type=Numbers("PAPER,INK", float, "two numbers in [0, 1]"),
            none="as suits the picture",
            help="darknesses in [0, 1] that are bare paper and solid ink",
        ),
    ]


def _picture_options() -> list[Option]:
    """The options of the way from the picture to the points."""
    return [
        RecipeOption("--crop", group="picture", type=_BOX, help="part of the picture, in pixels"),
        RecipeOption(
            "--invert",
            group="picture",
            is_flag=True,
            default=None,
            help="draw the negative: for light shapes, or a white pen on black paper",
        ),
        RecipeOption("--blur", group="picture", type=Number(), help="Gaussian blur in pixels"),
        RecipeOption(
            "--threshold",
            group="picture",
            type=NumberOrWord("X|WORD", image.THRESHOLDS),
            help=f"a number in [0, 1], or {', '.join(image.THRESHOLDS)}",
        ),
        RecipeOption(
            "--offset",
            group="picture",
            type=Number(),
            none=f"{image.ARTICLE_OFFSET} with otsu and 0 without",
            help="added to the threshold: more gives more ink",
        ),
        RecipeOption(
            "--block-size", group="picture", type=Whole(), help="surroundings of the local thresholds in pixels"
        ),
        RecipeOption(
            "--max-pixels",
            group="picture",
            type=Whole(),
            none="none",
            help="shrink a larger picture to so many pixels",
        ),
    ]


def _training_options() -> list[Option]:
    """The options of the network."""
    return [
        RecipeOption("--nodes", group="training", type=Whole(), help="nodes to grow: the density of the drawing"),
        RecipeOption(
            "--epochs",
            group="training",
            type=Number(),
            none="as many as it takes to grow all nodes, and a quarter more",
            help="passes over the dark pixels",
        ),
        RecipeOption("--seed", group="training", type=Whole(), help="the same seed gives the same drawing"),
        RecipeOption("--variant", group="training", type=Words(VARIANTS), help="conventions of training"),
        RecipeOption("--eps-b", group="training", type=Number(), help="step of the winner"),
        RecipeOption("--eps-n", group="training", type=Number(), help="step of its neighbours"),
        RecipeOption("--max-age", group="training", type=Whole(), help="an edge older than this goes"),
        RecipeOption("--lam", group="training", type=Whole(), help="signals between two insertions"),
    ]


def _page_options() -> list[Option]:
    """The options of the page and of what is drawn on it."""
    return [
        RecipeOption("--size", group="page", type=Number("MM"), help=f"longer side in mm (default {_SIZE:g}), or:"),
        RecipeOption(
            "--page",
            group="page",
            type=Text("PAGE", PAGES),
            help=f"{', '.join(PAGES)} or WIDTHxHEIGHT in mm, instead of a page as large as the picture",
        ),
        RecipeOption("--margin", group="page", type=Number("MM"), help=f"free border in mm (default {_MARGIN:g})"),
        RecipeOption(
            "--pen",
            group="page",
            type=Pens(),
            none="what suits",
            help="width of the line in mm; tone, stipple and cmyk also take pens as 0.2,0.4,0.8 or a range as 0.1-1.2",
        ),
    ]


#: Options of drawings of which only one may be given.
EITHER = [("size", "page")]


# ---- what is given --------------------------------------------------------------------------------------------------


def source_of(ctx: click.Context) -> str:
    """Return the picture. If none is given it is the astronaut, and the part of it that is the article's portrait."""
    if ctx.params["image"] is None:
        ctx.params["crop"] = ctx.params["crop"] or image.PORTRAIT_CROP
        return "astronaut"
    return str(ctx.params["image"])


def style_of(ctx: click.Context) -> str:
    """Return the style, after setting the options of a preset that are not given."""
    options = ctx.params
    if options["preset"] is not None:
        # a page or a size that is given takes the place of both
        sized = options["size"] is not None or options["page"] is not None
        for name, value in recipes.PRESETS[options["preset"]][1].items():
            if options[name] is None and not (sized and name in ("size", "page")):
                options[name] = value
    return options["style"] or _DEFAULT_STYLE


def check_out(out: str, ctx: click.Context) -> None:
    """Raise ValueError if a file to write is a picture that is read, perhaps by another name, OSError if it cannot be.

    That is said before the work, which may take minutes, and not after it.
    """
    for source in (ctx.params["image"], ctx.params.get("mask")):
        if source is not None and os.path.isfile(source) and os.path.exists(out) and os.path.samefile(source, out):
            raise ValueError(f"cannot write '{out}': it is a picture that is read")
    check_target(out)


def check_pixels(ctx: click.Context, write: Callable[..., None]) -> None:
    """Raise ValueError if a number of pixels is given for a format that has none, before the work and not after it."""
    if ctx.params["pixels"] is not None and not _takes_pixels(write):
        writers = [*((ending, each.write) for ending, each in FORMATS.items()), *ANIMATIONS.items()]
        endings = dict.fromkeys(ending for ending, each in writers if _takes_pixels(each))
        raise ValueError(f"pixels is for {listed(endings)}, not for '{ctx.params['out']}'")


def _takes_pixels(write: Callable[..., None]) -> bool:
    """Whether a writer has the option."""
    return "pixels" in inspect.signature(write).parameters

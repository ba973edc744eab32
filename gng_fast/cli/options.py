"""The options that commands share, and checks of what is given before the work.

A new option of the recipes is one `RecipeOption` in one of the lists below: help takes its default from the recipes and
says which styles have it, `for_recipe` hands it over, and completion and options from a file know it.
"""

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import click

from gng_fast.art import image, recipes
from gng_fast.art.drawing import PAGES, fit_page
from gng_fast.art.export import ANIMATIONS, FORMATS
from gng_fast.art.export.gif import write_gif
from gng_fast.art.export.raster import write_png
from gng_fast.art.image.picture import Source
from gng_fast.cli.command import Argument, Option, given
from gng_fast.cli.kinds import File, Length, Number, NumberOrWord, Numbers, Pens, Text, Whole, Words
from gng_fast.cli.places import NAME, STANDARD, check_out, ending_for, is_folder, make_folder, outs_for, source_at
from gng_fast.parameters import VARIANTS

# ---- what is given --------------------------------------------------------------------------------------------------


def for_recipe(ctx: click.Context) -> dict[str, Any]:
    """Return the options of the recipe that are given."""
    return given(ctx, *(str(each.name) for each in ctx.command.params if isinstance(each, RecipeOption)))


def source_of(ctx: click.Context) -> Source:
    """Return the picture. If none is given it is the article's portrait: a part of the astronaut, and its threshold."""
    if not ctx.params["images"]:
        ctx.params["crop"] = ctx.params["crop"] or image.PORTRAIT_CROP
        if ctx.params["threshold"] is None and style_of(ctx) == "mesh":
            ctx.params["threshold"] = "otsu"
        ctx.params["images"] = (_PORTRAIT,)
    return source_at(ctx.params["images"][0], ctx.params["frame"])


def style_of(ctx: click.Context) -> str:
    """Return the style, after setting the options of a preset that are not given."""
    options = ctx.params
    if options["preset"] is not None:
        # a page or a size that is given takes the place of both
        sized = options["size"] is not None or options["page"] is not None
        for name, value in recipes.PRESETS[options["preset"]][1].items():
            if options[name] is None and not (sized and name in ("size", "page")):
                options[name] = value
        options["preset"] = None
    options["style"] = options["style"] or _DEFAULT_STYLE
    return str(options["style"])


def outs_of(ctx: click.Context, writers: Mapping[str, Callable[..., None]]) -> tuple[str, list[str]]:
    """Return the ending of what is written and where it goes, for each picture, after checking all that can be.

    writers : by their endings
    """
    pictures, out = ctx.params["images"] or (_PORTRAIT,), ctx.params["out"]
    ending = ending_for(out, ctx.params["format"], writers)
    check_pixels(ctx, writers[ending])
    if len(pictures) > 1 and STANDARD in pictures:
        raise ValueError("standard input is one picture: it cannot be drawn along with others")
    outs = outs_for(pictures, out, ending, writers)
    if is_folder(out, writers):
        make_folder(out)
    for each in outs:
        check_out(each, [*ctx.params["images"], ctx.params["mask"]], ctx.params["force"], ending)
    return ending, outs


def check_pixels(ctx: click.Context, write: Callable[..., None]) -> None:
    """Raise ValueError if a number of pixels is given for a format that has none, before the work and not after it."""
    if ctx.params["pixels"] is not None and not _takes_pixels(write):
        writers = [*((ending, each.write) for ending, each in FORMATS.items()), *ANIMATIONS.items()]
        endings = dict.fromkeys(ending for ending, each in writers if _takes_pixels(each))
        raise ValueError(f"pixels is for {_listed(endings)}, not for '{ctx.params['out']}'")


def _takes_pixels(write: Callable[..., None]) -> bool:
    """Whether a writer has the option."""
    return "pixels" in inspect.signature(write).parameters


# ---- what help says of defaults -------------------------------------------------------------------------------------


def default_of(function: Callable[..., Any], name: str) -> Any:
    """Return the default of a parameter."""
    return inspect.signature(function).parameters[name].default


def default_by_style(name: str, none: str = "", among: Iterable[str] = recipes.STYLES) -> str:
    """Return what help says of an option of the recipes: its default in each style, and which styles have it.

    none : what it is where the default is None; nothing is said of that if it is empty
    among : the styles that help is about
    """
    among = list(among)
    styles: dict[str, list[str]] = {}
    for style in among:
        defaults = recipes.defaults(style)
        if name in defaults:
            value = none if defaults[name] is None else f"{defaults[name]}".removesuffix(".0")
            styles.setdefault(value, []).append(style)
    if len(styles) > 1:
        return "default " + "; ".join(f"{value} for {_listed(same)}" for value, same in styles.items())
    for value, same in styles.items():
        words = [] if len(same) == len(among) else [f"for {_listed(same)} only"]
        return "; ".join(words + ([f"default {value}"] if value else []))
    return ""


def _listed(words: Iterable[str]) -> str:
    """Words with commas and an "and"."""
    *others, last = words
    return f"{', '.join(others)} and {last}" if others else last


# ---- options that several commands have -----------------------------------------------------------------------------


class RecipeOption(Option):
    """An option that is handed to the recipe of the style, under its name, if it is given.

    Help takes the default in each style from the recipes, and so says which styles have it; if a style is given before
    --help, only what that has is shown.

    none : what help says where the default is None, if anything
    """

    def __init__(self, *declarations: str, none: str = "", **settings: Any) -> None:
        super().__init__(*declarations, **settings)
        self.none = none

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        spec, text = super().get_help_record(ctx) or ("", "")
        style = ctx.params.get("style")
        having = [each for each in recipes.STYLES if self.name in recipes.defaults(each)]
        if style is not None and having and style not in having:
            return None
        default = default_by_style(str(self.name), self.none, recipes.STYLES if style is None else [style])
        return spec, f"{text} ({default})" if default else text


_DEFAULT_STYLE = "mesh"
_PORTRAIT = "astronaut"
_BOX = Numbers("LEFT,TOP,WIDTH,HEIGHT", int, "in whole pixels")
_SIZE, _MARGIN = (default_of(fit_page, name) for name in ("size", "margin"))
_PNG, _GIF = (default_of(write, "pixels") for write in (write_png, write_gif))
_PRESETS = "; ".join(f"{name}: {what}" for name, (what, _) in recipes.PRESETS.items())

#: Options of drawings of which only one may be given.
EITHER = [("size", "page")]


def drawing_options(endings: Iterable[str]) -> list[click.Parameter]:
    """Return the options of commands that draw pictures in a style; the endings are those of what they write."""
    endings = list(endings)
    return [
        Argument(
            ["images"],
            nargs=-1,
            metavar="[IMAGE]...",
            type=File("IMAGE", image.BUILT_IN),
            about="files, - for standard input, or names of pictures that come with scikit-image "
            f"({', '.join(image.BUILT_IN)}); without any, the astronaut's portrait is drawn",
        ),
        Option(
            "-o",
            "--out",
            required=True,
            type=File("FILE"),
            help=f"file to write; its ending decides: {' '.join(endings)}. Or - for standard output; and for several "
            f"pictures a folder/, or a name with {NAME} in it",
        ),
        Option(
            "--format",
            type=Words(ending[1:] for ending in endings),
            help="what is written to standard output or into a folder (default: the first of these)",
        ),
        frame_option(),
        clobber_option(),
        Option("--jobs", type=Whole(), help="so many pictures are drawn at a time (default: one for each core)"),
        Option("-q", "--quiet", is_flag=True, help="no progress bar and no summary"),
        *style_options(),
        *recipe_options(),
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
            about="file, - for standard input, or the name of a picture that comes with scikit-image",
        ),
        frame_option(),
        Option("--crop", type=_BOX, help="part of the picture, in pixels"),
        Option("--seed", type=Whole(), help=f"the same seed gives the same result (default {seed})"),
        Option("--size", type=Length(), help=f"longer side in mm (default {_SIZE:g})"),
        Option("--margin", type=Length(), help=f"free border in mm (default {_MARGIN:g})"),
        Option("--pen", type=Number("MM"), help="width of the line in mm (default: as in the picture)"),
        Option("--pixels", type=Whole(), help=f"longer side of a PNG (default {_PNG})"),
        clobber_option(),
        Option("-q", "--quiet", is_flag=True, help="no progress bar and no summary"),
    ]


def frame_option() -> Option:
    """Return the option that says which frame or page of a file is read."""
    return Option(
        "--frame",
        type=Whole(),
        help="frame of a GIF or page of a TIFF, from 0, as in photo.tif[2] (default 0)",
    )


def clobber_option() -> Option:
    """Return the option that says whether a file that is there is replaced."""
    return Option(
        "--force/--no-clobber",
        default=True,
        help="replace a file that is there (default: whole, and only when all went well), or refuse to; a picture that "
        "is read is never replaced",
    )


def retrace_option() -> Option:
    """Return the option that lets lines be drawn twice."""
    return RecipeOption(
        "--retrace",
        group="plotting",
        is_flag=True,
        default=None,
        help="draw some lines twice, so that each connected piece is one path",
    )


# ---- options of the recipes: a new one is an entry of one of these lists ---------------------------------------------


def recipe_options() -> list[RecipeOption]:
    """Return the options that are handed to the recipes, the style apart."""
    return [*_tone_options(), *_picture_options(), *_training_options(), *_page_options()]


def style_options() -> list[Option]:
    """Return the options that choose the recipe."""
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
            is_eager=True,  # before --help, which shows the options of a style
            help=f"how the picture is drawn; shape is for silhouettes (default {_DEFAULT_STYLE}); "
            "--style NAME --help shows its options alone",
        ),
    ]


def _tone_options() -> list[RecipeOption]:
    """The options of what is drawn of the picture."""
    return [
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


def _picture_options() -> list[RecipeOption]:
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
            none=f"{image.AUTO_PIXELS} with the threshold auto, none without,",
            help="shrink a larger picture to so many pixels",
        ),
    ]


def _training_options() -> list[RecipeOption]:
    """The options of the network."""
    return [
        RecipeOption(
            "--detail",
            group="training",
            type=Number(),
            help="how dense the drawing is, in any style: 2 is twice as dense as by default",
        ),
        RecipeOption("--nodes", group="training", type=Whole(), help="nodes to grow, instead of --detail"),
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


def _page_options() -> list[RecipeOption]:
    """The options of the page and of what is drawn on it."""
    return [
        RecipeOption(
            "--size", group="page", type=Length(), help=f"longer side in mm, or as 7in (default {_SIZE:g}), or:"
        ),
        RecipeOption(
            "--page",
            group="page",
            type=Text("PAGE", PAGES),
            help=f"{', '.join(PAGES)} or WIDTHxHEIGHT in mm, or as 8.5x11in, instead of a page as large as the "
            "picture; a4-landscape and a4-portrait say how it lies",
        ),
        RecipeOption(
            "--line",
            group="page",
            is_flag=True,
            default=None,
            help="draw one line through the dots, and not the dots",
        ),
        RecipeOption(
            "--margin", group="page", type=Length(), help=f"free border in mm, or as 1cm (default {_MARGIN:g})"
        ),
        RecipeOption("--colours", group="page", type=Whole(), help="colours of the drawing, a pen each"),
        RecipeOption(
            "--pen",
            group="page",
            type=Pens(),
            none="what suits",
            help="width of the line in mm; tone, stipple and cmyk also take pens as 0.2,0.4,0.8 or a range as 0.1-1.2",
        ),
    ]

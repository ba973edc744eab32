"""The options that commands share, and checks of what is given before the work.

The options of the recipes come from their table, `recipes.TABLE`: help takes the default from the recipes and says
which styles have one, `for_recipe` hands them over, and completion and options from a file know them.
"""

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import click

from gng_fast.art import image, recipes
from gng_fast.art.drawing import fit_page
from gng_fast.art.export import ANIMATIONS, FORMATS
from gng_fast.art.export.gif import write_gif
from gng_fast.art.export.raster import write_png
from gng_fast.art.image.picture import Source
from gng_fast.cli.command import Argument, Option, given
from gng_fast.cli.kinds import File, Kind, Length, Number, NumberOrWord, Numbers, Pens, Text, Whole, Words
from gng_fast.cli.places import NAME, STANDARD, check_out, ending_for, is_folder, make_folder, outs_for, source_at

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
    ending = ending_for(ctx.params["out"], ctx.params["format"], writers)
    check_pixels(ctx, writers[ending])
    return ending, places_of(ctx, "out", ending, writers)


def places_of(ctx: click.Context, option: str, ending: str, endings: Iterable[str]) -> list[str]:
    """Return where an option says the file of each picture goes, after checking that it can.

    ending : of the files
    endings : those there are, which no folder has
    """
    pictures, out, endings = ctx.params["images"] or (_PORTRAIT,), ctx.params[option], list(endings)
    outs = outs_for(pictures, out, ending, endings)
    check_apart(pictures)
    if is_folder(out, endings):
        make_folder(out)
    for each in outs:
        check_out(each, [*ctx.params["images"], ctx.params.get("mask")], ctx.params["force"], ending)
    return outs


def check_apart(pictures: Sequence[str]) -> None:
    """Raise ValueError if standard input is one of several pictures."""
    if len(pictures) > 1 and STANDARD in pictures:
        raise ValueError("standard input is one picture: it cannot be drawn along with others")


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


def default_by_style(name: str, among: Iterable[str] = recipes.STYLES) -> str:
    """Return what help says of an option of the recipes: its default in each style, and which styles have it.

    among : the styles that help is about
    """
    among = list(among)
    styles: dict[str, list[str]] = {}
    for style in among:
        option = _of(style, name)
        if option is not None:
            value = "" if option.type == "bool" else f"{option.default}".removesuffix(".0")
            styles.setdefault(option.none if option.default is None else value, []).append(style)
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
    """An option of the recipes, which is handed over under its name if it is given.

    Help takes the default in each style from the recipes, and so says which styles have it; if a style is given before
    --help, only what that has is shown.
    """

    def __init__(self, option: recipes.Option) -> None:
        kind: dict[str, Any] = (
            {"is_flag": True, "default": None} if option.type == "bool" else {"type": _kind_of(option)}
        )
        super().__init__(f"--{option.name.replace('_', '-')}", group=option.group, help=_help_of(option), **kind)

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        spec, text = super().get_help_record(ctx) or ("", "")
        style = ctx.params.get("style")
        if style is not None and _of(style, str(self.name)) is None:
            return None
        default = default_by_style(str(self.name), recipes.STYLES if style is None else [style])
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
        jobs_option(),
        Option("-q", "--quiet", is_flag=True, help="no progress bar and no summary"),
        *_style_options(),
        *recipe_options("style", "picture", "training", "page"),
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
            ["images"],
            nargs=-1,
            required=True,
            metavar="IMAGE...",
            type=File("IMAGE", image.BUILT_IN),
            about="files, - for standard input, or names of pictures that come with scikit-image",
        ),
        frame_option(),
        Option("--crop", type=_BOX, help="part of the picture, in pixels"),
        Option("--seed", type=Whole(), help=f"the same seed gives the same result (default {seed})"),
        Option("--size", type=Length(), help=f"longer side in mm (default {_SIZE:g})"),
        Option("--margin", type=Length(), help=f"free border in mm (default {_MARGIN:g})"),
        Option("--pen", type=Number("MM"), help="width of the line in mm (default: as in the picture)"),
        Option("--pixels", type=Whole(), help=f"longer side of a PNG (default {_PNG})"),
        clobber_option(),
        jobs_option(),
        Option("-q", "--quiet", is_flag=True, help="no progress bar and no summary"),
    ]


def jobs_option() -> Option:
    """Return the option that says how many pictures are worked on at a time."""
    return Option("--jobs", type=Whole(), help="so many pictures are done at a time (default: one for each core)")


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


# ---- options of the recipes: each is an entry of their table --------------------------------------------------------


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
            is_eager=True,  # before --help, which shows the options of a style
            help=f"how the picture is drawn; shape is for silhouettes (default {_DEFAULT_STYLE}); "
            "--style NAME --help shows its options alone",
        ),
    ]


def recipe_options(*groups: str) -> list[Option]:
    """Return the options of the recipes that are in some groups."""
    return [RecipeOption(option) for option in recipes.TABLE.values() if option.group in groups]


def _kind_of(option: recipes.Option) -> Kind:
    """How the value of an option is read from a command line."""
    if option.unit == "mm" and option.type == "float":
        return Length()
    kinds: dict[str, Kind] = {
        "int": Whole(),
        "float": Number(),
        "word": Words(option.choices),
        "float or word": NumberOrWord("X|WORD", option.choices),
        "page": Text("PAGE", option.choices),
        "picture": File("FILE"),
        "pens": Pens(),
        "box": _BOX,
        "levels": Numbers("PAPER,INK", float, "two numbers in [0, 1]"),
    }
    return kinds[option.type]


def _help_of(option: recipes.Option) -> str:
    """What help says of an option, and how its value may be written."""
    if option.unit != "mm":
        return option.help
    if option.type == "float":
        return f"{option.help} in mm, or as 7in or 2cm"
    several = [style for style in recipes.STYLES if (its := _of(style, option.name)) and its.type == "pens"]
    return f"{option.help} in mm; {_listed(several)} also take pens as 0.2,0.4,0.8 or a range as 0.1-1.2"


def _of(style: str, name: str) -> recipes.Option | None:
    """An option as a style has it; None if it does not."""
    return next((each for each in recipes.options(style) if each.name == name), None)

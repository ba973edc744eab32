"""The command `gng` of vpype: a picture as a drawing in its pipeline.

vpype finds it by the entry point in pyproject.toml and imports it; nothing else does.
"""

from collections.abc import Callable
from typing import Any

import click
import vpype_cli

from gng_fast.art import recipes
from gng_fast.art.drawing import millimetres


def _numbers(kind: type[int] | type[float], count: int | None = None) -> Callable[[str], Any]:
    """The reader of one number, or of several with commas, as a tuple; of so many, if there is a count."""

    def read(text: str) -> Any:
        try:
            numbers = tuple(kind(part) for part in text.split(","))
        except ValueError:
            numbers = ()
        if not numbers or count not in (None, len(numbers)):
            wanted = "numbers" if count is None else f"{count} numbers"
            raise click.BadParameter(f"must be {wanted} with commas between them, got '{text}'")
        return numbers[0] if len(numbers) == 1 else numbers

    return read


def _length(text: str) -> float:
    """A length in mm, or with its unit."""
    try:
        return millimetres(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def _number_or_word(text: str) -> float | str:
    """A threshold, or the name of one."""
    try:
        return float(text)
    except ValueError:
        return text


# What is left out is for experiments with the network, or goes without saying.
_LEFT_OUT = {"epochs", "variant", "eps_b", "eps_n", "max_age", "lam", "block_size", "strokes_only"}
# How values are read, and what help calls them.
_READ: dict[str, dict[str, Any]] = {
    "int": {"type": int},
    "float": {"type": float},
    "bool": {"is_flag": True, "default": None},
    "float or word": {"type": _number_or_word, "metavar": "LEVEL"},
    "page": {"metavar": "PAGE"},
    "picture": {"type": click.Path()},
    "pens": {"type": _numbers(float), "metavar": "MM"},
    "box": {"type": _numbers(int, 4), "metavar": "LEFT,TOP,WIDTH,HEIGHT"},
    "levels": {"type": _numbers(float, 2), "metavar": "PAPER,INK"},
}


def _option(option: recipes.Option) -> click.Option:
    """An option of the recipes."""
    is_length = option.type == "float" and option.unit == "mm"
    reading = {"type": _length, "metavar": "LENGTH"} if is_length else _READ[option.type]
    return click.Option([f"--{option.name.replace('_', '-')}"], help=option.help, **reading)


_OPTIONS = (
    click.Option(["--style"], type=click.Choice(tuple(recipes.STYLES)), default="tone", show_default=True),
    *(_option(each) for each in recipes.TABLE.values() if each.name not in _LEFT_OUT),
)


def _drawn(document: Any, image: str, style: str, **options: Any) -> Any:
    """The document with a drawing as its next layers, one for each pen."""
    given = {name: value for name, value in options.items() if value is not None}
    try:
        drawing = recipes.make(image, style, strokes_only=True, **given).drawing
    except (ValueError, TypeError, OSError) as error:
        raise click.ClickException(f"gng: {error}") from error
    document.extend(drawing.to_vpype(first_layer=max(document.layers, default=0) + 1))
    return document


class _OptionsAnywhere(click.Command):
    """A command whose options may stand before its one argument and after it; in a chain click takes those before."""

    #: The heading under which `vpype --help` lists it.
    help_group = "Plugins"

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the argument after the options, and leave the commands that follow."""
        options: list[click.Parameter] = [
            parameter for parameter in self.get_params(ctx) if isinstance(parameter, click.Option)
        ]
        parser = click.Command(self.name, params=options, add_help_option=False).make_parser(ctx)
        rest = parser.parse_args(args=list(args))[1]
        before, argument = args[: len(args) - len(rest)], rest[:1]
        following = parser.parse_args(args=rest[1:])[1]
        after = rest[1 : len(rest) - len(following)]
        return super().parse_args(ctx, [*before, *after, *argument, *following])


gng = _OptionsAnywhere(
    "gng",
    params=[click.Argument(["image"]), *_OPTIONS],
    callback=vpype_cli.global_processor(_drawn),
    help="Draw a picture as lines, by Growing Neural Gas: a layer for each pen, in its colour and width. IMAGE is a "
    "file, or the name of a picture that comes with scikit-image. The options are those of `gng-fast draw`, with its "
    "defaults.",
)

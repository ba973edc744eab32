"""The command `gng` of vpype: a picture as a drawing in its pipeline.

vpype finds it by the entry point in pyproject.toml and imports it; nothing else does.
"""

from typing import Any

import click
import vpype_cli

from gng_fast.art import recipes
from gng_fast.art.image import BUILT_IN
from gng_fast.cli.kinds import File, Words
from gng_fast.cli.options import frame_option, recipe_options
from gng_fast.cli.places import source_at

# Of the options of the recipes, which are all.
_GROUPS = "style", "picture", "training", "page", "plotting"


def _drawn(document: Any, image: str, frame: int | None, style: str, **options: Any) -> Any:
    """The document with a drawing as its next layers, one for each pen."""
    given = {name: value for name, value in options.items() if value is not None}
    try:
        drawing = recipes.make(source_at(image, frame), style, strokes_only=True, **given).drawing
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
    params=[
        click.Argument(["image"], type=File("IMAGE", BUILT_IN)),
        click.Option(
            ["--style"], type=Words(recipes.STYLES), default="tone", show_default=True, help="how the picture is drawn"
        ),
        frame_option(),
        *(each for each in recipe_options(*_GROUPS) if each.name != "strokes_only"),
    ],
    callback=vpype_cli.global_processor(_drawn),
    help="Draw a picture as lines, by Growing Neural Gas: a layer for each pen, in its colour and width. IMAGE is a "
    "file, or the name of a picture that comes with scikit-image. The options are those of `gng-fast draw`, with its "
    "defaults.",
)

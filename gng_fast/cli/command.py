"""Commands and their options on click: help in groups, and what is given on the way to the work."""

import inspect
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import click

from gng_fast.art import recipes
from gng_fast.model.growth import calling_parameters

# What the parameters of the network are called here.
_OPTIONS = {"max_nodes": "--nodes", "n_epochs": "--epochs", "lam": "--lam"}


class Argument(click.Argument):
    """An argument that help describes."""

    def __init__(self, declarations: Sequence[str], *, about: str, **settings: Any) -> None:
        super().__init__(declarations, **settings)
        self.about = about


class Option(click.Option):
    """An option that help shows in a group.

    group : the title of the group
    """

    def __init__(self, *declarations: str, group: str = "options", **settings: Any) -> None:
        super().__init__(declarations, **settings)
        self.group = group


class RecipeOption(Option):
    """An option that is handed to the recipe of the style, under its name, if it is given.

    Help takes the default in each style from the recipes, and so says which styles have it.

    none : what help says where the default is None, if anything
    """

    def __init__(self, *declarations: str, none: str = "", **settings: Any) -> None:
        super().__init__(*declarations, **settings)
        self.none = none

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        spec, text = super().get_help_record(ctx) or ("", "")
        default = default_by_style(str(self.name), self.none)
        return spec, f"{text} ({default})" if default else text


class Command(click.Command):
    """A command whose help shows its options in groups.

    run : called with the context when all is read
    either : pairs of options, by name, of which only one may be given
    """

    def __init__(
        self,
        name: str,
        help: str,
        params: list[click.Parameter],
        run: Callable[[click.Context], None],
        either: Iterable[tuple[str, str]] = (),
    ) -> None:
        super().__init__(name, help=help, params=params)
        self.run = run
        self.either = either

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            error.ctx = error.ctx or ctx  # an option without its value does not know whose it is
            raise

    def invoke(self, ctx: click.Context) -> None:
        for one, other in self.either:
            if ctx.params[one] is not None and ctx.params[other] is not None:
                ctx.fail(f"--{one} and --{other} cannot be given together")
        with calling_parameters(**_OPTIONS):
            self.run(ctx)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        groups: dict[str, list[tuple[str, str]]] = {"arguments": []}
        for parameter in self.get_params(ctx):
            if isinstance(parameter, Argument):
                groups["arguments"].append((parameter.make_metavar(ctx), parameter.about))
            elif record := parameter.get_help_record(ctx):
                groups.setdefault(getattr(parameter, "group", "options"), []).append(record)
        for title, rows in groups.items():
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows)


def for_recipe(ctx: click.Context) -> dict[str, Any]:
    """Return the options of the recipe that are given."""
    names = [str(each.name) for each in ctx.command.params if isinstance(each, RecipeOption)]
    return given(ctx, *names)


def given(ctx: click.Context, *names: str) -> dict[str, Any]:
    """Return those of the named options that are given."""
    return {name: ctx.params[name] for name in names if ctx.params[name] is not None}


# ---- what help says of defaults -------------------------------------------------------------------------------------


def default_of(function: Callable[..., Any], name: str) -> Any:
    """Return the default of a parameter."""
    return inspect.signature(function).parameters[name].default


def default_by_style(name: str, none: str = "") -> str:
    """Return what help says of an option of the recipes: its default in each style, and which styles have it.

    none : what it is where the default is None; nothing is said of that if it is empty
    """
    styles: dict[str, list[str]] = {}
    for style in recipes.STYLES:
        defaults = recipes.defaults(style)
        if name in defaults:
            value = none if defaults[name] is None else f"{defaults[name]}".removesuffix(".0")
            styles.setdefault(value, []).append(style)
    if len(styles) > 1:
        return "default " + "; ".join(f"{value} for {listed(same)}" for value, same in styles.items())
    for value, same in styles.items():
        words = [] if len(same) == len(recipes.STYLES) else [f"for {listed(same)} only"]
        return "; ".join(words + ([f"default {value}"] if value else []))
    return ""


def listed(words: Iterable[str]) -> str:
    """Words with commas and an "and"."""
    *others, last = words
    return f"{', '.join(others)} and {last}" if others else last

"""Commands and their options on click: help in groups, options from a file, and what was given in words."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import click
from click.core import ParameterSource

from gng_fast.cli.config import config_option

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


class Command(click.Command):
    """A command whose help shows its options in groups, and that takes options from a file.

    run : called with the context when all is read
    either : pairs of options, by name, of which only one may be given
    """

    def __init__(
        self,
        name: str,
        help: str,
        params: Sequence[click.Parameter],
        run: Callable[[click.Context], None],
        either: Iterable[tuple[str, str]] = (),
    ) -> None:
        super().__init__(name, help=help, params=[*params, config_option(name, params)] if params else [])
        self.run = run
        self.either = either

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            error.ctx = error.ctx or ctx  # an option without its value does not know whose it is
            raise

    def invoke(self, ctx: click.Context) -> None:
        from gng_fast.model.growth import calling_parameters

        for pair in self.either:
            _let_one_win(ctx, pair)
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


def _let_one_win(ctx: click.Context, pair: tuple[str, str]) -> None:
    """Let only one of two options be given: that of the command line, if the other comes from a file."""
    if any(ctx.params[name] is None for name in pair):
        return
    typed = [name for name in pair if ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE]
    if len(typed) != 1:
        ctx.fail(f"--{pair[0]} and --{pair[1]} cannot be given together")
    ctx.params.update(dict.fromkeys(set(pair) - set(typed)))


def given(ctx: click.Context, *names: str) -> dict[str, Any]:
    """Return those of the named options that are given."""
    return {name: ctx.params[name] for name in names if ctx.params[name] is not None}


def spelled(ctx: click.Context, leave_out: Iterable[str]) -> list[str]:
    """Return the arguments that give a command the options of a context; those whose names are left out are not."""
    words = []
    for parameter in ctx.command.params:
        name = str(parameter.name)
        if not isinstance(parameter, Option) or name in leave_out:
            continue
        value = ctx.params[name]
        if isinstance(value, bool):
            if value != parameter.get_default(ctx):
                words += parameter.opts[-1:] if value else parameter.secondary_opts[-1:]
        elif value is not None:
            parts = value if isinstance(value, tuple) else (value,)
            words += [parameter.opts[-1], ",".join(map(str, parts))]
    return words


def as_argument(text: str) -> list[str]:
    """Return a text as an argument that is taken for no option."""
    return ["--", text] if text.startswith("-") and text != "-" else [text]

"""All commands, each imported only when it is asked for: help, versions and typing errors are answered at once."""

from contextlib import nullcontext
from importlib import import_module
from typing import TYPE_CHECKING

import click

from gng_fast import __version__
from gng_fast.cli.messages import did_you_mean
from gng_fast.cli.signals import Signals

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

#: The commands and what help says of each; its module, of the same name, has it as COMMAND. A new one is a line here.
SUMMARIES = {
    "draw": "draw a picture",
    "animate": "show a drawing grow",
    "words": "count the words in a picture",
    "strokes": "draw handwriting in continuous strokes",
    "studio": "open a page to draw pictures in the browser",
    "cluster": "find the clusters of a table of numbers",
    "surface": "make a mesh of points on a closed surface",
    "bench": "measure the speed on this machine",
    "completion": "let a shell complete command lines",
}


class _Commands(click.Group):
    """The group of all commands."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(SUMMARIES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in SUMMARIES:
            return None
        signals = ctx.find_object(Signals)
        with signals.end_the_process() if signals else nullcontext():
            command: click.Command = import_module(f"gng_fast.cli.{cmd_name}").COMMAND
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in SUMMARIES and not ctx.resilient_parsing:
            ctx.fail(f"no such command '{args[0]}'{did_you_mean(args[0], SUMMARIES)}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(SUMMARIES.items()))

    def shell_complete(self, ctx: click.Context, incomplete: str) -> "list[CompletionItem]":
        from click.shell_completion import CompletionItem  # which nothing else needs

        names = [CompletionItem(name, help=what) for name, what in SUMMARIES.items() if name.startswith(incomplete)]
        return names + click.Command.shell_complete(self, ctx, incomplete)


def _show_version(ctx: click.Context, _: click.Parameter, asked: bool) -> None:
    """Print the version and end, if it is asked for."""
    if asked and not ctx.resilient_parsing:
        click.echo(f"gng-fast {__version__}")
        ctx.exit()


COMMANDS = _Commands(
    "gng-fast",
    help="Line art from photos by Growing Neural Gas.",
    epilog="gng-fast COMMAND --help shows the options of a command.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120},
    params=[
        click.Option(
            ["--version"],
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=_show_version,
            help="Show the version.",
        )
    ],
)

"""gng-fast completion: the script that lets a shell complete the options, styles and files of a command line."""

import click
from click.shell_completion import get_completion_class

from gng_fast.cli.command import Argument, Command
from gng_fast.cli.kinds import Words
from gng_fast.cli.messages import COMPLETE

SHELLS = ("bash", "zsh", "fish")


def _run(ctx: click.Context) -> None:
    """Print the script."""
    shell = get_completion_class(ctx.params["shell"])
    root = ctx.find_root()
    assert shell is not None
    click.echo(shell(root.command, {}, str(root.info_name), COMPLETE).source())


COMMAND = Command(
    "completion",
    "Print the script that completes command lines in a shell. In ~/.bashrc or ~/.zshrc: "
    'eval "$(gng-fast completion bash)" (or zsh); in fish: gng-fast completion fish > '
    "~/.config/fish/completions/gng-fast.fish",
    [Argument(["shell"], type=Words(SHELLS), about="the shell")],
    _run,
)

"""The entry of the command line: signals, errors and exit codes; each command has a module of its own.

What is imported here at the top is next to nothing, since Ctrl-C is answered properly only once `main` runs: the
libraries of the commands, which take a while, are imported within it.
"""

import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from gng_fast.cli.messages import COMPLETE, STOPPED, did_you_mean, say
from gng_fast.cli.signals import Signals

if TYPE_CHECKING:
    import click

_NAME = "gng-fast"


def main(arguments: list[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    arguments : list of str, optional
        By default those that the program was called with.

    Returns
    -------
    int
        The exit code: 0, 1 after an error that was said in one line (or a warning, if Python takes these for errors),
        2 for wrong arguments, 130 after Ctrl-C.

    Raises
    ------
    SystemExit
        With the code 143, after SIGTERM.
    """
    with Signals() as signals, _plain_warnings():
        try:
            code = _run(sys.argv[1:] if arguments is None else arguments, signals)
            sys.stdout.flush()
            return code
        except KeyboardInterrupt as stop:
            return _fail(str(stop) or STOPPED, signals.interrupted_code)
        except BrokenPipeError:
            # the reader of our output is gone; keep Python from complaining at exit
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 1
        except MemoryError as error:
            return _fail(f"out of memory: {error}" if str(error) else "out of memory")
        except (ValueError, TypeError, OSError, ImportError, Warning) as error:
            # compiled modules turn whatever interrupts their import into an ImportError
            return _fail(STOPPED, signals.interrupted_code) if signals.interrupted else _fail(str(error))


def _run(arguments: list[str], signals: Signals) -> int:
    """Run the command that the arguments name, and return the exit code."""
    with signals.end_the_process():
        import click

        from gng_fast.cli.commands import COMMANDS
    if COMPLETE in os.environ:
        from click.shell_completion import shell_complete

        return shell_complete(COMMANDS, {}, _NAME, COMPLETE, os.environ[COMPLETE])
    try:
        with COMMANDS.make_context(_NAME, list(arguments), obj=signals) as context:
            COMMANDS.invoke(context)
    except click.exceptions.Exit as end:  # after --help and --version
        return end.exit_code
    except click.exceptions.NoArgsIsHelpError as end:
        end.show()
        return end.exit_code
    except click.UsageError as error:
        return _wrong_usage(error)
    return 0


def _wrong_usage(error: "click.UsageError") -> int:
    """Say in one line what is wrong with the arguments, and return the exit code."""
    import click

    message = error.format_message()
    if type(error) is click.BadParameter and error.param is not None:
        message = f"{max(error.param.opts, key=len)} {error.message}"  # which begins with "must be"
    elif isinstance(error, click.NoSuchOption) and error.ctx is not None:
        known = [name for each in error.ctx.command.get_params(error.ctx) for name in each.opts if name[:2] == "--"]
        message = f"no such option '{error.option_name}'{did_you_mean(error.option_name, known)}"
    path = "gng-fast" if error.ctx is None else error.ctx.command_path
    say(f"{message[:1].lower()}{message[1:].removesuffix('.')} (see {path} --help)", path)
    return error.exit_code


def _fail(message: str, code: int = 1) -> int:
    """Say what went wrong, and return the exit code."""
    say(message)
    return code


@contextmanager
def _plain_warnings() -> Iterator[None]:
    """Show warnings in one line, without the line of code that Python adds."""

    def show(message: Warning | str, *_: object, **__: object) -> None:
        say(f"warning: {message}")

    shown = warnings.showwarning
    warnings.showwarning = show
    try:
        yield
    finally:
        warnings.showwarning = shown

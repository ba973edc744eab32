"""The entry of the command line: signals, errors and exit codes; each command has a module of its own.

What is imported here at the top is next to nothing, since Ctrl-C is answered properly only once `main` runs: the
libraries of the commands, which take a while, are imported within it.
"""

import os
import signal
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gng_fast.cli.options import Parser

# What a shell reports of a program that these signals end.
_STOPPED, _TERMINATED = 128 + signal.SIGINT, 128 + signal.SIGTERM
# What the parameters of the network are called here.
_OPTIONS = {"max_nodes": "--nodes", "n_epochs": "--epochs", "lam": "--lam"}


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
        130 after Ctrl-C.

    Raises
    ------
    SystemExit
        With the code 143 after SIGTERM, 2 for wrong arguments, 0 after --help and --version.
    """
    with _Signals() as signals, _plain_warnings():
        try:
            with signals.end_the_process():
                parser = _parser()
                from gng_fast.model.growth import calling_parameters
            options = parser.parse_args(arguments)
            with calling_parameters(**_OPTIONS):
                options.run(options)
            sys.stdout.flush()
        except KeyboardInterrupt:
            return _fail("stopped, nothing written", _STOPPED)
        except BrokenPipeError:
            # the reader of our output is gone; keep Python from complaining at exit
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 1
        except MemoryError as error:
            return _fail(f"out of memory: {error}" if str(error) else "out of memory")
        except (ValueError, TypeError, OSError, ImportError, Warning) as error:
            # compiled modules turn whatever interrupts their import into an ImportError
            return _fail("stopped, nothing written", _STOPPED) if signals.interrupted else _fail(str(error))
    return 0


def _say(message: str) -> None:
    """Say in one line what the user should know."""
    print(f"gng-fast: {' '.join(message.split())}", file=sys.stderr)


def _fail(message: str, code: int = 1) -> int:
    """Say what went wrong, and return the exit code."""
    _say(message)
    return code


@contextmanager
def _plain_warnings() -> Iterator[None]:
    """Show warnings in one line, without the line of code that Python adds."""

    def show(message: Warning | str, *_: object, **__: object) -> None:
        _say(f"warning: {message}")

    shown = warnings.showwarning
    warnings.showwarning = show
    try:
        yield
    finally:
        warnings.showwarning = shown


def _parser() -> "Parser":
    """The parser of all commands. A new command is one more name here."""
    from gng_fast import __version__
    from gng_fast.cli import animate, bench, draw, strokes, words
    from gng_fast.cli.options import Parser

    parser = Parser(prog="gng-fast", description="Line art from photos by Growing Neural Gas.")
    parser.add_argument("--version", action="version", version=f"gng-fast {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=Parser)
    for command in (draw.COMMAND, animate.COMMAND, words.COMMAND, strokes.COMMAND, bench.COMMAND):
        added = commands.add_parser(command.name, help=command.help, description=command.description)
        command.add_options(added)
        added.set_defaults(run=command.run)
    return parser


class _Signals:
    """Context manager: SIGINT and SIGTERM become exceptions, so that files that are half written are removed.

    Only what would happen by default is replaced: a signal that is ignored, as SIGINT is by a job in the background,
    stays ignored, and a program that runs the command line keeps its own handlers.
    """

    def __init__(self) -> None:
        self.interrupted = False
        self._ends = False
        self._replaced: dict[int, Any] = {}

    def __enter__(self) -> "_Signals":
        for number in (signal.SIGINT, signal.SIGTERM):
            handler = signal.getsignal(number)
            if handler in (signal.SIG_DFL, signal.default_int_handler):
                try:
                    signal.signal(number, self._handle)
                except ValueError:  # in a thread, which no signal reaches
                    return self
                self._replaced[number] = handler
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._replaced.items():
            signal.signal(number, handler)

    @contextmanager
    def end_the_process(self) -> Iterator[None]:
        """End the process at once on a signal: nothing is open yet, and imports do not bear exceptions well."""
        self._ends = True
        yield
        self._ends = False

    def _handle(self, number: int, _: FrameType | None) -> None:
        """Do what a signal asks for."""
        if self._ends:
            if number == signal.SIGINT:
                _fail("stopped, nothing written")
                sys.stderr.flush()
            os._exit(128 + number)
        if number == signal.SIGTERM:
            raise SystemExit(_TERMINATED)
        self.interrupted = True
        raise KeyboardInterrupt

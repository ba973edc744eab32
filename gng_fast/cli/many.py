"""One command for several pictures: some at a time, each in a process of its own, as it would be drawn alone."""

import contextlib
import io
import signal
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from gng_fast.cli.command import as_argument, spelled
from gng_fast.cli.progress import Progress
from gng_fast.parameters import N_JOBS, count_threads

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.context import SpawnProcess


@dataclass(frozen=True)
class Done:
    """A command that has ended: which one, with which exit code, and what it said."""

    number: int
    code: int
    out: str
    err: str


def run_for_each(
    ctx: click.Context,
    pictures: Sequence[str],
    places: Sequence[Mapping[str, str]],
    done_to: str = "drawn",
    named: bool = False,
) -> None:
    """Run the command of a context for each of several pictures, with one progress bar for all.

    What each says is printed in the order of the pictures. Pictures that fail are said, and do not keep others from
    being drawn; the exit code is 1 then.

    pictures : one each
    places : the options that say where files of each picture go, by their names
    done_to : what is done to pictures, in a word
    named : whether what is printed about a picture begins with its name
    """
    given = spelled(ctx, leave_out=("out", "boxes", "format", "jobs"))
    commands = [
        [str(ctx.command.name), *(f"--{name}={file}" for name, file in files.items()), *given, *as_argument(picture)]
        for picture, files in zip(pictures, places, strict=True)
    ]
    jobs = ctx.params["jobs"]
    n_processes = count_threads(-1) if jobs is None else int(N_JOBS.check("jobs", jobs))
    ended: dict[int, Done] = {}
    n_said = n_failed = 0
    try:
        with Progress(ctx.params["quiet"]) as progress:
            for done in progress.over(run_all(commands, n_processes), len(commands), "pictures"):
                ended[done.number] = done
                n_failed += done.code != 0
                with progress.paused():
                    while n_said in ended:
                        said = ended[n_said]
                        if named and said.out:
                            click.echo(f"{pictures[n_said]}: ", nl=False)
                        click.echo(said.out, nl=False)
                        click.echo(said.err, nl=False, err=True)
                        n_said += 1
    except KeyboardInterrupt:
        raise KeyboardInterrupt(f"stopped, {len(ended) - n_failed} of {len(commands)} pictures {done_to}") from None
    if n_failed:
        raise ValueError(f"{n_failed} of {len(commands)} pictures could not be {done_to}")


def run_all(commands: Sequence[list[str]], n_processes: int) -> Iterator[Done]:
    """Run command lines, some at a time, and yield each as it ends; whatever ends the iterator ends them.

    Parameters
    ----------
    commands : sequence of list of str
        Arguments of `gng_fast.cli.main`.
    n_processes : int
        So many run at a time.

    Yields
    ------
    Done
    """
    from multiprocessing.connection import wait  # which one picture does not need

    left = list(enumerate(commands))[::-1]
    running: dict[Any, tuple[int, SpawnProcess]] = {}  # by the connection that tells of the end
    try:
        while left or running:
            while left and len(running) < n_processes:
                number, command = left.pop()
                with _interrupts_held_back():
                    connection, process = _started(command)
                    running[connection] = number, process
            for connection in wait(list(running)):
                yield _ended(*running.pop(connection), connection)
    finally:
        for _, process in running.values():
            process.terminate()
        for _, process in running.values():
            process.join()


def _started(command: list[str]) -> "tuple[Any, SpawnProcess]":
    """The process that runs a command, and the connection that tells of its end."""
    import multiprocessing

    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_run, args=(command, theirs), daemon=True)
    process.start()
    theirs.close()  # so that the end of the process is the end of the connection
    return ours, process


@contextlib.contextmanager
def _interrupts_held_back() -> Iterator[None]:
    """Start processes that Ctrl-C in the terminal does not reach, which would all say so: they are ended from here.

    It does not reach this one either until a process that has started is told what to do and is known to whoever ends
    it. To block the signal in this thread is not enough: Python hears of it from any other.
    """
    handler: Any = signal.getsignal(signal.SIGINT)
    came: list[tuple[int, Any]] = []
    replaced = callable(handler) and threading.current_thread() is threading.main_thread()
    if replaced:
        signal.signal(signal.SIGINT, lambda number, frame: came.append((number, frame)))
    can_block = hasattr(signal, "pthread_sigmask")  # not on Windows
    if can_block:
        from multiprocessing.resource_tracker import ensure_running

        ensure_running()  # here, since older versions of Python unblock the signal when they start it themselves
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT]) if can_block else None
    try:
        yield
    finally:
        if before is not None:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        if replaced:
            signal.signal(signal.SIGINT, handler)
        for number, frame in came:
            handler(number, frame)


def _ended(number: int, process: "SpawnProcess", connection: Any) -> Done:
    """What came of a command whose process has said its last, or has ended without a word."""
    try:
        done = Done(number, *connection.recv())
    except EOFError:
        process.join()
        return Done(number, 1, "", f"gng-fast: a process ended with the code {process.exitcode}\n")
    process.join()
    return done


def _run(command: list[str], connection: "Connection") -> None:
    """Run a command in its process, and send what it has said."""
    from gng_fast.cli.main import main

    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(command)
    connection.send((code, out.getvalue(), err.getvalue()))

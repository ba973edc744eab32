"""One command for several pictures: some at a time, each in a process of its own, as it would be drawn alone."""

import contextlib
import io
import multiprocessing
import signal
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Any

import click

from gng_fast.cli.command import as_argument, spelled
from gng_fast.cli.progress import Progress
from gng_fast.parameters import N_JOBS, count_threads


@dataclass(frozen=True)
class Done:
    """A command that has ended: with which exit code, and what it said."""

    code: int
    out: str
    err: str


def run_for_each(ctx: click.Context, pictures: Sequence[str], outs: Sequence[str]) -> None:
    """Run the command of a context for each of several pictures, with one progress bar for all.

    Pictures that fail are said, and do not keep others from being drawn; the exit code is 1 then.
    """
    given = spelled(ctx, leave_out=("out", "format", "jobs"))
    commands = [
        [str(ctx.command.name), "-o", out, *given, *as_argument(picture)]
        for picture, out in zip(pictures, outs, strict=True)
    ]
    jobs = ctx.params["jobs"]
    n_processes = count_threads(-1) if jobs is None else int(N_JOBS.check("jobs", jobs))
    n_failed = n_done = 0
    try:
        with Progress(ctx.params["quiet"]) as progress:
            for done in progress.over(run_all(commands, n_processes), len(commands), "pictures"):
                n_done += 1
                n_failed += done.code != 0
                with progress.paused():
                    click.echo(done.out, nl=False)
                    click.echo(done.err, nl=False, err=True)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(f"stopped, {n_done - n_failed} of {len(commands)} pictures written") from None
    if n_failed:
        raise ValueError(f"{n_failed} of {len(commands)} pictures could not be drawn")


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
    left = list(commands)[::-1]
    running: dict[Any, SpawnProcess] = {}  # by the connection that tells of the end
    try:
        while left or running:
            while left and len(running) < n_processes:
                connection, process = _started(left.pop())
                running[connection] = process
            for connection in wait(list(running)):
                yield _ended(running.pop(connection), connection)
    finally:
        for process in running.values():
            process.terminate()
        for process in running.values():
            process.join()


def _started(command: list[str]) -> tuple[Any, SpawnProcess]:
    """The process that runs a command, and the connection that tells of its end."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_run, args=(command, theirs), daemon=True)
    with _interrupts_held_back():
        process.start()
    theirs.close()  # so that the end of the process is the end of the connection
    return ours, process


@contextlib.contextmanager
def _interrupts_held_back() -> Iterator[None]:
    """Start processes that Ctrl-C in the terminal does not reach, which would all say so: they are ended from here."""
    if not hasattr(signal, "pthread_sigmask"):  # on Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _ended(process: SpawnProcess, connection: Any) -> Done:
    """What came of a command whose process has said its last, or has ended without a word."""
    try:
        done = Done(*connection.recv())
    except EOFError:
        process.join()
        return Done(1, "", f"gng-fast: a process ended with the code {process.exitcode}\n")
    process.join()
    return done


def _run(command: list[str], connection: Connection) -> None:
    """Run a command in its process, and send what it has said."""
    from gng_fast.cli.main import main

    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(command)
    connection.send((code, out.getvalue(), err.getvalue()))

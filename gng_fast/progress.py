"""How far long work is, told to whoever asked for it, who may stop it: one callback from loading to writing.

Work tells how far it is with `report`. A loop of Python asks with `check`, or goes through `checked`, often enough that
a stop is obeyed at once; a call that takes long and does neither goes through `stoppable`. Where nobody is watching,
none of them does anything.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from queue import Empty, SimpleQueue
from threading import Thread
from typing import ParamSpec, TypeVar

__all__ = ["STAGES", "Progress", "Stopped", "check", "checked", "part", "report", "stoppable", "watching"]

#: Called with one of `STAGES` and the share of it that is done; what it returns says whether to stop.
Progress = Callable[[str, float], bool | None]
#: What work goes through, in this order. What a work has not is left out.
STAGES = ("loading", "preparing", "training", "refining", "clustering", "drawing", "planning", "writing")

# Seconds between two questions whether to stop while a call is under way that does not ask.
_PAUSE = 0.01

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")
_Given = ParamSpec("_Given")


class Stopped(Exception):
    """The callback has stopped the work. Nothing was written, and what was there before is as it was."""


class _Watch:
    """Somebody who is watching, and what was told last."""

    def __init__(self, callback: Progress) -> None:
        self.callback = callback
        self.last = STAGES[0], 0.0
        self.part = 0.0, 1.0

    def report(self, stage: str, fraction: float) -> None:
        low, high = self.part
        self.last = stage, low + (high - low) * fraction
        self.tell()

    def check(self) -> None:
        self.tell()

    def tell(self) -> None:
        if self.callback(*self.last):
            raise Stopped(f"stopped while {self.last[0]}")


class _Relay(_Watch):
    """The watch in a thread of `stoppable`: what is told there is told to the callback in the thread that waits."""

    def __init__(self) -> None:
        super().__init__(self._told)
        self.messages: SimpleQueue[tuple[str, float] | None] = SimpleQueue()
        self.answers: SimpleQueue[bool] = SimpleQueue()
        self.is_stopped = False

    def _told(self, stage: str, fraction: float) -> bool:
        if self.is_stopped:
            return True
        self.messages.put((stage, fraction))
        return self.answers.get()

    def check(self) -> None:
        if self.is_stopped:  # the other thread asks the callback again and again
            raise Stopped("stopped by the thread that waits for this")

    def stop(self) -> None:
        """End the work at its next question."""
        self.is_stopped = True
        self.answers.put(True)


_watch: ContextVar[_Watch | None] = ContextVar("_watch", default=None)


@contextmanager
def watching(callback: Progress | None) -> Iterator[None]:
    """Let a callback watch what is done in a with block, in this thread, and stop it; None changes nothing.

    The callback is called in this thread, many times with the same numbers where these do not change: whatever it does
    should be short. What it raises ends the work too, and comes through as it is.

    Parameters
    ----------
    callback : callable(stage, fraction), optional
        Called with one of `STAGES` and the share of it that is done; the work stops if it returns True.

    Examples
    --------
    >>> from gng_fast import GrowingNeuralGas, progress
    >>> told = []
    >>> with progress.watching(lambda stage, fraction: told.append((stage, fraction))):
    ...     model = GrowingNeuralGas(20, n_epochs=1).fit([[0.0], [1.0], [2.0], [3.0]] * 500)
    >>> ("training", 1.0) in told
    True
    """
    if callback is None:
        yield
        return
    token = _watch.set(_Watch(callback))
    try:
        yield
    finally:
        _watch.reset(token)


@contextmanager
def part(low: float, high: float) -> Iterator[None]:
    """Let what is told in a with block be a part of its stage, so that several works in a row go from 0 to 1.

    Parameters
    ----------
    low, high : float
        Where the part begins and ends, 0 <= low <= high <= 1, in the part around it.
    """
    watch = _watch.get()
    if watch is None:
        yield
        return
    before = first, last = watch.part
    watch.part = first + (last - first) * low, first + (last - first) * high
    try:
        yield
    finally:
        watch.part = before


def is_watched() -> bool:
    """Return whether anybody is watching."""
    return _watch.get() is not None


def report(stage: str, fraction: float) -> None:
    """Tell how far a stage is, if anybody is watching.

    Parameters
    ----------
    stage : str
        One of `STAGES`.
    fraction : float
        In [0, 1].

    Raises
    ------
    Stopped
        The callback returned True.
    """
    watch = _watch.get()
    if watch is not None:
        watch.report(stage, fraction)


def check() -> None:
    """Ask whether to stop, if anybody is watching: they are told again what they were told last.

    Raises
    ------
    Stopped
        The callback returned True.
    """
    watch = _watch.get()
    if watch is not None:
        watch.check()


def checked(items: Iterable[_Item], every: int) -> Iterator[_Item]:
    """Yield the items of an iterable, and ask whether to stop before the first and again after so many.

    Parameters
    ----------
    items : iterable
    every : int
        How many are at most worked on between two questions.

    Raises
    ------
    Stopped
        The callback returned True.
    """
    for number, item in enumerate(items):
        if number % every == 0:
            check()
        yield item


def stoppable(function: Callable[_Given, _Result], *given: _Given.args, **options: _Given.kwargs) -> _Result:
    """Return what a function returns, or let the callback stop it although it does not ask, if anybody is watching.

    The function is then called in a thread of its own, and this one asks. If it is stopped, this returns at once; the
    other thread ends at its next question, or when the function returns, whose result is dropped: so it must change
    nothing that others know, and write no file.

    Parameters
    ----------
    function : callable
    *given, **options
        Its arguments.

    Raises
    ------
    Stopped
        The callback returned True.
    Exception
        What the function raises, or the callback.
    """
    if _watch.get() is None:
        return function(*given, **options)
    relay = _Relay()
    results: list[_Result] = []
    errors: list[BaseException] = []

    def work() -> None:
        _watch.set(relay)
        try:
            results.append(function(*given, **options))
        except BaseException as error:
            errors.append(error)
        finally:
            relay.messages.put(None)

    Thread(target=copy_context().run, args=(work,), name="gng_fast").start()
    try:
        _wait(relay)
    except BaseException:
        relay.stop()
        raise
    if errors:
        raise errors.pop()
    return results.pop()


def _wait(relay: _Relay) -> None:
    """Pass on what is told in the other thread, and ask whether to stop, until its work has ended."""
    while True:
        try:
            message = relay.messages.get(timeout=_PAUSE)
        except Empty:
            check()
            continue
        if message is None:
            return
        report(*message)
        relay.answers.put(False)

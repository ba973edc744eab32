"""How far long work is, told to whoever asked for it, who may stop it: one callback from loading to writing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

#: Called with one of `STAGES` and the share of it that is done; what it returns says whether to stop.
Progress = Callable[[str, float], bool | None]
#: What a drawing goes through. Where there are several networks, each is trained from 0 to 1.
STAGES = ("loading", "training", "drawing", "planning", "writing")

_callback: ContextVar[Progress | None] = ContextVar("_callback", default=None)


class Stopped(Exception):
    """The callback has stopped the work. Nothing was written, and what was there before is as it was."""


@contextmanager
def watching(callback: Progress | None) -> Iterator[None]:
    """Context manager: what is done in it, in this thread, is told to the callback; None changes nothing."""
    if callback is None:
        yield
        return
    token = _callback.set(callback)
    try:
        yield
    finally:
        _callback.reset(token)


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
    callback = _callback.get()
    if callback is not None and callback(stage, fraction):
        raise Stopped(f"stopped while {stage}")

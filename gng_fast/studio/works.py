"""Work in threads: each has a token that stops it, and says what it has found while it goes on."""

import os
import sys
import threading
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TextIO

from gng_fast.progress import Stopped

#: Tells a page something: a kind with its facts, and bytes that go with it.
Tell = Callable[[dict[str, Any], bytes], None]

_CORES = os.cpu_count() or 1
_now: ContextVar["Work | None"] = ContextVar("_now", default=None)


class Work:
    """A piece of work for a page.

    Parameters
    ----------
    serial : int
        The number of the settings that it is for; the page knows by it what has become old.
    tell : callable(facts, bytes)
        Tells the page; after `stop` nothing is told any more.
    """

    def __init__(self, serial: int, tell: Tell) -> None:
        self.serial = serial
        self.started = time.perf_counter()
        self._tell = tell
        self._stopped = threading.Event()
        #: When `stop` was called.
        self.stopped_at: float | None = None
        self._told: tuple[str, float] = ("", 0.0)

    def stop(self) -> None:
        """Stop the work; it ends as soon as it asks."""
        if self.stopped_at is None:
            self.stopped_at = time.perf_counter()
        self._stopped.set()

    @property
    def stopped(self) -> bool:
        """Whether the work is to end."""
        return self._stopped.is_set()

    def check(self) -> None:
        """Raise `Stopped` if the work is to end."""
        if self.stopped:
            raise Stopped("stopped by a new setting")

    def tell(self, kind: str, facts: dict[str, Any], data: bytes = b"") -> None:
        """Tell the page something, unless the work is stopped."""
        if not self.stopped:
            self._tell({"kind": kind, "serial": self.serial, **facts}, data)

    def asked(self, stage: str, fraction: float) -> bool:
        """Return whether to stop, and tell nobody how far it is."""
        return self.stopped

    def progress(self, stage: str, fraction: float) -> bool:
        """Tell the page how far the work is, in steps that can be seen, and return whether to stop."""
        stage_told, fraction_told = self._told
        if stage != stage_told or fraction - fraction_told >= 0.01:
            self._told = (stage, fraction)
            self.tell("progress", {"stage": stage, "fraction": round(fraction, 3)})
        return self.stopped


class Workshop:
    """The threads of all pages: few draw at a time, so that others can show what is ink at once."""

    def __init__(self) -> None:
        self._pools = {
            "ink": ThreadPoolExecutor(max(2, _CORES), "ink"),
            # more than can run at once: those that are stopped end a little later, and others need not wait for that
            "drawing": ThreadPoolExecutor(2 * _CORES + 2, "drawing"),
            "thumbnails": ThreadPoolExecutor(1, "thumbnails"),
        }

    def start(self, pool: str, work: Work, function: Callable[[Work], None]) -> "Future[None]":
        """Do a work in one of the pools "ink", "drawing" and "thumbnails", as soon as a thread is free."""
        return self._pools[pool].submit(_do, work, function)

    def close(self) -> None:
        """End the threads, once the works are stopped."""
        for pool in self._pools.values():
            pool.shutdown(wait=False, cancel_futures=True)


def _do(work: Work, function: Callable[[Work], None]) -> None:
    """Do a work, and tell the page what goes wrong in one line."""
    token = _now.set(work)
    try:
        work.check()
        function(work)
    except Stopped:
        pass
    except (ValueError, TypeError, ImportError, OSError) as error:
        work.tell("failed", {"message": _in_one_line(error)})
    except MemoryError:
        work.tell("failed", {"message": "out of memory: crop the picture, or ask for less detail"})
    except Exception as error:
        traceback.print_exc()
        work.tell("failed", {"message": f"this should not happen, please tell us: {_in_one_line(error)}"})
    finally:
        _now.reset(token)


def _in_one_line(error: Exception) -> str:
    """The message of an error."""
    return " ".join(str(error).split()) or type(error).__name__


@contextmanager
def warnings_to_pages() -> Iterator[None]:
    """Context manager: what is warned of in a work is told to its page, and not printed.

    Filters of warnings are those of the process, and not of a thread: they are set once, before there are threads.
    """

    def show(
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        work = _now.get()
        if work is None:
            print(f"{category.__name__}: {message}", file=sys.stderr)
        elif issubclass(category, UserWarning):
            work.tell("warning", {"message": " ".join(str(message).split())})

    with warnings.catch_warnings():
        warnings.simplefilter("always", UserWarning)
        warnings.showwarning = show
        yield

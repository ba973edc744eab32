"""SIGINT and SIGTERM at any moment."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from gng_fast.cli.messages import STOPPED, say


class Signals:
    """Context manager: SIGINT and SIGTERM become exceptions, so that files that are half written are removed.

    Only what would happen by default is replaced: a signal that is ignored, as SIGINT is by a job in the background,
    stays ignored, and a program that runs the command line keeps its own handlers.
    """

    #: What a shell reports of a program that SIGINT ends.
    interrupted_code = 128 + int(signal.SIGINT)

    def __init__(self) -> None:
        self.interrupted = False
        self._ends = False
        self._replaced: dict[int, Any] = {}

    def __enter__(self) -> "Signals":
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
                say(STOPPED)
                sys.stderr.flush()
            os._exit(128 + number)
        if number == signal.SIGTERM:
            raise SystemExit(128 + number)
        self.interrupted = True
        raise KeyboardInterrupt

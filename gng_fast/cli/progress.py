"""What is going on, in one line of the terminal that goes again, and the words for what was drawn."""

import os
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TypeVar

from gng_fast.graph import Graph
from gng_fast.model.estimator import GrowingNeuralGas

_Item = TypeVar("_Item")

# Seconds between two pictures of the line.
_PAUSE = 0.1
_BAR = 24
_WIDTH = 80
# What stages of recipes are called where their own names do not tell.
_STAGES = {"loading": "reading the picture", "planning": "joining lines"}


class Progress:
    """Context manager: a line on standard error, if that is a terminal, that says what is done and how far it is.

    A thread writes it, so that time is seen to pass in the work that says nothing of how far it is.

    quiet : whether there is none
    stage : what is done first
    after : what is done after training
    """

    def __init__(self, quiet: bool, stage: str = "reading the picture", after: str = "drawing") -> None:
        self._shown = not quiet and sys.stderr.isatty()
        self._started = time.monotonic()
        self._share: float | None = None
        self._detail = ""
        self._label = stage
        self._after = after
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._show, daemon=True)

    def __enter__(self) -> "Progress":
        if self._shown:
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._shown:
            self._over.set()
            self._thread.join()
            self._write("")

    def stage(self, label: str) -> None:
        """Say what is done now, of which nobody knows how far it is."""
        self._label, self._share, self._detail = label, None, ""

    def share(self, share: float) -> None:
        """Say how far the stage is."""
        self._share = share

    def told(self, stage: str, share: float) -> bool | None:
        """Say how far a drawing is: what recipes call with one of their stages and its share."""
        label = _STAGES.get(stage, stage)
        if label != self._label:  # or what `trained` says would come and go
            self._detail = ""
        self._label, self._share = label, share or None
        return None

    def trained(self, done: int, total: int, model: GrowingNeuralGas) -> None:
        """Say how far the training of a network is: a callback for recipes, which then draw what it has learnt."""
        if done >= total:
            self.stage(self._after)
        else:
            self._label, self._share = "training", done / total
            self._detail = f", {model.network_.n_nodes:,} nodes"

    def along(self, stages: Mapping[str, tuple[str, float]]) -> Callable[[str, float], None]:
        """Return a callback for work that tells its stages, of which the line shows one bar that never goes back.

        stages : stage -> (what is done, the share of the whole that is done after it), in their order
        """
        starts = dict(zip(stages, [0.0, *(end for _, end in stages.values())]))

        def told(stage: str, fraction: float) -> None:
            self._label, end = stages[stage]
            share = starts[stage] + (end - starts[stage]) * fraction
            self._share, self._detail = max(share, self._share or 0.0), ""

        return told

    def over(self, items: Iterable[_Item], total: int, label: str) -> Iterator[_Item]:
        """Yield the items, and say how many were."""
        self._label, self._share, self._detail = label, 0, ""
        for number, item in enumerate(items, start=1):
            yield item
            self._share, self._detail = number / total, f", {number} of {total}"

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Take the line away while something else is printed."""
        with self._lock:
            if self._shown:
                self._write("")
            yield

    def _show(self) -> None:
        """Write the line again and again."""
        while not self._over.is_set():
            share, detail = self._share, self._detail
            bar = ""
            if share is not None:
                full = int(share * _BAR)
                bar = f" [{'#' * full}{'-' * (_BAR - full)}] {share:.0%}"
            with self._lock:
                self._write(f"{self._label}{bar}{detail}, {time.monotonic() - self._started:.0f} s")
            self._over.wait(_PAUSE)

    def _write(self, text: str) -> None:
        """Put a text in the place of the line."""
        width = os.get_terminal_size(sys.stderr.fileno()).columns or _WIDTH  # some terminals do not know theirs
        sys.stderr.write(f"\r{text[: width - 1]}\x1b[K")
        sys.stderr.flush()


def summary(graph: Graph, error: float | None = None) -> str:
    """Return what a drawing consists of, in words."""
    words = [
        f"{graph.n_nodes} nodes",
        f"{graph.n_edges} edges",
        f"{graph.n_components} component{'s' if graph.n_components != 1 else ''}",
    ]
    if error is not None:
        words.append(f"error {error:.3f} px")
    return ", ".join(words)

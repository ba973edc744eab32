"""The progress bar, and the line that says what was written."""

import argparse
import time
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

from gng_fast.graph import Graph
from gng_fast.model.estimator import GrowingNeuralGas
from gng_fast.optional import need

_Item = TypeVar("_Item")


class Progress:
    """A progress bar on standard error, if that is a terminal: a callback for training, or around an iterable.

    quiet : whether there is none
    """

    def __init__(self, quiet: bool) -> None:
        self.quiet = quiet
        self.bar: Any = None

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, *_: object) -> None:
        if self.bar is not None:
            self.bar.close()

    def __call__(self, done: int, total: int, model: GrowingNeuralGas) -> None:
        """Show how far the training of a network is."""
        bar = self._shown(total, "signals")
        if bar.total != total:
            bar.reset(total)  # the next of several networks
        bar.update(done - bar.n)
        bar.set_postfix(nodes=model.network_.n_nodes, refresh=False)

    def over(self, items: Iterable[_Item], total: int) -> Iterator[_Item]:
        """Yield the items, and show how many were."""
        bar = self._shown(total, "frames")
        for item in items:
            yield item
            bar.update()

    def _shown(self, total: int, unit: str) -> Any:
        """The bar, which appears when something is to be shown."""
        if self.bar is None:
            # None leaves it to the bar whether there is a terminal
            disable = True if self.quiet else None
            tqdm = need("tqdm", "the command line").tqdm
            self.bar = tqdm(total=total, unit=f" {unit}", unit_scale=True, leave=False, disable=disable)
        return self.bar


def summary(options: argparse.Namespace, graph: Graph, error: float | None, started: float) -> None:
    """Print what the drawing consists of, unless that is not wanted."""
    words = [
        f"{graph.n_nodes} nodes",
        f"{graph.n_edges} edges",
        f"{graph.n_components} component{'s' if graph.n_components != 1 else ''}",
    ]
    if error is not None:
        words.append(f"error {error:.3f} px")
    if not options.quiet:
        print(f"{options.out}: {', '.join(words)}, {time.perf_counter() - started:.2f} s")

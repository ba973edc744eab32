"""gng-fast bench: the core against plain Python and plain NumPy on this machine."""

import argparse

from gng_fast.cli.options import Command, Parser


def _add_options(_: Parser) -> None:
    """There is nothing to choose."""


def _run(_: argparse.Namespace) -> None:
    """Print a line for each comparison as soon as it is there."""
    from gng_fast import benchmark  # with the reference, which nothing else here needs

    benchmark.quick_comparison(lambda line: print(line, flush=True))


COMMAND = Command(
    "bench",
    "measure the speed on this machine",
    "Compare the core with plain Python and plain NumPy, in under 20 s.",
    _add_options,
    _run,
)

"""gng-fast bench: the core against plain Python and plain NumPy on this machine."""

import click

from gng_fast.cli.command import Command


def _run(_: click.Context) -> None:
    """Print a line for each comparison as soon as it is there."""
    from gng_fast import benchmark  # with the reference, which nothing else here needs

    benchmark.quick_comparison(lambda line: print(line, flush=True))


COMMAND = Command("bench", "Compare the core with plain Python and plain NumPy, in under 20 s.", [], _run)

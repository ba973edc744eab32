"""The command line, gng-fast."""

from gng_fast.cli.main import main

__all__ = ["main"]

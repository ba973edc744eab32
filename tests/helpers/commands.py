"""Commands of gng-fast, run in this process."""

from gng_fast import cli


def run(*arguments: object) -> int:
    """Run the command line with arguments of any kind, and return its exit code."""
    return cli.main([str(argument) for argument in arguments])

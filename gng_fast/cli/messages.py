"""What is said to the user in one line."""

import sys
from collections.abc import Iterable

#: What is said after Ctrl-C.
STOPPED = "stopped, nothing written"
#: The variable by which a shell asks how to complete a command line; the scripts of `gng-fast completion` set it.
COMPLETE = "_GNG_FAST_COMPLETE"
# How much a word must look like one that is known, from 0 to 1.
_ALIKE = 0.7


def say(message: str, program: str = "gng-fast") -> None:
    """Say in one line, on standard error, what the user should know."""
    # a progress bar may be there, whose place the line takes
    start = "\r\x1b[K" if sys.stderr.isatty() else ""
    print(f"{start}{program}: {' '.join(message.split())}", file=sys.stderr)


def did_you_mean(word: str, possible: Iterable[str]) -> str:
    """Return what to add to a message about a word that is unknown: the likeliest that was meant, if any is."""
    from difflib import get_close_matches  # seldom needed

    likeliest = get_close_matches(word, list(possible), n=1, cutoff=_ALIKE)
    return f", did you mean '{likeliest[0]}'?" if likeliest else ""

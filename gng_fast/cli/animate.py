"""gng-fast animate: the growth of a drawing as a GIF, an animated PNG or a page with a slider."""

import argparse
import itertools
import math
import os
import time

from gng_fast.art import recipes
from gng_fast.art.export import ANIMATIONS
from gng_fast.art.export.frames import FRAME_SECONDS
from gng_fast.cli.options import (
    LOOK,
    PICTURE,
    TRAINING,
    Command,
    Parser,
    add_drawing_options,
    check_out,
    check_pixels,
    default_of,
    given,
    source_of,
    style_of,
)
from gng_fast.cli.progress import Progress, summary
from gng_fast.parameters import Range

_SECONDS = Range(0, math.inf, low_open=True)


def _add_options(parser: Parser) -> None:
    """Add the options of drawings, and those of their growth."""
    add_drawing_options(parser, f"file to write; its ending decides: {' '.join(ANIMATIONS)}")
    add = parser.add_argument
    frames = default_of(recipes.growth, "n_frames")
    add("--frames", type=int, default=frames, help=f"number of frames, at most {recipes.CALLS} (default %(default)s)")
    add("--seconds", type=float, default=6.0, help="length of the growth (default %(default)g)")


def _run(options: argparse.Namespace) -> None:
    """image -> points -> network -> graphs of its growth -> drawings -> file, and a summary line."""
    ending = os.path.splitext(options.out)[1].lower()
    if ending not in ANIMATIONS:
        raise ValueError(f"cannot write '{options.out}': the ending must be one of {', '.join(ANIMATIONS)}")
    write = ANIMATIONS[ending]
    check_pixels(options, write)
    check_out(options.out, options)
    length = _SECONDS.check("seconds", options.seconds)
    started = time.perf_counter()
    artwork, graphs = recipes.growth(
        source_of(options), style_of(options), options.frames, **given(options, *PICTURE, *TRAINING, *LOOK)
    )
    assert artwork.draw is not None  # a style that grows draws any of its graphs
    with Progress(options.quiet) as bar:
        drawings = itertools.chain(map(artwork.draw, graphs), [artwork.drawing])
        n = len(graphs) + 1
        seconds = max(FRAME_SECONDS.low, length / n)
        write(bar.over(drawings, n), options.out, **given(options, "pixels"), seconds=seconds)
    summary(options, artwork.graph, None, started)


COMMAND = Command(
    "animate",
    "show a drawing grow",
    f"Write the growth of a drawing, in one of the styles {', '.join(recipes.GROWING)}.",
    _add_options,
    _run,
)

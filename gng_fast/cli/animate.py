"""gng-fast animate: the growth of a drawing as a GIF, an animated PNG or a page with a slider."""

import itertools
import math
import os
import time

import click

from gng_fast.art import recipes
from gng_fast.art.export import ANIMATIONS
from gng_fast.art.export.frames import FRAME_SECONDS
from gng_fast.cli.command import Command, Option, default_of, for_recipe, given
from gng_fast.cli.kinds import Number, Whole
from gng_fast.cli.options import EITHER, check_out, check_pixels, drawing_options, source_of, style_of
from gng_fast.cli.progress import Progress, summary
from gng_fast.parameters import Range

_SECONDS = Range(0, math.inf, low_open=True)
_N_FRAMES = default_of(recipes.growth, "n_frames")


def _run(ctx: click.Context) -> None:
    """image -> points -> network -> graphs of its growth -> drawings -> file, and a summary line."""
    out = ctx.params["out"]
    ending = os.path.splitext(out)[1].lower()
    if ending not in ANIMATIONS:
        raise ValueError(f"cannot write '{out}': the ending must be one of {', '.join(ANIMATIONS)}")
    write = ANIMATIONS[ending]
    check_pixels(ctx, write)
    check_out(out, ctx)
    length = _SECONDS.check("seconds", ctx.params["seconds"])
    started = time.perf_counter()
    source, style = source_of(ctx), style_of(ctx)
    with Progress(ctx.params["quiet"]) as progress:
        artwork, graphs = recipes.growth(source, style, ctx.params["frames"], **for_recipe(ctx))
        assert artwork.draw is not None  # a style that grows draws any of its graphs
        drawings = itertools.chain(map(artwork.draw, graphs), [artwork.drawing])
        n = len(graphs) + 1
        seconds = max(FRAME_SECONDS.low, length / n)
        write(progress.over(drawings, n, "drawing frames"), out, **given(ctx, "pixels"), seconds=seconds)
    if not ctx.params["quiet"]:
        click.echo(f"{out}: {summary(artwork.graph)}, {time.perf_counter() - started:.2f} s")


COMMAND = Command(
    "animate",
    f"Write the growth of a drawing, in one of the styles {', '.join(recipes.GROWING)}.",
    [
        *drawing_options(f"file to write; its ending decides: {' '.join(ANIMATIONS)}"),
        Option(
            "--frames",
            group="animation",
            type=Whole(),
            default=_N_FRAMES,
            help=f"number of frames, at most {recipes.CALLS} (default {_N_FRAMES})",
        ),
        Option("--seconds", group="animation", type=Number(), default=6.0, help="length of the growth (default 6)"),
    ],
    _run,
    EITHER,
)

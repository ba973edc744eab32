"""gng-fast animate: the growth of drawings as GIFs, animated PNGs or pages with a slider."""

import itertools
import math
import time

import click

from gng_fast.art import recipes
from gng_fast.art.export import ANIMATIONS
from gng_fast.art.export.frames import FRAME_SECONDS
from gng_fast.cli.command import Command, Option, given
from gng_fast.cli.kinds import Number, Whole
from gng_fast.cli.options import EITHER, default_of, drawing_options, for_recipe, outs_of, source_of, style_of
from gng_fast.cli.places import called, tell, write_to
from gng_fast.cli.progress import Progress, summary
from gng_fast.parameters import Range

_SECONDS = Range(0, math.inf, low_open=True)
_N_FRAMES = default_of(recipes.growth, "n_frames")


def _run(ctx: click.Context) -> None:
    """Animate one picture, or each of several."""
    ending, outs = outs_of(ctx, ANIMATIONS)
    length = _SECONDS.check("seconds", ctx.params["seconds"])
    if len(outs) > 1:
        from gng_fast.cli.many import run_for_each  # which one picture does not need

        run_for_each(ctx, ctx.params["images"], [{"out": out} for out in outs])
    else:
        _animate(ctx, outs[0], ending, length)


def _animate(ctx: click.Context, out: str, ending: str, length: float) -> None:
    """image -> points -> network -> graphs of its growth -> drawings -> file, and a summary line."""
    started = time.perf_counter()
    with Progress(ctx.params["quiet"]) as progress:
        source, style = source_of(ctx), style_of(ctx)
        artwork, graphs = recipes.growth(source, style, ctx.params["frames"], progress=progress.told, **for_recipe(ctx))
        assert artwork.draw is not None  # a style that grows draws any of its graphs
        drawings = itertools.chain(map(artwork.draw, graphs), [artwork.drawing])
        n = len(graphs) + 1
        options = {**given(ctx, "pixels"), "seconds": max(FRAME_SECONDS.low, length / n)}
        frames = progress.over(drawings, n, "drawing frames")
        write_to(out, lambda target: ANIMATIONS[ending](frames, target, **options))
    if not ctx.params["quiet"]:
        tell(out, f"{called(out)}: {summary(artwork.graph)}, {time.perf_counter() - started:.2f} s")


COMMAND = Command(
    "animate",
    f"Write the growth of drawings, in one of the styles {', '.join(recipes.GROWING)}.",
    [
        *drawing_options(ANIMATIONS),
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

"""gng-fast strokes: handwriting as continuous strokes in the order of writing."""

import time

import click

from gng_fast.art.export import FORMATS, save
from gng_fast.art.writing.handwriting import trace_handwriting
from gng_fast.cli.command import Command, Option, given
from gng_fast.cli.kinds import File, Words
from gng_fast.cli.options import outs_of, writing_options
from gng_fast.cli.places import NAME, called, source_at, tell, write_to
from gng_fast.cli.progress import Progress

# What is said at each stage, and the share of the time that has gone after it.
_STAGES = {
    "loading": ("tracing the ink", 0.4),
    "training": ("training", 0.55),
    "drawing": ("tracing the ink", 0.6),
    "planning": ("finding the strokes", 0.95),
    "writing": ("writing", 1.0),
}


def _run(ctx: click.Context) -> None:
    """Trace one picture, or each of several."""
    ending, outs = outs_of(ctx, {ending: each.write for ending, each in FORMATS.items()})
    if len(outs) > 1:
        from gng_fast.cli.many import run_for_each  # which one picture does not need

        run_for_each(ctx, ctx.params["images"], [{"out": out} for out in outs])
    else:
        _trace(ctx, outs[0], ending)


def _trace(ctx: click.Context, out: str, ending: str) -> None:
    """image -> ink -> graph -> strokes -> file, and a summary line."""
    started = time.perf_counter()
    with Progress(ctx.params["quiet"], "tracing the ink") as progress:
        told = progress.along(_STAGES)
        picture = source_at(ctx.params["images"][0], ctx.params["frame"])
        found = trace_handwriting(picture, progress=told, **given(ctx, "crop", "seed"))
        drawing = found.drawing(progress=told, **given(ctx, "size", "margin", "pen"))
        told("writing", 0.0)
        write_to(out, lambda to: save(to, graph=found.graph, drawing=drawing, format=ending, **given(ctx, "pixels")))
    if not ctx.params["quiet"]:
        n = drawing.n_strokes
        tell(
            out,
            f"{called(out)}: {n} stroke{'s' if n != 1 else ''}, {drawing.ink_length / 10:.1f} cm of ink, "
            f"{time.perf_counter() - started:.2f} s",
        )


COMMAND = Command(
    "strokes",
    "Draw handwriting as smooth, continuous strokes in the order of writing.",
    [
        *writing_options(trace_handwriting),
        Option(
            "-o",
            "--out",
            required=True,
            type=File("FILE"),
            help=f"file to write: {' '.join(FORMATS)}; or - for standard output; and for several pictures a folder/, "
            f"or a name with {NAME} in it",
        ),
        Option(
            "--format",
            type=Words(ending[1:] for ending in FORMATS),
            help="what is written to standard output or into a folder (default svg)",
        ),
    ],
    _run,
)

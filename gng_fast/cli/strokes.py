"""gng-fast strokes: handwriting as continuous strokes in the order of writing."""

import time

import click

from gng_fast.art import image
from gng_fast.art.export import FORMATS, save
from gng_fast.art.writing.handwriting import trace_handwriting
from gng_fast.art.writing.strokes import strokes
from gng_fast.cli.command import Command, Option, given
from gng_fast.cli.kinds import File, Words
from gng_fast.cli.options import check_pixels, writing_options
from gng_fast.cli.places import called, check_out, ending_for, source_at, tell, write_to
from gng_fast.cli.progress import Progress


def _run(ctx: click.Context) -> None:
    """image -> ink -> graph -> strokes -> file, and a summary line."""
    out = ctx.params["out"]
    ending = ending_for(out, ctx.params["format"], FORMATS)
    check_pixels(ctx, FORMATS[ending].write)
    check_out(out, [ctx.params["image"]], ctx.params["force"], ending)
    started = time.perf_counter()
    with Progress(ctx.params["quiet"], "tracing the ink") as progress:
        found = trace_handwriting(source_at(ctx.params["image"], ctx.params["frame"]), **given(ctx, "crop", "seed"))
        progress.stage("finding the strokes")
        drawing = strokes(
            found.graph,
            width=found.width,
            excess=found.excess,
            extent=image.extent(found.shape),
            **given(ctx, "size", "margin", "pen"),
        )
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
            help=f"file to write: {' '.join(FORMATS)}; or - for standard output",
        ),
        Option(
            "--format",
            type=Words(ending[1:] for ending in FORMATS),
            help="what is written to standard output (default svg)",
        ),
    ],
    _run,
)

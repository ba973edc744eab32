"""gng-fast strokes: handwriting as continuous strokes in the order of writing."""

import argparse
import time

from gng_fast.art import image
from gng_fast.art.export import FORMATS, format_of, save
from gng_fast.art.writing.handwriting import trace_handwriting
from gng_fast.art.writing.strokes import strokes
from gng_fast.cli.options import Command, Parser, add_writing_options, check_out, check_pixels, given


def _add_options(parser: Parser) -> None:
    """Add the options of writing, and those of the file."""
    add_writing_options(parser, trace_handwriting)
    parser.add_argument("-o", "--out", required=True, help=f"file to write: {' '.join(FORMATS)}")
    parser.add_argument("-q", "--quiet", action="store_true", help="no summary")


def _run(options: argparse.Namespace) -> None:
    """image -> ink -> graph -> strokes -> file, and a summary line."""
    check_pixels(options, format_of(options.out).write)
    check_out(options.out, options)
    started = time.perf_counter()
    found = trace_handwriting(options.image, **given(options, "crop", "seed"))
    drawing = strokes(
        found.graph,
        width=found.width,
        excess=found.excess,
        extent=image.extent(found.shape),
        **given(options, "size", "margin", "pen"),
    )
    save(options.out, graph=found.graph, drawing=drawing, **given(options, "pixels"))
    if not options.quiet:
        n = drawing.n_strokes
        print(
            f"{options.out}: {n} stroke{'s' if n != 1 else ''}, {drawing.ink_length / 10:.1f} cm of ink, "
            f"{time.perf_counter() - started:.2f} s"
        )


COMMAND = Command(
    "strokes",
    "draw handwriting in continuous strokes",
    "Draw handwriting as smooth, continuous strokes in the order of writing.",
    _add_options,
    _run,
)

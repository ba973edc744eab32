"""gng-fast draw: a picture as a line drawing."""

import argparse
import time

from gng_fast.art import recipes
from gng_fast.art.drawing import Drawing, Layer
from gng_fast.art.export import FORMATS, format_of, save
from gng_fast.cli.options import (
    LOOK,
    PICTURE,
    TRAINING,
    Command,
    Parser,
    add_drawing_options,
    check_out,
    check_pixels,
    given,
    source_of,
    style_of,
)
from gng_fast.cli.progress import Progress, summary


def _add_options(parser: Parser) -> None:
    """Add the options of drawings, and those of plotting."""
    add_drawing_options(parser, f"file to write; its ending decides: {' '.join(FORMATS)}")
    add = parser.add_argument_group("plotting").add_argument
    add("--retrace", action="store_true", help="draw some lines twice, so that each connected piece is one path")
    add("--report", action="store_true", help="print the paths, the way with the pen up, the ink and the time to plot")


def _run(options: argparse.Namespace) -> None:
    """image -> points -> network -> graph -> drawing -> file, and a summary line."""
    # what is wrong with the file is said before the work, not after it
    check_pixels(options, format_of(options.out).write)
    check_out(options.out, options)
    started = time.perf_counter()
    with Progress(options.quiet) as bar:
        artwork = recipes.make(
            source_of(options),
            style_of(options),
            retrace=options.retrace,
            callback=bar,
            **given(options, *PICTURE, *TRAINING, *LOOK),
        )
    save(options.out, graph=artwork.graph, drawing=artwork.drawing, **given(options, "pixels"))
    summary(options, artwork.graph, artwork.error, started)
    if options.report:
        print(_report(artwork.drawing))


def _report(drawing: Drawing) -> str:
    """What a plotter has to do: a line for each pen, if there are several, and one for all."""
    minutes, seconds = divmod(round(drawing.plot_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    lines = [
        f"{number} - {layer.label}: {_paths(layer)}, ink {layer.ink_length / 1000:.2f} m, "
        f"pen up {layer.pen_up_length / 1000:.2f} m"
        for number, layer in enumerate(drawing.layers, start=1)
    ]
    total = (
        f"{_paths(drawing)}, ink {drawing.ink_length / 1000:.2f} m, pen up {drawing.pen_up_length / 1000:.2f} m, "
        f"about {f'{hours} h ' if hours else ''}{minutes} min {seconds} s "
        f"to plot on {drawing.width:g} x {drawing.height:g} mm"
    )
    return "\n".join([*(lines if len(lines) > 1 else []), total])


def _paths(drawn: Drawing | Layer) -> str:
    """The number of strokes, in words."""
    return f"{drawn.n_strokes} path{'s' if drawn.n_strokes != 1 else ''}"


COMMAND = Command("draw", "draw a picture", "Draw a picture as a line drawing.", _add_options, _run)

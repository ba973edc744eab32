"""gng-fast draw: a picture as a line drawing."""

import time

import click

from gng_fast.art import recipes
from gng_fast.art.drawing import Drawing, Layer
from gng_fast.art.export import FORMATS, format_of, save
from gng_fast.cli.command import Command, Option, for_recipe, given
from gng_fast.cli.options import EITHER, check_out, check_pixels, drawing_options, source_of, style_of
from gng_fast.cli.progress import Progress, summary


def _run(ctx: click.Context) -> None:
    """image -> points -> network -> graph -> drawing -> file, and a summary line."""
    out = ctx.params["out"]
    # what is wrong with the file is said before the work, not after it
    check_pixels(ctx, format_of(out).write)
    check_out(out, ctx)
    started = time.perf_counter()
    source, style = source_of(ctx), style_of(ctx)
    with Progress(ctx.params["quiet"]) as progress:
        artwork = recipes.make(
            source, style, retrace=ctx.params["retrace"], callback=progress.trained, **for_recipe(ctx)
        )
    save(out, graph=artwork.graph, drawing=artwork.drawing, **given(ctx, "pixels"))
    if not ctx.params["quiet"]:
        click.echo(f"{out}: {summary(artwork.graph, artwork.error)}, {time.perf_counter() - started:.2f} s")
    if ctx.params["report"]:
        click.echo(_report(artwork.drawing))


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


COMMAND = Command(
    "draw",
    "Draw a picture as a line drawing.",
    [
        *drawing_options(f"file to write; its ending decides: {' '.join(FORMATS)}"),
        Option(
            "--retrace",
            group="plotting",
            is_flag=True,
            help="draw some lines twice, so that each connected piece is one path",
        ),
        Option(
            "--report",
            group="plotting",
            is_flag=True,
            help="print the paths, the way with the pen up, the ink and the time to plot",
        ),
    ],
    _run,
    EITHER,
)

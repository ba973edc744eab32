"""gng-fast draw: pictures as line drawings."""

import shlex
import time

import click

from gng_fast.art import recipes
from gng_fast.art.drawing import Drawing, Layer
from gng_fast.art.export import FORMATS, save
from gng_fast.art.recipes.command import command_words
from gng_fast.cli.command import Command, Option, given
from gng_fast.cli.options import EITHER, drawing_options, for_recipe, outs_of, recipe_options, source_of, style_of
from gng_fast.cli.places import called, tell, write_to
from gng_fast.cli.progress import Progress, summary


def _run(ctx: click.Context) -> None:
    """Draw one picture, or each of several."""
    ending, outs = outs_of(ctx, {ending: each.write for ending, each in FORMATS.items()})
    if len(outs) > 1:
        from gng_fast.cli.many import run_for_each  # which one picture does not need

        run_for_each(ctx, ctx.params["images"], [{"out": out} for out in outs])
    else:
        _draw(ctx, outs[0], ending)


def _draw(ctx: click.Context, out: str, ending: str) -> None:
    """image -> points -> network -> graph -> drawing -> file, and a summary line."""
    started = time.perf_counter()
    with Progress(ctx.params["quiet"]) as progress:
        source, style = source_of(ctx), style_of(ctx)
        artwork = recipes.make(
            source,
            style,
            callback=progress.trained,
            progress=progress.told,
            **for_recipe(ctx),
        )
        progress.stage("writing")
        write_to(
            out,
            lambda target: save(
                target, graph=artwork.graph, drawing=artwork.drawing, format=ending, **given(ctx, "pixels")
            ),
        )
    if not ctx.params["quiet"]:
        tell(out, f"{called(out)}: {summary(artwork.graph, artwork.error)}, {time.perf_counter() - started:.2f} s")
    if ctx.params["report"]:
        tell(out, f"{_report(artwork.drawing)}\n{_repeating(ctx, out)}")


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


def _repeating(ctx: click.Context, out: str) -> str:
    """The command that draws the same again: presets and files of options are spelled out, and the style and seed."""
    style = ctx.params["style"]
    options = {"seed": recipes.defaults(style)["seed"], **for_recipe(ctx), **given(ctx, "frame", "format", "pixels")}
    words = command_words(ctx.params["images"][0], style, options, name=str)
    return shlex.join([*words, "-o", out])


COMMAND = Command(
    "draw",
    "Draw pictures as line drawings.",
    [
        *drawing_options(FORMATS),
        *recipe_options("plotting"),
        Option(
            "--report",
            group="plotting",
            is_flag=True,
            help="print the paths, the way with the pen up, the ink, the time to plot, and the command that repeats "
            "the drawing",
        ),
    ],
    _run,
    EITHER,
)

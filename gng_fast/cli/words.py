"""gng-fast words: the number of words in a picture; their boxes and a picture of them, if asked for."""

import os

import click

from gng_fast.art import image
from gng_fast.art.export import FORMATS, format_of, save
from gng_fast.art.styles.groups import groups
from gng_fast.art.writing.words import HYPHENS, find_words
from gng_fast.cli.command import Command, Option, default_of, given
from gng_fast.cli.kinds import File, Words
from gng_fast.cli.options import check_out, check_pixels, writing_options
from gng_fast.cli.progress import Progress
from gng_fast.files import write_file

# Lines of a drawing are so wide, in units of the spacing.
_WIDTH = 0.4


def _run(ctx: click.Context) -> None:
    """image -> words -> files, and their number."""
    out, boxes = ctx.params["out"], ctx.params["boxes"]
    if out is not None:
        check_pixels(ctx, format_of(out).write)
        check_out(out, ctx)
    if boxes is not None:
        check_out(boxes, ctx)
        if out is not None and os.path.realpath(out) == os.path.realpath(boxes):
            raise ValueError(f"boxes must not be the file of the drawing, got '{boxes}'")
    with Progress(ctx.params["quiet"], "finding words"):
        found = find_words(ctx.params["image"], **given(ctx, "hyphen", "crop", "seed"))
    if out is not None:
        drawing = groups(
            found.graph,
            found.labels,
            extent=image.extent(found.shape),
            width=_WIDTH * found.spacing,
            **given(ctx, "size", "margin", "pen"),
        )
        save(out, graph=found.graph, drawing=drawing, **given(ctx, "pixels"))
    if boxes is not None:
        write_file(boxes, found.to_json().encode())
    click.echo(found.count)


COMMAND = Command(
    "words",
    "Print the number of words in a picture of text.",
    [
        *writing_options(find_words),
        Option("-o", "--out", type=File("FILE"), help=f"picture with every word in its colour: {' '.join(FORMATS)}"),
        Option("--boxes", type=File("FILE"), help="JSON file: x, y, width, height of each word in pixels"),
        Option(
            "--hyphen",
            type=Words(HYPHENS),
            help=f"how many words a word with a hyphen is (default {default_of(find_words, 'hyphen')})",
        ),
        Option("-q", "--quiet", is_flag=True, help="no progress bar"),
    ],
    _run,
)

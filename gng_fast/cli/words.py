"""gng-fast words: the number of words in a picture; their boxes and a picture of them, if asked for."""

import os

import click

from gng_fast.art import image
from gng_fast.art.export import FORMATS, format_of, save
from gng_fast.art.styles.groups import groups
from gng_fast.art.writing.words import HYPHENS, find_words
from gng_fast.cli.command import Command, Option, given
from gng_fast.cli.kinds import File, Words
from gng_fast.cli.options import check_pixels, default_of, writing_options
from gng_fast.cli.places import STANDARD, check_out, source_at
from gng_fast.cli.progress import Progress
from gng_fast.files import write_file

# Lines of a drawing are so wide, in units of the spacing.
_WIDTH = 0.4


def _run(ctx: click.Context) -> None:
    """image -> words -> files, and their number."""
    picture, out, boxes = (ctx.params[name] for name in ("image", "out", "boxes"))
    if STANDARD in (out, boxes):
        raise ValueError("standard output is for the number of words: give the names of files")
    if out is not None:
        check_pixels(ctx, format_of(out).write)
    for path in (out, boxes):
        if path is not None:
            check_out(path, [picture], ctx.params["force"])
    if out is not None and boxes is not None and os.path.realpath(out) == os.path.realpath(boxes):
        raise ValueError(f"boxes must not be the file of the drawing, got '{boxes}'")
    with Progress(ctx.params["quiet"], "finding words") as progress:
        found = find_words(source_at(picture, ctx.params["frame"]), **given(ctx, "hyphen", "crop", "seed"))
        progress.stage("writing")
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
    ],
    _run,
)

"""gng-fast words: the number of words in a picture; their boxes and a picture of them, if asked for."""

import os

import click

from gng_fast.art.export import FORMATS, save
from gng_fast.art.writing.words import HYPHENS, find_words
from gng_fast.cli.command import Command, Option, given
from gng_fast.cli.kinds import File, Words
from gng_fast.cli.options import check_apart, check_pixels, default_of, places_of, writing_options
from gng_fast.cli.places import NAME, STANDARD, ending_for, source_at
from gng_fast.cli.progress import Progress
from gng_fast.files import write_file

# The ending of files of boxes.
_BOXES = ".json"


# What is said at each stage, and the share of the time that has gone after it.
_STAGES = {
    "loading": ("finding letters", 0.4),
    "training": ("finding words", 0.85),
    "drawing": ("finding words", 0.97),
    "writing": ("writing", 1.0),
}


def _run(ctx: click.Context) -> None:
    """Count the words of one picture, or of each of several."""
    pictures = ctx.params["images"]
    places = _places(ctx)
    if len(pictures) > 1:
        check_apart(pictures)
        from gng_fast.cli.many import run_for_each  # which one picture does not need

        run_for_each(ctx, pictures, places, "read", named=True)
    else:
        _count(ctx, **places[0])


def _places(ctx: click.Context) -> list[dict[str, str]]:
    """The names of the files of each picture, as far as they are asked for, after checking all that can be."""
    out, boxes = ctx.params["out"], ctx.params["boxes"]
    if STANDARD in (out, boxes):
        raise ValueError("standard output is for the number of words: give the names of files")
    places: list[dict[str, str]] = [{} for _ in ctx.params["images"]]
    if out is not None:
        ending = ending_for(out, ctx.params["format"], FORMATS)
        check_pixels(ctx, FORMATS[ending].write)
        for files, path in zip(places, places_of(ctx, "out", ending, FORMATS)):
            files["out"] = path
    if boxes is not None:
        for files, path in zip(places, places_of(ctx, "boxes", _BOXES, [_BOXES, *FORMATS])):
            files["boxes"] = path
            if "out" in files and os.path.realpath(files["out"]) == os.path.realpath(path):
                raise ValueError(f"boxes must not be the file of the drawing, got '{path}'")
    return places


def _count(ctx: click.Context, out: str | None = None, boxes: str | None = None) -> None:
    """image -> words -> files, and their number."""
    with Progress(ctx.params["quiet"], "finding words") as progress:
        told = progress.along(_STAGES)
        picture = source_at(ctx.params["images"][0], ctx.params["frame"])
        found = find_words(picture, progress=told, **given(ctx, "hyphen", "crop", "seed"))
        told("writing", 0.0)
        if out is not None:
            drawing = found.drawing(**given(ctx, "size", "margin", "pen"))
            save(out, graph=found.graph, drawing=drawing, **given(ctx, "pixels"))
        if boxes is not None:
            write_file(boxes, found.to_json().encode())
    click.echo(found.count)


COMMAND = Command(
    "words",
    "Print the number of words in a picture of text; of several, after the name of each.",
    [
        *writing_options(find_words),
        Option(
            "-o",
            "--out",
            type=File("FILE"),
            help=f"picture with every word in its colour: {' '.join(FORMATS)}; and for several pictures a folder/, or "
            f"a name with {NAME} in it",
        ),
        Option(
            "--format",
            type=Words(ending[1:] for ending in FORMATS),
            help="what is written into a folder (default svg)",
        ),
        Option(
            "--boxes",
            type=File("FILE"),
            help="JSON file: x, y, width, height of each word in pixels; for several pictures as for -o",
        ),
        Option(
            "--hyphen",
            type=Words(HYPHENS),
            help=f"how many words a word with a hyphen is (default {default_of(find_words, 'hyphen')})",
        ),
    ],
    _run,
)

"""gng-fast words: the number of words in a picture; their boxes and a picture of them, if asked for."""

import argparse
import os

from gng_fast.art import image
from gng_fast.art.export import FORMATS, format_of, save
from gng_fast.art.styles.groups import groups
from gng_fast.art.writing.words import HYPHENS, find_words
from gng_fast.cli.options import Command, Parser, add_writing_options, check_out, check_pixels, default_of, given
from gng_fast.files import write_file

# Lines of a drawing are so wide, in units of the spacing.
_WIDTH = 0.4


def _add_options(parser: Parser) -> None:
    """Add the options of writing, and those of words."""
    add_writing_options(parser, find_words)
    add = parser.add_argument
    add("-o", "--out", help=f"picture with every word in its colour: {' '.join(FORMATS)}")
    add("--boxes", metavar="FILE", help="JSON file: x, y, width, height of each word in pixels")
    default = default_of(find_words, "hyphen")
    add("--hyphen", choices=HYPHENS, help=f"how many words a word with a hyphen is (default {default})")


def _run(options: argparse.Namespace) -> None:
    """image -> words -> files, and their number."""
    if options.out is not None:
        check_pixels(options, format_of(options.out).write)
        check_out(options.out, options)
    if options.boxes is not None:
        check_out(options.boxes, options)
        if options.out is not None and os.path.realpath(options.out) == os.path.realpath(options.boxes):
            raise ValueError(f"boxes must not be the file of the drawing, got '{options.boxes}'")
    found = find_words(options.image, **given(options, "hyphen", "crop", "seed"))
    if options.out is not None:
        drawing = groups(
            found.graph,
            found.labels,
            extent=image.extent(found.shape),
            width=_WIDTH * found.spacing,
            **given(options, "size", "margin", "pen"),
        )
        save(options.out, graph=found.graph, drawing=drawing, **given(options, "pixels"))
    if options.boxes is not None:
        write_file(options.boxes, found.to_json().encode())
    print(found.count)


COMMAND = Command(
    "words", "count the words in a picture", "Print the number of words in a picture of text.", _add_options, _run
)

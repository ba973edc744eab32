"""The command line: `gng-fast` or `python -m gng_fast`."""

import argparse
import itertools
import os
import sys
import time

import numpy as np

from gng_fast import __version__
from gng_fast.art import image, recipes
from gng_fast.art.drawing import PAGES, Drawing
from gng_fast.art.export import ANIMATIONS, FORMATS, format_of, save
from gng_fast.art.styles.groups import groups
from gng_fast.art.writing import handwriting, words
from gng_fast.art.writing.strokes import strokes
from gng_fast.files import write_file
from gng_fast.parameters import VARIANTS

# Seconds; viewers slow down anything faster.
SHORTEST_FRAME = 0.02
_PENS_OF_A_RANGE = 12


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit code: 0, 1 after an error said in one line, 130 after Ctrl-C."""
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return _fail("stopped, nothing written", 130)
    except BrokenPipeError:
        # the reader of our output is gone; keep Python from complaining at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except MemoryError as error:
        return _fail(f"out of memory: {error}" if str(error) else "out of memory")
    except (ValueError, TypeError, OSError, ImportError) as error:
        return _fail(str(error))
    return 0


def _fail(message: str, code: int = 1) -> int:
    print(f"gng-fast: {' '.join(message.split())}", file=sys.stderr)
    return code


# ---- commands -------------------------------------------------------------------------------------------------------


def draw(options: argparse.Namespace) -> None:
    """image -> points -> network -> graph -> drawing -> file, and a summary line."""
    format_of(options.out)  # what is wrong with the file is said before the work, not after it
    if options.pixels is not None and not options.out.lower().endswith(".png"):
        raise ValueError(f"pixels is for .png and .gif, not for '{options.out}'")
    started = time.perf_counter()
    with _progress(options) as bar:
        artwork = recipes.make(
            _source(options),
            _style(options),
            retrace=options.retrace,
            callback=bar,
            **_given(options, *_PICTURE, *_TRAINING, *_LOOK),
        )
    save(options.out, graph=artwork.graph, drawing=artwork.drawing, **_given(options, "pixels"))
    _summary(options, artwork.graph, artwork.error, started)
    if options.report:
        print(_report(artwork.drawing))


def animate(options: argparse.Namespace) -> None:
    """The growth of a drawing as a GIF, an animated PNG or a page with a slider."""
    ending = os.path.splitext(options.out)[1].lower()
    if ending not in ANIMATIONS:
        raise ValueError(f"cannot write '{options.out}': the ending must be one of {', '.join(ANIMATIONS)}")
    if options.pixels is not None and ending == ".html":
        raise ValueError(f"pixels is for .png and .gif, not for '{options.out}'")
    started = time.perf_counter()
    artwork, graphs = recipes.growth(
        _source(options), _style(options), options.frames, **_given(options, *_PICTURE, *_TRAINING, *_LOOK)
    )
    with _progress(options) as bar:
        drawings = itertools.chain(map(artwork.draw, graphs), [artwork.drawing])
        n = len(graphs) + 1
        seconds = max(SHORTEST_FRAME, options.seconds / n)
        ANIMATIONS[ending](bar.over(drawings, n), options.out, **_given(options, "pixels"), seconds=seconds)
    _summary(options, artwork.graph, None, started)


def count_words(options: argparse.Namespace) -> None:
    """The number of words in a picture; their boxes and a picture of them, if asked for."""
    if options.out is not None:
        format_of(options.out)
    found = words.find_words(options.image, hyphen=options.hyphen, crop=options.crop, seed=options.seed)
    if options.out is not None:
        drawing = groups(
            found.graph,
            found.labels,
            extent=_extent(found.shape),
            width=0.4 * found.spacing,
            **_given(options, "size", "margin", "pen"),
        )
        save(options.out, graph=found.graph, drawing=drawing, **_given(options, "pixels"))
    if options.boxes is not None:
        write_file(options.boxes, found.to_json().encode())
    print(found.count)


def write_strokes(options: argparse.Namespace) -> None:
    """Handwriting as continuous strokes in the order of writing."""
    format_of(options.out)
    started = time.perf_counter()
    found = handwriting.trace_handwriting(options.image, crop=options.crop, seed=options.seed)
    drawing = strokes(
        found.graph,
        width=found.width,
        excess=found.excess,
        extent=_extent(found.shape),
        **_given(options, "size", "margin", "pen"),
    )
    save(options.out, graph=found.graph, drawing=drawing, **_given(options, "pixels"))
    if not options.quiet:
        n = drawing.n_strokes
        print(
            f"{options.out}: {n} stroke{'s' if n != 1 else ''}, {drawing.ink_length / 10:.1f} cm of ink, "
            f"{time.perf_counter() - started:.2f} s"
        )


def _extent(shape):
    """The frame of a whole picture in graph units, to the outer edges of its pixels."""
    return -0.5, 0.5 - shape[0], shape[1] - 0.5, 0.5


def bench(options: argparse.Namespace) -> None:
    """The core against plain Python and plain NumPy on this machine."""
    from gng_fast import benchmark

    benchmark.quick_comparison(lambda line: print(line, flush=True))


# Options by what they are about. Those that are not given are left to the functions they are for.
_PICTURE = "invert", "crop", "blur", "threshold", "offset", "block_size", "max_pixels"
_TRAINING = "nodes", "epochs", "seed", "variant", "eps_b", "eps_n", "max_age", "lam"
_LOOK = "pen", "levels", "mask", "size", "margin", "page"


def _source(options):
    if options.image is None:
        options.crop = options.crop or image.PORTRAIT_CROP
        return "astronaut"
    return options.image


def _style(options):
    """The style, after the options of a preset are set."""
    if options.preset is not None:
        _fill_in(options, recipes.PRESETS[options.preset][1])
    return options.style or "mesh"


def _fill_in(options, preset):
    """Set the options of a preset that are not given; a page or a size that is given takes the place of both."""
    sized = options.size is not None or options.page is not None
    for name, value in preset.items():
        if getattr(options, name) is None and not (sized and name in ("size", "page")):
            setattr(options, name, value)


def _given(options, *names):
    given = {name: getattr(options, name, None) for name in names}
    return {name: value for name, value in given.items() if value is not None}


def _report(drawing: Drawing) -> str:
    minutes, seconds = divmod(round(drawing.plot_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    lines = [
        f"{number} - {layer.label}: {_paths(layer)}, ink {layer.ink_length / 1000:.2f} m, "
        f"pen up {layer.pen_up_length / 1000:.2f} m"
        for number, layer in enumerate(drawing.layers, start=1)
    ]
    total = (
        f"{_paths(drawing)}, ink {drawing.ink_length / 1000:.2f} m, pen up {drawing.pen_up_length / 1000:.2f} m, "
        f"about {f'{hours} h ' if hours else ''}{minutes} min {seconds} s to plot on {drawing.width:g} x {drawing.height:g} mm"
    )
    return "\n".join([*(lines if len(lines) > 1 else []), total])


def _summary(options, graph, error, started):
    words = [
        f"{graph.n_nodes} nodes",
        f"{graph.n_edges} edges",
        f"{graph.n_components} component{'s' if graph.n_components != 1 else ''}",
    ]
    if error is not None:
        words.append(f"error {error:.3f} px")
    if not options.quiet:
        print(f"{options.out}: {', '.join(words)}, {time.perf_counter() - started:.2f} s")


def _paths(drawn):
    return f"{drawn.n_strokes} path{'s' if drawn.n_strokes != 1 else ''}"


class _progress:
    """A progress bar on standard error, if that is a terminal: a callback for training, or around an iterable."""

    def __init__(self, options):
        self.quiet = options.quiet
        self.bar = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.bar is not None:
            self.bar.close()

    def __call__(self, done, total, model):
        if self._make(total, "signals").total != total:
            self.bar.reset(total)  # the next of several networks
        self.bar.update(done - self.bar.n)
        self.bar.set_postfix(nodes=model.network_.n_nodes, refresh=False)

    def over(self, items, total):
        self._make(total, "frames")
        for item in items:
            yield item
            self.bar.update()

    def _make(self, total, unit):
        if self.bar is None:
            try:
                from tqdm import tqdm
            except ImportError as error:
                raise ImportError(f"the command line needs tqdm ({error}): pip install 'gng-fast[art]'") from error
            self.bar = tqdm(
                total=total, unit=f" {unit}", unit_scale=True, leave=False, disable=True if self.quiet else None
            )
        return self.bar


# ---- arguments ------------------------------------------------------------------------------------------------------


class _Parser(argparse.ArgumentParser):
    def error(self, message):
        """One line instead of argparse's usage and line."""
        self.exit(2, f"{self.prog}: {message} (see {self.prog} --help)\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="gng-fast", description="Line art from photos by Growing Neural Gas.")
    parser.add_argument("--version", action="version", version=f"gng-fast {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=_Parser)

    command = commands.add_parser("draw", help="draw a picture", description="Draw a picture as a line drawing.")
    _add_picture_arguments(command, f"file to write; its ending decides: {' '.join(FORMATS)}")
    add = command.add_argument_group("plotting").add_argument
    add("--retrace", action="store_true", help="draw some lines twice, so that each connected piece is one path")
    add("--report", action="store_true", help="print the paths, the way with the pen up, the ink and the time to plot")
    command.set_defaults(run=draw)

    command = commands.add_parser(
        "animate", help="show a drawing grow", description="Write the growth of a drawing, in any style but cmyk."
    )
    _add_picture_arguments(command, "file to write: .gif, .png (animated) or .html (a page with a slider)")
    command.add_argument("--frames", type=int, default=60, help="number of frames, at most 1000 (default 60)")
    command.add_argument("--seconds", type=float, default=6, help="length of the growth (default 6)")
    command.set_defaults(run=animate)

    command = commands.add_parser(
        "words", help="count the words in a picture", description="Print the number of words in a picture of text."
    )
    _add_writing_arguments(command, "-o", "--out", help=f"picture with every word in its colour: {' '.join(FORMATS)}")
    command.add_argument("--boxes", metavar="FILE", help="JSON file: x, y, width, height of each word in pixels")
    command.add_argument(
        "--hyphen", choices=words.HYPHENS, default="two", help="how many words a word with a hyphen is (default two)"
    )
    command.set_defaults(run=count_words)

    command = commands.add_parser(
        "strokes",
        help="draw handwriting in continuous strokes",
        description="Draw handwriting as smooth, continuous strokes in the order of writing.",
    )
    _add_writing_arguments(command, "-o", "--out", required=True, help=f"file to write: {' '.join(FORMATS)}")
    command.add_argument("-q", "--quiet", action="store_true", help="no summary")
    command.set_defaults(run=write_strokes)

    command = commands.add_parser(
        "bench",
        help="measure the speed on this machine",
        description="Compare the core with plain Python and plain NumPy, in under 20 s.",
    )
    command.set_defaults(run=bench)
    return parser


def _add_picture_arguments(parser, out_help):
    parser.add_argument(
        "image",
        nargs="?",
        metavar="IMAGE",
        help="file, or the name of a picture that comes with "
        f"scikit-image ({', '.join(image.BUILT_IN)}); without it, the astronaut's portrait is drawn",
    )
    parser.add_argument("-o", "--out", required=True, help=out_help)
    add = parser.add_argument_group("style").add_argument
    add(
        "--preset",
        choices=tuple(recipes.PRESETS),
        help="options for a purpose, which others given change: "
        + "; ".join(f"{name}: {what}" for name, (what, _) in recipes.PRESETS.items()),
    )
    add("--style", choices=tuple(recipes.STYLES), help="the look (default mesh)")
    add("--mask", metavar="FILE", help="a picture of what is important: white is, black gets no lines")
    add(
        "--levels",
        type=_levels,
        metavar="PAPER,INK",
        help="tone: darknesses in [0, 1] that are bare paper and solid ink",
    )
    add = parser.add_argument_group("picture").add_argument
    add("--crop", type=_box, metavar="LEFT,TOP,WIDTH,HEIGHT", help="part of the picture, in pixels")
    add(
        "--invert",
        action="store_true",
        default=None,
        help="draw the negative: for light shapes, or a white pen on black paper",
    )
    add("--blur", type=float, help="Gaussian blur in pixels (default 0.6, for tones 0.8)")
    add(
        "--threshold", type=_number_or_word, help=f"a number in [0, 1], or {', '.join(image.THRESHOLDS)} (default otsu)"
    )
    add(
        "--offset",
        type=float,
        help="added to the threshold: more gives more ink (default 0.1 for mesh with otsu, else 0)",
    )
    add("--block-size", type=int, help="surroundings of the local thresholds in pixels (default 35)")
    add(
        "--max-pixels",
        type=int,
        help="shrink a larger picture to so many pixels (default: mesh none, cmyk 250000, else 1000000)",
    )
    add = parser.add_argument_group("training").add_argument
    add(
        "--nodes",
        type=int,
        help="nodes to grow: the density of the drawing (default 2400; shape and glass 1200, "
        "lowpoly 1500, glow 5000, stipple and cmyk 6000, tone 9000)",
    )
    add("--epochs", type=float, help="passes over the dark pixels (default: enough to grow all nodes, and settle)")
    add("--seed", type=int, help="the same seed gives the same drawing (default 0)")
    add("--variant", choices=VARIANTS, help="conventions of training (default fritzke)")
    add("--eps-b", type=float, help="step of the winner (default 0.2)")
    add("--eps-n", type=float, help="step of its neighbours (default 0.005)")
    add("--max-age", type=int, help="an edge older than this goes (default 50)")
    add("--lam", type=int, help="signals between two insertions (default 100)")
    add = parser.add_argument_group("page").add_argument
    where = parser.add_argument_group("page").add_mutually_exclusive_group().add_argument
    where("--size", type=float, help="longer side in mm (default 180)")
    where("--page", help=f"{', '.join(PAGES)} or WIDTHxHEIGHT in mm, instead of a page as large as the picture")
    add("--margin", type=float, help="free border in mm (default 5)")
    add(
        "--pen",
        type=_pens,
        metavar="MM",
        help="width of the line in mm (mesh and shape 0.3); tone, stipple, cmyk: "
        "also pens as 0.2,0.4,0.8 or a range as 0.1-1.2 (default: what suits)",
    )
    add("--pixels", type=int, help="longer side of a PNG (default 1200) or GIF (default 600)")
    add("-q", "--quiet", action="store_true", help="no progress bar and no summary")


def _add_writing_arguments(parser, *out, **out_options):
    parser.add_argument("image", metavar="IMAGE", help="file, or the name of a picture that comes with scikit-image")
    add = parser.add_argument
    add(*out, **out_options)
    add("--crop", type=_box, metavar="LEFT,TOP,WIDTH,HEIGHT", help="part of the picture, in pixels")
    add("--seed", type=int, default=0, help="the same seed gives the same result (default 0)")
    add("--size", type=float, help="longer side in mm (default 180)")
    add("--margin", type=float, help="free border in mm (default 5)")
    add("--pen", type=float, help="width of the line in mm (default: as in the picture)")
    add("--pixels", type=int, help="longer side of a PNG (default 1200)")


def _box(text: str) -> tuple[int, ...]:
    try:
        numbers = tuple(int(part) for part in text.split(","))
    except ValueError:
        numbers = ()
    if len(numbers) != 4:
        raise argparse.ArgumentTypeError(f"must be LEFT,TOP,WIDTH,HEIGHT in whole pixels, got '{text}'")
    return numbers


def _pens(text: str) -> float | tuple[float, ...]:
    try:
        if "-" in text[1:]:
            low, high = (float(part) for part in text.split("-"))
            return tuple(np.geomspace(low, high, _PENS_OF_A_RANGE).round(3).tolist())
        pens = tuple(float(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"must be a width in mm, widths with commas or a range, got '{text}'"
        ) from None
    return pens[0] if len(pens) == 1 else pens


def _levels(text: str) -> tuple[float, ...]:
    try:
        levels = tuple(float(part) for part in text.split(","))
    except ValueError:
        levels = ()
    if len(levels) != 2:
        raise argparse.ArgumentTypeError(f"must be PAPER,INK, two numbers in [0, 1], got '{text}'")
    return levels


def _number_or_word(text: str) -> float | str:
    try:
        number = float(text)
    except ValueError:
        return text
    if not np.isfinite(number):
        raise argparse.ArgumentTypeError(f"must be a number in [0, 1] or a word, got '{text}'")
    return number

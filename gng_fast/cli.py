"""The command line: `gng-fast` or `python -m gng_fast`."""

import argparse
import os
import sys
import time

import numpy as np

from gng_fast import __version__, benchmark, handwriting, image, recipes, words
from gng_fast.export import FORMATS, format_of, save, write_gif
from gng_fast.export.files import write_file
from gng_fast.parameters import VARIANTS
from gng_fast.styles import mesh
from gng_fast.styles.groups import groups
from gng_fast.styles.strokes import strokes


# Seconds; viewers slow down anything faster.
SHORTEST_FRAME = 0.02


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


# ---- commands ---------------------------------------------------------------------------------------------------------


def draw(options: argparse.Namespace) -> None:
    """image -> points -> network -> graph -> drawing -> file, and a summary line."""
    takes = format_of(options.out).takes  # what is wrong with the file is said before the work, not after it
    if options.pixels is not None and not options.out.lower().endswith(".png"):
        raise ValueError(f"pixels is for .png and .gif, not for '{options.out}'")
    started = time.perf_counter()
    points = _points(options)
    with _progress(options) as bar:
        model = recipes.train(points, callback=bar, **_training(options))
    graph = model.graph_
    drawing = mesh(graph, extent=points.extent, **_page(options)) if takes == "drawing" else None
    save(options.out, graph=graph, drawing=drawing, **_pixels(options))
    _summary(options, graph, model.history_[-1], started)


def animate(options: argparse.Namespace) -> None:
    """The growth of a drawing as a GIF."""
    if not options.out.lower().endswith(".gif"):
        raise ValueError(f"cannot write '{options.out}': the ending must be .gif")
    if options.frames < 1:
        raise ValueError(f"frames must be >= 1, got {options.frames}")
    started = time.perf_counter()
    points = _points(options)
    graphs = recipes.growth(points, options.frames, **_training(options))
    with _progress(options) as bar:
        drawings = (mesh(graph, extent=points.extent, **_page(options)) for graph in graphs)
        seconds = max(SHORTEST_FRAME, options.seconds / len(graphs))
        write_gif(bar.over(drawings, len(graphs)), options.out, **_pixels(options), seconds=seconds)
    _summary(options, graphs[-1], None, started)


def count_words(options: argparse.Namespace) -> None:
    """The number of words in a picture; their boxes and a picture of them, if asked for."""
    if options.out is not None:
        format_of(options.out)
    found = words.find_words(options.image, hyphen=options.hyphen, crop=options.crop, seed=options.seed)
    if options.out is not None:
        drawing = groups(found.graph, found.labels, extent=_extent(found.shape), width=0.4 * found.spacing,
                         size=options.size, margin=options.margin, pen=options.pen)
        save(options.out, graph=found.graph, drawing=drawing, **_pixels(options))
    if options.boxes is not None:
        write_file(options.boxes, found.to_json().encode())
    print(found.count)


def write_strokes(options: argparse.Namespace) -> None:
    """Handwriting as continuous strokes in the order of writing."""
    format_of(options.out)
    started = time.perf_counter()
    found = handwriting.trace_handwriting(options.image, crop=options.crop, seed=options.seed)
    drawing = strokes(found.graph, width=found.width, extent=_extent(found.shape), **_page(options))
    save(options.out, graph=found.graph, drawing=drawing, **_pixels(options))
    if not options.quiet:
        n = drawing.n_strokes
        print(f"{options.out}: {n} stroke{'s' if n != 1 else ''}, {drawing.ink_length / 10:.1f} cm of ink, "
              f"{time.perf_counter() - started:.2f} s")


def _extent(shape):
    """The frame of a whole picture in graph units, to the outer edges of its pixels."""
    return -0.5, 0.5 - shape[0], shape[1] - 0.5, 0.5


def bench(options: argparse.Namespace) -> None:
    """The core against plain Python and plain NumPy on this machine."""
    benchmark.quick_comparison(lambda line: print(line, flush=True))


def _points(options):
    crop = options.crop
    if options.image is None:
        crop = crop or image.PORTRAIT_CROP
    return recipes.points_of(options.image or "astronaut", crop=crop, blur=options.blur, threshold=options.threshold,
                             offset=options.offset, block_size=options.block_size, max_pixels=options.max_pixels)


def _training(options):
    return {"nodes": options.nodes, "epochs": options.epochs, "seed": options.seed, "variant": options.variant,
            "eps_b": options.eps_b, "eps_n": options.eps_n, "max_age": options.max_age, "lam": options.lam}


def _page(options):
    return {"size": options.size, "margin": options.margin, "pen": options.pen}


def _pixels(options):
    return {} if options.pixels is None else {"pixels": options.pixels}


def _summary(options, graph, error, started):
    words = [f"{graph.n_nodes} nodes", f"{graph.n_edges} edges",
             f"{graph.n_components} component{'s' if graph.n_components != 1 else ''}"]
    if error is not None:
        words.append(f"error {error:.3f} px")
    if not options.quiet:
        print(f"{options.out}: {', '.join(words)}, {time.perf_counter() - started:.2f} s")


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
        self._make(total, "signals").update(done - self.bar.n)
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
            self.bar = tqdm(total=total, unit=f" {unit}", unit_scale=True, leave=False,
                            disable=True if self.quiet else None)
        return self.bar


# ---- arguments --------------------------------------------------------------------------------------------------------


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
    command.set_defaults(run=draw)

    command = commands.add_parser("animate", help="show a drawing grow", description="Write the growth as a GIF.")
    _add_picture_arguments(command, "file to write, ending in .gif")
    command.add_argument("--frames", type=int, default=60, help="number of frames (default 60)")
    command.add_argument("--seconds", type=float, default=6, help="length of the growth (default 6)")
    command.set_defaults(run=animate)

    command = commands.add_parser("words", help="count the words in a picture",
                                  description="Print the number of words in a picture of text.")
    _add_writing_arguments(command, "-o", "--out", help=f"picture with every word in its colour: {' '.join(FORMATS)}")
    command.add_argument("--boxes", metavar="FILE", help="JSON file: x, y, width, height of each word in pixels")
    command.add_argument("--hyphen", choices=words.HYPHENS, default="two",
                         help="how many words a word with a hyphen is (default two)")
    command.set_defaults(run=count_words)

    command = commands.add_parser("strokes", help="draw handwriting in continuous strokes",
                                  description="Draw handwriting as smooth, continuous strokes in the order of writing.")
    _add_writing_arguments(command, "-o", "--out", required=True, help=f"file to write: {' '.join(FORMATS)}")
    command.add_argument("-q", "--quiet", action="store_true", help="no summary")
    command.set_defaults(run=write_strokes)

    command = commands.add_parser("bench", help="measure the speed on this machine",
                                  description="Compare the core with plain Python and plain NumPy, in under 20 s.")
    command.set_defaults(run=bench)
    return parser


def _add_picture_arguments(parser, out_help):
    parser.add_argument("image", nargs="?", metavar="IMAGE", help="file, or the name of a picture that comes with "
                        f"scikit-image ({', '.join(image.BUILT_IN)}); without it, the astronaut's portrait is drawn")
    parser.add_argument("-o", "--out", required=True, help=out_help)
    add = parser.add_argument_group("picture").add_argument
    add("--crop", type=_box, metavar="LEFT,TOP,WIDTH,HEIGHT", help="part of the picture, in pixels")
    add("--blur", type=float, default=image.ARTICLE_BLUR, help="Gaussian blur in pixels (default %(default)s)")
    add("--threshold", type=_number_or_word, default="otsu",
        help=f"a number in [0, 1], or {', '.join(image.THRESHOLDS)} (default otsu)")
    add("--offset", type=float, help="added to the threshold: more gives more ink (default 0.1 with otsu, else 0)")
    add("--block-size", type=int, default=35, help="surroundings of the local thresholds in pixels (default 35)")
    add("--max-pixels", type=int, help="shrink a larger picture to so many pixels")
    add = parser.add_argument_group("training").add_argument
    add("--nodes", type=int, default=2400, help="nodes to grow: the density of the drawing (default %(default)s)")
    add("--epochs", type=float, help="passes over the dark pixels (default: enough to grow all nodes, and settle)")
    add("--seed", type=int, default=0, help="the same seed gives the same drawing (default 0)")
    add("--variant", choices=VARIANTS, default="fritzke", help="conventions of training (default fritzke)")
    add("--eps-b", type=float, default=0.2, help="step of the winner (default %(default)s)")
    add("--eps-n", type=float, default=0.005, help="step of its neighbours (default %(default)s)")
    add("--max-age", type=int, default=50, help="an edge older than this goes (default %(default)s)")
    add("--lam", type=int, default=100, help="signals between two insertions (default %(default)s)")
    add = parser.add_argument_group("page").add_argument
    add("--size", type=float, default=180, help="longer side in mm (default %(default)s)")
    add("--margin", type=float, default=5, help="free border in mm (default %(default)s)")
    add("--pen", type=float, default=0.3, help="width of the line in mm (default %(default)s)")
    add("--pixels", type=int, help="longer side of a PNG (default 1200) or GIF (default 600)")
    add("-q", "--quiet", action="store_true", help="no progress bar and no summary")


def _add_writing_arguments(parser, *out, **out_options):
    parser.add_argument("image", metavar="IMAGE", help="file, or the name of a picture that comes with scikit-image")
    add = parser.add_argument
    add(*out, **out_options)
    add("--crop", type=_box, metavar="LEFT,TOP,WIDTH,HEIGHT", help="part of the picture, in pixels")
    add("--seed", type=int, default=0, help="the same seed gives the same result (default 0)")
    add("--size", type=float, default=180, help="longer side in mm (default %(default)s)")
    add("--margin", type=float, default=5, help="free border in mm (default %(default)s)")
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


def _number_or_word(text: str) -> float | str:
    try:
        number = float(text)
    except ValueError:
        return text
    if not np.isfinite(number):
        raise argparse.ArgumentTypeError(f"must be a number in [0, 1] or a word, got '{text}'")
    return number

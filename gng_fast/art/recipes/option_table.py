"""The one table of what drawings can be told, from which the command line, pages and windows make their controls."""

import inspect
from dataclasses import dataclass, replace
from typing import Any

from gng_fast.art import image
from gng_fast.art.drawing import PAGES
from gng_fast.art.drawing.page import MARGIN, PEN, SIDE
from gng_fast.art.image.planes import BLUR, PIXELS
from gng_fast.art.image.thresholding import BLOCK_SIZE, LEVEL, OFFSET
from gng_fast.parameters import RANGES, VARIANTS, Range

#: What `detail` may be.
DETAIL = Range(0, 100, low_open=True)
#: How many colours a drawing in pens of their own may have.
COLOURS = Range(1, 256, integer=True)


@dataclass(frozen=True)
class Option:
    """An option of drawings, with all that a control for it needs to know.

    Attributes
    ----------
    name : str
        The keyword of `make`.
    type : str
        What its value is:

        - "int", "float", "bool"
        - "word": one of `choices`
        - "float or word": a number, or one of `choices`
        - "page": text, which `gng_fast.drawing.page_size` reads; `choices` are the pages that have a name
        - "picture": whatever `gng_fast.image.load` takes
        - "pens": a float, or several in a tuple
        - "box": left, top, width and height, four int
        - "levels": two rising float
    help : str
        What it does, in a few words.
    group : str
        "style", "picture", "training", "page" or "plotting".
    unit : str
        Of its numbers: "mm", "pixels", "nodes", "epochs", "colours" or "signals"; empty for plain numbers.
    range : Range, optional
        What its numbers may be. (low, high, integer, low_open); None if it has none.
    usual : tuple of float, optional
        The ends of a slider: what suits nearly all pictures, within `range`.
    step : float
        Between two values of a slider, counted from `range.low`; 0 if there is no natural one.
    choices : tuple of str
        Words that it may be.
    none : str
        What the value None stands for, in words; empty if there is nothing to say.
    optional : bool
        Whether it may be None.
    default : int, float, bool, str or None
        That of the style.
    """

    name: str
    type: str
    help: str
    group: str
    unit: str = ""
    range: Range | None = None
    usual: tuple[float, float] | None = None
    step: float = 0
    choices: tuple[str, ...] = ()
    none: str = ""
    optional: bool = False
    default: Any = None

    def of(self, parameter: inspect.Parameter) -> "Option":
        """Return the option as a function has it.

        Parameters
        ----------
        parameter : inspect.Parameter
            Of the function, annotated.

        Returns
        -------
        Option
        """
        annotation = str(parameter.annotation)
        return replace(
            self,
            type="float" if self.type == "pens" and "Sequence" not in annotation else self.type,
            optional="None" in annotation,
            default=parameter.default,
        )


# ---- a new option is an entry of one of these ------------------------------------------------------------------------

_STYLE = (
    Option("mask", "picture", "a picture of what is important: white is, black gets no lines", "style"),
    Option(
        "levels",
        "levels",
        "darknesses in [0, 1] that are bare paper and solid ink",
        "style",
        range=LEVEL,
        usual=(0, 1),
        step=0.01,
        none="as suits the picture",
    ),
)

_PICTURE = (
    Option("crop", "box", "part of the picture, in pixels", "picture", "pixels"),
    Option("invert", "bool", "draw the negative: for light shapes, or a white pen on black paper", "picture"),
    Option("blur", "float", "Gaussian blur in pixels", "picture", "pixels", BLUR, (0, 5), 0.1),
    Option(
        "threshold",
        "float or word",
        f"a number in [0, 1], or {', '.join(image.THRESHOLDS)}",
        "picture",
        range=LEVEL,
        usual=(0, 1),
        step=0.01,
        choices=image.THRESHOLDS,
    ),
    Option(
        "offset",
        "float",
        "added to the threshold: more gives more ink",
        "picture",
        range=OFFSET,
        usual=(-0.3, 0.3),
        step=0.01,
        none=f"{image.ARTICLE_OFFSET} with otsu and 0 without",
    ),
    Option(
        "block_size",
        "int",
        "surroundings of the local thresholds in pixels",
        "picture",
        "pixels",
        BLOCK_SIZE,
        (3, 151),
        2,  # it must be odd
    ),
    Option(
        "max_pixels",
        "int",
        "shrink a larger picture to so many pixels",
        "picture",
        "pixels",
        PIXELS,
        (10_000, 2_000_000),
        1,
        none=f"{image.AUTO_PIXELS} with the threshold auto, none without,",
    ),
)

_TRAINING = (
    Option(
        "detail",
        "float",
        "how dense the drawing is, in any style: 2 is twice as dense as by default",
        "training",
        range=DETAIL,
        usual=(0.1, 5),
        step=0.1,
    ),
    Option("nodes", "int", "nodes to grow, instead of detail", "training", "nodes", RANGES["nodes"], (50, 30_000), 1),
    Option(
        "epochs",
        "float",
        "passes over the dark pixels",
        "training",
        "epochs",
        RANGES["epochs"],
        (1, 100),
        none="as many as it takes to grow all nodes, and a quarter more",
    ),
    Option(
        "seed", "int", "the same seed gives the same drawing", "training", range=RANGES["seed"], usual=(0, 99), step=1
    ),
    Option("variant", "word", "conventions of training", "training", choices=VARIANTS),
    Option("eps_b", "float", "step of the winner", "training", range=RANGES["eps_b"], usual=(0.01, 0.5)),
    Option("eps_n", "float", "step of its neighbours", "training", range=RANGES["eps_n"], usual=(0, 0.05)),
    Option("max_age", "int", "an edge older than this goes", "training", "signals", RANGES["max_age"], (5, 200), 1),
    Option("lam", "int", "signals between two insertions", "training", "signals", RANGES["lam"], (10, 1000), 1),
)

_PAGE = (
    Option("size", "float", "longer side of the page", "page", "mm", SIDE, (50, 1000), 1),
    Option(
        "page",
        "page",
        f"{', '.join(PAGES)} or WIDTHxHEIGHT in mm, or as 8.5x11in, instead of a page as large as the "
        "picture; a4-landscape and a4-portrait say how it lies",
        "page",
        choices=tuple(PAGES),
    ),
    Option("line", "bool", "draw one line through the dots, and not the dots", "page"),
    Option("margin", "float", "free border", "page", "mm", MARGIN, (0, 50), 1),
    Option("colours", "int", "colours of the drawing, a pen each", "page", "colours", COLOURS, (2, 48), 1),
    Option("pen", "pens", "width of the line", "page", "mm", PEN, (0.05, 2), 0.05, none="what suits"),
)

_PLOTTING = (
    Option("retrace", "bool", "draw some lines twice, so that each connected piece is one path", "plotting"),
    Option("strokes_only", "bool", "leave out areas and the background, which a plotter cannot fill", "plotting"),
)

#: All options of all styles by their names, in the order in which they are shown, without the defaults of a style.
TABLE = {each.name: each for each in (*_STYLE, *_PICTURE, *_TRAINING, *_PAGE, *_PLOTTING)}

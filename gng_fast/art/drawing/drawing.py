"""Drawings: strokes in millimetres on a page, independent of graphs and of file formats.

On the page y points DOWN and the origin is the top left corner, as in SVG and in pictures.
"""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from numbers import Real

import numpy as np

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_PAGE = re.compile(r"(\d+(?:\.\d+)?)\s*x\s*(\d+(?:\.\d+)?)\s*(?:mm)?")
# Files hold hundredths of a millimetre: a smaller page could round to nothing.
_MIN_PAGE = 1.0

#: Width and height of upright pages in mm.
PAGES = {
    "a2": (420.0, 594.0),
    "a3": (297.0, 420.0),
    "a4": (210.0, 297.0),
    "a5": (148.0, 210.0),
    "a6": (105.0, 148.0),
    "letter": (215.9, 279.4),
    "legal": (215.9, 355.6),
    "tabloid": (279.4, 431.8),
}


@dataclass(frozen=True, eq=False)
class Layer:
    """What one pen draws.

    label : str, printable; names the layer in files
    colour : "#rrggbb"
    pen : width of the line in mm, > 0
    strokes : (k, 2) arrays of x, y in mm, k >= 2, each drawn without lifting the pen, in this order. Kept as a tuple of
        read-only float64 arrays. Two equal points make a dot.

    Raises TypeError or ValueError naming the field.
    """

    label: str
    colour: str
    pen: float
    strokes: tuple[np.ndarray, ...]

    def __post_init__(self):
        if not isinstance(self.label, str) or not self.label.isprintable():
            raise ValueError(f"label must be printable text, got {self.label!r}")
        check_colour("colour", self.colour)
        check_positive("pen", self.pen)
        object.__setattr__(self, "strokes", _checked_strokes(self.strokes))

    @property
    def n_strokes(self) -> int:
        """Number of strokes."""
        return len(self.strokes)

    @property
    def ink_length(self) -> float:
        """Length drawn, in mm."""
        return float(sum(np.linalg.norm(np.diff(stroke, axis=0), axis=1).sum() for stroke in self.strokes))

    @property
    def pen_up_length(self) -> float:
        """Length travelled with the pen up from each stroke to the next, in mm; the way to the first is not counted."""
        starts = np.array([stroke[0] for stroke in self.strokes]).reshape(-1, 2)
        stops = np.array([stroke[-1] for stroke in self.strokes]).reshape(-1, 2)
        return float(np.linalg.norm(starts[1:] - stops[:-1], axis=1).sum())


@dataclass(frozen=True, eq=False)
class Area:
    """A filled polygon: outline, (k, 2) array of x, y in mm, k >= 3, kept as read-only float64; colour, "#rrggbb"."""

    colour: str
    outline: np.ndarray

    def __post_init__(self):
        check_colour("colour", self.colour)
        (outline,) = _checked_strokes([self.outline])
        if len(outline) < 3:
            raise ValueError(f"outline must have shape (k, 2) with k >= 3, got {outline.shape}")
        object.__setattr__(self, "outline", outline)


@dataclass(frozen=True, eq=False)
class Drawing:
    """A page of `width` x `height` mm (each >= 1), and the areas and then the layers on it, drawn in order.

    background : "#rrggbb", or None for the bare paper
    areas : `Area` objects, for screen and print; plotters leave them out

    Strokes may reach beyond the page: nothing is cropped. Raises TypeError or ValueError naming the field.
    """

    width: float
    height: float
    layers: tuple[Layer, ...]
    background: str | None = None
    areas: tuple[Area, ...] = ()

    def __post_init__(self):
        for name in ("width", "height"):
            value = check_positive(name, getattr(self, name))
            if value < _MIN_PAGE:
                raise ValueError(f"{name} must be >= {_MIN_PAGE:g} mm, got {value}")
        object.__setattr__(self, "layers", tuple(self.layers))
        for layer in self.layers:
            if not isinstance(layer, Layer):
                raise TypeError(f"layers must hold Layer objects, got {layer!r}")
        object.__setattr__(self, "areas", tuple(self.areas))
        if self.background is not None:
            check_colour("background", self.background)

    @property
    def n_strokes(self) -> int:
        """Number of strokes of all layers."""
        return sum(layer.n_strokes for layer in self.layers)

    @property
    def ink_length(self) -> float:
        """Length drawn in all layers, in mm."""
        return sum(layer.ink_length for layer in self.layers)

    @property
    def pen_up_length(self) -> float:
        """Length travelled with the pen up inside the layers, in mm (between layers the pen is changed)."""
        return sum(layer.pen_up_length for layer in self.layers)

    def plot_seconds(self, speed: float = 40.0, travel: float = 100.0, lift: float = 0.3) -> float:
        """Time to plot, changes of pens apart: `speed` and `travel` in mm/s, `lift` in s for lifting and lowering the pen.

        The defaults are those of a small plotter of the usual kind at moderate speed.
        """
        return self.ink_length / speed + self.pen_up_length / travel + self.n_strokes * lift


@dataclass(frozen=True)
class PageFit:
    """A page, and the map from graph units (y up) to mm on it (y down). Made by `fit_page`."""

    width: float
    height: float
    scale: float
    centre: tuple[float, float]

    def __call__(self, points) -> np.ndarray:
        """(..., 2) array in graph units -> float64 array of the same shape in mm."""
        away = (np.asarray(points, dtype=np.float64) - self.centre) * (self.scale, -self.scale)
        return away + (self.width / 2, self.height / 2)


def fit_page(extent, size: float = 180.0, margin: float = 5.0, page: str | None = None) -> PageFit:
    """Fit a frame of the graph onto a page; every style places its drawing with this.

    extent : (x_min, y_min, x_max, y_max) in graph units; a line or a single point will do
    size : longer side of the page in mm, margin included, >= 1; the page then has the proportions of the frame
    margin : free border in mm on every side, >= 0 and less than half of the page
    page : instead of `size`, one of `PAGES`, turned the way the frame is, or as it is told, "WIDTHxHEIGHT" in mm; the
        frame is put in its middle

    Returns a `PageFit`. Raises TypeError or ValueError naming the parameter.
    """
    x_min, y_min, x_max, y_max = _checked_extent(extent)
    spans = (x_max - x_min, y_max - y_min)
    centre = (x_min + spans[0] / 2, y_min + spans[1] / 2)
    # A point has no scale and no aspect ratio (nor has a frame so small that its scale overflows): a square page.
    longest = max(spans) if max(spans) > 1e-300 else 0.0
    if page is not None:
        width, height = page_size(page, landscape=spans[0] > spans[1])
        _check_margin(margin, min(width, height), page)
        rooms = [(side - 2 * margin) / span for side, span in zip((width, height), spans) if span > 1e-300]
        return PageFit(width, height, min(rooms, default=1.0), centre)
    if check_positive("size", size) < _MIN_PAGE:
        raise ValueError(f"size must be >= {_MIN_PAGE:g} mm, got {size}")
    _check_margin(margin, size, "size")
    inner = size - 2 * margin
    shares = [span / longest if longest else 1.0 for span in spans]
    width, height = (max(inner * share + 2 * margin, _MIN_PAGE) for share in shares)
    return PageFit(width, height, inner / longest if longest else 1.0, centre)


def page_size(page: str, landscape: bool = False) -> tuple[float, float]:
    """Return (width, height) in mm of a page of `PAGES`, turned if `landscape`, or of "WIDTHxHEIGHT" as it is told.

    Raises TypeError or ValueError.
    """
    if not isinstance(page, str):
        raise TypeError(f"page must be a word or WIDTHxHEIGHT in mm, got {page!r}")
    if page.lower() in PAGES:
        width, height = PAGES[page.lower()]
        return (height, width) if landscape else (width, height)
    told = _PAGE.fullmatch(page.strip().lower())
    if not told:
        raise ValueError(f"page must be WIDTHxHEIGHT in mm or one of {', '.join(PAGES)}, got '{page}'")
    width, height = float(told[1]), float(told[2])
    if min(width, height) < _MIN_PAGE:
        raise ValueError(f"page must be at least {_MIN_PAGE:g} mm wide and high, got '{page}'")
    return width, height


def _check_margin(margin, side, name):
    if not 0 <= check_number("margin", margin) < side / 2:
        raise ValueError(f"margin must be >= 0 and less than half of {name} ({side / 2:g}), got {margin}")


def check_number(name, value):
    """`value` if it is a finite real number, else TypeError or ValueError naming the parameter."""
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{name} must be a number, got {value!r}")
    if not math.isfinite(value):
        raise ValueError(f"{name} must be finite, got {value}")
    return value


def check_positive(name, value):
    """`value` if it is a finite number > 0, else TypeError or ValueError naming the parameter."""
    if check_number(name, value) <= 0:
        raise ValueError(f"{name} must be > 0, got {value}")
    return value


def check_colour(name, value):
    """`value` if it is a colour as "#rrggbb", else ValueError naming the parameter."""
    if not isinstance(value, str) or not _COLOUR.fullmatch(value):
        raise ValueError(f'{name} must be a colour as "#rrggbb", got {value!r}')
    return value


def _checked_extent(extent):
    wrong = f"extent must be (x_min, y_min, x_max, y_max) with x_min <= x_max and y_min <= y_max, got {extent!r}"
    if not isinstance(extent, Iterable):
        raise TypeError(wrong)
    values = [float(check_number("extent", value)) for value in extent]
    if len(values) != 4 or values[0] > values[2] or values[1] > values[3]:
        raise ValueError(wrong)
    if not (math.isfinite(values[2] - values[0]) and math.isfinite(values[3] - values[1])):
        raise ValueError(f"extent must span a finite range, got {extent!r}")
    return values


def _checked_strokes(strokes):
    """One read-only copy of all points, cut into strokes: checked at once, and safe from later changes."""
    strokes = [np.asarray(stroke, dtype=np.float64) for stroke in strokes]
    for index, stroke in enumerate(strokes):
        if stroke.ndim != 2 or stroke.shape[1] != 2 or len(stroke) < 2:
            raise ValueError(f"strokes[{index}] must have shape (k, 2) with k >= 2, got {stroke.shape}")
    if not strokes:
        return ()
    points = np.concatenate(strokes)
    if not np.isfinite(points).all():
        raise ValueError(f"strokes must be finite, got {points[~np.isfinite(points)][0]}")
    points.flags.writeable = False
    stops = np.cumsum([len(stroke) for stroke in strokes]).tolist()
    return tuple(points[start:stop] for start, stop in zip([0, *stops], stops))

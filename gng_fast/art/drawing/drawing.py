"""Drawings: strokes in millimetres on a page, independent of graphs and of file formats.

On the page y points DOWN and the origin is the top left corner, as in SVG and in pictures.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gng_fast.art.drawing.page import PEN, SIDE
from gng_fast.optional import need

#: What files hold, in mm, and the length of the line that stands for a dot.
STEP = 0.01
# Points of a drawing that a notebook shows: some 2 MB.
_MOST_SHOWN = 150_000
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True, eq=False)
class Layer:
    """What one pen draws.

    Parameters
    ----------
    label : str
        Printable; names the layer in files.
    colour : str
        "#rrggbb".
    pen : float
        Width of the line in mm, in (0, inf).
    strokes : arrays of shape (k, 2)
        x, y in mm, k >= 2; each is drawn without lifting the pen, in this order. Two equal points make a dot. They are
        kept as a tuple of read-only float64 arrays.

    Raises
    ------
    TypeError, ValueError
        The message names the field.

    Examples
    --------
    >>> layer = Layer("corner", "#000000", 0.3, [[(0, 0), (30, 0), (30, 40)]])
    >>> layer.n_strokes, layer.ink_length
    (1, 70.0)
    """

    label: str
    colour: str
    pen: float
    strokes: tuple[NDArray[np.float64], ...]

    def __post_init__(self) -> None:
        _check_text("label", self.label)
        check_colour("colour", self.colour)
        PEN.check("pen", self.pen)
        object.__setattr__(self, "strokes", _checked_strokes(self.strokes))

    def __repr__(self) -> str:
        return f"<Layer {self.label!r}: {self.n_strokes:,} strokes, {self.colour}, {self.pen:g} mm>"

    @property
    def n_strokes(self) -> int:
        """Number of strokes."""
        return len(self.strokes)

    @property
    def ink_length(self) -> float:
        """Length drawn, in mm."""
        if not self.strokes:
            return 0.0
        steps = np.linalg.norm(np.diff(np.concatenate(self.strokes), axis=0), axis=1)
        steps[np.cumsum([len(stroke) for stroke in self.strokes])[:-1] - 1] = 0  # with the pen up to the next stroke
        return float(steps.sum())

    @property
    def pen_up_length(self) -> float:
        """Length travelled with the pen up from each stroke to the next, in mm; that to the first is not counted."""
        starts = np.array([stroke[0] for stroke in self.strokes]).reshape(-1, 2)
        stops = np.array([stroke[-1] for stroke in self.strokes]).reshape(-1, 2)
        return float(np.linalg.norm(starts[1:] - stops[:-1], axis=1).sum())


@dataclass(frozen=True, eq=False)
class Area:
    """A filled polygon.

    Parameters
    ----------
    colour : str
        "#rrggbb".
    outline : array of shape (k, 2)
        x, y in mm, k >= 3; kept as a read-only float64 array.

    Raises
    ------
    ValueError
        The message names the field.
    """

    colour: str
    outline: NDArray[np.float64]

    def __post_init__(self) -> None:
        check_colour("colour", self.colour)
        outline = np.array(self.outline, dtype=np.float64)  # a copy: safe from later changes
        if outline.ndim != 2 or outline.shape[1] != 2 or len(outline) < 3:
            raise ValueError(f"outline must have shape (k, 2) with k >= 3, got {outline.shape}")
        if not np.isfinite(outline).all():
            raise ValueError(f"outline must be finite, got {outline[~np.isfinite(outline).all(axis=1)][0]}")
        outline.flags.writeable = False
        object.__setattr__(self, "outline", outline)


@dataclass(frozen=True, eq=False)
class Drawing:
    """A page, and the areas and then the layers on it, drawn in order.

    Parameters
    ----------
    width, height : float
        Of the page in mm, in [1, inf).
    layers : iterable of Layer
        Strokes may reach beyond the page: nothing is cropped.
    background : str, optional
        "#rrggbb"; None is the bare paper.
    areas : iterable of Area
        For screen and print: a pen cannot fill them.
    command : str
        Printable: how the drawing was made, for the metadata of files.

    Raises
    ------
    TypeError, ValueError
        The message names the field.
    """

    width: float
    height: float
    layers: tuple[Layer, ...]
    background: str | None = None
    areas: tuple[Area, ...] = ()
    command: str = ""

    def __post_init__(self) -> None:
        for name in ("width", "height"):
            SIDE.check(name, getattr(self, name))
        object.__setattr__(self, "layers", tuple(self.layers))
        for layer in self.layers:
            if not isinstance(layer, Layer):
                raise TypeError(f"layers must hold Layer objects, got {layer!r}")
        object.__setattr__(self, "areas", tuple(self.areas))
        if self.background is not None:
            check_colour("background", self.background)
        _check_text("command", self.command)

    def __repr__(self) -> str:
        areas = f", {len(self.areas):,} areas" if self.areas else ""
        return (
            f"<Drawing of {self.width:g} x {self.height:g} mm: {self.n_strokes:,} strokes in {len(self.layers)} layers"
            f"{areas}>"
        )

    def _repr_svg_(self) -> str | None:
        """What a notebook shows: the drawing, unless it would be large; then its words."""
        return preview(self)

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

    def strokes_only(self) -> "Drawing":
        """Return the drawing without areas and background: other tools would let a plotter draw their outlines."""
        return replace(self, background=None, areas=())

    def to_vpype(self, first_layer: int = 1) -> Any:
        """Return the strokes as a document of vpype, which has them as from the SVG file of the drawing.

        Parameters
        ----------
        first_layer : int
            The number of the first layer; those without strokes are left out.

        Returns
        -------
        vpype.Document
            With the size of the page, and the width, the colour and the name of each pen.

        Raises
        ------
        ImportError
            vpype is missing.
        """
        vpype = need("vpype", "to_vpype")
        mm = vpype.convert_length("1mm")
        document = vpype.Document(page_size=(self.width * mm, self.height * mm))
        for number, layer in enumerate(self.layers, first_layer):
            if layer.strokes:
                lines = vpype.LineCollection(as_plotted(stroke, self.width) @ (mm, mm * 1j) for stroke in layer.strokes)
                lines.set_property(vpype.METADATA_FIELD_NAME, f"{number} - {layer.label}")
                lines.set_property(vpype.METADATA_FIELD_COLOR, layer.colour)
                lines.set_property(vpype.METADATA_FIELD_PEN_WIDTH, layer.pen * mm)
                document.add(lines, number, with_metadata=True)
        return document

    def plot_seconds(self, speed: float = 40.0, travel: float = 100.0, lift: float = 0.3) -> float:
        """Return the time to plot in seconds, changes of pens apart.

        The defaults are those of a small plotter of the usual kind at moderate speed.

        Parameters
        ----------
        speed, travel : float
            Of the pen on paper and above it, in mm/s.
        lift : float
            Seconds for lifting and lowering the pen.
        """
        return self.ink_length / speed + self.pen_up_length / travel + self.n_strokes * lift


def preview(drawing: Drawing) -> str | None:
    """Return a drawing as an SVG picture for a notebook, with one path a pen; None if that would be too large.

    Parameters
    ----------
    drawing : Drawing

    Returns
    -------
    str or None
    """
    outlines = [area.outline for area in drawing.areas]
    strokes = [stroke for layer in drawing.layers for stroke in layer.strokes]
    if sum(map(len, outlines + strokes)) > _MOST_SHOWN:
        return None
    width, height = f"{drawing.width:g}", f"{drawing.height:g}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}mm" height="{height}mm" '
        f'style="max-width:100%;height:auto"><rect width="{width}" height="{height}" '
        f'fill="{drawing.background or "#ffffff"}"/>'
    ]
    parts += [f'<path fill="{area.colour}" d="{_path([area.outline])}"/>' for area in drawing.areas]
    parts += [
        f'<path fill="none" stroke="{layer.colour}" stroke-width="{layer.pen:g}" stroke-linecap="round" '
        f'stroke-linejoin="round" d="{_path([as_plotted(stroke, drawing.width) for stroke in layer.strokes])}"/>'
        for layer in drawing.layers
    ]
    return "".join([*parts, "</svg>"])


def _path(lines: list[NDArray[np.float64]]) -> str:
    """Lines as the data of one path."""
    return "".join("M" + " ".join(f"{x:g},{y:g}" for x, y in np.round(line, 2).tolist()) for line in lines)


def check_colour(name: str, value: Any) -> str:
    """Return `value` if it is a colour as "#rrggbb", else raise ValueError naming the parameter."""
    if not isinstance(value, str) or not _COLOUR.fullmatch(value):
        raise ValueError(f'{name} must be a colour as "#rrggbb", got {value!r}')
    return value


def as_plotted(stroke: NDArray[np.float64], width: float) -> NDArray[np.float64]:
    """Return the points of a stroke as files for plotters hold them, in hundredths of a mm.

    A dot is a line of 0.01 mm towards the middle of a page of that width, since the tools drop lines without length.
    """
    points = np.round(stroke, 2)
    if (points != points[0]).any():
        return points
    x, y = points[0].tolist()
    return np.array([(x, y), (round(x + (STEP if x < width / 2 else -STEP), 2), y)])


def _check_text(name: str, value: Any) -> None:
    if not isinstance(value, str) or not value.isprintable():
        raise ValueError(f"{name} must be printable text, got {value!r}")


def _checked_strokes(given: Iterable[ArrayLike]) -> tuple[NDArray[np.float64], ...]:
    """One read-only copy of all points, cut into strokes: checked at once, and safe from later changes."""
    strokes = [np.asarray(stroke, dtype=np.float64) for stroke in given]
    shapes = {stroke.shape for stroke in strokes}  # few, of strokes that may be a million
    wrong = {shape for shape in shapes if len(shape) != 2 or shape[1] != 2 or shape[0] < 2}
    for index, stroke in enumerate(strokes if wrong else []):
        if stroke.shape in wrong:
            raise ValueError(f"strokes[{index}] must have shape (k, 2) with k >= 2, got {stroke.shape}")
    if not strokes:
        return ()
    points = np.concatenate(strokes)
    if not np.isfinite(points).all():
        raise ValueError(f"strokes must be finite, got {points[~np.isfinite(points)][0]}")
    points.flags.writeable = False
    if len(shapes) == 1:  # as many single edges are
        return tuple(points.reshape(len(strokes), -1, 2))
    stops = list(accumulate(map(len, strokes)))
    return tuple(points[start:stop] for start, stop in zip([0, *stops], stops))

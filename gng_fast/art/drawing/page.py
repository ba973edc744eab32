"""Pages: their sizes, and where a graph or a picture lies on one."""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gng_fast.parameters import Range

#: Millimetres of the units that lengths may be told in.
UNITS = {"mm": 1.0, "cm": 10.0, "in": 25.4}
_LENGTH = rf"(\d+(?:\.\d*)?|\.\d+)\s*({'|'.join(UNITS)})?"
_SIZES = re.compile(rf"{_LENGTH}\s*[x×]\s*{_LENGTH}")
# What may follow the size of a page, after a space or a hyphen.
_TURNED = re.compile(r"(.*?)[\s-]+(landscape|portrait)")
#: Width and height that a page may have, in mm. Files hold hundredths: a smaller page could round to nothing.
SIDE = Range(1, math.inf)
# Of places computed in another order, in mm.
_ROUNDING = 1e-6
_NUMBER = Range(-math.inf, math.inf, low_open=True)
#: Margins in mm, which must also leave room on the page.
MARGIN = Range(0, math.inf)
#: Widths that a pen may have, in mm.
PEN = Range(0, math.inf, low_open=True)

#: Width and height of upright pages in mm.
PAGES = {
    "a0": (841.0, 1189.0),
    "a1": (594.0, 841.0),
    "a2": (420.0, 594.0),
    "a3": (297.0, 420.0),
    "a4": (210.0, 297.0),
    "a5": (148.0, 210.0),
    "a6": (105.0, 148.0),
    "letter": (215.9, 279.4),
    "legal": (215.9, 355.6),
    "executive": (184.15, 266.7),
    "tabloid": (279.4, 431.8),
}


@dataclass(frozen=True)
class PageFit:
    """A page, and the map from graph units (y up) to mm on it (y down). Made by `fit_page`.

    Parameters
    ----------
    width, height : float
        Of the page in mm.
    scale : float
        Millimetres a graph unit.
    centre : tuple of float
        The point in graph units that lies in the middle of the page.
    margin : float
        Space in mm on every side that is free of ink.
    """

    width: float
    height: float
    scale: float
    centre: tuple[float, float]
    margin: float = 0.0

    def __call__(self, points: ArrayLike, pen: float | None = None) -> NDArray[np.float64]:
        """Return points in mm: an array (..., 2) in graph units -> float64 of the same shape.

        Points of a line `pen` mm wide are moved as far inwards as its ink, half of which lies outside of them, would
        reach into the margin; but what lies in the margin already, outside of the extent, stays where it is.
        """
        sides = np.array([self.width, self.height])
        away = (np.asarray(points, dtype=np.float64) - self.centre) * (self.scale, -self.scale)
        placed: NDArray[np.float64] = away + sides / 2
        if pen is None:
            return placed
        inner = np.minimum(self.margin + PEN.check("pen", pen) / 2, sides / 2)
        outside = np.abs(away) > sides / 2 - self.margin + _ROUNDING
        return np.where(outside, placed, np.clip(placed, inner, sides - inner))


def fit_page(extent: Iterable[float], size: float = 180.0, margin: float = 5.0, page: str | None = None) -> PageFit:
    """Fit the extent of a graph or of a picture onto a page; every style places its drawing with this.

    Parameters
    ----------
    extent : (x_min, y_min, x_max, y_max)
        In graph units; a line or a single point will do.
    size : float
        Longer side of the page in mm, margin included, in [1, inf); the page then has the proportions of the extent.
    margin : float
        Space in mm on every side that is free of ink, in [0, half of the page).
    page : str, optional
        Instead of `size`, as in `page_size`: one of `PAGES` is turned the way the extent is unless it says how it lies.
        The extent is put in its middle.

    Returns
    -------
    PageFit

    Raises
    ------
    TypeError, ValueError
        A parameter is no number, or out of range.

    Examples
    --------
    >>> fit = fit_page((0, 0, 20, 10), size=120, margin=10)
    >>> fit.width, fit.height, fit([0, 0]).tolist()
    (120.0, 70.0, [10.0, 60.0])
    """
    x_min, y_min, x_max, y_max = _checked_extent(extent)
    spans = (x_max - x_min, y_max - y_min)
    centre = (x_min + spans[0] / 2, y_min + spans[1] / 2)
    # A point has no scale and no aspect ratio (nor has an extent so small that its scale overflows): a square page.
    longest = max(spans) if max(spans) > 1e-300 else 0.0
    if page is not None:
        width, height = page_size(page, landscape=spans[0] > spans[1])
        margin = _check_margin(margin, min(width, height), page)
        rooms = [(side - 2 * margin) / span for side, span in zip((width, height), spans) if span > 1e-300]
        return PageFit(width, height, min(rooms, default=1.0), centre, margin)
    size = SIDE.check("size", size)
    margin = _check_margin(margin, size, "size")
    inner = size - 2 * margin
    shares = [span / longest if longest else 1.0 for span in spans]
    width, height = (max(inner * share + 2 * margin, SIDE.low) for share in shares)
    return PageFit(width, height, inner / longest if longest else 1.0, centre, margin)


def page_size(page: str, landscape: bool = False) -> tuple[float, float]:
    """Return width and height of a page in mm.

    Parameters
    ----------
    page : str
        One of `PAGES`, or "WIDTHxHEIGHT" with units of `UNITS`, by default mm: "8.5x11in", "20 cm x 300 mm". Either may
        be followed by "landscape" or "portrait", which says whether the longer side lies or stands: "a4 landscape".
    landscape : bool
        Whether a page of `PAGES` lies if nothing follows its name; "WIDTHxHEIGHT" stays as it is told.

    Raises
    ------
    TypeError, ValueError
        The page is no text, or neither of the two.

    Examples
    --------
    >>> page_size("a4", landscape=True)
    (297.0, 210.0)
    >>> page_size("8.5x11in landscape")
    (279.4, 215.9)
    """
    if not isinstance(page, str):
        raise TypeError(f"page must be a word or WIDTHxHEIGHT, got {page!r}")
    told, turned = page.strip().lower(), None
    if followed := _TURNED.fullmatch(told):
        told, turned = followed.groups()
    if told in PAGES:
        sides = PAGES[told]
        turned = turned or ("landscape" if landscape else "portrait")
    elif found := _SIZES.fullmatch(told):
        # a unit at the end is that of both
        last = found[4] or "mm"
        sides = _in_mm(found[1], found[2] or last), _in_mm(found[3], last)
    else:
        raise ValueError(
            f"page must be WIDTHxHEIGHT in {', '.join(UNITS)} or one of {', '.join(PAGES)}, perhaps with landscape or "
            f"portrait after it, got '{page}'"
        )
    if min(sides) < SIDE.low:
        raise ValueError(f"page must be at least {SIDE.low:g} mm wide and high, got '{page}'")
    if turned is None:
        return sides
    return (max(sides), min(sides)) if turned == "landscape" else (min(sides), max(sides))


def millimetres(text: str) -> float:
    """Return a length in mm: "12", "12 mm", "1.2cm" or "0.5in".

    Parameters
    ----------
    text : str
        A number, perhaps with a unit of `UNITS`.

    Raises
    ------
    ValueError
        It is none.
    """
    found = re.fullmatch(_LENGTH, text.strip().lower())
    if not found:
        raise ValueError(f"a length must be a number, perhaps with a unit ({', '.join(UNITS)}), got '{text}'")
    return _in_mm(found[1], found[2] or "mm")


def _in_mm(number: str, unit: str) -> float:
    """A number of units, without the last digits that conversion adds."""
    return round(float(number) * UNITS[unit], 9)


def _check_margin(margin: Any, side: float, name: str) -> float:
    if not 0 <= _NUMBER.check("margin", margin) < side / 2:
        raise ValueError(f"margin must be in [0, {side / 2:g}), less than half of {name}, got {margin}")
    return float(margin)


def _checked_extent(extent: Any) -> list[float]:
    wrong = f"extent must be (x_min, y_min, x_max, y_max) with x_min <= x_max and y_min <= y_max, got {extent!r}"
    if not isinstance(extent, Iterable):
        raise TypeError(wrong)
    values = [float(_NUMBER.check("extent", value)) for value in extent]
    if len(values) != 4 or values[0] > values[2] or values[1] > values[3]:
        raise ValueError(wrong)
    if not (math.isfinite(values[2] - values[0]) and math.isfinite(values[3] - values[1])):
        raise ValueError(f"extent must span a finite range, got {extent!r}")
    return values

"""Pages: their sizes, and where a graph or a picture lies on one."""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gng_fast.parameters import Range

_PAGE = re.compile(r"(\d+(?:\.\d+)?)\s*x\s*(\d+(?:\.\d+)?)\s*(?:mm)?")
#: Width and height that a page may have, in mm. Files hold hundredths: a smaller page could round to nothing.
SIDE = Range(1, math.inf)
_NUMBER = Range(-math.inf, math.inf, low_open=True)

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
    """

    width: float
    height: float
    scale: float
    centre: tuple[float, float]

    def __call__(self, points: ArrayLike) -> NDArray[np.float64]:
        """Return points in mm: an array (..., 2) in graph units -> float64 of the same shape."""
        away = (np.asarray(points, dtype=np.float64) - self.centre) * (self.scale, -self.scale)
        return away + (self.width / 2, self.height / 2)


def fit_page(extent: Iterable[float], size: float = 180.0, margin: float = 5.0, page: str | None = None) -> PageFit:
    """Fit the extent of a graph or of a picture onto a page; every style places its drawing with this.

    Parameters
    ----------
    extent : (x_min, y_min, x_max, y_max)
        In graph units; a line or a single point will do.
    size : float
        Longer side of the page in mm, margin included, in [1, inf); the page then has the proportions of the extent.
    margin : float
        Free space in mm on every side, in [0, half of the page).
    page : str, optional
        Instead of `size`: one of `PAGES`, turned the way the extent is, or as it is told, "WIDTHxHEIGHT" in mm. The
        extent is put in its middle.

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
        _check_margin(margin, min(width, height), page)
        rooms = [(side - 2 * margin) / span for side, span in zip((width, height), spans) if span > 1e-300]
        return PageFit(width, height, min(rooms, default=1.0), centre)
    size = SIDE.check("size", size)
    _check_margin(margin, size, "size")
    inner = size - 2 * margin
    shares = [span / longest if longest else 1.0 for span in spans]
    width, height = (max(inner * share + 2 * margin, SIDE.low) for share in shares)
    return PageFit(width, height, inner / longest if longest else 1.0, centre)


def page_size(page: str, landscape: bool = False) -> tuple[float, float]:
    """Return width and height of a page in mm.

    Parameters
    ----------
    page : str
        One of `PAGES`, or "WIDTHxHEIGHT" in mm.
    landscape : bool
        Whether a page of `PAGES` is turned; "WIDTHxHEIGHT" stays as it is told.

    Raises
    ------
    TypeError, ValueError
        The page is no text, or neither of the two.

    Examples
    --------
    >>> page_size("a4", landscape=True)
    (297.0, 210.0)
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
    if min(width, height) < SIDE.low:
        raise ValueError(f"page must be at least {SIDE.low:g} mm wide and high, got '{page}'")
    return width, height


def _check_margin(margin: Any, side: float, name: str) -> None:
    if not 0 <= _NUMBER.check("margin", margin) < side / 2:
        raise ValueError(f"margin must be in [0, {side / 2:g}), less than half of {name}, got {margin}")


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

"""The persistence diagram: all hills that there are in a landscape, and which of them are clusters."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gng_fast.files import PathOrFile, write_file


@dataclass(frozen=True, eq=False)
class Persistence:
    """Hills of density by their prominence: which of them are clusters, and how clearly so.

    A hill is born at its peak and dies at its saddle, where it meets a higher one. If the points of clusters lie far
    from those of other hills in the diagram, the number of clusters is beyond doubt.

    Attributes
    ----------
    peaks : ndarray of float64, shape (h,)
        Logarithm of the density at the peak of each hill, less that at the highest peak: 0 for the highest.
    saddles : ndarray of float64, shape (h,)
        The same at the saddle; -inf for a hill that meets no higher one.
    rows : ndarray of float64, shape (h,)
        Rows of the hill down to its saddle.
    tau : float
        Hills are clusters if their prominence, peaks - saddles, is at least this.
    dimension : float
        The effective dimension of the data, with which the density is made.
    mass : float
        The number of rows around a point that its density is made from.

    Notes
    -----
    The hills are sorted by falling prominence. Only those are there that had rows enough for a cluster when they met a
    higher one.
    """

    peaks: NDArray[np.float64]
    saddles: NDArray[np.float64]
    rows: NDArray[np.float64]
    tau: float
    dimension: float
    mass: float

    def save(self, path: PathOrFile) -> None:
        """Write the diagram as a picture in SVG.

        Parameters
        ----------
        path : str, path-like or binary file
            A path is replaced whole or stays as it was. An open file is written to where it is, and stays open.

        Raises
        ------
        OSError
            If the file cannot be written.
        """
        write_file(path, self._repr_svg_().encode())

    def _repr_svg_(self) -> str:
        """The picture notebooks show: a dot for each hill, the lower the more prominent; clusters are filled."""
        lasting = self.saddles[np.isfinite(self.saddles)]
        lowest = min(lasting.min(initial=0.0), self.peaks.min(initial=0.0), -self.tau if self.tau < math.inf else 0.0)
        axis = _Axis(low=lowest * 1.1 - 0.1, high=0.0)
        dots = [
            _dot(axis.x(peak), axis.y(saddle), rows, filled=peak - saddle >= self.tau)
            for peak, saddle, rows in zip(self.peaks.tolist(), self.saddles.tolist(), _shares(self.rows))
        ]
        lines = [axis.diagonal(0.0, "stroke:#888")]
        if axis.low < -self.tau:
            lines.append(axis.diagonal(self.tau, "stroke:#888;stroke-dasharray:3 2"))
        title = f"hills of density, and clusters, whose prominence is at least {self.tau:.3g}"
        return _PAGE.format(body="".join(lines + dots), title=title, low=f"{axis.low:.3g}")


# Units of the picture: its side, and the margin that holds the words.
_SIDE, _MARGIN = 320.0, 40.0

_PAGE = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="320" height="320" viewBox="0 0 320 320" '
    'font-family="sans-serif" font-size="9">'
    '<path d="M40 40V280H280" fill="none" stroke="#000"/>{body}'
    '<text x="160" y="24" text-anchor="middle">{title}</text>'
    '<text x="160" y="306" text-anchor="middle">log density of the peak, less that of the highest</text>'
    '<text x="16" y="160" text-anchor="middle" transform="rotate(-90 16 160)">log density of the saddle</text>'
    '<text x="40" y="292">{low}</text><text x="280" y="292" text-anchor="end">0</text>'
    '<text x="36" y="283" text-anchor="end">none</text><text x="36" y="46" text-anchor="end">0</text></svg>'
)


@dataclass(frozen=True)
class _Axis:
    """Where log densities lie in the picture, the same for both axes; what is below the lowest is at the border."""

    low: float
    high: float

    def x(self, value: float) -> float:
        return _MARGIN + (_SIDE - 2 * _MARGIN) * (max(value, self.low) - self.low) / (self.high - self.low)

    def y(self, value: float) -> float:
        return _SIDE - self.x(value)

    def diagonal(self, prominence: float, style: str) -> str:
        """The line of all hills of this prominence."""
        ends = (self.low + prominence, self.low), (self.high, self.high - prominence)
        (a, b), (c, d) = ((self.x(peak), self.y(saddle)) for peak, saddle in ends)
        return f'<path d="M{a:.2f} {b:.2f}L{c:.2f} {d:.2f}" style="{style}"/>'


def _shares(rows: NDArray[np.float64]) -> list[float]:
    """The rows of each hill as a share of those of the largest."""
    shares: list[float] = (rows / rows.max(initial=1.0)).tolist()
    return shares


def _dot(x: float, y: float, share: float, *, filled: bool) -> str:
    """The dot of a hill: its area grows with the rows."""
    fill = "#d62728" if filled else "#fff"
    return f'<circle cx="{x:.2f}" cy="{y:.2f}" r="{2 + 5 * math.sqrt(share):.2f}" fill="{fill}" stroke="#d62728"/>'

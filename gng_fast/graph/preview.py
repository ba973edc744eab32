"""The picture of a graph that notebooks show: a small SVG of its own, so that a graph needs no drawing and no style."""

import numpy as np
from numpy.typing import NDArray

# Millimetres: the longer side of the page, the margin and the width of the lines.
_SIZE, _MARGIN, _PEN = 120.0, 5.0, 0.2


def preview(positions: NDArray[np.float64], edges: NDArray[np.int64]) -> str:
    """Return the edges as an SVG document of at most 120 mm, with y pointing up.

    Parameters
    ----------
    positions : ndarray of float64, shape (n, 2)
    edges : ndarray of int64, shape (m, 2)

    Returns
    -------
    str
    """
    low, high = (positions.min(axis=0), positions.max(axis=0)) if len(positions) else (np.zeros(2), np.zeros(2))
    span = high - low
    longest = float(span.max())
    scale = (_SIZE - 2 * _MARGIN) / longest if longest > 0 else 1.0
    width, height = span * scale + 2 * _MARGIN if longest > 0 else (_SIZE, _SIZE)
    at = np.round((positions - (low + high) / 2) * (scale, -scale) + (width / 2, height / 2), 2) + 0.0
    lines = "".join(f'<path d="M{a:g},{b:g}L{c:g},{d:g}"/>' for a, b, c, d in at[edges].reshape(-1, 4).tolist())
    page = f'width="{width:.6g}mm" height="{height:.6g}mm" viewBox="0 0 {width:.6g} {height:.6g}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {page}><g stroke="#000000" stroke-width="{_PEN}" fill="none" '
        f'stroke-linecap="round">{lines}</g></svg>'
    )

"""Colours of a picture: at points, in the mean over areas, and as they are written in files."""

import numpy as np
from numpy.typing import NDArray

BLACK = "#000000"

# A pixel whose colour differs by this much from one two pixels away counts half of what a flat one does.
_FLAT = 0.1

#: A picture in colours, (h, w, 3), or a list of colours, (n, 3), in [0, 1].
Colours = NDArray[np.float64]


def colours_at(picture: Colours, points: NDArray[np.floating]) -> Colours:
    """Return the colours of the pixels nearest to (n, 2) points at (column, -row), (n, 3)."""
    rows, columns = np.rint(-points[:, 1]).astype(int), np.rint(points[:, 0]).astype(int)
    nearest: Colours = picture[np.clip(rows, 0, picture.shape[0] - 1), np.clip(columns, 0, picture.shape[1] - 1)]
    return nearest


def mean_colours(owner: NDArray[np.integer], picture: Colours, middles: NDArray[np.floating]) -> Colours:
    """Return the mean colour of each of n areas, (n, 3).

    Pixels on the slope between two colours count little: areas along a contour would take turns in how much of the
    other side's colour they have, and look like spikes.

    Parameters
    ----------
    owner : array of shape (h * w,), integers
        The area of each pixel, row by row; -1 for none.
    picture : array of shape (h, w, 3)
    middles : array of shape (n, 2)
        The middle of each area, at (column, -row): an area without pixels gets the colour there.
    """
    n = len(middles)
    inside = owner >= 0
    weights = (1 / (_FLAT**2 + _squared_slope(picture))).ravel()[inside]
    count = np.bincount(owner[inside], weights, n)
    sums = [np.bincount(owner[inside], channel[inside] * weights, n) for channel in picture.reshape(-1, 3).T]
    means = np.stack(sums, axis=1) / np.where(count > 0, count, 1)[:, None]
    return np.where(count[:, None] > 0, means, colours_at(picture, middles))


def _squared_slope(picture: Colours) -> NDArray[np.float64]:
    """How steeply the colours change from pixel to pixel, squared, (h, w)."""
    slope = np.zeros(picture.shape[:2])
    slope[1:-1] += ((picture[2:] - picture[:-2]) ** 2).sum(axis=2)
    slope[:, 1:-1] += ((picture[:, 2:] - picture[:, :-2]) ** 2).sum(axis=2)
    return slope


def hex_colours(colours: Colours) -> list[str]:
    """Return (n, 3) colours as "#rrggbb"."""
    return [
        "#{:02x}{:02x}{:02x}".format(*colour) for colour in np.rint(np.clip(colours, 0, 1) * 255).astype(int).tolist()
    ]

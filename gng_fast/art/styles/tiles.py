"""Which of the tiles of a picture, such as triangles or cells, each pixel lies in."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def tiles_of_pixels(tiles: Sequence[NDArray[np.floating]], shape: tuple[int, ...]) -> NDArray[np.int64]:
    """Return the number of the tile that the centre of each pixel lies in, (h * w,), row by row; -1 for none.

    Parameters
    ----------
    tiles : n arrays of shape (k, 2)
        Corners of convex polygons that do not overlap, in pixels at (column, -row).
    shape : (h, w)
        Of the picture.
    """
    height, width = shape[:2]
    counts = np.array([len(tile) for tile in tiles])
    start = np.concatenate(tiles).astype(np.float64) * (1, -1)
    last = np.cumsum(counts) - 1
    following = np.arange(1, len(start) + 1)
    following[last] = last - counts + 1
    end = start[following]
    # rows from the upper end of a side to before its lower end: so those through a corner count once
    (first, top), (_, bottom) = start.T, end.T
    upper = np.clip(np.ceil(np.minimum(top, bottom)), 0, height).astype(np.int64)
    lower = np.clip(np.ceil(np.maximum(top, bottom)), 0, height).astype(np.int64)
    side, along = _counted(lower - upper)
    row = upper[side] + along
    x = first[side] + (row - top[side]) * ((end[:, 0] - first)[side] / (bottom - top)[side])
    # what is convex crosses each row twice: it enters, and leaves
    tile = np.repeat(np.arange(len(tiles)), counts)[side]
    order = np.lexsort((x, row, tile))
    crossed = np.clip(np.ceil(x[order]), 0, width).astype(np.int64)
    enters, leaves = crossed[::2], crossed[1::2]
    entered = order[::2]
    run, along = _counted(leaves - enters)
    result = np.full(height * width, -1, np.int64)
    result[(row[entered] * width + enters)[run] + along] = tile[entered][run]
    return result


def _counted(counts: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Each number below n as often as its count says, and 0, 1, 2 ... for each of them."""
    number = np.repeat(np.arange(len(counts)), counts)
    return number, np.arange(len(number)) - np.repeat(np.cumsum(counts) - counts, counts)

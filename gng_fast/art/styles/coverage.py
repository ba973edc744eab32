"""How much of each pixel straight lines of given widths cover: with it widths are fitted to the tone of a picture.

Lines are in pixels, at (column, -row), as in the graph of a picture.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gng_fast.optional import need

# Cells looked at together: what bounds the memory.
_CELLS_AT_ONCE = 1 << 22
# And of all lines: some ten times what many lines and wide pens take. What is far above would not fit into memory.
_MOST_CELLS = 1 << 28
_HALF_DIAGONAL = 0.5**0.5


class Coverage:
    """The pixels near each of many lines, found once, so that the ink of any widths is a matter of milliseconds.

    Parameters
    ----------
    ends : array of shape (m, 2, 2)
        Pairs of points.
    shape : (h, w)
        Of the picture.
    widest : float or array of shape (m,)
        Greatest width that will be asked for, of all lines or of each, in pixels.

    Raises
    ------
    ValueError
        The lines are so wide, and so many, that each would cover much of the picture.
    """

    def __init__(self, ends: NDArray[np.floating], shape: tuple[int, int], widest: ArrayLike) -> None:
        self.n_lines, self.shape = len(ends), shape
        lines = np.asarray(ends, np.float64) * (1, -1)
        reach = np.broadcast_to(np.asarray(widest, np.float64) / 2 + _HALF_DIAGONAL, len(lines))
        low = np.clip(np.ceil(lines.min(axis=1) - reach[:, None]), 0, None).astype(np.int64)
        high = np.minimum(np.floor(lines.max(axis=1) + reach[:, None]), (shape[1] - 1, shape[0] - 1)).astype(np.int64)
        size = np.maximum(high - low + 1, 0)
        if size.prod(axis=1).sum() > _MOST_CELLS:
            raise ValueError(
                f"the widest pen is too wide for {len(lines):,} lines: each would cover much of the picture; "
                "give thinner pens, or fewer nodes"
            )
        parts = [_near(lines, low, np.empty(0, np.int64), (0, 0), shape[1], reach)]
        # lines whose boxes have the same size are looked at together
        in_one = size @ (max(shape) + 1, 1)  # both sides in one number, which is far faster to sort
        order = np.argsort(in_one, kind="stable")
        for chosen in np.split(order, np.flatnonzero(np.diff(in_one[order])) + 1) if len(order) else ():
            box = tuple(size[chosen[0]].tolist())
            n_parts = 1 + len(chosen) * box[0] * box[1] // _CELLS_AT_ONCE
            parts += [_near(lines, low, part, box, shape[1], reach) for part in np.array_split(chosen, n_parts)]
        self.line, self.pixel, self.distance, self.extent, self.along = (np.concatenate(part) for part in zip(*parts))

    def shares(self, widths: ArrayLike) -> NDArray[np.float32]:
        """Return the share of each pixel that each line near it covers, in the order of `line` and `pixel`."""
        half = (np.asarray(widths, np.float32) / 2)[self.line]
        across = np.minimum(self.distance + self.extent, half) - np.maximum(self.distance - self.extent, -half)
        covered: NDArray[np.float32] = np.clip(across, 0, None) * self.along
        return covered

    def ink(self, widths: ArrayLike) -> NDArray[np.float32]:
        """Return the share of each pixel that is covered, (h, w) float32 in [0, 1]."""
        return 1 - self.bare(self.shares(widths))

    def bare(self, shares: NDArray[np.floating]) -> NDArray[np.float32]:
        """Return the share of each pixel that is not covered, (h, w) float32 in [0, 1]; shares as of `shares`.

        Within a pixel lines are taken to lie independently of each other: two leave (1 - a) (1 - b) of it bare.
        """
        left = np.log(1 - np.minimum(shares, np.float32(0.9999)))
        return np.exp(np.bincount(self.pixel, left, self.shape[0] * self.shape[1]).astype(np.float32)).reshape(
            self.shape
        )

    def means(self, picture: NDArray[np.floating], shares: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return the mean of a (h, w) picture over the pixels that each line covers, (m,); shares as of `shares`."""
        sums = np.bincount(self.line, shares * picture.ravel()[self.pixel], self.n_lines)
        return sums / np.maximum(np.bincount(self.line, shares, self.n_lines), 1e-12)


def _near(
    lines: NDArray[np.float64],
    low: NDArray[np.int64],
    chosen: NDArray[np.int64],
    box: tuple[int, int],
    columns: int,
    reach: NDArray[np.float64],
) -> list[NDArray[Any]]:
    """Line, pixel, distance, extent and share along the line of all pixels near a line, of those lines that are chosen.

    low, box : the corner of each line's box of pixels, and how many columns and rows those of the chosen have

    Along a line, as across it, a pixel is taken for a box of the width of its shadow, from - extent to extent. The
    distance is that to the endless line; the share along the line is the share of the pixel between the ends, over the
    width of the box across, so that a width times it is the share of the pixel.
    """
    # single precision is fine, as everything is relative to the line's own corner
    start = (lines[chosen, 0] - low[chosen]).astype(np.float32)
    vector = (lines[chosen, 1] - lines[chosen, 0]).astype(np.float32)
    length = np.linalg.norm(vector, axis=1)
    ahead = vector / np.maximum(length, 1e-12)[:, None]
    extent = np.maximum(np.abs(ahead).sum(axis=1) / 2, 0.5)
    dx = np.arange(box[0], dtype=np.float32) - start[:, :1]
    dy = np.arange(box[1], dtype=np.float32) - start[:, 1:]
    cells = len(chosen), box[1], box[0]
    distance = np.abs((dx * ahead[:, 1:])[:, None] - (dy * ahead[:, :1])[:, :, None]).reshape(-1)
    position = ((dx * ahead[:, :1])[:, None] + (dy * ahead[:, 1:])[:, :, None]).reshape(-1)
    far = np.repeat(reach[chosen].astype(np.float32), box[0] * box[1])
    near = np.flatnonzero(distance < far)
    line, down, right = np.unravel_index(near, cells)
    pixel = (low[chosen, 1][line] + down) * columns + low[chosen, 0][line] + right
    distance, position, extent, length = distance[near], position[near], extent[line], length[line]
    along = (np.minimum(position + extent, length) - np.maximum(position - extent, 0)) / (2 * extent) ** 2
    met = along > 0
    return [values[met] for values in (chosen[line], pixel, distance, extent, along)]


def share_of_cells(nodes: NDArray[np.floating], picture: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the sum of a (h, w) picture over the pixels nearest to each of (n, 2) nodes, (n,)."""
    rows, columns = np.nonzero(picture)
    tree = need("scipy.spatial", "the darkness around nodes").cKDTree(nodes)
    nearest = tree.query(np.stack([columns, -rows], axis=1))[1]
    return np.bincount(nearest, picture[rows, columns], len(nodes)).astype(np.float64, copy=False)

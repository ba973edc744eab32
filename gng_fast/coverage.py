"""How much of each pixel straight lines of given widths cover: what widths are fitted to a picture's tone with.

Lines are in pixels, at (column, -row), as in the graph of a picture.
"""

import numpy as np

# Cells looked at together: what bounds the memory.
_CELLS_AT_ONCE = 1 << 22
_HALF_DIAGONAL = 0.5**0.5


class Coverage:
    """The pixels near each of many lines, found once, so that the ink of any widths is a matter of milliseconds.

    lines : (m, 2, 2) array of pairs of points
    shape : (h, w) of the picture
    widest : greatest width that will be asked for, in pixels
    """

    def __init__(self, lines: np.ndarray, shape: tuple[int, int], widest: float):
        self.n_lines, self.shape, self.widest = len(lines), shape, widest
        lines = np.asarray(lines, np.float64) * (1, -1)
        reach = widest / 2 + _HALF_DIAGONAL
        low = np.clip(np.ceil(lines.min(axis=1) - reach), 0, None).astype(np.int64)
        high = np.minimum(np.floor(lines.max(axis=1) + reach), (shape[1] - 1, shape[0] - 1)).astype(np.int64)
        size = np.maximum(high - low + 1, 0)
        stops = np.cumsum(size.prod(axis=1))
        parts, start = [_near(lines[:0], low[:0], size[:0], shape[1], reach)], 0
        while start < self.n_lines:
            before = stops[start - 1] if start else 0
            stop = max(start + 1, int(np.searchsorted(stops, before + _CELLS_AT_ONCE, "right")))
            parts.append(_near(lines[start:stop], low[start:stop], size[start:stop], shape[1], reach))
            parts[-1][0] += start
            start = stop
        self.line, self.pixel, self.distance, self.extent, self.along = (np.concatenate(part) for part in zip(*parts))

    def shares(self, widths: np.ndarray) -> np.ndarray:
        """Return the share of each pixel that each line near it covers, in the order of `line` and `pixel`."""
        half = (np.asarray(widths, np.float32) / 2)[self.line]
        across = np.minimum(self.distance + self.extent, half) - np.maximum(self.distance - self.extent, -half)
        return np.clip(across, 0, None) * self.along

    def ink(self, widths: np.ndarray) -> np.ndarray:
        """Return the share of each pixel that is covered, (h, w) float64 in [0, 1].

        Within a pixel lines are taken to lie independently of each other: what two cover, they cover together with the
        probability 1 - (1 - a) (1 - b).
        """
        bare = np.log1p(-np.minimum(self.shares(widths), 0.9999))
        return 1 - np.exp(np.bincount(self.pixel, bare, self.shape[0] * self.shape[1])).reshape(self.shape)

    def seen(self, picture: np.ndarray, shares: np.ndarray) -> np.ndarray:
        """Return the mean of a (h, w) picture over the pixels that each line covers, (m,) float64; shares as `shares`."""
        seen = np.bincount(self.line, shares * picture.ravel()[self.pixel], self.n_lines)
        return seen / np.maximum(np.bincount(self.line, shares, self.n_lines), 1e-12)


def _near(lines, low, size, columns, reach):
    """Line, pixel, distance, extent and share along the line of all pixels near a line.

    Seen along a line, as across it, a pixel is taken for a box of the width of its shadow, from - extent to extent. The
    distance is that to the endless line; the share along the line is the share of the pixel between the ends, over the
    width of the box across, so that a width times it is the share of the pixel.
    """
    count = size.prod(axis=1)
    line = np.repeat(np.arange(len(lines)), count)
    cell = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    down, right = np.divmod(cell, np.maximum(size[line, 0], 1))
    x, y = low[line, 0] + right, low[line, 1] + down
    # single precision is fine from here on, as everything is relative to the line's own corner
    corner = low.astype(np.float64)
    start, vector = (lines[:, 0] - corner).astype(np.float32), (lines[:, 1] - lines[:, 0]).astype(np.float32)
    length = np.linalg.norm(vector, axis=1)
    ahead = vector / np.maximum(length, 1e-12)[:, None]
    extent = np.maximum(np.abs(ahead).sum(axis=1) / 2, 0.5)[line]
    ahead, length = ahead[line], length[line]
    dx, dy = right.astype(np.float32) - start[line, 0], down.astype(np.float32) - start[line, 1]
    distance = np.abs(dx * ahead[:, 1] - dy * ahead[:, 0])
    position = dx * ahead[:, 0] + dy * ahead[:, 1]
    along = (np.minimum(position + extent, length) - np.maximum(position - extent, 0)) / (2 * extent) ** 2
    near = (distance < reach) & (along > 0)
    return [line[near], (y * columns + x)[near], distance[near], extent[near], along[near]]


def share_of_cells(nodes: np.ndarray, picture: np.ndarray) -> np.ndarray:
    """Return the sum of a (h, w) picture over the pixels nearest to each of (n, 2) nodes, (n,) float64."""
    from scipy.spatial import cKDTree

    rows, columns = np.nonzero(picture)
    nearest = cKDTree(nodes).query(np.stack([columns, -rows], axis=1))[1]
    return np.bincount(nearest, picture[rows, columns], len(nodes))

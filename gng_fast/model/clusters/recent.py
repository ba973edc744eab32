"""The rows that a stream gave last, from which clusters are made when somebody asks for them."""

import numpy as np
from numpy.typing import NDArray

#: Rows that are kept for each node that there may be. Sums over all rows would not do: the nodes move meanwhile.
ROWS_PER_NODE = 8

# Room for so many rows is made at first, and for twice as many when that is full.
_FIRST_ROOM = 64


class RecentRows:
    """The last rows of a stream, in the network's coordinates.

    One thread adds rows; another may take them meanwhile, and gets some of the new ones or none.

    Parameters
    ----------
    n_features : int
    most : int
        How many are kept.
    rows : ndarray of float32, shape (k, n_features), optional
        Rows to begin with.
    """

    def __init__(self, n_features: int, most: int, rows: NDArray[np.float32] | None = None) -> None:
        self.most = most
        self._room = np.empty((min(most, _FIRST_ROOM), n_features), np.float32)
        self._next = 0
        self._is_full = False  # then the oldest row is the next to be replaced
        if rows is not None:
            self.add(rows)

    def add_one(self, row: NDArray[np.float32]) -> None:
        """Add a row, (1, d)."""
        at = self._next
        if at == len(self._room):
            at = self._more_room(1)
        self._room[at] = row
        self._next = at + 1

    def add(self, rows: NDArray[np.float32]) -> None:
        """Add rows, (k, d), in their order."""
        if len(rows) == 1:
            self.add_one(rows)
            return
        rows = rows[-self.most :]
        while len(rows):
            at = self._next if self._next < len(self._room) else self._more_room(len(rows))
            some, rows = np.split(rows, [len(self._room) - at])
            self._room[at : at + len(some)] = some
            self._next = at + len(some)

    def in_order(self) -> NDArray[np.float32]:
        """Return a copy of the rows, (k, d), from the oldest to the newest."""
        is_full, at, room = self._is_full, self._next, self._room
        rows: NDArray[np.float32] = np.concatenate([room[at:], room[:at]]) if is_full else room[:at].copy()
        return rows

    def copy(self, most: int | None = None) -> "RecentRows":
        """Return a copy, which keeps `most` rows, or as many as this one."""
        return RecentRows(self._room.shape[1], self.most if most is None else most, self.in_order())

    def _more_room(self, n_more: int) -> int:
        """Make room for more rows as long as there may be more; return where the next goes."""
        n = len(self._room)
        if n == self.most:
            self._is_full = True
            return 0
        room = np.empty((min(self.most, max(2 * n, n + n_more)), self._room.shape[1]), np.float32)
        room[:n] = self._room
        self._room = room
        return n


def spread_rows(n: int, size: int, weights: NDArray[np.float64] | None = None) -> NDArray[np.int64]:
    """Return `size` row numbers of [0, n) in equal distances, or all if there are no more, in a mixed order.

    However many of them are left out at the end, the others are from everywhere. A weight makes a row so much wider.

    n, size : int, at least 1
    weights : (n,) float64, optional
    """
    if weights is not None:
        ends = np.cumsum(weights)
        at = (np.arange(size) + 0.5) * (ends[-1] / size)
        rows = np.minimum(np.searchsorted(ends, at, side="right"), n - 1)
    elif n <= size:
        rows = np.arange(n)
    else:
        rows = (2 * np.arange(size) + 1) * n // (2 * size)
    spread: NDArray[np.int64] = rows[_mixed(len(rows))].astype(np.int64)
    return spread


def _mixed(n: int) -> NDArray[np.int64]:
    """The numbers from 0 to n - 1 in steps of about the golden ratio of n, so that any that follow are spread."""
    step = max(1, round(0.6180339887498949 * n))
    while np.gcd(step, n) != 1:
        step += 1
    mixed: NDArray[np.int64] = np.arange(n, dtype=np.int64) * step % n
    return mixed

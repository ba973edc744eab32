"""One closed line through many points that is short and does not cross itself: a tour of the travelling salesman.

It starts from the greedy tour, the shortest links first. Two links are exchanged for two others (2-opt; Croes 1958),
and up to three points in a row are moved elsewhere (Or 1976), wherever that makes it shorter, among near points and
only where something has changed (Bentley, Fast algorithms for geometric traveling salesman problems, 1992). Then, again
and again, two neighbouring pieces of the tour change places, it is made shorter around there, and what did not help is
taken back (iterated local search; Martin, Otto and Felten 1991).
"""

import math

import numpy as np
from numpy.typing import NDArray

from gng_fast.art.drawing.paths import chained
from gng_fast.optional import need
from gng_fast.progress import report

# Neighbours of a point that the tour is changed to lead to.
_NEIGHBOURS = 8
# Points in a row that are moved elsewhere together.
_LONGEST_ROW = 3
# What is shorter by less than this, in mean distances of neighbours, is not shorter.
_LEAST_GAIN = 1e-7
# How often pieces change places, for each point, and how many points such a piece has at most.
_KICKS = 0.5
_LONGEST_PIECE = 30
# The curve has 4 to this power steps.
_CURVE_BITS = 16
# So few points are in order soon, and have no pieces that could change places.
_FEW = 8


def tour(points: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the order of points along a short closed line that does not cross itself.

    Parameters
    ----------
    points : array of shape (n, 2)
        All different.

    Returns
    -------
    array of shape (n,), int64
        The same for the same points.

    Raises
    ------
    ImportError
        SciPy is missing.
    Stopped
        Who watches the progress has stopped it.
    """
    n = len(points)
    if n < 4:
        return np.arange(n)
    walk = [end // 2 for end in chained(np.repeat(points, 2, axis=0))]
    search = _Search(points, walk)
    search.shorten(walk)
    n_kicks = round(_KICKS * n) if n >= _FEW else 0
    rng = np.random.default_rng(n)
    starts = rng.integers(n, size=n_kicks).tolist()
    sizes = rng.integers(1, min(_LONGEST_PIECE, n // 3) + 1, (n_kicks, 2)).tolist()
    for number, (start, (first, second)) in enumerate(zip(starts, sizes)):
        if number % 50 == 0:
            report("drawing", number / n_kicks)
        search.kick(start, first, second)
    search.uncross()
    return np.array(search.order)


def along_curve(points: NDArray[np.floating]) -> NDArray[np.int64]:
    """Return the order of points along the curve of Hilbert (1891), which fills a square around them."""
    low = points.min(axis=0)
    side = float(np.ptp(points, axis=0).max()) or 1.0  # all in one place: any order will do
    x, y = ((points - low) / side * (2**_CURVE_BITS - 1)).astype(int).T
    at = np.zeros(len(points), np.int64)
    for bit in reversed(range(_CURVE_BITS)):
        right, up = x >> bit & 1, y >> bit & 1
        at = 4 * at + (3 * right ^ up)
        # the curve within a quarter lies turned: the lower bits are those of a turned point
        turned, mirrored = up == 0, (up == 0) & (right == 1)
        x, y = np.where(mirrored, ~x, x), np.where(mirrored, ~y, y)
        x, y = np.where(turned, y, x), np.where(turned, x, y)
    return np.argsort(at, kind="stable")


def _cross(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """The cross products of rows of two vectors."""
    return a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]


class _Search:
    """A tour that becomes shorter.

    order : the points along the tour
    place : where each point is in it
    """

    def __init__(self, points: NDArray[np.float64], order: list[int]) -> None:
        self.n = n = len(points)
        self.order, self.place = list(order), np.argsort(order).tolist()
        self.x, self.y = points[:, 0].tolist(), points[:, 1].tolist()
        tree = need("scipy.spatial", "a line through dots").cKDTree(points)
        distances, near = tree.query(points, k=min(_NEIGHBOURS + 1, n))
        self.near = [list(zip(*pair)) for pair in zip(near[:, 1:].tolist(), distances[:, 1:].tolist())]
        self.least = _LEAST_GAIN * float(distances[:, 1].mean())
        # parts reversed since the last kick, to take it back, and the ends of the links changed by the last change
        self.reversed: list[tuple[int, int]] = []
        self.touched: tuple[int, ...] = ()

    def kick(self, start: int, first: int, second: int) -> None:
        """Let two pieces change places, the first from a place on, and keep that only if the tour becomes shorter."""
        order, n = self.order, self.n
        places = (
            start - 1,
            start,
            start + first - 1,
            start + first,
            start + first + second - 1,
            start + first + second,
        )
        p, a, e, q, c, d = (order[place % n] for place in places)
        self.reversed.clear()
        self._carry(p, a, e, q, c, d)
        self._exchange(c, e, a, d)
        added = self.apart(p, q) + self.apart(c, a) + self.apart(e, d)
        gain = self.apart(p, a) + self.apart(e, q) + self.apart(c, d) - added
        if gain + self.shorten([p, a, e, q, c, d]) < self.least:
            for i, j in reversed(self.reversed):
                self._reverse(i, j)

    def shorten(self, points: list[int]) -> float:
        """Make the tour shorter around some points, and around all that changes then; return by how much."""
        gained = 0.0
        waiting, is_waiting = points[::-1], set(points)
        while waiting:
            point = waiting.pop()
            is_waiting.discard(point)
            while gain := self._exchanged(point) or self._moved(point):
                gained += gain
                for other in self.touched:
                    if other not in is_waiting:
                        is_waiting.add(other)
                        waiting.append(other)
        return gained

    def uncross(self) -> None:
        """Exchange links that cross until none do: each time the tour becomes shorter."""
        while crossing := self._crossing():
            for a, c in crossing:
                b, d = (self.order[(self.place[point] + 1) % self.n] for point in (a, c))
                if self.apart(a, b) + self.apart(c, d) - self.apart(a, c) - self.apart(b, d) > self.least:
                    self._exchange(a, b, c, d)
                    self.shorten([a, b, c, d])

    def _crossing(self) -> list[tuple[int, int]]:
        """Pairs of points whose links to the next point cross."""
        points = np.stack([self.x, self.y], axis=1)
        starts, vectors = points[self.order], np.roll(points[self.order], -1, axis=0) - points[self.order]
        lengths = np.linalg.norm(vectors, axis=1)
        tree = need("scipy.spatial", "a line through dots").cKDTree(starts + vectors / 2)
        # the middles of links that cross are nearer to each other than the longer one is long
        near = tree.query_ball_point(starts + vectors / 2, lengths)
        i, j = np.repeat(np.arange(self.n), list(map(len, near))), np.concatenate(near).astype(np.int64)

        def sides(link: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.float64]:
            """Negative where the other link begins on one side of a link and ends on the other."""
            to_start = starts[other] - starts[link]
            to_end, along = to_start + vectors[other], vectors[link]
            product: NDArray[np.float64] = _cross(along, to_start) * _cross(along, to_end)
            return product

        found = np.flatnonzero((i != j) & (sides(i, j) < 0) & (sides(j, i) < 0))
        return [(self.order[a], self.order[b]) for a, b in zip(i[found].tolist(), j[found].tolist())]

    def apart(self, a: int, b: int) -> float:
        """The distance of two points."""
        return math.hypot(self.x[a] - self.x[b], self.y[a] - self.y[b])

    def _exchanged(self, a: int) -> float:
        """Exchange a link of a point, and another, for shorter ones; return by how much."""
        n, order, place, apart = self.n, self.order, self.place, self.apart
        for step in (1, -1):
            b = order[(place[a] + step) % n]
            length = apart(a, b)
            for c, distance in self.near[a]:
                if distance >= length:
                    break
                d = order[(place[c] + step) % n]
                gain: float = length + apart(c, d) - distance - apart(b, d)
                if gain > self.least:
                    self._exchange(a, b, c, d)
                    self.touched = a, b, c, d
                    return gain
        return 0.0

    def _moved(self, a: int) -> float:
        """Move a point, or a row that begins with it, next to a near one if that is shorter; return by how much."""
        n, order, place, apart = self.n, self.order, self.place, self.apart
        for step in (1, -1):
            p = order[(place[a] - step) % n]
            for size in range(1, min(_LONGEST_ROW, n - 3) + 1):
                e, q = order[(place[a] + step * (size - 1)) % n], order[(place[a] + step * size) % n]
                saved = apart(p, a) + apart(e, q) - apart(p, q)
                for c, distance in self.near[a]:
                    if distance >= saved:
                        break
                    if (place[c] - place[a]) * step % n < size:
                        continue
                    for side in (step, -step):
                        d = order[(place[c] + side) % n]
                        if (place[d] - place[a]) * step % n < size:
                            continue
                        gain: float = saved + apart(c, d) - distance - apart(e, d)
                        if gain > self.least:
                            if side == step:
                                self._carry(p, a, e, q, c, d)
                                self._exchange(c, e, a, d)
                            else:
                                self._carry(p, a, e, q, d, c)
                            self.touched = p, a, e, q, c, d
                            return gain
        return 0.0

    def _carry(self, p: int, a: int, e: int, q: int, c: int, d: int) -> None:
        """Of the tour p a ... e q ... c d make p q ... c e ... a d."""
        self._exchange(p, a, c, d)
        self._exchange(p, c, q, e)

    def _exchange(self, a: int, b: int, c: int, d: int) -> None:
        """Of the tour a b ... c d, either way round, make a c ... b d."""
        place = self.place
        if self.order[(place[a] + 1) % self.n] == b and self.order[(place[c] + 1) % self.n] == d:
            self._reverse(place[b], place[c])
        else:
            self._reverse(place[c], place[b])

    def _reverse(self, i: int, j: int) -> None:
        """Reverse the tour from place i on to place j, or, if that is less, the rest of it, which comes to the same."""
        n, order, place = self.n, self.order, self.place
        self.reversed.append((i, j))
        size = (j - i) % n + 1
        if 2 * size > n:
            i, j, size = (j + 1) % n, (i - 1) % n, n - size
        if i <= j:
            part = order[i : j + 1][::-1]
            order[i : j + 1] = part
            for at, point in enumerate(part, i):
                place[point] = at
            return
        for _ in range(size // 2):
            a, b = order[i], order[j]
            order[i], order[j], place[a], place[b] = b, a, j, i
            i, j = (i + 1) % n, (j - 1) % n

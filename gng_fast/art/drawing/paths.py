"""A drawing in few strokes with little travel between them: the same lines, as a plotter draws them best.

A pen that never draws a line twice needs max(1, odd / 2) strokes for a connected piece in which `odd` points have an
odd number of lines (Euler 1736, Listing 1847). `plan` reaches that number, and chooses among the possible strokes so
that the pen travels little above the paper; with `retrace` it draws some lines twice and needs one stroke a piece.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gng_fast.art.drawing.drawing import Drawing
from gng_fast.optional import need
from gng_fast.progress import checked, report, stoppable

if TYPE_CHECKING:
    import scipy.sparse

#: (k, 2) points, in mm.
Points = NDArray[np.float64]
#: Numbers of points or of edges.
Numbers = NDArray[np.int64]

# Files hold hundredths of a millimetre.
_STEPS_PER_MM = 100
#: Ends of two strokes nearer than this (mm) are joined: the gap is far thinner than any pen, and other tools do so too.
JOIN = 0.05
# What SciPy is needed for.
_JOINING = "joining strokes"
# Neighbours looked at when ends are paired.
_NEIGHBOURS = 8
# Odd points that are paired all at once; of more the nearest are paired first.
_MOST_ASSIGNED = 2000
# Steps of a loop between two questions whether to stop.
_STEPS = 5000
# Points that paths are found to in one call, which cannot be interrupted: some 0.05 s.
_POINTS_AT_ONCE = 200_000
# Rounds of exchanges at most; the last of them hardly change anything.
_ROUNDS = 30


def plan(drawing: Drawing, retrace: bool = False) -> Drawing:
    """Return the drawing with the strokes of every layer joined and put in order; points are rounded to 0.01 mm.

    The number of strokes of a layer is the smallest possible: the sum over its connected pieces of max(1, odd / 2),
    less those whose ends lie so near (0.05 mm) that they are joined as well. Lines that are there twice are drawn once.
    Dots stay dots.

    Parameters
    ----------
    drawing : Drawing
    retrace : bool
        Whether some lines are drawn twice, so that every connected piece is one stroke.

    Returns
    -------
    Drawing

    Raises
    ------
    ImportError
        SciPy is missing.
    Stopped
        Who watches the progress has stopped it.

    Examples
    --------
    >>> from gng_fast.art.drawing import Drawing, Layer
    >>> lines = [[(0, 0), (10, 0)], [(10, 10), (10, 0)], [(0, 0), (0, 10)]]
    >>> plan(Drawing(20, 20, [Layer("lines", "#000000", 0.3, lines)])).n_strokes
    1
    """
    layers, n_done = [], 0
    for layer in drawing.layers:
        report("planning", n_done / max(drawing.n_strokes, 1))
        layers.append(replace(layer, strokes=stoppable(_planned, layer.strokes, retrace)))
        n_done += layer.n_strokes
    report("planning", 1)
    return replace(drawing, layers=tuple(layers))


def minimum_strokes(edges: ArrayLike) -> int:
    """Return how many strokes (m, 2) lines between numbered points take at least, if none is drawn twice."""
    pairs = np.asarray(edges).reshape(-1, 2)
    if not len(pairs):
        return 0
    used, numbers = np.unique(pairs, return_inverse=True)
    pairs = numbers.reshape(-1, 2)
    piece = _pieces(len(used), pairs)
    odd = np.bincount(pairs.ravel()) % 2
    return int(np.maximum(1, np.bincount(piece, weights=odd) // 2).sum())


def lines_of(strokes: Sequence[Points]) -> tuple[Points, Numbers]:
    """Return the points of strokes and the lines between them.

    Returns
    -------
    points : array of shape (n, 2), float64
        On the grid of 0.01 mm, each once.
    edges : array of shape (m, 2), int64
        Every line once, as a < b. Strokes that are dots have no line, but their points are there.
    """
    grid = np.rint(np.concatenate(strokes) * _STEPS_PER_MM)
    # complex numbers are sorted as pairs are, and faster
    points, numbers = np.unique(grid[:, 0] + 1j * grid[:, 1], return_inverse=True)
    joined = np.ones(len(grid), bool)
    joined[np.cumsum([len(stroke) for stroke in strokes]) - 1] = False
    first = np.flatnonzero(joined)
    edges = np.sort(np.stack([numbers[first], numbers[first + 1]], axis=1), axis=1)
    keys = np.unique((edges @ (len(points), 1))[edges[:, 0] != edges[:, 1]])
    return np.stack([points.real, points.imag], axis=1) / _STEPS_PER_MM, np.stack(np.divmod(keys, len(points)), axis=1)


def ordered(given: Iterable[Points], links: Iterable[tuple[int, int]] = ()) -> list[Points]:
    """Return strokes in an order, and each in a direction, with little travel between them.

    The two free ends nearest to each other are linked first, as long as no circle closes.

    Parameters
    ----------
    given : arrays of shape (k, 2)
        The strokes.
    links : pairs of int
        (e, f) are ends that follow each other; the ends of stroke i are 2 i and 2 i + 1.

    Raises
    ------
    ImportError
        SciPy is missing.
    """
    strokes = list(given)
    if len(strokes) < 2:
        return strokes
    ends = np.array([stroke[[0, -1]] for stroke in strokes]).reshape(-1, 2)
    result = [strokes[end // 2][::-1] if end % 2 else strokes[end // 2] for end in chained(ends, links)]
    return _turned(result)


def chained(ends: Points, links: Iterable[tuple[int, int]] = ()) -> list[int]:
    """Return the ends at which strokes are entered, in the order of `ordered`, for (2 n, 2) ends of n strokes."""
    return _walked(_chain(ends, links), ends)


# ---- strokes --------------------------------------------------------------------------------------------------------


def _planned(strokes: Sequence[Points], retrace: bool) -> tuple[Points, ...]:
    if not strokes:
        return ()
    points, edges = lines_of(strokes)
    alone = np.setdiff1d(np.arange(len(points)), edges)
    dots = [points[[dot, dot]] for dot in alone.tolist()]
    if not len(edges):
        return tuple(ordered(dots))
    if retrace:
        edges = np.concatenate([edges, edges[_retraced(points, edges)]])
    trails, links = _trails(points, edges)
    return tuple(ordered([points[trail] for trail in trails] + dots, links))


def _trails(points: Points, edges: Numbers) -> tuple[list[list[int]], list[tuple[int, int]]]:
    """Trails that draw every edge once, as lists of points, and the links between their ends that are short."""
    odd = np.flatnonzero(np.bincount(edges.ravel(), minlength=len(points)) % 2)
    pairs = odd[_pairs(points[odd])] if len(odd) else np.empty((0, 2), np.int64)
    lengths = np.linalg.norm(points[pairs[:, 0]] - points[pairs[:, 1]], axis=1)
    near = lengths <= JOIN
    up_lengths = lengths[~near].tolist()
    n_drawn = len(edges) + int(near.sum())
    everything = np.concatenate([edges, pairs[near], pairs[~near]])
    trails: list[list[int]] = []
    links: list[tuple[int, int]] = []
    for circuit, by in _circuits(everything, len(points)):
        # start after the longest piece of the circuit with the pen up, so that the pen does not travel along it at all
        ups = [i for i, edge in enumerate(by) if edge >= n_drawn]
        if not ups:
            trails.append([circuit[-1], *circuit])
            continue
        first = max(ups, key=lambda i: up_lengths[by[i] - n_drawn])
        circuit = circuit[first:] + circuit[:first]
        stops = sorted((i - first) % len(circuit) for i in ups) + [len(circuit)]
        pieces = [circuit[start:stop] for start, stop in pairwise(stops)]
        links += [(2 * i + 1, 2 * i + 2) for i in range(len(trails), len(trails) + len(pieces) - 1)]
        trails += pieces
    return trails, links


def _circuits(edges: Numbers, n_points: int) -> Iterator[tuple[list[int], list[int]]]:
    """Closed walks over every edge once, one for each connected piece (Hierholzer 1873); all degrees are even.

    Each is a list of points, which ends where it started, and the numbers of the edges that led to them. Only numbers
    are in lists: of a hundred thousand tuples the garbage collector would ask each what it holds, again and again.
    """
    starts, others = edges.ravel(), edges[:, ::-1].ravel()
    order = np.argsort(starts, kind="stable")
    onto, along = others[order].tolist(), (order // 2).tolist()
    ends = np.cumsum(np.bincount(starts, minlength=n_points))
    first, left = [0, *ends[:-1].tolist()], ends.tolist()  # the edges at a point that may not have been walked yet
    used = bytearray(len(edges))
    for start in checked(range(n_points), _STEPS):
        walk, by = [start], [-1]
        circuit: list[int] = []
        back: list[int] = []
        while walk:
            point = walk[-1]
            at = left[point]
            while at > first[point] and used[along[at - 1]]:
                at -= 1
            if at > first[point]:
                at -= 1
                used[along[at]] = True
                walk.append(onto[at])
                by.append(along[at])
            else:
                circuit.append(walk.pop())
                back.append(by.pop())
            left[point] = at
        if len(circuit) > 1:
            # backwards, the edge that led to a point is the one that leads on from it
            yield circuit[1:], back[:-1]


# ---- pairs of ends --------------------------------------------------------------------------------------------------


def _pairs(points: Points) -> Numbers:
    """Pair an even number of points so that the sum of their distances is small: (n / 2, 2) rows of points."""
    kd_tree = need("scipy.spatial", _JOINING).cKDTree
    mate = np.full(len(points), -1)
    left: Numbers = np.arange(len(points))
    while len(left):
        k = min(len(left), _NEIGHBOURS + 1)
        distances, near = kd_tree(points[left]).query(points[left], k=k)
        a, b = np.repeat(left, k), left[near].ravel()
        first = a < b
        a, b, distances = a[first], b[first], distances.ravel()[first]
        for i in checked(np.lexsort((b, a, distances)).tolist(), _STEPS):
            if mate[a[i]] < 0 and mate[b[i]] < 0:
                mate[a[i]], mate[b[i]] = b[i], a[i]
        left = np.flatnonzero(mate < 0)
    k = min(len(points), _NEIGHBOURS + 1)
    distances, near = kd_tree(points).query(points, k=k)
    x, y = points.T
    _exchange(mate, near[:, 1:], distances[:, 1:], lambda p, q: np.hypot(x[p] - x[q], y[p] - y[q]))
    first = np.flatnonzero(np.arange(len(points)) < mate)
    return np.stack([first, mate[first]], axis=1)


def _exchange(
    mate: Numbers, near: Numbers, between: Points, apart: Callable[[Numbers, Numbers], NDArray[np.float64]]
) -> None:
    """Swap the partners of two pairs wherever that is shorter, until it is nowhere (2-opt). Changes `mate`.

    near, between : (n, k) points near each point and their distances; apart : distances of two arrays of points
    """
    a, b, between = np.repeat(np.arange(len(near)), near.shape[1]), near.ravel(), between.ravel()
    for _ in range(_ROUNDS):
        length = apart(np.arange(len(mate)), mate)
        # what is gained is gained at one of the new pairs, which is shorter than the old one there
        hope = np.flatnonzero((between < length[a]) & (length[a] > JOIN) & (length[b] > JOIN) & (mate[a] != b))
        p, q = a[hope], b[hope]
        far_p, far_q = mate[p], mate[q]
        gain = length[p] + length[q] - between[hope] - apart(far_p, far_q)
        better = np.flatnonzero(gain > 1e-9)
        if not len(better):
            return
        touched: set[int] = set()
        for i in checked(better[np.argsort(-gain[better], kind="stable")].tolist(), _STEPS):
            four = int(p[i]), int(q[i]), int(far_p[i]), int(far_q[i])
            if touched.isdisjoint(four):
                touched.update(four)
                mate[four[0]], mate[four[1]], mate[four[2]], mate[four[3]] = four[1], four[0], four[3], four[2]


# ---- lines drawn twice ----------------------------------------------------------------------------------------------


def _retraced(points: Points, edges: Numbers) -> Numbers:
    """Numbers of the edges to draw twice, so that every point gets an even number of lines: the Chinese postman's tour.

    Odd points are paired so that the sum of the shortest paths between them is small (M. Guan, Graphic programming
    using odd or even points, 1962).
    """
    sparse, csgraph = need("scipy.sparse", _JOINING), need("scipy.sparse.csgraph", _JOINING)
    n = len(points)
    lengths = np.linalg.norm(points[edges[:, 0]] - points[edges[:, 1]], axis=1)
    graph = sparse.csr_array((lengths, edges.T), shape=(n, n))
    number = {pair: i for i, pair in enumerate(map(tuple, edges.tolist()))}
    twice = np.zeros(len(edges), bool)

    def walk(node: int, before: Numbers) -> None:
        while before[node] >= 0:
            twice[number[min(node, int(before[node])), max(node, int(before[node]))]] ^= True
            node = int(before[node])

    odd = np.flatnonzero(np.bincount(edges.ravel(), minlength=n) % 2)
    while len(odd) > _MOST_ASSIGNED:
        path, before, source = csgraph.dijkstra(graph, False, indices=odd, min_only=True, return_predecessors=True)
        met = _met(edges, path[edges].sum(axis=1) + lengths, source)
        twice[met] ^= True
        for node in edges[met].ravel().tolist():
            walk(node, before)
        odd = np.setdiff1d(odd, source[edges[met]])
    if len(odd):
        distances, before = _shortest(graph, odd)
        for p, q in enumerate(_assigned(distances).tolist()):
            if p < q:
                walk(int(odd[q]), before[p])
    return np.flatnonzero(twice)


def _shortest(graph: "scipy.sparse.csr_array", odd: Numbers) -> tuple[NDArray[np.float64], Numbers]:
    """The lengths of the shortest paths between some points, (k, k), and the point before each on the way, (k, n)."""
    dijkstra = need("scipy.sparse.csgraph", _JOINING).dijkstra
    n = graph.shape[0]
    rows = max(1, _POINTS_AT_ONCE // n)
    distances, before = np.empty((len(odd), len(odd))), np.empty((len(odd), n), np.int32)
    for first in checked(range(0, len(odd), rows), 1):
        chosen = slice(first, first + rows)
        lengths, before[chosen] = dijkstra(graph, False, indices=odd[chosen], return_predecessors=True)
        distances[chosen] = lengths[:, odd]
    return distances, before


def _met(edges: Numbers, paths: NDArray[np.float64], source: Numbers) -> list[int]:
    """Edges where regions grown around points meet, those of the shortest paths first, each region at one of them."""
    order = np.flatnonzero(source[edges[:, 0]] != source[edges[:, 1]])
    paired: set[int] = set()
    met = []
    for edge in order[np.argsort(paths[order], kind="stable")].tolist():
        ends = source[edges[edge]].tolist()
        if paired.isdisjoint(ends):
            paired.update(ends)
            met.append(edge)
    return met


def _assigned(distances: NDArray[np.float64]) -> Numbers:
    """The partner of each of an even number of points, for (n, n) distances; infinite ones are avoided.

    Each point is assigned another one so that the sum of the distances is the smallest. That closes circles; of each
    every second distance is taken, and points that are left over in odd circles are assigned again. Then pairs exchange
    partners where that is shorter.
    """
    assign = need("scipy.optimize", _JOINING).linear_sum_assignment
    finite = np.isfinite(distances)
    distances = np.where(finite, distances, 2 * distances[finite].max() * len(distances) + 1)
    apart = distances + np.diag(np.full(len(distances), 2 * distances.max()))
    mate = np.full(len(distances), -1)
    left: Numbers = np.arange(len(distances))
    while len(left):
        following = left[assign(apart[np.ix_(left, left)])[1]]
        for circle in _circles(dict(zip(left.tolist(), following.tolist(), strict=True))):
            turns = (circle[i:] + circle[:i] for i in range(len(circle)))
            p, q = min(((turn[0:-1:2], turn[1::2]) for turn in turns), key=lambda pair: apart[pair].sum())
            mate[p], mate[q] = q, p
        left = np.flatnonzero(mate < 0)
    near = np.argsort(apart, axis=1)[:, :_NEIGHBOURS]
    _exchange(mate, near, np.take_along_axis(apart, near, axis=1), lambda p, q: apart[p, q])
    return mate


def _circles(following: dict[int, int]) -> Iterator[list[int]]:
    """The circles of a permutation, as lists."""
    while following:
        circle = list(following.popitem())
        while (after := following.pop(circle[-1])) != circle[0]:
            circle.append(after)
        yield circle


# ---- order ----------------------------------------------------------------------------------------------------------


def _chain(ends: Points, links: Iterable[tuple[int, int]]) -> Numbers:
    """The end that follows each end, -1 for the two where the whole chain starts and stops."""
    kd_tree = need("scipy.spatial", _JOINING).cKDTree
    n = len(ends)
    partner = np.full(n, -1)
    root = list(range(n // 2))

    def find(stroke: int) -> int:
        while root[stroke] != stroke:
            root[stroke] = root[root[stroke]]
            stroke = root[stroke]
        return stroke

    def join(e: int, f: int) -> None:
        first, second = find(e // 2), find(f // 2)
        if partner[e] >= 0 or partner[f] >= 0 or first == second:
            return
        partner[e], partner[f] = f, e
        root[second] = first

    for link in links:
        join(*link)
    k = _NEIGHBOURS + 1
    while len(free := np.flatnonzero(partner < 0)) > 2:
        k = min(len(free), k)
        distances, near = kd_tree(ends[free]).query(ends[free], k=k)
        e, f = np.repeat(free, k), free[near].ravel()
        first = e < f
        e, f, distances = e[first], f[first], distances.ravel()[first]
        for i in checked(np.lexsort((f, e, distances)).tolist(), _STEPS):
            join(int(e[i]), int(f[i]))
        # where all neighbours belong to the own chain, look farther
        k *= 2
    return partner


def _walked(partner: Numbers, ends: Points) -> list[int]:
    """The ends at which strokes are entered, in order, from the free end nearer to the corner where plotters start."""
    free = np.flatnonzero(partner < 0)
    end = int(free[np.argmin(np.linalg.norm(ends[free], axis=1))])
    walk = []
    while end >= 0:
        walk.append(end)
        end = int(partner[end ^ 1])
    return walk


def _turned(strokes: list[Points]) -> list[Points]:
    """Let closed strokes start at their point nearest to where the pen comes from, the first to where it goes."""
    for i, stroke in checked(enumerate(strokes), _STEPS):
        if len(stroke) > 2 and np.array_equal(stroke[0], stroke[-1]):
            other = strokes[i - 1][-1] if i else strokes[1][0]
            start = int(np.argmin(np.linalg.norm(stroke[:-1] - other, axis=1)))
            strokes[i] = np.concatenate([stroke[start:-1], stroke[: start + 1]])
    return strokes


def _pieces(n_points: int, edges: Numbers) -> Numbers:
    """The connected piece of each point."""
    graph = need("scipy.sparse", _JOINING).coo_array((np.ones(len(edges)), edges.T), shape=(n_points, n_points))
    pieces: Numbers = need("scipy.sparse.csgraph", _JOINING).connected_components(graph, directed=False)[1]
    return pieces

"""Continuous strokes: the lines of a graph drawn as a hand would, through its junctions, in the order of writing."""

import itertools
import math

import numpy as np

from gng_fast.drawing import Drawing, Layer, fit_page
from gng_fast.graph import Graph
from gng_fast.styles.mesh import bounding_box

# In widths of the pen on the paper.
_LOOK_FROM, _LOOK_TO = 0.8, 2.5  # a line's direction at a junction is taken between these distances from it
_LOOK_ON = 3.0  # and where two strokes part again after a shared way, up to there
_LONGEST_SHARED = 9.0  # two strokes run over each other for less than that
_SMOOTHING = 0.04  # root mean square by which smoothing moves a line
_STEP = 0.35  # between points of the smooth line
# Radians squared that lifting the pen at a junction is worth.
_LIFT = 1.2**2
# What a chain that two strokes share is joined with.
_SHARED = (None, None)
# Junctions of more lines are paired greedily.
_MOST_MATCHED = 7


def strokes(graph: Graph, *, width: float | None = None, size: float = 180.0, margin: float = 5.0,
            pen: float | None = None, colour: str = "#000000",
            extent: tuple[float, float, float, float] | None = None) -> Drawing:
    """Draw the lines of a graph with 2 features as few, smooth, continuous strokes.

    Lines that meet go on the straightest way; where two strokes run over each other a short way, that way is drawn
    twice. Strokes are drawn line by line and from left to right, each beginning at its left or upper end.

    graph : Graph of lines, y up, as `handwriting.trace_handwriting` makes it
    width : width of the strokes in graph units, to judge junctions by; default the median length of an edge
    size, margin : longer side of the page and free border in mm
    pen : width of the line in mm; default that of the strokes in the picture, at the size of the page
    colour : "#rrggbb"; extent : frame in graph units, as in `mesh`

    Returns a `Drawing` with one layer. Raises TypeError or ValueError naming the parameter.
    """
    if graph.n_features != 2:
        raise ValueError(f"graph must have 2 features to be drawn, got {graph.n_features}")
    if width is None:
        width = float(np.median(graph.edge_lengths())) if graph.n_edges else 1.0
    page = fit_page(bounding_box(graph) if extent is None else extent, size, margin)
    lines = [smooth(graph.nodes[path], width) for path in in_writing_order(trails(graph, width), graph)]
    pen = max(0.05, round(width * page.scale, 2)) if pen is None else pen
    return Drawing(page.width, page.height, (Layer("strokes", colour, pen, tuple(page(line) for line in lines)),))


def smooth(points, width: float) -> np.ndarray:
    """Return a smooth line through (k, 2) points, (m, 2) float64: a cubic spline that keeps to them within 0.04 widths.

    A line that ends where it begins is closed smoothly; one point makes a dot, two equal points.
    """
    from scipy.interpolate import splev, splprep

    points = np.asarray(points, dtype=np.float64)
    moved = np.linalg.norm(np.diff(points, axis=0), axis=1) > 1e-9
    points = points[np.concatenate([[True], moved])]
    if len(points) < 3:
        return np.concatenate([points, points[-1:]]) if len(points) == 1 else points
    closed = bool((points[0] == points[-1]).all()) and len(points) > 3
    degree = min(3, len(points) - 1)
    # The root of the distances keeps the spline from swinging out where nodes lie close together.
    at = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1) ** 0.5)])
    spline = splprep(points.T, u=at / at[-1], k=degree, s=len(points) * (_SMOOTHING * width) ** 2, per=closed,
                     quiet=1)[0]
    length = np.linalg.norm(np.diff(points, axis=0), axis=1).sum()
    return np.column_stack(splev(np.linspace(0, 1, max(8, math.ceil(length / (_STEP * width)))), spline))


# ---- through junctions ------------------------------------------------------------------------------------------------


def trails(graph: Graph, width: float) -> list[list[int]]:
    """Return paths of node indices that together draw every edge; a closed one ends with its first node.

    width : of the strokes, in graph units. Every edge is drawn once, those that two strokes share twice.
    """
    chains = _chains(graph)
    half = {}  # junction -> the half-chains (chain, 0 at its start or 1 at its end) there
    for number, chain in enumerate(chains):
        if chain[0] != chain[-1] or graph.degrees[chain[0]] != 2:
            half.setdefault(chain[0], []).append((number, 0))
            half.setdefault(chain[-1], []).append((number, 1))
    directions = {}
    for junction, here in half.items():
        for number, side in here:
            directions[number, side] = _direction(graph.nodes[chains[number][:: -1 if side else 1]], width)
    all_ends = dict(half)
    joined = _joined(graph, chains, half, directions, width)
    paths = [_walk(start, chains, joined) for start in _starts(all_ends, joined)]
    rings = [chain for chain in chains if chain[0] == chain[-1] and graph.degrees[chain[0]] == 2]
    return paths + rings + [[int(node)] for node in np.flatnonzero(graph.degrees == 0)]


def _chains(graph):
    """Lists of nodes from one end or junction to the next, and rings of degree 2, each edge once."""
    beside = [[] for _ in range(graph.n_nodes)]
    for a, b in graph.edges.tolist():
        beside[a].append(b)
        beside[b].append(a)
    seen = set()
    chains = []
    order = np.argsort(graph.degrees == 2, kind="stable")  # rings last
    for start in order.tolist():
        for following in beside[start]:
            if (start, following) in seen:
                continue
            chain = [start, following]
            while len(beside[chain[-1]]) == 2 and chain[-1] != start:
                before, last = chain[-2:]
                chain.append(beside[last][0] if beside[last][0] != before else beside[last][1])
            seen.update(zip(chain[:-1], chain[1:]))
            seen.update(zip(chain[1:], chain[:-1]))
            chains.append(chain)
    return chains


def _direction(points, width):
    """Unit vector that a line leaves its first point in, seen a little away from it."""
    points = points.astype(np.float64)
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    far = min(along[-1], _LOOK_TO * width)
    near = min(_LOOK_FROM * width, 0.3 * far)
    start, stop = (np.array([np.interp(at, along, points[:, axis]) for axis in (0, 1)]) for at in (near, far))
    way = stop - start
    length = np.linalg.norm(way)
    return way / length if length else np.zeros(2)


def _turn(one, other):
    """Squared angle by which a stroke turns that comes along one direction reversed and leaves by the other."""
    return math.acos(max(-1.0, min(1.0, -float(one @ other)))) ** 2


def _bend(one, other, apart, width):
    """How badly a cubic fits a line up to a shared way and another one after it, in squared widths.

    The shared way, `apart` long, counts for nothing: the middle of two strokes is the middle of neither.
    """
    sides = []
    for line, sign in ((one, -1), (other, 1)):
        line = line.astype(np.float64)
        along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
        at = np.linspace(min(_LOOK_FROM * width, 0.3 * along[-1]), min(_LOOK_ON * width, along[-1]), 12)
        places = np.column_stack([np.interp(at, along, line[:, axis]) for axis in (0, 1)])
        sides.append((sign * (at + apart / 2) / width, places / width))
    at, places = (np.concatenate(part) for part in zip(*sides))
    powers = np.vander(at, 4)
    return float(((powers @ np.linalg.lstsq(powers, places, rcond=None)[0] - places) ** 2).sum())


def _length(points):
    return float(np.linalg.norm(np.diff(points.astype(np.float64), axis=0), axis=1).sum())


def _joined(graph, chains, half, directions, width):
    """half-chain -> the (half-chain, shared chain or None) a stroke goes on with."""
    joined = {}
    lines = {(number, side): graph.nodes[chain[:: -1 if side else 1]]
             for number, chain in enumerate(chains) for side in (0, 1)}
    for a, b, number in _shared(graph, chains, half, directions, width):
        here = [item for item in half[a] if item[0] != number]
        there = [item for item in half[b] if item[0] != number]
        ways = ([(here[0], there[i]), (here[1], there[1 - i])] for i in (0, 1))
        apart = _length(graph.nodes[chains[number]])
        best = min(ways, key=lambda pairs: sum(_bend(lines[p], lines[q], apart, width) for p, q in pairs))
        for p, q in best:
            joined[p], joined[q] = (q, number), (p, number)
        half[a], half[b] = [], []
        joined[number, 0] = joined[number, 1] = _SHARED
    for here in half.values():
        for p, q in _matched(here, lambda p, q: _bend(lines[p], lines[q], 0.0, width)):
            joined[p], joined[q] = (q, None), (p, None)
    return joined


def _shared(graph, chains, half, directions, width):
    """(a, b, chain) where two strokes run together from a junction of three lines to another one."""
    found = []
    taken = set()
    for number, chain in sorted(enumerate(chains), key=lambda item: len(item[1])):
        a, b = chain[0], chain[-1]
        if a == b or a in taken or b in taken or len(half[a]) != 3 or len(half[b]) != 3:
            continue
        here = [item for item in half[a] if item[0] != number]
        there = [item for item in half[b] if item[0] != number]
        if _length(graph.nodes[chain]) > _LONGEST_SHARED * width or len(here) != 2 or len(there) != 2:
            continue
        if set(here) & set(there):
            continue
        apart = sum(_least_cost(half[end], directions) for end in (a, b))
        way_out, way_in = directions[number, 0], directions[number, 1]
        together = sum(_turn(directions[item], way_out) for item in here)
        together += sum(_turn(directions[item], way_in) for item in there)
        if together < apart:
            found.append((a, b, number))
            taken |= {a, b}
    return found


def _least_cost(here, directions):
    pairs = _matched(here, lambda p, q: _turn(directions[p], directions[q]))
    return sum(_turn(directions[p], directions[q]) for p, q in pairs) + _LIFT * (len(here) - 2 * len(pairs))


def _matched(here, cost):
    """Pairs of half-chains at a junction of the least cost; all are paired, but one of an odd number."""
    if len(here) > _MOST_MATCHED:
        pairs, left = [], list(here)
        while len(left) > 1:
            p, q = min(itertools.combinations(left, 2), key=lambda pair: cost(*pair))
            pairs.append((p, q))
            left = [item for item in left if item not in (p, q)]
        return pairs
    costs = {pair: cost(*pair) for pair in itertools.combinations(here, 2)}
    return min(_matchings(list(here)), key=lambda pairs: sum(costs[pair] for pair in pairs))


def _matchings(items):
    """All ways to pair the items, leaving one of an odd number."""
    if len(items) < 2:
        yield []
        return
    if len(items) % 2:
        for i in range(len(items)):
            yield from _matchings(items[:i] + items[i + 1 :])
        return
    for i in range(1, len(items)):
        for rest in _matchings(items[1:i] + items[i + 1 :]):
            yield [(items[0], items[i]), *rest]


def _starts(half, joined):
    """Half-chains to start from so that every chain that is not shared is walked once: free ends, then closed walks."""
    everywhere = sorted(item for here in half.values() for item in here)
    walked = set()
    for free in (True, False):
        for start in everywhere:
            if start[0] in walked or joined.get(start) == _SHARED or (free and start in joined):
                continue
            walked.update(number for number, _, _ in _steps(start, joined))
            yield start


def _steps(start, joined):
    """(chain, side it is entered by, shared chain before it) along a stroke, from its first half-chain.

    The last step of a closed stroke that ends with a shared way has no chain of its own.
    """
    entered, shared = start, None
    while True:
        yield *entered, shared
        entered, shared = joined.get((entered[0], 1 - entered[1]), (None, None))
        if entered is None or entered == start:
            if shared is not None:
                yield None, None, shared
            return


def _walk(start, chains, joined):
    """The nodes along the stroke that begins with a half-chain."""
    path = []
    for number, side, shared in _steps(start, joined):
        for chain in (shared, number):
            if chain is None:
                continue
            nodes = chains[chain]
            forward = nodes[0] == path[-1] if chain is shared else side == 0
            nodes = nodes if forward else nodes[::-1]
            path += nodes[1:] if path else nodes
    return path


# ---- order ------------------------------------------------------------------------------------------------------------


def in_writing_order(paths: list[list[int]], graph: Graph) -> list[list[int]]:
    """Return the paths line by line, from left to right, each from its left end, or its upper one if it is steep.

    What hangs together is drawn in one go; pieces whose heights overlap by half are on one line.
    """
    if not paths:
        return []
    nodes = graph.nodes.astype(np.float64)
    pieces = {}
    for path in paths:
        pieces.setdefault(int(graph.components[path[0]]), []).append(_from_its_start(path, nodes))
    boxes = {}
    for piece, lines in pieces.items():
        places = nodes[list(itertools.chain(*lines))]
        boxes[piece] = (*places.min(axis=0).tolist(), *places.max(axis=0).tolist())
    ordered = []
    left = sorted(pieces, key=lambda piece: -boxes[piece][3])
    while left:
        line = [piece for piece in left if _beside(boxes[left[0]], boxes[piece])]
        for piece in sorted(line, key=lambda piece: boxes[piece][0]):
            ordered += sorted(pieces[piece], key=lambda path: nodes[path[0]][0])
        left = [piece for piece in left if piece not in set(line)]
    return ordered


def _beside(one, other):
    """Whether two boxes, (x_min, y_min, x_max, y_max), share half the height of the less high one."""
    shared = min(one[3], other[3]) - max(one[1], other[1])
    return shared >= 0.5 * min(one[3] - one[1], other[3] - other[1])


def _from_its_start(path, nodes):
    if path[0] == path[-1] and len(path) > 1:
        first = int(np.argmax(nodes[path[:-1], 1]))
        return path[first:-1] + path[: first + 1]
    x, y = nodes[path[-1]] - nodes[path[0]]
    backwards = x < 0 if abs(x) > 0.5 * abs(y) else y > 0
    return path[::-1] if backwards else path

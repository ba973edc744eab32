"""Continuous strokes: the lines of a graph drawn as a hand would, through its junctions, in the order of writing."""

import itertools
import math
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gng_fast.art.drawing import Drawing, Layer
from gng_fast.art.styles.placing import Extent, place
from gng_fast.art.writing.lines import Half, Lines
from gng_fast.art.writing.order import in_writing_order
from gng_fast.art.writing.pairing import SHARED, Joined, continuations
from gng_fast.graph import Graph
from gng_fast.optional import need
from gng_fast.progress import Progress, report, stoppable, watching

# In widths of the pen on the paper.
_SMOOTHING = 0.04  # root mean square by which smoothing moves a line
_STEP = 0.35  # between points of the smooth line


def strokes(
    graph: Graph,
    *,
    width: float | None = None,
    excess: ArrayLike | None = None,
    outline: ArrayLike | None = None,
    size: float = 180.0,
    margin: float = 5.0,
    pen: float | None = None,
    colour: str = "#000000",
    extent: Extent | None = None,
    progress: Progress | None = None,
) -> Drawing:
    """Draw the lines of a graph with 2 features as few, smooth, continuous strokes.

    Lines that meet go on into each other so that all strokes together are as smooth and as few as is likely; where two
    strokes run over each other, or one turns back at an end, that is drawn twice. Strokes are drawn line by line and
    from left to right, each beginning at its left or upper end; dots and bars of letters come last on their line.

    Parameters
    ----------
    graph : Graph
        Lines, y up, as `gng_fast.writing.trace_handwriting` makes them.
    width : float, optional
        Width of the strokes in graph units, to judge junctions by; by default the median length of an edge.
    excess : array of shape (n,), optional
        How much wider than the strokes the ink is at each node, as in `Handwriting`; by default unknown.
    outline : array of shape (k, 2), optional
        Points along the outline of the ink, as in `Handwriting`; by default unknown.
    size, margin : float
        The page, as in `gng_fast.drawing.fit_page`.
    pen : float, optional
        Width of the line in mm; by default that of the strokes in the picture, at the size of the page.
    colour : str
        "#rrggbb".
    extent : (x_min, y_min, x_max, y_max), optional
        As in `gng_fast.styles.mesh`.
    progress : callable(stage, fraction), optional
        Called with "planning" and a share of it that never falls. It stops the work by returning True.

    Returns
    -------
    Drawing
        With one layer.

    Raises
    ------
    Stopped
        The callback returned True.
    TypeError, ValueError
        The message names the parameter.
    """
    page = place(graph, extent, size, margin)
    if width is None:
        width = float(np.median(graph.edge_lengths())) if graph.n_edges else 1.0
    with watching(progress):
        paths = stoppable(_paths, graph, width, excess, outline)
    lines = [smooth(graph.nodes[path], width) for path in paths]
    pen = max(0.05, round(width * page.scale, 2)) if pen is None else pen
    strokes = tuple(page(line, pen) for line in lines)
    return Drawing(page.width, page.height, (Layer("strokes", colour, pen, strokes),))


def _paths(graph: Graph, width: float, excess: ArrayLike | None, outline: ArrayLike | None) -> list[list[int]]:
    """The nodes along each stroke, in the order of writing."""
    report("planning", 0)
    paths = in_writing_order(trails(graph, width, excess, outline), graph, width)
    report("planning", 1)
    return paths


def smooth(points: ArrayLike, width: float) -> NDArray[np.float64]:
    """Return a smooth line through (k, 2) points, (m, 2) float64: a cubic spline that keeps to them within 0.04 widths.

    A line that ends where it begins is closed smoothly; one point makes a dot, two equal points.
    """
    interpolate = need("scipy.interpolate", "smooth strokes")
    line = np.asarray(points, dtype=np.float64)
    moved = np.linalg.norm(np.diff(line, axis=0), axis=1) > 1e-9
    line = line[np.concatenate([[True], moved])]
    if len(line) < 3:
        return np.concatenate([line, line[-1:]]) if len(line) == 1 else line
    closed = bool((line[0] == line[-1]).all()) and len(line) > 3
    steps = np.linalg.norm(np.diff(line, axis=0), axis=1)
    # The root of the distances keeps the spline from swinging out where nodes lie close together.
    at = np.concatenate([[0.0], np.cumsum(steps**0.5)])
    tolerance = len(line) * (_SMOOTHING * width) ** 2
    spline, _ = interpolate.splprep(line.T, u=at / at[-1], k=min(3, len(line) - 1), s=tolerance, per=closed, quiet=1)
    n_points = max(8, math.ceil(steps.sum() / (_STEP * width)))
    return np.column_stack(interpolate.splev(np.linspace(0, 1, n_points), spline))


# ---- through junctions ----------------------------------------------------------------------------------------------


def trails(
    graph: Graph, width: float, excess: ArrayLike | None = None, outline: ArrayLike | None = None
) -> list[list[int]]:
    """Return paths of node indices that together draw every edge; a closed one ends with its first node.

    Every edge is drawn once, those that two strokes share twice.

    Parameters
    ----------
    graph : Graph
    width : float
        Of the strokes, in graph units.
    excess : array of shape (n,), optional
        By how much the ink is wider than the strokes at each node, to either side; by default unknown.
    outline : array of shape (k, 2), optional
        Points along the outline of the ink, which tell which strokes it is of; by default unknown.
    """
    chains = _chains(graph)
    rings = [chain for chain in chains if chain[0] == chain[-1] and graph.degrees[chain[0]] == 2]
    lines = Lines(graph.nodes, chains[: len(chains) - len(rings)], width, excess, outline)
    joined, tails = continuations(lines)
    paths = [_walk(start, chains, joined, tails) for start in _starts(lines.half, joined)]
    return paths + rings + [[int(node)] for node in np.flatnonzero(graph.degrees == 0)]


def _chains(graph: Graph) -> list[list[int]]:
    """Lists of nodes from one end or junction to the next, and rings of degree 2, each edge once."""
    beside: list[list[int]] = [[] for _ in range(graph.n_nodes)]
    for a, b in graph.edges.tolist():
        beside[a].append(b)
        beside[b].append(a)
    drawn: set[tuple[int, int]] = set()
    chains = []
    order = np.argsort(graph.degrees == 2, kind="stable")  # rings last
    for start in order.tolist():
        for following in beside[start]:
            if (start, following) in drawn:
                continue
            chain = [start, following]
            while len(beside[chain[-1]]) == 2 and chain[-1] != start:
                before, last = chain[-2:]
                chain.append(beside[last][0] if beside[last][0] != before else beside[last][1])
            drawn.update(itertools.pairwise(chain))
            drawn.update(itertools.pairwise(chain[::-1]))
            chains.append(chain)
    return chains


def _starts(half: dict[int, list[Half]], joined: dict[Half, Joined]) -> Iterator[Half]:
    """Half-chains to start from so that every chain that is not shared is walked once: free ends, then closed walks."""
    everywhere = sorted(item for here in half.values() for item in here)
    walked: set[int] = set()
    for free in (True, False):
        for start in everywhere:
            if start[0] in walked or joined.get(start) == SHARED or (free and start in joined):
                continue
            walked.update(entered[0] for entered, _ in _steps(start, joined) if entered is not None)
            yield start


def _steps(start: Half, joined: dict[Half, Joined]) -> Iterator[Joined]:
    """The half-chains that a stroke enters, from its first one on, each with the shared chains before it.

    The last step of a closed stroke that ends with shared chains enters None.
    """
    entered: Half | None = start
    shared: Sequence[int] = ()
    while entered is not None:
        yield entered, shared
        entered, shared = joined.get((entered[0], 1 - entered[1]), SHARED)
        if entered == start:
            entered = None
    if shared:
        yield None, shared


def _walk(start: Half, chains: list[list[int]], joined: dict[Half, Joined], tails: dict[Half, list[int]]) -> list[int]:
    """The nodes along the stroke that begins with a half-chain."""
    path: list[int] = []
    last = start
    for entered, shared in _steps(start, joined):
        for chain in shared:
            path += chains[chain][1:] if chains[chain][0] == path[-1] else chains[chain][-2::-1]
        if entered is not None:
            number, side = entered
            nodes = chains[number][:: -1 if side else 1]
            path += nodes[1:] if path else nodes
            last = number, 1 - side
    return tails.get(start, [])[::-1] + path + tails.get(last, [])

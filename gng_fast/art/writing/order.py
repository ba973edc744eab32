"""The order of writing: line by line, from left to right, dots and bars of letters last."""

import itertools
import math

import numpy as np
from numpy.typing import NDArray

from gng_fast.graph import Graph

#: x_min, y_min, x_max, y_max.
Box = tuple[float, float, float, float]
#: Nodes along a stroke.
Path = list[int]

# In widths of the pen.
_DOT = 3.0  # smaller pieces are dots, accents and points
_MAIN = 9.0  # if there is a larger one than that
_BAR = 12.0  # longer lines through others are no bars of t and f
# As many times as high a bar is wide.
_LEVEL = 2.5


def in_writing_order(paths: list[Path], graph: Graph, width: float) -> list[Path]:
    """Return the paths line by line, from left to right, each from its left end, or its upper one if it is steep.

    What hangs together is drawn in one go; pieces whose heights overlap by half are on one line. Dots, and level bars
    that cross other strokes, come after all the others of their line.

    Parameters
    ----------
    paths : list of lists of int
        Nodes along each stroke; a closed one ends with its first.
    graph : Graph
    width : float
        Of the pen, in graph units.
    """
    nodes = graph.nodes.astype(np.float64)
    pieces: dict[int, list[Path]] = {}
    for path in paths:
        pieces.setdefault(int(graph.components[path[0]]), []).append(_from_its_start(path, nodes))
    sizes = {piece: sum(_length(path, nodes) for path in of_piece) / width for piece, of_piece in pieces.items()}
    least = _DOT if max(sizes.values(), default=0.0) > _MAIN else 0.0
    boxes = {piece: _box(nodes[list(itertools.chain(*of_piece))]) for piece, of_piece in pieces.items()}
    lines = _lines({piece: box for piece, box in boxes.items() if sizes[piece] >= least})
    late: list[list[Path]] = [[] for _ in lines]
    for piece in pieces:
        if sizes[piece] < least:
            apart = [min(_apart(boxes[piece], boxes[other]) for other in line) for line in lines]
            late[int(np.argmin(apart))] += pieces[piece]
    ordered: list[Path] = []
    for line, marks in zip(lines, late):
        main = [path for piece in line for path in sorted(pieces[piece], key=lambda path: nodes[path[0]][0])]
        bars = [i for i, path in enumerate(main) if _is_bar(path, nodes, graph, width)]
        if len(bars) < len(main):
            marks += [main[i] for i in bars]
            main = [path for i, path in enumerate(main) if i not in bars]
        ordered += main + sorted(marks, key=lambda path: nodes[path, 0].mean())
    return ordered


def _lines(boxes: dict[int, Box]) -> list[list[int]]:
    """The pieces of each line of writing, the uppermost line first, from left to right."""
    lines = []
    left = sorted(boxes, key=lambda piece: -boxes[piece][3])
    while left:
        line = [piece for piece in left if _beside(boxes[left[0]], boxes[piece])]
        lines.append(sorted(line, key=lambda piece: boxes[piece][0]))
        left = [piece for piece in left if piece not in set(line)]
    return lines


def _is_bar(path: Path, nodes: NDArray[np.float64], graph: Graph, width: float) -> bool:
    """Whether a stroke is short and level, and crosses another one."""
    x, y = np.abs(nodes[path[-1]] - nodes[path[0]])
    crosses = (graph.degrees[path[1:-1]] > 3).any()
    return bool(path[0] != path[-1] and crosses and x > _LEVEL * y and _length(path, nodes) < _BAR * width)


def _length(path: Path, nodes: NDArray[np.float64]) -> float:
    return float(np.linalg.norm(np.diff(nodes[path], axis=0), axis=1).sum())


def _box(places: NDArray[np.float64]) -> Box:
    (x_min, y_min), (x_max, y_max) = places.min(axis=0).tolist(), places.max(axis=0).tolist()
    return x_min, y_min, x_max, y_max


def _beside(one: Box, other: Box) -> bool:
    """Whether two boxes share half the height of the less high one."""
    shared = min(one[3], other[3]) - max(one[1], other[1])
    return shared >= 0.5 * min(one[3] - one[1], other[3] - other[1])


def _apart(one: Box, other: Box) -> float:
    """The distance of two boxes; 0 if they overlap."""
    across = max(0.0, one[0] - other[2], other[0] - one[2])
    return math.hypot(across, max(0.0, one[1] - other[3], other[1] - one[3]))


def _from_its_start(path: Path, nodes: NDArray[np.float64]) -> Path:
    """The path from its left end on, or from its upper one if it is steep; a closed one from its highest node on."""
    if path[0] == path[-1] and len(path) > 1:
        first = int(np.argmax(nodes[path[:-1], 1]))
        return path[first:-1] + path[: first + 1]
    x, y = nodes[path[-1]] - nodes[path[0]]
    backwards = x < 0 if abs(x) > 0.5 * abs(y) else y > 0
    return path[::-1] if backwards else path

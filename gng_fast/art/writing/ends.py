"""Ends of strokes put where a round pen would end: on the axis, half a width before the paper.

The skeleton of a flat end runs into one of its two corners. Such an end is told by both: where a round end has paper to
either side of its tip, a flat one has ink. The skeleton of a round end stops anywhere near its middle, which is that of
the circle along its outline.
"""

import numpy as np
from numpy.typing import NDArray

from gng_fast.art.image.contours import length_along
from gng_fast.art.image.picture import Mask
from gng_fast.graph import Graph
from gng_fast.optional import need

#: (k, 2) places.
Points = NDArray[np.float64]

# In widths of the pen.
_AXIS = 1.3, 3.2  # from the end on: the part of a line that shows its axis
_CORNER = 0.36, 0.12  # to either side of the axis, and before the paper: ink in flat ends only
_STEP = 0.02  # between the places where a ray is looked at
_ROUND = 1.0  # from a round end on: its line is moved with it so far
_TIP = 0.25  # from the end on: what the skeleton does there says nothing of the way the line takes
_SEEN = 1.5  # around a round end: the outline that is looked at
_FARTHEST = 0.5  # a round end is moved
# Degrees to either side of the tip: the part of a circle that a round end is.
_CAP = 60.0
# The places of the circle are found so often anew.
_ROUNDS = 5


def with_ends_on_axis(graph: Graph, mask: Mask, outline: Points, width: float) -> Graph:
    """Return the graph with the nodes of ends moved to where the middle of a round pen would be.

    Parameters
    ----------
    graph : Graph
        Nodes at (column, -row) of the mask.
    mask : array of shape (h, w), bool
    outline : array of shape (k, 2)
        Points along the edge of the mask, as the nodes.
    width : float
        Of the strokes.
    """
    nodes = graph.nodes.astype(np.float64)
    beside: list[list[int]] = [[] for _ in range(graph.n_nodes)]
    for a, b in graph.edges.tolist():
        beside[a].append(b)
        beside[b].append(a)
    moved = nodes.copy()
    tree = need("scipy.spatial", "tracing handwriting").cKDTree(outline)
    for end in np.flatnonzero(graph.degrees == 1).tolist():
        line = [end, *beside[end]]
        while len(beside[line[-1]]) == 2 and len(line) < graph.n_nodes:
            line += [node for node in beside[line[-1]] if node != line[-2]]
        along = length_along(nodes[line]) / width
        tip = None
        if along[-1] >= _AXIS[1]:
            tip, start = _flat_tip(nodes[line], along, mask, width)
        if tip is not None:
            for node, at in zip(line, along):
                if at < _AXIS[0]:
                    moved[node] = tip + (start - tip) * (at / _AXIS[0])
        elif along[-1] >= _ROUND:
            by = (
                _round_tip(nodes[line], along, outline[tree.query_ball_point(nodes[end], 1.5 * width)], width)
                - nodes[end]
            )
            for node, at in zip(line, along):
                moved[node] += by * max(0.0, 1 - at / _ROUND)
    return Graph(moved, graph.edges, graph.ages, graph.errors)


def _flat_tip(
    points: NDArray[np.float64], along: NDArray[np.float64], mask: Mask, width: float
) -> tuple[NDArray[np.float64] | None, NDArray[np.float64]]:
    """Where a round pen would end at a flat end, None if the end is not flat; and where its axis begins.

    The axis is a parabola, drawn on from the line behind the end.
    """
    at = np.linspace(*_AXIS, 12)
    axis = [np.polyfit(at, np.interp(at, along, points[:, column]), 2) for column in (0, 1)]
    # Not drawn on by more than a width before the end.
    ahead = np.arange(_AXIS[0], -1.5, -_STEP)
    ray = np.column_stack([np.polyval(part, ahead) for part in axis])
    to_paper = np.flatnonzero(_ink(ray, mask) < 0.5)
    if not len(to_paper):
        return None, ray[0]
    edge = int(to_paper[0])
    step = ray[edge] - ray[max(0, edge - 1)]
    way = step / max(float(np.linalg.norm(step)), 1e-9)
    side = np.array([-way[1], way[0]])
    corners = ray[edge] - _CORNER[1] * width * way + _CORNER[0] * width * np.array([side, -side])
    if (_ink(corners, mask) < 0.5).any():
        return None, ray[0]
    before = length_along(ray[: edge + 1])
    inside = np.flatnonzero(before <= before[-1] - 0.5 * width)
    return (ray[inside[-1]] if len(inside) else None), ray[0]


def _round_tip(points: Points, along: NDArray[np.float64], outline: Points, width: float) -> Points:
    """The middle of the circle along the outline of a round end; where the line ends if there is none near."""
    radius = _radius(points, along, outline, width)
    inner, tip = (np.array([np.interp(at * width, along * width, part) for part in points.T]) for at in (_ROUND, _TIP))
    ahead = (tip - inner) / max(float(np.linalg.norm(tip - inner)), 1e-9)
    middle: Points = points[0]
    for _ in range(_ROUNDS):
        away = outline - middle
        distance = np.maximum(np.linalg.norm(away, axis=1), 1e-9)
        way = away / distance[:, None]
        on_cap = (way @ ahead > np.cos(np.radians(_CAP))) & (distance < 2 * radius)
        if on_cap.sum() < 5:
            break
        step = np.linalg.lstsq(way[on_cap], distance[on_cap] - radius, rcond=None)[0]
        middle = middle + step
    if np.linalg.norm(middle - points[0]) > _FARTHEST * width:
        middle = points[0]
    return middle


def _radius(points: Points, along: NDArray[np.float64], outline: Points, width: float) -> float:
    """Half the width of a line a little behind its end."""
    at = np.interp(_ROUND, along, np.arange(len(along)))
    return float(np.linalg.norm(outline - points[round(at)], axis=1).min(initial=np.inf))


def _ink(places: NDArray[np.float64], mask: Mask) -> NDArray[np.float64]:
    """(k,) shares of ink at (column, -row) places."""
    map_coordinates = need("scipy.ndimage", "tracing handwriting").map_coordinates
    x, y = places.T
    shares: NDArray[np.float64] = map_coordinates(mask.astype(np.float32), (-y, x), order=1, mode="constant")
    return shares

"""The picture of clusters: rows as dots in the colours of their clusters, and the graph over them."""

import math

import numpy as np
from numpy.typing import NDArray

from gng_fast.art.drawing import Drawing, Layer, fit_page
from gng_fast.art.styles.groups import PALETTE
from gng_fast.graph import Graph

# More dots show nothing more, and make large files.
_MOST_DOTS = 5000
# Rows from which the two directions of a picture are found.
_MOST_FOR_DIRECTIONS = 20_000
# Millimetres. Lines are the thinner the more there are, so that they do not hide the dots.
_DOT, _LINE, _FINEST = 0.8, 0.2, 0.03
_EDGES_OF_LINE = 200
_GRAPH, _NOISE = "#222222", "#bbbbbb"


def scatter(X: NDArray[np.floating], labels: NDArray[np.int64], graph: Graph) -> Drawing:
    """Return the picture of rows, the clusters that they are in, and the graph they were found with.

    Of more than two columns, those two directions are shown in which the rows are spread most (PCA).

    Parameters
    ----------
    X : array of shape (n, d)
    labels : array of shape (n,), int64
        The cluster of each row, -1 for none.
    graph : Graph
        Its nodes have the units of X.

    Returns
    -------
    Drawing
        A layer for each colour, and one for the graph.
    """
    some = np.linspace(0, len(X) - 1, min(len(X), _MOST_DOTS)).astype(int)
    shown = np.asarray(X[some], dtype=float)
    nodes = graph.nodes.astype(float)
    middle, directions = _view(X)
    dots, corners = (shown - middle) @ directions, (nodes - middle) @ directions
    low, high = np.minimum(dots.min(0), corners.min(0)), np.maximum(dots.max(0), corners.max(0))
    page = fit_page((*low, *high))
    layers = []
    for colour, chosen in _colours(labels[some]):
        places = page(dots[chosen])
        layers.append(Layer("rows", colour, _DOT, tuple(np.stack([places, places], axis=1))))
    if graph.n_edges:
        line = max(_FINEST, round(_LINE * min(1.0, math.sqrt(_EDGES_OF_LINE / graph.n_edges)), 3))
        layers.append(Layer("graph", _GRAPH, line, tuple(page(corners)[graph.edges])))
    return Drawing(page.width, page.height, tuple(layers))


def _view(X: NDArray[np.floating]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The middle of the picture, and the two directions that are shown, as columns."""
    rows = np.asarray(X[:: max(1, len(X) // _MOST_FOR_DIRECTIONS)], dtype=float)
    middle = rows.mean(axis=0)
    d = rows.shape[1]
    if d <= 2:
        return middle, np.eye(d, 2)
    directions = np.linalg.svd(rows - middle, full_matrices=False)[2][:2]
    if len(directions) < 2:  # of a single row
        directions = np.eye(2, d)
    # either of two signs would do: that in which the largest part is positive
    largest = np.abs(directions).argmax(axis=1)
    return middle, (directions * np.sign(directions[[0, 1], largest])[:, None]).T


def _colours(labels: NDArray[np.int64]) -> list[tuple[str, NDArray[np.bool_]]]:
    """The colours that there are, and the rows of each."""
    colours = [(_NOISE, labels < 0)]
    colours += [(colour, (labels >= 0) & (labels % len(PALETTE) == number)) for number, colour in enumerate(PALETTE)]
    return [(colour, chosen) for colour, chosen in colours if chosen.any()]

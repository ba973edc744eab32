"""Networks that several recipes train: on weighted pixels, on a whole picture in colours, and along its contours."""

import math
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from gng_fast.art import image
from gng_fast.art.image import contours
from gng_fast.art.image.faces import faces, within
from gng_fast.art.image.filters import gaussian, sobel
from gng_fast.art.image.picture import Box, Extent, Mask, Plane, Source
from gng_fast.art.recipes.base import Callback, Points, colours_of, importance_of, train
from gng_fast.graph import Graph
from gng_fast.model.estimator import GrowingNeuralGas
from gng_fast.optional import need
from gng_fast.parameters import check
from gng_fast.progress import stoppable

#: Training that ends with an even mesh: pixels are squares and not points, and the steps become small.
ANNEALED: dict[str, Any] = {"jitter": 0.5, "eps_b": 0.1, "eps_n": 0.004, "eps_b_end": 0.005, "eps_n_end": 0.0002}
#: Pixels with less darkness are bare paper: faint stray lines are ugly.
BARE = 0.05
#: A triangular lattice has a node for so many squared edges.
CELL = math.sqrt(3) / 2

# ---- on weighted pixels ---------------------------------------------------------------------------------------------

# Signals for each node, and how many fewer for those that need not grow.
_SIGNALS, _SPARED = 250, 150


def weighted_network(
    weights: Plane, nodes: int, seed: int | None, callback: Callback | None, start: Graph | None = None
) -> GrowingNeuralGas:
    """Return a network on the pixels of a picture, denser where they weigh more.

    Parameters
    ----------
    weights : array of shape (h, w)
        How often each pixel is presented.
    nodes, seed, callback
        As in `gng_fast.recipes.train`.
    start : Graph, optional
        Nodes that are there from the start and stay where they are.

    Returns
    -------
    GrowingNeuralGas

    Raises
    ------
    ImageError
        If hardly any pixel weighs anything.
    """
    inked = weights > 0
    if inked.sum() < 2:
        raise _without_tone()
    X = image.points(inked)
    n = min(check("nodes", nodes), len(X))
    fixed = 0 if start is None else start.n_nodes
    return train(
        Points(X, image.extent(weights.shape)),
        nodes=n,
        epochs=(_SIGNALS * n - _SPARED * fixed) / len(X),
        seed=seed,
        init=start,
        fixed_init=start is not None,
        sample_weight=weights[inked],
        callback=callback,
        **ANNEALED,
    )


def _without_tone() -> image.ImageError:
    """The error for a picture in which there is nothing to learn."""
    return image.ImageError(
        "the picture has no tone to draw: it is all white or a single pixel, or its levels or mask leave nothing; "
        "what is white on transparent shows with invert"
    )


# ---- on a whole picture in colours ----------------------------------------------------------------------------------

# Cells are finer where the colours change: a pixel counts the square of this much, and up to as much more as 1 for its
# slope. As many nodes go to a place as the root of what its pixels count, so with the slope.
_EVEN, _POWER = 0.15, 2.0
# Faces get at least this share of the nodes that are free.
_FACES = 0.3
# The steps along the border in mean distances between nodes.
_BORDER_STEP = 1.5
# Contours are found on so many pixels. At most this share of the nodes lies on them, at these steps (lengths are in
# mean distances between nodes), none on shorter ones; points in one square so large are one.
_CONTOUR_PIXELS = 150_000
_FIXED_SHARE = 0.5
_FIXED_STEP, _LEAST_LENGTH, _MERGED = 0.65, 1.5, 0.3


def colour_network(
    source: Source,
    nodes: int,
    seed: int | None,
    mask: "Source | None",
    crop: Box | None,
    blur: float,
    max_pixels: int | None,
    callback: Callback | None,
    aside: float = 0.0,
) -> tuple[Plane, GrowingNeuralGas]:
    """Return the colours of a picture, and a network on all of it, denser where they change and along contours.

    Parameters
    ----------
    source, crop, max_pixels
        As in `gng_fast.image.dark_points`.
    nodes, seed, callback
        As in `gng_fast.recipes.train`.
    mask : path, array, PIL image or the name of a built-in picture, optional
        A picture of where the network is to be dense: white is, black gets the fewest nodes.
    blur : float
        In pixels, for finding where colours change.
    aside : float
        Nodes lie on contours if this is 0, else in pairs on either side, so many steps of theirs apart.

    Returns
    -------
    colours : array of shape (h, w, 3), float64
        In [0, 1].
    network : GrowingNeuralGas
        With fixed nodes on the border, to the corners of the picture, and along contours.
    """
    colours = stoppable(colours_of, source, crop, max_pixels)
    plane = image.grey(colours)
    boxes = stoppable(faces, plane)
    weights = stoppable(_weights_of_colours, colours, blur, within(boxes, plane.shape))
    if mask is not None:
        weights = weights * (_EVEN + stoppable(importance_of, mask, weights.shape, crop))
    distance = math.sqrt(weights.size / check("nodes", nodes))
    border = _border_graph(image.extent(weights.shape), _BORDER_STEP * distance)
    lines = stoppable(_colour_contours, plane, distance, 2 if aside else 1, boxes)
    start = stoppable(_with_lines, border, lines, weights.shape, distance, aside)
    return colours, weighted_network(weights, max(nodes, start.n_nodes), seed, callback, start)


def _weights_of_colours(colours: Plane, blur: float, face: Mask) -> Plane:
    """How often each pixel of a picture is presented: more where its colours change, and in faces."""
    slope = np.max([sobel(image.blur(colours[:, :, channel], blur)) for channel in range(3)], axis=0)
    density = _EVEN + np.clip(slope / max(float(np.quantile(slope, 0.98)), 1e-6), 0, 1)
    inside = float(density[face].sum())
    if inside:
        density[face] *= max(1.0, _FACES / (1 - _FACES) * (float(density.sum()) / inside - 1))
    weights: Plane = density**_POWER
    return weights


#: Lines at even steps, and the distance between nodes that goes with them.
_Lines: TypeAlias = tuple[list[NDArray[np.float64]], float]


def _colour_contours(plane: Plane, distance: float, abreast: int, boxes: list[Box]) -> list[_Lines]:
    """The strongest contours of a picture, and of each face. distance : mean, between nodes"""
    found = [_contours_within(plane, (0, 0, plane.shape[1], plane.shape[0]), distance, abreast)]
    for box in boxes:
        nearer = math.sqrt(box[2] * box[3] * distance**2 / (_FACES / 2 * plane.size))
        if nearer < distance:
            found.append(_contours_within(plane, box, nearer, abreast))
    return found


def _contours_within(plane: Plane, box: Box, distance: float, abreast: int) -> _Lines:
    """The strongest contours in a box, for so many rows of nodes abreast on each."""
    part = image.crop(plane, box)
    scale = max(1.0, math.sqrt(part.size / _CONTOUR_PIXELS))
    step = _FIXED_STEP * distance
    total = _FIXED_SHARE * part.size / distance**2 * step / abreast
    sigma = max(1.0, distance / 6 / scale)
    small = image.shrink(part, _CONTOUR_PIXELS)
    chains = contours.chains(small, sigma, *_SLOPES, _LEAST_LENGTH * distance / scale, total / scale)
    lines = [(line + (0.5, -0.5)) * scale - (0.5, -0.5) + (box[0], -box[1]) for line in chains]
    return [contours.resample(line, max(1, round(contours.line_length(line) / step))) for line in lines], distance


def _with_lines(border: Graph, lines: list[_Lines], shape: tuple[int, ...], distance: float, aside: float) -> Graph:
    """The border and lines as one graph. aside : lines on both sides instead, so many of their steps apart"""
    x_min, y_min, x_max, y_max = image.extent(shape)
    places, edges, n = [border.nodes.astype(np.float64)], [border.edges], border.n_nodes
    squares = [np.full(n, _MERGED * distance)]
    for line, apart in ((line, apart) for group, apart in lines for line in group):
        ahead = np.gradient(line, axis=0)
        across = ahead[:, ::-1] * (-1, 1)
        for side in (-aside / 2, aside / 2) if aside else (0.0,):
            places.append(np.clip(line + side * across, (x_min, y_min), (x_max, y_max)))
            squares.append(np.full(len(line), _MERGED * apart))
            edges.append(n + np.stack([np.arange(len(line) - 1), np.arange(1, len(line))], axis=1))
            n += len(line)
    # where lines meet, points nearly as one would give triangles nearly without area
    points, square = np.concatenate(places), np.concatenate(squares)[:, None]
    cells = np.concatenate([np.floor(points / square), square], axis=1)
    _, first, number = np.unique(cells, axis=0, return_index=True, return_inverse=True)
    joined = _joined(points[first], number.ravel()[np.concatenate(edges)], np.ones(shape))
    assert joined is not None  # there is always a border
    return joined


def _border_graph(extent: Extent, step: float) -> Graph:
    """Nodes along the border of a picture, at even steps from corner to corner."""
    x_min, y_min, x_max, y_max = extent
    corners = np.array([(x_min, y_min), (x_max, y_min), (x_max, y_max), (x_min, y_max), (x_min, y_min)])
    sides = [corners[i : i + 2] for i in range(4)]
    nodes = np.concatenate(
        [contours.resample(side, max(1, round(contours.line_length(side) / step)))[:-1] for side in sides]
    )
    n = np.arange(len(nodes))
    return Graph(nodes, np.stack([n, (n + 1) % len(nodes)], axis=1))


# ---- along contours -------------------------------------------------------------------------------------------------

# Lengths in units of the spacing: the step along contours, how far these are moved to their dark side, the shortest.
_STEP, _ASIDE, _SHORTEST = 0.75, 0.3, 2.5
# At most this share of the nodes lies on contours.
_CONTOUR_SHARE = 0.45
_SLOPES = 0.05, 0.1
_CONTOUR_SIGNALS = 100
_HEBBIAN_SIGNALS = 40


def contour_network(
    plane: Plane,
    dark: Plane,
    *,
    nodes: int,
    gamma: float = 1.0,
    seed: int | None = 0,
    callback: Callback | None = None,
) -> GrowingNeuralGas:
    """Return a network on a picture, denser where that is darker, with lines along its contours.

    Parameters
    ----------
    plane : array of shape (h, w)
        A grey picture, for the contours.
    dark : array of shape (h, w)
        Its darkness from 0 to 1. Pixels present themselves in proportion to its power `gamma`, and to the slope there.
    nodes, seed, callback
        As in `gng_fast.recipes.train`.

    Returns
    -------
    GrowingNeuralGas

    Raises
    ------
    ImageError
        If hardly any pixel is dark.
    """
    inked = dark > BARE
    if inked.sum() < 2:
        raise _without_tone()
    X = image.points(inked)
    weights = stoppable(lambda: (dark**gamma + sobel(gaussian(dark, 1)))[inked])
    nodes = min(check("nodes", nodes), len(X))
    spacing = math.sqrt(len(X) / (CELL * nodes))
    start = stoppable(_contour_graph, plane, dark, spacing, round(_CONTOUR_SHARE * nodes))
    model = train(
        Points(X, image.extent(plane.shape)),
        nodes=nodes,
        epochs=_CONTOUR_SIGNALS * nodes / len(X),
        seed=seed,
        init=start,
        fixed_init=start is not None,
        sample_weight=weights,
        callback=callback,
        **ANNEALED,
    )
    return model.reconnect(X, sample_weight=weights, n_epochs=_HEBBIAN_SIGNALS * nodes / len(X))


def _contour_graph(plane: Plane, dark: Plane, spacing: float, nodes: int) -> Graph | None:
    """Lines of nodes along the contours of a picture and the dark parts of its border; None if there are none."""
    step = _STEP * spacing
    total = nodes * step
    border = _dark_border(dark, step, _ASIDE * spacing)
    total -= sum(map(contours.line_length, border))
    sigma = max(1.0, spacing / 5)
    lines = border + contours.chains(plane, sigma, *_SLOPES, max(4, _SHORTEST * spacing), total)
    slopes = _slopes(dark, max(1.0, _ASIDE * spacing))
    places, edges, n = [], [], 0
    for number, line in enumerate(lines):
        k = max(1, round(contours.line_length(line) / step))
        along = contours.resample(line, k)
        places.append(along if number < len(border) else _to_the_dark(along, slopes, _ASIDE * spacing))
        edges.append(n + np.stack([np.arange(k), np.arange(1, k + 1)], axis=1))
        n += k + 1
    if n < 2:
        return None
    return _joined(np.concatenate(places), np.concatenate(edges), dark)


def _joined(places: NDArray[np.float64], edges: NDArray[np.int64], dark: Plane) -> Graph | None:
    """Lines as a graph, without those on bare paper; None if none is left."""
    # the ends of a ring are one node
    points, numbers = np.unique(places.round(3), axis=0, return_inverse=True)
    edges = np.sort(numbers[edges], axis=1)
    inked = _is_inked(points, dark)
    edges = np.unique(edges[(edges[:, 0] != edges[:, 1]) & inked[edges].all(axis=1)], axis=0)
    used, numbers = np.unique(edges, return_inverse=True)
    return Graph(points[used].astype(np.float32), numbers.reshape(-1, 2)) if len(edges) else None


def _is_inked(points: NDArray[np.float64], dark: Plane) -> NDArray[np.bool_]:
    """Whether the pixel nearest to each point is dark."""
    height, width = dark.shape
    columns, rows = np.clip(np.rint(points * (1, -1)).astype(int), 0, (width - 1, height - 1)).T
    inked: NDArray[np.bool_] = dark[rows, columns] > BARE
    return inked


def _dark_border(dark: Plane, step: float, inset: float) -> list[NDArray[np.float64]]:
    """The dark parts of the border of the picture, as lines."""
    height, width = dark.shape
    left, right, top, bottom = inset - 0.5, width - 0.5 - inset, 0.5 - inset, 0.5 - height + inset
    if width < 4 * step or height < 4 * step:
        return []
    corners = np.array([(left, top), (right, top), (right, bottom), (left, bottom), (left, top)])
    sides = [corners[i : i + 2] for i in range(4)]
    pieces = [contours.resample(side, round(contours.line_length(side) / step)) for side in sides]
    around = np.concatenate([*(piece[:-1] for piece in pieces), corners[:1]])
    inked = _is_inked(around, dark)
    return [
        run
        for run in np.split(around, np.flatnonzero(np.diff(inked)) + 1)
        if len(run) > 2 and inked[int(np.flatnonzero((around == run[0]).all(axis=1))[0])]
    ]


def _slopes(dark: Plane, sigma: float) -> tuple[Plane, Plane]:
    """How much darker it becomes to the right and upwards, two (h, w) arrays."""
    down, right = np.gradient(need("scipy.ndimage", "a picture in tones").gaussian_filter(dark, sigma))
    return right, -down


def _to_the_dark(points: NDArray[np.float64], slopes: tuple[Plane, Plane], distance: float) -> NDArray[np.float64]:
    """The points moved that far to where it is darker."""
    interpolated = need("scipy.ndimage", "a picture in tones").map_coordinates
    places = -points[:, 1], points[:, 0]
    slope = np.stack([interpolated(part, places, order=1, mode="nearest") for part in slopes], axis=1)
    steepness = np.maximum(np.linalg.norm(slope, axis=1, keepdims=True), 1e-9)
    moved: NDArray[np.float64] = points + distance * slope / steepness
    return moved

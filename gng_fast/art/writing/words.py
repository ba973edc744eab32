"""Counting words: letters joined to words by the gaps between them, then a network grown on each word.

    picture -> ink -> letters -> gaps -> bridged ink -> network -> words

1. `ink.find_ink` parts ink from paper; dots and accents join their letter, specks, rules and frames go.
2. Each letter has a gap to its nearest neighbours on the line, measured in heights of the letters around it. Otsu's
   threshold, moved to where gaps are rarest near it, parts gaps between letters from gaps between words.
3. The smaller gaps are bridged with ink, and a Growing Neural Gas is trained on the bridged ink, its nodes one stroke
   width apart. Edges join nodes whose Voronoi cells touch in the ink, where ink supports them all along: what hangs
   together then is a word.
"""

import json
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gng_fast.art import image
from gng_fast.art.drawing import Drawing
from gng_fast.art.image.picture import Box, Mask, Source
from gng_fast.art.styles.groups import groups
from gng_fast.art.writing.ink import (
    TOUCHING,
    Ink,
    edges_on_ink,
    enlarged,
    find_ink,
    stroke_width,
    supported,
    typical_height,
)
from gng_fast.art.writing.letters import Boxes, Letters, Numbers, accents
from gng_fast.art.writing.network import LAM, trained
from gng_fast.art.writing.orientation import quarter_turns
from gng_fast.art.writing.signs import letters_and_digits
from gng_fast.graph import Graph
from gng_fast.optional import need
from gng_fast.parameters import check
from gng_fast.progress import Progress, report, stoppable, watching

HYPHENS = ("two", "one")

# In heights of a small letter, x, nearby.
_BESIDE = 0.4  # their middles lie that little above or below the letters beside them, at most
_FARTHEST = 3.5  # no gap within a line of text is wider
_FEWEST_GAPS = 12  # with fewer there is no telling one kind from the other
_CLEAR_STEP = 1.5  # unless one is that many times as wide as the next smaller one
_USUAL_GAP = 0.5  # parts words from letters in most type
_GAP_RANGE = (0.28, 1.0)  # and in no type a smaller or larger one does
_LEAST_WORD = 0.5  # a smaller thing alone is a speck
_FATTEST = 0.5  # no pen is wider: coins, stars and blots are no letters
# Standard deviation of the width of the strokes of a word, in mean widths, at most: type has up to 0.4, things 0.48 up.
_UNEVEN = 0.46
# Lines of a drawing are so wide, in units of the spacing.
_LINE = 0.4
# Width of the kernel that gives the density of gaps, as a share of Otsu's threshold.
_KERNEL = 0.22
# Pixels: the gap between letters should be some, and half a pixel of it not matter.
_LEAST_HEIGHT = 36

_AFTER_GROWTH = 40  # signals for each node once all have grown
_RATES = {
    "eps_b": 0.3,
    "eps_b_end": 0.1,
    "eps_n": 0.0075,
    "eps_n_end": 0.0025,
    "decay": 0.9995,
}
# What libraries are needed for.
_COUNTING = "finding words"
# In distances between nodes.
_OFF_INK = 0.2
_TOLERANCE = 0.8


@dataclass(frozen=True, eq=False)
class Words:
    """The words in a picture, line by line, each from left to right.

    Parameters
    ----------
    count : int
    boxes : array of shape (count, 4), float64
        x, y, width, height in pixels of the picture, (0, 0) its top left corner.
    labels : array of shape (n,), int64
        The word of each node of `graph`.
    graph : Graph
        A component for each word; its nodes lie at (column, -row).
    shape : (rows, columns)
        Of the picture.
    spacing : float
        Distance of the nodes in pixels.
    """

    count: int
    boxes: Boxes
    labels: Numbers
    graph: Graph
    shape: tuple[int, int]
    spacing: float

    def to_json(self) -> str:
        """Return the count and the boxes as JSON, a box a line."""
        boxes = ",\n".join(json.dumps([round(value, 2) for value in box]) for box in self.boxes.tolist())
        return f'{{"count": {self.count}, "boxes": [\n{boxes}\n]}}\n'

    def drawing(self, *, size: float = 180.0, margin: float = 5.0, pen: float | None = None) -> Drawing:
        """Return each word in a colour of its own, where it is on the page.

        Parameters
        ----------
        size, margin
            As in `gng_fast.styles.groups`.
        pen : float, optional
            Width of the lines in mm; by default a part of the distance of the nodes.

        Returns
        -------
        Drawing

        Raises
        ------
        TypeError, ValueError
            The message names the parameter.
        """
        width, extent = _LINE * self.spacing, image.extent(self.shape)
        return groups(self.graph, self.labels, width=width, extent=extent, size=size, margin=margin, pen=pen)


def find_words(
    source: Source,
    *,
    hyphen: str = "two",
    crop: Box | None = None,
    seed: int | None = 0,
    progress: Progress | None = None,
) -> Words:
    """Return the words in a picture; a picture without writing has none.

    A word has a letter or a digit: dashes, bullets, leaders, &, ? and the like count for none alone. A page on its side
    counts as upright.

    Parameters
    ----------
    source : str, path-like, array or PIL image
        Whatever `gng_fast.image.load` takes.
    hyphen : str
        Whether a word with a hyphen counts as "two" (the hyphen goes with the first) or "one".
    crop : (left, top, width, height), optional
        In pixels.
    seed : int, optional
        The same seed gives the same network; None takes a new one each time.
    progress : callable(stage, fraction), optional
        Called with "loading", "training" and "drawing" in this order, each from 0 to 1. It stops the work by
        returning True.

    Returns
    -------
    Words

    Raises
    ------
    Stopped
        The callback returned True.
    ImageError
        The source is not a picture.
    TypeError, ValueError
        An option is not one of those there are, or out of range.

    Examples
    --------
    >>> find_words("page", crop=(0, 0, 384, 140)).count
    44
    """
    if hyphen not in HYPHENS:
        raise ValueError(f"hyphen must be one of {', '.join(HYPHENS)}, got {hyphen!r}")
    random_state = None if seed is None else check("seed", seed)
    with watching(progress):
        return stoppable(_found, source, hyphen, crop, random_state)


def _found(source: Source, hyphen: str, crop: Box | None, random_state: int | None) -> Words:
    """What `find_words` returns."""
    report("loading", 0)
    picture = image.load(source)
    if crop is not None:
        picture = image.crop(picture, crop)
    report("loading", 0.2)
    ink = find_ink(picture)
    report("loading", 0.5)
    turns = quarter_turns(ink.mask)
    report("loading", 0.7)
    if turns:
        ink = find_ink(np.rot90(picture, turns))
    return _turned(_upright_words(ink, hyphen, random_state), -turns % 4)


def _upright_words(ink: Ink, hyphen: str, random_state: int | None) -> Words:
    """The words of an upright page."""
    ink = enlarged(ink, _LEAST_HEIGHT / max(1, typical_height(ink.mask)))
    height, width = (round(side / ink.scale) for side in ink.mask.shape)
    shape = (height, width)
    letters = Letters.of(ink.mask)
    pen = stroke_width(np.isin(letters.labels, letters.numbers))
    if not pen:
        return Words(0, np.empty((0, 4)), np.empty(0, np.int64), Graph(np.empty((0, 2)), []), shape, 0.0)
    report("loading", 0.8)
    links, gaps = _links(letters)
    within = links[gaps < _letter_gap(gaps)]
    if hyphen == "two":
        within = _without_hyphens(within, letters)
    report("loading", 0.9)
    bridged = _bridged(letters, within, pen)
    report("loading", 1)
    graph = _network(bridged, max(2.0, pen), random_state)
    report("drawing", 0.5)
    words = _words_of(graph, letters, ink.scale, shape, max(2.0, pen))
    report("drawing", 1)
    return words


# ---- gaps -----------------------------------------------------------------------------------------------------------


def _links(letters: Letters) -> tuple[Numbers, NDArray[np.float64]]:
    """Pairs of neighbouring pieces, left and right, (m, 2), and their gaps in letter heights, (m,).

    A dot or accent above or below a letter has a gap of 0 to it.
    """
    above = accents(letters)
    # What stands over a letter, or over another dot, goes with it and has no neighbours of its own.
    a, b = above.T
    alone = np.setdiff1d(np.arange(len(letters)), a[~letters.small[b] | (letters.boxes[a, 1] < letters.boxes[b, 1])])
    right = _nearest_beside(letters, letters.boxes, alone)
    mirrored = (letters.boxes * (-1, 1, -1, 1))[:, [2, 1, 0, 3]]
    left = _nearest_beside(letters, mirrored, alone)[:, ::-1]
    beside = np.unique(np.concatenate([right, left]), axis=0)
    a, b = beside.T
    gaps = _free_widths(letters, beside) / (0.5 * (letters.height[a] + letters.height[b]))
    return np.concatenate([beside, above]), np.concatenate([gaps, np.zeros(len(above))])


def _free_widths(letters: Letters, links: Numbers) -> NDArray[np.float64]:
    """(m,): the width between two neighbours in pixels, without what hangs below the higher foot of the two.

    So the tail of a j, under the letter before it, does not make a gap between words a small one.
    """
    widths = np.empty(len(links))
    for i, (a, b) in enumerate(links.tolist()):
        foot = min(letters.boxes[a, 3], letters.boxes[b, 3])
        left, right = (part[: np.searchsorted(part[:, 0], foot)] for part in (letters.pixels[a], letters.pixels[b]))
        if not (letters.small[a] or letters.small[b]) and len(left) and len(right):
            widths[i] = right[:, 1].min() - left[:, 1].max() - 1
        else:
            widths[i] = letters.boxes[b, 0] - letters.boxes[a, 2]
    return widths


def _nearest_beside(letters: Letters, boxes: Boxes, alone: Numbers) -> Numbers:
    """(m, 2): each piece of `alone` that has one, and its nearest neighbour to the right on the same line."""
    if len(alone) < 2:
        return np.empty((0, 2), dtype=int)
    boxes, height, small = boxes[alone], letters.height[alone], letters.small[alone]
    middle = (boxes[:, 1] + boxes[:, 3]) / 2
    entries = need("scipy.spatial", _COUNTING).cKDTree(np.column_stack([boxes[:, 0], 2 * middle]))
    near = entries.query(np.column_stack([boxes[:, 2], 2 * middle]), k=min(16, len(boxes)))[1]
    a = np.repeat(np.arange(len(boxes)), near.shape[1])
    b = near.ravel()
    top, bottom = boxes[:, 1], boxes[:, 3]
    shared = np.minimum(bottom[a], bottom[b]) - np.maximum(top[a], top[b])
    on_line = shared >= 0.35 * np.minimum(bottom[a] - top[a], bottom[b] - top[b])
    # Commas, quotes, hyphens and underscores lie anywhere between a little above and a little below.
    for one, other in ((a, b), (b, a)):
        slack = _BESIDE * height[one]
        near_line = (middle[one] > top[other] - slack) & (middle[one] < bottom[other] + slack)
        on_line |= small[one] & near_line
    ahead = boxes[b, 0] + boxes[b, 2] > boxes[a, 0] + boxes[a, 2]
    gap = boxes[b, 0] - boxes[a, 2]
    fits = on_line & ahead & (a != b) & (gap < _FARTHEST * height[a])
    a, b, gap = a[fits], b[fits], gap[fits]
    order = np.lexsort((gap, a))
    first = np.unique(a[order], return_index=True)[1]
    pairs: Numbers = np.column_stack([a, b])[order[first]]
    return alone[pairs]


def _letter_gap(gaps: NDArray[np.float64]) -> float:
    """The gap, in letter heights, from which on it is one between words."""
    low, high = _GAP_RANGE
    # Columns and indents are wide gaps of another kind.
    gaps = np.minimum(gaps[gaps > 0], 0.9 * high)
    if len(gaps) < _FEWEST_GAPS:
        return _widest_step(np.sort(gaps))
    level = float(np.clip(need("skimage.filters", _COUNTING).threshold_otsu(gaps), low, high))
    tried = np.linspace(max(low, 0.6 * level), 1.4 * level, 200)
    density = np.exp(-0.5 * ((tried[:, None] - gaps) / (_KERNEL * level)) ** 2).sum(axis=1)
    return float(tried[np.argmin(density)])


def _widest_step(gaps: NDArray[np.float64]) -> float:
    """The middle of the widest step among a few gaps, if one may be between letters and the next between words."""
    ratios = gaps[1:] / np.maximum(gaps[:-1], _GAP_RANGE[0] / 2)
    ratios[gaps[1:] < 1.2 * _GAP_RANGE[0]] = 0.0
    step = int(np.argmax(ratios)) if len(ratios) else 0
    if not len(ratios) or ratios[step] < _CLEAR_STEP or gaps[step] > _USUAL_GAP:
        return _USUAL_GAP
    return float(gaps[step : step + 2].mean())


def _without_hyphens(links: Numbers, letters: Letters) -> Numbers:
    """The links but those from a hyphen on to the next letter.

    A hyphen is flat and free, in the middle between two letters: commas and underscores lie lower, quotes higher, and
    serifs that came off touch their letter.
    """
    boxes, height = letters.boxes, letters.height
    flat = letters.small & (letters.wide > 1.3 * letters.high) & (letters.wide < height) & (letters.wide > 0.2 * height)
    before = {b: a for a, b in links.tolist() if flat[b] and not letters.small[a] and boxes[a, 2] < boxes[b, 0]}
    cut = np.zeros(len(links), dtype=bool)
    for i, (a, b) in enumerate(links.tolist()):
        if a in before and not letters.small[b] and boxes[b, 0] > boxes[a, 2]:
            foot = min(boxes[before[a], 3], boxes[b, 3])
            above = foot - (boxes[a, 1] + boxes[a, 3]) / 2
            cut[i] = 0.25 * height[a] < above < 0.72 * height[a]
    return links[~cut]


# ---- network --------------------------------------------------------------------------------------------------------


def _bridged(letters: Letters, links: Numbers, width: float) -> Mask:
    """(h, w) bool: the ink of the pieces, and lines between the nearest pixels of linked ones."""
    ndimage, cKDTree = need("scipy.ndimage", _COUNTING), need("scipy.spatial", _COUNTING).cKDTree
    line = need("skimage.draw", _COUNTING).line
    lines = np.zeros(letters.labels.shape, dtype=bool)
    pixels = letters.pixels
    trees = [cKDTree(part) for part in pixels]
    for a, b in links.tolist():
        distance, nearest = trees[a].query(pixels[b])
        end = int(np.argmin(distance))
        lines[line(*pixels[a][nearest[end]], *pixels[b][end])] = True
    thick: Mask = ndimage.binary_dilation(lines, TOUCHING, iterations=max(1, round(width / 3)))
    return np.isin(letters.labels, letters.numbers) | thick


def _network(mask: Mask, spacing: float, random_state: int | None) -> Graph:
    """A network on the ink, its nodes about `spacing` apart, with the edges that ink supports."""
    rows, columns = np.nonzero(mask)
    signals = np.column_stack([columns, -rows]).astype(np.float32)
    n_nodes = max(2, round(len(signals) / spacing**2))
    n_epochs = n_nodes * (LAM + _AFTER_GROWTH) / len(signals)
    nodes = trained(signals, n_nodes, n_epochs, random_state, **_RATES)
    report("drawing", 0)
    # Nodes held off the ink by two letters at once would tie them together, or lie there alone.
    tree = need("scipy.spatial", _COUNTING).cKDTree(signals)
    nodes = nodes[tree.query(nodes)[0] < 0.5 + _OFF_INK * spacing]
    if len(nodes) < 2:
        return Graph(nodes, [])
    return supported(Graph(nodes, edges_on_ink(nodes, mask)), mask, _TOLERANCE * spacing)


def _words_of(graph: Graph, letters: Letters, scale: float, shape: tuple[int, int], spacing: float) -> Words:
    """The `Words` of a network: its components, without specks, in the order of reading."""
    cKDTree = need("scipy.spatial", _COUNTING).cKDTree
    rows, columns = np.nonzero(np.isin(letters.labels, letters.numbers))
    owner = graph.components[cKDTree(graph.nodes).query(np.column_stack([columns, -rows]))[1]]
    # No ink at all: a box of size 0, which is a speck.
    ends = np.zeros((graph.n_components, 4))
    ends[owner] = np.inf
    for column, values in enumerate((columns, rows, -columns - 1, -rows - 1)):
        np.minimum.at(ends[:, column], owner, values)
    boxes = np.column_stack([ends[:, :2], -ends[:, 2:] - ends[:, :2]])
    middles = boxes[:, :2] + boxes[:, 2:] / 2
    pieces = (letters.boxes[:, :2] + letters.boxes[:, 2:]) / 2
    height = letters.height[cKDTree(pieces).query(middles)[1]]
    real = (boxes[:, 2:].max(axis=1) >= _LEAST_WORD * height) & (np.bincount(graph.components) > 1)
    width, spread = _strokes_of(letters, rows, columns, owner, len(boxes))
    real &= (width <= _FATTEST * height) & (spread <= _UNEVEN * width)
    first = np.array([part[0] for part in letters.pixels])[letters_and_digits(letters)]
    written = np.full(letters.labels.shape, -1)
    written[rows, columns] = owner
    real &= np.isin(np.arange(len(boxes)), written[tuple(first.T)])
    order = np.flatnonzero(real)[_reading_order(middles[real], height[real])]
    rank = np.full(len(boxes), -1)
    rank[order] = np.arange(len(order))
    return _kept(graph, rank[graph.components], boxes[order] / scale, scale, shape, spacing)


def _strokes_of(
    letters: Letters, rows: Numbers, columns: Numbers, owner: Numbers, n: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and standard deviation of the width of the strokes of each word, (n,): that of writing changes little.

    rows, columns, owner : of the pixels of ink. After B. Epshtein, E. Ofek, Y. Wexler, Detecting text in natural scenes
    with stroke width transform, CVPR 2010, with widths taken along the skeleton.
    """
    ink = np.zeros(letters.labels.shape, bool)
    ink[rows, columns] = True
    inner = need("skimage.morphology", _COUNTING).skeletonize(ink)[rows, columns]
    away = need("scipy.ndimage", _COUNTING).distance_transform_edt(ink)
    word, widths = owner[inner], 2 * away[rows, columns][inner] - 1
    # each as often as it has ink: slivers along the edges of a large letter do not matter
    area = np.maximum(np.bincount(word, widths, n), 1)
    mean = np.bincount(word, widths**2, n) / area
    return mean, np.sqrt(np.bincount(word, widths * (widths - mean[word]) ** 2, n) / area)


def _kept(graph: Graph, labels: Numbers, boxes: Boxes, scale: float, shape: tuple[int, int], spacing: float) -> Words:
    """The `Words` of the nodes that have a word, in pixels of the picture."""
    inside = labels >= 0
    new = np.cumsum(inside) - 1
    edges = graph.edges[inside[graph.edges].all(axis=1)]
    # Pixel (0, 0) of a reduced picture covers 1 / scale pixels of the picture.
    shift = 0.5 / scale - 0.5
    nodes = graph.nodes[inside] / scale + (shift, -shift)
    return Words(len(boxes), boxes, labels[inside], Graph(nodes, new[edges]), shape, spacing / scale)


def _turned(words: Words, turns: int) -> Words:
    """The words of a page that is turned to the left by quarters of a full turn."""
    nodes, boxes, (rows, columns) = words.graph.nodes, words.boxes, words.shape
    for _ in range(turns):
        # column x of the page becomes row columns - x from the top
        x, y, width, height = boxes.T
        boxes = np.column_stack([y, columns - x - width, height, width])
        nodes = np.column_stack([-nodes[:, 1], nodes[:, 0] - (columns - 1)])
        rows, columns = columns, rows
    if not turns:
        return words
    graph = Graph(nodes, words.graph.edges)
    return Words(words.count, boxes, words.labels, graph, (rows, columns), words.spacing)


def _reading_order(middles: NDArray[np.float64], height: NDArray[np.float64]) -> list[int]:
    """Indices of words line by line: a line is a run of middles, top to bottom, that lie close together."""
    left: list[int] = np.argsort(middles[:, 1], kind="stable").tolist()
    order: list[int] = []
    while left:
        line = [left[0]]
        for word in left[1:]:
            nearest = line[int(np.argmin(np.abs(middles[line, 0] - middles[word, 0])))]
            if abs(middles[nearest, 1] - middles[word, 1]) < 0.6 * max(height[nearest], height[word]):
                line.append(word)
        order += sorted(line, key=lambda word: middles[word, 0])
        left = [word for word in left if word not in set(line)]
    return order

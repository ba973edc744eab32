"""The middle lines of handwriting as a graph: a network trained along the ink, in the order the ink gives.

    picture -> ink -> skeleton -> branches -> network on them -> graph

A Growing Neural Gas trained on the ink itself finds its shape, but not its lines: its nodes lie anywhere across a
stroke (0.08 stroke widths off the middle in the mean), and triangles and wrong loops arise wherever strokes meet. The
skeleton of the ink has the right loops and ends, but it wavers from pixel to pixel. So each does what it can: the
skeleton says which way lines go from one junction to the next; a network trained on the skeleton's pixels says where
they lie. Each of its nodes is the mean of the pixels around it, one stroke width of a line, and what is a node's and
its neighbours' follows from the pixels each of them wins.
"""

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gng_fast.art import image
from gng_fast.art.drawing import Drawing
from gng_fast.art.image import ImageError
from gng_fast.art.image.contours import line_length, outlines, resample
from gng_fast.art.image.picture import Box, Mask, Source
from gng_fast.art.writing.ends import with_ends_on_axis
from gng_fast.art.writing.ink import TOUCHING, enlarged, find_ink, stroke_width
from gng_fast.art.writing.network import LAM, trained
from gng_fast.art.writing.strokes import strokes
from gng_fast.graph import Graph
from gng_fast.optional import need
from gng_fast.parameters import check
from gng_fast.progress import Progress, report, stoppable, watching

#: (row, column) of pixels, (k, 2).
Pixels = NDArray[np.int64]
#: The same between pixels.
Points = NDArray[np.float64]

# Pixels: wide enough that a pixel more or less does not matter.
_LEAST_WIDTH = 12
# In stroke widths.
_SPACING = 0.9  # between nodes
_SPUR = 1.05  # shorter branches with a free end are bumps of the outline
_END = 0.35  # unless they stand out that far from the ink around their junction
_ROUND = 0.4  # and their own ink reaches that far to either side, as that of a stroke does
_CROSSING = 0.7  # junctions nearer to each other are one
_OUTLINE = 0.15  # between points of the outline
_NEAR_JUNCTION = 0.52  # no nodes there: skeletons bend towards the corners of a crossing
# In squared stroke widths.
_LEAST_HOLE = 0.08
_LEAST_PIECE = 0.5

# Specks that were taken away have no outline, in shares of the light.
_EDGE = 0.01

_AFTER_GROWTH = 150  # signals for each node once all have grown
# Spurs may be left where others were.
_PRUNINGS = 3
# What libraries are needed for.
_TRACING = "tracing handwriting"


@dataclass(frozen=True, eq=False)
class Handwriting:
    """Middle lines of writing.

    Parameters
    ----------
    graph : Graph
        Nodes at (column, -row) in pixels of the picture: degree 1 at ends, 2 along lines, more at junctions.
    width : float
        Mean width of the strokes in pixels.
    excess : array of shape (n,), float64
        How much wider than half of the pen the ink is to either side of each node, in pixels: where two strokes run
        over each other, each of them lies so far off the middle of both.
    outline : array of shape (k, 2), float64
        Points along the outline of the ink, evenly spaced, where the nodes lie.
    shape : (rows, columns)
        Of the picture.
    """

    graph: Graph
    width: float
    excess: NDArray[np.float64]
    outline: NDArray[np.float64]
    shape: tuple[int, int]

    def drawing(
        self,
        *,
        size: float = 180.0,
        margin: float = 5.0,
        pen: float | None = None,
        progress: Progress | None = None,
    ) -> Drawing:
        """Return the strokes of the writing, where they are on the page.

        Parameters
        ----------
        size, margin, pen, progress
            As in `strokes`.

        Returns
        -------
        Drawing

        Raises
        ------
        TypeError, ValueError, Stopped
            As `strokes` does.
        """
        return strokes(
            self.graph,
            width=self.width,
            excess=self.excess,
            outline=self.outline,
            extent=image.extent(self.shape),
            size=size,
            margin=margin,
            pen=pen,
            progress=progress,
        )


@dataclass
class _Branch:
    """A line of skeleton pixels, (k, 2) rows and columns, and the junctions at its ends: their number, -1 a free end.

    A ring without a junction has `is_ring`.
    """

    pixels: Pixels
    ends: list[int]
    is_ring: bool = False


def trace_handwriting(
    source: Source, *, crop: Box | None = None, seed: int | None = 0, progress: Progress | None = None
) -> Handwriting:
    """Return the middle lines of the writing in a picture.

    The components of the graph are the pieces of ink, its loops are their holes.

    Parameters
    ----------
    source : str, path-like, array or PIL image
        Whatever `gng_fast.image.load` takes.
    crop : (left, top, width, height), optional
        In pixels.
    seed : int, optional
        The same seed gives the same graph; None takes a new one each time.
    progress : callable(stage, fraction), optional
        Called with "loading", "training" and "drawing" in this order, each from 0 to 1. It stops the work by
        returning True.

    Returns
    -------
    Handwriting

    Raises
    ------
    Stopped
        The callback returned True.
    ImageError
        Nothing is written, or the source is not a picture.
    """
    random_state = None if seed is None else check("seed", seed)
    with watching(progress):
        return stoppable(_traced, source, crop, random_state)


def _traced(source: Source, crop: Box | None, random_state: int | None) -> Handwriting:
    """What `trace_handwriting` returns."""
    report("loading", 0)
    ink = find_ink(source, crop)
    report("loading", 0.3)
    ink = enlarged(ink, _LEAST_WIDTH / max(1.0, stroke_width(ink.mask)))
    mask, width = _without_specks(ink.mask)
    if not width:
        raise ImageError("no writing found: nothing in the picture stands out from its surroundings")
    report("loading", 0.5)
    radii = need("scipy.ndimage", _TRACING).distance_transform_edt(mask)
    branches, junctions = _branches_of(_pruned(mask, radii, width))
    branches, junctions = _merged_crossings(branches, junctions, _CROSSING * width)
    report("loading", 1)
    graph = _graph_of(branches, junctions, width, random_state)
    report("drawing", 0)
    outline = _outline(ink.depth, mask, _OUTLINE * width)
    graph = with_ends_on_axis(graph, mask, outline, width)
    shift = 0.5 / ink.scale - 0.5
    nodes = graph.nodes / ink.scale + (shift, -shift)
    n_rows, n_columns = (round(side / ink.scale) for side in mask.shape)
    excess = _excess(graph, radii) / ink.scale
    outline = outline / ink.scale + (shift, -shift)
    report("drawing", 1)
    return Handwriting(Graph(nodes, graph.edges), width / ink.scale, excess, outline, (n_rows, n_columns))


def _outline(depth: NDArray[np.float32], mask: Mask, spacing: float) -> Points:
    """(k, 2): points of the lines along which the ink ends, where its depth says so between pixels."""
    level = 0.5 - np.where(mask, np.maximum(depth, 0.5 + _EDGE), np.minimum(depth, 0.5 - _EDGE)).astype(np.float64)
    lines = [resample(line, max(3, round(line_length(line) / spacing))) for line in outlines(level)]
    return np.concatenate([line[:-1] for line in lines])


def _excess(graph: Graph, radii: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n,): distance of each node to the paper, less that of most nodes along lines.

    radii : (h, w) distance to the paper
    """
    x, y = graph.nodes.T
    here: NDArray[np.float64]
    here = need("scipy.ndimage", _TRACING).map_coordinates(radii, (-y, x), order=1, mode="nearest")
    lines = graph.degrees == 2
    return here - float(np.median(here[lines] if lines.any() else here))


# ---- skeleton -------------------------------------------------------------------------------------------------------


def _without_specks(mask: Mask) -> tuple[Mask, float]:
    """The mask without pieces and holes that are too small for the pen, and the width of its strokes."""
    morphology = need("skimage.morphology", _TRACING)
    width = stroke_width(mask)
    if not width:
        return mask, 0.0
    mask = morphology.remove_small_objects(mask, max_size=int(_LEAST_PIECE * width**2), connectivity=2)
    mask = morphology.remove_small_holes(mask, max_size=int(_LEAST_HOLE * width**2), connectivity=1)
    return mask, width if mask.any() else 0.0


def _pruned(mask: Mask, radii: NDArray[np.float64], width: float) -> Mask:
    """The skeleton of the mask, without spurs.

    radii : (h, w) distance to the paper
    """
    skeletonize = need("skimage.morphology", _TRACING).skeletonize
    skeleton: Mask = skeletonize(mask)
    for n_done in range(_PRUNINGS):
        report("loading", 0.6 + 0.3 * n_done / _PRUNINGS)
        branches, junctions = _branches_of(skeleton)
        spurs = _spurs(branches, junctions, radii, width)
        if not spurs:
            break
        for branch in spurs:
            skeleton[tuple(branch.pixels.T)] = False
        skeleton = skeletonize(skeleton)
    return skeleton


def _spurs(branches: list[_Branch], junctions: Points, radii: NDArray[np.float64], width: float) -> list[_Branch]:
    """Branches with a free end that are bumps of the outline; the longest of a junction stays if all but one are.

    radii : (h, w) distance to the paper
    """
    at: dict[int, list[_Branch]] = {}
    for branch in branches:
        for end in branch.ends:
            if end >= 0:
                at.setdefault(end, []).append(branch)
    spurs: list[_Branch] = []
    for junction, here in at.items():
        short = [
            branch for branch in here if -1 in branch.ends and _is_bump(branch, here, junctions[junction], radii, width)
        ]
        short.sort(key=lambda branch: len(branch.pixels))
        spurs += short[: max(0, min(len(short), len(here) - 2))]
    return spurs


def _is_bump(branch: _Branch, here: list[_Branch], junction: Points, radii: NDArray[np.float64], width: float) -> bool:
    """Whether a branch is no end of a stroke that goes on a little beyond another one.

    At such an end the other lines `here` go straight on; where a stroke turns back they do not, and its ink has a tip.
    """
    away = np.linalg.norm(branch.pixels - junction, axis=1)
    if away.max() >= _SPUR * width:
        return False
    others = []
    for other in here:
        if other is not branch:
            from_junction = other.pixels - junction
            far = np.argmin(np.abs(np.linalg.norm(from_junction, axis=1) - 2 * width))
            others.append(from_junction[far])
    goes_on = any(one @ other < 0 for one, other in itertools.combinations(others, 2))
    around = radii[tuple(branch.pixels.T)]
    stands_out = (away + around).max() - radii[tuple(np.rint(junction).astype(int))]
    return bool(not goes_on or stands_out < _END * width or np.median(around) < _ROUND * width)


def _branches_of(skeleton: Mask) -> tuple[list[_Branch], Points]:
    """The `_Branch`es of a skeleton, and the (row, column) of its junctions."""
    ndimage = need("scipy.ndimage", _TRACING)
    neighbours = ndimage.convolve(skeleton.astype(np.uint8), TOUCHING.astype(np.uint8), mode="constant") - 1
    crossing = skeleton & (neighbours > 2)
    at, n_junctions = ndimage.label(crossing, TOUCHING)
    lines, _ = ndimage.label(skeleton & ~crossing, TOUCHING)
    junctions = _means_of(at, n_junctions)
    at = np.pad(at, 1)
    branches = []
    for number, box in enumerate(ndimage.find_objects(lines), start=1):
        pixels = np.argwhere(lines[box] == number) + [box[0].start, box[1].start]
        branches.append(_branch_of(pixels, at))
    return branches, junctions


def _means_of(labels: Pixels, n: int) -> Points:
    """(n, 2): mean row and column of each label."""
    rows, columns = np.nonzero(labels)
    owner = labels[rows, columns] - 1
    count = np.maximum(np.bincount(owner, minlength=n), 1)
    return np.column_stack([np.bincount(owner, weights=part, minlength=n) / count for part in (rows, columns)])


def _branch_of(pixels: Pixels, at: Pixels) -> _Branch:
    """The pixels of a line in order, with the junctions its ends touch; `at` is padded by one pixel."""
    places = {tuple(place): i for i, place in enumerate(pixels.tolist())}
    steps = [(-1, 0), (1, 0), (0, -1), (0, 1), (-1, -1), (-1, 1), (1, -1), (1, 1)]
    near = [
        [places[other] for step in steps if (other := (row + step[0], column + step[1])) in places]
        for row, column in places
    ]
    tips = [i for i, beside in enumerate(near) if len(beside) < 2]
    order = [tips[0] if tips else 0]
    done = set(order)
    while following := [i for i in near[order[-1]] if i not in done]:
        order.append(following[0])
        done.add(following[0])
    if not tips:
        return _Branch(pixels[order], [-1, -1], is_ring=True)
    first, last = (_touched(at, *pixels[end]) for end in (order[0], order[-1]))
    ends = (first + [0, 0])[:2] if len(order) == 1 else [(first + [0])[0], (last + [0])[0]]
    return _Branch(pixels[order], [end - 1 for end in ends])


def _touched(at: Pixels, row: int, column: int) -> list[int]:
    """The numbers of the junctions beside a pixel, in `at` as `_branch_of` has it."""
    return [int(number) for number in np.unique(at[row : row + 3, column : column + 3]) if number]


def _merged_crossings(branches: list[_Branch], junctions: Points, nearest: float) -> tuple[list[_Branch], Points]:
    """The same with junctions that a branch shorter than `nearest` joins made one, and that branch gone.

    Where two lines cross, a skeleton has two junctions of three branches. Of two short branches between the same
    junctions only one goes: the other is a loop.
    """
    roots = list(range(len(junctions)))

    def root(junction: int) -> int:
        while roots[junction] != junction:
            junction = roots[junction]
        return junction

    weights = np.ones(len(junctions))
    kept = []
    for branch in sorted(branches, key=lambda branch: len(branch.pixels)):
        a, b = (root(end) if end >= 0 else -1 for end in branch.ends)
        if a >= 0 and b >= 0 and a != b and np.linalg.norm(junctions[a] - junctions[b]) < nearest:
            if len(branch.pixels) < 1.5 * nearest:
                total = weights[a] + weights[b]
                junctions[a] = (weights[a] * junctions[a] + weights[b] * junctions[b]) / total
                weights[a], roots[b] = total, a
                continue
        kept.append(branch)
    for branch in kept:
        branch.ends = [root(end) if end >= 0 else -1 for end in branch.ends]
    # fewer than three pixels from a junction back to it are no loop but a corner where the skeleton is two pixels thick
    return [
        branch for branch in kept if -1 in branch.ends or len(set(branch.ends)) > 1 or len(branch.pixels) > 2
    ], junctions


# ---- network --------------------------------------------------------------------------------------------------------


def _graph_of(branches: list[_Branch], junctions: Points, width: float, random_state: int | None) -> Graph:
    """The graph along the branches: junctions, and between them the nodes of a network, in the order of the pixels."""
    used = sorted({end for branch in branches for end in branch.ends if end >= 0})
    places = [junctions[end] for end in used]
    numbers = {end: number for number, end in enumerate(used)}
    trained = _trained(np.concatenate([branch.pixels for branch in branches]), width, random_state)
    nodes = need("scipy.spatial", _TRACING).cKDTree(trained)
    edges: list[tuple[int, int]] = []
    for branch in branches:
        ends = [junctions[end] if end >= 0 else None for end in branch.ends]
        line = _nodes_along(branch, nodes, ends, _NEAR_JUNCTION * width)
        chain = list(range(len(places), len(places) + len(line)))
        places += list(line)
        if branch.ends[0] >= 0:
            chain.insert(0, numbers[branch.ends[0]])
        if branch.ends[1] >= 0:
            chain.append(numbers[branch.ends[1]])
        if branch.is_ring and len(chain) > 2:
            chain.append(chain[0])
        edges += itertools.pairwise(chain)
    return Graph(np.array(places)[:, ::-1] * (1, -1), np.array(edges, dtype=int).reshape(-1, 2))


def _trained(pixels: Pixels, width: float, random_state: int | None) -> Points:
    """(n, 2) rows and columns: nodes of a network trained on the pixels, about `_SPACING` apart."""
    signals = pixels.astype(np.float32)
    if len(signals) < 2:
        return signals.astype(float)
    n_nodes = max(2, round(1.1 * len(signals) / (_SPACING * width)))
    n_epochs = max(5, n_nodes * (LAM + _AFTER_GROWTH) / len(signals))
    return trained(
        signals,
        n_nodes,
        n_epochs,
        random_state,
        eps_b=0.2,
        eps_b_end=0.02,
        eps_n=0.005,
        eps_n_end=0.0002,
        decay=0.9995,
    )


def _nodes_along(branch: _Branch, nodes: Any, ends: list[Points | None], clear: float) -> list[Points]:
    """(k, 2): the nodes, a tree of them, that win the pixels of a branch, in their order, with its free ends.

    Each is put on the mean of the pixels it wins here: a node may also win some of another branch that comes near.
    Pixels within `clear` of a junction have none, as far as others are left.
    """
    pixels = branch.pixels
    is_clear = np.ones(len(pixels), dtype=bool)
    for end in ends:
        if end is not None:
            is_clear &= np.linalg.norm(pixels - end, axis=1) > clear
    inner = pixels[is_clear] if is_clear.sum() >= 3 else pixels
    winners = nodes.query(inner)[1]
    cuts = np.flatnonzero(np.diff(winners)) + 1
    runs = np.split(np.arange(len(inner)), cuts)
    line = [inner[run].mean(axis=0) for run in runs]
    is_loop = branch.is_ring or (ends[0] is not None and branch.ends[0] == branch.ends[1])
    # A loop has at least three corners, and a line between junctions one of its own, or it would be lost.
    while len(line) < (3 if is_loop else 1) and len(inner) >= 3:
        line = [part.mean(axis=0) for part in np.array_split(inner, 3)]
    if not branch.is_ring and len(pixels) > 1:
        line = [pixels[0].astype(float)] * (ends[0] is None) + line + [pixels[-1].astype(float)] * (ends[1] is None)
    return line

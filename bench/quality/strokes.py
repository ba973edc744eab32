"""Strokes: the metrics and the signatures of the quality tables. `python bench/quality/strokes.py` prints them."""

import itertools
import time

import numpy as np
from PIL import Image, ImageDraw

WIDTH = 5
SHAPE = (200, 480)
_LARGER = 4


def signature(seed, n_strokes=2):
    """A made signature: (200, 480) uint8, and its strokes as (k, 2) arrays of column and row.

    A stroke is a spline through points that wander from left to right and up and down, now and then back in a loop. As
    a hand's, it has no turn tighter than the pen is wide: a tighter one is a blot, which no eye could follow either.
    """
    rng = np.random.default_rng(seed)
    lines = []
    while len(lines) < n_strokes:
        line = _stroke(rng, *((25, 455) if not lines else (60, 420)))
        if _tightest(line) > 1.2 * WIDTH and line.min() > WIDTH and (line[:, 0].max() < 474 and line[:, 1].max() < 194):
            lines.append(line)
    return picture_of(lines), lines


def _stroke(rng, left, right):
    from scipy.interpolate import splev, splprep

    n = int(rng.integers(7, 12))
    start = rng.uniform(left, left + 0.3 * (right - left))
    stop = rng.uniform(start + 0.5 * (right - start), right)
    x = np.linspace(start, stop, n) + rng.normal(0, 0.5 * (stop - start) / n, n)
    y = 100 + rng.normal(0, 45, n)
    return np.column_stack(splev(np.linspace(0, 1, 3000), splprep([x, y], s=0, k=3)[0]))


def _tightest(line):
    """The smallest radius of curvature of a line."""
    first, second = np.gradient(line, axis=0), np.gradient(np.gradient(line, axis=0), axis=0)
    bend = np.abs(first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0])
    return float((np.linalg.norm(first, axis=1) ** 3 / np.maximum(bend, 1e-12)).min())


def picture_of(lines, shape=SHAPE, width=WIDTH):
    """Lines drawn with a round pen, (h, w) uint8."""
    sheet = Image.new("L", (shape[1] * _LARGER, shape[0] * _LARGER), 255)
    draw = ImageDraw.Draw(sheet)
    radius = width * _LARGER / 2
    for line in lines:
        for x, y in (line + 0.5) * _LARGER:
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=20)
    return np.asarray(sheet.resize((shape[1], shape[0]), Image.Resampling.BOX))


def measured(picture, lines, width=WIDTH, seed=0):
    """What is drawn of a made signature against its ink and its true strokes, as a dict.

    components, cycles : of the graph; pieces, holes : of the ink, 8-connected, without holes of 1 or 2 pixels, which
        are where the raster happens to let paper through between two strokes that graze each other
    lifts : number of drawn strokes; true : whether they are the true ones
    deviation : mean distance of the drawn lines from the medial axis, in stroke widths
    outside : share of the drawn lines outside the ink; covered : share of the medial axis within half a width of a line
    seconds : from the picture to the drawing
    """
    from gng_fast.art.writing.handwriting import trace_handwriting
    from gng_fast.art.writing.order import in_writing_order
    from gng_fast.art.writing.strokes import smooth, trails

    started = time.perf_counter()
    found = trace_handwriting(picture, seed=seed)
    graph = found.graph
    drawn = [
        smooth(graph.nodes[path], found.width) * (1, -1)
        for path in in_writing_order(trails(graph, found.width, found.excess, found.outline), graph, found.width)
    ]
    seconds = time.perf_counter() - started
    ink = picture < (20 + 255) / 2
    result = {
        "components": graph.n_components,
        "cycles": graph.n_edges - graph.n_nodes + graph.n_components,
        "lifts": len(drawn),
        "seconds": seconds,
        **ink_topology(ink),
        **ink_distances(ink, drawn, width),
    }
    result["topology"] = (result["components"], result["cycles"]) == (result["pieces"], result["holes"])
    result["true"] = lines is not None and same_strokes(drawn, lines, width)
    return result


def measured_plainly(picture, width=WIDTH, seed=0):
    """The same figures, as far as they apply, of a plain network on the dark pixels: every edge a line.

    Its nodes are a stroke width apart along the skeleton, its lifts the fewest that any order of its edges can have.
    """
    from skimage.morphology import skeletonize

    from gng_fast import recipes

    ink = picture < (20 + 255) / 2
    points = recipes.points_of(picture, blur=0, threshold=0.54, offset=0)
    nodes = max(2, round(np.count_nonzero(skeletonize(ink)) / width))
    graph = recipes.train(points, nodes=nodes, epochs=40, seed=seed).graph_
    odd = np.bincount(graph.components, weights=graph.degrees % 2)
    result = {
        "components": graph.n_components,
        "cycles": graph.n_edges - graph.n_nodes + graph.n_components,
        "lifts": int(np.maximum(1, odd / 2).sum()),
        **ink_topology(ink),
        **ink_distances(ink, list((graph.nodes * (1, -1))[graph.edges]), width),
    }
    result["topology"] = (result["components"], result["cycles"]) == (result["pieces"], result["holes"])
    return result


def ink_topology(ink):
    """pieces and holes of a mask, see `measured`."""
    from scipy.ndimage import label

    pieces = label(ink, np.ones((3, 3)))[1]
    paper = np.bincount(label(~np.pad(ink, 1))[0].ravel())[1:]
    return {"pieces": pieces, "holes": int((paper > 2).sum()) - 1}


def ink_distances(ink, drawn, width):
    """deviation, outside and covered, see `measured`."""
    from scipy.ndimage import distance_transform_edt, map_coordinates, zoom
    from scipy.spatial import cKDTree
    from skimage.morphology import skeletonize

    factor = 5
    axis = np.argwhere(skeletonize(zoom(ink.astype(float), factor, order=1, grid_mode=True, mode="nearest") > 0.5))
    axis = (axis[:, ::-1] + 0.5) / factor - 0.5
    points = np.concatenate([even(line, 0.25) for line in drawn])
    away = distance_transform_edt(~ink)
    outside = map_coordinates(away, points.T[::-1], order=1, mode="nearest") > 0.75
    return {
        "deviation": cKDTree(axis).query(points)[0].mean() / width,
        "outside": outside.mean(),
        "covered": (cKDTree(points).query(axis)[0] <= 0.5 * width).mean(),
    }


def even(line, step):
    """Points `step` apart along a line."""
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    at = np.linspace(0, along[-1], max(2, round(along[-1] / step)))
    return np.column_stack([np.interp(at, along, line[:, axis]) for axis in (0, 1)])


def same_strokes(drawn, lines, width):
    """Whether each true stroke is a drawn one: 98 % of either within a stroke width of the other, ends within two."""
    from scipy.spatial import cKDTree

    if len(drawn) != len(lines):
        return False
    drawn, lines = ([even(line, 1.0) for line in group] for group in (drawn, lines))

    def alike(one, other):
        near = all((cKDTree(p).query(q)[0] <= width).mean() >= 0.98 for p, q in ((one, other), (other, one)))
        ends = min(np.linalg.norm(one[[0, -1]] - other[order], axis=1).max() for order in ([0, -1], [-1, 0]))
        return near and ends <= 2 * width

    return any(all(alike(*pair) for pair in zip(order, lines)) for order in itertools.permutations(drawn))


def table(n=50):
    """Print the mean figures of n made signatures, plain and ours, with their targets."""
    made = [signature(seed) for seed in range(n)]
    plain = [measured_plainly(picture) for picture, _ in made]
    ours = [measured(picture, lines) for picture, lines in made]
    print(f"{'':10}    plain      ours   target, {n} signatures of 2 strokes")
    for name, target in TARGETS.items():
        means = [
            f"{np.mean([row[name] for row in rows]):9.4f}" if name in rows[0] else f"{'':9}" for rows in (plain, ours)
        ]
        print(f"{name:10}{means[0]} {means[1]}   {target}")
    print("not the true strokes:", [seed for seed, row in enumerate(ours) if not row["true"]])


TARGETS = {
    "topology": ">= .95",
    "true": ">= .90",
    "deviation": "<= .05",
    "outside": "<= .001",
    "covered": ">= .99",
    "lifts": "2",
    "seconds": "< .5",
}


if __name__ == "__main__":
    table()

"""Do shapes reach their edges? IoU, area and gap of plain Growing Neural Gas and of the style "shape".

python bench/quality/shape.py [--quick]
"""

import argparse
import sys
import time

import numpy as np
from scipy import ndimage
from scipy.spatial import cKDTree

from gng_fast import recipes

SUBPIXELS = 4
# A face this many times larger than the median face is a hole of the drawing, and not filled.
LARGEST_FACE = 8


def shapes():
    """Return the test shapes: name -> (mask, nodes)."""
    from skimage import data, draw, filters

    coins = data.coins()
    height, width = 300, 400
    star = np.zeros((height, width), bool)
    angle = np.arange(14) * np.pi / 7
    radius = np.where(np.arange(14) % 2, 60, 140)
    star[draw.polygon(height / 2 + radius * np.cos(angle), width / 2 + radius * np.sin(angle), star.shape)] = True
    blobs = data.binary_blobs(length=400, blob_size_fraction=0.15, volume_fraction=0.45, rng=1)
    bright = ndimage.binary_fill_holes(filters.gaussian(coins, 2) > filters.threshold_otsu(coins) / 255)
    return {"horse": ~data.horse().astype(bool), "coins": bright, "glyphs": glyphs(), "blobs": blobs, "star": star}


def glyphs():
    """Return letters and numbers, 110 pixels high, as a mask."""
    from PIL import Image, ImageDraw, ImageFont

    picture = Image.new("L", (420, 300), 0)
    for row, text in enumerate(("Rag&5", "eQ8gS")):
        ImageDraw.Draw(picture).text((15, 5 + 140 * row), text, 255, ImageFont.load_default(130))
    return np.asarray(picture) > 127


def measure(graph, mask):
    """Return (IoU, area ratio, gap) of a graph in pixels at (column, -row) against a (h, w) mask.

    The edges are drawn and the faces filled at `SUBPIXELS` times the resolution. The gap is the mean distance of points
    on the outline to the nearest drawn line, in mean edge lengths.
    """
    drawn = filled(graph, mask.shape)
    truth = np.repeat(np.repeat(mask, SUBPIXELS, 0), SUBPIXELS, 1)
    iou = (drawn & truth).sum() / (drawn | truth).sum()
    return float(iou), float(drawn.sum() / truth.sum()), gap(graph, mask)


def filled(graph, shape):
    """Return the drawn edges with the faces they enclose, (4 h, 4 w) bool."""
    from PIL import Image, ImageDraw

    height, width = shape
    margin = SUBPIXELS
    picture = Image.new("L", (width * SUBPIXELS + 2 * margin, height * SUBPIXELS + 2 * margin), 0)
    ends = (graph.nodes.astype(float) * (1, -1) + 0.5) * SUBPIXELS - 0.5 + margin
    for line in np.rint(ends[graph.edges].reshape(-1, 4)).astype(int).tolist():
        ImageDraw.Draw(picture).line(line, fill=1)
    lines = np.asarray(picture).astype(bool)
    faces, n = ndimage.label(~lines)
    sizes = np.bincount(faces.ravel(), minlength=n + 1)
    small = sizes <= LARGEST_FACE * np.median(sizes[1:])
    small[faces[0, 0]] = False
    return (lines | small[faces])[margin:-margin, margin:-margin]


def gap(graph, mask):
    from skimage.measure import find_contours

    outline = np.concatenate(find_contours(np.pad(mask, 1).astype(float), 0.5))[:, ::-1] - 1
    ends = graph.nodes.astype(float)[graph.edges]
    steps = max(2, int(graph.edge_lengths().max() * 10))
    t = np.linspace(0, 1, steps)[:, None]
    drawn = np.concatenate([ends[:, 0] * (1 - s) + ends[:, 1] * s for s in t])
    return float(cKDTree(drawn).query(outline * (1, -1))[0].mean() / graph.edge_lengths().mean())


def plain(mask, nodes, seed):
    return recipes.train(recipes.points_of(~mask, blur=0, threshold=0.5), nodes=nodes, seed=seed).graph_


def ours(mask, nodes, seed):
    return recipes.make(~mask, "shape", nodes=nodes, seed=seed, blur=0).graph


#: name of the shape, nodes, least IoU, range of the area ratio, largest gap
TARGETS = [
    ("horse", 1200, 0.985, (0.99, 1.01), 0.03),
    ("horse", 300, 0.97, None, None),
    ("coins", 1500, 0.96, None, None),
    ("glyphs", 1500, 0.96, None, None),
    ("blobs", 1500, 0.96, None, None),
    ("star", 1500, 0.96, None, None),
]


def met(iou, area, gap, target):
    """Whether a measurement meets a row of `TARGETS`."""
    _, _, least, areas, largest = target
    return iou >= least and (areas is None or areas[0] <= area <= areas[1]) and (largest is None or gap <= largest)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two seeds and not ten")
    seeds = range(2 if parser.parse_args().quick else 10)
    masks, fails = shapes(), 0
    print(f"{'shape':>8}{'nodes':>6}{'':>7}{'IoU':>15}{'area':>15}{'gap':>15}{'CPU s':>7}  met")
    for target in TARGETS:
        name, nodes, *_ = target
        for label, make in ("plain", plain), ("shape", ours):
            started = time.process_time()
            values = np.array([measure(make(masks[name], nodes, seed), masks[name]) for seed in seeds])
            seconds = (time.process_time() - started) / len(seeds)
            n_met = sum(met(*value, target) for value in values.tolist())
            ranges = "".join(f"{low:8.4f}-{high:.4f}" for low, high in zip(values.min(0), values.max(0)))
            print(f"{name:>8}{nodes:>6}{label:>7}{ranges}{seconds:>7.2f}  {n_met}/{len(seeds)}", flush=True)
            fails += label == "shape" and n_met < len(seeds)
    return int(fails > 0)


if __name__ == "__main__":
    sys.exit(main())

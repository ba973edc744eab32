"""Strokes: the metrics and the signatures of the quality tables. `python bench/quality_strokes.py` prints them."""

import numpy as np
from PIL import Image, ImageDraw

WIDTH = 5
SHAPE = (200, 480)
_LARGER = 4


def signature(seed, n_strokes=2):
    """A made signature: (200, 480) uint8, and its strokes as (k, 2) arrays of column and row.

    A stroke is a smooth line through points that wander from left to right and up and down, as a signature does.
    """
    from scipy.interpolate import splev, splprep

    rng = np.random.default_rng(seed)
    lines = []
    for part in range(n_strokes):
        n = int(rng.integers(7, 12))
        start, stop = (25, rng.uniform(300, 455)) if part == 0 else sorted(rng.uniform(40, 440, 2))
        if part and stop - start < 120:
            stop = min(455, start + 160)
        x = np.linspace(start, stop, n) + rng.normal(0, 0.35 * (stop - start) / n, n)
        y = np.clip(100 + rng.normal(0, 45, n), 20, 180)
        spline = splprep([np.clip(x, 15, 465), y], s=0, k=3)[0]
        lines.append(np.column_stack(splev(np.linspace(0, 1, 1500), spline)).clip(8, (471, 191)))
    return picture_of(lines), lines


def picture_of(lines, shape=SHAPE, width=WIDTH):
    """Lines drawn with a round pen, (h, w) uint8."""
    sheet = Image.new("L", (shape[1] * _LARGER, shape[0] * _LARGER), 255)
    draw = ImageDraw.Draw(sheet)
    radius = width * _LARGER / 2
    for line in lines:
        for x, y in (line + 0.5) * _LARGER:
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=20)
    return np.asarray(sheet.resize((shape[1], shape[0]), Image.Resampling.BOX))

"""Letters: the pieces of ink in a picture that may be parts of them, and how high letters are around each."""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from gng_fast.art.image.picture import Mask
from gng_fast.art.writing.ink import TOUCHING, stroke_width
from gng_fast.optional import need

#: (x0, y0, x1, y1) of pieces of ink, or (x, y, width, height) of words, (n, 4).
Boxes = NDArray[np.float64]
#: Numbers of pieces, words or nodes; pairs of them, (m, 2).
Numbers = NDArray[np.int64]

# In heights of a small letter, x, nearby.
_SMALL = 0.45  # dots, commas, accents and hyphens are less high
_LARGE = 4.5  # letters are less high, and no rule across the page is shorter than three times that
_OVER_A_LETTER = 0.5  # a dot or accent is nearer than that to its letter
# What libraries are needed for.
_PARTING = "finding words"


class Letters:
    """Pieces of ink: their boxes (x0, y0, x1, y1), and `height`, that of the letters around each."""

    def __init__(self, labels: Numbers, numbers: Numbers, boxes: Boxes, height: NDArray[np.float64]) -> None:
        self.labels, self.numbers, self.boxes, self.height = labels, numbers, boxes, height
        self.wide, self.high = (boxes[:, 2] - boxes[:, 0]), (boxes[:, 3] - boxes[:, 1])
        self.small = self.high < _SMALL * height

    def __len__(self) -> int:
        return len(self.numbers)

    @classmethod
    def of(cls, mask: Mask) -> "Letters":
        """The pieces of ink in a mask that may be parts of letters."""
        ndimage = need("scipy.ndimage", _PARTING)
        labels, _ = ndimage.label(mask, TOUCHING)
        found = ndimage.find_objects(labels)
        boxes = np.array([(x.start, y.start, x.stop, y.stop) for y, x in found], dtype=float).reshape(-1, 4)
        numbers = np.arange(1, len(boxes) + 1)
        areas = np.bincount(labels.ravel(), minlength=len(boxes) + 1)[1:]
        # Noise leaves specks of a few pixels, against which no height could be measured.
        keep = areas > 0.5 * (stroke_width(mask) if len(boxes) else 0) ** 2
        numbers, boxes = numbers[keep], boxes[keep]
        for _ in range(2):
            height = _height_around(boxes)
            wide, high = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
            rule = (wide > 3 * _LARGE * height) & (high <= height)
            keep = (high <= _LARGE * height) & ~rule
            numbers, boxes = numbers[keep], boxes[keep]
        return cls(labels, numbers, boxes, _height_around(boxes))

    @cached_property
    def pixels(self) -> list[Numbers]:
        """The (row, column) pixels of each piece, row by row, as a list of (k, 2) arrays."""
        rows, columns = np.nonzero(self.labels)
        owner = self.labels[rows, columns]
        order = np.argsort(owner, kind="stable")
        places = np.column_stack([rows, columns])[order]
        starts = np.searchsorted(owner[order], self.numbers)
        stops = np.searchsorted(owner[order], self.numbers, side="right")
        return [places[start:stop] for start, stop in zip(starts, stops)]


def _height_around(boxes: Boxes, neighbours: int = 30) -> NDArray[np.float64]:
    """(n,): the height of a letter like x near each piece, on its own line first.

    About half of the letters have it; dots and commas are less high, and a few others are higher.
    """
    high = boxes[:, 3] - boxes[:, 1]
    if not len(boxes):
        return high
    centres = np.column_stack([boxes[:, 0] + boxes[:, 2], 4 * (boxes[:, 1] + boxes[:, 3])]) / 2
    tree = need("scipy.spatial", _PARTING).cKDTree(centres)
    near = high[tree.query(centres, k=min(neighbours, len(boxes)))[1].reshape(len(boxes), -1)]
    tall = near >= _SMALL * np.percentile(near, 60, axis=1, keepdims=True)
    heights: NDArray[np.float64] = np.nanpercentile(np.where(tall, near, np.nan), 35, axis=1)
    return heights


def accents(letters: Letters) -> Numbers:
    """Return (m, 2): small pieces right above or below another, and that other."""
    small = np.flatnonzero(letters.small)
    if not len(small) or len(letters) < 2:
        return np.empty((0, 2), dtype=int)
    boxes = letters.boxes
    middle = np.column_stack([boxes[:, 0] + boxes[:, 2], boxes[:, 1] + boxes[:, 3]]) / 2
    near = need("scipy.spatial", _PARTING).cKDTree(middle).query(middle[small], k=min(12, len(letters)))[1]
    a, b = np.repeat(small, near.shape[1]), near.ravel()
    across = np.minimum(boxes[a, 2], boxes[b, 2]) - np.maximum(boxes[a, 0], boxes[b, 0])
    down = np.maximum(boxes[a, 1], boxes[b, 1]) - np.minimum(boxes[a, 3], boxes[b, 3])
    over = across >= 0.5 * np.minimum(letters.wide[a], letters.wide[b])
    fits = (a != b) & over & (down < _OVER_A_LETTER * letters.height[a])
    a, b, down = a[fits], b[fits], down[fits]
    order = np.lexsort((down, a))
    first = np.unique(a[order], return_index=True)[1]
    return np.column_stack([a, b])[order[first]]

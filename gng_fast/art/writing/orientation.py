"""How a page of text lies: upright, or on its side."""

import numpy as np
from numpy.typing import NDArray

from gng_fast.art.image.picture import Mask
from gng_fast.art.writing.letters import Boxes, Letters, accents
from gng_fast.optional import need

# Letters with a neighbour, at least: with fewer there is no telling a line of text from a column of letters.
_FEWEST = 12
# Share of them whose nearest neighbour is beside them, not above or below: 0.95 on an upright page, 0.05 on its side.
_BESIDE = 0.3
# In sizes of a letter: neighbours are that near in most type. Lines of joined handwriting, too, lie nearer to each
# other than its words, but not that near.
_NEAR = 0.5
# In sizes of a letter: so much a letter reaches above its neighbour, or hangs below it.
_STEP = 0.25
# Neighbours looked at.
_NEAREST = 9


def quarter_turns(mask: Mask) -> int:
    """Return how many quarter turns to the left put a page upright: 0, 1 if its top is at the right, 3 at the left.

    On a page on its side letters have their nearest neighbours above and below. What is up shows in its letters: more
    of them reach above a line than hang below it, and more have dots above than below.
    """
    boxes = _large(Letters.of(mask))
    _, _, beside = _neighbours(boxes, 0)
    _, _, below = _neighbours(boxes, 1)
    either = np.isfinite(beside) | np.isfinite(below)
    if np.count_nonzero(either) < _FEWEST or np.mean(beside[either] <= below[either]) > _BESIDE:
        return 0
    size = np.median(boxes[:, 2:] - boxes[:, :2], axis=0).min()
    if np.median(below[either]) > _NEAR * size:
        return 0
    return 1 if _is_upright(Letters.of(np.rot90(mask))) else 3


def _is_upright(letters: Letters) -> bool:
    """Whether lines of text lie upright, not upside down."""
    boxes = _large(letters)
    a, b, _ = _neighbours(boxes, 0)
    step = _STEP * np.median(boxes[:, 3] - boxes[:, 1])
    tops, feet = (np.count_nonzero(np.abs(boxes[a, side] - boxes[b, side]) > step) for side in (1, 3))
    dots, owners = accents(letters).T
    above = np.count_nonzero(letters.boxes[dots, 3] <= letters.boxes[owners, 1])
    return bool(tops + above >= feet + len(dots) - above)


def _large(letters: Letters) -> Boxes:
    """The boxes of pieces that are no dots, whichever way the page lies."""
    sizes = np.maximum(letters.wide, letters.high)
    large: Boxes = letters.boxes[sizes > 0.5 * np.median(sizes)] if len(letters) else letters.boxes
    return large


def _neighbours(boxes: Boxes, axis: int) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Pairs of boxes that lie beside each other (axis 0), or above each other (axis 1), and the least gap of each box.

    Such boxes share half the height, or width, of the smaller one.
    """
    gaps = np.full(len(boxes), np.inf)
    if len(boxes) < 2:
        return np.empty(0, dtype=int), np.empty(0, dtype=int), gaps
    middles = (boxes[:, :2] + boxes[:, 2:]) / 2
    near = need("scipy.spatial", "finding words").cKDTree(middles).query(middles, k=min(_NEAREST, len(boxes)))[1]
    a, b = np.repeat(np.arange(len(boxes)), near.shape[1]), near.ravel()
    shared = np.minimum(boxes[a, 2:], boxes[b, 2:]) - np.maximum(boxes[a, :2], boxes[b, :2])
    sizes = boxes[:, 2:] - boxes[:, :2]
    across = 1 - axis
    fits = (
        (a != b) & (shared[:, across] >= 0.5 * np.minimum(sizes[a, across], sizes[b, across])) & (shared[:, axis] <= 0)
    )
    a, b, shared = a[fits], b[fits], shared[fits]
    np.minimum.at(gaps, a, -shared[:, axis])
    return a, b, gaps

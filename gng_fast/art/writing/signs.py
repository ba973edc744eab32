"""Signs that make no word alone, told from letters and digits by their shape.

A word needs a letter or a digit. Dashes, dots, leaders and = are no higher than the dots of letters; what follows is as
high as letters are:

- ? and ! have a dot below;
- bullets and + look the same after a quarter turn, and the lines through their middles are ink all along;
- brackets, < and > have a single run of ink in each row, which comes from one side and goes back there;
- & has a loop on a wider bowl, and its leg stands out at the right of its foot.

What looks like a letter, as | like an l, is one.
"""

import numpy as np
from numpy.typing import NDArray

from gng_fast.art.image.picture import Mask
from gng_fast.art.writing.letters import Letters, accents
from gng_fast.optional import need

# Shares of the width of a piece.
_NARROW = 0.62  # a run of ink in a row of < or >
_BOW = 0.3  # how far its middle moves
_WAIST = 0.015, 0.15  # of & at its left, between loop and bowl: less than an a's, more than a P's
_LOOP = 0.08, 0.04  # how far the loop stays inside the bowl at the left, and inside the leg at the right
_LEG = 0.07  # how far paper comes in above the leg
# Height is width, for bullets and +, but for so much of it.
_SQUARE = 0.2
# Share of the ink that a quarter turn leaves where it was.
_TURNED = 0.75


def letters_and_digits(letters: Letters) -> NDArray[np.bool_]:
    """Return which pieces of ink may be letters or digits, (n,) bool."""
    is_letter = ~letters.small
    dots, owners = accents(letters).T
    dots, owners = dots[is_letter[owners]], owners[is_letter[owners]]
    is_below = letters.boxes[dots, 1] >= letters.boxes[owners, 3]
    # an umlaut over a letter speaks for it, whatever lies below
    dotted = np.setdiff1d(owners[is_below], owners[~is_below])
    is_letter[dotted] = False
    for piece in np.flatnonzero(is_letter):
        places = letters.pixels[piece]
        shape = np.zeros(tuple(np.ptp(places, axis=0) + 1), dtype=bool)
        shape[tuple((places - places.min(axis=0)).T)] = True
        is_letter[piece] = not (_is_bullet_or_plus(shape) or _is_bracket(shape) or _is_ampersand(shape))
    return is_letter


def _is_bullet_or_plus(shape: Mask) -> bool:
    """Whether a piece is as high as wide, inked along both middle lines, and much the same after a quarter turn."""
    height, width = shape.shape
    if abs(height - width) > _SQUARE * max(height, width):
        return False
    middle = slice((height - 1) // 2, height // 2 + 1), slice((width - 1) // 2, width // 2 + 1)
    if not (shape[middle[0]].all() and shape[:, middle[1]].all()):
        return False
    side = max(height, width)
    square = np.zeros((side, side), dtype=bool)
    top, left = (side - height) // 2, (side - width) // 2
    square[top : top + height, left : left + width] = shape
    turned = np.rot90(square)
    return bool(np.count_nonzero(square & turned) > _TURNED * np.count_nonzero(square | turned))


def _is_bracket(shape: Mask) -> bool:
    """Whether a piece is a single thin line from top to bottom whose middle lies to one side of both its ends."""
    height, width = shape.shape
    left, right = shape.argmax(axis=1), width - 1 - shape[:, ::-1].argmax(axis=1)
    runs = right - left + 1
    if (shape.sum(axis=1) != runs).any() or runs.max() > _NARROW * width:
        return False
    middles = (left + right) / 2
    ends = middles[[0, -1]]
    tip = middles[height // 4 : height - height // 4]
    away = max(tip.max() - ends.max(), ends.min() - tip.min())
    return bool(away > _BOW * width)


def _is_ampersand(shape: Mask) -> bool:
    """Whether a piece has the outline of & at either side, and a hole."""
    height, width = shape.shape
    left, right = shape.argmax(axis=1) / width, shape[:, ::-1].argmax(axis=1) / width
    upper, middle, lower = slice(int(0.4 * height)), slice(int(0.2 * height), int(0.6 * height)), int(0.6 * height)
    if left[upper].min() < _LOOP[0] or right[upper].min() < _LOOP[1]:
        return False
    waist = _notches(left)[middle].max()
    if not _WAIST[0] < waist < _WAIST[1] or _notches(right)[lower:].max() < _LEG:
        return False
    pieces_of_paper: int = need("scipy.ndimage", "finding words").label(~np.pad(shape, 1))[1]
    return pieces_of_paper > 1


def _notches(profile: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n,): how deep the paper comes in at each row, between ink above and ink below that both stand out further."""
    above = np.minimum.accumulate(profile)
    below = np.minimum.accumulate(profile[::-1])[::-1]
    return profile - np.maximum(above, below)

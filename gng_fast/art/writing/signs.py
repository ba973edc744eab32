"""Signs that make no word alone, told from letters and digits by their shape.

A word needs a letter or a digit. Dashes, dots, leaders and = are no higher than the dots of letters; what follows is as
high as letters are:

- ? and ! have a dot below;
- bullets and + look the same after a quarter turn, and the lines through their middles are ink all along;
- brackets, < and > have a single run of ink in each row, which comes from one side and goes back there;
- & has a loop on a wider bowl, and its leg stands out at the right of its foot;
- | is a bar that reaches from above the letters to below them, farther than an l or I;
- / is a straight line that leans more than an italic I, and % has a ring at either side of one;
- two lines of # cross two others, so that a row meets two, one, two, one and two of them;
- @ is a letter in a ring that is open on one side: rows and columns meet ink four times, and its corners are empty.

What looks like a letter otherwise is one.
"""

import itertools
import math

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
# In heights of a small letter: | is higher, and l and I are less high.
_HIGH = 1.65
# In widths of the line: | and / are no wider anywhere, and their sides are that straight.
_STRAIGHT = 0.35
# Sideways for a width of height: / leans by more, and italic letters by less.
_LEANING = 0.22
# In heights of /: a ring of % is less high; and its middle lies off that of / by more.
_RING, _OFF = 0.7, 0.12
# In widths of a joined %: so far apart its holes are.
_APART = 0.3
# Shares of the height and width of @: its corners, without ink; and the middle, where it meets ink so often.
_CORNER, _MIDDLE, _CROSSED = 0.1, (0.35, 0.65), 4
# Shares of the height of a #: shorter runs of rows with as many lines are where these lean.
_ROWS = 0.04
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
    slashes: list[int] = []
    for piece in np.flatnonzero(is_letter).tolist():
        places = letters.pixels[piece]
        shape = np.zeros(tuple(np.ptp(places, axis=0) + 1), dtype=bool)
        shape[tuple((places - places.min(axis=0)).T)] = True
        lean = _lean(shape)
        is_bar = lean is not None and letters.high[piece] > _HIGH * letters.height[piece]
        if lean is not None and abs(lean) > _LEANING:
            slashes.append(piece)
        is_letter[piece] = not (is_bar or any(is_sign(shape) for is_sign in _SIGNS))
    is_letter[slashes] = False
    for slash in slashes:
        is_letter[_rings(letters, slash)] = False
    return is_letter


def _lean(shape: Mask) -> float | None:
    """How far a straight line goes to the side for its height; None if a piece is none, or lies flat."""
    height, width = shape.shape
    left, right = shape.argmax(axis=1), width - 1 - shape[:, ::-1].argmax(axis=1)
    runs = right - left + 1
    inner = slice(height // 8, height - height // 8)
    across = float(np.median(runs))
    if height < width or (shape.sum(axis=1) != runs).any() or height < 3 * across:
        return None
    rows = np.arange(height)[inner]
    slope, start = np.polyfit(rows, ((left + right) / 2)[inner], 1)
    off = np.abs(((left + right) / 2)[inner] - slope * rows - start)
    if max(off.max(), np.abs(runs[inner] - across).max()) > max(1.0, _STRAIGHT * across):
        return None
    return float(slope) if runs.max() < (1 + _STRAIGHT) * across + 1 else None


def _rings(letters: Letters, slash: int) -> list[int]:
    """The two pieces that make % of a line that leans: one above at one side, one below at the other; or none."""
    x0, y0, x1, y1 = letters.boxes[slash]
    wide, high = x1 - x0, y1 - y0
    x, y = ((letters.boxes[:, axis] + letters.boxes[:, axis + 2]) / 2 for axis in (0, 1))
    near = (np.abs(x - (x0 + x1) / 2) < 0.5 * (wide + high)) & (y > y0) & (y < y1) & (letters.high < _RING * high)
    off = (y - (y0 + y1) / 2) / high
    above = np.flatnonzero(near & (off < -_OFF) & (x < (x0 + x1) / 2)).tolist()
    below = np.flatnonzero(near & (off > _OFF) & (x > (x0 + x1) / 2)).tolist()
    return [above[-1], below[0]] if above and below else []


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


def _is_joined_percent(shape: Mask) -> bool:
    """Whether a piece has two holes, one above at the left, the other below at the right."""
    ndimage = need("scipy.ndimage", "finding words")
    labels, n = ndimage.label(~np.pad(shape, 1))
    areas = np.bincount(labels.ravel(), minlength=n + 1)
    holes = [number for number in range(1, n + 1) if number != labels[0, 0] and areas[number] > 0.01 * shape.size]
    if len(holes) != 2:
        return False
    (y0, x0), (y1, x1) = sorted(ndimage.center_of_mass(labels > 0, labels, holes), key=lambda place: place[1])
    height, width = shape.shape
    return bool(x1 - x0 > _APART * width and y1 - y0 > _APART * height)


def _is_hash(shape: Mask) -> bool:
    """Whether the rows of a piece meet two lines, one, two, one and two."""
    met = [(n, len(list(rows))) for n, rows in itertools.groupby(_crossings(shape))]
    return [n for n, n_rows in met if n_rows > _ROWS * len(shape)] == [2, 1, 2, 1, 2]


def _is_at(shape: Mask) -> bool:
    """Whether a piece has empty corners, and its middle rows and columns meet ink four times."""
    n_rows, n_columns = (math.ceil(_CORNER * side) for side in shape.shape)
    top, bottom, left, right = slice(n_rows), slice(-n_rows, None), slice(n_columns), slice(-n_columns, None)
    # the ring may end in the corner below at the right
    if any(shape[corner].any() for corner in ((top, left), (top, right), (bottom, left))):
        return False
    for across in (shape, shape.T):
        first, last = (int(share * len(across)) for share in _MIDDLE)
        if max(_crossings(across[first:last]), default=0) < _CROSSED:
            return False
    return True


def _crossings(shape: Mask) -> list[int]:
    """How many runs of ink each row has."""
    before = np.pad(shape, ((0, 0), (1, 0)))[:, :-1]
    crossings: list[int] = np.count_nonzero(shape & ~before, axis=1).tolist()
    return crossings


# Each tells pieces that are signs by themselves.
_SIGNS = (_is_bullet_or_plus, _is_bracket, _is_ampersand, _is_joined_percent, _is_hash, _is_at)


def _notches(profile: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n,): how deep the paper comes in at each row, between ink above and ink below that both stand out further."""
    above = np.minimum.accumulate(profile)
    below = np.minimum.accumulate(profile[::-1])[::-1]
    return profile - np.maximum(above, below)

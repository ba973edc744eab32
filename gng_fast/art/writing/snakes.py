"""Curves fitted to the outline of the ink that a round pen leaves which is led along them.

Every point of the outline lies half a pen away from the nearest curve, and no curve comes nearer to it than that. The
curves are snakes (M. Kass, A. Witkin, D. Terzopoulos, Snakes: active contour models, IJCV 1, 1988), improved by
Gauss-Newton steps.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gng_fast.art.writing.lines import STEP, Points, Values, bending
from gng_fast.optional import need

# In widths of the pen: a larger gap between curve and ink counts like that.
_MISSED = 0.5
_STEPS = 10
# A step that changes the cost by a smaller share is the last one.
_SETTLED = 0.01
# Keeps curves from sliding along themselves.
_TETHER = 1e-3


class _Feet(NamedTuple):
    """The nearest places of a curve to n points: number of its part, share along it, place, distance."""

    part: NDArray[np.int64]
    share: Values
    place: Points
    distance: Values


def misfit(middles: Sequence[Points], start: Sequence[Points], outline: Points, radius: float, weight: float) -> float:
    """Return the least cost of curves that a start leads to: how rough they are, and how far off the outline.

    Parameters
    ----------
    middles : sequence of arrays of shape (k, 2)
        Where each curve is on the whole, points `lines.STEP` apart.
    start : sequence of arrays of the same shapes
        Where each curve is tried first.
    outline : array of shape (n, 2)
    radius : float
        Half a pen.
    weight : float
        The cost of a squared distance between a point of the outline and a pen along the curves.
    """
    curves, least, before = list(start), np.inf, np.inf
    for _ in range(_STEPS):
        feet = [_feet(curve, outline) for curve in curves]
        off = np.array([each.distance for each in feet]) - radius
        nearest = off.argmin(axis=0) == np.arange(len(feet))[:, None]
        missed = np.minimum(np.abs(np.where(nearest, off, np.minimum(off, 0.0))), _MISSED)
        cost = sum(map(_roughness, curves)) + weight * float((missed**2).sum())
        least = min(cost, least)
        if abs(before - cost) < _SETTLED * cost:
            break
        before = cost
        curves = [
            _pulled(middle, each, used, outline, radius, weight)
            for middle, each, used in zip(middles, feet, nearest | (off < 0))
        ]
    return least


def _roughness(curve: Points) -> float:
    """The bending of a curve, as `lines.roughness` reckons it."""
    n = len(curve)
    band = bending(n)
    return STEP * float(
        sum((2 - (k == 0)) * (band[3 - k, k:, None] * curve[: n - k] * curve[k:]).sum() for k in range(min(4, n)))
    )


def _feet(curve: Points, points: Points) -> _Feet:
    """The nearest places of a curve to some points: on the parts beside its nearest corner."""
    corner = need("scipy.spatial.distance", "fitting strokes").cdist(points, curve).argmin(axis=1)
    tried = []
    for part in (np.maximum(corner - 1, 0), np.minimum(corner, len(curve) - 2)):
        ahead = curve[part + 1] - curve[part]
        along = ((points - curve[part]) * ahead).sum(axis=1) / np.maximum((ahead**2).sum(axis=1), 1e-12)
        share = np.clip(along, 0.0, 1.0)
        place = curve[part] + share[:, None] * ahead
        tried.append(_Feet(part, share, place, np.linalg.norm(points - place, axis=1)))
    first, second = tried
    nearer = second.distance < first.distance
    return _Feet(*(np.where(nearer if a.ndim == 1 else nearer[:, None], b, a) for a, b in zip(first, second)))


def _pulled(
    middle: Points, feet: _Feet, used: NDArray[np.bool_], outline: Points, radius: float, weight: float
) -> Points:
    """The smooth curve whose feet are half a pen away from the points of the outline that are used.

    Its unknowns are x and y of each point in turn: a band of 7 rows holds how they depend on each other.
    """
    n = len(middle)
    band = np.zeros((7, 2 * n))
    for k in range(4):
        band[6 - 2 * k, 2 * k :] = np.repeat(bending(n)[3 - k, k:], 2)
    band[6] += _TETHER
    wanted = _TETHER * middle.ravel()
    away = feet.place[used] - outline[used]
    away /= np.maximum(feet.distance[used], 1e-9)[:, None]
    target = (away * outline[used]).sum(axis=1) + radius
    share = feet.share[used, None]
    slopes = np.hstack([(1 - share) * away, share * away])
    first = 2 * feet.part[used]
    for i in range(4):
        wanted += weight / STEP * np.bincount(first + i, slopes[:, i] * target, 2 * n)
        for k in range(i, 4):
            band[6 - (k - i)] += weight / STEP * np.bincount(first + k, slopes[:, i] * slopes[:, k], 2 * n)
    solved: Values = need("scipy.linalg", "fitting strokes").solveh_banded(
        band, wanted, overwrite_ab=True, overwrite_b=True, check_finite=False
    )
    return solved.reshape(n, 2)

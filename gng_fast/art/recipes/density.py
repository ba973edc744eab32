"""Dots whose density is the darkness of a picture.

The nodes of a Growing Neural Gas follow a density with less contrast than the picture: each is to have the same share
of the error, and not of the darkness. So nodes move from where there are too many for the darkness to where there are
too few, and then each goes to the middle of the darkness around it (Secord, Weighted Voronoi stippling, 2002).
"""

import numpy as np
from numpy.typing import NDArray

from gng_fast.art import image
from gng_fast.art.drawing.tour import along_curve
from gng_fast.art.image.picture import Plane
from gng_fast.core.network import Network

# Rounds in which dots go to the middle of the darkness around them: more make them more even, and fit no better.
_ROUNDS = 4
# Radians by which each of the dots around a node follows the one before, as the seeds of sunflowers do (Vogel 1979).
_GOLDEN_ANGLE = np.pi * (3 - 5**0.5)


def of_equal_ink(nodes: NDArray[np.floating], dark: Plane) -> NDArray[np.float32]:
    """Return as many dots, so that each has the same share of the darkness of a picture.

    Parameters
    ----------
    nodes : array of shape (n, 2)
        In pixels, at (column, -row): where the dots are to be, but not how many at a place.
    dark : array of shape (h, w)
        From 0, paper, to 1, ink; not 0 everywhere.

    Returns
    -------
    array of shape (n, 2), float32
    """
    X = image.points(dark > 0)
    shares = dark[dark > 0]
    owner, ink = _cells(nodes, X, shares)
    # along a curve that fills the picture what one node cannot use goes to the next, which is near
    order = along_curve(nodes)
    due = np.cumsum(ink[order])
    copies = np.diff(np.floor(due * (len(nodes) / due[-1]) + 0.5), prepend=0).astype(int)
    dots = _around(nodes[order], np.sqrt(np.bincount(owner, minlength=len(nodes))[order] / np.pi), copies)
    for _ in range(_ROUNDS):
        owner, ink = _cells(dots, X, shares)
        sums = [np.bincount(owner, shares * part, len(dots)) for part in X.T]
        middles = np.stack(sums, axis=1) / np.maximum(ink, 1e-12)[:, None]
        dots = np.where(ink[:, None] > 1e-12, middles, dots).astype(np.float32)
    return dots


def _cells(
    dots: NDArray[np.floating], X: NDArray[np.float32], shares: Plane
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The dot that is nearest to each pixel, and the sum of the shares of the pixels of each dot."""
    network = Network(2, max_nodes=max(2, len(dots)))
    network.start(dots)
    owner = network.nearest(X)[0]
    return owner, np.bincount(owner, shares, len(dots)).astype(np.float64, copy=False)


def _around(nodes: NDArray[np.floating], radius: NDArray[np.float64], copies: NDArray[np.int64]) -> NDArray[np.float32]:
    """So many dots for each node: one at its place, several spread within the radius."""
    number = np.arange(copies.sum()) - np.repeat(np.cumsum(copies) - copies, copies)
    several = np.repeat(copies, copies)
    away = np.where(several > 1, np.sqrt((number + 0.5) / several) * np.repeat(radius, copies), 0)
    turn = number * _GOLDEN_ANGLE
    spread = np.stack([away * np.cos(turn), away * np.sin(turn)], axis=1)
    dots: NDArray[np.float32] = (np.repeat(nodes, copies, axis=0) + spread).astype(np.float32)
    return dots

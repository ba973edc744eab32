"""Data in which what only filters could mislead: f(rng, n, d) gives n vectors."""

from collections.abc import Callable

import numpy as np
from samples import uniform


def offset(rng, n, d):
    """Few bits are left of a difference, none of one of squares."""
    return 1e6 + rng.random((n, d))


def somewhat_offset(rng, n, d):
    return 100 + rng.random((n, d))


def tight(rng, n, d):
    """Clusters so narrow that in the square of a distance from the origin they are one point."""
    return rng.normal(size=(6, d))[rng.integers(0, 6, n)] + 1e-5 * rng.normal(size=(n, d))


def lattice(rng, n, d):
    """Many equal distances."""
    return rng.integers(0, 3, (n, d))


def nearly_tied(rng, n, d):
    """Distances that would be equal but for rounding."""
    return 0.37 + 0.1 * rng.integers(0, 2, (n, d))


def duplicated(rng, n, d):
    return rng.random((9, d))[rng.integers(0, 9, n)]


def faint(rng, n, d):
    """Some coordinates are set to 0 when a node wins; squares lose digits, down to 0."""
    return rng.normal(size=(n, d)) * 2.0 ** rng.integers(-75, -55, (n, d))


def vast(rng, n, d):
    return rng.normal(size=(n, d)) * 1e14


def growing(rng, n, d):
    """Its scale grows a million-fold."""
    t = np.linspace(0, 1, n)[:, None]
    return (rng.random((n, d)) + 3 * t) * 10 ** (6 * t)


DATA: list[Callable] = [uniform, offset, somewhat_offset, tight, lattice, nearly_tied, duplicated, faint, vast, growing]

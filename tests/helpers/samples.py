"""Made data that more than one room of the tests uses: each function returns rows for a generator and a shape."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[Any]


def uniform(rng: np.random.Generator, n: int, d: int) -> Rows:
    return rng.random((n, d))


def gridded(rng: np.random.Generator, n: int, d: int) -> Rows:
    """Many equal distances."""
    return rng.integers(0, 4, (n, d))


def collinear(rng: np.random.Generator, n: int, d: int) -> Rows:
    return rng.random((n, 1)) * np.arange(1, d + 1)


def duplicated(rng: np.random.Generator, n: int, d: int) -> Rows:
    return rng.random((5, d))[rng.integers(0, 5, n)]


def jumping(rng: np.random.Generator, n: int, d: int) -> Rows:
    """The data leave one place for another, so that edges age and nodes go."""
    place = np.repeat(np.arange(4), n // 4)[:, None] * 10
    return rng.random((n, d)) + place


#: Every kind of data on which the core is compared with the reference.
DATA: list[Callable[[np.random.Generator, int, int], Rows]] = [uniform, gridded, collinear, duplicated, jumping]


def blobs(n: int = 4000, seed: int = 0) -> NDArray[np.float32]:
    """Ten blobs that are far from one another, of different size and weight."""
    rng = np.random.default_rng(seed)
    size = np.geomspace(0.7, 3, 10)
    blob = rng.choice(10, n, p=size / size.sum())
    centres = np.stack([100 * np.arange(10), np.zeros(10)], axis=1)
    return (centres[blob] + rng.standard_normal((n, 2)) * size[blob, np.newaxis]).astype(np.float32)

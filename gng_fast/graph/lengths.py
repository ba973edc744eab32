"""Euclidean lengths of vectors of any size."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gng_fast.checks import whatever_errstate

# Squares of numbers between these, and sums of millions of them, are numbers of full precision.
_SMALL, _LARGE = 2.0**-500, 2.0**500


@whatever_errstate
def lengths_of(vectors: NDArray[Any]) -> NDArray[np.float64]:
    """Return the length of each row, (n,) float64: true also where squares would be infinite or vanish.

    >>> lengths_of(np.array([[3e-200, 4e-200], [0, 1e300]]))
    array([5.e-200, 1.e+300])
    """
    lengths: NDArray[np.float64]
    sizes = np.abs(vectors)
    if sizes.max(initial=0) < _LARGE and not ((sizes < _SMALL) & (sizes > 0)).any():
        lengths = np.linalg.norm(vectors, axis=1)
        return lengths
    # each is scaled by a power of 2, which rounds nothing, so that its largest coordinate is about 1: the same bits
    exponents = np.frexp(sizes.max(axis=1, initial=0))[1]
    lengths = np.linalg.norm(np.ldexp(vectors, -exponents[:, None]), axis=1)
    return np.ldexp(lengths, exponents)

"""Euclidean lengths of vectors of any size."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gng_fast.checks import whatever_errstate


@whatever_errstate
def lengths_of(vectors: NDArray[Any]) -> NDArray[np.float64]:
    """Return the length of each row, (n,) float64: true also where squares would be infinite or vanish.

    >>> lengths_of(np.array([[3e-200, 4e-200], [0, 1e300]]))
    array([5.e-200, 1.e+300])
    """
    # each is scaled by a power of 2, which rounds nothing, so that its largest coordinate is about 1
    exponents = np.frexp(np.abs(vectors).max(axis=1, initial=0))[1]
    lengths: NDArray[np.float64] = np.linalg.norm(np.ldexp(vectors, -exponents[:, None]), axis=1)
    return np.ldexp(lengths, exponents)

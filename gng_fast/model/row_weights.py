"""Weights of a stream: how often each row is presented."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from gng_fast.checks import whatever_errstate
from gng_fast.parameters import Range

# Weights are counted in whole units of 2^-32: sums of them are exact, so chunks give what one piece gives.
_UNIT_BITS = 32
_LARGEST_WEIGHT_SUM = 2.0**30

#: The fraction that a stream starts with: 0.5, so that what adds up to k but for rounding is k.
CARRY_AT_START = 1 << (_UNIT_BITS - 1)

#: All fractions there are.
CARRY_RANGE = Range(0, (1 << _UNIT_BITS) - 1, integer=True)

# Rows that are repeated at a time.
_REPEATED_AT_ONCE = 65536


@whatever_errstate
def presentations(weights: NDArray[np.float64], carry: int) -> tuple[NDArray[np.int64], int]:
    """How often each row is presented, (n,) int64, and the fraction left over for the rows to come.

    A row of whole weight k is presented k times; fractions add up from row to row, and one more is presented whenever
    they reach 1 (error diffusion).

    weights : (n,) float64, finite and >= 0
    carry : int, the fraction left over from the rows before, in units of 2^-32; at first `CARRY_AT_START`

    Raises ValueError if the weights add up to 2^30 or more.

    >>> presentations(np.array([2, 0, 0.5, 0.5, 0.5]), CARRY_AT_START)[0].tolist()
    [2, 0, 1, 0, 1]
    """
    if weights.sum() >= _LARGEST_WEIGHT_SUM:
        raise ValueError(f"sample_weight must add up to less than {_LARGEST_WEIGHT_SUM:g}, got {weights.sum():g}")
    ends = np.cumsum(np.rint(weights * 2.0**_UNIT_BITS).astype(np.int64)) + carry
    presented = ends >> _UNIT_BITS
    return np.diff(presented, prepend=0), int(ends[-1]) & ((1 << _UNIT_BITS) - 1)


def repeated_rows(points: NDArray[np.float32], counts: NDArray[np.int64]) -> Iterator[NDArray[np.float32]]:
    """The rows of `points`, each repeated `counts` times, in pieces of at most 65536 rows."""
    ends = np.cumsum(counts)
    for start in range(0, int(ends[-1]), _REPEATED_AT_ONCE):
        positions = np.arange(start, min(start + _REPEATED_AT_ONCE, ends[-1]))
        yield points[np.searchsorted(ends, positions, side="right")]

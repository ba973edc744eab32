"""The smooth surface near each node: a quadric fitted to the nodes around it, by weighted least squares.

That takes most of the noise out of positions and normals, and does not flatten what is curved, as a plane would:
F. Cazals, M. Pouget, "Estimating differential quantities using polynomial fitting of osculating jets", Computer Aided
Geometric Design 22, 2005.
"""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gng_fast.optional import need
from gng_fast.progress import report

if TYPE_CHECKING:
    import scipy.sparse

Reals = NDArray[np.float64]
Ints = NDArray[np.int64]

# A quadric has 6 coefficients: from so many nodes on it is more than a way through all of them.
_ENOUGH = 14
# Rows of nodes that are fitted at a time: some 50 MB.
_ROWS_AT_ONCE = 4096
# Keeps the fit to few nodes, or to nodes on a line, solvable.
_RIDGE = 1e-6


def fitted(nodes: Reals, edges: Ints) -> tuple[Reals, Reals]:
    """Return the nodes moved onto the quadrics around them, and the unit normals there, each (n, 3).

    The sign of a normal means nothing.

    nodes : (n, 3), n >= 1
    """
    around = _neighbourhoods(nodes, edges)
    positions, normals = np.empty_like(nodes), np.empty_like(nodes)
    for first in range(0, len(nodes), _ROWS_AT_ONCE):
        report("drawing", first / len(nodes))
        rows = slice(first, min(first + _ROWS_AT_ONCE, len(nodes)))
        ends = around.indptr[first : rows.stop + 1]
        others = around.indices[ends[0] : ends[-1]]
        positions[rows], normals[rows] = _fitted(nodes[rows], nodes[others], ends - ends[0])
    return positions, normals


def _neighbourhoods(nodes: Reals, edges: Ints) -> "scipy.sparse.csr_array":
    """The nodes around each as the columns of its row: two steps away at most, more steps or the nearest if too few."""
    sparse, n = need("scipy.sparse", "surface", extra="graph"), len(nodes)
    (a, b), own = edges.T, np.arange(n)
    step = _ones(sparse, n, np.concatenate([a, b, own]), np.concatenate([b, a, own]))
    around = step @ step
    around += _rows_of(sparse, around) @ step
    few = np.flatnonzero(np.diff(around.indptr) < _ENOUGH)
    if len(few):
        tree = need("scipy.spatial", "surface", extra="graph").cKDTree(nodes)
        nearest = tree.query(nodes[few], min(_ENOUGH, n))[1].reshape(len(few), -1)
        around += _ones(sparse, n, np.repeat(few, nearest.shape[1]), nearest.ravel())
    return around


def _ones(sparse: "scipy.sparse", n: int, rows: Ints, columns: Ints) -> "scipy.sparse.csr_array":
    return sparse.csr_array((np.ones(len(rows), np.int64), (rows, columns)), shape=(n, n))


def _rows_of(sparse: "scipy.sparse", around: "scipy.sparse.csr_array") -> "scipy.sparse.csr_array":
    """The rows with too few entries, the others empty."""
    few = (np.diff(around.indptr) < _ENOUGH).astype(np.int64)
    rows = sparse.csr_array((few, (np.arange(len(few)), np.arange(len(few)))), shape=around.shape) @ around
    rows.eliminate_zeros()
    return rows


def _fitted(centres: Reals, others: Reals, ends: Ints) -> tuple[Reals, Reals]:
    """The same of some nodes; `others` are the nodes around the first, those around the second, ..., up to `ends`."""
    counts = np.diff(ends)
    of = np.repeat(np.arange(len(centres)), counts)

    def sums(values: Reals) -> Reals:
        result: Reals = np.add.reduceat(values, ends[:-1], axis=0)
        return result

    offsets = others - centres[of]
    squares = (offsets**2).sum(axis=1)
    spread = sums(squares) / counts
    spread[spread == 0] = 1.0
    weights = np.exp(squares / (-2 * spread[of]))
    total = sums(weights)
    deviations = offsets - (sums(offsets * weights[:, None]) / total[:, None])[of]
    outer = deviations[:, :, None] * deviations[:, None, :] * weights[:, None, None]
    axes = np.linalg.eigh(sums(outer))[1]  # the first is across the plane that fits best
    scale = np.sqrt(spread)
    z, y, x = np.einsum("ijk,ij->ki", axes[of], offsets / scale[of, None])
    terms = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=1)
    weighted = terms * weights[:, None]
    matrices = sums(weighted[:, :, None] * terms[:, None, :]) / total[:, None, None] + _RIDGE * np.eye(6)
    sides = sums(weighted * z[:, None]) / total[:, None]
    height, slope_x, slope_y = np.linalg.solve(matrices, sides[:, :, None])[:, :3, 0].T
    across = axes[:, :, 0]
    normals = across - slope_x[:, None] * axes[:, :, 2] - slope_y[:, None] * axes[:, :, 1]
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    return centres + (height * scale)[:, None] * across, normals

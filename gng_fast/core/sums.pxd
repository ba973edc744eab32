# cython: language_level=3
"""Sums over the rows that each node wins, for whoever has looked these up."""

from libc.stdint cimport int64_t

from gng_fast.core.float_rules cimport gng_floats, gng_restore_floats, gng_usual_floats

cdef struct Sums:
    double *counts              # (n,) for each of n nodes the weight of the rows it won,
    double *rows                # (n, d) their sum,
    double *errors              # (n,) that of their squared distances,
    double *utilities           # (n,) and by how much these would grow without the node


cdef inline int add_up_rows(const float[:, ::1] X, const double[::1] weights, const int64_t[:, ::1] nodes,
                            const float[:, ::1] distances, double[::1] counts, double[:, ::1] sums, double[::1] errors,
                            double[::1] utilities) except -1:
    """`network.add_up`; `weights` may be None."""
    cdef Py_ssize_t n = counts.shape[0], n_rows = X.shape[0], d = X.shape[1], row
    cdef const double *weight = NULL
    cdef Sums into
    if weights is not None and weights.shape[0] != n_rows:
        raise ValueError(f"weights must have shape ({n_rows},), got ({weights.shape[0]},)")
    if nodes.shape[0] != n_rows or nodes.shape[1] != 2 or distances.shape[0] != n_rows or distances.shape[1] != 2 \
            or sums.shape[0] != n or sums.shape[1] != d or errors.shape[0] != n or utilities.shape[0] != n:
        raise ValueError("the arrays do not belong together")
    for row in range(n_rows):
        if not (0 <= nodes[row, 0] < n and 0 <= nodes[row, 1] < n):
            raise ValueError(f"nodes must be in [0, {n - 1}]")
    if n_rows:
        into.counts, into.rows, into.errors, into.utilities = &counts[0], &sums[0, 0], &errors[0], &utilities[0]
        if weights is not None:
            weight = &weights[0]
        with nogil:
            add_rows(&into, n_rows, d, &X[0, 0], weight, &nodes[0, 0], &distances[0, 0])
    return 0


cdef inline void add_rows(const Sums *sums, int64_t n_rows, Py_ssize_t d, const float *X, const double *weights,
                          const int64_t *nodes, const float *distances) noexcept nogil:
    """Add rows to the sums of the nodes that won them; `nodes` and `distances` are those of `look_up` with k = 2."""
    cdef gng_floats before = gng_usual_floats()
    cdef int64_t row, s1
    cdef Py_ssize_t k
    cdef double weight = 1, d1, d2
    for row in range(n_rows):
        s1 = nodes[2 * row]
        d1, d2 = distances[2 * row], distances[2 * row + 1]
        if weights is not NULL:
            weight = weights[row]
        sums.counts[s1] += weight
        for k in range(d):
            sums.rows[s1 * d + k] += weight * X[row * d + k]
        sums.errors[s1] += weight * (d1 * d1)
        sums.utilities[s1] += weight * (d2 * d2 - d1 * d1)
    gng_restore_floats(before)

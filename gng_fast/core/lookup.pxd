# cython: language_level=3
"""Look-ups: the nearest nodes of many rows, in a network that does not change meanwhile, so that threads may share it."""

from libc.math cimport sqrtf
from libc.stdint cimport int32_t, int64_t

from gng_fast.core.float_rules cimport gng_floats, gng_restore_floats, gng_usual_floats
from gng_fast.core.index cimport GNG_BRANCH, GNG_LEAF, gng_hit, gng_panels
from gng_fast.core.state cimport State, is_hole

cdef extern from "prefetch.h" nogil:
    void gng_prefetch_cells(const gng_panels *panels, Py_ssize_t d, const float *x)

cdef extern from "<time.h>" nogil:
    enum:
        TIME_UTC
    struct timespec:
        int64_t tv_sec
        long tv_nsec
    int timespec_get(timespec *now, int base)

cdef enum:
    MOST_ROWS = 32              # of a batch that is searched for at once
    MOST_COORDINATES = 2000000  # that a batch would visit by brute force: about a millisecond
    NANOSECONDS_OF_WORK = 20000000  # between two checks for pending signals of the system


cdef inline void number_nodes(State *net) noexcept nogil:
    """Write to `scratch.number` the number of each node: order of birth, without holes."""
    cdef Py_ssize_t slot
    cdef int32_t number = 0
    for slot in range(net.n_slots):
        net.scratch.number[slot] = number
        number += not is_hole(net, slot)


cdef inline int64_t number_of(const State *net, int32_t node) noexcept nogil:
    """The number of a node found, -1 for none: a distance that is not finite finds none."""
    return net.scratch.number[node] if node >= 0 else -1


cdef inline Py_ssize_t work_size(const gng_panels *panels) noexcept nogil:
    """Floats of working memory that a search takes: one for each branch of leaves."""
    return panels.n_panels // GNG_LEAF // GNG_BRANCH + 1


cdef inline Py_ssize_t look_up(const State *net, float *work, const float *X, Py_ssize_t row,
                               Py_ssize_t stop, Py_ssize_t k, int64_t *numbers, float *distances) noexcept nogil:
    """Write the numbers and distances of the k (1 or 2) nearest nodes of the rows from `row` on; `number_nodes` first.

    Returns the row it came to: `stop`, or one before it when time is up. The clock decides because rows differ
    thousandfold in the time they take: some look at a few cells, one far outside at every node.
    """
    cdef Py_ssize_t d = net.d, most = max(1, min(MOST_ROWS, MOST_COORDINATES // (net.n_slots * d)))
    cdef bint prefetch = net.search_ahead
    cdef const float *rows[MOST_ROWS]
    cdef gng_hit hits[MOST_ROWS]
    cdef gng_floats before = gng_usual_floats()
    cdef timespec start
    cdef int n, i
    timespec_get(&start, TIME_UTC)
    while row < stop:
        n = <int>min(most, stop - row)
        for i in range(n):
            rows[i] = X + (row + i) * d
        if prefetch:
            for i in range(n):
                gng_prefetch_cells(&net.index.panels, d, rows[i])
        net.kernels.search(&net.index.panels, rows, n, work, hits)
        for i in range(n):
            numbers[(row + i) * k] = number_of(net, hits[i].s1)
            distances[(row + i) * k] = sqrtf(hits[i].d1)
            if k == 2:
                numbers[(row + i) * k + 1] = number_of(net, hits[i].s2)
                distances[(row + i) * k + 1] = sqrtf(hits[i].d2)
        row += n
        if time_is_up(&start):
            break
    gng_restore_floats(before)
    return row


cdef struct Sums:
    double *counts              # (n,) for each of n nodes the weight of the rows it won,
    double *rows                # (n, d) their sum,
    double *errors              # (n,) that of their squared distances,
    double *utilities           # (n,) and by how much these would grow without the node


cdef inline void add_up_rows(const Sums *sums, int64_t n_rows, Py_ssize_t d, const float *X, const double *weights,
                             const int64_t *nodes, const float *distances) noexcept nogil:
    """Add rows to the sums of the nodes that won them; `nodes` and `distances` are those of `look_up` with k = 2."""
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


cdef inline bint time_is_up(const timespec *start) noexcept nogil:
    """Whether NANOSECONDS_OF_WORK have gone by, or the clock was set back."""
    cdef timespec now
    cdef int64_t passed
    timespec_get(&now, TIME_UTC)
    passed = (now.tv_sec - start.tv_sec) * 1000000000 + now.tv_nsec - start.tv_nsec
    return not 0 <= passed < NANOSECONDS_OF_WORK

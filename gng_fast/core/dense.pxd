# cython: language_level=3
"""Blocks of signals that are scored against all nodes at once (src_c/dense.h), where no index leaves much out."""

from libc.stdint cimport int32_t, uint16_t

from gng_fast.core.index cimport gng_hit, gng_kernels
from gng_fast.core.memory cimport allocated, gng_release

cdef extern from "dense.h" nogil:
    enum:
        GNG_BLOCK
        GNG_BLOCK_SHIFT
        GNG_MOST_DENSE_D
    ctypedef struct gng_scores:
        float *rows
        Py_ssize_t d
        uint16_t *live
        uint16_t *moved
        float *score
        float *least
        float *norm
        float *bound
        float *signals
        Py_ssize_t n_groups
        int n
        bint lengths_known
    ctypedef struct gng_dense_kernels:
        void begin(gng_scores *scores, const float **signals, int n, Py_ssize_t n_slots) noexcept nogil
        int find(gng_scores *scores, int m, gng_hit *hit) noexcept nogil
        void move(gng_scores *scores, const int32_t *nodes, int n, const float *x, float eps, float smallest) noexcept nogil
        void enter(gng_scores *scores, int32_t node) noexcept nogil
    const gng_dense_kernels *gng_dense_of(const gng_kernels *kernels)
    void gng_leave_scores(gng_scores *scores, Py_ssize_t node)

cdef enum:
    FLOATS_PER_SLOT = GNG_BLOCK + 1                 # the scores of a node, and its squared length
    FLOATS_PER_GROUP = GNG_BLOCK + 1                # the bounds of a group, and working memory


cdef inline Py_ssize_t groups_of(Py_ssize_t n_slots) noexcept nogil:
    """Groups there must be memory for: as many as are looked at together."""
    return (n_slots // GNG_BLOCK + GNG_BLOCK) // GNG_BLOCK * GNG_BLOCK


cdef inline Py_ssize_t scores_nbytes(const gng_scores *scores, Py_ssize_t n_slots) noexcept nogil:
    """Bytes of memory that the scores of so many slots hold."""
    cdef Py_ssize_t n_groups = groups_of(n_slots)
    if scores.score is NULL:
        return 0
    return ((n_slots * FLOATS_PER_SLOT + n_groups * FLOATS_PER_GROUP + scores.d * GNG_BLOCK) * sizeof(float)
            + 2 * n_groups * sizeof(uint16_t))


cdef inline void free_scores(gng_scores *scores) noexcept:
    gng_release(scores.live)
    gng_release(scores.score)
    scores.live, scores.score = NULL, NULL


cdef inline int allocate_scores(gng_scores *scores, float *rows, Py_ssize_t d, Py_ssize_t n_slots) except -1:
    """Take memory for so many slots, a multiple of GNG_BLOCK."""
    cdef Py_ssize_t n_groups = groups_of(n_slots)
    scores.rows, scores.d, scores.n, scores.n_groups = rows, d, 0, 0
    try:
        scores.live = <uint16_t *>allocated(2 * n_groups, sizeof(uint16_t))
        scores.score = <float *>allocated(
            n_slots * FLOATS_PER_SLOT + n_groups * FLOATS_PER_GROUP + d * GNG_BLOCK, sizeof(float))
    except MemoryError:
        free_scores(scores)
        raise
    scores.moved = scores.live + n_groups
    scores.least = scores.score + n_slots * GNG_BLOCK
    scores.signals = scores.least + n_groups * GNG_BLOCK
    scores.bound = scores.signals + d * GNG_BLOCK
    scores.norm = scores.bound + n_groups
    return 0


cdef inline void set_slot(uint16_t *bits, Py_ssize_t slot) noexcept nogil:
    bits[slot >> GNG_BLOCK_SHIFT] |= <uint16_t>(1 << (slot & (GNG_BLOCK - 1)))


cdef inline void clear_slot(uint16_t *bits, Py_ssize_t slot) noexcept nogil:
    bits[slot >> GNG_BLOCK_SHIFT] &= <uint16_t>~(1 << (slot & (GNG_BLOCK - 1)))

# cython: language_level=3
"""What `gng_fast/__init__.pxd` offers: networks without Python objects, trained without the GIL.

`gng_state` is opaque: what was compiled against one release of gng_fast runs with later ones, and a function whose signature
has changed is a TypeError at import, not a crash. No header and no library is needed to compile or link.

A state belongs to one thread at a time, but for gng_stop; different ones can be used by different threads at the same time. Pointers to
data must be valid for the sizes given, and are not kept. Rows are C-contiguous: (n, d) is n * d numbers.

A function declared `except -1` or `except NULL` raises as any Python function does; those with `nogil` take the GIL only
for that, to let Ctrl-C through (every 8192 signals), and when memory must grow.
"""

from libc.stdint cimport int64_t, uint64_t

cdef extern from *:
    """
    struct gng_state;
    """
    cdef struct gng_state:
        pass

# ---- a network comes and goes: with the GIL -------------------------------------------------------------------------

# Return a new network without nodes, for gng_free. The parameters are those of gng_fast.Network; its defaults are
# 1000, 0.2, 0.006, 50, 100, 0.5, 0.995. Raises ValueError for one out of range, MemoryError.
cdef gng_state *gng_new(int64_t n_features, uint64_t seed, int64_t max_nodes, double eps_b, double eps_n, int64_t max_age,
                        int64_t lam, double alpha, double decay) except NULL

# Give the network back. NULL is allowed.
cdef void gng_free(gng_state *state) noexcept

# Return the state of a Python gng_fast.Network, which it keeps alive; for gng_free. Raises TypeError for anything else.
cdef gng_state *gng_from_network(network) except NULL

# Return the Python gng_fast.Network of a state: the same network, not a copy, which may outlive the state. It has what
# has no function here: graph(), save(), anneal(), clear_edges() and so on.
cdef object gng_network(gng_state *state)

# ---- training -------------------------------------------------------------------------------------------------------

# Add start nodes, (n, d). Raises ValueError if there is no room or a number is not finite, or beyond 1e15.
cdef int gng_start(gng_state *state, const float *nodes, int64_t n) except -1 nogil

# Train on n signals, (n, d), from first to last: one, or many at once, which is faster, with the same result. Raises
# ValueError for fewer than 2 nodes or a number that is not finite or beyond 1e15, in which case nothing is trained on;
# MemoryError, KeyboardInterrupt or gng_fast.TrainingStopped, when the network is as after the last signal it took.
cdef int gng_train(gng_state *state, const float *X, int64_t n) except -1 nogil

# End the calls of gng_train that have begun, in other threads: they raise after some 8192 signals at most.
cdef void gng_stop(gng_state *state) noexcept nogil

# ---- what there is --------------------------------------------------------------------------------------------------

cdef int64_t gng_n_features(gng_state *state) noexcept nogil
cdef int64_t gng_n_nodes(gng_state *state) noexcept nogil
cdef int64_t gng_n_edges(gng_state *state) noexcept nogil
cdef int64_t gng_n_signals(gng_state *state) noexcept nogil

# Copy what gng_fast.Graph holds: nodes (n_nodes, d) in order of birth, their errors (n_nodes,), pairs of node numbers
# (n_edges, 2), the ages of these edges (n_edges,). Edges come in no particular order, the same for both until the next
# signal.
cdef void gng_copy_nodes(gng_state *state, float *nodes) noexcept nogil
cdef void gng_copy_errors(gng_state *state, double *errors) noexcept nogil
cdef void gng_copy_edges(gng_state *state, int64_t *edges) noexcept nogil
cdef void gng_copy_ages(gng_state *state, int64_t *ages) noexcept nogil

# Write the number of the nearest node of each row of X, (n, d), and its Euclidean distance; either may be NULL. Raises
# ValueError for a network without nodes or a number in X that is not finite or beyond 1e15, MemoryError.
cdef int gng_nearest(gng_state *state, const float *X, int64_t n, int64_t *nodes, float *distances) except -1 nogil

"""The functions for embedders (see embedding.pxd): a gng_state is a reference to a Network."""

from cpython.ref cimport Py_INCREF, Py_XDECREF, PyObject
from libc.math cimport fabsf
from libc.stdint cimport int64_t, uint64_t
from libc.string cimport memset

from gng_fast.core.lock cimport TRAINED, gng_load
from gng_fast.core.lookup cimport RowSearch, look_up, number_nodes, search_of
from gng_fast.core.network cimport Network
from gng_fast.core.transfer cimport copy_edges, copy_errors, copy_nodes
from gng_fast.core.signals cimport ORDER, SignalSource
from gng_fast.core.state cimport State

import numpy as np

from gng_fast.checks import LARGEST_COORDINATE

cdef enum:
    ROWS_AT_ONCE = 256          # of a look-up, between two looks at what the caller wants of them

cdef float largest = LARGEST_COORDINATE


cdef inline State *inside(gng_state *state) noexcept nogil:
    return &(<Network><PyObject *>state).state


cdef gng_state *gng_new(int64_t n_features, uint64_t seed, int64_t max_nodes, double eps_b, double eps_n, int64_t max_age,
                        int64_t lam, double alpha, double decay) except NULL:
    return gng_from_network(Network(n_features, seed=seed, max_nodes=max_nodes, eps_b=eps_b, eps_n=eps_n, max_age=max_age,
                                    lam=lam, alpha=alpha, decay=decay))


cdef void gng_free(gng_state *state) noexcept:
    Py_XDECREF(<PyObject *>state)


cdef gng_state *gng_from_network(network) except NULL:
    if not isinstance(network, Network):
        raise TypeError(f"network must be a gng_fast.Network, got {type(network).__name__}")
    Py_INCREF(network)
    return <gng_state *><PyObject *>network


cdef object gng_network(gng_state *state):
    return <object><PyObject *>state


cdef int check_finite(const float *X, int64_t n, Py_ssize_t d) except -1 nogil:
    """Raise ValueError where as_points would."""
    cdef int64_t i
    cdef bint fine = True
    if n < 0:
        with gil:
            raise ValueError(f"n must be >= 0, got {n}")
    for i in range(n * d):
        fine &= fabsf(X[i]) <= largest
    if not fine:
        with gil:
            raise ValueError(f"X must hold finite numbers in [-{LARGEST_COORDINATE:g}, {LARGEST_COORDINATE:g}]")
    return 0


cdef int gng_start(gng_state *state, const float *nodes, int64_t n) except -1 nogil:
    check_finite(nodes, n, gng_n_features(state))
    if n:
        with gil:
            (<Network><PyObject *>state).take(<const float[:n, :gng_n_features(state)]>nodes, np.zeros(n, np.uint8),
                                              np.empty((0, 2), np.int64), np.empty(0, np.uint8))
    return 0


cdef int gng_train(gng_state *state, const float *X, int64_t n) except -1 nogil:
    cdef SignalSource source
    check_finite(X, n, gng_n_features(state))
    memset(&source, 0, sizeof(SignalSource))
    source.X = X
    source.n = n
    source.d = gng_n_features(state)
    source.sampling = ORDER
    (<Network><PyObject *>state).lock.acquire(TRAINED)
    try:
        (<Network><PyObject *>state).present(&source, n, False)
    finally:
        (<Network><PyObject *>state).lock.release()
    return 0


cdef int64_t gng_n_features(gng_state *state) noexcept nogil:
    return inside(state).d


cdef int64_t gng_n_nodes(gng_state *state) noexcept nogil:
    return gng_load(&(<Network><PyObject *>state).published.n_nodes)


cdef int64_t gng_n_edges(gng_state *state) noexcept nogil:
    return gng_load(&(<Network><PyObject *>state).published.n_edges)


cdef int64_t gng_n_signals(gng_state *state) noexcept nogil:
    return gng_load(&(<Network><PyObject *>state).published.n_signals)


cdef void gng_copy_nodes(gng_state *state, float *nodes) noexcept nogil:
    copy_nodes(inside(state), nodes)


cdef void gng_copy_errors(gng_state *state, double *errors) noexcept nogil:
    copy_errors(inside(state), errors, inside(state).error_scale)


cdef void gng_copy_edges(gng_state *state, int64_t *edges) noexcept nogil:
    number_nodes(inside(state))
    copy_edges(inside(state), edges, NULL, NULL)


cdef void gng_copy_ages(gng_state *state, int64_t *ages) noexcept nogil:
    copy_edges(inside(state), NULL, ages, NULL)


cdef int gng_nearest(gng_state *state, const float *X, int64_t n, int64_t *nodes, float *distances) except -1 nogil:
    check_finite(X, n, gng_n_features(state))
    (<Network><PyObject *>state).begin_look_up(1)
    look_up_nearest(state, X, n, nodes, distances)
    (<Network><PyObject *>state).lock.release()
    return 0


cdef void look_up_nearest(gng_state *state, const float *X, int64_t n, int64_t *nodes, float *distances) noexcept nogil:
    """`gng_nearest` once the lock is taken. No Python code runs in it: it may use the working memory of the index."""
    cdef int64_t number[ROWS_AT_ONCE]
    cdef float distance[ROWS_AT_ONCE]
    cdef Py_ssize_t d = gng_n_features(state), row, stop, i
    cdef int64_t done = 0
    cdef RowSearch search = search_of(inside(state), inside(state).index.work)
    while done < n:
        stop = min(n - done, ROWS_AT_ONCE)
        row = 0
        while row < stop:
            row = look_up(&search, X + done * d, row, stop, 1, number, distance)
        for i in range(stop):
            if nodes is not NULL:
                nodes[done + i] = number[i]
            if distances is not NULL:
                distances[done + i] = distance[i]
        done += stop

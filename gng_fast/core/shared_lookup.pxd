# cython: language_level=3
"""Look-ups of many rows, which threads share: the nearest nodes (lookup.pxd) or all distances.

Whoever asks has the lock of the network, which is at rest meanwhile.
"""

from libc.stdint cimport int64_t
from libc.string cimport memset

from gng_fast.core.lock cimport Lock, share_rows
from gng_fast.core.lookup cimport (
    GNG_GROUP, RowSearch, fill_groups, gng_groups, gng_n_groups, gng_tile_kernels,
    gng_tile_kernels_for, look_up, search_of, wants_groups,
    work_size, write_distances,
)
from gng_fast.core.memory cimport allocated, gng_release, zeroed
from gng_fast.core.state cimport State

cdef enum:
    LEAST_ROWS_OF_THREAD = 256  # a thread is not worth starting for fewer


cdef struct LookUp:             # what one thread looks rows up with, and where
    RowSearch search
    const float *X
    int k
    int64_t *nodes
    float *distances


cdef inline Py_ssize_t look_up_some(void *worker, Py_ssize_t row, Py_ssize_t stop) noexcept nogil:
    """The `RowWork` of `look_up_rows`."""
    cdef LookUp *it = <LookUp *>worker
    return look_up(&it.search, it.X, row, stop, it.k, it.nodes, it.distances)


cdef inline int look_up_rows(State *net, const float[:, ::1] X, int64_t[:, ::1] nodes, float[:, ::1] distances,
                             Py_ssize_t n_threads, Lock lock) except -1:
    """Write the numbers and distances of the nearest nodes of the rows of X, of as many as `nodes` has columns."""
    cdef Py_ssize_t n = X.shape[0], n_workers = n_threads_for(n, n_threads), i
    cdef LookUp **workers = <LookUp **>zeroed(n_workers, sizeof(LookUp *))
    cdef gng_groups groups
    memset(&groups, 0, sizeof(gng_groups))
    try:
        if wants_groups(net, n):
            make_groups(net, &groups)
        for i in range(n_workers):
            workers[i] = <LookUp *>zeroed(1, sizeof(LookUp))
            workers[i].search = search_of(net, <float *>allocated(work_size(net), sizeof(float)))
            if groups.w is not NULL:
                workers[i].search.groups, workers[i].search.kernels = &groups, gng_tile_kernels_for(net.kernels.name)
            workers[i].X, workers[i].k = &X[0, 0], <int>nodes.shape[1]
            workers[i].nodes, workers[i].distances = &nodes[0, 0], &distances[0, 0]
        share_rows(look_up_some, <void **>workers, n_workers, n, lock)
    finally:
        for i in range(n_workers):
            if workers[i] is not NULL:
                gng_release(workers[i].search.work)
            gng_release(workers[i])
        gng_release(workers)
        free_groups(&groups)
    return 0


cdef struct Distances:          # what threads share that write the distances to all nodes
    gng_groups groups
    const gng_tile_kernels *kernels
    const float *X
    float *distances


cdef inline Py_ssize_t write_some_distances(void *worker, Py_ssize_t row, Py_ssize_t stop) noexcept nogil:
    """The `RowWork` of `write_all_distances`."""
    cdef const Distances *it = <const Distances *>worker
    return write_distances(it.kernels, &it.groups, it.X, row, stop, it.distances)


cdef inline int write_all_distances(State *net, const float[:, ::1] X, float[:, ::1] distances, Py_ssize_t n_threads,
                                    Lock lock) except -1:
    """Write the distances of the rows of X to all nodes."""
    cdef Py_ssize_t n = X.shape[0], n_workers = n_threads_for(n, n_threads), i
    cdef void **workers = <void **>allocated(n_workers, sizeof(void *))
    cdef Distances shared
    memset(&shared, 0, sizeof(Distances))
    try:
        make_groups(net, &shared.groups)
        shared.kernels = gng_tile_kernels_for(net.kernels.name)
        shared.X, shared.distances = &X[0, 0], &distances[0, 0]
        for i in range(n_workers):
            workers[i] = &shared
        share_rows(write_some_distances, workers, n_workers, n, lock)
    finally:
        gng_release(workers)
        free_groups(&shared.groups)
    return 0


cdef inline Py_ssize_t n_threads_for(Py_ssize_t n_rows, Py_ssize_t most) noexcept nogil:
    """The number of threads, at most `most`, that are worth starting for so many rows, of which there is one."""
    return min(most, 1 + (n_rows - 1) // LEAST_ROWS_OF_THREAD)


cdef inline int make_groups(State *net, gng_groups *groups) except -1:
    """Copy the nodes to where look-ups of many rows read them, for free_groups, after a MemoryError too."""
    cdef Py_ssize_t n_lanes = gng_n_groups(net.n_nodes) * GNG_GROUP
    groups.d, groups.n = net.d, net.n_nodes
    groups.w = <float *>allocated(n_lanes, net.d * sizeof(float))
    groups.half = <float *>allocated(n_lanes, sizeof(float))
    with nogil:
        fill_groups(net, groups)
    return 0


cdef inline void free_groups(gng_groups *groups) noexcept nogil:
    gng_release(groups.w)
    gng_release(groups.half)

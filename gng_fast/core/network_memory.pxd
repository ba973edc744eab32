# cython: language_level=3
"""The memory of a network: taken once for max_nodes nodes, but for edges and fixed nodes, whose memory grows."""

from libc.stdint cimport int32_t, int64_t, uint8_t
from libc.string cimport memcpy, memset

from gng_fast.core.dense cimport free_scores, scores_nbytes
from gng_fast.core.index cimport GNG_MAX_GRID_D, gng_edge_chunk, gng_node, gng_node_size, gng_row_stride
from gng_fast.core.index_build cimport free_index, index_nbytes
from gng_fast.core.memory cimport allocated, gng_release, zeroed
from gng_fast.core.state cimport CHUNKS_UNDER_WAY, EDGES_PER_CHUNK, NODES_PER_MAXIMUM, State, node_at


cdef inline void allocate_network(State *net) except *:
    """Allocate everything for `net.max_nodes` nodes; what was allocated before a MemoryError is the caller's to free."""
    cdef Py_ssize_t slack = net.max_nodes // 16 + 16, capacity
    # slots beyond max_nodes let holes gather, so that closing them is rare
    capacity = (net.max_nodes + slack + NODES_PER_MAXIMUM - 1) // NODES_PER_MAXIMUM * NODES_PER_MAXIMUM
    net.capacity = capacity
    net.nodes = net.index.nodes = <char *>allocated(capacity + 1, gng_node_size(net.d))
    memset(node_at(net, capacity), 0, gng_node_size(net.d))
    if net.d <= GNG_MAX_GRID_D:
        net.w = <float *>(net.nodes + sizeof(gng_node))
    else:
        net.w = <float *>allocated(capacity, gng_row_stride(net.d) * sizeof(float))
    net.index.panels.rows = net.w
    net.error_max = <double *>allocated(capacity // NODES_PER_MAXIMUM, sizeof(double))
    net.scratch.new_slot = <int32_t *>allocated(capacity, sizeof(int32_t))
    net.fresh_chunk = capacity
    net.released_chunk = -1
    grow_edge_pool(net, capacity + slack + CHUNKS_UNDER_WAY)


cdef inline void free_network(State *net) noexcept:
    """Give back everything, that of an index included; what was never allocated is NULL."""
    free_index(&net.index)
    free_scores(&net.scores)
    if net.d > GNG_MAX_GRID_D:
        gng_release(net.w)
    gng_release(net.nodes)
    gng_release(net.error_max)
    gng_release(net.scratch.new_slot)
    gng_release(net.fixed)
    gng_release(net.last_won)
    gng_release(net.utility)
    gng_release(net.utility_min)
    gng_release(net.components.label)
    gng_release(net.permanent)
    gng_release(net.chunks)
    gng_release(net.next_chunk)


cdef inline Py_ssize_t network_nbytes(const State *net) noexcept nogil:
    """Bytes of memory that the network holds."""
    cdef Py_ssize_t per_slot = gng_node_size(net.d) + sizeof(int32_t)
    cdef Py_ssize_t per_chunk = sizeof(gng_edge_chunk) + sizeof(int32_t)
    cdef Py_ssize_t per_run = sizeof(double)
    if net.d > GNG_MAX_GRID_D:
        per_slot += gng_row_stride(net.d) * sizeof(float)
    if net.fixed is not NULL:
        per_slot += sizeof(int32_t)
    if net.utility is not NULL:
        per_slot += sizeof(double)
        per_run += sizeof(double)
    if net.components.label is not NULL:
        per_slot += sizeof(int32_t)
    if net.permanent is not NULL:
        per_chunk += EDGES_PER_CHUNK
    return (net.capacity * per_slot + net.capacity // NODES_PER_MAXIMUM * per_run
            + net.n_chunks * per_chunk + net.n_fixed * net.d * sizeof(float) + index_nbytes(&net.index)
            + scores_nbytes(&net.scores, net.capacity))


cdef inline void grow_edge_pool(State *net, Py_ssize_t n_chunks) except *:
    """Make the pool `n_chunks` large; the old pool stays as it is when there is no memory."""
    cdef Py_ssize_t capacity = net.capacity, pooled = net.fresh_chunk - capacity
    cdef gng_edge_chunk *chunks = NULL
    cdef int32_t *next_chunk = NULL
    cdef uint8_t *permanent = NULL
    if n_chunks > 2**31 - 1:
        raise MemoryError("more than 2147483647 chunks of edges")
    try:
        chunks = <gng_edge_chunk *>allocated(n_chunks, sizeof(gng_edge_chunk))
        next_chunk = <int32_t *>allocated(n_chunks, sizeof(int32_t))
        if net.permanent is not NULL:
            permanent = <uint8_t *>zeroed(n_chunks, EDGES_PER_CHUNK)
    except MemoryError:
        gng_release(chunks)
        gng_release(next_chunk)
        raise
    if net.chunks is not NULL:
        memcpy(chunks, net.chunks, net.n_slots * sizeof(gng_edge_chunk))
        memcpy(next_chunk, net.next_chunk, net.n_slots * sizeof(int32_t))
        memcpy(chunks + capacity, net.chunks + capacity, pooled * sizeof(gng_edge_chunk))
        memcpy(next_chunk + capacity, net.next_chunk + capacity, pooled * sizeof(int32_t))
        gng_release(net.chunks)
        gng_release(net.next_chunk)
    net.chunks = chunks
    net.next_chunk = next_chunk
    if net.permanent is not NULL:
        memcpy(permanent, net.permanent, net.n_chunks * EDGES_PER_CHUNK)
        gng_release(net.permanent)
        net.permanent = permanent
    net.n_free_chunks += n_chunks - (net.n_chunks if net.n_chunks else capacity)
    net.n_chunks = n_chunks


cdef inline void make_room_for_fixed(State *net, int64_t n_more) except *:
    """Make room for `n_more` further fixed nodes; nothing is fixed by it."""
    cdef float *signals
    cdef Py_ssize_t slot
    if net.fixed is NULL:
        net.fixed = <int32_t *>allocated(net.capacity, sizeof(int32_t))
        for slot in range(net.capacity):
            net.fixed[slot] = -1
    signals = <float *>allocated((net.n_fixed + n_more) * net.d, sizeof(float))
    if net.n_fixed:
        memcpy(signals, net.last_won, net.n_fixed * net.d * sizeof(float))
    gng_release(net.last_won)
    net.last_won = signals

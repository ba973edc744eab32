# cython: language_level=3
"""Memory that C owns, and what of a network's memory grows while it lives."""

from libc.stdint cimport int32_t, int64_t, uint8_t
from libc.string cimport memcpy, memset

from gng_fast.core.state cimport EDGES_PER_BLOCK, State, gng_edges

cdef extern from "aligned_memory.h" nogil:
    void *gng_allocate(size_t count, size_t size)
    void gng_release(void *begin)


cdef inline void *allocated(size_t count, size_t size) except NULL:
    """Memory for gng_release, of any content."""
    cdef void *memory = gng_allocate(count, size)
    if memory is NULL:
        raise MemoryError(f"no memory for {count * size} bytes")
    return memory


cdef inline void *zeroed(size_t count, size_t size) except NULL:
    return memset(allocated(count, size), 0, count * size)


cdef inline void grow_edge_pool(State *net, Py_ssize_t n_blocks) except *:
    """Make the pool `n_blocks` large; the old pool stays as it is when there is no memory."""
    cdef Py_ssize_t capacity = net.capacity, pooled = net.fresh_block - capacity
    cdef gng_edges *blocks = NULL
    cdef int32_t *next_block = NULL
    cdef uint8_t *permanent = NULL
    if n_blocks > 2**31 - 1:
        raise MemoryError("more than 2147483647 blocks of edges")
    try:
        blocks = <gng_edges *>allocated(n_blocks, sizeof(gng_edges))
        next_block = <int32_t *>allocated(n_blocks, sizeof(int32_t))
        if net.permanent is not NULL:
            permanent = <uint8_t *>zeroed(n_blocks, EDGES_PER_BLOCK)
    except MemoryError:
        gng_release(blocks)
        gng_release(next_block)
        raise
    if net.blocks is not NULL:
        memcpy(blocks, net.blocks, net.n_slots * sizeof(gng_edges))
        memcpy(next_block, net.next_block, net.n_slots * sizeof(int32_t))
        memcpy(blocks + capacity, net.blocks + capacity, pooled * sizeof(gng_edges))
        memcpy(next_block + capacity, net.next_block + capacity, pooled * sizeof(int32_t))
        gng_release(net.blocks)
        gng_release(net.next_block)
    net.blocks = blocks
    net.next_block = next_block
    if net.permanent is not NULL:
        memcpy(permanent, net.permanent, net.n_blocks * EDGES_PER_BLOCK)
        gng_release(net.permanent)
        net.permanent = permanent
    net.n_free_blocks += n_blocks - (net.n_blocks if net.n_blocks else capacity)
    net.n_blocks = n_blocks


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

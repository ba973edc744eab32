# cython: language_level=3
"""Memory that C owns, and what of a network's memory grows while it lives."""

from libc.stdint cimport int32_t, int64_t, uint8_t
from libc.stdlib cimport calloc, free, malloc, realloc
from libc.string cimport memcpy

from gng_fast._state cimport EDGES_PER_BLOCK, EdgeBlock, State


cdef inline void *zeroed(size_t count, size_t size) except NULL:
    cdef void *memory = calloc(count if count else 1, size)
    if memory is NULL:
        raise MemoryError(f"no memory for {count * size} bytes")
    return memory


cdef inline void grow_edge_pool(State *net, Py_ssize_t n_blocks) except *:
    """Make the pool `n_blocks` large; the old pool stays as it is when there is no memory."""
    cdef Py_ssize_t capacity = net.capacity, pooled = net.fresh_block - capacity
    cdef EdgeBlock *blocks = NULL
    cdef int32_t *next_block = NULL
    cdef uint8_t *permanent = NULL
    if n_blocks > 2**31 - 1:
        raise MemoryError("more than 2147483647 blocks of edges")
    blocks = <EdgeBlock *>malloc(n_blocks * sizeof(EdgeBlock))
    next_block = <int32_t *>malloc(n_blocks * sizeof(int32_t))
    if net.permanent is not NULL:
        permanent = <uint8_t *>calloc(n_blocks, EDGES_PER_BLOCK)
    if blocks is NULL or next_block is NULL or (net.permanent is not NULL and permanent is NULL):
        free(blocks)
        free(next_block)
        free(permanent)
        raise MemoryError(f"no memory for {n_blocks} blocks of edges")
    if net.blocks is not NULL:
        memcpy(blocks, net.blocks, net.n_slots * sizeof(EdgeBlock))
        memcpy(next_block, net.next_block, net.n_slots * sizeof(int32_t))
        memcpy(blocks + capacity, net.blocks + capacity, pooled * sizeof(EdgeBlock))
        memcpy(next_block + capacity, net.next_block + capacity, pooled * sizeof(int32_t))
        free(net.blocks)
        free(net.next_block)
    net.blocks = blocks
    net.next_block = next_block
    if net.permanent is not NULL:
        memcpy(permanent, net.permanent, net.n_blocks * EDGES_PER_BLOCK)
        free(net.permanent)
        net.permanent = permanent
    net.n_free_blocks += n_blocks - (net.n_blocks if net.n_blocks else capacity)
    net.n_blocks = n_blocks


cdef inline void make_room_for_fixed(State *net, int64_t n_more) except *:
    """Make room for `n_more` further fixed nodes; nothing is fixed by it."""
    cdef float *signals
    cdef Py_ssize_t slot
    if net.fixed is NULL:
        net.fixed = <int32_t *>zeroed(net.capacity, sizeof(int32_t))
        for slot in range(net.capacity):
            net.fixed[slot] = -1
    signals = <float *>realloc(net.last_won, (net.n_fixed + n_more) * net.d * sizeof(float))
    if signals is NULL:
        raise MemoryError(f"no memory for {net.n_fixed + n_more} fixed nodes")
    net.last_won = signals

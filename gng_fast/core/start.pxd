# cython: language_level=3
"""Nodes and edges to start from: those of `Network.start`, and the nodes drawn from the data (step 0)."""

from cpython.exc cimport PyErr_CheckSignals
from libc.stdint cimport int64_t, uint8_t

from gng_fast.core.float_rules cimport gng_floats, gng_restore_floats, gng_usual_floats
from gng_fast.core.index_policy cimport rebuild_index
from gng_fast.core.memory cimport allocated, gng_release, zeroed
from gng_fast.core.network_memory cimport grow_edge_pool, make_room_for_fixed
from gng_fast.core.state cimport EDGES_PER_CHUNK, State, find_edge, list_slots
from gng_fast.core.steps cimport add_start_node, connect

cdef enum:
    NODES_AT_A_TIME = 1024      # are added between two checks for Ctrl-C,
    EDGES_AT_A_TIME = 4096      # and so many edges


cdef inline int add_start(State *net, const float[:, ::1] w, const uint8_t[::1] fixed, const int64_t[:, ::1] pairs,
                          const uint8_t[::1] permanent) except -1:
    """Add nodes, which there is room for, and edges between nodes, which there are."""
    cdef int64_t *slots = NULL
    cdef Py_ssize_t n_fixed = n_set(fixed)
    if n_fixed:
        make_room_for_fixed(net, n_fixed)
    if n_set(permanent) and net.permanent is NULL:
        net.permanent = <uint8_t *>zeroed(net.n_chunks, EDGES_PER_CHUNK)
    add_start_nodes(net, w, fixed)
    if pairs.shape[0]:
        slots = <int64_t *>allocated(net.n_nodes, sizeof(int64_t))
        try:
            list_slots(net, slots)
            add_start_edges(net, slots, pairs, permanent)
        finally:
            gng_release(slots)
    return 0


cdef inline Py_ssize_t n_set(const uint8_t[::1] flags) noexcept:
    cdef Py_ssize_t n = 0, i
    for i in range(flags.shape[0]):
        n += flags[i]
    return n


cdef inline int add_start_nodes(State *net, const float[:, ::1] w, const uint8_t[::1] fixed) except -1:
    cdef Py_ssize_t i = 0
    cdef gng_floats before
    while i < w.shape[0]:
        if net.index.due:
            rebuild_index(net)
        before = gng_usual_floats()
        # there is room in the index until it is due
        while i < w.shape[0] and not net.index.due:
            add_start_node(net, &w[i, 0], fixed[i])
            i += 1
            if i % NODES_AT_A_TIME == 0:
                break
        gng_restore_floats(before)
        if i < w.shape[0]:
            PyErr_CheckSignals()
    return 0


cdef inline int add_start_edges(State *net, const int64_t *slots, const int64_t[:, ::1] pairs,
                                const uint8_t[::1] permanent) except -1:
    """Add edges of age 0 between nodes given by their numbers; `slots` are the places of all nodes."""
    cdef Py_ssize_t a, b, i
    for i in range(pairs.shape[0]):
        a, b = slots[pairs[i, 0]], slots[pairs[i, 1]]
        if net.n_free_chunks < 2:
            grow_edge_pool(net, net.n_chunks + net.n_chunks // 2)
        connect(net, net.d, a, b)
        if permanent[i]:
            net.permanent[find_edge(net, a, b)] = net.permanent[find_edge(net, b, a)] = True
        if i % EDGES_AT_A_TIME == EDGES_AT_A_TIME - 1:
            PyErr_CheckSignals()
    return 0

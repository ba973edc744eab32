# cython: language_level=3
"""A network's state as plain numbers and arrays, and a network made from them.

Nodes are numbered in order of birth: holes are left out. Of the lists of edges only what is in them is kept, as nothing
depends on their order, and of wins and bases only the age that they give.
"""

from libc.stdint cimport int64_t, uint32_t, uint8_t
from libc.string cimport memcpy

from gng_fast.core.float_rules cimport gng_floats, gng_restore_floats, gng_usual_floats
from gng_fast.core.lookup cimport number_nodes
from gng_fast.core.memory cimport zeroed
from gng_fast.core.network_memory cimport grow_edge_pool, make_room_for_fixed
from gng_fast.core.state cimport (
    EDGES_PER_CHUNK, State, add_half_edge, add_node, edge_age, entry_neighbour, find_edge, fix_node, is_fixed, is_hole,
    is_permanent, last_won, next_entry, node_at, position, set_error,
)


cdef inline dict numbers_of(const State *net):
    """The numbers that training depends on, besides the parameters and the annealing."""
    return {
        "rng": net.rng,
        "eps_b": net.eps_b,
        "eps_n": net.eps_n,
        "error_scale": net.error_scale,
        "n_signals": net.n_signals,
        "until_insertion": net.until_insertion,
        "distance_sum": net.distance_sum,
        "distance_count": net.distance_count,
    }


cdef inline int take_numbers(State *net, dict numbers) except -1:
    """Take over the numbers of `numbers_of`."""
    net.rng = numbers["rng"]
    net.eps_b, net.eps_n = numbers["eps_b"], numbers["eps_n"]
    net.error_scale = numbers["error_scale"]
    net.n_signals, net.until_insertion = numbers["n_signals"], numbers["until_insertion"]
    net.distance_sum, net.distance_count = numbers["distance_sum"], numbers["distance_count"]
    return 0


cdef inline void copy_nodes(State *net, float *w) noexcept nogil:
    cdef Py_ssize_t slot, node = 0
    for slot in range(net.n_slots):
        if not is_hole(net, slot):
            memcpy(w + node * net.d, position(net, slot), net.d * sizeof(float))
            node += 1


cdef inline void copy_errors(State *net, double *errors, double scale) noexcept nogil:
    """Copy the stored errors divided by `scale`."""
    cdef gng_floats before = gng_usual_floats()
    cdef Py_ssize_t slot, node = 0
    for slot in range(net.n_slots):
        if not is_hole(net, slot):
            errors[node] = node_at(net, slot).error / scale
            node += 1
    gng_restore_floats(before)


cdef inline void copy_edges(State *net, int64_t *ends, int64_t *ages, uint8_t *permanent) noexcept nogil:
    """Copy the ends of each edge once, from its older end, its age (0 if it is permanent) and whether it is permanent.

    What is not wanted is NULL; for the ends number_nodes comes first.
    """
    cdef Py_ssize_t slot, entry, neighbour, i, edge = 0
    for slot in range(net.n_slots):
        entry = slot * EDGES_PER_CHUNK
        for i in range(node_at(net, slot).degree):
            neighbour = entry_neighbour(net, entry)[0]
            if neighbour > slot:
                if ends is not NULL:
                    ends[2 * edge] = net.scratch.number[slot]
                    ends[2 * edge + 1] = net.scratch.number[neighbour]
                if ages is not NULL:
                    ages[edge] = 0 if is_permanent(net, entry) else edge_age(net, slot, entry)
                if permanent is not NULL:
                    permanent[edge] = is_permanent(net, entry)
                edge += 1
            entry = next_entry(net, entry)


cdef inline int sort_edges(int64_t[:, ::1] edges, int64_t[::1] ages) except -1:
    """Bring edges in the order of copy_edges, which is that of their older ends, in order of their younger ends as well."""
    cdef Py_ssize_t n_edges = ages.shape[0], first = 0, stop
    cdef int64_t *ends = &edges[0, 0]
    with nogil:
        while first < n_edges:
            stop = first + 1
            while stop < n_edges and ends[2 * stop] == ends[2 * first]:
                stop += 1
            sort_by_younger_end(ends + 2 * first, &ages[first], stop - first)
            first = stop
    return 0


cdef inline void sort_by_younger_end(int64_t *ends, int64_t *ages, Py_ssize_t n) noexcept nogil:
    """Shell's sort of n edges: few are sorted by insertion, and the many of a hub in less than their square."""
    cdef Py_ssize_t gap = n // 2, i, k
    cdef int64_t younger, age
    while gap:
        for i in range(gap, n):
            younger, age = ends[2 * i + 1], ages[i]
            k = i
            while k >= gap and ends[2 * (k - gap) + 1] > younger:
                ends[2 * k + 1], ages[k] = ends[2 * (k - gap) + 1], ages[k - gap]
                k -= gap
            ends[2 * k + 1], ages[k] = younger, age
        gap = 1 if 1 < gap < 5 else gap * 5 // 11


cdef inline void copy_utilities(State *net, double *utilities) noexcept nogil:
    cdef Py_ssize_t slot, node = 0
    for slot in range(net.n_slots):
        if not is_hole(net, slot):
            utilities[node] = net.utility[slot]
            node += 1


cdef inline void copy_fixed(State *net, uint8_t *fixed, float *won) noexcept nogil:
    """Copy which nodes are fixed, and the signals that those won last, in order of birth."""
    cdef Py_ssize_t slot, node = 0, row = 0
    for slot in range(net.n_slots):
        if not is_hole(net, slot):
            fixed[node] = is_fixed(net, slot)
            if fixed[node]:
                memcpy(won + row * net.d, last_won(net, slot), net.d * sizeof(float))
                row += 1
            node += 1


# ---- arrays as saved_network.py has them -----------------------------------------------------------------------------

cdef inline int fill_nodes(State *net, float[:, ::1] w, double[::1] errors, double scale) except -1:
    """Fill in the positions, and the stored errors divided by `scale`."""
    if net.n_nodes:
        copy_nodes(net, &w[0, 0])
        copy_errors(net, &errors[0], scale)
    return 0


cdef inline int fill_edges(State *net, int64_t[:, ::1] ends, int64_t[::1] ages) except -1:
    """Fill in the edges and their ages, in the order of the lists of edges."""
    if net.n_edges:
        number_nodes(net)
        copy_edges(net, &ends[0, 0], &ages[0], NULL)
    return 0


cdef inline int fill_arrays(State *net, dict arrays) except -1:
    """Fill in all arrays of the network; the edges are in the order of their lists."""
    cdef double[::1] utilities
    cdef uint8_t[::1] flags
    cdef float[:, ::1] won
    fill_nodes(net, arrays["nodes"], arrays["errors"], 1)
    fill_edges(net, arrays["edges"], arrays["ages"])
    if "utilities" in arrays and net.n_nodes:
        utilities = arrays["utilities"]
        copy_utilities(net, &utilities[0])
    if "fixed" in arrays:
        flags, won = arrays["fixed"].view("u1"), arrays["last_won"]
        copy_fixed(net, &flags[0], &won[0, 0])
    if "permanent" in arrays:
        flags = arrays["permanent"].view("u1")
        copy_edges(net, NULL, NULL, &flags[0])
    return 0


cdef inline int restore_arrays(State *net, dict arrays, Py_ssize_t further_chunks) except -1:
    """Add the nodes and edges of checked arrays to a network without nodes, whose numbers are restored already."""
    restore_nodes(net, arrays["nodes"], arrays["errors"], arrays.get("utilities"), arrays.get("fixed"),
                  arrays.get("last_won"))
    restore_edges(net, arrays["edges"], arrays["ages"], arrays.get("permanent"), further_chunks)
    return 0


cdef inline int restore_nodes(State *net, const float[:, ::1] w, const double[::1] errors, const double[::1] utilities,
                              fixed, const float[:, ::1] last_won) except -1:
    """Add the nodes to a network without nodes; they are not put into the index. What is not used is None."""
    cdef const uint8_t[::1] is_fixed_node = None if fixed is None else fixed.view("u1")
    cdef Py_ssize_t i, node, row = 0
    if fixed is not None:
        make_room_for_fixed(net, last_won.shape[0])
    for i in range(w.shape[0]):
        node = add_node(net)
        memcpy(position(net, node), &w[i, 0], net.d * sizeof(float))
        set_error(net, node, errors[i])
        if utilities is not None:
            net.utility[node] = utilities[i]
        if fixed is not None and is_fixed_node[i]:
            fix_node(net, node)
            memcpy(net.last_won + row * net.d, &last_won[row, 0], net.d * sizeof(float))
            row += 1
    return 0


cdef inline int restore_edges(State *net, const int64_t[:, ::1] ends, const int64_t[::1] ages, permanent,
                              Py_ssize_t further_chunks) except -1:
    """Add the edges to a network without edges and holes; their nodes take `further_chunks` besides one each."""
    cdef const uint8_t[::1] is_permanent_edge = None if permanent is None else permanent.view("u1")
    cdef Py_ssize_t a, b, i
    cdef uint32_t base
    if further_chunks:
        grow_edge_pool(net, net.n_chunks + further_chunks)
    if permanent is not None:
        net.permanent = <uint8_t *>zeroed(net.n_chunks, EDGES_PER_CHUNK)
    for i in range(ends.shape[0]):
        a, b = ends[i, 0], ends[i, 1]
        base = node_at(net, a).wins + node_at(net, b).wins - <uint32_t>ages[i]
        add_half_edge(net, a, b, base)
        add_half_edge(net, b, a, base)
        net.n_edges += 1
        if permanent is not None and is_permanent_edge[i]:
            net.permanent[find_edge(net, a, b)] = net.permanent[find_edge(net, b, a)] = True
    return 0

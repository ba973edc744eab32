# cython: language_level=3
"""GNG-U: B. Fritzke, "A self-organizing network that can follow non-stationary distributions", ICANN 1997.

The utility of a node is how much the error would grow without it. A node of little utility, such as one in a place that
the signals have left, is removed where another node's error says that one is needed more.
"""

from libc.math cimport INFINITY
from libc.stdint cimport int64_t

from gng_fast.core.state cimport (
    NODES_PER_MAXIMUM, State, edge_entry, entry_neighbour, has_permanent_edge, is_fixed, is_hole, next_entry, node_at,
    node_of_largest_error, remove_edge, remove_if_lonely, remove_node,
)


cdef inline void add_utility(State *net, Py_ssize_t s1, float d1, float d2) noexcept nogil:
    """Step 4: utility[s1] += by how much the error of the signal would be larger without s1."""
    net.utility[s1] += (<double>d2 - <double>d1) * net.error_scale


cdef inline Py_ssize_t least_useful_node(State *net) noexcept nogil:
    """The oldest node of the smallest utility, of those that are neither fixed nor have a permanent edge; -1 for none.

    Utilities grow, and nodes go, without a word to the bounds of their runs, which then are too low. The run of the
    smallest bound is looked through and its bound raised, until a node reaches its bound: none is smaller.
    """
    cdef Py_ssize_t run, least
    cdef double smallest
    while True:
        run = run_of_smallest_bound(net)
        least = least_useful_of_run(net, run)
        smallest = INFINITY if least < 0 else net.utility[least]
        if smallest == net.utility_min[run]:
            return least
        net.utility_min[run] = smallest


cdef inline Py_ssize_t run_of_smallest_bound(const State *net) noexcept nogil:
    """The first run of the smallest bound."""
    cdef Py_ssize_t run = 0, i
    for i in range(1, (net.n_slots + NODES_PER_MAXIMUM - 1) // NODES_PER_MAXIMUM):
        if net.utility_min[i] < net.utility_min[run]:
            run = i
    return run


cdef inline Py_ssize_t least_useful_of_run(State *net, Py_ssize_t run) noexcept nogil:
    """`least_useful_node` of one run."""
    cdef Py_ssize_t first = run * NODES_PER_MAXIMUM, least = -1, i
    cdef double smallest = INFINITY
    for i in range(first, min(first + NODES_PER_MAXIMUM, net.n_slots)):
        if net.utility[i] < smallest and not (is_hole(net, i) or is_fixed(net, i) or has_permanent_edge(net, i)):
            least, smallest = i, net.utility[i]
    return least


cdef inline int64_t nodes_without(State *net, Py_ssize_t node) noexcept nogil:
    """How many nodes there would be without `node` and the neighbours that have no other edge."""
    cdef int64_t left = net.n_nodes - 1
    cdef Py_ssize_t entry = edge_entry(net, node, 0), neighbour, i
    for i in range(node_at(net, node).degree):
        neighbour = entry_neighbour(net, entry)[0]
        if node_at(net, neighbour).degree == 1 and not is_fixed(net, neighbour):
            left -= 1
        entry = next_entry(net, entry)
    return left


cdef inline void remove_least_useful(State *net) noexcept nogil:
    """Step 8: the node of smallest utility goes, with its edges and the neighbours that had no other edge, if the largest
    error is more than k times that.

    Nothing goes where fewer than two nodes would be left.
    """
    cdef Py_ssize_t node = least_useful_node(net), entry, neighbour
    if node < 0 or nodes_without(net, node) < 2:
        return
    if not node_at(net, node_of_largest_error(net)).error > net.utility_factor * net.utility[node]:
        return
    while node_at(net, node).degree > 0:
        entry = edge_entry(net, node, node_at(net, node).degree - 1)
        neighbour = entry_neighbour(net, entry)[0]
        remove_edge(net, node, entry)
        remove_if_lonely(net, neighbour)
    remove_node(net, node)

# cython: language_level=3
"""Connected components: which one each node belongs to, brought up to date when that is asked for.

Once nodes are labelled, state.pxd notes which edges come and go, and nodes. A few of these rarely change the components:
an edge mostly comes between nodes of one component, and where one goes there mostly is another way close by. Where that
can be seen the labels stay; otherwise, or after more changes than are noted, all nodes are labelled anew.
"""

from libc.stdint cimport int32_t, int64_t

from gng_fast.core.memory cimport allocated, gng_release, zeroed
from gng_fast.core.state cimport (
    EDGES_PER_CHUNK, EdgeChange, State, entry_neighbour, is_hole, next_entry, node_at,
)

cdef enum:
    NODES_SEARCHED = 256        # of the search for another way between the ends of an edge that went


cdef inline bint labels_kept(State *net) except -1:
    """Label the components as they are now. Return whether nodes have the numbers and labels that they had before."""
    cdef bint hold, kept
    cdef int32_t *work
    if net.components.label is NULL:
        net.components.label = <int32_t *>zeroed(net.capacity, sizeof(int32_t))
    hold = labels_hold(net)
    if not hold:
        work = <int32_t *>allocated(net.n_nodes + 1, sizeof(int32_t))
        with nogil:
            label_components(net, work)
        gng_release(work)
    kept = hold and not any_node_went(net)
    begin_notes(net)
    return kept


cdef inline bint labels_hold(State *net) noexcept nogil:
    """Whether the components are those that the labels tell, in their order; new nodes are labelled.

    Nodes of one label are still connected, as there is another way for each edge that went. Nodes of different labels are
    not, as no edge came between them.
    """
    cdef int32_t *label = net.components.label
    cdef Py_ssize_t slot
    cdef int i
    if net.components.n_labelled == 0:
        return False
    for slot in range(net.components.n_labelled, net.n_slots):
        label[slot] = -1
    for i in range(net.components.n_changes):
        if net.components.changes[i].came and not same_label(label, &net.components.changes[i]):
            return False
    for slot in range(net.components.n_labelled, net.n_slots):
        if label[slot] < 0:
            return False
    for i in range(net.components.n_changes):
        if not net.components.changes[i].came and not is_bridged(net, i):
            return False
    return True


cdef inline bint same_label(int32_t *label, const EdgeChange *edge) noexcept nogil:
    """Whether the ends of a new edge have one label; a new node gets that of the other end."""
    if label[edge.a] < 0:
        label[edge.a] = label[edge.b]
    elif label[edge.b] < 0:
        label[edge.b] = label[edge.a]
    return label[edge.a] == label[edge.b]


cdef inline bint is_bridged(State *net, int change) noexcept nogil:
    """Whether it is seen that an edge, or a node, that went has changed no component."""
    cdef const EdgeChange *gone = &net.components.changes[change]
    cdef Py_ssize_t left = gone.b if is_hole(net, gone.a) else gone.a, lost = gone.a + gone.b - left, other
    if gone.a == gone.b:
        return is_not_first(net, gone.a)
    if is_hole(net, left):
        return False
    other = lost if not is_hole(net, lost) else first_neighbour_left(net, lost, change)
    return are_connected(net, left, other)


cdef inline bint is_not_first(State *net, Py_ssize_t node) noexcept nogil:
    """Whether a node that went was not the oldest of its component: that one gives the component its number."""
    cdef Py_ssize_t slot
    for slot in range(node - 1, -1, -1):
        if net.components.label[slot] == net.components.label[node] and not is_hole(net, slot):
            return True
    return False


cdef inline Py_ssize_t first_neighbour_left(State *net, Py_ssize_t lost, int last_change) noexcept nogil:
    """The first node still there of those that had an edge to one that went; change `last_change` names one."""
    cdef const EdgeChange *gone
    cdef Py_ssize_t neighbour
    cdef int i
    for i in range(last_change + 1):
        gone = &net.components.changes[i]
        neighbour = gone.a + gone.b - lost
        if not gone.came and (gone.a == lost or gone.b == lost) and not is_hole(net, neighbour):
            return neighbour
    return -1                   # never: the last change is such an edge


cdef inline bint are_connected(State *net, Py_ssize_t a, Py_ssize_t b) noexcept nogil:
    """Whether there is a way from a to b by up to NODES_SEARCHED nodes, breadth first. Their labels are marked meanwhile."""
    cdef int32_t *label = net.components.label
    cdef int32_t reached[NODES_SEARCHED]
    cdef Py_ssize_t n = 1, done = 0, entry, neighbour, i
    cdef bint found = a == b
    reached[0] = <int32_t>a
    label[a] = ~label[a]
    while done < n and not found:
        entry = reached[done] * EDGES_PER_CHUNK
        for i in range(node_at(net, reached[done]).degree):
            neighbour = entry_neighbour(net, entry)[0]
            found |= neighbour == b
            if label[neighbour] >= 0 and n < NODES_SEARCHED:
                label[neighbour] = ~label[neighbour]
                reached[n] = <int32_t>neighbour
                n += 1
            entry = next_entry(net, entry)
        done += 1
    for i in range(n):
        label[reached[i]] = ~label[reached[i]]
    return found


cdef inline void label_components(State *net, int32_t *work) noexcept nogil:
    """Label all nodes: components are numbered in the order of their oldest nodes. `work` has room for all nodes."""
    cdef int32_t *label = net.components.label
    cdef Py_ssize_t slot, n, entry, neighbour, i
    cdef int32_t number = 0, node
    for slot in range(net.n_slots):
        label[slot] = -1
    for slot in range(net.n_slots):
        if is_hole(net, slot) or label[slot] >= 0:
            continue
        label[slot] = number
        work[0] = <int32_t>slot
        n = 1
        while n:
            n -= 1
            node = work[n]
            entry = node * <Py_ssize_t>EDGES_PER_CHUNK
            for i in range(node_at(net, node).degree):
                neighbour = entry_neighbour(net, entry)[0]
                if label[neighbour] < 0:
                    label[neighbour] = number
                    work[n] = <int32_t>neighbour
                    n += 1
                entry = next_entry(net, entry)
        number += 1


cdef inline bint any_node_went(const State *net) noexcept nogil:
    """Whether nodes may have other numbers than when they were labelled."""
    cdef int i
    for i in range(net.components.n_changes):
        if net.components.changes[i].a == net.components.changes[i].b:
            return True
    return False


cdef inline void begin_notes(State *net) noexcept nogil:
    """The labels are those of now: from here on changes are noted."""
    net.components.n_labelled = net.n_slots
    net.components.n_changes = 0


cdef inline Py_ssize_t copy_labels(State *net, Py_ssize_t slot, Py_ssize_t node, int64_t *labels) noexcept nogil:
    """Write the labels of the nodes from `slot` on, the first of which has the number `node`; return how many nodes
    there are."""
    for slot in range(slot, net.n_slots):
        if not is_hole(net, slot):
            labels[node] = net.components.label[slot]
            node += 1
    return node

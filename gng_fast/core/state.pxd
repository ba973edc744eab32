# cython: language_level=3
"""The memory of a network and the operations on its graph: nodes and edges come and go, errors are looked up.

Node slots are filled from the bottom in order of birth. A removed node leaves a hole, and the holes are closed, keeping
the order, when the slots run out: so a lower slot always means an older node, which settles every tie.

The edges of a node lie in chunks of EDGES_PER_CHUNK entries: chunk `i` belongs to slot `i`, further ones come from a pool
and are chained by `next_chunk`. Unused entries name the dummy, a record beyond all slots, so that chunks can be worked
through whole. Each edge stands in the lists of both its ends. Ages are never written: every win of a node ages all its
edges by one, so the age of edge (a, b) is wins(a) + wins(b) - base, and only a refresh writes the base. All three wrap
around at 2^32 together. A permanent edge has an age inside like any other: where that is found too old, it is refreshed.

What only some networks need (fixed nodes, permanent edges, utility) is NULL until it is needed.
"""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memcpy, memset

from gng_fast.core.dense cimport (
    clear_slot, gng_dense_kernels, gng_leave_scores, gng_scores, set_slot,
)
from gng_fast.core.index cimport (
    GNG_CHUNK_SHIFT, GNG_EDGES_PER_CHUNK, GNG_MAX_GRID_D, Index, gng_edge_chunk, gng_kernels, gng_node, gng_node_at,
    gng_node_size, gng_row_stride, index_remove, index_renumber,
)
from gng_fast.core.signals cimport SIGNALS_UNDER_WAY

cdef extern from "edge_chunk.h" nogil:
    int gng_find_in_chunk(const gng_edge_chunk *chunk, int32_t wanted)

cdef enum:
    EDGES_PER_CHUNK = GNG_EDGES_PER_CHUNK
    CHUNK_SHIFT = GNG_CHUNK_SHIFT
    CHUNK_MASK = EDGES_PER_CHUNK - 1
    # one signal makes at most three edges (two of them where a node is inserted), each in two lists; the new node's own
    # list has room, so four lists may need a chunk
    CHUNKS_PER_SIGNAL = 4
    CHUNKS_UNDER_WAY = CHUNKS_PER_SIGNAL * SIGNALS_UNDER_WAY
    NODES_PER_MAXIMUM = 64
    HOLES_TO_CLOSE = 1024       # so many more holes than nodes are worth closing before the slots run out
    MOST_EDGE_CHANGES = 64      # are noted between two questions for the components

cdef enum Variant:
    FRITZKE
    NEUPY

cdef union Scratch:             # (capacity,) one piece of memory, for one use at a time
    int32_t *new_slot           # close_holes: where the node of each slot goes
    int32_t *number             # number_nodes: the number of the node in each slot

cdef struct EdgeChange:
    int32_t a                   # its ends; the same slot twice: a node went
    int32_t b
    bint came                   # or else it went

cdef struct Components:         # see components.pxd
    int32_t *label              # or NULL: (capacity,) the component of the node in each slot
    Py_ssize_t n_labelled       # slots there were when the nodes were labelled; 0: they are to be labelled anew
    int n_changes               # since then
    EdgeChange changes[MOST_EDGE_CHANGES]

cdef struct State:
    const gng_kernels *kernels
    # parameters
    Py_ssize_t d
    Variant variant
    int64_t max_nodes
    int64_t lam
    uint32_t max_age
    float eps_b
    float eps_n
    double alpha
    double growth               # 1 / decay
    double skip_below           # distances below this skip the signal
    # counters
    Py_ssize_t n_slots          # slots in use, holes included
    Py_ssize_t n_nodes
    Py_ssize_t capacity         # slots there are
    int64_t n_edges
    int64_t n_signals           # signals that counted
    int64_t until_insertion     # signals left until the next insertion
    double distance_sum         # distances to the winner before its move, since last asked
    int64_t distance_count
    uint64_t rng
    # nodes
    char *nodes                 # (capacity + 1) records, gng_node_size(d) bytes each; the last one is the dummy
    float *w                    # positions, gng_row_stride(d) apart: in the records, or rows of their own
    double *error_max           # (capacity / NODES_PER_MAXIMUM) the largest of each run of errors
    double error_scale
    Scratch scratch
    Py_ssize_t n_numbered       # of the first so many slots scratch.number is the number of the node
    int32_t *fixed              # or NULL: row in `last_won` of a fixed node, -1 for others
    float *last_won             # (n_fixed, d) the signal that each fixed node won last
    int64_t n_fixed
    double *utility             # or NULL: utilities times error_scale
    double *utility_min         # or NULL: (capacity / NODES_PER_MAXIMUM) none in the run that may go is smaller
    double utility_factor       # k of GNG-U
    # edges
    gng_edge_chunk *chunks      # (n_chunks,)
    int32_t *next_chunk         # (n_chunks,)
    uint8_t *permanent          # or NULL: (n_chunks, EDGES_PER_CHUNK) whether the edge there is permanent
    Py_ssize_t n_chunks
    Py_ssize_t n_free_chunks
    Py_ssize_t fresh_chunk      # from here on no chunk was ever used
    int32_t released_chunk      # head of the chain of chunks used and given back, -1 if there are none
    Components components
    # where the search finds the nodes, and how well that works
    Index index
    int forced_kind             # of index, -1 for none
    int batch_size              # signals searched for at once
    bint search_ahead           # each batch is searched for while the one before it is still to be trained on
    int64_t since_build         # signals since the index was built
    int64_t n_visited           # leaves, or cells and panels beyond the nearest, that their searches visited
    int64_t flat_below          # with fewer nodes than this the index did not pay
    bint blocks_failed          # though brute force goes in blocks, scores leave many nodes for most signals
    # blocks of signals scored against all nodes
    const gng_dense_kernels *dense  # or NULL: how, while the network trains in blocks
    int least_block             # of fewer signals each is searched for by itself
    gng_scores scores


cdef inline gng_node *node_at(State *net, Py_ssize_t node) noexcept nogil:
    return gng_node_at(net.nodes, net.d, node)


cdef inline float *position(State *net, Py_ssize_t node) noexcept nogil:
    return net.w + node * gng_row_stride(net.d)


cdef inline bint is_hole(State *net, Py_ssize_t slot) noexcept nogil:
    return node_at(net, slot).degree < 0


# ---- errors ---------------------------------------------------------------------------------------------------------

cdef inline void find_error_max(State *net, Py_ssize_t node) noexcept nogil:
    """Look the maximum of the run that holds `node` up again, after an error in it fell."""
    cdef Py_ssize_t first = node - node % NODES_PER_MAXIMUM, i
    cdef double largest = -1
    for i in range(first, first + NODES_PER_MAXIMUM):
        if node_at(net, i).error > largest:
            largest = node_at(net, i).error
    net.error_max[first // NODES_PER_MAXIMUM] = largest


cdef inline void find_every_error_max(State *net, Py_ssize_t n_slots) noexcept nogil:
    cdef Py_ssize_t run
    for run in range((n_slots + NODES_PER_MAXIMUM - 1) // NODES_PER_MAXIMUM):
        find_error_max(net, run * NODES_PER_MAXIMUM)


cdef inline void set_error(State *net, Py_ssize_t node, double scaled) noexcept nogil:
    cdef double *largest = net.error_max + node // NODES_PER_MAXIMUM
    cdef bint was_largest = node_at(net, node).error == largest[0]
    node_at(net, node).error = scaled
    if scaled >= largest[0]:
        largest[0] = scaled
    elif was_largest:
        find_error_max(net, node)


cdef inline Py_ssize_t node_of_largest_error(State *net) noexcept nogil:
    cdef Py_ssize_t run = 0, i
    for i in range(1, (net.n_slots + NODES_PER_MAXIMUM - 1) // NODES_PER_MAXIMUM):
        if net.error_max[i] > net.error_max[run]:
            run = i
    i = run * NODES_PER_MAXIMUM
    while node_at(net, i).error != net.error_max[run]:
        i += 1
    return i


# ---- utilities ------------------------------------------------------------------------------------------------------

cdef inline void forget_utility_min(State *net, Py_ssize_t node) noexcept nogil:
    """The run that holds `node` may have any utilities now; none is below 0."""
    net.utility_min[node // NODES_PER_MAXIMUM] = 0


cdef inline void forget_every_utility_min(State *net, Py_ssize_t n_slots) noexcept nogil:
    cdef Py_ssize_t run
    for run in range((n_slots + NODES_PER_MAXIMUM - 1) // NODES_PER_MAXIMUM):
        net.utility_min[run] = 0


# ---- edges ----------------------------------------------------------------------------------------------------------

cdef inline Py_ssize_t edge_entry(State *net, Py_ssize_t a, Py_ssize_t nth) noexcept nogil:
    """Where the `nth` edge of `a` is stored: chunk * EDGES_PER_CHUNK + place in the chunk."""
    cdef Py_ssize_t chunk = a
    while nth >= EDGES_PER_CHUNK:
        chunk = net.next_chunk[chunk]
        nth -= EDGES_PER_CHUNK
    return chunk * EDGES_PER_CHUNK + nth


cdef inline int32_t *entry_neighbour(State *net, Py_ssize_t entry) noexcept nogil:
    return &net.chunks[entry >> CHUNK_SHIFT].neighbour[entry & CHUNK_MASK]


cdef inline uint32_t *entry_base(State *net, Py_ssize_t entry) noexcept nogil:
    return &net.chunks[entry >> CHUNK_SHIFT].base[entry & CHUNK_MASK]


cdef inline Py_ssize_t next_entry(State *net, Py_ssize_t entry) noexcept nogil:
    if entry & CHUNK_MASK < CHUNK_MASK:
        return entry + 1
    return <Py_ssize_t>net.next_chunk[entry >> CHUNK_SHIFT] << CHUNK_SHIFT


cdef inline Py_ssize_t find_edge(State *net, Py_ssize_t a, Py_ssize_t b) noexcept nogil:
    """The entry of edge (a, b) in the list of `a`, or -1."""
    cdef Py_ssize_t chunk = a, searched = 0
    cdef int place
    while True:
        place = gng_find_in_chunk(&net.chunks[chunk], <int32_t>b)
        if place >= 0:
            return (chunk << CHUNK_SHIFT) + place
        searched += EDGES_PER_CHUNK
        if searched >= node_at(net, a).degree:
            return -1
        chunk = net.next_chunk[chunk]


cdef inline uint32_t edge_age(State *net, Py_ssize_t a, Py_ssize_t entry) noexcept nogil:
    return node_at(net, a).wins + node_at(net, entry_neighbour(net, entry)[0]).wins - entry_base(net, entry)[0]


cdef inline int32_t dummy(State *net) noexcept nogil:
    """The number that unused entries of lists of edges hold."""
    return <int32_t>net.capacity


cdef inline void clear_chunk(State *net, Py_ssize_t chunk) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(EDGES_PER_CHUNK):
        net.chunks[chunk].neighbour[i] = dummy(net)
    net.next_chunk[chunk] = 0   # next_entry reads it after the last edge of a full chunk, and does not use it


cdef inline bint is_permanent(State *net, Py_ssize_t entry) noexcept nogil:
    return net.permanent is not NULL and net.permanent[entry]


cdef inline bint has_permanent_edge(State *net, Py_ssize_t a) noexcept nogil:
    cdef Py_ssize_t entry = a * EDGES_PER_CHUNK, i
    for i in range(node_at(net, a).degree):
        if is_permanent(net, entry):
            return True
        entry = next_entry(net, entry)
    return False


cdef inline int32_t take_chunk(State *net) noexcept nogil:
    cdef int32_t chunk = net.released_chunk
    net.n_free_chunks -= 1
    if chunk >= 0:
        net.released_chunk = net.next_chunk[chunk]
    else:
        chunk = <int32_t>net.fresh_chunk
        net.fresh_chunk += 1
    clear_chunk(net, chunk)
    return chunk


cdef inline void release_chunk(State *net, Py_ssize_t chunk) noexcept nogil:
    net.n_free_chunks += 1
    net.next_chunk[chunk] = net.released_chunk
    net.released_chunk = <int32_t>chunk


cdef inline void add_half_edge(State *net, Py_ssize_t a, Py_ssize_t b, uint32_t base) noexcept nogil:
    cdef Py_ssize_t degree = node_at(net, a).degree, last
    if degree > 0 and degree & CHUNK_MASK == 0:
        last = edge_entry(net, a, degree - 1) >> CHUNK_SHIFT
        net.next_chunk[last] = take_chunk(net)
    cdef Py_ssize_t entry = edge_entry(net, a, degree)
    entry_neighbour(net, entry)[0] = <int32_t>b
    entry_base(net, entry)[0] = base
    if net.permanent is not NULL:
        net.permanent[entry] = False
    node_at(net, a).degree += 1


cdef inline void remove_half_edge(State *net, Py_ssize_t a, Py_ssize_t entry) noexcept nogil:
    """The last edge of `a` takes the place of the removed one."""
    cdef Py_ssize_t degree = node_at(net, a).degree - 1
    cdef Py_ssize_t last = edge_entry(net, a, degree)
    entry_neighbour(net, entry)[0] = entry_neighbour(net, last)[0]
    entry_base(net, entry)[0] = entry_base(net, last)[0]
    entry_neighbour(net, last)[0] = dummy(net)
    if net.permanent is not NULL:
        net.permanent[entry] = net.permanent[last]
    if degree > 0 and degree & CHUNK_MASK == 0:
        release_chunk(net, last >> CHUNK_SHIFT)
    node_at(net, a).degree = <int32_t>degree


cdef inline void note_change(State *net, Py_ssize_t a, Py_ssize_t b, bint came) noexcept nogil:
    """Note for the components that an edge came or went; a node that went is an edge to itself."""
    cdef EdgeChange *change = net.components.changes + net.components.n_changes
    if net.components.n_labelled == 0:
        return
    if net.components.n_changes == MOST_EDGE_CHANGES:
        net.components.n_labelled = 0
        return
    change.a, change.b, change.came = <int32_t>a, <int32_t>b, came
    net.components.n_changes += 1


cdef inline void add_edge(State *net, Py_ssize_t a, Py_ssize_t b) noexcept nogil:
    """Make the edge (a, b) of age 0. There must be none yet, and at least two free chunks."""
    cdef uint32_t base = node_at(net, a).wins + node_at(net, b).wins
    add_half_edge(net, a, b, base)
    add_half_edge(net, b, a, base)
    net.n_edges += 1
    note_change(net, a, b, came=True)


cdef inline void remove_edge(State *net, Py_ssize_t a, Py_ssize_t entry) noexcept nogil:
    """Remove the edge that stands at `entry` in the list of `a`."""
    cdef Py_ssize_t b = entry_neighbour(net, entry)[0]
    remove_half_edge(net, b, find_edge(net, b, a))
    remove_half_edge(net, a, entry)
    net.n_edges -= 1
    note_change(net, a, b, came=False)


cdef inline void refresh_edge(State *net, Py_ssize_t d, Py_ssize_t a, Py_ssize_t b, Py_ssize_t entry) noexcept nogil:
    """Give age 0 to the edge (a, b), which stands at `entry` in the list of `a`. (d is given apart for the compiler to
    know it.)"""
    cdef uint32_t base = gng_node_at(net.nodes, d, a).wins + gng_node_at(net.nodes, d, b).wins
    entry_base(net, entry)[0] = base
    entry_base(net, find_edge(net, b, a))[0] = base


cdef inline void clear_edges(State *net) noexcept nogil:
    """Remove all edges but the permanent ones."""
    cdef Py_ssize_t slot, entry, i
    for slot in range(net.n_slots):
        i = 0
        while i < node_at(net, slot).degree:
            entry = edge_entry(net, slot, i)
            if is_permanent(net, entry):
                i += 1
            else:
                remove_edge(net, slot, entry)


# ---- nodes ----------------------------------------------------------------------------------------------------------

cdef inline void move_slot(State *net, Py_ssize_t slot, Py_ssize_t to) noexcept nogil:
    """Move a node down to a lower slot. Its neighbours' lists still hold the old number."""
    memcpy(node_at(net, to), node_at(net, slot), gng_node_size(net.d))
    if net.d > GNG_MAX_GRID_D:
        memcpy(position(net, to), position(net, slot), net.d * sizeof(float))
    index_renumber(&net.index, to)
    node_at(net, slot).error = -1
    node_at(net, slot).degree = -1
    if net.dense is not NULL:
        net.scores.n = 0        # the block is over
        net.scores.lengths_known = False
        clear_slot(net.scores.live, slot)
        set_slot(net.scores.live, to)
        set_slot(net.scores.moved, to)
    net.chunks[to] = net.chunks[slot]
    net.next_chunk[to] = net.next_chunk[slot]
    if net.fixed is not NULL:
        net.fixed[to] = net.fixed[slot]
    if net.utility is not NULL:
        net.utility[to] = net.utility[slot]
    if net.permanent is not NULL:
        memcpy(net.permanent + to * EDGES_PER_CHUNK, net.permanent + slot * EDGES_PER_CHUNK, EDGES_PER_CHUNK)


cdef inline void close_holes(State *net) noexcept nogil:
    """Move the nodes down over the holes, keeping their order, and renumber the edges."""
    cdef Py_ssize_t n_slots = net.n_slots, slot, filled = 0, entry, i
    for slot in range(n_slots):
        if node_at(net, slot).degree >= 0:
            net.scratch.new_slot[slot] = <int32_t>filled
            if filled < slot:
                move_slot(net, slot, filled)
            filled += 1
    net.n_slots = filled
    net.n_numbered = net.components.n_labelled = 0
    for slot in range(filled):
        entry = slot * EDGES_PER_CHUNK
        for i in range(node_at(net, slot).degree):
            entry_neighbour(net, entry)[0] = net.scratch.new_slot[entry_neighbour(net, entry)[0]]
            entry = next_entry(net, entry)
    find_every_error_max(net, n_slots)
    if net.utility is not NULL:
        forget_every_utility_min(net, n_slots)


cdef inline void clear_slots(State *net, Py_ssize_t first) noexcept nogil:
    """Make a run of slots ready for use. Done when the first of them is needed, so that a large max_nodes costs nothing."""
    cdef Py_ssize_t slot
    # what is read of rows without a node, or beyond a position, does not matter, but is to be numbers
    memset(node_at(net, first), 0, NODES_PER_MAXIMUM * gng_node_size(net.d))
    if net.d > GNG_MAX_GRID_D:
        memset(position(net, first), 0, NODES_PER_MAXIMUM * gng_row_stride(net.d) * sizeof(float))
    for slot in range(first, first + NODES_PER_MAXIMUM):
        node_at(net, slot).error = -1
        node_at(net, slot).degree = -1
    net.error_max[first // NODES_PER_MAXIMUM] = -1


cdef inline void make_slot(State *net) noexcept nogil:
    """See that there is a slot for a new node: may renumber all nodes. There must be fewer than `max_nodes`.

    Where many nodes come and go the holes are closed early: what looks at all slots then takes as long as there are nodes.
    """
    if net.n_slots == net.capacity or net.n_slots > 2 * net.n_nodes + HOLES_TO_CLOSE:
        close_holes(net)


cdef inline Py_ssize_t add_node(State *net) noexcept nogil:
    """Return the slot of a new node without edges and error, after make_slot.

    Its position is the caller's to write, and to put into the index.
    """
    cdef Py_ssize_t node = net.n_slots
    if node % NODES_PER_MAXIMUM == 0:
        clear_slots(net, node)
    net.n_slots += 1
    net.n_nodes += 1
    clear_chunk(net, node)
    node_at(net, node).degree = 0
    node_at(net, node).wins = 0
    set_error(net, node, 0)
    if net.fixed is not NULL:
        net.fixed[node] = -1
    if net.utility is not NULL:
        net.utility[node] = 0
        forget_utility_min(net, node)
    if net.dense is not NULL:
        set_slot(net.scores.live, node)
        if net.scores.n == 0:
            net.scores.lengths_known = False
    return node


cdef inline void list_slots(State *net, int64_t *slots) noexcept nogil:
    """Write the slot of each node, in order of birth."""
    cdef Py_ssize_t slot, node = 0
    for slot in range(net.n_slots):
        if not is_hole(net, slot):
            slots[node] = slot
            node += 1


cdef inline bint is_fixed(State *net, Py_ssize_t node) noexcept nogil:
    return net.fixed is not NULL and net.fixed[node] >= 0


cdef inline float *last_won(State *net, Py_ssize_t node) noexcept nogil:
    """The signal that the fixed `node` won last."""
    return net.last_won + net.fixed[node] * net.d


cdef inline void fix_node(State *net, Py_ssize_t node) noexcept nogil:
    """There must be room for it in `last_won`. Before it wins, its own place stands for the signal it won last."""
    net.fixed[node] = <int32_t>net.n_fixed
    net.n_fixed += 1
    memcpy(last_won(net, node), position(net, node), net.d * sizeof(float))


cdef inline void remove_node(State *net, Py_ssize_t node) noexcept nogil:
    """Remove a node that has no edges."""
    index_remove(&net.index, node)
    node_at(net, node).degree = -1
    set_error(net, node, -1)
    net.n_nodes -= 1
    net.n_numbered = min(net.n_numbered, node + 1)
    note_change(net, node, node, came=False)
    if net.dense is not NULL:
        clear_slot(net.scores.live, node)
        gng_leave_scores(&net.scores, node)


cdef inline void remove_if_lonely(State *net, Py_ssize_t node) noexcept nogil:
    """Remove a node that has lost its last edge, unless it is fixed."""
    if node_at(net, node).degree == 0 and not is_fixed(net, node):
        remove_node(net, node)

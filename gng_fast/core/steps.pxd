# cython: language_level=3
"""Step 0, and steps 2 to 9, of Growing Neural Gas, one function each, numbered as in Fritzke (1995), section 2.

Step 1, drawing the signal, is in signals.pxd.
"""

from libc.stdint cimport int32_t, uint32_t
from libc.string cimport memcpy

from gng_fast.core.float_rules cimport GNG_SMALLEST_COORDINATE, gng_flushed
from gng_fast.core.index cimport (
    GNG_GRID, GNG_MAX_GRID_D, change_cell, gng_edge_chunk, gng_hit, gng_panels, gng_node, gng_node_at, gng_row_stride,
    index_add, write_lane,
)
from gng_fast.core.state cimport (
    EDGES_PER_CHUNK, NODES_PER_MAXIMUM, State, add_edge, add_node, edge_age, edge_entry, entry_neighbour,
    find_edge, fix_node, find_every_error_max, forget_every_utility_min, is_fixed, is_hole, is_permanent, last_won, make_slot,
    next_entry, node_at, node_of_largest_error, position, refresh_edge, remove_edge, remove_if_lonely, set_error,
)

cdef extern from "move.h" nogil:
    ctypedef struct gng_moved:
        unsigned int crossed
        unsigned int old
    bint gng_move_one(const gng_panels *panels, Py_ssize_t d, gng_node *node, const float *x, float eps, float smallest,
                      uint32_t batch)
    gng_moved gng_move_chunk(const gng_panels *panels, char *nodes, Py_ssize_t d, const gng_edge_chunk *chunk, Py_ssize_t n,
                             const float *x, float eps, uint32_t wins, uint32_t max_age, uint32_t batch)
    unsigned int gng_old_edges(char *nodes, Py_ssize_t d, const gng_edge_chunk *chunk, Py_ssize_t n, uint32_t wins,
                               uint32_t max_age)

cdef extern from "target.h" nogil:
    ctypedef void gng_inlined_void

cdef extern from *:
    """
    #define ERROR_SCALE_LIMIT 0x1p512
    """
    const double ERROR_SCALE_LIMIT


cdef inline void add_start_node(State *net, const float *w, bint fixed) noexcept nogil:
    """Step 0: a node at w. There must be fewer than `max_nodes`, and room in the index."""
    cdef Py_ssize_t node, k
    make_slot(net)
    node = add_node(net)
    for k in range(net.d):
        position(net, node)[k] = gng_flushed(w[k], GNG_SMALLEST_COORDINATE)
    index_add(&net.index, node, position(net, node), -1)
    if fixed:
        fix_node(net, node)


cdef inline void find_two_nearest(State *net, const float **signals, int n, gng_hit *hits) noexcept nogil:
    """Step 2: the nearest node s1 and the second nearest s2 of each signal, with their squared distances."""
    net.kernels.search(&net.index.panels, signals, n, net.index.work, hits)


cdef inline void age_edges(State *net, Py_ssize_t d, Py_ssize_t s1) noexcept nogil:
    """Step 3: all edges of s1 grow older by one."""
    gng_node_at(net.nodes, d, s1).wins += 1


cdef inline void add_error(State *net, Py_ssize_t d, Py_ssize_t s1, double amount) noexcept nogil:
    """Step 4: error[s1] += amount."""
    cdef gng_node *record = gng_node_at(net.nodes, d, s1)
    cdef double *largest = net.error_max + <size_t>s1 // NODES_PER_MAXIMUM
    record.error += amount * net.error_scale
    largest[0] = max(largest[0], record.error)  # without a branch, which would be mispredicted now and then


cdef inline void move_towards(State *net, Py_ssize_t d, Py_ssize_t node, const float *x, float eps,
                              float smallest) noexcept nogil:
    """Step 5: w += eps (x - w); what comes to be smaller than `smallest` becomes 0."""
    cdef float *w = net.w + node * gng_row_stride(d)
    cdef gng_node *record = gng_node_at(net.nodes, d, node)
    cdef int32_t slot = <int32_t>node
    cdef Py_ssize_t k
    if d > GNG_MAX_GRID_D and net.scores.n:
        net.dense.move(&net.scores, &slot, 1, x, eps, smallest)
        return
    if d > GNG_MAX_GRID_D:
        net.kernels.move(&net.index.panels, &w, &record.place, 1, x, eps, smallest)
        return
    if net.index.panels.kind == GNG_GRID:
        if gng_move_one(&net.index.panels, d, record, x, eps, smallest, net.index.batch):
            change_cell(&net.index, node, w)
        return
    for k in range(d):
        w[k] = gng_flushed(w[k] + eps * (x[k] - w[k]), smallest)
    write_lane(w, d, net.index.panels.x + record.place)


cdef inline void move_winner(State *net, Py_ssize_t d, Py_ssize_t s1, const float *x) noexcept nogil:
    """Step 5: s1 moves by eps_b; a fixed one stays, and keeps x as a place for a new node.

    Its coordinates below GNG_SMALLEST_COORDINATE become 0: see src_c/float_rules.h.
    """
    if is_fixed(net, s1):
        memcpy(last_won(net, s1), x, d * sizeof(float))
    else:
        move_towards(net, d, s1, x, net.eps_b, GNG_SMALLEST_COORDINATE)


cdef inline gng_inlined_void move_neighbours(State *net, Py_ssize_t d, Py_ssize_t s1, const float *x, uint32_t max_age,
                                             bint *any_old) noexcept nogil:
    """Step 5: the neighbours of s1 move by eps_n, but for fixed ones.

    Tell whether an edge is older than max_age, as step 7 asks next.
    """
    cdef gng_edge_chunk *chunk = net.chunks + s1
    cdef gng_node *record = gng_node_at(net.nodes, d, s1)
    cdef Py_ssize_t left = record.degree
    cdef bint old = False
    while True:
        if d <= GNG_MAX_GRID_D and net.index.panels.kind == GNG_GRID and net.fixed is NULL:
            old |= move_in_grid(net, d, chunk, min(left, EDGES_PER_CHUNK), x, record.wins, max_age)
        else:
            old |= move_each(net, d, chunk, min(left, EDGES_PER_CHUNK), x, record.wins, max_age)
        left -= EDGES_PER_CHUNK
        if left <= 0:
            break
        chunk = net.chunks + net.next_chunk[chunk - net.chunks]
    any_old[0] = old


cdef inline bint move_in_grid(State *net, Py_ssize_t d, const gng_edge_chunk *chunk, Py_ssize_t n, const float *x,
                              uint32_t wins, uint32_t max_age) noexcept nogil:
    """Move the n nodes of an edge chunk side by side. Return as move_neighbours does."""
    cdef gng_moved moved = gng_move_chunk(&net.index.panels, net.nodes, d, chunk, n, x, net.eps_n, wins, max_age,
                                          net.index.batch)
    cdef unsigned int used = (1 << n) - 1
    cdef Py_ssize_t i
    if moved.crossed & used:
        for i in range(n):
            if moved.crossed >> i & 1:
                change_cell(&net.index, chunk.neighbour[i], position(net, chunk.neighbour[i]))
    return (moved.old & used) != 0


cdef inline bint move_each(State *net, Py_ssize_t d, const gng_edge_chunk *chunk, Py_ssize_t n, const float *x,
                           uint32_t wins, uint32_t max_age) noexcept nogil:
    """Move the n nodes of an edge chunk, those that are not fixed. Return as move_neighbours does."""
    cdef float *rows[EDGES_PER_CHUNK]
    cdef int32_t places[EDGES_PER_CHUNK]
    cdef int32_t nodes[EDGES_PER_CHUNK]
    cdef gng_node *record
    cdef Py_ssize_t i, node
    cdef int n_rows = 0
    cdef bint old = False
    for i in range(n):
        node = chunk.neighbour[i]
        record = gng_node_at(net.nodes, d, node)
        old |= wins + record.wins - chunk.base[i] > max_age
        if is_fixed(net, node):
            continue
        if d > GNG_MAX_GRID_D:
            rows[n_rows] = net.w + node * gng_row_stride(d)
            places[n_rows] = record.place
            nodes[n_rows] = <int32_t>node
            n_rows += 1
        else:
            move_towards(net, d, node, x, net.eps_n, 0)
    if n_rows and net.scores.n:
        net.dense.move(&net.scores, nodes, n_rows, x, net.eps_n, 0)
    elif n_rows:
        net.kernels.move(&net.index.panels, rows, places, n_rows, x, net.eps_n, 0)
    return old


cdef inline void connect(State *net, Py_ssize_t d, Py_ssize_t s1, Py_ssize_t s2) noexcept nogil:
    """Step 6: the edge (s1, s2) gets age 0, and is made if there is none."""
    cdef Py_ssize_t entry = find_edge(net, s1, s2)
    if entry < 0:
        add_edge(net, s1, s2)
    else:
        refresh_edge(net, d, s1, s2, entry)


cdef inline bint any_old_edge(State *net, Py_ssize_t d, Py_ssize_t s1, uint32_t max_age) noexcept nogil:
    """Whether an edge of s1 is older than max_age."""
    cdef gng_edge_chunk *chunk = net.chunks + s1
    cdef gng_node *record = gng_node_at(net.nodes, d, s1)
    cdef Py_ssize_t left = record.degree
    while True:
        if gng_old_edges(net.nodes, d, chunk, min(left, EDGES_PER_CHUNK), record.wins, max_age):
            return True
        left -= EDGES_PER_CHUNK
        if left <= 0:
            return False
        chunk = net.chunks + net.next_chunk[chunk - net.chunks]


cdef inline void remove_old_edges(State *net, Py_ssize_t s1, uint32_t max_age) noexcept nogil:
    """Step 7: edges of s1 older than max_age go, unless permanent, and with them neighbours that have no other edge.

    Only edges of s1 have aged, and s1 keeps its edge to s2: no other edge or node can be due.
    """
    cdef Py_ssize_t i = 0, entry, neighbour
    while i < node_at(net, s1).degree:
        entry = edge_entry(net, s1, i)
        if edge_age(net, s1, entry) <= max_age:
            i += 1
            continue
        neighbour = entry_neighbour(net, entry)[0]
        if is_permanent(net, entry):
            refresh_edge(net, net.d, s1, neighbour, entry)
            i += 1
            continue
        remove_edge(net, s1, entry)
        remove_if_lonely(net, neighbour)


cdef inline Py_ssize_t neighbour_of_largest_error(State *net, Py_ssize_t q) noexcept nogil:
    """The neighbour of q with the largest error, the oldest of equal ones; -1 if q has none."""
    cdef Py_ssize_t f = -1, entry = edge_entry(net, q, 0), node, i
    cdef double error, largest = 0
    for i in range(node_at(net, q).degree):
        node = entry_neighbour(net, entry)[0]
        error = node_at(net, node).error
        if f < 0 or error > largest or error == largest and node < f:
            f, largest = node, error
        entry = next_entry(net, entry)
    return f


cdef inline void place_new_node(State *net, Py_ssize_t r, Py_ssize_t q, Py_ssize_t f) noexcept nogil:
    cdef float *w = position(net, r)
    cdef Py_ssize_t k
    for k in range(net.d):
        if is_fixed(net, q):
            w[k] = gng_flushed(last_won(net, q)[k], GNG_SMALLEST_COORDINATE)
        else:
            w[k] = gng_flushed(<float>0.5 * (position(net, q)[k] + position(net, f)[k]), GNG_SMALLEST_COORDINATE)
    index_add(&net.index, r, w, q)
    if net.scores.n:
        net.dense.enter(&net.scores, <int32_t>r)


cdef inline void insert_node(State *net, double error_factor_of_r) noexcept nogil:
    """Step 8: if there is room, a new node r half-way between q, the node of largest error, and f, its neighbour of
    largest error; if q is fixed, at the signal it won last.

    Half-way between two fixed nodes there would soon be no room left, and growth would stall.
    r gets `error_factor_of_r` times the lowered error of q. Without a neighbour of q there is no place for r, unless q is
    fixed.
    """
    if net.n_nodes == net.max_nodes:
        return
    make_slot(net)  # first: it may renumber the others
    cdef Py_ssize_t q = node_of_largest_error(net)
    cdef Py_ssize_t f = neighbour_of_largest_error(net, q)
    cdef Py_ssize_t r
    if f < 0 and not is_fixed(net, q):
        return
    r = add_node(net)
    place_new_node(net, r, q, f)
    add_edge(net, q, r)
    set_error(net, q, node_at(net, q).error * net.alpha)
    set_error(net, r, node_at(net, q).error * error_factor_of_r)
    if f >= 0:
        if not is_permanent(net, find_edge(net, q, f)):
            remove_edge(net, q, find_edge(net, q, f))
        add_edge(net, f, r)
        set_error(net, f, node_at(net, f).error * net.alpha)
    if net.utility is not NULL:
        net.utility[r] = net.utility[q] if f < 0 else (net.utility[q] + net.utility[f]) / 2


cdef inline void decay_errors(State *net) noexcept nogil:
    """Step 9: all errors and utilities fall by the factor `decay`, by letting the scale they are stored in grow.

    Bringing the scale back multiplies by a power of two, which changes no digit.
    """
    cdef Py_ssize_t i
    net.error_scale *= net.growth
    if net.error_scale > ERROR_SCALE_LIMIT:
        for i in range(net.n_slots):
            if not is_hole(net, i):
                node_at(net, i).error /= ERROR_SCALE_LIMIT
                if net.utility is not NULL:
                    net.utility[i] /= ERROR_SCALE_LIMIT
        find_every_error_max(net, net.n_slots)
        if net.utility is not NULL:
            forget_every_utility_min(net, net.n_slots)
        net.error_scale /= ERROR_SCALE_LIMIT

# cython: language_level=3
"""The spatial index: where each node lies in the panels that the search reads (src_c/search.h), and its upkeep.

`place[node]` is panel * LANES + lane. Lanes are kept without gaps: per network (flat), per cell (grid) or per leaf. What
needs memory, building the index anew, is in _build.pxd and happens between blocks of signals, when `due` is set.
"""

from libc.math cimport INFINITY
from libc.stdint cimport int32_t, uint8_t, uint32_t

cdef extern from "search.h" nogil:
    enum:
        GNG_FLAT
        GNG_GRID
        GNG_LEAVES
        GNG_LANES
        GNG_LEAF
        GNG_BRANCH
        GNG_ROWS_FROM
        GNG_MAX_GRID_D
    ctypedef struct gng_index:
        int kind
        Py_ssize_t d
        Py_ssize_t n_panels
        float *x
        const float *rows
        int32_t *id
        Py_ssize_t n_cells
        int32_t *side
        float *last
        float *origin
        float cell
        float per_cell
        float slack
        int32_t *next
        float *low
        float *high
        float *branch_low
        float *branch_high
    ctypedef struct gng_hit:
        int32_t s1
        int32_t s2
        float d1
        float d2
        int32_t cell
        int32_t looked
    ctypedef void (*gng_search_fn)(const gng_index *index, const float **signals, int n, float *work,
                                   gng_hit *hits) noexcept nogil
    Py_ssize_t gng_cell_at(const gng_index *index, Py_ssize_t d, const float *w)

cdef extern from "box.h" nogil:
    bint gng_in_box(const float *low, const float *high, Py_ssize_t d, const float *w)
    void gng_stretch_box(float *low, float *high, Py_ssize_t d, const float *w)

cdef extern from "move.h" nogil:
    ctypedef struct gng_moves:
        float w[3][4]
        int32_t cell[4]
    void gng_compute_moves(const gng_index *index, Py_ssize_t d, const float *w, const int32_t *nodes, const float *x,
                           float eps_first, float eps, gng_moves *moves)

cdef enum:
    LANE_SHIFT = 3
    LANE_MASK = 7
    LEAF_SHIFT = 5              # lanes of a leaf

cdef struct Upkeep:
    gng_index index
    int32_t *place              # (slots of the network,) -1 for a node that is not in the index
    Py_ssize_t n_allocated      # panels there is memory for
    Py_ssize_t room             # nodes that may be in the index before it must be built anew
    Py_ssize_t n_inside
    Py_ssize_t n_built          # nodes when it was built
    bint due                    # there may be no room for the nodes of another block of signals
    uint8_t *count              # grid: nodes in each panel; leaves: nodes in each leaf
    # grid
    int32_t *cell_of_panel      # (panels,)
    int32_t free_panel          # chain of panels that belong to no cell
    uint32_t *stamp             # (cells,) the block in which the cell last changed
    uint32_t block
    uint32_t all_changed        # the block in which every node changed its number
    # leaves
    float *work                 # (branches,)


cdef inline float *lane_at(Upkeep *up, Py_ssize_t d, Py_ssize_t place) noexcept nogil:
    """The first coordinate in a lane, below GNG_ROWS_FROM dimensions. (d is given apart for the compiler to know it.)"""
    return up.index.x + (place >> LANE_SHIFT) * d * GNG_LANES + (place & LANE_MASK)


cdef inline void write_position(Upkeep *up, Py_ssize_t d, Py_ssize_t place, const float *w) noexcept nogil:
    """Copy a position to where the search reads it."""
    cdef Py_ssize_t k
    cdef float *lane
    if d < GNG_ROWS_FROM:
        lane = lane_at(up, d, place)
        for k in range(d):
            lane[k * GNG_LANES] = w[k]


cdef inline void write_lane(Upkeep *up, Py_ssize_t place, Py_ssize_t node, const float *w) noexcept nogil:
    write_position(up, up.index.d, place, w)
    up.index.id[place] = <int32_t>node
    up.place[node] = <int32_t>place


cdef inline void clear_lane(Upkeep *up, Py_ssize_t place) noexcept nogil:
    cdef Py_ssize_t d = up.index.d, k
    cdef float *lane
    up.index.id[place] = -1
    if d < GNG_ROWS_FROM:
        lane = lane_at(up, d, place)
        for k in range(d):
            lane[k * GNG_LANES] = INFINITY


cdef inline void move_lane(Upkeep *up, Py_ssize_t place, Py_ssize_t to) noexcept nogil:
    """The node at `place`, the last of its cell, leaf or network, fills the gap `to`; its own lane becomes empty."""
    cdef Py_ssize_t d = up.index.d, k
    cdef float *source
    cdef float *target
    up.index.id[to] = up.index.id[place]
    up.place[up.index.id[to]] = <int32_t>to
    if d < GNG_ROWS_FROM:
        source = lane_at(up, d, place)
        target = lane_at(up, d, to)
        for k in range(d):
            target[k * GNG_LANES] = source[k * GNG_LANES]
    clear_lane(up, place)


cdef inline void clear_panel(Upkeep *up, Py_ssize_t panel) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(GNG_LANES):
        clear_lane(up, panel * GNG_LANES + i)


cdef inline void open_panels(Upkeep *up) noexcept nogil:
    """Take GNG_LEAF further panels, empty, into use (flat and leaves)."""
    cdef Py_ssize_t k
    for k in range(GNG_LEAF):
        clear_panel(up, up.index.n_panels + k)
    up.index.n_panels += GNG_LEAF


# ---- grid -------------------------------------------------------------------------------------------------------------

cdef inline void add_to_cell(Upkeep *up, Py_ssize_t cell, Py_ssize_t node, const float *w) noexcept nogil:
    cdef Py_ssize_t panel = cell
    while up.count[panel] == GNG_LANES:
        if up.index.next[panel] < 0:
            up.index.next[panel] = up.free_panel
            up.free_panel = up.index.next[up.free_panel]
            up.index.next[up.index.next[panel]] = -1
            up.cell_of_panel[up.index.next[panel]] = <int32_t>cell
        panel = up.index.next[panel]
    write_lane(up, panel * GNG_LANES + up.count[panel], node, w)
    up.count[panel] += 1
    up.stamp[cell] = up.block


cdef inline void remove_from_cell(Upkeep *up, Py_ssize_t place) noexcept nogil:
    cdef Py_ssize_t cell = up.cell_of_panel[place >> LANE_SHIFT], panel = cell, before = -1
    while up.index.next[panel] >= 0:
        before = panel
        panel = up.index.next[panel]
    up.count[panel] -= 1
    move_lane(up, panel * GNG_LANES + up.count[panel], place)
    up.stamp[cell] = up.block
    if before >= 0 and up.count[panel] == 0:
        up.index.next[before] = -1
        up.index.next[panel] = up.free_panel
        up.free_panel = <int32_t>panel


# ---- leaves -----------------------------------------------------------------------------------------------------------

cdef inline void stretch_boxes(gng_index *index, Py_ssize_t leaf, const float *w) noexcept nogil:
    """Let the boxes of a leaf and of its branch hold w."""
    cdef Py_ssize_t d = index.d, branch = leaf // GNG_BRANCH
    if not gng_in_box(index.low + leaf * d, index.high + leaf * d, d, w):
        gng_stretch_box(index.low + leaf * d, index.high + leaf * d, d, w)
        gng_stretch_box(index.branch_low + branch * d, index.branch_high + branch * d, d, w)


cdef inline void empty_box(float *low, float *high, Py_ssize_t d) noexcept nogil:
    cdef Py_ssize_t k
    for k in range(d):
        low[k] = INFINITY
        high[k] = -INFINITY


cdef inline Py_ssize_t open_leaf(Upkeep *up) noexcept nogil:
    """Return a new, empty leaf."""
    cdef Py_ssize_t leaf = up.index.n_panels // GNG_LEAF, d = up.index.d, k
    open_panels(up)
    up.count[leaf] = 0
    empty_box(up.index.low + leaf * d, up.index.high + leaf * d, d)
    if leaf % GNG_BRANCH == 0:
        k = leaf // GNG_BRANCH
        empty_box(up.index.branch_low + k * d, up.index.branch_high + k * d, d)
    return leaf


cdef inline void add_to_leaf(Upkeep *up, Py_ssize_t leaf, Py_ssize_t node, const float *w) noexcept nogil:
    write_lane(up, leaf * GNG_LEAF * GNG_LANES + up.count[leaf], node, w)
    up.count[leaf] += 1
    stretch_boxes(&up.index, leaf, w)


# ---- all kinds --------------------------------------------------------------------------------------------------------

cdef inline void index_add(Upkeep *up, Py_ssize_t node, const float *w, Py_ssize_t near) noexcept nogil:
    """Put a node at position w into the index; `near` is a node not far from it, or -1. There must be room."""
    cdef Py_ssize_t leaf
    if up.index.kind == GNG_GRID:
        add_to_cell(up, gng_cell_at(&up.index, up.index.d, w), node, w)
    elif up.index.kind == GNG_LEAVES:
        leaf = up.place[near] >> LEAF_SHIFT if near >= 0 else 0
        if up.count[leaf] == GNG_LEAF * GNG_LANES:
            leaf = up.index.n_panels // GNG_LEAF - 1  # the last one takes what fits nowhere else
            if up.count[leaf] == GNG_LEAF * GNG_LANES:
                leaf = open_leaf(up)
        add_to_leaf(up, leaf, node, w)
    else:
        if up.n_inside == up.index.n_panels * GNG_LANES:
            open_panels(up)
        write_lane(up, up.n_inside, node, w)
    up.n_inside += 1
    if up.n_inside >= up.room or up.index.kind == GNG_LEAVES and up.index.n_panels + 2 * GNG_LEAF > up.n_allocated:
        up.due = True


cdef inline void index_remove(Upkeep *up, Py_ssize_t node) noexcept nogil:
    cdef Py_ssize_t place = up.place[node], leaf
    up.n_inside -= 1
    if up.index.kind == GNG_GRID:
        remove_from_cell(up, place)
    elif up.index.kind == GNG_LEAVES:
        leaf = place >> LEAF_SHIFT
        up.count[leaf] -= 1
        move_lane(up, leaf * GNG_LEAF * GNG_LANES + up.count[leaf], place)
    else:
        move_lane(up, up.n_inside, place)
    up.place[node] = -1


cdef inline void index_move(Upkeep *up, Py_ssize_t d, Py_ssize_t node, const float *w) noexcept nogil:
    """The node is now at w. (d is given apart for the compiler to know it.)"""
    cdef Py_ssize_t place = up.place[node], cell, now_in
    write_position(up, d, place, w)
    if d <= GNG_MAX_GRID_D:
        if up.index.kind == GNG_GRID:
            cell = up.cell_of_panel[place >> LANE_SHIFT]
            up.stamp[cell] = up.block
            now_in = gng_cell_at(&up.index, d, w)
            if now_in != cell:
                remove_from_cell(up, place)
                add_to_cell(up, now_in, node, w)
    elif up.index.kind == GNG_LEAVES:
        stretch_boxes(&up.index, place >> LEAF_SHIFT, w)


cdef inline void move_four(Upkeep *up, Py_ssize_t d, float *w, const int32_t *nodes, int n, const float *x, float eps_first,
                           float eps) noexcept nogil:
    """Move the first n of four nodes in a grid towards x, the very first by eps_first.

    The places beyond n are filled with the first node again. All are read before one is written, and the first is written
    last, so what they write does no harm.
    """
    cdef gng_moves moves
    cdef int32_t four[4]
    cdef Py_ssize_t place, k, cell
    cdef float *lane
    cdef bint crossed = False
    cdef int i
    for i in range(4):
        four[i] = nodes[i] if i < n else nodes[0]
    gng_compute_moves(&up.index, d, w, four, x, eps_first, eps, &moves)
    for i in range(3, -1, -1):
        place = up.place[four[i]]
        lane = lane_at(up, d, place)
        for k in range(d):
            w[four[i] * d + k] = moves.w[k][i]
            lane[k * GNG_LANES] = moves.w[k][i]
        cell = up.cell_of_panel[place >> LANE_SHIFT]
        up.stamp[cell] = up.block
        crossed |= i < n and cell != moves.cell[i]
    if crossed:
        for i in range(n):
            place = up.place[four[i]]
            if up.cell_of_panel[place >> LANE_SHIFT] != moves.cell[i]:
                remove_from_cell(up, place)
                add_to_cell(up, moves.cell[i], four[i], w + four[i] * d)


cdef inline void index_renumber(Upkeep *up, Py_ssize_t node, Py_ssize_t to) noexcept nogil:
    up.place[to] = up.place[node]
    up.index.id[up.place[to]] = <int32_t>to
    up.all_changed = up.block


cdef inline bint hit_is_stale(Upkeep *up, Py_ssize_t d, const gng_hit *hit) noexcept nogil:
    """Whether something that the search looked at has changed since its block of signals began."""
    cdef Py_ssize_t c = hit.cell, row, layer
    cdef uint32_t *stamp = up.stamp
    cdef uint32_t now = up.block
    if c < 0 or up.all_changed == now:
        return True
    if stamp[c] == now or stamp[c + 1] == now:
        return True
    if d == 1:
        return False
    row = up.index.side[0]
    if stamp[c + row] == now or stamp[c + row + 1] == now:
        return True
    if d == 2:
        return False
    layer = row * up.index.side[1]
    return (stamp[c + layer] == now or stamp[c + layer + 1] == now
            or stamp[c + layer + row] == now or stamp[c + layer + row + 1] == now)

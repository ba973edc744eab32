# cython: language_level=3
"""The spatial index: where each node lies in the panels that the search reads (src_c/search.h), and its upkeep.

A place is panel * LANES + lane. Lanes are kept without gaps: per network (flat), per cell (grid) or per leaf. What
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
        GNG_EMPTY
        GNG_CHAINED
    const float GNG_SMALLEST_CELL
    ctypedef struct gng_cell:
        int32_t panel
        uint32_t stamp
    ctypedef struct gng_index:
        int kind
        Py_ssize_t d
        Py_ssize_t n_panels
        float *x
        const float *rows
        int32_t *id
        gng_cell *cells
        Py_ssize_t n_cells
        int32_t *side
        float *last
        float *stride
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
    ctypedef void (*gng_move_fn)(const gng_index *index, float **rows, const int32_t *places, int n, const float *x,
                                 float eps) noexcept nogil
    ctypedef struct gng_kernels:
        const char *name
        gng_search_fn search
        gng_move_fn move
    const gng_kernels *gng_kernels_for(const char *isa)
    const char *gng_isa_name(int i)
    Py_ssize_t gng_cell_at(const gng_index *index, Py_ssize_t d, const float *w)
    Py_ssize_t gng_lane_at(Py_ssize_t d, Py_ssize_t place)
    Py_ssize_t gng_row_stride(Py_ssize_t d)

cdef extern from "records.h" nogil:
    enum:
        GNG_EDGES_PER_BLOCK
    ctypedef struct gng_node:
        double error
        uint32_t wins
        int32_t degree
        int32_t place
        int32_t cell
    ctypedef struct gng_edges:
        int32_t *neighbour
        uint32_t *base
    Py_ssize_t gng_node_size(Py_ssize_t d)
    gng_node *gng_node_at(char *nodes, Py_ssize_t d, Py_ssize_t i)

cdef extern from "box.h" nogil:
    void gng_stretch_box(float *low, float *high, Py_ssize_t d, const float *w)

cdef enum:
    LEAF_SHIFT = 6              # lanes of a leaf
    DUMMY_PANEL = 1             # of a grid: belongs to no cell

cdef struct Upkeep:
    gng_index index
    char *nodes                 # the records of the network's nodes
    Py_ssize_t n_allocated      # panels there is memory for
    Py_ssize_t room             # nodes that may be in the index before it must be built anew
    Py_ssize_t n_inside
    Py_ssize_t n_built          # nodes when it was built
    bint due                    # there may be no room for the nodes of another block of signals
    uint8_t *count              # grid: nodes in each panel; leaves: nodes in each leaf
    # grid
    int32_t free_panel          # chain of panels that were used and given back
    uint32_t block
    uint32_t all_changed        # the block in which every node changed its number
    # leaves
    float *work                 # (branches,)


cdef inline gng_node *node_record(Upkeep *up, Py_ssize_t node) noexcept nogil:
    return gng_node_at(up.nodes, up.index.d, node)


cdef inline Py_ssize_t place_of(Upkeep *up, Py_ssize_t node) noexcept nogil:
    cdef Py_ssize_t place = node_record(up, node).place, lanes = up.index.d * GNG_LANES
    return place // lanes * GNG_LANES + place % lanes if up.index.d <= GNG_MAX_GRID_D else place


cdef inline void set_place(Upkeep *up, Py_ssize_t node, Py_ssize_t place) noexcept nogil:
    node_record(up, node).place = <int32_t>(gng_lane_at(up.index.d, place) if up.index.d <= GNG_MAX_GRID_D else place)


cdef inline void write_lane(const float *w, Py_ssize_t d, float *lane) noexcept nogil:
    """Copy a position to where the search reads it."""
    cdef Py_ssize_t k
    for k in range(d):
        lane[k * GNG_LANES] = w[k]


cdef inline void enter(Upkeep *up, Py_ssize_t place, Py_ssize_t node, const float *w) noexcept nogil:
    """Write a node into an empty lane."""
    if up.index.d < GNG_ROWS_FROM:
        write_lane(w, up.index.d, up.index.x + gng_lane_at(up.index.d, place))
    up.index.id[place] = <int32_t>node
    set_place(up, node, place)


cdef inline void clear_lane(Upkeep *up, Py_ssize_t place) noexcept nogil:
    cdef Py_ssize_t d = up.index.d, k
    cdef float *lane
    up.index.id[place] = -1
    if d < GNG_ROWS_FROM:
        lane = up.index.x + gng_lane_at(d, place)
        for k in range(d):
            lane[k * GNG_LANES] = INFINITY


cdef inline void move_lane(Upkeep *up, Py_ssize_t place, Py_ssize_t to) noexcept nogil:
    """The node at `place`, the last of its cell, leaf or network, fills the gap `to`; its own lane becomes empty."""
    cdef Py_ssize_t d = up.index.d, k
    cdef float *source
    cdef float *target
    up.index.id[to] = up.index.id[place]
    set_place(up, up.index.id[to], to)
    if d < GNG_ROWS_FROM:
        source = up.index.x + gng_lane_at(d, place)
        target = up.index.x + gng_lane_at(d, to)
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


# ---- grid -----------------------------------------------------------------------------------------------------------

cdef inline int32_t take_panel(Upkeep *up) noexcept nogil:
    """An empty panel. There are enough for every way in which `room` nodes can lie in the cells."""
    cdef int32_t panel = up.free_panel
    if panel >= 0:
        up.free_panel = up.index.next[panel]
    else:
        panel = <int32_t>up.index.n_panels
        up.index.n_panels += 1
        clear_panel(up, panel)
        up.count[panel] = 0
    up.index.next[panel] = -1
    return panel


cdef inline void add_to_cell(Upkeep *up, Py_ssize_t cell, Py_ssize_t node, const float *w) noexcept nogil:
    cdef gng_cell *entry = up.index.cells + cell
    cdef Py_ssize_t panel
    if entry.panel == GNG_EMPTY:
        entry.panel = take_panel(up)
    panel = entry.panel & ~GNG_CHAINED
    while up.count[panel] == GNG_LANES:
        if up.index.next[panel] < 0:
            up.index.next[panel] = take_panel(up)
            entry.panel |= GNG_CHAINED
        panel = up.index.next[panel]
    enter(up, panel * GNG_LANES + up.count[panel], node, w)
    up.count[panel] += 1
    node_record(up, node).cell = <int32_t>cell
    entry.stamp = up.block


cdef inline void remove_from_cell(Upkeep *up, Py_ssize_t cell, Py_ssize_t place) noexcept nogil:
    """The node at `place` leaves the cell; the last node of the cell fills the gap."""
    cdef gng_cell *entry = up.index.cells + cell
    cdef Py_ssize_t first = entry.panel & ~GNG_CHAINED, panel = first, before = -1
    while up.index.next[panel] >= 0:
        before = panel
        panel = up.index.next[panel]
    up.count[panel] -= 1
    move_lane(up, panel * GNG_LANES + up.count[panel], place)
    entry.stamp = up.block
    if up.count[panel] == 0:
        if before < 0:
            entry.panel = GNG_EMPTY
        else:
            up.index.next[before] = -1
            if before == first:
                entry.panel = <int32_t>first
        up.index.next[panel] = up.free_panel
        up.free_panel = <int32_t>panel


cdef inline void change_cell(Upkeep *up, Py_ssize_t node, const float *w) noexcept nogil:
    """Put a node that has moved to w out of its cell into the one there."""
    remove_from_cell(up, node_record(up, node).cell, place_of(up, node))
    add_to_cell(up, gng_cell_at(&up.index, up.index.d, w), node, w)


# ---- leaves ---------------------------------------------------------------------------------------------------------

cdef inline void stretch_boxes(gng_index *index, Py_ssize_t leaf, const float *w) noexcept nogil:
    """Let the boxes of a leaf and of its branch hold w."""
    cdef Py_ssize_t d = index.d, branch = leaf // GNG_BRANCH
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
    enter(up, leaf * GNG_LEAF * GNG_LANES + up.count[leaf], node, w)
    up.count[leaf] += 1
    stretch_boxes(&up.index, leaf, w)


# ---- all kinds ------------------------------------------------------------------------------------------------------

cdef inline void index_add(Upkeep *up, Py_ssize_t node, const float *w, Py_ssize_t near) noexcept nogil:
    """Put a node at position w into the index; `near` is a node not far from it, or -1. There must be room."""
    cdef Py_ssize_t leaf
    if up.index.kind == GNG_GRID:
        add_to_cell(up, gng_cell_at(&up.index, up.index.d, w), node, w)
    elif up.index.kind == GNG_LEAVES:
        leaf = place_of(up, near) >> LEAF_SHIFT if near >= 0 else 0
        if up.count[leaf] == GNG_LEAF * GNG_LANES:
            leaf = up.index.n_panels // GNG_LEAF - 1  # the last one takes what fits nowhere else
            if up.count[leaf] == GNG_LEAF * GNG_LANES:
                leaf = open_leaf(up)
        add_to_leaf(up, leaf, node, w)
    else:
        if up.n_inside == up.index.n_panels * GNG_LANES:
            open_panels(up)
        enter(up, up.n_inside, node, w)
    up.n_inside += 1
    if up.n_inside >= up.room or up.index.kind == GNG_LEAVES and up.index.n_panels + 2 * GNG_LEAF > up.n_allocated:
        up.due = True


cdef inline void index_remove(Upkeep *up, Py_ssize_t node) noexcept nogil:
    cdef Py_ssize_t place = place_of(up, node), leaf
    up.n_inside -= 1
    if up.index.kind == GNG_GRID:
        remove_from_cell(up, node_record(up, node).cell, place)
    elif up.index.kind == GNG_LEAVES:
        leaf = place >> LEAF_SHIFT
        up.count[leaf] -= 1
        move_lane(up, leaf * GNG_LEAF * GNG_LANES + up.count[leaf], place)
    else:
        move_lane(up, up.n_inside, place)


cdef inline void index_move(Upkeep *up, Py_ssize_t d, Py_ssize_t node, const float *w) noexcept nogil:
    """A node of at most GNG_MAX_GRID_D dimensions is now at w. (d is given apart for the compiler to know it.)"""
    cdef gng_node *record = gng_node_at(up.nodes, d, node)
    write_lane(w, d, up.index.x + record.place)
    if up.index.kind == GNG_GRID:
        up.index.cells[record.cell].stamp = up.block
        if gng_cell_at(&up.index, d, w) != record.cell:
            change_cell(up, node, w)


cdef inline void index_renumber(Upkeep *up, Py_ssize_t node) noexcept nogil:
    """The record of a node in the index is now that of `node`."""
    up.index.id[place_of(up, node)] = <int32_t>node
    up.all_changed = up.block


cdef inline bint changed(Upkeep *up, Py_ssize_t cell, uint32_t blocks) noexcept nogil:
    """Whether one of two neighbouring cells has changed in this block of signals or in so many before it."""
    return up.block - up.index.cells[cell].stamp <= blocks or up.block - up.index.cells[cell + 1].stamp <= blocks


cdef inline bint hit_is_stale(Upkeep *up, Py_ssize_t d, const gng_hit *hit, uint32_t blocks) noexcept nogil:
    """Whether what the search looked at may have changed since it was made: in this block of signals or `blocks` before."""
    cdef Py_ssize_t c = hit.cell, row = up.index.side[0], layer
    if c < 0 or up.block - up.all_changed <= blocks:
        return True
    if changed(up, c, blocks) or d > 1 and changed(up, c + row, blocks):
        return True
    if d <= 2:
        return False
    layer = c + row * up.index.side[1]
    return changed(up, layer, blocks) or changed(up, layer + row, blocks)

# cython: language_level=3
"""The spatial index: where each node lies in the panels that the search reads (src_c/search.h), kept up to date.

A place is panel * LANES + lane. Lanes are kept without gaps: per network (flat), per cell (grid) or per leaf. What
needs memory, building the index anew, is in index_build.pxd and happens between batches of signals; index_policy.pxd
says when.
"""

from libc.math cimport INFINITY
from libc.stdint cimport int8_t, int32_t, uint8_t, uint32_t
from libc.string cimport memcpy

cdef extern from "search.h" nogil:
    enum:
        GNG_FLAT
        GNG_GRID
        GNG_LEAVES
        GNG_LANES
        GNG_LEAF
        GNG_LEAF_SHIFT
        GNG_BRANCH
        GNG_ROWS_FROM
        GNG_MAX_GRID_D
        GNG_MOST_CELLS_ALONG
        GNG_EMPTY
        GNG_CHAINED
        GNG_MOST_CODED_D
    const float GNG_SMALLEST_CELL
    ctypedef struct gng_cell:
        int32_t panel
        uint32_t stamp
    ctypedef struct gng_ruler:
        float rest
    ctypedef struct gng_panels
    ctypedef struct gng_coder:
        void encode(const gng_panels *panels, Py_ssize_t place, const float *w) noexcept nogil
    ctypedef struct gng_panels:
        int kind
        Py_ssize_t d
        Py_ssize_t n_inside
        Py_ssize_t n_panels
        float *x
        const float *rows
        int32_t *id
        gng_cell *cells
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
        Py_ssize_t telling
        const gng_coder *coder
        int8_t *codes
        int32_t *code_square
        float *code_way
        float box_slack
        float *centre
        gng_ruler *ruler
    ctypedef struct gng_hit:
        int32_t s1
        int32_t s2
        float d1
        float d2
        int32_t cell
        int32_t visited
    ctypedef void (*gng_search_fn)(const gng_panels *panels, const float **signals, int n, float *work,
                                   gng_hit *hits) noexcept nogil
    ctypedef void (*gng_move_fn)(gng_panels *panels, float **rows, const int32_t *places, int n, const float *x,
                                 float eps, float smallest) noexcept nogil
    ctypedef struct gng_kernels:
        const char *name
        gng_search_fn search
        gng_move_fn move
    const gng_kernels *gng_kernels_for(const char *isa)
    const char *gng_isa_name(int i)
    Py_ssize_t gng_cell_at(const gng_panels *panels, Py_ssize_t d, const float *w)
    void gng_finish_rows(gng_panels *panels)
    bint gng_changed(const gng_panels *panels, Py_ssize_t d, Py_ssize_t cell, uint32_t batch, uint32_t batches)
    Py_ssize_t gng_lane_at(Py_ssize_t d, Py_ssize_t place)
    Py_ssize_t gng_row_stride(Py_ssize_t d)
    Py_ssize_t gng_code_stride(Py_ssize_t d)

cdef extern from "records.h" nogil:
    enum:
        GNG_EDGES_PER_CHUNK
        GNG_CHUNK_SHIFT
    ctypedef struct gng_node:
        double error
        uint32_t wins
        int32_t degree
        int32_t place
        int32_t cell
    ctypedef struct gng_edge_chunk:
        int32_t *neighbour
        uint32_t *base
    Py_ssize_t gng_node_size(Py_ssize_t d)
    gng_node *gng_node_at(char *nodes, Py_ssize_t d, Py_ssize_t i)

cdef extern from "codes.h" nogil:
    const gng_coder *gng_coder_of(const gng_kernels *kernels)
    void gng_choose_ruler(gng_panels *panels, Py_ssize_t leaf, const float *low, const float *high, Py_ssize_t n)
    void gng_code_leaf(gng_panels *panels, Py_ssize_t leaf)

cdef extern from "box.h" nogil:
    void gng_stretch_box(float *low, float *high, Py_ssize_t d, const float *w)

cdef enum:
    DUMMY_PANEL = 1             # of a grid: belongs to no cell

cdef struct Index:
    gng_panels panels
    char *nodes                 # the records of the network's nodes
    Py_ssize_t n_allocated      # panels there is memory for
    Py_ssize_t room             # nodes that may be in the index before it must be built anew
    Py_ssize_t n_built          # nodes when it was built
    bint due                    # there may be no room for the nodes of another batch of signals
    uint8_t *count              # grid: nodes in each panel; leaves: nodes in each leaf
    # grid
    int32_t free_panel          # chain of panels that were used and given back
    uint32_t batch              # number of the batch of signals that is being trained on
    uint32_t all_changed        # the batch in which every node changed its number
    # leaves
    float *work                 # (branches,)
    bint coarse                 # codes of most leaves would be coarse


cdef inline gng_node *node_record(Index *index, Py_ssize_t node) noexcept nogil:
    return gng_node_at(index.nodes, index.panels.d, node)


cdef inline Py_ssize_t place_of(Index *index, Py_ssize_t node) noexcept nogil:
    cdef Py_ssize_t place = node_record(index, node).place, lanes = index.panels.d * GNG_LANES
    return place // lanes * GNG_LANES + place % lanes if index.panels.d <= GNG_MAX_GRID_D else place


cdef inline void set_place(Index *index, Py_ssize_t node, Py_ssize_t place) noexcept nogil:
    cdef Py_ssize_t d = index.panels.d
    node_record(index, node).place = <int32_t>(gng_lane_at(d, place) if d <= GNG_MAX_GRID_D else place)


cdef inline void write_lane(const float *w, Py_ssize_t d, float *lane) noexcept nogil:
    """Copy a position to where the search reads it."""
    cdef Py_ssize_t k
    for k in range(d):
        lane[k * GNG_LANES] = w[k]


cdef inline void enter(Index *index, Py_ssize_t place, Py_ssize_t node, const float *w) noexcept nogil:
    """Write a node into an empty lane."""
    if index.panels.d < GNG_ROWS_FROM:
        write_lane(w, index.panels.d, index.panels.x + gng_lane_at(index.panels.d, place))
    elif index.panels.coder is not NULL:
        index.panels.coder.encode(&index.panels, place, w)
    index.panels.id[place] = <int32_t>node
    set_place(index, node, place)


cdef inline void clear_lane(Index *index, Py_ssize_t place) noexcept nogil:
    cdef Py_ssize_t d = index.panels.d, k
    cdef float *lane
    index.panels.id[place] = -1
    if d < GNG_ROWS_FROM:
        lane = index.panels.x + gng_lane_at(d, place)
        for k in range(d):
            lane[k * GNG_LANES] = INFINITY


cdef inline void move_lane(Index *index, Py_ssize_t place, Py_ssize_t to) noexcept nogil:
    """The node at `place`, the last of its cell, leaf or network, fills the gap `to`; its own lane becomes empty."""
    cdef Py_ssize_t d = index.panels.d, k
    cdef float *source
    cdef float *target
    index.panels.id[to] = index.panels.id[place]
    set_place(index, index.panels.id[to], to)
    if d < GNG_ROWS_FROM:
        source = index.panels.x + gng_lane_at(d, place)
        target = index.panels.x + gng_lane_at(d, to)
        for k in range(d):
            target[k * GNG_LANES] = source[k * GNG_LANES]
    elif index.panels.coder is not NULL:
        k = gng_code_stride(d)
        memcpy(index.panels.codes + to * k, index.panels.codes + place * k, k)
        index.panels.code_square[to] = index.panels.code_square[place]
        index.panels.code_way[to] = index.panels.code_way[place]
    clear_lane(index, place)


cdef inline void clear_panel(Index *index, Py_ssize_t panel) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(GNG_LANES):
        clear_lane(index, panel * GNG_LANES + i)


cdef inline void open_panels(Index *index) noexcept nogil:
    """Take GNG_LEAF further panels, empty, into use (flat and leaves)."""
    cdef Py_ssize_t k
    for k in range(GNG_LEAF):
        clear_panel(index, index.panels.n_panels + k)
    index.panels.n_panels += GNG_LEAF


# ---- grid -----------------------------------------------------------------------------------------------------------

cdef inline int32_t take_panel(Index *index) noexcept nogil:
    """An empty panel. There are enough for every way in which `room` nodes can lie in the cells."""
    cdef int32_t panel = index.free_panel
    if panel >= 0:
        index.free_panel = index.panels.next[panel]
    else:
        panel = <int32_t>index.panels.n_panels
        index.panels.n_panels += 1
        clear_panel(index, panel)
        index.count[panel] = 0
    index.panels.next[panel] = -1
    return panel


cdef inline void add_to_cell(Index *index, Py_ssize_t cell, Py_ssize_t node, const float *w) noexcept nogil:
    cdef gng_cell *entry = index.panels.cells + cell
    cdef Py_ssize_t panel
    if entry.panel == GNG_EMPTY:
        entry.panel = take_panel(index)
    panel = entry.panel & ~GNG_CHAINED
    while index.count[panel] == GNG_LANES:
        if index.panels.next[panel] < 0:
            index.panels.next[panel] = take_panel(index)
            entry.panel |= GNG_CHAINED
        panel = index.panels.next[panel]
    enter(index, panel * GNG_LANES + index.count[panel], node, w)
    index.count[panel] += 1
    node_record(index, node).cell = <int32_t>cell
    entry.stamp = index.batch


cdef inline void remove_from_cell(Index *index, Py_ssize_t cell, Py_ssize_t place) noexcept nogil:
    """The node at `place` leaves the cell; the last node of the cell fills the gap."""
    cdef gng_cell *entry = index.panels.cells + cell
    cdef Py_ssize_t first = entry.panel & ~GNG_CHAINED, panel = first, before = -1
    while index.panels.next[panel] >= 0:
        before = panel
        panel = index.panels.next[panel]
    index.count[panel] -= 1
    move_lane(index, panel * GNG_LANES + index.count[panel], place)
    entry.stamp = index.batch
    if index.count[panel] == 0:
        if before < 0:
            entry.panel = GNG_EMPTY
        else:
            index.panels.next[before] = -1
            if before == first:
                entry.panel = <int32_t>first
        index.panels.next[panel] = index.free_panel
        index.free_panel = <int32_t>panel


cdef inline void change_cell(Index *index, Py_ssize_t node, const float *w) noexcept nogil:
    """Put a node that has moved to w out of its cell into the one there."""
    remove_from_cell(index, node_record(index, node).cell, place_of(index, node))
    add_to_cell(index, gng_cell_at(&index.panels, index.panels.d, w), node, w)


# ---- leaves ---------------------------------------------------------------------------------------------------------

cdef inline void stretch_boxes(gng_panels *panels, Py_ssize_t leaf, const float *w) noexcept nogil:
    """Let the boxes of a leaf and of its branch hold w."""
    cdef Py_ssize_t d = panels.d, branch = leaf // GNG_BRANCH
    gng_stretch_box(panels.low + leaf * d, panels.high + leaf * d, d, w)
    gng_stretch_box(panels.branch_low + branch * d, panels.branch_high + branch * d, d, w)


cdef inline void empty_box(float *low, float *high, Py_ssize_t d) noexcept nogil:
    cdef Py_ssize_t k
    for k in range(d):
        low[k] = INFINITY
        high[k] = -INFINITY


cdef inline Py_ssize_t open_leaf(Index *index) noexcept nogil:
    """Return a new, empty leaf."""
    cdef Py_ssize_t leaf = index.panels.n_panels // GNG_LEAF, d = index.panels.d, k
    open_panels(index)
    index.count[leaf] = 0
    empty_box(index.panels.low + leaf * d, index.panels.high + leaf * d, d)
    if index.panels.coder is not NULL:
        index.panels.ruler[leaf].rest = INFINITY
    if leaf % GNG_BRANCH == 0:
        k = leaf // GNG_BRANCH
        empty_box(index.panels.branch_low + k * d, index.panels.branch_high + k * d, d)
    return leaf


cdef inline void add_to_leaf(Index *index, Py_ssize_t leaf, Py_ssize_t node, const float *w) noexcept nogil:
    enter(index, leaf * GNG_LEAF * GNG_LANES + index.count[leaf], node, w)
    index.count[leaf] += 1
    stretch_boxes(&index.panels, leaf, w)


# ---- all kinds ------------------------------------------------------------------------------------------------------

cdef inline void index_add(Index *index, Py_ssize_t node, const float *w, Py_ssize_t near) noexcept nogil:
    """Put a node at position w into the index; `near` is a node not far from it, or -1. There must be room."""
    cdef Py_ssize_t leaf
    if index.panels.kind == GNG_GRID:
        add_to_cell(index, gng_cell_at(&index.panels, index.panels.d, w), node, w)
    elif index.panels.kind == GNG_LEAVES:
        leaf = place_of(index, near) >> GNG_LEAF_SHIFT if near >= 0 else 0
        if index.count[leaf] == GNG_LEAF * GNG_LANES:
            leaf = index.panels.n_panels // GNG_LEAF - 1  # the last one takes what fits nowhere else
            if index.count[leaf] == GNG_LEAF * GNG_LANES:
                leaf = open_leaf(index)
                if index.panels.coder is not NULL:  # it will have nodes from anywhere
                    gng_choose_ruler(&index.panels, leaf, index.panels.branch_low, index.panels.branch_high,
                                     leaf // GNG_BRANCH + 1)
        add_to_leaf(index, leaf, node, w)
    else:
        if index.panels.n_inside == index.panels.n_panels * GNG_LANES:
            open_panels(index)
        enter(index, index.panels.n_inside, node, w)
    index.panels.n_inside += 1
    if index.panels.n_inside >= index.room:
        index.due = True
    if index.panels.kind == GNG_LEAVES and index.panels.n_panels + 2 * GNG_LEAF > index.n_allocated:
        index.due = True


cdef inline void index_remove(Index *index, Py_ssize_t node) noexcept nogil:
    cdef Py_ssize_t place = place_of(index, node), leaf
    index.panels.n_inside -= 1
    if index.panels.kind == GNG_GRID:
        remove_from_cell(index, node_record(index, node).cell, place)
    elif index.panels.kind == GNG_LEAVES:
        leaf = place >> GNG_LEAF_SHIFT
        index.count[leaf] -= 1
        move_lane(index, leaf * GNG_LEAF * GNG_LANES + index.count[leaf], place)
    else:
        move_lane(index, index.panels.n_inside, place)


cdef inline void index_renumber(Index *index, Py_ssize_t node) noexcept nogil:
    """The record of a node in the index is now that of `node`."""
    index.panels.id[place_of(index, node)] = <int32_t>node
    index.all_changed = index.batch


cdef inline bint hit_is_stale(Index *index, Py_ssize_t d, const gng_hit *hit, uint32_t batches) noexcept nogil:
    """Whether what a search visited may have changed since: in this batch of signals or in so many before it."""
    if hit.cell < 0 or index.batch - index.all_changed <= batches:
        return True
    return gng_changed(&index.panels, d, hit.cell, index.batch, batches)

# cython: language_level=3
"""The spatial index: where each node lies in the panels that the search reads (src_c/search.h), and its upkeep.

`place[node]` is panel * LANES + lane. Lanes are kept without gaps: per network (flat), per cell (grid) or per leaf. What
needs memory, building the index anew, is in _core.pyx and happens between blocks of signals, when `index_due` is set.
"""

from libc.math cimport INFINITY
from libc.stdint cimport int32_t, uint32_t

cdef extern from "search.h" nogil:
    enum:
        GNG_FLAT
        GNG_GRID
        GNG_LEAVES
        GNG_LANES
        GNG_LEAF
        GNG_MAX_GRID_D
    ctypedef struct gng_index:
        int kind
        Py_ssize_t d
        Py_ssize_t n_panels
        float *x
        int32_t *id
        Py_ssize_t n_cells
        int32_t *side
        float *origin
        float cell
        float per_cell
        float slack
        int32_t *next
        float *low
        float *high
    ctypedef struct gng_hit:
        int32_t s1
        int32_t s2
        float d1
        float d2
        int32_t cell
        int32_t looked
    ctypedef void (*gng_search_fn)(const gng_index *index, const float **signals, int n, float *work,
                                   gng_hit *hits) noexcept nogil
    float gng_along(const gng_index *index, int axis, float x)
    int32_t gng_clamp_cell(float along, int32_t last)

cdef struct Upkeep:
    gng_index index
    int32_t *place              # (slots of the network,) -1 for a node that is not in the index
    Py_ssize_t n_allocated      # panels there is memory for
    Py_ssize_t room             # nodes that may be in the index before it must be built anew
    Py_ssize_t n_inside
    Py_ssize_t n_built          # nodes when it was built
    bint due                    # there may be no room for the nodes of another block of signals
    int32_t *count              # grid: nodes in each panel; leaves: nodes in each leaf
    # grid
    int32_t *cell_of_panel      # (panels,)
    int32_t free_panel          # chain of panels that belong to no cell
    uint32_t *stamp             # (cells,) the block in which the cell last changed
    uint32_t block
    uint32_t all_changed        # the block in which every node changed its number
    # leaves
    float *work                 # (leaves,)


cdef inline void write_lane(Upkeep *up, Py_ssize_t place, Py_ssize_t node, const float *w) noexcept nogil:
    cdef Py_ssize_t d = up.index.d, k
    cdef float *lane = up.index.x + (place // GNG_LANES) * d * GNG_LANES + place % GNG_LANES
    for k in range(d):
        lane[k * GNG_LANES] = w[k]
    up.index.id[place] = <int32_t>node
    up.place[node] = <int32_t>place


cdef inline void move_lane(Upkeep *up, Py_ssize_t place, Py_ssize_t to) noexcept nogil:
    """The node at `place`, the last of its cell, leaf or network, fills the gap `to`; its own lane becomes empty."""
    cdef Py_ssize_t d = up.index.d, k
    cdef float *source = up.index.x + (place // GNG_LANES) * d * GNG_LANES + place % GNG_LANES
    cdef float *target = up.index.x + (to // GNG_LANES) * d * GNG_LANES + to % GNG_LANES
    up.index.id[to] = up.index.id[place]
    up.place[up.index.id[to]] = <int32_t>to
    for k in range(d):
        target[k * GNG_LANES] = source[k * GNG_LANES]
        source[k * GNG_LANES] = INFINITY


cdef inline void clear_panel(Upkeep *up, Py_ssize_t panel) noexcept nogil:
    cdef Py_ssize_t n = up.index.d * GNG_LANES, k
    for k in range(n):
        up.index.x[panel * n + k] = INFINITY


# ---- grid -------------------------------------------------------------------------------------------------------------

cdef inline Py_ssize_t cell_at(const gng_index *index, const float *w) noexcept nogil:
    """The cell that a position belongs to."""
    cdef Py_ssize_t cell = gng_clamp_cell(gng_along(index, 0, w[0]), index.side[0] - 1)
    if index.d > 1:
        cell += <Py_ssize_t>index.side[0] * gng_clamp_cell(gng_along(index, 1, w[1]), index.side[1] - 1)
    if index.d > 2:
        cell += (<Py_ssize_t>index.side[0] * index.side[1]
                 * gng_clamp_cell(gng_along(index, 2, w[2]), index.side[2] - 1))
    return cell


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
    cdef Py_ssize_t cell = up.cell_of_panel[place // GNG_LANES], panel = cell, before = -1
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

cdef inline void stretch_box(gng_index *index, Py_ssize_t leaf, const float *w) noexcept nogil:
    cdef float *low = index.low + leaf * index.d
    cdef float *high = index.high + leaf * index.d
    cdef Py_ssize_t k
    for k in range(index.d):
        low[k] = w[k] if w[k] < low[k] else low[k]
        high[k] = w[k] if w[k] > high[k] else high[k]


cdef inline Py_ssize_t open_leaf(Upkeep *up) noexcept nogil:
    """Return a new, empty leaf."""
    cdef Py_ssize_t leaf = up.index.n_panels // GNG_LEAF, k
    for k in range(GNG_LEAF):
        clear_panel(up, up.index.n_panels + k)
    up.index.n_panels += GNG_LEAF
    up.count[leaf] = 0
    for k in range(up.index.d):
        up.index.low[leaf * up.index.d + k] = INFINITY
        up.index.high[leaf * up.index.d + k] = -INFINITY
    return leaf


cdef inline void add_to_leaf(Upkeep *up, Py_ssize_t leaf, Py_ssize_t node, const float *w) noexcept nogil:
    write_lane(up, leaf * GNG_LEAF * GNG_LANES + up.count[leaf], node, w)
    up.count[leaf] += 1
    stretch_box(&up.index, leaf, w)


# ---- all kinds --------------------------------------------------------------------------------------------------------

cdef inline void index_add(Upkeep *up, Py_ssize_t node, const float *w, Py_ssize_t near) noexcept nogil:
    """Put a node at position w into the index; `near` is a node not far from it, or -1. There must be room."""
    cdef Py_ssize_t leaf
    if up.index.kind == GNG_GRID:
        add_to_cell(up, cell_at(&up.index, w), node, w)
    elif up.index.kind == GNG_LEAVES:
        leaf = up.place[near] // (GNG_LEAF * GNG_LANES) if near >= 0 else 0
        if up.count[leaf] == GNG_LEAF * GNG_LANES:
            leaf = up.index.n_panels // GNG_LEAF - 1  # the last one takes what fits nowhere else
            if up.count[leaf] == GNG_LEAF * GNG_LANES:
                leaf = open_leaf(up)
        add_to_leaf(up, leaf, node, w)
    else:
        if up.n_inside == up.index.n_panels * GNG_LANES:
            open_flat_panels(up)
        write_lane(up, up.n_inside, node, w)
    up.n_inside += 1
    if up.n_inside >= up.room or up.index.kind == GNG_LEAVES and up.index.n_panels + 2 * GNG_LEAF > up.n_allocated:
        up.due = True


cdef inline void open_flat_panels(Upkeep *up) noexcept nogil:
    cdef Py_ssize_t k
    for k in range(GNG_LEAF):
        clear_panel(up, up.index.n_panels + k)
    up.index.n_panels += GNG_LEAF


cdef inline void index_remove(Upkeep *up, Py_ssize_t node) noexcept nogil:
    cdef Py_ssize_t place = up.place[node], leaf
    up.n_inside -= 1
    if up.index.kind == GNG_GRID:
        remove_from_cell(up, place)
    elif up.index.kind == GNG_LEAVES:
        leaf = place // (GNG_LEAF * GNG_LANES)
        up.count[leaf] -= 1
        move_lane(up, leaf * GNG_LEAF * GNG_LANES + up.count[leaf], place)
    else:
        move_lane(up, up.n_inside, place)
    up.place[node] = -1


cdef inline void index_move(Upkeep *up, Py_ssize_t node, const float *w) noexcept nogil:
    """The node is now at w."""
    cdef Py_ssize_t place = up.place[node], d = up.index.d, k, cell
    cdef float *lane = up.index.x + (place // GNG_LANES) * d * GNG_LANES + place % GNG_LANES
    for k in range(d):
        lane[k * GNG_LANES] = w[k]
    if up.index.kind == GNG_GRID:
        cell = cell_at(&up.index, w)
        up.stamp[up.cell_of_panel[place // GNG_LANES]] = up.block
        if cell != up.cell_of_panel[place // GNG_LANES]:
            remove_from_cell(up, place)
            add_to_cell(up, cell, node, w)
    elif up.index.kind == GNG_LEAVES:
        stretch_box(&up.index, place // (GNG_LEAF * GNG_LANES), w)


cdef inline void index_renumber(Upkeep *up, Py_ssize_t node, Py_ssize_t to) noexcept nogil:
    up.place[to] = up.place[node]
    up.index.id[up.place[to]] = <int32_t>to
    up.all_changed = up.block


cdef inline bint hit_is_stale(Upkeep *up, const gng_hit *hit) noexcept nogil:
    """Whether something that the search looked at has changed since its block of signals began."""
    cdef Py_ssize_t c = hit.cell, row, layer
    cdef uint32_t *stamp = up.stamp
    cdef uint32_t now = up.block
    if c < 0 or up.all_changed == now:
        return True
    if stamp[c] == now or stamp[c + 1] == now:
        return True
    if up.index.d == 1:
        return False
    row = up.index.side[0]
    if stamp[c + row] == now or stamp[c + row + 1] == now:
        return True
    if up.index.d == 2:
        return False
    layer = row * up.index.side[1]
    return (stamp[c + layer] == now or stamp[c + layer + 1] == now
            or stamp[c + layer + row] == now or stamp[c + layer + row + 1] == now)

# cython: language_level=3
"""Building the spatial index (index.pxd) for the nodes there are: the only part of it that takes memory.

With many nodes it takes seconds, so signals of the system are answered until the first node is put into the new index:
handlers may read the network, and the old index stays when they raise.
"""

from cpython.exc cimport PyErr_CheckSignals
from libc.math cimport INFINITY, ceil, pow
from libc.stdint cimport int8_t, int32_t, uint8_t
from libc.string cimport memcpy, memset

from gng_fast.core.index cimport (
    DUMMY_PANEL, GNG_BRANCH, GNG_GRID, GNG_LANES, GNG_LEAF, GNG_LEAVES, GNG_MAX_GRID_D, GNG_MOST_CELLS_ALONG,
    GNG_ROWS_FROM, GNG_SMALLEST_CELL, Index, add_to_leaf, clear_panel, gng_cell, gng_cell_at, gng_code_leaf,
    gng_code_stride, gng_coder, gng_finish_rows, gng_panels, gng_row_stride, gng_ruler, index_add, node_record, open_leaf,
    set_place, take_panel,
)
from gng_fast.core.memory cimport allocated, gng_release, zeroed
from gng_fast.core.signals cimport SIGNALS_UNDER_WAY

cdef extern from "box.h" nogil:
    float gng_about_product(const float *a, const float *b, Py_ssize_t d)
    float gng_about_square(const float *a, const float *b, Py_ssize_t d)

cdef enum:
    MOST_CELLS = 1 << 24        # floats count that far
    CELLS_PER_NODE = 8          # at most, however unevenly the nodes lie,
    LEAST_CELLS = 64            # and so many more
    NODES_PER_CELL = 5          # that is not empty, at the start of the search for the best edge of a cell
    NODES_PER_3D_CELL = 6
    MOST_REFINEMENTS = 8        # of the edge of a cell
    NODES_PER_FULL_LEAF = 60    # of the 64 there is room for: some nodes come and go even at max_nodes
    NODES_PER_GROWING_LEAF = 48
    ROOM_SHARE = 3              # a growing network gets room for one node more for every three
    SPARE_LEAVES = 4            # and so many more leaves
    MOST_IMBALANCE = 8          # a large set of nodes is not parted into less than an eighth and the rest
    ROUNDS_OF_K_MEANS = 3
    MOST_SHIFTED = 16           # in fewer leaves one that is not full matters
    SHARE_BETWEEN_CLUSTERS = 100  # two clusters have no more than one node of so many half-way between them,
    LEAST_SHARE_OF_LEAF = 4     # and each of them fills at least so much of a leaf
    NODES_AT_A_TIME = 16384     # are looked at between two checks for signals of the system


cdef inline int answer_signals(Py_ssize_t i) except -1:
    """Let handlers of signals run after the i-th of many nodes, once in a while. Raises what they raise."""
    return PyErr_CheckSignals() if i % NODES_AT_A_TIME == NODES_AT_A_TIME - 1 else 0


cdef inline void free_codes(Index *index) noexcept:
    gng_release(index.panels.codes)
    gng_release(index.panels.code_square)
    gng_release(index.panels.code_way)
    gng_release(index.panels.centre)
    gng_release(index.panels.ruler)
    index.panels.codes, index.panels.code_square, index.panels.code_way = NULL, NULL, NULL
    index.panels.centre, index.panels.ruler = NULL, NULL


cdef inline void free_index(Index *index) noexcept:
    gng_release(index.panels.x)
    gng_release(index.panels.id)
    gng_release(index.panels.cells)
    gng_release(index.panels.next)
    gng_release(index.panels.low)
    gng_release(index.panels.high)
    gng_release(index.panels.branch_low)
    gng_release(index.panels.branch_high)
    free_codes(index)
    gng_release(index.count)
    gng_release(index.work)


cdef inline int allocate_panels(Index *index, Py_ssize_t n_panels) except -1:
    cdef Py_ssize_t places = n_panels * GNG_LANES * (index.panels.d if index.panels.d <= GNG_MAX_GRID_D else 1)
    if places > 2**31 - 1:
        raise MemoryError(f"no index holds so many nodes: {places} places, of at most 2147483647")
    index.n_allocated = n_panels
    if index.panels.d < GNG_ROWS_FROM:
        index.panels.x = <float *>allocated(n_panels * index.panels.d * GNG_LANES, sizeof(float))
    index.panels.id = <int32_t *>allocated(n_panels * GNG_LANES, sizeof(int32_t))
    return 0


# ---- flat -----------------------------------------------------------------------------------------------------------

cdef inline int build_flat(Index *index, const int32_t *nodes, Py_ssize_t n, const float *w) except -1:
    cdef Py_ssize_t lanes = GNG_LEAF * GNG_LANES, i
    index.room = n + n // ROOM_SHARE + lanes
    allocate_panels(index, (index.room + SIGNALS_UNDER_WAY + lanes - 1) // lanes * GNG_LEAF)
    for i in range(n):
        index_add(index, nodes[i], w + nodes[i] * gng_row_stride(index.panels.d), -1)
    return 0


# ---- grid -----------------------------------------------------------------------------------------------------------

cdef inline int build_grid(Index *index, const int32_t *nodes, Py_ssize_t n, const float *w, Py_ssize_t dummy,
                           bint growing) except -1:
    cdef Py_ssize_t d = index.panels.d, most, i
    choose_cells(index, nodes, n, w, growing)
    index.room = n + (n // ROOM_SHARE if growing else 0) + SIGNALS_UNDER_WAY
    # a cell of 9 nodes needs one panel more, one of 17 two: at most one for 8 nodes. What of it is never used is only
    # promised by the system, not taken.
    most = index.room + SIGNALS_UNDER_WAY
    allocate_panels(index, min(index.panels.n_cells, most) + most // GNG_LANES + 3)
    index.panels.next = <int32_t *>allocated(index.n_allocated, sizeof(int32_t))
    index.count = <uint8_t *>allocated(index.n_allocated, sizeof(uint8_t))
    index.panels.cells = <gng_cell *>zeroed(index.panels.n_cells + 1, sizeof(gng_cell))
    for i in range(DUMMY_PANEL + 1):
        clear_panel(index, i)
        index.panels.next[i] = -1
    index.panels.n_panels = DUMMY_PANEL + 1
    set_place(index, dummy, DUMMY_PANEL * GNG_LANES)
    node_record(index, dummy).cell = <int32_t>index.panels.n_cells
    # panels in the order of their cells: what a search looks at then lies side by side
    for i in range(n):
        index.panels.cells[gng_cell_at(&index.panels, d, w + nodes[i] * gng_row_stride(d))].panel = DUMMY_PANEL
    for i in range(index.panels.n_cells):
        if index.panels.cells[i].panel == DUMMY_PANEL:
            index.panels.cells[i].panel = take_panel(index)
    for i in range(n):
        index_add(index, nodes[i], w + nodes[i] * gng_row_stride(d), -1)
    return 0


cdef inline int choose_cells(Index *index, const int32_t *nodes, Py_ssize_t n, const float *w, bint growing) except -1:
    """Lay a grid over the nodes, so fine that a cell that is not empty holds about `per_cell` of them.

    There are never more than CELLS_PER_NODE cells for a node, and LEAST_CELLS.
    """
    cdef Py_ssize_t d = index.panels.d, most = min(CELLS_PER_NODE * n + LEAST_CELLS, MOST_CELLS), occupied, i, k
    cdef float low[GNG_MAX_GRID_D]
    cdef float high[GNG_MAX_GRID_D]
    cdef double volume = 1, cell, finer, largest = 0, per_cell = NODES_PER_3D_CELL if d == 3 else NODES_PER_CELL
    if growing:
        # by the time it is full there are a third more; below three dimensions chained cells cost more than further ones
        per_cell *= 0.87 if d == 3 else 0.65
    for k in range(d):
        low[k], high[k] = INFINITY, -INFINITY
        for i in range(n):
            low[k] = min(low[k], w[nodes[i] * gng_row_stride(d) + k])
            high[k] = max(high[k], w[nodes[i] * gng_row_stride(d) + k])
        largest = max(largest, <double>high[k] - low[k])
    if largest == 0:
        largest = 1
    for k in range(d):
        volume *= max((<double>high[k] - low[k]) / largest, 1e-9)
    cell = max(GNG_SMALLEST_CELL, largest * pow(volume * per_cell / n, 1.0 / d))
    while not lay_grid(index, low, high, cell, most):
        cell *= 1.25
    for i in range(MOST_REFINEMENTS):
        occupied = count_occupied(index, nodes, n, w)
        if n <= per_cell * 1.2 * occupied:
            break
        finer = max(GNG_SMALLEST_CELL, cell * max(0.5, pow(per_cell * <double>occupied / n, 1.0 / d)))
        if not lay_grid(index, low, high, finer, most):
            lay_grid(index, low, high, cell, most)
            break
        cell = finer
    return 0


cdef inline bint lay_grid(Index *index, const float *low, const float *high, double cell, Py_ssize_t most) noexcept:
    """Set the grid up with this edge of a cell and one cell of border; False if that takes more than `most` cells."""
    cdef Py_ssize_t k
    cdef double n_cells = 1, side, largest = 0
    for k in range(index.panels.d):
        side = ceil((<double>high[k] - low[k]) / cell) + 2
        if not side <= GNG_MOST_CELLS_ALONG:
            return False
        largest = max(largest, side)
        index.panels.side[k] = <int32_t>side
        index.panels.last[k] = <float>(side - 1)
        index.panels.origin[k] = <float>(low[k] - cell)
        n_cells *= side
    if n_cells > most:
        return False
    gng_finish_rows(&index.panels)
    index.panels.n_cells = <Py_ssize_t>n_cells
    index.panels.cell = <float>cell
    index.panels.per_cell = <float>(1 / cell)
    index.panels.slack = <float>(1e-4 + largest * 1e-6)
    return True


cdef inline Py_ssize_t count_occupied(Index *index, const int32_t *nodes, Py_ssize_t n, const float *w) except -1:
    cdef char *found = <char *>zeroed(index.panels.n_cells, 1)
    cdef Py_ssize_t occupied = 0, cell, i
    try:
        for i in range(n):
            cell = gng_cell_at(&index.panels, index.panels.d, w + nodes[i] * gng_row_stride(index.panels.d))
            occupied += not found[cell]
            found[cell] = 1
            answer_signals(i)
    finally:
        gng_release(found)
    return occupied


# ---- leaves ---------------------------------------------------------------------------------------------------------

cdef inline int build_leaves(Index *index, int32_t *nodes, Py_ssize_t n, const float *w, bint growing) except -1:
    """Cut the nodes into leaves of near neighbours: in two, again and again.

    The order of `nodes` is changed. A network that is growing gets leaves with room for more.
    """
    cdef Py_ssize_t d = index.panels.d, lanes = GNG_LEAF * GNG_LANES, n_leaves, n_allocated, branches, leaf, first = 0, i
    cdef int32_t *sizes = NULL
    cdef float *scratch = <float *>allocated(3 * d + n, sizeof(float))
    try:
        sizes = <int32_t *>allocated(n, sizeof(int32_t))
        n_leaves = cut(nodes, n, NODES_PER_GROWING_LEAF if growing else NODES_PER_FULL_LEAF, d, w, sizes, scratch,
                       scratch + 3 * d)
        n_allocated = n_leaves + n_leaves // ROOM_SHARE + SPARE_LEAVES
        index.room = n_allocated * lanes
        allocate_panels(index, n_allocated * GNG_LEAF)
        index.count = <uint8_t *>zeroed(n_allocated, sizeof(uint8_t))
        index.panels.low = <float *>allocated(n_allocated * d, sizeof(float))
        index.panels.high = <float *>allocated(n_allocated * d, sizeof(float))
        branches = n_allocated // GNG_BRANCH + 1
        index.panels.branch_low = <float *>allocated(branches * d, sizeof(float))
        index.panels.branch_high = <float *>allocated(branches * d, sizeof(float))
        index.work = <float *>allocated(branches, sizeof(float))
        if index.panels.coder is not NULL:
            allocate_codes(index, n_allocated)
        for leaf in range(n_leaves):
            open_leaf(index)
            for i in range(first, first + sizes[leaf]):
                add_to_leaf(index, leaf, nodes[i], w + nodes[i] * gng_row_stride(d))
            first += sizes[leaf]
            if index.panels.coder is not NULL:
                gng_code_leaf(&index.panels, leaf)
        choose_telling(&index.panels, (n_leaves + GNG_BRANCH - 1) // GNG_BRANCH)
        if index.panels.coder is not NULL:
            forget_coarse_codes(index, n_leaves)
    finally:
        gng_release(sizes)
        gng_release(scratch)
    index.panels.n_inside = n
    return 0


cdef inline double extent_of(const gng_panels *panels, Py_ssize_t branches, Py_ssize_t k) noexcept:
    """How far the boxes of all branches extend along an axis."""
    cdef float low = INFINITY, high = -INFINITY
    cdef Py_ssize_t i
    for i in range(branches):
        low = min(low, panels.branch_low[i * panels.d + k])
        high = max(high, panels.branch_high[i * panels.d + k])
    return <double>high - low


cdef inline void choose_telling(gng_panels *panels, Py_ssize_t branches) noexcept:
    """Choose the coordinates that tell boxes apart first: of those next to each other the ones that extend furthest."""
    cdef double now = 0, most = 0, square
    cdef Py_ssize_t k
    for k in range(panels.d if panels.d > GNG_ROWS_FROM else 0):
        square = extent_of(panels, branches, k)
        now += square * square
        if k >= GNG_ROWS_FROM:
            square = extent_of(panels, branches, k - GNG_ROWS_FROM)
            now -= square * square
        if now > most and k >= GNG_ROWS_FROM - 1:
            most, panels.telling = now, k - (GNG_ROWS_FROM - 1)


cdef inline void forget_coarse_codes(Index *index, Py_ssize_t n_leaves) noexcept:
    """Search without codes if they are coarse in most leaves (src_c/codes.h): these would not be searched by them."""
    cdef Py_ssize_t n_coarse = 0, leaf
    for leaf in range(n_leaves):
        n_coarse += index.panels.ruler[leaf].rest == INFINITY
    index.coarse = 2 * n_coarse > n_leaves
    if index.coarse:
        free_codes(index)
        index.panels.coder, index.panels.box_slack = NULL, 0


cdef inline int allocate_codes(Index *index, Py_ssize_t n_leaves) except -1:
    cdef Py_ssize_t stride = gng_code_stride(index.panels.d), places = n_leaves * GNG_LEAF * GNG_LANES
    index.panels.codes = <int8_t *>zeroed(places, stride)
    index.panels.code_square = <int32_t *>zeroed(places, sizeof(int32_t))
    index.panels.code_way = <float *>zeroed(places, sizeof(float))
    index.panels.centre = <float *>zeroed(n_leaves, stride * sizeof(float))
    index.panels.ruler = <gng_ruler *>allocated(n_leaves, sizeof(gng_ruler))
    return 0


cdef inline Py_ssize_t cut(int32_t *nodes, Py_ssize_t n, Py_ssize_t fill, Py_ssize_t d, const float *w,
                           int32_t *sizes, float *scratch, float *keys) except -1:
    """Order the nodes by leaves of at most `fill` of them, write the sizes of the leaves, and return how many there are.

    What is still to be cut waits in `sizes` too, from its end: there are never more parts than nodes. `scratch` has room for
    three positions, `keys` for a number of each node.
    """
    cdef Py_ssize_t n_leaves = 0, waiting = n - 1, first = 0, since_check = 0, part, count
    sizes[waiting] = <int32_t>n
    while waiting < n:
        count = sizes[waiting]
        waiting += 1
        if count <= fill:
            sizes[n_leaves] = <int32_t>count
            n_leaves += 1
            first += count
        else:
            part = cut_in_two(nodes + first, count, fill, d, w, scratch, keys)
            sizes[waiting - 1] = <int32_t>(count - part)
            sizes[waiting - 2] = <int32_t>part
            waiting -= 2
            since_check += count
            if since_check >= NODES_AT_A_TIME:
                PyErr_CheckSignals()
                since_check = 0
    return n_leaves


cdef inline Py_ssize_t leaves_for(Py_ssize_t n, Py_ssize_t fill) noexcept:
    return (n + fill - 1) // fill


cdef inline Py_ssize_t cut_in_two(int32_t *nodes, Py_ssize_t n, Py_ssize_t fill, Py_ssize_t d, const float *w,
                                  float *scratch, float *keys) except -1:
    """Reorder the nodes and return how many of them the first part has: between clusters, unless that gets nowhere.

    Within a cluster, where one cut is about as good as another, the first part fills its leaves.
    """
    cdef Py_ssize_t n_leaves = leaves_for(n, fill), middle = n * (n_leaves // 2) // n_leaves, n_between = 0
    cdef Py_ssize_t part = part_clusters(nodes, n, d, w, scratch, keys, &n_between)
    if n > MOST_IMBALANCE * fill and min(part, n - part) < n // MOST_IMBALANCE:
        part = 0
    if part == 0 or part == n:
        take_widest_axis(nodes, n, d, w, keys)
        part = middle
    elif leaves_for(part, fill) + leaves_for(n - part, fill) == n_leaves:
        return part
    elif n > MOST_SHIFTED * fill:
        return part
    elif n_between * SHARE_BETWEEN_CLUSTERS <= n and min(part, n - part) * LEAST_SHARE_OF_LEAF >= fill:
        return part
    else:
        part = min(max((part + fill // 2) // fill, 1), n_leaves - 1) * fill
    order(nodes, keys, n, part)
    return part


cdef inline Py_ssize_t part_clusters(int32_t *nodes, Py_ssize_t n, Py_ssize_t d, const float *w, float *scratch,
                                     float *keys, Py_ssize_t *n_between) except -1:
    """Part the nodes in two by k-means from two nodes far from each other; return the size of the first part.

    `keys` says how far each node is on the side of the second part, and `n_between` how many are about half-way.
    """
    cdef Py_ssize_t stride = gng_row_stride(d), rounds, part = 0, i, k
    cdef Py_ssize_t a = farthest(nodes, n, d, w, w + nodes[0] * stride)
    cdef Py_ssize_t b = farthest(nodes, n, d, w, w + a * stride)
    cdef float *centre_a = scratch
    cdef float *centre_b = scratch + d
    cdef float *normal = scratch + 2 * d
    cdef float bound, between
    memcpy(centre_a, w + a * stride, d * sizeof(float))
    memcpy(centre_b, w + b * stride, d * sizeof(float))
    for rounds in range(ROUNDS_OF_K_MEANS):
        bound = 0
        for k in range(d):
            normal[k] = centre_b[k] - centre_a[k]
            bound += normal[k] * (<float>0.5 * (centre_b[k] + centre_a[k]))
        between = gng_about_product(normal, normal, d) / 32
        part = n_between[0] = 0
        for i in range(n):
            keys[i] = gng_about_product(normal, w + nodes[i] * stride, d) - bound
            n_between[0] += -between < keys[i] < between
            if not keys[i] > 0:
                swap(nodes, keys, i, part)
                part += 1
            answer_signals(i)
        if part == 0 or part == n:
            return part
        mean_of(nodes, part, d, w, centre_a)
        mean_of(nodes + part, n - part, d, w, centre_b)
    return part


cdef inline int mean_of(const int32_t *nodes, Py_ssize_t n, Py_ssize_t d, const float *w, float *mean) except -1:
    cdef Py_ssize_t i, k
    memset(mean, 0, d * sizeof(float))
    for i in range(n):
        for k in range(d):
            mean[k] += w[nodes[i] * gng_row_stride(d) + k]
        answer_signals(i)
    for k in range(d):
        mean[k] /= n
    return 0


cdef inline Py_ssize_t farthest(const int32_t *nodes, Py_ssize_t n, Py_ssize_t d, const float *w,
                                const float *x) except -1:
    """The node farthest from x."""
    cdef Py_ssize_t node = nodes[0], i
    cdef float distance, largest = -1
    for i in range(n):
        distance = gng_about_square(w + nodes[i] * gng_row_stride(d), x, d)
        if distance > largest:
            largest, node = distance, nodes[i]
        answer_signals(i)
    return node


cdef inline void swap(int32_t *nodes, float *keys, Py_ssize_t i, Py_ssize_t j) noexcept:
    nodes[i], nodes[j] = nodes[j], nodes[i]
    keys[i], keys[j] = keys[j], keys[i]


cdef inline int order(int32_t *nodes, float *keys, Py_ssize_t n, Py_ssize_t part) except -1:
    """Reorder the nodes so that none of the first `part` has a larger key than those after."""
    cdef Py_ssize_t low = 0, high = n - 1, i, j
    cdef float pivot
    while low < high:
        pivot = keys[(low + high) // 2]
        i, j = low, high
        while i <= j:
            while keys[i] < pivot:
                i += 1
            while keys[j] > pivot:
                j -= 1
            if i <= j:
                swap(nodes, keys, i, j)
                i += 1
                j -= 1
        if part <= j:
            high = j
        elif part >= i:
            low = i
        else:
            break
    return 0


cdef inline int take_widest_axis(const int32_t *nodes, Py_ssize_t n, Py_ssize_t d, const float *w, float *keys) except -1:
    """Let the key of each node be its coordinate along the axis of widest spread."""
    cdef Py_ssize_t axis = 0, i, k
    cdef float low, high, x, widest = -1
    for k in range(d):
        low, high = INFINITY, -INFINITY
        for i in range(n):
            x = w[nodes[i] * gng_row_stride(d) + k]
            low = x if x < low else low
            high = x if x > high else high
            answer_signals(i)
        if high - low > widest:
            widest, axis = high - low, k
    for i in range(n):
        keys[i] = w[nodes[i] * gng_row_stride(d) + axis]
    return 0


# ---- all kinds ------------------------------------------------------------------------------------------------------

cdef inline int build_index(Index *index, int kind, int32_t *nodes, Py_ssize_t n, Py_ssize_t dummy, bint growing,
                            const gng_coder *coder) except -1:
    """Build an index of this kind for the given nodes in place of the old one, which stays where this raises.

    `dummy` is the node that unused entries of lists of edges name; `coder` writes codes of nodes, or is NULL.
    """
    cdef Index new
    cdef const float *w = index.panels.rows
    memset(&new, 0, sizeof(Index))
    new.panels.kind = kind
    new.panels.d = index.panels.d
    new.panels.rows = w
    if kind == GNG_LEAVES:
        new.panels.coder = coder
    new.nodes = index.nodes
    new.batch = 2               # further than a batch from any stamp
    new.free_panel = -1
    try:
        if kind == GNG_GRID:
            build_grid(&new, nodes, n, w, dummy, growing)
        elif kind == GNG_LEAVES:
            build_leaves(&new, nodes, n, w, growing)
        else:
            build_flat(&new, nodes, n, w)
    except:
        free_index(&new)
        raise
    new.n_built = n
    new.due = False
    free_index(index)
    index[0] = new
    return 0


cdef inline Py_ssize_t index_nbytes(const Index *index) noexcept nogil:
    """Bytes of memory that the index holds; of a grid, that it has used so far."""
    cdef Py_ssize_t d = index.panels.d, per_panel = GNG_LANES * sizeof(int32_t), leaves = index.n_allocated // GNG_LEAF
    cdef Py_ssize_t leaves_nbytes = 0
    if d < GNG_ROWS_FROM:
        per_panel += GNG_LANES * d * sizeof(float)
    if index.panels.kind == GNG_GRID:
        return (index.panels.n_panels * (per_panel + sizeof(int32_t) + sizeof(uint8_t))
                + (index.panels.n_cells + 1) * sizeof(gng_cell))
    if index.panels.kind == GNG_LEAVES:
        if index.panels.coder is not NULL:
            per_panel += GNG_LANES * (gng_code_stride(d) + sizeof(int32_t) + sizeof(float))
            leaves_nbytes = leaves * (gng_code_stride(d) * sizeof(float) + sizeof(gng_ruler))
        return (index.n_allocated * per_panel + leaves_nbytes
                + leaves * (2 * d * sizeof(float) + sizeof(uint8_t)) * 9 // 8)
    return index.n_allocated * per_panel

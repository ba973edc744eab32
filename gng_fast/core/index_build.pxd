# cython: language_level=3
"""Building the spatial index (index.pxd) for the nodes there are: the only part of it that takes memory.

With many nodes it takes seconds, so signals of the system are answered until the first node is put into the new index:
handlers may read the network, and the old index stays when they raise.
"""

from cpython.exc cimport PyErr_CheckSignals
from libc.math cimport INFINITY, ceil, pow
from libc.stdint cimport int16_t, int32_t, uint8_t
from libc.string cimport memcpy, memset

from gng_fast.core.index cimport (
    DUMMY_PANEL, GNG_BRANCH, GNG_GRID, GNG_LANES, GNG_LEAF, GNG_LEAVES, GNG_MAX_GRID_D, GNG_MOST_CELLS_ALONG,
    GNG_ROWS_FROM, GNG_SMALLEST_CELL, Index, add_to_leaf, clear_panel, encode_leaf, gng_cell, gng_cell_at,
    gng_code_stride, gng_encode_fn, gng_finish_rows, gng_largest_code,
    gng_row_stride, gng_ruler, index_add, node_record, open_leaf, set_place, take_panel,
)
from gng_fast.core.memory cimport allocated, gng_release, zeroed
from gng_fast.core.signals cimport SIGNALS_UNDER_WAY

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
    NODES_AT_A_TIME = 16384     # are looked at between two checks for signals of the system


cdef inline int answer_signals(Py_ssize_t i) except -1:
    """Let handlers of signals run after the i-th of many nodes, once in a while. Raises what they raise."""
    return PyErr_CheckSignals() if i % NODES_AT_A_TIME == NODES_AT_A_TIME - 1 else 0


cdef inline void free_index(Index *index) noexcept:
    gng_release(index.panels.x)
    gng_release(index.panels.id)
    gng_release(index.panels.cells)
    gng_release(index.panels.next)
    gng_release(index.panels.low)
    gng_release(index.panels.high)
    gng_release(index.panels.branch_low)
    gng_release(index.panels.branch_high)
    gng_release(index.panels.codes)
    gng_release(index.panels.code_square)
    gng_release(index.panels.code_rest)
    gng_release(index.panels.centre)
    gng_release(index.panels.ruler)
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
        per_cell *= 0.87  # by the time it is full there are a third more
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
    cdef float *scratch = <float *>allocated(3 * d, sizeof(float))
    try:
        sizes = <int32_t *>allocated(n, sizeof(int32_t))
        n_leaves = cut(nodes, n, NODES_PER_GROWING_LEAF if growing else NODES_PER_FULL_LEAF, d, w, sizes, scratch)
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
        if index.panels.encode is not NULL:
            allocate_codes(index, n_allocated)
        for leaf in range(n_leaves):
            open_leaf(index)
            for i in range(first, first + sizes[leaf]):
                add_to_leaf(index, leaf, nodes[i], w + nodes[i] * gng_row_stride(d))
            first += sizes[leaf]
            if index.panels.encode is not NULL:
                encode_leaf(index, leaf, w)
    finally:
        gng_release(sizes)
        gng_release(scratch)
    index.panels.n_inside = n
    return 0


cdef inline int allocate_codes(Index *index, Py_ssize_t n_leaves) except -1:
    cdef Py_ssize_t stride = gng_code_stride(index.panels.d), places = n_leaves * GNG_LEAF * GNG_LANES
    index.panels.codes = <int16_t *>zeroed(places, stride * sizeof(int16_t))
    index.panels.code_square = <int32_t *>zeroed(places, sizeof(int32_t))
    index.panels.code_rest = <float *>zeroed(places, sizeof(float))
    index.panels.largest_code = gng_largest_code(index.panels.d)
    index.panels.centre = <float *>zeroed(n_leaves, stride * sizeof(float))
    index.panels.ruler = <gng_ruler *>allocated(n_leaves, sizeof(gng_ruler))
    return 0


cdef inline Py_ssize_t cut(int32_t *nodes, Py_ssize_t n, Py_ssize_t fill, Py_ssize_t d, const float *w,
                           int32_t *sizes, float *scratch) except -1:
    """Order the nodes by leaves of at most `fill` of them, write the sizes of the leaves, and return how many there are.

    What is still to be cut waits in `sizes` too, from its end: there are never more parts than nodes.
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
            part = cut_in_two(nodes + first, count, fill, d, w, scratch)
            sizes[waiting - 1] = <int32_t>(count - part)
            sizes[waiting - 2] = <int32_t>part
            waiting -= 2
            since_check += count
            if since_check >= NODES_AT_A_TIME:
                PyErr_CheckSignals()
                since_check = 0
    return n_leaves


cdef inline Py_ssize_t cut_in_two(int32_t *nodes, Py_ssize_t n, Py_ssize_t fill, Py_ssize_t d, const float *w,
                                  float *scratch) except -1:
    """Reorder the nodes and return how many of them the first part has: between clusters, unless that gets nowhere."""
    cdef Py_ssize_t n_leaves = (n + fill - 1) // fill, middle = n * (n_leaves // 2) // n_leaves
    cdef Py_ssize_t part = part_clusters(nodes, n, d, w, scratch)
    if n > MOST_IMBALANCE * fill and min(part, n - part) < n // MOST_IMBALANCE:
        part = 0
    if part == 0 or part == n:
        halve(nodes, n, middle, d, w)
        part = middle
    return part


cdef inline Py_ssize_t part_clusters(int32_t *nodes, Py_ssize_t n, Py_ssize_t d, const float *w,
                                     float *scratch) except -1:
    """Part the nodes in two by k-means from two nodes far from each other; return the size of the first part."""
    cdef Py_ssize_t stride = gng_row_stride(d), rounds, part = 0, i, k
    cdef Py_ssize_t a = farthest(nodes, n, d, w, w + nodes[0] * stride)
    cdef Py_ssize_t b = farthest(nodes, n, d, w, w + a * stride)
    cdef float *centre_a = scratch
    cdef float *centre_b = scratch + d
    cdef float *normal = scratch + 2 * d
    cdef float bound
    memcpy(centre_a, w + a * stride, d * sizeof(float))
    memcpy(centre_b, w + b * stride, d * sizeof(float))
    for rounds in range(ROUNDS_OF_K_MEANS):
        bound = 0
        for k in range(d):
            normal[k] = centre_b[k] - centre_a[k]
            bound += normal[k] * (<float>0.5 * (centre_b[k] + centre_a[k]))
        part = 0
        for i in range(n):
            if not product(normal, w + nodes[i] * stride, d) > bound:
                nodes[i], nodes[part] = nodes[part], nodes[i]
                part += 1
            answer_signals(i)
        if part == 0 or part == n:
            return part
        mean_of(nodes, part, d, w, centre_a)
        mean_of(nodes + part, n - part, d, w, centre_b)
    return part


cdef inline float product(const float *a, const float *b, Py_ssize_t d) noexcept:
    cdef float even = 0, odd = 0
    cdef Py_ssize_t k
    for k in range(0, d - 1, 2):
        even += a[k] * b[k]
        odd += a[k + 1] * b[k + 1]
    return even + odd + (a[d - 1] * b[d - 1] if d % 2 else 0)


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
    cdef Py_ssize_t node = nodes[0], i, k
    cdef float distance, difference, largest = -1
    for i in range(n):
        distance = 0
        for k in range(d):
            difference = w[nodes[i] * gng_row_stride(d) + k] - x[k]
            distance += difference * difference
        if distance > largest:
            largest, node = distance, nodes[i]
        answer_signals(i)
    return node


cdef inline int halve(int32_t *nodes, Py_ssize_t n, Py_ssize_t middle, Py_ssize_t d, const float *w) except -1:
    """Reorder the nodes so that along the axis of widest spread none before `middle` lies above those after."""
    cdef Py_ssize_t axis = widest_axis(nodes, n, d, w), low = 0, high = n - 1, i, j
    cdef float pivot
    while low < high:
        pivot = w[nodes[(low + high) // 2] * gng_row_stride(d) + axis]
        i, j = low, high
        while i <= j:
            while w[nodes[i] * gng_row_stride(d) + axis] < pivot:
                i += 1
            while w[nodes[j] * gng_row_stride(d) + axis] > pivot:
                j -= 1
            if i <= j:
                nodes[i], nodes[j] = nodes[j], nodes[i]
                i += 1
                j -= 1
        if middle <= j:
            high = j
        elif middle >= i:
            low = i
        else:
            break
    return 0


cdef inline Py_ssize_t widest_axis(const int32_t *nodes, Py_ssize_t n, Py_ssize_t d, const float *w) except -1:
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
    return axis


# ---- all kinds ------------------------------------------------------------------------------------------------------

cdef inline int build_index(Index *index, int kind, int32_t *nodes, Py_ssize_t n, Py_ssize_t dummy, bint growing,
                            gng_encode_fn encode) except -1:
    """Build an index of this kind for the given nodes in place of the old one, which stays where this raises.

    `dummy` is the node that unused entries of lists of edges name; `encode` writes codes of nodes, or is NULL.
    """
    cdef Index new
    cdef const float *w = index.panels.rows
    memset(&new, 0, sizeof(Index))
    new.panels.kind = kind
    new.panels.d = index.panels.d
    new.panels.rows = w
    if kind == GNG_LEAVES:
        new.panels.encode = encode
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
        if index.panels.encode is not NULL:
            per_panel += GNG_LANES * (gng_code_stride(d) * sizeof(int16_t) + sizeof(int32_t) + sizeof(float))
            leaves_nbytes = leaves * (gng_code_stride(d) * sizeof(float) + sizeof(gng_ruler))
        return (index.n_allocated * per_panel + leaves_nbytes
                + leaves * (2 * d * sizeof(float) + sizeof(uint8_t)) * 9 // 8)
    return index.n_allocated * per_panel

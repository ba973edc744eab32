# cython: language_level=3
"""Look-ups: the nearest nodes of many rows, and all distances, in a network that does not change meanwhile, so that threads may
share it.

From 4 dimensions on, and for brute force in fewer, many rows are looked up by tiles (src_c/tiles.h) where these are faster
than the index. Neither changes a result.
"""

from libc.math cimport sqrtf
from libc.stdint cimport int32_t, int64_t, uint32_t

from gng_fast.core.float_rules cimport gng_floats, gng_restore_floats, gng_usual_floats
from gng_fast.core.index cimport GNG_BRANCH, GNG_GRID, GNG_LEAF, GNG_LEAVES, gng_hit, gng_panels
from gng_fast.core.state cimport State, is_hole, position

cdef extern from "prefetch.h" nogil:
    void gng_prefetch_cells(const gng_panels *panels, Py_ssize_t d, const float *x)

cdef extern from "tiles.h" nogil:
    enum:
        GNG_GROUP
        GNG_MOST_TILE_ROWS
    const Py_ssize_t GNG_MOST_TILE_NODES
    const Py_ssize_t GNG_MOST_TILE_D
    ctypedef struct gng_groups:
        Py_ssize_t d
        Py_ssize_t n
        float *w
        float *half
        double largest
    ctypedef struct gng_tile_kernels:
        int rows
        int speed
        uint32_t (*nearest)(const gng_groups *groups, const float *X, int n, int k, float *work,
                            gng_hit *hits) noexcept nogil
        void (*distances)(const gng_groups *groups, const float *X, Py_ssize_t n, float *out) noexcept nogil
    const gng_tile_kernels *gng_tile_kernels_for(const char *isa)
    Py_ssize_t gng_n_groups(Py_ssize_t n)
    void gng_enter_group(gng_groups *groups, Py_ssize_t i, const float *w)
    void gng_end_groups(gng_groups *groups)

cdef extern from "<time.h>" nogil:
    enum:
        TIME_UTC
    struct timespec:
        int64_t tv_sec
        long tv_nsec
    int timespec_get(timespec *now, int base)

cdef enum:
    MOST_ROWS = 32              # that are searched for at once,
    MOST_COORDINATES = 2000000  # and that these would visit by brute force: about a millisecond
    NANOSECONDS_OF_WORK = 20000000  # between two checks for pending signals of the system
    # the numbers here were measured, as those of index_policy.pxd
    LEAST_TILED_ROWS = 64       # copying the nodes into groups takes as long as searching for some ten rows
    TRIAL_ROWS = 16             # are searched for by leaves, to see how many of these they visit,
    ROWS_OF_A_TRIAL = 8192      # and that holds for so many rows
    NANOSECONDS_OF_ROW = 220    # that leaves take for a row,
    NANOSECONDS_OF_LEAF = 45    # and for each that is visited,
    PER_ROW_COORDINATE = 3      # and more for each dimension
    PER_LEAF_COORDINATE = 5
    MORE_COORDINATES = 3        # are as much work for tiles as the rest of what a node takes
    UNCERTAIN_ROWS = 4          # tiles do not pay where they leave one row of so many to the index


cdef inline void number_nodes(State *net) noexcept nogil:
    """Write to `scratch.number` the number of each node: order of birth, without holes. What is written already stays."""
    cdef Py_ssize_t slot = net.n_numbered
    cdef int32_t number = 0
    if slot > 0:
        number = net.scratch.number[slot - 1] + (not is_hole(net, slot - 1))
    for slot in range(slot, net.n_slots):
        net.scratch.number[slot] = number
        number += not is_hole(net, slot)
    net.n_numbered = net.n_slots


cdef inline int32_t number_of(const State *net, int32_t node) noexcept nogil:
    """The number of a node found, -1 for none: a distance that is not finite finds none."""
    return net.scratch.number[node] if node >= 0 else -1


# ---- nearest nodes ---------------------------------------------------------------------------------------------------

cdef struct RowSearch:          # how one thread looks rows up
    const State *net
    const gng_groups *groups    # NULL where only the index is asked
    const gng_tile_kernels *kernels
    float *work                 # work_size
    Py_ssize_t most             # rows that the index is asked for at a time
    bint tiled                  # whether tiles are faster than the index,
    Py_ssize_t judged_until     # up to this row,
    Py_ssize_t n_tiled          # rows of these that were looked up by tiles,
    Py_ssize_t n_uncertain      # and that the index was asked for after all


cdef inline RowSearch search_of(const State *net, float *work) noexcept nogil:
    """A search that asks the index alone; whoever has groups gives it these and their kernels."""
    cdef RowSearch search
    search.net, search.work = net, work
    search.most = max(1, min(MOST_ROWS, MOST_COORDINATES // (net.n_slots * net.d)))
    search.groups, search.kernels = NULL, NULL
    search.tiled = False
    search.judged_until = search.n_tiled = search.n_uncertain = 0
    return search


cdef inline Py_ssize_t work_size(const State *net) noexcept nogil:
    """Floats of working memory that a search takes: one for each branch of leaves, or the rows that meet the tiles."""
    return max(net.index.panels.n_panels // GNG_LEAF // GNG_BRANCH + 1, GNG_MOST_TILE_ROWS * net.d)


cdef inline bint wants_groups(const State *net, Py_ssize_t n_rows) noexcept nogil:
    """Whether tiles may be faster than the index for so many rows."""
    return (net.index.panels.kind != GNG_GRID and n_rows >= LEAST_TILED_ROWS
            and net.n_nodes <= GNG_MOST_TILE_NODES and net.d <= GNG_MOST_TILE_D
            and gng_tile_kernels_for(net.kernels.name).nearest is not NULL)


cdef inline void fill_groups(State *net, gng_groups *groups) noexcept nogil:
    """Copy the nodes, in order of birth, to where look-ups read them."""
    cdef Py_ssize_t slot, i = 0
    cdef gng_floats before = gng_usual_floats()
    groups.largest = 0
    for slot in range(net.n_slots):
        if not is_hole(net, slot):
            gng_enter_group(groups, i, position(net, slot))
            i += 1
    gng_end_groups(groups)
    gng_restore_floats(before)


cdef inline void search_index(const RowSearch *search, const float *X, int n, gng_hit *hits) noexcept nogil:
    """Find the two nearest nodes of n rows, by their slots."""
    cdef const State *net = search.net
    cdef const float *rows[MOST_ROWS]
    cdef int i
    for i in range(n):
        rows[i] = X + i * net.d
    if net.search_ahead:
        for i in range(n):
            gng_prefetch_cells(&net.index.panels, net.d, rows[i])
    net.kernels.search(&net.index.panels, rows, n, search.work, hits)


cdef inline void search_tiles(RowSearch *search, const float *X, int n, int k, gng_hit *hits) noexcept nogil:
    """Find the k nearest nodes of n rows, by their numbers; of what is not certain the index decides."""
    cdef uint32_t uncertain = search.kernels.nearest(search.groups, X, n, k, search.work, hits)
    cdef int i
    search.n_tiled += n
    for i in range(n):
        if uncertain >> i & 1:
            search_index(search, X + i * search.net.d, 1, hits + i)
            hits[i].s1 = number_of(search.net, hits[i].s1)
            hits[i].s2 = number_of(search.net, hits[i].s2)
            search.n_uncertain += 1
    if search.n_uncertain * UNCERTAIN_ROWS > search.n_tiled:
        search.tiled = False


cdef inline bint tiles_pay(const RowSearch *search, int64_t n_rows, int64_t n_visited) noexcept nogil:
    """Whether tiles are faster than leaves, of which `n_visited` were visited for so many rows."""
    cdef int64_t d = search.net.d
    cdef int64_t leaves = (n_rows * (NANOSECONDS_OF_ROW + PER_ROW_COORDINATE * d)
                           + n_visited * (NANOSECONDS_OF_LEAF + PER_LEAF_COORDINATE * d))
    return n_rows * search.net.n_nodes * (d + MORE_COORDINATES) < leaves * search.kernels.speed


cdef inline int search_some(RowSearch *search, const float *X, Py_ssize_t row, Py_ssize_t stop, int k,
                            gng_hit *hits, bint *numbered) noexcept nogil:
    """Find the k nearest nodes of some rows from `row` on, and return of how many.

    `numbered` says whether they are named by their numbers or by their slots.
    """
    cdef const State *net = search.net
    cdef bint trial = row >= search.judged_until and search.groups is not NULL
    cdef int64_t n_visited = 0
    cdef int n, i
    if trial:
        search.judged_until = row + ROWS_OF_A_TRIAL
        search.n_tiled = search.n_uncertain = 0
        search.tiled = True
    numbered[0] = search.tiled and not (trial and net.index.panels.kind == GNG_LEAVES)
    if numbered[0]:
        n = <int>min(search.kernels.rows, stop - row)
        search_tiles(search, X + row * net.d, n, k, hits)
        return n
    n = <int>min(min(search.most, TRIAL_ROWS) if trial else search.most, stop - row)
    search_index(search, X + row * net.d, n, hits)
    if trial:
        for i in range(n):
            n_visited += hits[i].visited
        search.tiled = tiles_pay(search, n, n_visited)
    return n


cdef inline Py_ssize_t look_up(RowSearch *search, const float *X, Py_ssize_t row, Py_ssize_t stop, int k,
                               int64_t *numbers, float *distances) noexcept nogil:
    """Write the numbers and distances of the k (1 or 2) nearest nodes of the rows from `row` on; `number_nodes` first.

    Returns the row it came to: `stop`, or one before it when time is up. The clock decides because rows differ
    thousandfold in the time they take: some look at a few cells, one far outside at every node.
    """
    cdef const State *net = search.net
    cdef gng_hit hits[MOST_ROWS]
    cdef gng_floats before = gng_usual_floats()
    cdef timespec start
    cdef bint numbered
    cdef int n, i
    timespec_get(&start, TIME_UTC)
    while row < stop:
        n = search_some(search, X, row, stop, k, hits, &numbered)
        for i in range(n):
            numbers[(row + i) * k] = hits[i].s1 if numbered else number_of(net, hits[i].s1)
            distances[(row + i) * k] = sqrtf(hits[i].d1)
            if k == 2:
                numbers[(row + i) * k + 1] = hits[i].s2 if numbered else number_of(net, hits[i].s2)
                distances[(row + i) * k + 1] = sqrtf(hits[i].d2)
        row += n
        if time_is_up(&start):
            break
    gng_restore_floats(before)
    return row


# ---- distances to all nodes ------------------------------------------------------------------------------------------

cdef inline Py_ssize_t write_distances(const gng_tile_kernels *kernels, const gng_groups *groups, const float *X,
                                       Py_ssize_t row, Py_ssize_t stop, float *distances) noexcept nogil:
    """Write the distances of the rows from `row` on to all nodes. Returns the row it came to, as `look_up`."""
    cdef Py_ssize_t most = max(1, min(MOST_ROWS, MOST_COORDINATES // (groups.n * groups.d))), n
    cdef gng_floats before = gng_usual_floats()
    cdef timespec start
    timespec_get(&start, TIME_UTC)
    while row < stop:
        n = min(most, stop - row)
        kernels.distances(groups, X + row * groups.d, n, distances + row * groups.n)
        row += n
        if time_is_up(&start):
            break
    gng_restore_floats(before)
    return row


cdef inline bint time_is_up(const timespec *start) noexcept nogil:
    """Whether NANOSECONDS_OF_WORK have gone by, or the clock was set back."""
    cdef timespec now
    cdef int64_t passed
    timespec_get(&now, TIME_UTC)
    passed = (now.tv_sec - start.tv_sec) * 1000000000 + now.tv_nsec - start.tv_nsec
    return not 0 <= passed < NANOSECONDS_OF_WORK

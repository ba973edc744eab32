# cython: language_level=3
"""Which index a network searches with, how many signals at once, and when the index is built anew.

Nothing here changes a result: all kinds of index find the same nodes. The numbers were measured: each is about where one
way becomes as fast as another.
"""

from libc.stdint cimport INT64_MAX, int32_t, int64_t, uint16_t
from libc.string cimport memset

from gng_fast.core.dense cimport (
    GNG_BLOCK, GNG_MOST_DENSE_D, allocate_scores, gng_dense_kernels, gng_dense_of, set_slot,
)
from gng_fast.core.float_rules cimport gng_floats, gng_restore_floats, gng_usual_floats
from gng_fast.core.index cimport (
    GNG_FLAT, GNG_GRID, GNG_LEAVES, GNG_MAX_GRID_D, GNG_MOST_CODED_D, GNG_ROWS_FROM, gng_coder, gng_coder_of,
)
from gng_fast.core.index_build cimport build_index
from gng_fast.core.memory cimport allocated, gng_release
from gng_fast.core.state cimport State, is_hole

cdef enum:
    # the kind of index: with so many nodes or fewer, brute force is as fast
    TOO_FEW_FOR_ANY = 7         # even where an index is asked for
    TOO_FEW_FOR_GRID = 64
    TOO_FEW_FOR_LEAVES = 256
    TOO_FEW_FOR_LEAVES_OR_BLOCKS = 500  # where brute force goes in blocks
    # brute force in blocks: with so many nodes or fewer, it is as fast one by one,
    TOO_FEW_FOR_BLOCKS = 64
    TOO_FEW_FOR_BLOCKS_OF_ROWS = 8  # where positions are read row by row,
    LEAST_BLOCK = 10            # and so it is for fewer signals,
    LEAST_BLOCK_OF_ROWS = 4
    FAILURES_OF_BLOCKS = 2      # and blocks do not serve where the scores of one of so many signals leave many nodes
    # signals searched for at once
    BATCH = 4
    LARGE_GRID = 12000          # in one of so many nodes they are in no near cache: batches are searched for one ahead,
    LARGE_BATCH = 8             # and are larger
    SMALL_3D_GRID = 300         # with fewer nodes in three dimensions nearly every signal spoils the search for the next
    BATCH_3D = 2
    # an index is stale
    STALE_GRID_VISITS = 16      # when a signal visits more than so many cells and panels beyond the nearest,
    STALE_LEAVES_SIGNALS = 16   # after so many signals for each node: the boxes of the leaves have only grown,
    LEAST_STALE_SIGNALS = 1000  # and so many more,
    STALE_FLAT_SIGNALS = 64     # and brute force, where an index did not pay, after so many signals for each node
    # an index pays while a signal visits less than one for so many nodes: cells and panels, or leaves
    NODES_PER_PAID_CELL = 16
    NODES_PER_PAID_LEAF = 96
    NODES_IN_BLOCKS_PER_PAID_LEAF = 192  # where brute force goes in blocks,
    ROWS_IN_BLOCKS_PER_PAID_LEAF = 320   # and leaves are read row by row,
    CODES_IN_BLOCKS_PER_PAID_LEAF = 200  # or by codes
    LEAST_JUDGED_SIGNALS = 1000  # but is not judged before it has served more signals than these,
    LEAST_JUDGED_LEAVES_SIGNALS = 250
    # leaves are searched by codes of their nodes when a signal visits so many of them, until it visits fewer than those
    VISITS_FOR_CODES = 4
    VISITS_WITH_CODES = 2
    GROWTH_BEFORE_RETRIAL = 2   # where an index did not pay, one is tried again when the nodes are so many times as many
    # an index that was built for less than 15/16 of max_nodes is built anew for a network that has come to its full size
    SHARE_MISSING = 16


cdef inline int kind_of_index(const State *net) noexcept nogil:
    """The kind of index for the nodes there are."""
    if net.n_nodes <= TOO_FEW_FOR_ANY:
        return GNG_FLAT
    if net.forced_kind >= 0:
        return net.forced_kind
    if net.n_nodes < net.flat_below:
        return GNG_FLAT
    if net.d <= GNG_MAX_GRID_D:
        return GNG_GRID if net.n_nodes > TOO_FEW_FOR_GRID else GNG_FLAT
    return GNG_LEAVES if net.n_nodes > (TOO_FEW_FOR_LEAVES_OR_BLOCKS if blocks_serve(net) else TOO_FEW_FOR_LEAVES) else GNG_FLAT


cdef inline bint has_dense(const State *net) noexcept nogil:
    """Whether brute force can go in blocks."""
    return GNG_MAX_GRID_D < net.d <= GNG_MOST_DENSE_D and gng_dense_of(net.kernels) is not NULL


cdef inline bint blocks_serve(const State *net) noexcept nogil:
    """Whether brute force goes in blocks, as far as is known: many nodes at one place cannot be told apart by scores."""
    return has_dense(net) and not net.blocks_failed


cdef inline void choose_batches(State *net) noexcept nogil:
    """How many signals are searched for at once, and how early: only a grid can tell which searches became stale, and only
    scores follow the nodes."""
    cdef bint grid = net.index.panels.kind == GNG_GRID
    net.search_ahead = grid and net.n_nodes >= LARGE_GRID
    if net.search_ahead:
        net.batch_size = LARGE_BATCH
    elif not grid or net.d == 3 and net.n_nodes < SMALL_3D_GRID:
        net.batch_size = 1
    else:
        net.batch_size = BATCH_3D if net.d == 3 else BATCH
    if net.dense is not NULL:
        net.batch_size = GNG_BLOCK
        net.least_block = LEAST_BLOCK if net.d < GNG_ROWS_FROM else LEAST_BLOCK_OF_ROWS


cdef inline const gng_dense_kernels *wanted_dense(const State *net) noexcept nogil:
    """How to train in blocks, or NULL where that does not pay."""
    cdef int too_few = TOO_FEW_FOR_BLOCKS if net.d < GNG_ROWS_FROM else TOO_FEW_FOR_BLOCKS_OF_ROWS
    if not has_dense(net) or net.n_nodes <= too_few or kind_of_index(net) != GNG_FLAT:
        return NULL
    return gng_dense_of(net.kernels)


cdef inline bint is_stale(const State *net) noexcept nogil:
    """Whether an index built anew for the nodes as they lie now may be faster."""
    cdef int64_t n_built = net.index.n_built
    if net.index.panels.kind == GNG_GRID:
        return net.since_build > n_built and net.n_visited > STALE_GRID_VISITS * net.since_build
    if net.index.panels.kind == GNG_LEAVES:
        return net.since_build > STALE_LEAVES_SIGNALS * n_built + LEAST_STALE_SIGNALS
    return net.flat_below > 0 and net.since_build > STALE_FLAT_SIGNALS * n_built


cdef inline const gng_coder *wanted_coder(const State *net) noexcept nogil:
    """How the codes of nodes are to be written, or NULL where that does not pay: they have to follow every move."""
    cdef bint coded = net.index.panels.coder is not NULL
    if net.index.panels.kind != GNG_LEAVES or net.index.coarse or not GNG_ROWS_FROM <= net.d <= GNG_MOST_CODED_D:
        return NULL
    if net.since_build > LEAST_JUDGED_LEAVES_SIGNALS:
        coded = net.n_visited > (VISITS_WITH_CODES if coded else VISITS_FOR_CODES) * net.since_build
    return gng_coder_of(net.kernels) if coded else NULL


cdef inline bint pays(const State *net) noexcept nogil:
    """Whether the searches visit so little that the index is faster than brute force."""
    cdef int64_t n_built = net.index.n_built
    if net.index.panels.kind == GNG_GRID and net.since_build > LEAST_JUDGED_SIGNALS:
        return net.n_visited < <double>net.since_build * (n_built // NODES_PER_PAID_CELL)
    if net.index.panels.kind == GNG_LEAVES and net.since_build > LEAST_JUDGED_LEAVES_SIGNALS:
        return net.n_visited * <double>nodes_per_paid_leaf(net) < <double>net.since_build * n_built
    return True


cdef inline int nodes_per_paid_leaf(const State *net) noexcept nogil:
    if not blocks_serve(net):
        return NODES_PER_PAID_LEAF
    if net.d < GNG_ROWS_FROM:
        return NODES_IN_BLOCKS_PER_PAID_LEAF
    return CODES_IN_BLOCKS_PER_PAID_LEAF if wanted_coder(net) is not NULL else ROWS_IN_BLOCKS_PER_PAID_LEAF


cdef inline int64_t signals_before_judgement(const State *net) noexcept nogil:
    """After how many signals the index is to be tended again, though more might be left."""
    if net.index.panels.kind == GNG_LEAVES and net.since_build <= LEAST_JUDGED_LEAVES_SIGNALS:
        return LEAST_JUDGED_LEAVES_SIGNALS + 1 - net.since_build
    return INT64_MAX


cdef inline bint is_outgrown(const State *net) noexcept nogil:
    """Whether the network has come to its full size, and the index was built for a smaller one."""
    return net.n_nodes == net.max_nodes and net.index.n_built < net.n_nodes - net.n_nodes // SHARE_MISSING


cdef inline int tend_index(State *net) except -1 nogil:
    """Build the index anew where it is full, of the wrong kind for so many nodes, or no longer fits them well."""
    cdef bint stale = is_stale(net)
    if stale and net.index.panels.kind == GNG_FLAT:
        net.flat_below = 0  # the data may have become easier
    if net.dense is not NULL and net.since_build > LEAST_JUDGED_SIGNALS:
        net.blocks_failed = FAILURES_OF_BLOCKS * net.n_visited > net.since_build
    if not pays(net):
        net.flat_below = GROWTH_BEFORE_RETRIAL * net.n_nodes
    if net.index.due or stale or is_outgrown(net) or net.index.panels.kind != kind_of_index(net) \
            or net.dense != wanted_dense(net) or net.index.panels.coder != wanted_coder(net):
        with gil:
            rebuild_index(net)
    return 0


cdef inline int rebuild_index(State *net) except -1:
    """Build the index anew for the nodes there are. Raises what handlers of signals of the system raise: see there."""
    cdef const gng_dense_kernels *dense = wanted_dense(net)
    cdef Py_ssize_t slot, n = 0
    if dense is not NULL and net.scores.score is NULL:
        allocate_scores(&net.scores, net.w, net.d, net.capacity)
    cdef int32_t *nodes = <int32_t *>allocated(net.n_nodes + 1, sizeof(int32_t))
    for slot in range(net.n_slots):
        if not is_hole(net, slot):
            nodes[n] = <int32_t>slot
            n += 1
    cdef gng_floats before = gng_usual_floats()
    try:
        build_index(&net.index, kind_of_index(net), nodes, n, net.capacity, net.n_nodes < net.max_nodes,
                    wanted_coder(net))
    finally:
        gng_restore_floats(before)
        gng_release(nodes)
    net.dense = dense
    if dense is not NULL:
        memset(net.scores.live, 0, net.capacity // GNG_BLOCK * sizeof(uint16_t))
        memset(net.scores.moved, 0, net.capacity // GNG_BLOCK * sizeof(uint16_t))
        for slot in range(net.n_slots):
            if not is_hole(net, slot):
                set_slot(net.scores.live, slot)
    choose_batches(net)
    net.since_build = net.n_visited = 0
    return 0

# cython: language_level=3
"""The training loop: for every signal the steps of steps.pxd, one call each."""

from libc.math cimport sqrtf
from libc.stdint cimport int64_t

from gng_fast.core.dense cimport GNG_BLOCK
from gng_fast.core.index cimport (
    GNG_ROWS_FROM, gng_hit, gng_lane_at, gng_panels, gng_node_at, hit_is_stale, write_lane,
)
from gng_fast.core.index_policy cimport signals_before_judgement
from gng_fast.core.signals cimport (
    BATCHES_UNDER_WAY, BLOCKS_UNDER_WAY, SIGNALS_PER_BATCH, SIGNALS_PER_BLOCK, SignalSource, sample_signal,
)
from gng_fast.core.state cimport CHUNKS_UNDER_WAY, EDGES_PER_CHUNK, FRITZKE, State, node_at, position
from gng_fast.core.steps cimport (
    add_error, age_edges, any_old_edge, connect, decay_errors, find_two_nearest, insert_node, move_neighbours,
    move_winner, remove_old_edges,
)
from gng_fast.core.utility cimport add_utility, remove_least_useful

cdef extern from "prefetch.h" nogil:
    void gng_prefetch(const void *p)
    void gng_prefetch_cells(const gng_panels *panels, Py_ssize_t d, const float *x)

cdef extern from "target.h" nogil:
    ctypedef void gng_inlined_void

cdef enum:
    # signals that are trained on at a time take a few milliseconds, even by brute force
    MOST_SIGNALS_AT_A_TIME = 8192
    MOST_WORK_AT_A_TIME = 20000000  # in differences of coordinates
    WORK_OF_SIGNAL = 500            # besides the search


cdef struct Batch:
    const float *signals[SIGNALS_PER_BLOCK]
    gng_hit hits[SIGNALS_PER_BLOCK]
    int n
    int first                   # with jitter: where in its buffer the signals are written to


cdef inline int64_t signals_at_a_time(const State *net, int64_t left) noexcept nogil:
    """How many of the signals that are left to train on, before the index and Ctrl-C are looked at."""
    return min(left, signals_before_judgement(net), MOST_SIGNALS_AT_A_TIME,
               1 + MOST_WORK_AT_A_TIME // (WORK_OF_SIGNAL + net.n_slots * net.d))


cdef inline int64_t train(State *net, SignalSource *source, int64_t n_signals) noexcept nogil:
    """`train_in` for the dimension of the network; the frequent ones are compiled apart."""
    if net.d == 2:
        return train_in(net, 2, source, n_signals)
    if net.d == 3:
        return train_in(net, 3, source, n_signals)
    if net.d == 1:
        return train_in(net, 1, source, n_signals)
    return train_in_blocks(net, net.d, source, n_signals)


cdef inline int64_t train_in(State *net, Py_ssize_t d, SignalSource *source, int64_t n_signals) noexcept nogil:
    """Train on up to `n_signals` signals and return how many were taken: fewer when edges or index need more memory.

    A batch of signals is searched for at once, so that their searches overlap; one of them is searched for again if a
    signal before it changed something that its search has visited. Batches are drawn two ahead, so that their data can be
    on its way, and in a large network searched for one ahead, so that the nodes can be too.
    """
    cdef int64_t taken = 0
    cdef Batch batches[BATCHES_UNDER_WAY]
    cdef Batch *batch = &batches[0]
    cdef Batch *following = &batches[1]
    cdef Batch *last = &batches[2]
    cdef int i
    batch.first, following.first, last.first = 0, SIGNALS_PER_BATCH, 2 * SIGNALS_PER_BATCH
    draw_batch(net, d, source, n_signals, batch)
    draw_batch(net, d, source, n_signals - batch.n if batch.n else 0, following)
    taken += batch.n + following.n
    if net.search_ahead:
        find_two_nearest(net, batch.signals, batch.n, batch.hits)
    while batch.n:
        draw_batch(net, d, source, n_signals - taken if following.n else 0, last)
        taken += last.n
        net.index.batch += 1
        if net.search_ahead:
            find_two_nearest(net, following.signals, following.n, following.hits)
            prefetch_winners(net, d, following)
        else:
            find_two_nearest(net, batch.signals, batch.n, batch.hits)
        for i in range(batch.n):
            if (i > 0 or net.search_ahead) and hit_is_stale(&net.index, d, &batch.hits[i], net.search_ahead):
                find_two_nearest(net, batch.signals + i, 1, batch.hits + i)
            train_one(net, d, batch.signals[i], &batch.hits[i])
        if net.search_ahead:
            prefetch_neighbours(net, d, following)
            for i in range(last.n):
                gng_prefetch_cells(&net.index.panels, d, last.signals[i])
        batch, following, last = following, last, batch
    return taken


cdef inline int64_t train_in_blocks(State *net, Py_ssize_t d, SignalSource *source, int64_t n_signals) noexcept nogil:
    """`train_in` above GNG_MAX_GRID_D dimensions: there signals are searched for one by one, or where `net.dense` says how,
    scored a block at a time (src_c/dense.h). The scores follow what each signal changes."""
    cdef int64_t taken = 0
    cdef Batch blocks[BLOCKS_UNDER_WAY]
    cdef Batch *block = &blocks[0]
    cdef Batch *following = &blocks[1]
    cdef gng_hit hit
    cdef int i, first
    cdef bint unwritten = False
    block.first, following.first = 0, SIGNALS_PER_BLOCK
    draw_batch(net, d, source, n_signals, block)
    taken += block.n
    while block.n:
        draw_batch(net, d, source, n_signals - taken, following)
        taken += following.n
        first = 0
        for i in range(block.n):
            if net.dense is not NULL and net.scores.n == 0 and block.n - i >= net.least_block:
                net.dense.begin(&net.scores, block.signals + i, block.n - i, net.n_slots)
                first, unwritten = i, True
            if net.scores.n == 0 or not net.dense.find(&net.scores, i - first, &hit):
                if net.scores.n == 0:
                    net.scores.lengths_known = False
                if unwritten:
                    write_moved(net, d)
                    unwritten = net.scores.n > 0
                find_two_nearest(net, block.signals + i, 1, &hit)
            train_one(net, d, block.signals[i], &hit)
        net.scores.n = 0
        block, following = following, block
    if unwritten:
        write_moved(net, d)
    return taken


cdef inline void write_moved(State *net, Py_ssize_t d) noexcept nogil:
    """Write the nodes that have moved to their lanes."""
    cdef Py_ssize_t group, slot
    cdef unsigned int moved
    if d >= GNG_ROWS_FROM:
        return  # there are no lanes
    for group in range((net.n_slots + GNG_BLOCK - 1) // GNG_BLOCK):
        moved = net.scores.moved[group] & net.scores.live[group]
        net.scores.moved[group] = 0
        slot = group * GNG_BLOCK
        while moved:
            if moved & 1:
                write_lane(position(net, slot), d, net.index.panels.x + gng_lane_at(d, node_at(net, slot).place))
            moved >>= 1
            slot += 1


cdef inline gng_inlined_void draw_batch(State *net, Py_ssize_t d, SignalSource *source, int64_t n_signals,
                                        Batch *batch) noexcept nogil:
    """Draw a batch of signals; none if there might be no room for what the batches under way can add."""
    cdef float *room
    cdef int i
    batch.n = 0
    if net.n_free_chunks >= CHUNKS_UNDER_WAY and not net.index.due:
        batch.n = <int>min(net.batch_size, n_signals)
    for i in range(batch.n):
        room = source.jittered + (batch.first + i) * d if source.jitter else NULL
        batch.signals[i] = sample_signal(source, &net.rng, room)
        gng_prefetch(batch.signals[i])


cdef inline void prefetch_winners(State *net, Py_ssize_t d, const Batch *batch) noexcept nogil:
    cdef int i
    for i in range(batch.n):
        if batch.hits[i].s2 >= 0:
            gng_prefetch(net.chunks + batch.hits[i].s1)
            gng_prefetch(net.chunks + batch.hits[i].s2)
            gng_prefetch(gng_node_at(net.nodes, d, batch.hits[i].s1))
            gng_prefetch(gng_node_at(net.nodes, d, batch.hits[i].s2))


cdef inline void prefetch_neighbours(State *net, Py_ssize_t d, const Batch *batch) noexcept nogil:
    cdef int i, k
    for i in range(batch.n):
        if batch.hits[i].s2 >= 0:
            for k in range(EDGES_PER_CHUNK):
                gng_prefetch(gng_node_at(net.nodes, d, net.chunks[batch.hits[i].s1].neighbour[k]))


cdef inline gng_inlined_void train_one(State *net, Py_ssize_t d, const float *x, const gng_hit *hit) noexcept nogil:
    cdef float distance
    if hit.s2 < 0:
        return  # only if data turned to NaN or infinity after it was checked
    net.n_visited += hit.visited
    distance = sqrtf(hit.d1)
    net.distance_sum += distance
    net.distance_count += 1
    if distance < net.skip_below:
        return
    if net.variant == FRITZKE:
        train_fritzke(net, d, x, hit)
    else:
        train_neupy(net, d, x, hit.s1, hit.s2, distance)
    net.n_signals += 1


cdef inline gng_inlined_void train_fritzke(State *net, Py_ssize_t d, const float *x, const gng_hit *hit) noexcept nogil:
    cdef Py_ssize_t s1 = hit.s1, s2 = hit.s2
    cdef bint any_old
    age_edges(net, d, s1)
    add_error(net, d, s1, hit.d1)
    if net.utility is not NULL:
        add_utility(net, s1, hit.d1, hit.d2)
    move_winner(net, d, s1, x)
    move_neighbours(net, d, s1, x, net.max_age, &any_old)
    connect(net, d, s1, s2)
    if any_old:
        remove_old_edges(net, s1, net.max_age)
    if insertion_due(net):
        if net.utility is not NULL:
            remove_least_useful(net)
        insert_node(net, error_factor_of_r=1)
    decay_errors(net)


cdef inline void train_neupy(State *net, Py_ssize_t d, const float *x, Py_ssize_t s1, Py_ssize_t s2,
                             float distance) noexcept nogil:
    """As NeuPy 0.8.2: the error is not squared, edges are checked before they age, s2 moves even if its edge is new, and
    a new node starts without error."""
    cdef bint any_old  # by then: nobody asks
    add_error(net, d, s1, distance)
    move_winner(net, d, s1, x)
    connect(net, d, s1, s2)
    if any_old_edge(net, d, s1, net.max_age - 1):
        remove_old_edges(net, s1, net.max_age - 1)
    age_edges(net, d, s1)
    move_neighbours(net, d, s1, x, net.max_age, &any_old)
    if insertion_due(net):
        insert_node(net, error_factor_of_r=0)
    decay_errors(net)


cdef inline bint insertion_due(State *net) noexcept nogil:
    """Whether this signal is a lam-th one."""
    net.until_insertion -= 1
    if net.until_insertion > 0:
        return False
    net.until_insertion = net.lam
    return True


cdef inline int64_t connect_nearest(State *net, SignalSource *source, int64_t n_signals) noexcept nogil:
    """Take up to `n_signals` signals as `train` does, but only connect the two nearest nodes of each."""
    cdef int64_t taken = 0
    cdef Batch batch
    cdef int i
    batch.first = 0
    while True:
        draw_batch(net, net.d, source, n_signals - taken, &batch)
        if batch.n == 0:
            return taken
        taken += batch.n
        find_two_nearest(net, batch.signals, batch.n, batch.hits)
        for i in range(batch.n):
            if batch.hits[i].s2 >= 0:
                connect(net, net.d, batch.hits[i].s1, batch.hits[i].s2)

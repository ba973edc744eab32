"""Growing Neural Gas as a compiled core: B. Fritzke, "A Growing Neural Gas Network Learns Topologies", NIPS 7, 1995.

For every input signal (section 2 of the paper, with its numbers):

1. draw a signal x; 2. find its nearest node s1 and second nearest s2; 3. age the edges of s1; 4. add |x - w_s1|^2 to the
error of s1; 5. move s1 by eps_b (x - w_s1) and its neighbours by eps_n (x - w_n); 6. connect s1 and s2 by an edge of
age 0; 7. remove edges older than max_age, and nodes left without edges; 8. after every lam signals insert a node between
the node of largest error and its neighbour of largest error; 9. multiply all errors by decay.

Where this differs from the paper: errors decay lazily, ages are counted by wins (see _state.pxd), and a network stops
growing at max_nodes. `variant="neupy"` takes the steps as NeuPy 0.8.2 does: see train_neupy. Switched off by default:
annealing (_annealing.pxd), utility (_utility.pxd), fixed nodes and permanent edges (`Network.start`).
"""

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from cpython.exc cimport PyErr_CheckSignals
from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memcpy, memset

from gng_fast.core.annealing cimport STAGES, Annealing, enter_stage
from gng_fast.core.index_build cimport RESERVE, build_index, free_index, index_nbytes
from gng_fast.core.index cimport (
    GNG_FLAT, GNG_GRID, GNG_LEAVES, GNG_MAX_GRID_D, Upkeep, gng_edges, gng_isa_name, gng_kernels,
    gng_kernels_for, gng_node, gng_node_size, gng_row_stride, index_add,
)
from gng_fast.core.lookup cimport Sums, add_up_rows, look_up, number_nodes, work_size
from gng_fast.core.memory cimport allocated, gng_release, grow_edge_pool, make_room_for_fixed, zeroed
from gng_fast.core.transfer cimport (
    copy_ages, copy_edges, copy_errors, copy_fixed, copy_nodes, copy_permanent, copy_utilities, restore_edge, restore_node,
)
from gng_fast.core.signals cimport ORDER, WEIGHTED, Lock, Signals, draw_weighted_row, random_below
from gng_fast.core.state cimport (
    EDGES_PER_BLOCK, FRITZKE, NEUPY, NODES_PER_MAXIMUM, State, add_node, clear_edges, find_edge, fix_node, is_hole,
    make_slot, node_at, position,
)
from gng_fast.core.steps cimport connect
from gng_fast.core.training cimport BLOCKS_PER_SIGNAL, connect_nearest, train

from gng_fast.core import saved_network as saved
from gng_fast.graph import Graph
from gng_fast.parameters import as_flags, as_points, check, count_threads, network_parameters

# A draw of the second start node that equals the first is repeated this often, then the first row that differs is taken.
MAX_REDRAWS = 1000

# A thread is not worth starting for fewer rows of a look-up.
LEAST_ROWS_OF_THREAD = 256

# The kinds of index that `search` asks for.
SEARCHES = {"auto": -1, "brute": GNG_FLAT, "grid": GNG_GRID, "leaves": GNG_LEAVES}

cdef enum:
    MOST_AT_ONCE = 8192

cdef extern from *:
    int64_t PyLong_AsLongLongAndOverflow(object number, int *overflow) except? -1


# ---- memory ---------------------------------------------------------------------------------------------------------

cdef void allocate(State *net) except *:
    """Allocate everything for `net.max_nodes` nodes; what was allocated before a MemoryError is the caller's to free."""
    cdef Py_ssize_t slack = net.max_nodes // 16 + 16, capacity
    # slots beyond max_nodes let holes gather, so that closing them is rare
    capacity = (net.max_nodes + slack + NODES_PER_MAXIMUM - 1) // NODES_PER_MAXIMUM * NODES_PER_MAXIMUM
    net.capacity = capacity
    net.nodes = net.up.nodes = <char *>allocated(capacity + 1, gng_node_size(net.d))
    memset(node_at(net, capacity), 0, gng_node_size(net.d))
    if net.d <= GNG_MAX_GRID_D:
        net.w = <float *>(net.nodes + sizeof(gng_node))
    else:
        net.w = <float *>allocated(capacity, gng_row_stride(net.d) * sizeof(float))
    net.up.index.rows = net.w
    net.error_max = <double *>allocated(capacity // NODES_PER_MAXIMUM, sizeof(double))
    net.new_slot = <int32_t *>allocated(capacity, sizeof(int32_t))
    net.fresh_block = capacity
    net.released_block = -1
    grow_edge_pool(net, capacity + slack + BLOCKS_PER_SIGNAL * RESERVE)


# ---- what Python sees -----------------------------------------------------------------------------------------------

cdef const gng_kernels *chosen_kernels() except NULL:
    """The kernels that GNG_FAST_ISA asks for, or the best one for this CPU."""
    wanted = os.environ.get("GNG_FAST_ISA", "")
    cdef const gng_kernels *kernels = gng_kernels_for(wanted.encode())
    if kernels is NULL:
        raise ValueError(f"GNG_FAST_ISA must be one of {', '.join(available_isas())}, got {wanted!r}")
    return kernels


def available_isas():
    """Return the instruction sets that this build has kernels for and this CPU can run, best first.

    Returns
    -------
    tuple of str
        Some of "avx2", "sse2", "neon", "portable". "portable" is always there.
    """
    names = []
    cdef int i = 0
    while gng_isa_name(i) is not NULL:
        if gng_kernels_for(gng_isa_name(i)) is not NULL:
            names.append(gng_isa_name(i).decode())
        i += 1
    return tuple(names)


def isa():
    """Return the name of the instruction set that a network made now would search with.

    The environment variable GNG_FAST_ISA forces one. All give the same bits.

    Raises
    ------
    ValueError
        If GNG_FAST_ISA names one that this build or this CPU does not have.
    """
    return chosen_kernels().name.decode()


cdef int64_t as_count(n_signals) except -1:
    """`check` of n_signals, faster where there is nothing to say: a call with one signal takes less time than it does."""
    cdef int overflow = 0
    cdef int64_t count
    if type(n_signals) is int:
        count = PyLong_AsLongLongAndOverflow(n_signals, &overflow)
        if count >= 0 and not overflow:
            return count
    return check("n_signals", n_signals)


cdef class Network:
    """A growing neural gas network in preallocated memory, for training signal by signal or in bulk.

    Parameters
    ----------
    n_features : int
        Dimension d of the data.
    seed : int in [0, 2^64)
        Start of the random number generator: the same seed gives the same network on every machine.
    search : "auto", "brute", "grid" (up to 3 features) or "leaves" (from 4 on), default "auto"
        How nodes are looked for. All give the same network; "auto" takes what is fastest.
    **parameters
        max_nodes, eps_b, eps_n, max_age, lam, alpha, decay, variant, min_distance, utility, as in `GrowingNeuralGas`.

    Attributes
    ----------
    parameters : dict
        All parameters, given or default.
    n_changes : int
        Grows whenever the graph may have changed, so that one knows whether a copy of it is out of date.

    Raises
    ------
    ValueError, TypeError
        If a parameter is out of range, of the wrong type or unknown.
    MemoryError
        If max_nodes nodes do not fit into memory.
    """

    def __cinit__(self, n_features, *, seed=0, search="auto", **parameters):
        cdef State *net = &self.state
        self.lock = Lock()
        net.kernels = chosen_kernels()
        self.parameters = given = network_parameters(parameters)
        net.d = net.up.index.d = check("n_features", n_features)
        net.rng = check("seed", seed)
        net.variant = FRITZKE if given["variant"] == "fritzke" else NEUPY
        net.max_nodes = given["max_nodes"]
        net.lam = net.until_insertion = min(given["lam"], 2**63 - 1)
        net.max_age = given["max_age"]
        net.eps_b = given["eps_b"]
        net.eps_n = given["eps_n"]
        net.alpha = given["alpha"]
        net.growth = 1 / <double>given["decay"]
        net.error_scale = 1
        # NeuPy compares the plain distance with the square of its threshold
        net.skip_below = given["min_distance"] ** (2 if net.variant == NEUPY else 1)
        self.annealing.stage = STAGES
        allocate(net)
        if given["utility"] is not None:
            net.utility_factor = given["utility"]
            net.utility = <double *>zeroed(net.capacity, sizeof(double))
        self.forced_kind = SEARCHES[check("search", search)]
        if self.forced_kind == GNG_GRID and net.d > 3 or self.forced_kind == GNG_LEAVES and net.d <= 3:
            raise ValueError(f"search must be 'auto', 'brute' or {'grid' if net.d <= 3 else 'leaves'!r} for {net.d} "
                             f"features, got {search!r}")
        self._build_index()

    def __dealloc__(self):
        free_index(&self.state.up)
        if self.state.d > GNG_MAX_GRID_D:
            gng_release(self.state.w)
        gng_release(self.state.nodes)
        gng_release(self.state.error_max)
        gng_release(self.state.new_slot)
        gng_release(self.state.fixed)
        gng_release(self.state.last_won)
        gng_release(self.state.utility)
        gng_release(self.state.permanent)
        gng_release(self.state.blocks)
        gng_release(self.state.next_block)

    @property
    def n_nodes(self):
        """Number of nodes."""
        return self.state.n_nodes

    @property
    def n_edges(self):
        """Number of edges."""
        return self.state.n_edges

    @property
    def n_features(self):
        """Dimension of the data."""
        return self.state.d

    @property
    def n_signals(self):
        """Number of signals that counted: those not skipped for `min_distance`."""
        return self.state.n_signals

    @property
    def nbytes(self):
        """Bytes of memory that the network holds."""
        cdef State *net = &self.state
        per_slot = gng_node_size(net.d) + sizeof(int32_t)
        per_block = sizeof(gng_edges) + sizeof(int32_t)
        if net.d > GNG_MAX_GRID_D:
            per_slot += gng_row_stride(net.d) * sizeof(float)
        if net.fixed is not NULL:
            per_slot += sizeof(int32_t)
        if net.utility is not NULL:
            per_slot += sizeof(double)
        if net.permanent is not NULL:
            per_block += EDGES_PER_BLOCK
        return (net.capacity * per_slot + net.capacity // NODES_PER_MAXIMUM * sizeof(double)
                + net.n_blocks * per_block + net.n_fixed * net.d * sizeof(float) + index_nbytes(&net.up))

    def start(self, nodes, edges=(), fixed=False, permanent=False):
        """Add nodes, and edges of age 0 between them.

        A fixed node never moves and never goes; it wins signals, gathers errors and has edges like any other. When it has
        the largest error, the new node comes where it won its last signal. A permanent edge stays at age 0 and never goes,
        nor do its ends.

        Parameters
        ----------
        nodes : array of shape (k, d)
            Positions; together with the nodes there are at most max_nodes.
        edges : sequence of pairs of int
            Node numbers, in order of age from 0. An edge that is there already gets age 0.
        fixed : bool or array of bool, shape (k,), default False
            Which of the nodes are fixed.
        permanent : bool or array of bool, shape (number of edges,), default False
            Which of the edges are permanent.

        Raises
        ------
        ValueError, TypeError
            If shapes, numbers or the room do not fit. The network is then as it was.
        MemoryError
            If there is no memory for the search or the edges. The network may then have some of the nodes and edges.
        """
        cdef State *net = &self.state
        cdef const float[:, ::1] w = as_points(nodes, "nodes", n_features=net.d)
        cdef int64_t[::1] slots
        cdef Py_ssize_t i, node, slot, number = 0
        fixed = as_flags(fixed, w.shape[0], "fixed")
        with self.lock:
            if net.n_nodes + w.shape[0] > net.max_nodes:
                raise ValueError(f"nodes must be at most max_nodes = {net.max_nodes}, got {net.n_nodes + w.shape[0]}")
            pairs = self._checked_edges(edges, net.n_nodes + w.shape[0])
            permanent = as_flags(permanent, len(pairs), "permanent")
            slots = np.empty(net.n_nodes + w.shape[0], np.int64)
            if fixed.any():
                make_room_for_fixed(net, np.count_nonzero(fixed))
            if permanent.any() and net.permanent is NULL:
                net.permanent = <uint8_t *>zeroed(net.n_blocks, EDGES_PER_BLOCK)
            self.n_changes += 1
            for i in range(w.shape[0]):
                if net.up.due:
                    self._build_index()
                make_slot(net)
                node = add_node(net)
                memcpy(position(net, node), &w[i, 0], net.d * sizeof(float))
                index_add(&net.up, node, &w[i, 0], -1)
                if fixed[i]:
                    fix_node(net, node)
            # no list comprehension: without memory, Cython 3.3 gives back twice what did not fit into it
            for slot in range(net.n_slots):
                if not is_hole(net, slot):
                    slots[number] = slot
                    number += 1
            for (a, b), lasting in zip(pairs, permanent):
                self._join(slots[a], slots[b], lasting)

    cdef void _join(self, Py_ssize_t a, Py_ssize_t b, bint permanent) except *:
        cdef State *net = &self.state
        if net.n_free_blocks < 2:
            grow_edge_pool(net, net.n_blocks + net.n_blocks // 2)
        connect(net, a, b)
        if permanent:
            net.permanent[find_edge(net, a, b)] = net.permanent[find_edge(net, b, a)] = True

    def _checked_edges(self, edges, n_nodes):
        pairs = []
        for edge in edges:
            a, b = (int(end) for end in edge)
            if not (0 <= a < n_nodes and 0 <= b < n_nodes and a != b):
                raise ValueError(f"edges must join two different nodes in [0, {n_nodes - 1}], got ({a}, {b})")
            pairs.append((a, b))
        return pairs

    def draw_start_nodes(self, Signals signals, n_start_nodes=2):
        """Add nodes at rows of the data, drawn as `signals` draws them, the second redrawn until it differs from the first.

        Raises ValueError if all rows of the data (with weights: all that have one) are equal. (Step 0 of the paper; without
        edges.)
        """
        check("n_start_nodes", n_start_nodes)
        self._check_dimension(signals)
        X = signals.X
        with self.lock:
            rows = [self._draw_row(signals, 0)]
            while len(rows) < n_start_nodes:
                row = self._draw_row(signals, rows[len(rows) - 1] + 1)
                if len(rows) == 1:
                    redraws = 0
                    while (X[row] == X[rows[0]]).all() and redraws < MAX_REDRAWS:
                        row = self._draw_row(signals, row + 1)
                        redraws += 1
                    if (X[row] == X[rows[0]]).all():
                        row = self._first_row_unlike(signals, rows[0])
                rows.append(row)
            self.start(X[rows])

    def _first_row_unlike(self, Signals signals, row):
        X = signals.X
        differs = (X != X[row]).any(axis=1)
        if signals.weights is not None:
            differs &= signals.weights > 0
        if not differs.any():
            raise ValueError(f"X must have at least 2 distinct points, got 1 (in {len(X)} rows)")
        return int(np.argmax(differs))

    def _draw_row(self, Signals signals, next_row):
        if signals.source.sampling == ORDER:
            return next_row % signals.source.n
        if signals.source.sampling == WEIGHTED:
            return draw_weighted_row(&signals.source, &self.state.rng)
        return random_below(&self.state.rng, <uint64_t>signals.source.n)

    cdef int _check_dimension(self, Signals signals) except -1:
        if signals.source.d != self.state.d:
            raise ValueError(f"signals must have {self.state.d} columns, got {signals.source.d}")
        return 0

    def train(self, Signals signals not None, n_signals):
        """Present `n_signals` signals. The GIL is released; Ctrl-C is answered between signals.

        Raises
        ------
        ValueError
            If there are fewer than 2 nodes to start from, or the dimensions differ.
        MemoryError
            If the edges outgrow the memory. The network is then as after the last signal.
        """
        self._present(signals, as_count(n_signals), False)

    def connect_signals(self, Signals signals not None, n_signals):
        """Present `n_signals` signals to frozen nodes: the two nearest nodes of each are connected by an edge of age 0.

        Nothing else changes: competitive Hebbian learning (T. Martinetz, ICANN 1993). After `clear_edges` it leaves the
        edges of the nodes as they lie now. Errors are raised as by `train`.
        """
        self._present(signals, as_count(n_signals), True)

    cdef int _present(self, Signals signals, int64_t n_signals, bint frozen) except -1:
        self._check_dimension(signals)
        with nogil:
            self.lock.acquire()
            try:
                signals.lock.acquire()
                try:
                    self.present(&signals.source, n_signals, frozen)
                finally:
                    signals.lock.release()
            finally:
                self.lock.release()
        return PyErr_CheckSignals()

    cdef int present(self, SignalSource *source, int64_t left, bint frozen) except -1 nogil:
        """Take `left` signals of `source`, to train on, or if the nodes are `frozen` to connect. The lock is the caller's.

        Raises as `train`, and what the handler of a pending signal of the system raises.
        """
        cdef State *net = &self.state
        cdef int64_t share, taken
        if net.n_nodes < 2:
            with gil:
                raise ValueError(f"a network must have at least 2 nodes to train, got {net.n_nodes}")
        while left:
            self.tend_index()
            # a few milliseconds of work, even by brute force, between two looks at the index and at Ctrl-C
            share = min(left, MOST_AT_ONCE, 1 + 20_000_000 // (500 + net.n_slots * net.d))
            if frozen:
                taken = connect_nearest(net, source, share)
            else:
                share = min(share, enter_stage(&self.annealing, &net.eps_b, &net.eps_n))
                taken = train(net, source, share)
                self.annealing.presented += taken
            left -= taken
            net.since_build += taken
            self.n_changes += 1
            if net.n_free_blocks < BLOCKS_PER_SIGNAL * RESERVE:
                with gil:
                    grow_edge_pool(net, net.n_blocks + net.n_blocks // 2)
            if left:
                with gil:
                    PyErr_CheckSignals()
        return 0

    cdef int tend_index(self) except -1 nogil:
        """Build the index anew when it is full, of the wrong kind for so many nodes, or no longer fits them well."""
        cdef State *net = &self.state
        cdef Upkeep *up = &net.up
        cdef bint stale = False, worth_it = True
        if up.index.kind == GNG_GRID:
            stale = net.since_build > up.n_built and net.n_looked > 16 * net.since_build
            worth_it = net.n_looked < <double>net.since_build * (up.n_built // 16)
        elif up.index.kind == GNG_LEAVES:
            stale = net.since_build > 16 * up.n_built + 1000
            worth_it = net.n_looked < <double>net.since_build * (up.n_built // 96)
        else:
            stale = net.flat_below > 0 and net.since_build > 64 * up.n_built
            if stale:
                net.flat_below = 0  # the data may have become easier
        if net.since_build > 1000 and not worth_it:
            net.flat_below = 2 * net.n_nodes
        # a network that has come to its full size gets an index of the right size
        stale |= net.n_nodes == net.max_nodes and up.n_built < net.n_nodes - net.n_nodes // 16
        if up.due or stale or up.index.kind != self._kind():
            with gil:
                self._build_index()
        return 0

    cdef int _kind(self) noexcept nogil:
        """The kind of index for the nodes there are."""
        cdef State *net = &self.state
        if net.n_nodes < 8:
            return GNG_FLAT
        if self.forced_kind >= 0:
            return self.forced_kind
        if net.n_nodes < net.flat_below:
            return GNG_FLAT
        if net.d <= 3:
            return GNG_GRID if net.n_nodes > 100 else GNG_FLAT
        return GNG_LEAVES if net.n_nodes > 256 else GNG_FLAT

    cdef int _build_index(self) except -1:
        cdef State *net = &self.state
        cdef Py_ssize_t slot, n = 0
        self.numbered = -1  # what is in new_slot is not the numbers
        for slot in range(net.n_slots):
            if not is_hole(net, slot):
                net.new_slot[n] = <int32_t>slot
                n += 1
        build_index(&net.up, self._kind(), net.new_slot, n, net.capacity, net.n_nodes < net.max_nodes)
        net.ahead = 1 if net.up.index.kind != GNG_GRID or n < 300 else 4 if n < 5_000 else 8
        net.early = net.up.index.kind == GNG_GRID and n >= 5_000
        net.since_build = net.n_wide = net.n_looked = 0
        return 0

    cdef int number(self) noexcept nogil:
        """See that the numbers of the nodes are in `new_slot`: written once after each change."""
        if self.numbered != self.n_changes:
            number_nodes(&self.state)
            self.numbered = self.n_changes
        return 0

    def nearest(self, X, n_jobs=1):
        """Return the nearest node of each row of X, and its distance. The network stays as it is.

        The GIL is released; Ctrl-C is answered. The search is that of training, in the same float32 operations.

        Parameters
        ----------
        X : array of shape (n, d)
        n_jobs : int, -1 or in [1, 1024], default 1
            Number of threads that share the rows; -1 takes one for each core. The result is the same for all.

        Returns
        -------
        nodes : ndarray of int64, shape (n,)
            Numbers of the nodes as in `graph()`; of equally near ones the oldest.
        distances : ndarray of float32, shape (n,)
            Euclidean distances.

        Raises
        ------
        ValueError, TypeError
            If there is no node, or an argument is out of range or of the wrong shape or type.
        MemoryError
            If there is no memory for the results or the search.
        """
        nodes, distances = self._look_up(X, 1, n_jobs)
        return nodes[:, 0], distances[:, 0]

    def two_nearest(self, X, n_jobs=1, out=None):
        """Return the nearest and the second nearest node of each row of X, and their distances, both of shape (n, 2).

        Otherwise as `nearest`; there must be at least 2 nodes.

        out : (ndarray of int64, ndarray of float32), both of shape (n, 2) and C-contiguous, optional
            Where to write them: fresh memory can take longer than the search.
        """
        return self._look_up(X, 2, n_jobs, out)

    def _look_up(self, X, k, n_jobs, out=None):
        """Return the numbers and distances of the k nearest nodes, both of shape (n, k)."""
        X = as_points(X, n_features=self.state.d)
        n = len(X)
        n_threads = min(count_threads(n_jobs), 1 + (n - 1) // LEAST_ROWS_OF_THREAD)
        nodes, distances = (np.empty((n, k), np.int64), np.empty((n, k), np.float32)) if out is None else out
        if nodes.shape != (n, k) or distances.shape != (n, k):
            raise ValueError(f"out must be two arrays of shape {(n, k)}, got {nodes.shape} and {distances.shape}")
        stopped = np.zeros(1, np.uint8)
        with self.lock:
            if self.state.n_nodes < k:
                raise ValueError(f"a network must have at least {k} node{'s'[:k - 1]} to look up the nearest, "
                                 f"got {self.state.n_nodes}")
            self.tend_index()
            self.number()
            if n_threads == 1:
                self._look_up_rows(X, nodes, distances, 0, n, stopped)
                return nodes, distances
            self._look_up_in_threads(X, nodes, distances, n_threads, stopped)
        return nodes, distances

    def _look_up_in_threads(self, X, nodes, distances, n_threads, stopped):
        """Look up all rows. An exception, such as Ctrl-C, ends the threads, and comes out only when none reads any more:
        a pool that is interrupted in starting or joining its threads leaves them to themselves.
        """
        cdef uint8_t[::1] stop = stopped
        cdef Lock reading
        n, locks, shares = len(X), [], []
        for i in range(n_threads):
            locks.append(Lock())
        with ThreadPoolExecutor(n_threads) as pool:
            try:
                for i in range(n_threads):
                    shares.append(pool.submit(self._look_up_share, locks[i], X, nodes, distances, n * i // n_threads,
                                              n * (i + 1) // n_threads, stopped))
                for share in shares:
                    share.result()
            finally:
                stop[0] = True
                for reading in locks:
                    reading.wait_until_free()

    def _look_up_share(self, reading, *rows):
        with reading:
            self._look_up_rows(*rows)

    def _look_up_rows(self, const float[:, ::1] X, int64_t[:, ::1] nodes, float[:, ::1] distances, Py_ssize_t row,
                      Py_ssize_t stop, const uint8_t[::1] stopped):
        """Look up the rows from `row` to `stop`, until they are done or `stopped` is set."""
        cdef float[::1] work = np.empty(work_size(&self.state.up.index), np.float32)
        cdef Py_ssize_t k = nodes.shape[1]
        while row < stop and not stopped[0]:
            with nogil:
                row = look_up(&self.state, &work[0], &X[0, 0], row, stop, k, &nodes[0, 0],
                              &distances[0, 0])
            PyErr_CheckSignals()

    def anneal(self, eps_b_end, eps_n_end, n_signals):
        """Let eps_b and eps_n go from where they are to these values while the next `n_signals` signals are trained on.

        They go geometrically, or linearly if an end is 0, in 4096 equal stages; afterwards they stay.

        Parameters
        ----------
        eps_b_end, eps_n_end : float in (0, 1] and [0, 1], or None
            Values at the end; None keeps what is.
        n_signals : int >= 0
            Length of the run; signals skipped for `min_distance` count, those of `connect_signals` do not.

        Raises
        ------
        ValueError, TypeError
            If an argument is out of range or of the wrong type.
        """
        eps_b_end, eps_n_end = check("eps_b_end", eps_b_end), check("eps_n_end", eps_n_end)
        n_signals = check("n_signals", n_signals)
        with self.lock:
            self.annealing.eps_b_start = self.state.eps_b
            self.annealing.eps_n_start = self.state.eps_n
            self.annealing.eps_b_end = self.state.eps_b if eps_b_end is None else eps_b_end
            self.annealing.eps_n_end = self.state.eps_n if eps_n_end is None else eps_n_end
            self.annealing.n_signals = n_signals
            self.annealing.presented = 0
            self.annealing.stage = 0

    def clear_edges(self):
        """Remove all edges but the permanent ones. Nodes stay, even without edges."""
        with self.lock:
            clear_edges(&self.state)
            self.n_changes += 1

    def take_mean_distance(self):
        """Return the mean distance of signals to their winners (before its move) since last asked; NaN for no signals."""
        cdef State *net = &self.state
        with self.lock:
            mean = net.distance_sum / net.distance_count if net.distance_count else float("nan")
            net.distance_sum = net.distance_count = 0
        return mean

    def graph(self):
        """Return a copy of the nodes, edges, ages and errors as a `Graph`. Nodes are in order of birth."""
        cdef State *net = &self.state
        with self.lock:
            nodes, errors = self._nodes(net.error_scale)
            edges, ages = self._edges()
        return Graph(nodes, edges, ages, errors)

    def _nodes(self, double scale):
        """The positions, and the stored errors divided by `scale`."""
        nodes, errors = np.empty((self.state.n_nodes, self.state.d), np.float32), np.empty(self.state.n_nodes)
        cdef float[:, ::1] w = nodes
        cdef double[::1] error = errors
        if self.state.n_nodes:
            copy_nodes(&self.state, &w[0, 0])
            copy_errors(&self.state, &error[0], scale)
        return nodes, errors

    def _edges(self):
        """The edges and their ages, in the order of the lists of edges."""
        edges, ages = np.empty((self.state.n_edges, 2), np.int64), np.empty(self.state.n_edges, np.int64)
        cdef int64_t[:, ::1] ends = edges
        cdef int64_t[::1] age = ages
        if self.state.n_edges:
            self.number()
            copy_edges(&self.state, &ends[0, 0])
            copy_ages(&self.state, &age[0])
        return edges, ages

    # ---- saved state --------------------------------------------------------------------------------------------------

    def save(self, path):
        """Write the network to a file, from which `load` gets one that goes on as this one would, bit for bit.

        Everything that training depends on is in it, random numbers included; the order of `Signals` is theirs. The file
        is an npz archive that needs no pickle (see docs/reproducibility.md). It is replaced whole or stays as it was.

        Parameters
        ----------
        path : str or path-like

        Raises
        ------
        OSError
            If the file cannot be written.
        ValueError
            If a node or an error is infinite, as no data but an enormous jitter can make it.
        """
        about, arrays = self.as_arrays()
        saved.write(path, saved.NETWORK, about, arrays)

    @classmethod
    def load(cls, path):
        """Return the network that `save` wrote to a file. No code in the file is ever run.

        Parameters
        ----------
        path : str or path-like

        Raises
        ------
        OSError
            If the file cannot be read.
        ValueError
            If it is damaged, of a later version of gng_fast, or something else.
        """
        return saved.loading(path, lambda: restored(cls, *saved.read(path, saved.NETWORK)))

    def __reduce__(self):
        return restored, (type(self), *self.as_arrays())

    def as_arrays(self):
        """The numbers and the arrays that a network like this one can be made from: see gng_fast/saved.py."""
        cdef State *net = &self.state
        with self.lock:
            about = {
                "n_features": net.d,
                "search": next(name for name in SEARCHES if SEARCHES[name] == self.forced_kind),
                "parameters": dict(self.parameters),
                "annealing": self.annealing,
                "rng": net.rng,
                "eps_b": net.eps_b,
                "eps_n": net.eps_n,
                "error_scale": net.error_scale,
                "n_signals": net.n_signals,
                "until_insertion": net.until_insertion,
                "distance_sum": net.distance_sum,
                "distance_count": net.distance_count,
            }
            arrays = self._arrays()
        return saved.checked_network(about, arrays)

    def _arrays(self):
        cdef State *net = &self.state
        cdef double[::1] utilities
        cdef uint8_t[::1] flags
        cdef float[:, ::1] won
        nodes, errors = self._nodes(1)
        edges, ages = self._edges()
        # their order in the lists of edges tells how they came to be there, which nothing depends on
        order = np.lexsort((edges[:, 1], edges[:, 0]))
        arrays = {"nodes": nodes, "errors": errors, "edges": edges[order], "ages": ages[order]}
        if net.utility is not NULL:
            arrays["utilities"] = utilities = np.empty(net.n_nodes)
            if net.n_nodes:
                copy_utilities(net, &utilities[0])
        if net.n_fixed:
            arrays["fixed"], arrays["last_won"] = np.empty(net.n_nodes, bool), np.empty((net.n_fixed, net.d), np.float32)
            flags, won = arrays["fixed"].view(np.uint8), arrays["last_won"]
            copy_fixed(net, &flags[0], &won[0, 0])
        if net.permanent is not NULL and net.n_edges:
            permanent = np.empty(net.n_edges, bool)
            flags = permanent.view(np.uint8)
            copy_permanent(net, &flags[0])
            arrays["permanent"] = permanent[order]
        return arrays

    def _take(self, about, arrays):
        """Take over the checked numbers and arrays of another network; this one must be new."""
        cdef State *net = &self.state
        net.eps_b, net.eps_n = about["eps_b"], about["eps_n"]
        net.error_scale = about["error_scale"]
        net.n_signals, net.until_insertion = about["n_signals"], about["until_insertion"]
        net.distance_sum, net.distance_count = about["distance_sum"], about["distance_count"]
        self.annealing = about["annealing"]
        self._take_nodes(arrays)
        self._take_edges(arrays)
        self._build_index()
        self.n_changes += 1

    def _take_nodes(self, arrays):
        cdef State *net = &self.state
        cdef const float[:, ::1] w = arrays["nodes"], won
        cdef const double[::1] error = arrays["errors"], utilities
        cdef Py_ssize_t i, row = 0
        cdef const uint8_t[::1] fixed = None
        if "fixed" in arrays:
            fixed, won = arrays["fixed"].view(np.uint8), arrays["last_won"]
            make_room_for_fixed(net, won.shape[0])
        for i in range(w.shape[0]):
            if fixed is not None and fixed[i]:
                restore_node(net, &w[i, 0], error[i], &won[row, 0])
                row += 1
            else:
                restore_node(net, &w[i, 0], error[i], NULL)
        if net.utility is not NULL and w.shape[0]:
            utilities = arrays["utilities"]
            memcpy(net.utility, &utilities[0], w.shape[0] * sizeof(double))

    def _take_edges(self, arrays):
        cdef State *net = &self.state
        cdef const int64_t[:, ::1] ends = arrays["edges"]
        cdef const int64_t[::1] ages = arrays["ages"]
        cdef const uint8_t[::1] permanent = None
        cdef Py_ssize_t i
        degrees = np.bincount(arrays["edges"].ravel(), minlength=1)
        further = int((degrees // EDGES_PER_BLOCK).sum())
        if further:
            grow_edge_pool(net, net.n_blocks + further)
        if "permanent" in arrays:
            permanent = arrays["permanent"].view(np.uint8)
            net.permanent = <uint8_t *>zeroed(net.n_blocks, EDGES_PER_BLOCK)
        for i in range(ends.shape[0]):
            restore_edge(net, ends[i, 0], ends[i, 1], <uint32_t>ages[i], permanent is not None and permanent[i])


def add_up(const float[:, ::1] X, weights, const int64_t[:, ::1] nodes, const float[:, ::1] distances, double[::1] counts,
           double[:, ::1] sums, double[::1] errors, double[::1] utilities):
    """Add rows to what each node wins, as `refinement.Tally` has it.

    X : (k, d) float32
    weights : (k,) float64, or None
    nodes, distances : what `Network.two_nearest` returns for X
    counts, sums, errors, utilities : float64 of shape (n,), (n, d), (n,), (n,), added to in the order of rows
    """
    cdef const double[::1] weight
    cdef Py_ssize_t n = counts.shape[0], n_rows = X.shape[0], d = X.shape[1]
    if weights is not None:
        weight = weights
        if weight.shape[0] != n_rows:
            raise ValueError(f"weights must have shape ({n_rows},), got ({weight.shape[0]},)")
    if nodes.shape[0] != n_rows or nodes.shape[1] != 2 or distances.shape[0] != n_rows or distances.shape[1] != 2 \
            or sums.shape[0] != n or sums.shape[1] != d or errors.shape[0] != n or utilities.shape[0] != n:
        raise ValueError("the arrays do not belong together")
    if n_rows and not (0 <= np.min(nodes) and np.max(nodes) < n):
        raise ValueError(f"nodes must be in [0, {n - 1}]")
    cdef Sums into
    if n_rows:
        into.counts, into.rows, into.errors, into.utilities = &counts[0], &sums[0, 0], &errors[0], &utilities[0]
        with nogil:
            add_up_rows(&into, n_rows, d, &X[0, 0], NULL if weights is None else &weight[0], &nodes[0, 0], &distances[0, 0])


def restored(cls, about, arrays):
    """Return the network of `Network.as_arrays`, as it comes from a file or a pickle."""
    about, arrays = saved.checked_network(about, arrays)
    network = cls(about["n_features"], seed=about["rng"], search=about["search"], **about["parameters"])
    network._take(about, arrays)
    return network

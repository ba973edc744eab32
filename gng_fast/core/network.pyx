"""Growing Neural Gas as a compiled core: B. Fritzke, "A Growing Neural Gas Network Learns Topologies", NIPS 7, 1995.

For every input signal (section 2 of the paper, with its numbers):

1. draw a signal x; 2. find its nearest node s1 and second nearest s2; 3. age the edges of s1; 4. add |x - w_s1|^2 to the
error of s1; 5. move s1 by eps_b (x - w_s1) and its neighbours by eps_n (x - w_n); 6. connect s1 and s2 by an edge of
age 0; 7. remove edges older than max_age, and nodes left without edges; 8. after every lam signals insert a node between
the node of largest error and its neighbour of largest error; 9. multiply all errors by decay.

Where this differs from the paper: errors decay lazily, ages are counted by wins (see state.pxd), and a network stops
growing at max_nodes. `variant="neupy"` takes the steps as NeuPy 0.8.2 does: see train_neupy. Switched off by default:
annealing (annealing.pxd), utility (utility.pxd), fixed nodes and permanent edges (`Network.start`).
"""

import os

import numpy as np

from cpython.exc cimport PyErr_CheckSignals
from libc.math cimport NAN
from libc.stdint cimport int64_t, uint8_t

from gng_fast.core.annealing cimport STAGES, Annealing, enter_stage
from gng_fast.core.components cimport copy_labels, labels_kept
from gng_fast.core.float_rules cimport gng_floats, gng_restore_floats, gng_usual_floats
from gng_fast.core.index cimport GNG_FLAT, GNG_GRID, GNG_LEAVES, GNG_MAX_GRID_D, gng_kernels
from gng_fast.core.index_policy cimport rebuild_index, tend_index
from gng_fast.core.isas cimport isas_here, kernels_named
from gng_fast.core.lock cimport CHANGED, DRAWN, LOOKED_UP, READ, TRAINED, Lock, gng_load, gng_store
from gng_fast.core.lookup cimport number_nodes
from gng_fast.core.network_memory cimport free_network, grow_edge_pool, network_nbytes
from gng_fast.core.set_up cimport set_up
from gng_fast.core.shared_lookup cimport look_up_rows, write_all_distances
from gng_fast.core.signals cimport Signals
from gng_fast.core.start cimport add_start
from gng_fast.core.state cimport CHUNKS_UNDER_WAY, EDGES_PER_CHUNK, State, clear_edges
from gng_fast.core.sums cimport add_up_rows
from gng_fast.core.training cimport connect_nearest, signals_at_a_time, train
from gng_fast.core.transfer cimport (
    fill_arrays, fill_edges, fill_nodes, numbers_of, restore_arrays, sort_edges, take_numbers,
)

from gng_fast.checks import as_flags, as_out, as_pairs, as_points, check_pairs
from gng_fast.core import saved_network as saved
from gng_fast.core.stopping import TrainingStopped
from gng_fast.files import reading
from gng_fast.graph import graph_of_sorted
from gng_fast.parameters import check, count_threads, network_parameters, network_signature, skip_distance

# The kinds of index that `search` asks for.
SEARCHES = {"auto": -1, "brute": GNG_FLAT, "grid": GNG_GRID, "leaves": GNG_LEAVES}

cdef extern from *:
    int64_t PyLong_AsLongLongAndOverflow(object number, int *overflow) except? -1


cdef const gng_kernels *chosen_kernels() except NULL:
    return kernels_named(os.environ.get("GNG_FAST_ISA", ""))


cdef int kind_of_search(search, Py_ssize_t d) except -2:
    """The kind of index that is asked for, -1 for any."""
    cdef int kind = SEARCHES[search]
    if kind == (GNG_LEAVES if d <= GNG_MAX_GRID_D else GNG_GRID):
        right = "grid" if d <= GNG_MAX_GRID_D else "leaves"
        raise ValueError(f"search must be 'auto', 'brute' or {right!r} for {d} features, got {search!r}")
    return kind


def available_isas():
    """Return the instruction sets that this build has kernels for and this CPU can run, best first.

    Returns
    -------
    tuple of str
        Some of "avx512", "avx2", "sse2", "neon", "portable". "portable" is always there.
    """
    return isas_here()


def isa():
    """Return the name of the instruction set that a network made now would search with.

    The environment variable GNG_FAST_ISA forces one. All give the same bits.

    Returns
    -------
    str
        One of `available_isas()`.

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


def _as_bytes(flags, n, name):
    """`as_flags` as an array of uint8 that nobody else has."""
    return np.array(as_flags(flags, n, name)).view(np.uint8)


cdef class Network:
    """A growing neural gas network in preallocated memory, for training signal by signal or in bulk.

    Parameters
    ----------
    n_features : int
        Dimension d of the data.
    seed : int in [0, 2^64), default 0
        Start of the random number generator: the same seed gives the same network on every machine.
    search : "auto", "brute", "grid" (up to 3 features) or "leaves" (from 4 on), default "auto"
        How nodes are searched for. All give the same network; "auto" takes what is fastest.
    **parameters
        The training parameters max_nodes, eps_b, eps_n, max_age, lam, alpha, decay, variant, min_distance and utility,
        as in `GrowingNeuralGas`.

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

    Examples
    --------
    >>> import numpy as np
    >>> from gng_fast import Network, Signals
    >>> signals = Signals(np.random.default_rng(0).random((1000, 2)))
    >>> network = Network(2, max_nodes=50, seed=0)
    >>> network.draw_start_nodes(signals)
    >>> network.train(signals, 10_000)
    >>> network.n_nodes
    50
    """

    __signature__ = network_signature()

    def __cinit__(self, n_features, *, seed=0, search="auto", **parameters):
        self.lock = Lock("this network")
        self.lock.acquire(CHANGED)  # the garbage collector knows it already
        cdef gng_floats before = gng_usual_floats()
        try:
            self._make(n_features, seed, search, parameters)
            self.end_change()
        finally:
            gng_restore_floats(before)
            self.lock.release()

    def __repr__(self):
        cdef Published now = self.published
        return (f"<Network of {self.state.d} features: {now.n_nodes:,} of {self.state.max_nodes:,} nodes, {now.n_edges:,} edges, "
                f"{now.n_signals:,} signals>")

    cdef int _make(self, n_features, seed, search, parameters) except -1:
        cdef State *net = &self.state
        net.kernels = chosen_kernels()
        self.annealing.stage = STAGES
        self.parameters = given = network_parameters(parameters)
        d = check("n_features", n_features)
        net.forced_kind = kind_of_search(check("search", search), d)
        set_up(net, d, check("seed", seed), given, skip_distance(given["min_distance"], given["variant"]))
        return 0

    def __dealloc__(self):
        free_network(&self.state)

    @property
    def n_nodes(self):
        """Number of nodes."""
        return gng_load(&self.published.n_nodes)

    @property
    def n_edges(self):
        """Number of edges."""
        return gng_load(&self.published.n_edges)

    @property
    def n_features(self):
        """Dimension of the data."""
        return self.state.d

    @property
    def n_signals(self):
        """Number of signals that counted: those not skipped for `min_distance`."""
        return gng_load(&self.published.n_signals)

    @property
    def n_changes(self):
        """Grows whenever the graph may have changed."""
        return gng_load(&self.published.n_changes)

    @property
    def nbytes(self):
        """Bytes of memory that the network holds."""
        return gng_load(&self.published.nbytes)

    cdef void publish(self) noexcept nogil:
        """Let others see the numbers as they are now; each of them is of this moment, or of an earlier or later one."""
        gng_store(&self.published.n_nodes, self.state.n_nodes)
        gng_store(&self.published.n_edges, self.state.n_edges)
        gng_store(&self.published.n_signals, self.state.n_signals)
        gng_store(&self.published.nbytes, network_nbytes(&self.state))
        gng_store(&self.published.n_changes, self.changes)

    cdef void end_change(self) noexcept nogil:
        self.changes += 1
        self.publish()

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
            If there is no memory for the search or the edges. The network may then have some of the nodes and edges, and
            after Ctrl-C too.
        """
        cdef const float[:, ::1] w = np.array(as_points(nodes, "nodes", n_features=self.state.d))
        # all that may call the user's own code comes before the lock: that code could use the network
        cdef const uint8_t[::1] is_fixed = _as_bytes(fixed, w.shape[0], "fixed")
        cdef const int64_t[:, ::1] pairs = as_pairs(edges, self.n_nodes + w.shape[0])
        cdef const uint8_t[::1] is_permanent = _as_bytes(permanent, pairs.shape[0], "permanent")
        self.take(w, is_fixed, pairs, is_permanent)

    cdef int take(self, const float[:, ::1] w, const uint8_t[::1] fixed, const int64_t[:, ::1] pairs,
                  const uint8_t[::1] permanent) except -1:
        """`start` with plain arrays."""
        self.lock.acquire(CHANGED)
        try:
            self.add(w, fixed, pairs, permanent)
        finally:
            self.lock.release()
        return 0

    cdef int add(self, const float[:, ::1] w, const uint8_t[::1] fixed, const int64_t[:, ::1] pairs,
                 const uint8_t[::1] permanent) except -1:
        cdef State *net = &self.state
        cdef Py_ssize_t n_nodes = net.n_nodes + w.shape[0]
        if n_nodes > net.max_nodes:
            raise ValueError(f"nodes must be at most max_nodes = {net.max_nodes}, got {n_nodes}")
        if pairs.shape[0]:
            check_pairs(np.asarray(pairs), n_nodes)
        try:
            add_start(net, w, fixed, pairs, permanent)
        finally:
            self.end_change()
        return 0

    def draw_start_nodes(self, Signals signals not None, n_start_nodes=2):
        """Add nodes at rows of the data, without edges (step 0 of the paper).

        Rows are drawn as `signals` draws them, the second one again until it differs from the first.

        Parameters
        ----------
        signals : Signals
            The data. Its order of presentation stays as it is.
        n_start_nodes : int in [2, 2^30], default 2
            Number of nodes; together with the nodes there are at most max_nodes.

        Raises
        ------
        ValueError
            If all rows of the data (with weights: all whose weight is not 0) are equal, the dimensions differ, or there
            is no room for the nodes.
        TypeError
            If n_start_nodes is not an integer.
        """
        cdef State *net = &self.state
        cdef int64_t n = check("n_start_nodes", n_start_nodes)
        cdef float[:, ::1] nodes
        self._check_dimension(signals)
        self.lock.acquire(CHANGED)
        try:
            if n > net.max_nodes - net.n_nodes:
                raise ValueError(f"nodes must be at most max_nodes = {net.max_nodes}, got {net.n_nodes + n}")
            nodes = np.empty((n, net.d), np.float32)
            signals.draw_start_nodes(&net.rng, nodes)
            self.add(nodes, np.zeros(n, np.uint8), np.empty((0, 2), np.int64), np.empty(0, np.uint8))
        finally:
            self.lock.release()

    cdef int _check_dimension(self, Signals signals) except -1:
        if signals.source.d != self.state.d:
            raise ValueError(f"signals must have {self.state.d} columns, got {signals.source.d}")
        return 0

    def train(self, Signals signals not None, n_signals, *, stops=None):
        """Present `n_signals` signals. The GIL is released; Ctrl-C is answered between signals.

        Other threads may read the network meanwhile: after some 8,192 signals at most `graph`, look-ups, saving and
        copying get their turn. What changes it waits until all signals are presented.

        Parameters
        ----------
        signals : Signals
            The data, and where in its order to go on.
        n_signals : int >= 0
            How many signals to take from it.
        stops : int, optional
            What `stops` was when the work began that this call is a part of, which `stop` has then ended if it was
            called since; by default it is what it is now.

        Raises
        ------
        ValueError
            If there are fewer than 2 nodes to start from, or the dimensions differ.
        MemoryError
            If the edges outgrow the memory. The network is then as after the last signal.
        TrainingStopped
            If `stop` was called meanwhile; likewise.
        """
        self._present(signals, as_count(n_signals), False, self.stops if stops is None else stops)

    def connect_signals(self, Signals signals not None, n_signals, *, stops=None):
        """Present `n_signals` signals to frozen nodes: the two nearest nodes of each are connected by an edge of age 0.

        Nothing else changes: competitive Hebbian learning (T. Martinetz, ICANN 1993). After `clear_edges` the edges are
        then those of the nodes as they lie now.

        Parameters
        ----------
        signals : Signals
            The data, and where in its order to go on.
        n_signals : int >= 0
            How many signals to take from it.
        stops : int, optional
            As in `train`.

        Raises
        ------
        ValueError, MemoryError, TrainingStopped
            As `train`.
        """
        self._present(signals, as_count(n_signals), True, self.stops if stops is None else stops)

    def stop(self):
        """End the calls of `train` and `connect_signals` that have begun, in other threads or in this one.

        Each raises `gng_fast.TrainingStopped` after some 8,192 signals at most; one that still waits for its turn takes no
        signal. What ends just now, or begins later, is not stopped, unless it is a part of work that began before (`stops` of
        `train`): `fit` of a model is one work.
        """
        self.stop_training()

    @property
    def stops(self):
        """How often `stop` was called."""
        return gng_load(&self.n_stops)

    cdef void stop_training(self) noexcept nogil:
        gng_store(&self.n_stops, gng_load(&self.n_stops) + 1)

    cdef int _present(self, Signals signals, int64_t n_signals, bint frozen, int64_t stops) except -1:
        self._check_dimension(signals)
        with nogil:
            self.lock.acquire(TRAINED)
            try:
                self.lock.at_rest = True  # while it waits for the signals
                signals.lock.acquire(DRAWN)
                self.lock.at_rest = False
                try:
                    self.present(&signals.source, n_signals, frozen, stops)
                finally:
                    signals.lock.release()
            finally:
                self.lock.release()
        return PyErr_CheckSignals()

    cdef int present(self, SignalSource *source, int64_t left, bint frozen, int64_t stops) except -1 nogil:
        """Take `left` signals of `source`, to train on, or if the nodes are `frozen` to connect. The lock is the caller's.

        `stops` is how often `stop` had been called when the call that asks for this began. Raises as `train`, and what
        the handler of a pending signal of the system raises.
        """
        cdef State *net = &self.state
        cdef int64_t taken
        if net.n_nodes < 2:
            with gil:
                raise ValueError(f"a network must have at least 2 nodes to train, got {net.n_nodes}")
        while left:
            if gng_load(&self.n_stops) != stops:
                with gil:
                    raise TrainingStopped("training was stopped")
            self.tend()
            taken = self._present_some(source, left, frozen)
            left -= taken
            net.since_build += taken
            self.end_change()
            if net.n_free_chunks < CHUNKS_UNDER_WAY:
                with gil:
                    grow_edge_pool(net, net.n_chunks + net.n_chunks // 2)
                self.publish()
            if left:
                with gil:
                    self.lock.let_stop()
                self.lock.let_readers_in()
        return 0

    cdef int tend(self) except -1 nogil:
        """`tend_index`, while handlers of signals of the system may read the network."""
        self.lock.at_rest = True
        try:
            tend_index(&self.state)
        finally:
            self.lock.at_rest = False
        return 0

    cdef int64_t _present_some(self, SignalSource *source, int64_t left, bint frozen) noexcept nogil:
        """Take some of the `left` signals, and return how many."""
        cdef State *net = &self.state
        cdef gng_floats before = gng_usual_floats()
        cdef int64_t most = signals_at_a_time(net, left), taken
        if frozen:
            taken = connect_nearest(net, source, most)
        else:
            most = min(most, enter_stage(&self.annealing, &net.eps_b, &net.eps_n))
            taken = train(net, source, most)
            self.annealing.presented += taken
        gng_restore_floats(before)
        return taken

    cdef int begin_look_up(self, int64_t k) except -1 nogil:
        """Take the lock to look the k nearest nodes up: see that there is an index for the nodes as they lie now, and
        that they are numbered."""
        cdef bint ready = False
        self.lock.acquire(LOOKED_UP)
        try:
            if self.state.n_nodes < k:
                with gil:
                    raise ValueError(f"a network must have at least {k} node{'s'[:k - 1]} to look up the nearest, "
                                     f"got {self.state.n_nodes}")
            if self.lock.depth == 1:  # else somebody is at work with the index as it is
                self.tend()
                self.publish()
            number_nodes(&self.state)
            self.lock.at_rest = True
            ready = True
        finally:
            if not ready:
                self.lock.release()
        return 0

    def nearest(self, X, n_jobs=1):
        """Return the nearest node of each row of X, and its distance. The network stays as it is.

        The GIL is released; Ctrl-C is answered. Distances are those of training, in the same float32 operations.

        Parameters
        ----------
        X : array of shape (n, d)
            Rows to look up.
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
        nodes, distances = self.look_up(X, 1, n_jobs, None)
        return nodes[:, 0], distances[:, 0]

    def two_nearest(self, X, n_jobs=1, out=None):
        """Return the nearest and the second nearest node of each row of X, and their distances.

        The network stays as it is. The GIL is released; Ctrl-C is answered.

        Parameters
        ----------
        X : array of shape (n, d)
            Rows to look up.
        n_jobs : int, -1 or in [1, 1024], default 1
            Number of threads that share the rows; -1 takes one for each core. The result is the same for all.
        out : (ndarray of int64, ndarray of float32), both of shape (n, 2) and C-contiguous, optional
            Where to write the result: fresh memory can take longer than the search. They share no memory with each
            other or X.

        Returns
        -------
        nodes : ndarray of int64, shape (n, 2)
            Numbers of the nodes as in `graph()`, the nearest first; of equally near ones the oldest.
        distances : ndarray of float32, shape (n, 2)
            Euclidean distances.

        Raises
        ------
        ValueError, TypeError
            If there are fewer than 2 nodes, or an argument is out of range or of the wrong shape or type.
        MemoryError
            If there is no memory for the results or the search.
        """
        return self.look_up(X, 2, n_jobs, out)

    cdef tuple look_up(self, X, int k, n_jobs, out):
        """The numbers and distances of the k nearest nodes, both of shape (n, k); written to `out` if it is given."""
        n_threads = count_threads(n_jobs)
        X = as_points(X, n_features=self.state.d)
        shape = len(X), k
        nodes, distances = (np.empty(shape, np.int64), np.empty(shape, np.float32)) if out is None else as_out(out, shape, X)
        self.begin_look_up(k)
        try:
            look_up_rows(&self.state, X, nodes, distances, n_threads, self.lock)
        finally:
            self.lock.release()
        return nodes, distances

    def distances(self, X, n_jobs=1):
        """Return the distances of each row of X to all nodes. The network stays as it is.

        The GIL is released; Ctrl-C is answered.

        Parameters
        ----------
        X : array of shape (n, d)
            Rows to look up.
        n_jobs : int, -1 or in [1, 1024], default 1
            Number of threads that share the rows; -1 takes one for each core. The result is the same for all.

        Returns
        -------
        ndarray of float32, shape (n, n_nodes)
            Euclidean distances, the same bits as those of `nearest`; nodes are in the order of `graph()`.

        Raises
        ------
        ValueError, TypeError
            If there is no node, or an argument is out of range or of the wrong shape or type.
        MemoryError
            If there is no memory for the result.
        """
        n_threads = count_threads(n_jobs)
        X = as_points(X, n_features=self.state.d)
        self.begin_look_up(1)
        try:
            distances = np.empty((len(X), self.state.n_nodes), np.float32)
            write_all_distances(&self.state, X, distances, n_threads, self.lock)
        finally:
            self.lock.release()
        return distances

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
        cdef Annealing run
        run.n_signals = check("n_signals", n_signals)
        self.lock.acquire(CHANGED)
        run.eps_b_start = self.state.eps_b
        run.eps_n_start = self.state.eps_n
        run.eps_b_end = run.eps_b_start if eps_b_end is None else <double>eps_b_end
        run.eps_n_end = run.eps_n_start if eps_n_end is None else <double>eps_n_end
        run.presented = 0
        run.stage = 0
        self.annealing = run
        self.lock.release()

    def clear_edges(self):
        """Remove all edges but the permanent ones. Nodes stay, even without edges."""
        self.lock.acquire(CHANGED)
        clear_edges(&self.state)
        self.end_change()
        self.lock.release()

    def take_mean_distance(self):
        """Return the mean distance of signals to their winners since this was last asked.

        Returns
        -------
        float
            Mean over all signals presented, of the distance before the winner moved; NaN for no signals.
        """
        cdef State *net = &self.state
        cdef double mean
        cdef gng_floats before
        self.lock.acquire(CHANGED)
        before = gng_usual_floats()
        mean = net.distance_sum / <double>net.distance_count if net.distance_count else NAN
        net.distance_sum = net.distance_count = 0
        gng_restore_floats(before)
        self.lock.release()
        return mean

    def graph(self):
        """Return a copy of the nodes, edges, ages and errors.

        Returns
        -------
        Graph
            Nodes are in order of birth.
        """
        cdef State *net = &self.state
        self.lock.acquire(READ)
        try:
            arrays = saved.empty_arrays(net.n_nodes, net.d, net.n_edges)
            fill_nodes(net, arrays["nodes"], arrays["errors"], net.error_scale)
            fill_edges(net, arrays["edges"], arrays["ages"])
        finally:
            self.lock.release()
        sort_edges(arrays["edges"], arrays["ages"])
        return graph_of_sorted(**arrays)

    def components(self):
        """Return the connected component of each node.

        This costs what has changed since it was last asked for: few nodes and edges that came or went take no time.

        Returns
        -------
        ndarray of int64, shape (n,)
            That of each node of `graph()`: `graph().components`. It cannot be written to, and is the same object while
            nothing in it changes.

        Raises
        ------
        MemoryError
            If there is no memory for it.
        """
        self.lock.acquire(READ)
        try:
            if not labels_kept(&self.state):
                self.labels.n_slots = self.labels.n_nodes = 0
            self.publish()
            return self._copy_of_labels()
        finally:
            self.lock.release()

    cdef object _copy_of_labels(self):
        """The labels by number of the node. Of a copy made before, what is still true stays, and the rest is added.

        Code that runs while memory is asked for may come here too: it finds, and leaves, all as it must be.
        """
        cdef State *net = &self.state
        cdef LabelCopy labels = self.labels
        cdef int64_t[::1] into
        memory, copied = self.label_memory, self.label_copy
        if copied is not None and labels.n_nodes == net.n_nodes == len(copied):
            return copied
        if memory is None or labels.n_nodes == 0 or len(memory) < net.n_nodes:
            memory = np.empty(net.n_nodes + net.n_nodes // 8 + 1, np.int64)
            labels.n_slots = labels.n_nodes = 0
        copied = memory[:net.n_nodes]
        copied.flags.writeable = False
        into = memory
        labels.n_nodes = copy_labels(net, labels.n_slots, labels.n_nodes, &into[0])
        labels.n_slots = net.n_slots
        self.labels, self.label_memory, self.label_copy = labels, memory, copied
        return copied

    # ---- saved state -------------------------------------------------------------------------------------------------

    def save(self, path):
        """Write the network to a file, from which `load` gets one that goes on as this one would, bit for bit.

        Everything that training depends on is in it, random numbers included; the order of `Signals` is theirs. The file
        is an npz archive that needs no pickle (see docs/reproducibility.md). It is replaced whole or stays as it was.

        Parameters
        ----------
        path : str, path-like or binary file
            Where to write it. An open file is written to where it is, and stays open.

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
    def load(cls, path, *, max_bytes=None):
        """Return the network that `save` wrote to a file. No code in the file is ever run.

        Parameters
        ----------
        path : str, path-like or binary file
            Where to read it. A path must lead to a regular file; an open file must be able to seek, and stays open.
        max_bytes : int, optional
            Memory that the network may take; by default 256 MB more than its arrays in the file. A network with a large
            max_nodes takes more than that, and the message says how much.

        Returns
        -------
        Network
            It goes on as the saved one would, bit for bit.

        Raises
        ------
        OSError
            If the file cannot be read.
        ValueError
            If it is damaged, of a later version of gng_fast, or something else, or the network takes too much memory.
        """
        max_bytes = check("max_bytes", max_bytes)
        with reading(path) as file:
            about, arrays = saved.read(file, saved.NETWORK)
            return restored(cls, about, arrays, saved.most_bytes(max_bytes, arrays))

    def __reduce__(self):
        return restored, (type(self), *self.as_arrays())

    def as_arrays(self):
        """Return what a network like this one can be made from, checked: see saved_network.py.

        Returns
        -------
        about : dict
            Parameters, counters and the state of the random number generator, by name.
        arrays : dict of ndarray
            Nodes, edges and what belongs to them, by name.
        """
        cdef State *net = &self.state
        self.lock.acquire(READ)
        try:
            about = {
                "n_features": net.d,
                "search": {kind: name for name, kind in SEARCHES.items()}[net.forced_kind],
                "parameters": dict(self.parameters),
                "annealing": self.annealing,
                **numbers_of(net),
            }
            arrays = saved.empty_arrays(net.n_nodes, net.d, net.n_edges, net.n_fixed, utility=net.utility is not NULL,
                                        permanent=net.permanent is not NULL)
            fill_arrays(net, arrays)
        finally:
            self.lock.release()
        return saved.checked_network(about, saved.with_sorted_edges(arrays))

    cdef int take_over(self, dict about, dict arrays) except -1:
        """Take over the checked numbers and arrays of another network; this one must be new."""
        self.lock.acquire(CHANGED)
        try:
            self._take_over(about, arrays)
        finally:
            self.lock.release()
        return 0

    cdef int _take_over(self, dict about, dict arrays) except -1:
        cdef State *net = &self.state
        parameters = about["parameters"]
        # a subclass may have made another network than it was told to
        if net.n_slots or net.d != about["n_features"] or net.max_nodes != parameters["max_nodes"] \
                or (net.utility is NULL) != (parameters["utility"] is None):
            raise TypeError("a subclass of Network must make a network of the parameters it is given, without nodes")
        take_numbers(net, about)
        self.annealing = about["annealing"]
        restore_arrays(net, arrays, saved.further_chunks(arrays["edges"], EDGES_PER_CHUNK))
        rebuild_index(net)
        self.end_change()
        return 0


def add_up(const float[:, ::1] X, const double[::1] weights, const int64_t[:, ::1] nodes,
           const float[:, ::1] distances, double[::1] counts, double[:, ::1] sums, double[::1] errors, double[::1] utilities):
    """Add rows to what each node wins.

    Parameters
    ----------
    X : ndarray of float32, shape (k, d)
        The rows.
    weights : ndarray of float64, shape (k,), or None
        Their weights; None for 1 each.
    nodes, distances : ndarray of int64 and of float32, shape (k, 2)
        What `Network.two_nearest` returns for X.
    counts, sums, errors, utilities : ndarray of float64, shape (n,), (n, d), (n,), (n,)
        For each node the weight of the rows it wins, their sum, the sum of their squared distances, and by how much that
        would be larger without the node. They are added to in the order of the rows.

    Raises
    ------
    ValueError
        If the shapes do not belong together, or a node is not in [0, n).
    """
    add_up_rows(X, weights, nodes, distances, counts, sums, errors, utilities)


def restored(cls, about, arrays, max_bytes=None):
    """Return the network of `Network.as_arrays`, as it comes from a file or a pickle; see `saved.checked_network`."""
    about, arrays = saved.checked_network(about, arrays, max_bytes)
    network = cls(about["n_features"], seed=about["rng"], search=about["search"], **about["parameters"])
    if not isinstance(network, Network):
        raise TypeError(f"{cls!r} must be gng_fast.Network or a subclass of it")
    (<Network>network).take_over(about, arrays)
    return network

"""The class that holds data and hands out signals; how one is drawn is in _signals.pxd."""

import os

import numpy as np

from cpython.exc cimport PyErr_CheckSignals
from cpython.pythread cimport (
    NOWAIT_LOCK, WAIT_LOCK, PyThread_acquire_lock, PyThread_allocate_lock, PyThread_free_lock, PyThread_release_lock,
)
from libc.stdint cimport int64_t, uint32_t
from libc.string cimport memcpy

from gng_fast.core.memory cimport gng_release, zeroed

from gng_fast.parameters import as_points, as_weights, check

cdef extern from * nogil:
    int PY_LOCK_ACQUIRED
    unsigned long PyThread_get_thread_ident()
    int PyThread_acquire_lock_timed(PyThread_type_lock lock, long long microseconds, int interruptible)

cdef enum:
    MICROSECONDS = 100000       # of waiting, between two looks at Ctrl-C

cdef int forks = 0              # that lie between the first process and this one


def _forked():
    global forks
    forks += 1


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)


cdef class Lock:
    """A lock that the thread which has it may take again, as threading.RLock, for code without the GIL too.

    After a fork, one that another thread had is the child's for ever to wait for: RuntimeError.
    """

    def __cinit__(self):
        self.lock = PyThread_allocate_lock()
        if self.lock is NULL:
            raise MemoryError("no memory for a lock")

    def __dealloc__(self):
        if self.lock is not NULL:
            PyThread_free_lock(self.lock)

    cdef int acquire(self) except -1 nogil:
        cdef unsigned long me = PyThread_get_thread_ident()
        if self.owner == me:  # only this thread can have written that
            self.depth += 1
            return 0
        if not PyThread_acquire_lock(self.lock, NOWAIT_LOCK):
            with gil:  # the caller may have it, and who has the lock may need it
                self.wait()
        self.forks = forks
        self.owner = me
        self.depth = 1
        return 0

    def wait(self):
        cdef bint waiting = True
        while waiting:
            with nogil:
                waiting = PyThread_acquire_lock_timed(self.lock, MICROSECONDS, 0) != PY_LOCK_ACQUIRED
            if waiting:
                PyErr_CheckSignals()
                if self.owner and self.forks != forks:
                    raise RuntimeError("another thread was using this network or these signals when the process was forked")

    cdef void wait_until_free(self) noexcept:
        """Wait until no thread has it, this one never had, whatever signals of the system arrive."""
        with nogil:
            PyThread_acquire_lock(self.lock, WAIT_LOCK)
            PyThread_release_lock(self.lock)

    cdef void release(self) noexcept nogil:
        self.depth -= 1
        if self.depth == 0:
            self.owner = 0
            PyThread_release_lock(self.lock)

    def __enter__(self):
        self.acquire()

    def __exit__(self, *exception):
        self.release()


cdef class Signals:
    """Data and the order in which it is presented. Networks that train at the same time should have one each, or they
    wait for one another.

    A copy or pickle goes on where this is in its epoch.

    Parameters
    ----------
    X : array of shape (n, d)
        Input signals. float32 C-contiguous data is used as it is, anything else is copied to float32. It must not
        change while a network trains on it.
    sampling : "epochs", "replacement" or "order"
        Every row once per epoch in a new random order; rows drawn at random; rows from first to last, over and over.
    weights : array of shape (n,), optional
        Each signal is drawn, with replacement, with a probability proportional to its row's weight: finite, >= 0, not
        all 0. An epoch is then n draws. Not with sampling="order".
    jitter : float >= 0, default 0
        Every coordinate of every signal is moved by an independent uniform offset in [-jitter, jitter].

    Attributes
    ----------
    X : ndarray of float32, shape (n, d)
    weights : ndarray of float64, shape (n,), or None
        The weights, divided by the largest of them.

    Raises
    ------
    ValueError, TypeError
        If an argument is not as described.
    MemoryError
        If there is no memory for the order or the weights.
    """

    def __cinit__(self, X, sampling="epochs", *, weights=None, jitter=0.0):
        cdef int64_t i
        check("sampling", sampling)
        self.lock = Lock()
        self.X = as_points(X)
        self.view = self.X
        if self.view.shape[0] > 2**32 - 1:
            raise ValueError(f"X must have at most 4294967295 rows, got {self.view.shape[0]}")
        self.source.X = &self.view[0, 0]
        self.source.n = self.view.shape[0]
        self.source.d = self.view.shape[1]
        self.source.sampling = {"epochs": EPOCHS, "replacement": REPLACEMENT, "order": ORDER}[sampling]
        if weights is not None:
            self._weigh(weights)
        elif self.source.sampling == EPOCHS:
            self.source.order = <uint32_t *>zeroed(self.source.n, sizeof(uint32_t))
            for i in range(self.source.n):
                self.source.order[i] = <uint32_t>i
        self.source.jitter = check("jitter", jitter)
        if self.source.jitter:
            self.source.jittered = <float *>zeroed(MOST_JITTERED * self.source.d, sizeof(float))

    def _weigh(self, weights):
        cdef const double[::1] weight
        if self.source.sampling == ORDER:
            raise ValueError("weights cannot be used with sampling='order'")
        self.weights = as_weights(weights, self.source.n)
        weight = self.weights
        self.source.sampling = WEIGHTED
        self.source.probability = <double *>zeroed(self.source.n, sizeof(double))
        self.source.alias = <uint32_t *>zeroed(self.source.n, sizeof(uint32_t))
        build_alias_table(&self.source, &weight[0])

    def __dealloc__(self):
        gng_release(self.source.order)
        gng_release(self.source.probability)
        gng_release(self.source.alias)
        gng_release(self.source.jittered)

    def __len__(self):
        return self.source.n

    def __reduce__(self):
        cdef uint32_t[::1] order
        with self.lock:
            kept = None
            if self.source.order is not NULL:
                kept = np.empty(self.source.n, np.uint32)
                order = kept
                memcpy(&order[0], self.source.order, self.source.n * sizeof(uint32_t))
            sampling = {EPOCHS: "epochs", ORDER: "order"}.get(self.source.sampling, "replacement")
            return _restored, (self.X, sampling, self.weights, self.source.jitter, kept, self.source.position)

    def _go_to(self, kept, position):
        """Take over the order, checked to be one, and the position of other signals."""
        cdef const uint32_t[::1] order
        if not 0 <= position <= self.source.n:
            raise ValueError(f"position must be in [0, {self.source.n}], got {position}")
        if self.source.order is not NULL:
            order = kept
            if not np.array_equal(np.sort(kept), np.arange(self.source.n)):
                raise ValueError("order must be a permutation")
            memcpy(self.source.order, &order[0], self.source.n * sizeof(uint32_t))
        self.source.position = position


def _restored(X, sampling, weights, jitter, order, position):
    """Return the signals of a pickle."""
    signals = Signals(X, sampling, weights=weights, jitter=jitter)
    (<Signals>signals)._go_to(order, position)
    return signals


cdef void build_alias_table(SignalSource *source, const double *weight) noexcept nogil:
    """A. J. Walker, ACM TOMS 3, 1977, in linear time by M. D. Vose, IEEE TSE 17, 1991: every row of less than average
    weight is filled up from one of more.

    What rounding leaves over falls to the heaviest row, so a weight of 0 stays 0.
    """
    cdef int64_t n = source.n, heaviest = 0, large, small, row
    cdef double *probability = source.probability
    cdef double total = 0
    for row in range(n):
        total += weight[row]
        if weight[row] > weight[heaviest]:
            heaviest = row
    for row in range(n):
        probability[row] = weight[row] * (n / total)
        source.alias[row] = <uint32_t>heaviest
    large = next_large(probability, 0, n)
    for row in range(n):
        small = row
        while small <= row and large < n and probability[small] < 1:
            source.alias[small] = <uint32_t>large
            probability[large] = (probability[large] + probability[small]) - 1
            if probability[large] >= 1:
                break
            small = large  # the donor is now to be filled up itself: at once, or when its turn comes
            large = next_large(probability, large, n)


cdef inline int64_t next_large(const double *probability, int64_t row, int64_t n) noexcept nogil:
    while row < n and probability[row] < 1:
        row += 1
    return row

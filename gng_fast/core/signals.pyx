"""The class that holds data and hands out signals; how one is drawn is in signals.pxd."""

import inspect
import warnings

import numpy as np

from cpython.exc cimport PyErr_CheckSignals
from libc.stdint cimport int64_t, uint32_t, uint64_t
from libc.string cimport memcpy

from gng_fast.core.float_rules cimport gng_floats, gng_restore_floats, gng_usual_floats
from gng_fast.core.lock cimport DRAWN, READ, Lock
from gng_fast.core.memory cimport gng_release, zeroed

from gng_fast.checks import as_points, as_weights, copied
from gng_fast.parameters import check

cdef enum:
    # a draw of the second start node that equals the first is repeated this often, then the first row that differs is taken
    MOST_REDRAWS = 1000
    DRAWS_AT_A_TIME = 65536         # of start nodes, between two checks for Ctrl-C
    COORDINATES_AT_A_TIME = 4194304 # that are compared between two of them


cdef class Signals:
    """Data and the order in which it is presented.

    Networks that train at the same time should have signals of their own, or they wait for one another. A copy or pickle
    goes on where this is in its epoch.

    Parameters
    ----------
    X : array of shape (n, d)
        Input signals. float32 C-contiguous data is used as it is, anything else is copied to float32. It must not
        change while a network trains on it.
    sampling : "epochs", "replacement" or "order", default "epochs"
        Every row once per epoch in a new random order; rows drawn at random; rows from first to last, over and over.
    weights : array of shape (n,), optional
        Each signal is drawn, with replacement, with a probability proportional to its row's weight: finite, >= 0, not
        all 0. An epoch is then n draws. Not with sampling="order".
    jitter : float >= 0, default 0
        Every coordinate of every signal is moved by an independent uniform offset in [-jitter, jitter].

    Warns
    -----
    UserWarning
        X is memory that can be written to (an array, a buffer or a tensor), and had to be copied: writing into it has
        no effect then.

    Attributes
    ----------
    X : ndarray of float32, shape (n, d)
        The data that the signals are drawn from.
    weights : ndarray of float64, shape (n,), or None
        The weights, divided by the largest of them.

    Raises
    ------
    ValueError, TypeError
        If an argument is not as described.
    MemoryError
        If there is no memory for the order or the weights.
    """

    __signature__ = inspect.Signature([
        inspect.Parameter("X", inspect.Parameter.POSITIONAL_OR_KEYWORD),
        inspect.Parameter("sampling", inspect.Parameter.POSITIONAL_OR_KEYWORD, default="epochs"),
        inspect.Parameter("weights", inspect.Parameter.KEYWORD_ONLY, default=None),
        inspect.Parameter("jitter", inspect.Parameter.KEYWORD_ONLY, default=0.0),
    ])

    def __cinit__(self, X, sampling="epochs", *, weights=None, jitter=0.0):
        cdef int64_t i
        self.lock = Lock("these signals")
        check("sampling", sampling)
        jitter = check("jitter", jitter)
        self.X = as_points(X)
        if copied(X, self.X):
            warnings.warn(
                "X was copied, since it is not C-contiguous float32: what is written into it later has no effect. Write into "
                "the X of these signals, or give np.ascontiguousarray(X, np.float32)",
                UserWarning,
            )
        self.view = self.X
        if self.view.shape[0] > 2**32 - 1:
            raise ValueError(f"X must have at most 4294967295 rows, got {self.view.shape[0]}")
        self.source.X = &self.view[0, 0]
        self.source.n = self.view.shape[0]
        self.source.sampling = {"epochs": EPOCHS, "replacement": REPLACEMENT, "order": ORDER}[sampling]
        if weights is not None:
            self._weigh(weights)
        elif self.source.sampling == EPOCHS:
            self.source.order = <uint32_t *>zeroed(self.source.n, sizeof(uint32_t))
            for i in range(self.source.n):
                self.source.order[i] = <uint32_t>i
        self.source.jitter = jitter
        if self.source.jitter:
            self.source.jittered = <float *>zeroed(SIGNALS_UNDER_WAY * self.view.shape[1], sizeof(float))
        self.source.d = self.view.shape[1]  # last: without it no network takes signals that are only half made

    def _weigh(self, weights):
        cdef const double[::1] weight
        if self.source.sampling == ORDER:
            raise ValueError("weights cannot be used with sampling='order'")
        self.weights = as_weights(weights, self.source.n)
        weight = self.weights
        self.source.sampling = WEIGHTED
        self.source.probability = <double *>zeroed(self.source.n, sizeof(double))
        self.source.alias = <uint32_t *>zeroed(self.source.n, sizeof(uint32_t))
        cdef gng_floats before = gng_usual_floats()
        build_alias_table(&self.source, &weight[0])
        gng_restore_floats(before)

    def __dealloc__(self):
        gng_release(self.source.order)
        gng_release(self.source.probability)
        gng_release(self.source.alias)
        gng_release(self.source.jittered)

    def __len__(self):
        return self.source.n

    def __repr__(self):
        sampling = {EPOCHS: "in epochs", ORDER: "in order", REPLACEMENT: "with replacement"}.get(self.source.sampling, "weighted")
        jitter = f", jitter {self.source.jitter:g}" if self.source.jitter else ""
        return f"<Signals: {self.source.n:,} rows of {self.source.d} features, {sampling}{jitter}>"

    cdef int draw_start_nodes(self, uint64_t *rng, float[:, ::1] nodes) except -1:
        """Step 0: rows to start at, the second redrawn until it differs from the first. Where it raises, `rng` stays."""
        cdef int64_t[::1] rows = np.empty(nodes.shape[0], np.int64)
        cdef uint64_t state = rng[0]
        cdef Py_ssize_t i
        self._draw_start_rows(&state, rows)
        rng[0] = state
        for i in range(rows.shape[0]):
            memcpy(&nodes[i, 0], self.source.X + rows[i] * self.source.d, self.source.d * sizeof(float))
        return 0

    cdef int _draw_start_rows(self, uint64_t *rng, int64_t[::1] rows) except -1:
        cdef SignalSource *source = &self.source
        cdef Py_ssize_t i, redraws = 0
        rows[0] = draw_start_row(source, rng, 0)
        for i in range(1, rows.shape[0]):
            rows[i] = draw_start_row(source, rng, rows[i - 1] + 1)
            if i == 1:
                while redraws < MOST_REDRAWS and first_unlike(source, rows[0], rows[1], rows[1] + 1) < 0:
                    rows[1] = draw_start_row(source, rng, rows[1] + 1)
                    redraws += 1
                if first_unlike(source, rows[0], rows[1], rows[1] + 1) < 0:
                    rows[1] = self._first_row_unlike(rows[0])
            if i % DRAWS_AT_A_TIME == 0:
                PyErr_CheckSignals()
        return 0

    cdef int64_t _first_row_unlike(self, int64_t row) except -1:
        """The first row that differs from this one, of those that can be drawn."""
        cdef const double[::1] weight
        cdef int64_t at_a_time = 1 + COORDINATES_AT_A_TIME // self.source.d, other = 0, found
        if self.weights is not None:
            weight = self.weights
        while other < self.source.n:
            found = first_unlike(&self.source, row, other, min(other + at_a_time, self.source.n))
            if found >= 0 and (self.weights is None or weight[found] > 0):
                return found
            other = found + 1 if found >= 0 else other + at_a_time
            PyErr_CheckSignals()
        raise ValueError(f"X must have at least 2 distinct points, got 1 (in {len(self.X)} rows)")

    def __reduce__(self):
        cdef uint32_t[::1] order
        cdef int64_t position
        self.lock.acquire(READ)
        try:
            kept = None
            if self.source.order is not NULL:
                kept = np.empty(self.source.n, np.uint32)
                order = kept
                memcpy(&order[0], self.source.order, self.source.n * sizeof(uint32_t))
            position = self.source.position
        finally:
            self.lock.release()
        sampling = {EPOCHS: "epochs", ORDER: "order"}.get(self.source.sampling, "replacement")
        return _restored, (self.X, sampling, self.weights, self.source.jitter, kept, position)

    cdef int go_to(self, kept, position) except -1:
        """Take over the order, checked to be one, and the position of other signals."""
        cdef const uint32_t[::1] order
        cdef int64_t at = position
        if not 0 <= at <= self.source.n:
            raise ValueError(f"position must be in [0, {self.source.n}], got {position}")
        if self.source.order is not NULL:
            order = kept = np.array(kept)
            if not np.array_equal(np.sort(kept), np.arange(self.source.n)):
                raise ValueError("order must be a permutation")
        self.lock.acquire(DRAWN)
        if self.source.order is not NULL:
            memcpy(self.source.order, &order[0], self.source.n * sizeof(uint32_t))
        self.source.position = at
        self.lock.release()
        return 0


def _restored(X, sampling, weights, jitter, order, position):
    """Return the signals of a pickle."""
    signals = Signals(X, sampling, weights=weights, jitter=jitter)
    (<Signals>signals).go_to(order, position)
    return signals


cdef int64_t draw_start_row(SignalSource *source, uint64_t *rng, int64_t next_row) noexcept nogil:
    """A row at random, whatever the position in an epoch; of signals in order the next one."""
    if source.sampling == ORDER:
        return next_row % source.n
    if source.sampling == WEIGHTED:
        return draw_weighted_row(source, rng)
    return <int64_t>random_below(rng, <uint64_t>source.n)


cdef int64_t first_unlike(const SignalSource *source, int64_t row, int64_t first, int64_t stop) noexcept nogil:
    """The first row in [first, stop) that differs from `row`, -1 if none does."""
    cdef const float *like = source.X + row * source.d
    cdef gng_floats before = gng_usual_floats()
    cdef int64_t other, found = -1
    cdef Py_ssize_t k
    for other in range(first, stop):
        for k in range(source.d):
            if source.X[other * source.d + k] != like[k]:
                found = other
                break
        if found >= 0:
            break
    gng_restore_floats(before)
    return found


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

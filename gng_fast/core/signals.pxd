# cython: language_level=3
"""Where signals come from: the random number generator and the order in which the data is presented."""

from libc.stdint cimport int64_t, uint32_t, uint64_t

from gng_fast.core.lock cimport Lock

cdef extern from *:
    """
    #define UNIT_23 0x1p-23f
    #define UNIT_53 0x1p-53
    """
    const float UNIT_23
    const double UNIT_53

cdef enum:
    SIGNALS_PER_BATCH = 8       # at most: these are searched for at once
    BATCHES_UNDER_WAY = 3       # at most: one is trained on while the next two are fetched
    SIGNALS_PER_BLOCK = 16      # above GNG_MAX_GRID_D dimensions: these are scored at once, at most,
    BLOCKS_UNDER_WAY = 2        # and so many blocks are under way
    SIGNALS_UNDER_WAY = BLOCKS_UNDER_WAY * SIGNALS_PER_BLOCK  # more than batches take

cdef enum Sampling:
    EPOCHS
    REPLACEMENT
    ORDER
    WEIGHTED

cdef struct SignalSource:
    const float *X              # (n, d)
    int64_t n
    Py_ssize_t d
    Sampling sampling
    uint32_t *order             # (n,) a permutation, only for EPOCHS
    int64_t position            # signals taken of this epoch
    double *probability         # (n,) alias table, only for WEIGHTED: a row drawn stands for itself with this
    uint32_t *alias             # (n,) probability, and otherwise for this row
    float jitter
    float *jittered             # (SIGNALS_UNDER_WAY, d) the signals drawn ahead, only with jitter


cdef class Signals:
    cdef SignalSource source
    cdef readonly object X
    cdef readonly object weights
    cdef const float[:, ::1] view
    cdef Lock lock              # of the order, for threads that share it

    cdef int draw_start_nodes(self, uint64_t *rng, float[:, ::1] nodes) except -1
    cdef int _draw_start_rows(self, uint64_t *rng, int64_t[::1] rows) except -1
    cdef int64_t _first_row_unlike(self, int64_t row) except -1
    cdef int go_to(self, kept, position) except -1


cdef inline uint64_t next_random(uint64_t *rng) noexcept nogil:
    """SplitMix64: 64 random bits from a 64-bit state (Steele, Lea, Flood, OOPSLA 2014)."""
    rng[0] += <uint64_t>0x9E3779B97F4A7C15
    cdef uint64_t z = rng[0]
    z = (z ^ (z >> 30)) * <uint64_t>0xBF58476D1CE4E5B9
    z = (z ^ (z >> 27)) * <uint64_t>0x94D049BB133111EB
    return z ^ (z >> 31)


cdef inline uint64_t random_below(uint64_t *rng, uint64_t n) noexcept nogil:
    """A random integer in [0, n), 1 <= n <= 2^32, without bias (Lemire, ACM TOMACS 29, 2019)."""
    cdef uint64_t product = (next_random(rng) >> 32) * n
    cdef uint64_t too_low
    if (product & <uint64_t>0xFFFFFFFF) < n:
        too_low = ((<uint64_t>1 << 32) - n) % n
        while (product & <uint64_t>0xFFFFFFFF) < too_low:
            product = (next_random(rng) >> 32) * n
    return product >> 32


cdef inline int64_t draw_weighted_row(SignalSource *source, uint64_t *rng) noexcept nogil:
    cdef int64_t row = <int64_t>random_below(rng, <uint64_t>source.n)
    cdef double u = <double><int64_t>(next_random(rng) >> 11) * UNIT_53
    return row if u < source.probability[row] else source.alias[row]


cdef inline int64_t draw_row(SignalSource *source, uint64_t *rng) noexcept nogil:
    """The row of the next signal.

    EPOCHS shuffles as it goes: the next signal is swapped to the front from those not yet seen in this epoch.
    """
    cdef int64_t row, other
    if source.sampling == REPLACEMENT:
        return <int64_t>random_below(rng, <uint64_t>source.n)
    if source.sampling == WEIGHTED:
        return draw_weighted_row(source, rng)
    if source.position == source.n:
        source.position = 0
    row = source.position
    source.position += 1
    if source.sampling == EPOCHS:
        other = row + <int64_t>random_below(rng, <uint64_t>(source.n - row))
        source.order[row], source.order[other] = source.order[other], source.order[row]
        row = source.order[row]
    return row


cdef inline const float *sample_signal(SignalSource *source, uint64_t *rng, float *jittered) noexcept nogil:
    """Step 1: the next input signal: a row of the data, or with jitter one moved at random, written to `jittered`."""
    cdef const float *row = source.X + draw_row(source, rng) * source.d
    cdef Py_ssize_t k
    if source.jitter == 0:
        return row
    for k in range(source.d):
        # 24 random bits make an exact float in [-1, 1)
        jittered[k] = row[k] + source.jitter * (<float><int64_t>(next_random(rng) >> 40) * UNIT_23 - <float>1)
    return jittered

# cython: language_level=3
"""Annealing: over a run of signals, eps_b and eps_n go from where they are to given ends, in STAGES equal stages.

The loop over the signals knows nothing of it: it is ended at the end of each stage.
"""

from libc.math cimport sqrt
from libc.stdint cimport INT64_MAX, int64_t

cdef enum:
    STAGES = 4096

cdef struct Annealing:
    double eps_b_start
    double eps_b_end
    double eps_n_start
    double eps_n_end
    int64_t n_signals           # length of the run
    int64_t presented           # signals of it that were presented
    int stage                   # STAGES: the run is over, or there was none


cdef inline double annealed(double start, double end, int stage) noexcept nogil:
    """start (end / start)^(stage / STAGES); linear where an end is 0.

    The power is a product of repeated square roots, which are rounded alike on every machine, unlike pow().
    """
    cdef double eps = start, root
    cdef int bit = STAGES // 2
    if stage == STAGES:
        return end
    if start == 0 or end == 0:
        return start + (end - start) * (<double>stage / STAGES)
    root = end / start
    while bit:
        root = sqrt(root)
        if stage & bit:
            eps *= root
        bit //= 2
    return eps


cdef inline int64_t first_signal(const Annealing *run, int stage) noexcept nogil:
    """stage * n_signals / STAGES, rounded up; this way it cannot overflow."""
    return stage * (run.n_signals // STAGES) + (stage * (run.n_signals % STAGES) + STAGES - 1) // STAGES


cdef inline int64_t enter_stage(Annealing *run, float *eps_b, float *eps_n) noexcept nogil:
    """Set eps_b and eps_n to those of the next signal, and return how many signals they are valid for."""
    if run.stage == STAGES:
        return INT64_MAX
    while run.stage < STAGES and first_signal(run, run.stage + 1) <= run.presented:
        run.stage += 1
    eps_b[0] = <float>annealed(run.eps_b_start, run.eps_b_end, run.stage)
    eps_n[0] = <float>annealed(run.eps_n_start, run.eps_n_end, run.stage)
    return INT64_MAX if run.stage == STAGES else first_signal(run, run.stage + 1) - run.presented

# cython: language_level=3
"""The class Network as C sees it, for the package itself: embedders use gng_fast/__init__.pxd."""

from libc.stdint cimport int64_t

from gng_fast.core.annealing cimport Annealing
from gng_fast.core.lock cimport Lock
from gng_fast.core.signals cimport Signals, SignalSource
from gng_fast.core.state cimport State


cdef class Network:
    cdef State state
    cdef Annealing annealing
    cdef Lock lock
    cdef readonly dict parameters
    cdef readonly int64_t n_changes

    cdef int present(self, SignalSource *source, int64_t left, bint frozen) except -1 nogil
    cdef int _present(self, Signals signals, int64_t n_signals, bint frozen) except -1
    cdef int _check_dimension(self, Signals signals) except -1
    cdef int prepare_look_up(self) except -1 nogil
    cdef int number(self) noexcept nogil
    cdef void _join(self, Py_ssize_t a, Py_ssize_t b, bint permanent) except *

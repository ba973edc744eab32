# cython: language_level=3
"""The class Network as C sees it, for the package itself: embedders use gng_fast/__init__.pxd."""

from libc.stdint cimport int64_t, uint8_t

from gng_fast.core.annealing cimport Annealing
from gng_fast.core.lock cimport Lock
from gng_fast.core.signals cimport Signals, SignalSource
from gng_fast.core.state cimport State


# What others may read while the owner of the lock is at work: of the moment at which it was last consistent.
cdef struct Published:
    int64_t n_nodes
    int64_t n_edges
    int64_t n_signals
    int64_t n_changes
    int64_t nbytes


# Of which slots and nodes the labels in `label_memory` are still true.
cdef struct LabelCopy:
    Py_ssize_t n_slots
    Py_ssize_t n_nodes


cdef class Network:
    cdef State state
    cdef Annealing annealing
    cdef Lock lock
    cdef readonly dict parameters
    cdef int64_t changes            # grows whenever the graph may have changed
    cdef Published published
    cdef int64_t n_stops            # how often `stop` was called; written by any thread
    cdef LabelCopy labels
    cdef object label_memory        # or None: an array with room for the labels of further nodes,
    cdef object label_copy          # or None: and that of its part which was given away, read-only

    # those that take the lock
    cdef int take(self, const float[:, ::1] w, const uint8_t[::1] fixed, const int64_t[:, ::1] pairs,
                  const uint8_t[::1] permanent) except -1
    cdef int _present(self, Signals signals, int64_t n_signals, bint frozen, int64_t stops) except -1
    cdef tuple look_up(self, X, int k, n_jobs, out)
    cdef int begin_look_up(self, int64_t k) except -1 nogil
    cdef int take_over(self, dict about, dict arrays) except -1
    # those whose caller has it
    cdef void end_change(self) noexcept nogil
    cdef int present(self, SignalSource *source, int64_t left, bint frozen, int64_t stops) except -1 nogil
    cdef int add(self, const float[:, ::1] w, const uint8_t[::1] fixed, const int64_t[:, ::1] pairs,
                 const uint8_t[::1] permanent) except -1
    cdef int tend(self) except -1 nogil
    cdef int64_t _present_some(self, SignalSource *source, int64_t left, bint frozen) noexcept nogil
    cdef int _make(self, n_features, seed, search, parameters) except -1
    cdef int _take_over(self, dict about, dict arrays) except -1
    cdef object _copy_of_labels(self)
    # no lock
    cdef int _check_dimension(self, Signals signals) except -1
    cdef void publish(self) noexcept nogil
    cdef void stop_training(self) noexcept nogil

# cython: language_level=3
"""The class Lock as C sees it."""

from cpython.pythread cimport PyThread_type_lock
from libc.stdint cimport int64_t

cdef extern from "atomics.h" nogil:
    int64_t gng_load(const int64_t *p)
    void gng_store(int64_t *p, int64_t value)

# What the thread that has the lock does with what it guards.
cdef enum Use:
    READ                        # it is copied
    LOOKED_UP                   # its nodes are searched
    DRAWN                       # of signals: rows are taken
    TRAINED
    CHANGED


cdef int let_stop() except -1

# Does some of the rows from `row` on with what one thread has, and returns the row it came to.
ctypedef Py_ssize_t (*RowWork)(void *worker, Py_ssize_t row, Py_ssize_t stop) noexcept nogil


# A lock that tells whose it is.
cdef struct Gate:
    PyThread_type_lock lock
    int64_t owner               # the thread that has it, 0 if none has; read by others
    int64_t forks               # of the process, when it was taken; read by others


cdef class Lock:
    cdef Gate turn              # of those who change what is guarded, for as long as their work takes;
    cdef Gate inside            # of all who are at what is guarded: who changes it leaves between two slices of long work,
    cdef Gate queue             # to let those in who only read, of whom the first that waits has this one
    cdef int depth              # how often the owner has it: more than once only to read
    cdef Use use                # what the owner took it for first
    cdef bint at_rest           # what it guards is consistent, and stays as it is while the owner runs Python code
    cdef str subject

    cdef int acquire(self, Use use) except -1 nogil
    cdef int enter(self, Use use) except -1 nogil
    cdef void let_readers_in(self) noexcept nogil
    cdef int acquire_again(self, Use use) except -1
    cdef int wait_inside(self, Use use) except -1
    cdef int wait(self, Gate *gate) except -1
    cdef bint is_queued(self) noexcept nogil
    cdef bint owns_queue(self) noexcept
    cdef int no_help(self, Use use) except -1
    cdef int refuse(self, Use held, Use wanted) except -1
    cdef int let_stop(self) except -1
    cdef void release(self) noexcept nogil


cdef int share_rows(RowWork work, void **workers, Py_ssize_t n_workers, Py_ssize_t n, Lock lock) except -1

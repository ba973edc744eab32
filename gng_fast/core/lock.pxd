# cython: language_level=3
"""The class Lock as C sees it."""

from cpython.pythread cimport PyThread_type_lock


cdef class Lock:
    cdef PyThread_type_lock lock
    cdef unsigned long owner    # the thread that has it, 0 if none has
    cdef int depth
    cdef int forks              # of the process, when it was taken

    cdef int acquire(self) except -1 nogil
    cdef void release(self) noexcept nogil
    cdef void wait_until_free(self) noexcept

# cython: language_level=3
"""Memory that C owns."""

from libc.stdlib cimport calloc


cdef inline void *zeroed(size_t count, size_t size) except NULL:
    cdef void *memory = calloc(count if count else 1, size)
    if memory is NULL:
        raise MemoryError(f"no memory for {count * size} bytes")
    return memory

# cython: language_level=3
"""Memory that C owns: what gng_release gives back. It begins on a cache line."""

from libc.string cimport memset

cdef extern from "aligned_memory.h" nogil:
    void *gng_allocate(size_t count, size_t size)
    void gng_release(void *begin)


cdef inline void *allocated(size_t count, size_t size) except NULL:
    """Memory for gng_release, of any content."""
    cdef void *memory = gng_allocate(count, size)
    if memory is NULL:
        raise MemoryError(f"no memory for {count * size} bytes")
    return memory


cdef inline void *zeroed(size_t count, size_t size) except NULL:
    return memset(allocated(count, size), 0, count * size)

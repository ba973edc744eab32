# cython: language_level=3
"""The instruction sets that there are kernels for, by name."""

from gng_fast.core.index cimport gng_isa_name, gng_kernels, gng_kernels_for


cdef inline tuple isas_here():
    """Those that this build has kernels for and this CPU can run, best first."""
    cdef list names = []
    cdef int i = 0
    while gng_isa_name(i) is not NULL:
        if gng_kernels_for(gng_isa_name(i)) is not NULL:
            names.append(gng_isa_name(i).decode())
        i += 1
    return tuple(names)


cdef inline const gng_kernels *kernels_named(str isa) except NULL:
    """The kernels that GNG_FAST_ISA, whose value is given, asks for; of "" the best ones for this CPU."""
    cdef const gng_kernels *kernels = gng_kernels_for(isa.encode())
    if kernels is NULL:
        raise ValueError(f"GNG_FAST_ISA must be one of {', '.join(isas_here())}, got {isa!r}")
    return kernels

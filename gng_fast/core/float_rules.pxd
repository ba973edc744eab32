# cython: language_level=3
"""Rules of floating-point arithmetic that make results the same bytes everywhere: see src_c/float_rules.h."""

cdef extern from "float_rules.h" nogil:
    ctypedef struct gng_floats:
        pass
    gng_floats gng_usual_floats()
    void gng_restore_floats(gng_floats floats)
    const float GNG_SMALLEST_COORDINATE
    float gng_flushed(float w, float smallest)

/* Rules of floating-point arithmetic that make results the same bytes everywhere.

   - A coordinate that training writes is 0 where it would be smaller than GNG_SMALLEST_COORDINATE. Nodes that follow zeros
     would otherwise come to subnormal numbers, with which many CPUs are a hundred times slower, and squares of differences
     of what is smaller are no normal floats anyway.
   - What is computed here is rounded to nearest and keeps subnormal numbers, however the thread's floating-point
     environment is set: other libraries switch flush-to-zero on for a whole process. */
#ifndef GNG_FLOAT_RULES_H
#define GNG_FLOAT_RULES_H

#include "target.h"

#include <math.h>
#include <stdint.h>

#define GNG_SMALLEST_COORDINATE 0x1p-63f

/* A coordinate as training may write it; of zeros +0. */
static inline float gng_flushed(float w)
{
    return fabsf(w) < GNG_SMALLEST_COORDINATE ? 0.0f : w;
}

#if defined(_MSC_VER)
#include <intrin.h>
#endif
#if GNG_X86_64
#include <xmmintrin.h>
#elif !defined(__aarch64__) && !defined(_M_ARM64)
#include <fenv.h>
#endif

/* The floating-point environment of a thread. */
typedef struct {
#if GNG_X86_64
    unsigned control;
#elif defined(__aarch64__) || defined(_M_ARM64)
    uint64_t control;
#else
    fenv_t control;
#endif
} gng_floats;

#if defined(__GNUC__) || defined(__clang__)
/* No arithmetic on what is in memory is moved across it. */
#define GNG_FENCE __asm__ volatile("" ::: "memory")
#else
#define GNG_FENCE _ReadWriteBarrier()
#endif

/* Set the environment back to what gng_usual_floats returned. Nobody hears of the exceptions in between. */
static inline void gng_restore_floats(gng_floats floats)
{
    GNG_FENCE;
#if GNG_X86_64
    _mm_setcsr(floats.control);
#elif defined(_M_ARM64)
    _WriteStatusReg(ARM64_FPCR, (__int64)floats.control);
#elif defined(__aarch64__)
    __asm__ volatile("msr fpcr, %0" : : "r"(floats.control));
#else
    fesetenv(&floats.control);
#endif
    GNG_FENCE;
}

/* Round to nearest, keep subnormal numbers, let no exception trap; return what was set before. */
static inline gng_floats gng_usual_floats(void)
{
    gng_floats before;
#if GNG_X86_64
    const gng_floats usual = {0x1f80};
    before.control = _mm_getcsr();
    gng_restore_floats(usual);
#elif defined(_M_ARM64)
    const gng_floats usual = {0};
    before.control = (uint64_t)_ReadStatusReg(ARM64_FPCR);
    gng_restore_floats(usual);
#elif defined(__aarch64__)
    const gng_floats usual = {0};
    __asm__ volatile("mrs %0, fpcr" : "=r"(before.control));
    gng_restore_floats(usual);
#else
    fegetenv(&before.control);
    fesetenv(FE_DFL_ENV);
    GNG_FENCE;
#endif
    return before;
}

#endif

/* Rules of floating-point arithmetic that make results the same bytes everywhere.

   - Where a node starts, is inserted or wins, a coordinate smaller than GNG_SMALLEST_COORDINATE is 0. Nodes that follow
     zeros would otherwise come to subnormal numbers, with which many CPUs are a hundred times slower; squares of what is
     smaller than 2^-63 are such too. Neighbours are left out: each of their moves takes little, and they win themselves
     long before they get from 2^-60 to there.
   - What is computed here is rounded to nearest and keeps subnormal numbers, however the thread's floating-point
     environment is set: other libraries switch flush-to-zero on for a whole process. */
#ifndef GNG_FLOAT_RULES_H
#define GNG_FLOAT_RULES_H

#include "target.h"

#include <math.h>
#include <stdint.h>

/* No product and sum become one operation; GCC hears of it from the command line (setup.py). */
#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#elif defined(_MSC_VER)
#pragma fp_contract(off)
#endif

#define GNG_SMALLEST_COORDINATE 0x1p-60f

/* +0 for what is smaller than `smallest`, which is 0 where nothing is. */
static inline float gng_flushed(float w, float smallest)
{
    return fabsf(w) < smallest ? 0.0f : w;
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

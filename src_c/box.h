/* Boxes around nodes (GNG_LEAVES). */
#ifndef GNG_BOX_H
#define GNG_BOX_H

#include <stddef.h>

#if defined(__x86_64__) || defined(_M_X64)
#include <emmintrin.h>
#define GNG_BOX_SSE2 1
#endif

/* Whether w lies within the box. */
static inline int gng_in_box(const float *low, const float *high, ptrdiff_t d, const float *w)
{
    ptrdiff_t k = 0;
    int outside = 0;
#if GNG_BOX_SSE2
    __m128 out = _mm_setzero_ps();
    for (; k + 4 <= d; k += 4) {
        __m128 x = _mm_loadu_ps(w + k);
        out = _mm_or_ps(out, _mm_or_ps(_mm_cmplt_ps(x, _mm_loadu_ps(low + k)), _mm_cmpgt_ps(x, _mm_loadu_ps(high + k))));
    }
    outside = _mm_movemask_ps(out);
#endif
    for (; k < d; k++)
        outside |= (w[k] < low[k]) | (w[k] > high[k]);
    return !outside;
}

/* Make the box hold w. */
static inline void gng_stretch_box(float *low, float *high, ptrdiff_t d, const float *w)
{
    for (ptrdiff_t k = 0; k < d; k++) {
        low[k] = w[k] < low[k] ? w[k] : low[k];
        high[k] = w[k] > high[k] ? w[k] : high[k];
    }
}

#endif

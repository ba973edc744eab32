/* Asking for memory before it is needed. */
#ifndef GNG_PREFETCH_H
#define GNG_PREFETCH_H

#include "search.h"

#if defined(_MSC_VER)
#include <intrin.h>
#endif

static inline void gng_prefetch(const void *p)
{
#if defined(__GNUC__) || defined(__clang__)
    __builtin_prefetch(p);
#elif defined(_M_X64)
    _mm_prefetch((const char *)p, _MM_HINT_T0);
#else
    (void)p;
#endif
}

/* The cells that a search for x will look at first. */
static inline void gng_prefetch_cells(const gng_panels *panels, ptrdiff_t d, const float *x)
{
    ptrdiff_t cell = 0, stride = 1;
    for (int axis = 0; axis < d; axis++) {
        cell += stride * gng_clamp_cell(gng_along(panels, axis, x[axis]) - 0.5f, panels->last[axis] - 1.0f);
        stride *= panels->side[axis];
    }
    for (ptrdiff_t c2 = 0; c2 < (d > 2 ? 2 : 1); c2++)
        for (ptrdiff_t c1 = 0; c1 < (d > 1 ? 2 : 1); c1++)
            for (ptrdiff_t c0 = 0; c0 < 2; c0++) {
                ptrdiff_t c = cell + c0 + c1 * panels->side[0] + c2 * panels->side[0] * panels->side[1];
                ptrdiff_t p = panels->cells[c].panel & ~GNG_CHAINED;
                gng_prefetch(panels->id + p * GNG_LANES);
                for (ptrdiff_t k = 0; k < d; k += 2)
                    gng_prefetch(panels->x + (p * d + k) * GNG_LANES);
            }
}

#endif

/* Boxes around nodes (GNG_LEAVES). */
#ifndef GNG_BOX_H
#define GNG_BOX_H

#include <stddef.h>

/* Make the box hold w. */
static inline void gng_stretch_box(float *low, float *high, ptrdiff_t d, const float *w)
{
    for (ptrdiff_t k = 0; k < d; k++) {
        low[k] = w[k] < low[k] ? w[k] : low[k];
        high[k] = w[k] > high[k] ? w[k] : high[k];
    }
}

#endif

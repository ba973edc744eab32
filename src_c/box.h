/* Boxes around nodes (GNG_LEAVES), and what tells which nodes are to share one. */
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

#define GNG_ABREAST 8 /* sums, to hide the latency of the additions */

/* The product of a and b. It decides where nodes are put, never which is the nearest: so it may be summed in any order. */
static inline float gng_about_product(const float *a, const float *b, ptrdiff_t d)
{
    float sums[GNG_ABREAST] = {0}, total = 0;
    ptrdiff_t k = 0;
    for (; k + GNG_ABREAST <= d; k += GNG_ABREAST)
        for (int i = 0; i < GNG_ABREAST; i++)
            sums[i] += a[k + i] * b[k + i];
    for (; k < d; k++)
        total += a[k] * b[k];
    for (int i = 0; i < GNG_ABREAST; i++)
        total += sums[i];
    return total;
}

/* The squared distance of a and b, for the same purpose. */
static inline float gng_about_square(const float *a, const float *b, ptrdiff_t d)
{
    float sums[GNG_ABREAST] = {0}, total = 0;
    ptrdiff_t k = 0;
    for (; k + GNG_ABREAST <= d; k += GNG_ABREAST)
        for (int i = 0; i < GNG_ABREAST; i++)
            sums[i] += (a[k + i] - b[k + i]) * (a[k + i] - b[k + i]);
    for (; k < d; k++)
        total += (a[k] - b[k]) * (a[k] - b[k]);
    for (int i = 0; i < GNG_ABREAST; i++)
        total += sums[i];
    return total;
}

#endif

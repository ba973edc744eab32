/* Step 5 for up to four nodes side by side, d <= 3: w += eps (x - w), written to the nodes and to their panels.

   SSE2 where there is one, plain C elsewhere; the same bits. */
#ifndef GNG_MOVE_H
#define GNG_MOVE_H

#include "search.h"

#if defined(__x86_64__) || defined(_M_X64)
#include <emmintrin.h>
#define GNG_MOVE_SSE2 1
#endif

typedef struct {
    float w[GNG_MAX_GRID_D][4]; /* the new positions */
    int32_t cell[4];            /* and the cells they lie in */
} gng_moves;

/* The new positions and cells of four nodes; the first moves by eps_first, the others by eps. The number of cells is below
   2^24, so that floats hold them exactly. */
static inline void gng_compute_moves(const gng_index *index, ptrdiff_t d, const float *w, const int32_t *nodes,
                                     const float *x, float eps_first, float eps, gng_moves *moves)
{
#if GNG_MOVE_SSE2
    __m128 step = _mm_set_ps(eps, eps, eps, eps_first), cell = _mm_setzero_ps();
    float stride = 1;
    for (int axis = 0; axis < d; axis++) {
        __m128 old = _mm_set_ps(w[nodes[3] * d + axis], w[nodes[2] * d + axis], w[nodes[1] * d + axis],
                                w[nodes[0] * d + axis]);
        __m128 new = _mm_add_ps(old, _mm_mul_ps(step, _mm_sub_ps(_mm_set1_ps(x[axis]), old)));
        _mm_storeu_ps(moves->w[axis], new);
        __m128 along = _mm_mul_ps(_mm_sub_ps(new, _mm_set1_ps(index->origin[axis])), _mm_set1_ps(index->per_cell));
        along = _mm_min_ps(_mm_max_ps(along, _mm_setzero_ps()), _mm_set1_ps(index->last[axis]));
        along = _mm_cvtepi32_ps(_mm_cvttps_epi32(along));
        cell = _mm_add_ps(cell, _mm_mul_ps(along, _mm_set1_ps(stride)));
        stride *= index->last[axis] + 1;
    }
    _mm_storeu_si128((__m128i *)moves->cell, _mm_cvttps_epi32(cell));
#else
    for (int i = 0; i < 4; i++) {
        float at[GNG_MAX_GRID_D];
        for (int axis = 0; axis < d; axis++) {
            float old = w[nodes[i] * d + axis];
            moves->w[axis][i] = at[axis] = old + (i ? eps : eps_first) * (x[axis] - old);
        }
        moves->cell[i] = (int32_t)gng_cell_at(index, d, at);
    }
#endif
}

#endif

/* Step 5 in a grid, for the neighbours in an edge chunk side by side: w += eps (x - w), written to the nodes and to their
   panels.

   SSE2 where there is one, plain C elsewhere; the same bits. */
#ifndef GNG_MOVE_H
#define GNG_MOVE_H

#include "records.h"
#include "search.h"
#include "static_assert.h"

#if GNG_X86_64
#include <emmintrin.h>
#define GNG_MOVE_SSE2 1
#endif

GNG_ASSERT(chunk_is_taken_four_by_four, GNG_EDGES_PER_CHUNK % 4 == 0);

typedef struct {
    unsigned crossed; /* bit i: neighbour i has left its cell; it is still in the panels of the old one */
    unsigned old;     /* bit i: the edge to neighbour i is older than max_age */
} gng_moved;

/* Write a new position to the lane of its node, and mark its cell as changed in this batch of signals. */
GNG_INLINE void gng_write_lane(const gng_panels *panels, ptrdiff_t d, const gng_node *node, uint32_t batch)
{
    const float *w = (const float *)(node + 1);
    float *lane = panels->x + node->place;
    for (int axis = 0; axis < d; axis++)
        lane[axis * GNG_LANES] = w[axis];
    panels->cells[node->cell].stamp = batch;
}

#if GNG_MOVE_SSE2

/* What does not change from one four to the next, for four nodes side by side in one register an axis; in two dimensions
   for two nodes side by side in the first register, as they lie in memory. */
typedef struct {
    __m128 step, x[GNG_MAX_GRID_D], origin[GNG_MAX_GRID_D], last[GNG_MAX_GRID_D], stride[GNG_MAX_GRID_D], per_cell;
    __m128i strides; /* in two dimensions: of the cells along both axes, as 16-bit numbers */
} gng_move_all;

GNG_ASSERT(cells_along_an_axis_fit_into_16_bits, GNG_MOST_CELLS_ALONG <= INT16_MAX);

/* Both coordinates of a position, twice. */
GNG_INLINE __m128 gng_twice(const float *w)
{
    __m128 both = _mm_castsi128_ps(_mm_loadl_epi64((const __m128i *)w));
    return _mm_movelh_ps(both, both);
}

GNG_INLINE gng_move_all gng_all_fours(const gng_panels *panels, ptrdiff_t d, const float *x, float eps)
{
    gng_move_all all;
    all.step = _mm_set1_ps(eps);
    all.per_cell = _mm_set1_ps(panels->per_cell);
    if (d == 2) {
        all.x[0] = gng_twice(x);
        all.origin[0] = gng_twice(panels->origin);
        all.last[0] = gng_twice(panels->last);
        all.strides = _mm_set1_epi32((int)((uint32_t)panels->side[0] << 16 | 1));
        return all;
    }
    for (int axis = 0; axis < d; axis++) {
        all.x[axis] = _mm_set1_ps(x[axis]);
        all.origin[axis] = _mm_set1_ps(panels->origin[axis]);
        all.last[axis] = _mm_set1_ps(panels->last[axis]);
        all.stride[axis] = _mm_set1_ps(panels->stride[axis]);
    }
    return all;
}

/* Where positions lie along an axis (or, in two dimensions, along both), in whole cells. */
GNG_INLINE __m128i gng_cells_along(const gng_move_all *all, int axis, __m128 w)
{
    __m128 along = _mm_mul_ps(_mm_sub_ps(w, all->origin[axis]), all->per_cell);
    return _mm_cvttps_epi32(_mm_min_ps(_mm_max_ps(along, _mm_setzero_ps()), all->last[axis]));
}

/* ---- two dimensions: pairs of nodes ---- */

GNG_INLINE __m128 gng_load_pair(gng_node *const *pair)
{
    __m128 first = _mm_castsi128_ps(_mm_loadl_epi64((const __m128i *)(pair[0] + 1)));
    return _mm_loadh_pi(first, (const __m64 *)(pair[1] + 1));
}

/* Write the new positions of two nodes to the nodes and their lanes, the second first: an unused entry of the chunk may
   name the same node. */
GNG_INLINE void gng_store_pair(const gng_panels *panels, gng_node *const *pair, __m128 w, uint32_t batch)
{
    float *lane = panels->x + pair[0]->place, *other = panels->x + pair[1]->place;
    __m128 high = _mm_movehl_ps(w, w);
    _mm_storeh_pi((__m64 *)(pair[1] + 1), w);
    _mm_storel_pi((__m64 *)(pair[0] + 1), w);
    _mm_store_ss(lane, w);
    _mm_store_ss(lane + GNG_LANES, _mm_shuffle_ps(w, w, 1));
    _mm_store_ss(other, high);
    _mm_store_ss(other + GNG_LANES, _mm_shuffle_ps(w, w, 3));
    panels->cells[pair[0]->cell].stamp = batch;
    panels->cells[pair[1]->cell].stamp = batch;
}

GNG_INLINE unsigned gng_move_two_pairs(const gng_panels *panels, const gng_move_all *all, gng_node *const *four,
                                          uint32_t batch)
{
    __m128 low = gng_load_pair(four), high = gng_load_pair(four + 2);
    __m128i cell = _mm_set_epi32(four[3]->cell, four[2]->cell, four[1]->cell, four[0]->cell);
    low = _mm_add_ps(low, _mm_mul_ps(all->step, _mm_sub_ps(all->x[0], low)));
    high = _mm_add_ps(high, _mm_mul_ps(all->step, _mm_sub_ps(all->x[0], high)));
    __m128i along = _mm_packs_epi32(gng_cells_along(all, 0, low), gng_cells_along(all, 0, high));
    __m128i same = _mm_cmpeq_epi32(cell, _mm_madd_epi16(along, all->strides));
    gng_store_pair(panels, four + 2, high, batch);
    gng_store_pair(panels, four, low, batch);
    return (unsigned)_mm_movemask_ps(_mm_castsi128_ps(same)) ^ 15;
}

/* ---- one and three dimensions: four nodes, an axis after the other ---- */

/* The cells of four positions w[axis][node]. There are fewer than 2^24 of them, so that floats hold their numbers. */
GNG_INLINE __m128i gng_four_cells(const gng_move_all *all, ptrdiff_t d, const __m128 *w)
{
    __m128 cell = _mm_setzero_ps();
    for (int axis = 0; axis < d; axis++) {
        __m128 along = _mm_cvtepi32_ps(gng_cells_along(all, axis, w[axis]));
        cell = axis ? _mm_add_ps(cell, _mm_mul_ps(along, all->stride[axis])) : along;
    }
    return _mm_cvttps_epi32(cell);
}

/* Bit i says whether node i of the four has left its cell. */
GNG_INLINE unsigned gng_move_four(const gng_panels *panels, const gng_move_all *all, ptrdiff_t d, gng_node *const *four,
                                     uint32_t batch)
{
    if (d == 2)
        return gng_move_two_pairs(panels, all, four, batch);
    /* the 16 bytes up to the end of the position: in one dimension place, cell, w[0], unused; in three cell, w[0], w[1],
       w[2] */
    const int first = d < 3 ? 2 : 1;
    __m128 row[4], *w = row + first;
    for (int i = 0; i < 4; i++)
        row[i] = _mm_loadu_ps((const float *)(four[i] + 1) - first);
    _MM_TRANSPOSE4_PS(row[0], row[1], row[2], row[3]);
    __m128i cell = _mm_castps_si128(row[first - 1]);
    for (int axis = 0; axis < d; axis++)
        w[axis] = _mm_add_ps(w[axis], _mm_mul_ps(all->step, _mm_sub_ps(all->x[axis], w[axis])));
    __m128i same = _mm_cmpeq_epi32(cell, gng_four_cells(all, d, w));
    _MM_TRANSPOSE4_PS(row[0], row[1], row[2], row[3]);
    for (int i = 3; i >= 0; i--)
        _mm_storeu_ps((float *)(four[i] + 1) - first, row[i]);
    for (int i = 0; i < 4; i++)
        gng_write_lane(panels, d, four[i], batch);
    return (unsigned)_mm_movemask_ps(_mm_castsi128_ps(same)) ^ 15;
}

GNG_INLINE unsigned gng_four_old(gng_node *const *four, const uint32_t *base, uint32_t wins, uint32_t max_age)
{
    /* signed comparison of numbers with their highest bit turned round is unsigned comparison */
    const __m128i top = _mm_set1_epi32((int)0x80000000u);
    __m128i won = _mm_set_epi32((int)four[3]->wins, (int)four[2]->wins, (int)four[1]->wins, (int)four[0]->wins);
    __m128i age = _mm_sub_epi32(_mm_add_epi32(won, _mm_set1_epi32((int)wins)), _mm_loadu_si128((const __m128i *)base));
    __m128i old = _mm_cmpgt_epi32(_mm_xor_si128(age, top), _mm_set1_epi32((int)(max_age ^ 0x80000000u)));
    return (unsigned)_mm_movemask_ps(_mm_castsi128_ps(old));
}

#else

typedef struct {
    const float *x;
    float step;
} gng_move_all;

GNG_INLINE gng_move_all gng_all_fours(const gng_panels *panels, ptrdiff_t d, const float *x, float eps)
{
    gng_move_all all = {x, eps};
    (void)panels, (void)d;
    return all;
}

GNG_INLINE unsigned gng_move_four(const gng_panels *panels, const gng_move_all *all, ptrdiff_t d, gng_node *const *four,
                                     uint32_t batch)
{
    unsigned crossed = 0;
    for (int i = 0; i < 4; i++) {
        float *w = (float *)(four[i] + 1);
        for (int axis = 0; axis < d; axis++)
            w[axis] += all->step * (all->x[axis] - w[axis]);
        gng_write_lane(panels, d, four[i], batch);
        crossed |= (unsigned)(gng_cell_at(panels, d, w) != four[i]->cell) << i;
    }
    return crossed;
}

GNG_INLINE unsigned gng_four_old(gng_node *const *four, const uint32_t *base, uint32_t wins, uint32_t max_age)
{
    unsigned old = 0;
    for (int i = 0; i < 4; i++)
        old |= (unsigned)(wins + four[i]->wins - base[i] > max_age) << i;
    return old;
}

#endif

/* Bit i: the edge to neighbour i, of n in an edge chunk of a node that has won `wins` signals, is older than max_age. */
GNG_INLINE unsigned gng_old_edges(char *nodes, ptrdiff_t d, const gng_edge_chunk *chunk, ptrdiff_t n, uint32_t wins,
                                     uint32_t max_age)
{
    unsigned old = 0;
    for (int i = 0; i < n; i += 4) {
        gng_node *four[4];
        for (int j = 0; j < 4; j++)
            four[j] = gng_node_at(nodes, d, chunk->neighbour[i + j]);
        old |= gng_four_old(four, chunk->base + i, wins, max_age) << i;
    }
    return old & ((1u << n) - 1);
}

/* gng_move_chunk for a constant d. */
GNG_INLINE gng_moved gng_move_chunk_in(const gng_panels *panels, char *nodes, const ptrdiff_t d, const gng_edge_chunk *chunk,
                                       ptrdiff_t n, const float *x, float eps, uint32_t wins, uint32_t max_age,
                                       uint32_t batch)
{
    const gng_move_all all = gng_all_fours(panels, d, x, eps);
    gng_moved moved = {0, 0};
    for (int i = 0; i < n; i += 4) {
        gng_node *four[4];
        for (int j = 0; j < 4; j++)
            four[j] = gng_node_at(nodes, d, chunk->neighbour[i + j]);
        moved.old |= gng_four_old(four, chunk->base + i, wins, max_age) << i;
        moved.crossed |= gng_move_four(panels, &all, d, four, batch) << i;
    }
    return moved;
}

/* Move the n neighbours in an edge chunk, of a node that has won `wins` signals, towards x. They are taken four by four:
   unused entries move the dummy node. */
static inline gng_moved gng_move_chunk(const gng_panels *panels, char *nodes, ptrdiff_t d, const gng_edge_chunk *chunk,
                                       ptrdiff_t n, const float *x, float eps, uint32_t wins, uint32_t max_age,
                                       uint32_t batch)
{
    if (d == 2)
        return gng_move_chunk_in(panels, nodes, 2, chunk, n, x, eps, wins, max_age, batch);
    if (d == 3)
        return gng_move_chunk_in(panels, nodes, 3, chunk, n, x, eps, wins, max_age, batch);
    return gng_move_chunk_in(panels, nodes, 1, chunk, n, x, eps, wins, max_age, batch);
}

#endif

/* Step 5 in a grid, for one node or for the neighbours in an edge chunk side by side: w += eps (x - w), written to the nodes
   and to their panels.

   SSE2 where there is one, plain C elsewhere; the same bits. */
#ifndef GNG_MOVE_H
#define GNG_MOVE_H

#include "float_rules.h"
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

/* Where the searches read what is moved: a batch of signals marks the cells that it changes. */
typedef struct {
    float *lanes;
    gng_cell *cells;
    uint32_t batch;
} gng_written;

GNG_INLINE gng_written gng_written_to(const gng_panels *panels, uint32_t batch)
{
    gng_written to = {panels->x, panels->cells, batch};
    return to;
}

/* Write a new position to the lane of its node, and mark its cell as changed in this batch of signals. */
GNG_INLINE void gng_write_lane(gng_written to, ptrdiff_t d, const gng_node *node)
{
    const float *w = (const float *)(node + 1);
    float *lane = to.lanes + node->place;
    for (int axis = 0; axis < d; axis++)
        lane[axis * GNG_LANES] = w[axis];
    to.cells[node->cell].stamp = to.batch;
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

GNG_INLINE __m128 gng_moved_towards(const gng_move_all *all, int axis, __m128 w)
{
    return _mm_add_ps(w, _mm_mul_ps(all->step, _mm_sub_ps(all->x[axis], w)));
}

/* Bit i: the age wins[i] + `won` - base[i] is more than max_age. */
GNG_INLINE unsigned gng_old_among(__m128i wins, const uint32_t *base, uint32_t won, uint32_t max_age)
{
    /* signed comparison of numbers with their highest bit turned round is unsigned comparison */
    const uint32_t top = 0x80000000u;
    __m128i age = _mm_sub_epi32(_mm_set1_epi32((int)(won + top)), _mm_loadu_si128((const __m128i *)base));
    __m128i old = _mm_cmpgt_epi32(_mm_add_epi32(wins, age), _mm_set1_epi32((int)(max_age + top)));
    return (unsigned)_mm_movemask_ps(_mm_castsi128_ps(old));
}

GNG_INLINE unsigned gng_four_old(gng_node *const *four, const uint32_t *base, uint32_t won, uint32_t max_age)
{
    const __m128i wins = _mm_set_epi32((int)four[3]->wins, (int)four[2]->wins, (int)four[1]->wins, (int)four[0]->wins);
    return gng_old_among(wins, base, won, max_age);
}

/* ---- two dimensions: pairs of nodes ---- */

/* Where two positions lie along both axes, in whole cells, which may be negative yet. */
GNG_INLINE __m128i gng_pair_along(const gng_move_all *all, __m128 w)
{
    __m128 along = _mm_mul_ps(_mm_sub_ps(w, all->origin[0]), all->per_cell);
    return _mm_cvttps_epi32(_mm_min_ps(along, all->last[0]));
}

/* The cells of two pairs of positions. */
GNG_INLINE __m128i gng_cells_of_pairs(const gng_move_all *all, __m128i low, __m128i high)
{
    return _mm_madd_epi16(_mm_max_epi16(_mm_packs_epi32(low, high), _mm_setzero_si128()), all->strides);
}

/* Write the new positions of two nodes to the nodes and their lanes, the second first: an unused entry of the chunk may
   name the same node. */
GNG_INLINE void gng_store_pair(gng_written to, gng_node *const *pair, __m128 w)
{
    float *lane = to.lanes + pair[0]->place, *other = to.lanes + pair[1]->place;
    __m128 high = _mm_movehl_ps(w, w);
    _mm_storeh_pi((__m64 *)(pair[1] + 1), w);
    _mm_storel_pi((__m64 *)(pair[0] + 1), w);
    _mm_store_ss(lane, w);
    _mm_store_ss(lane + GNG_LANES, _mm_shuffle_ps(w, w, 1));
    _mm_store_ss(other, high);
    _mm_store_ss(other + GNG_LANES, _mm_shuffle_ps(w, w, 3));
    to.cells[pair[0]->cell].stamp = to.batch;
    to.cells[pair[1]->cell].stamp = to.batch;
}

GNG_INLINE gng_moved gng_move_two_pairs(gng_written to, const gng_move_all *all, gng_node *const *four, const uint32_t *base,
                                        uint32_t won, uint32_t max_age)
{
    __m128 row[4]; /* wins, cell and both coordinates */
    for (int i = 0; i < 4; i++)
        row[i] = _mm_loadu_ps((const float *)&four[i]->wins);
    __m128 first = _mm_unpacklo_ps(row[0], row[1]), second = _mm_unpacklo_ps(row[2], row[3]);
    __m128i wins = _mm_castps_si128(_mm_movelh_ps(first, second)), cell = _mm_castps_si128(_mm_movehl_ps(second, first));
    __m128 low = gng_moved_towards(all, 0, _mm_movehl_ps(row[1], row[0]));
    __m128 high = gng_moved_towards(all, 0, _mm_movehl_ps(row[3], row[2]));
    __m128i now = gng_cells_of_pairs(all, gng_pair_along(all, low), gng_pair_along(all, high));
    gng_store_pair(to, four + 2, high);
    gng_store_pair(to, four, low);
    gng_moved moved = {(unsigned)_mm_movemask_ps(_mm_castsi128_ps(_mm_cmpeq_epi32(cell, now))) ^ 15,
                       gng_old_among(wins, base, won, max_age)};
    return moved;
}

/* ---- one and three dimensions: four nodes, an axis after the other ---- */

/* The cells of four positions w[axis][node]. There are fewer than 2^24 of them, so that floats hold their numbers. */
GNG_INLINE __m128i gng_four_cells(const gng_move_all *all, ptrdiff_t d, const __m128 *w)
{
    __m128 cell = _mm_setzero_ps();
    for (int axis = 0; axis < d; axis++) {
        __m128 along = _mm_mul_ps(_mm_sub_ps(w[axis], all->origin[axis]), all->per_cell);
        along = _mm_min_ps(_mm_max_ps(along, _mm_setzero_ps()), all->last[axis]);
        along = _mm_cvtepi32_ps(_mm_cvttps_epi32(along));
        cell = axis ? _mm_add_ps(cell, _mm_mul_ps(along, all->stride[axis])) : along;
    }
    return _mm_cvttps_epi32(cell);
}

/* Move four neighbours; `base` is of the edges to them. */
GNG_INLINE gng_moved gng_move_four(gng_written to, const gng_move_all *all, ptrdiff_t d, gng_node *const *four,
                                   const uint32_t *base, uint32_t won, uint32_t max_age)
{
    if (d == 2)
        return gng_move_two_pairs(to, all, four, base, won, max_age);
    /* the 16 bytes up to the end of the position: in one dimension wins, cell, w[0], unused; in three cell, w[0], w[1],
       w[2] */
    const int first = d < 3 ? 2 : 1;
    const unsigned old = gng_four_old(four, base, won, max_age);
    __m128 row[4], *w = row + first;
    for (int i = 0; i < 4; i++)
        row[i] = _mm_loadu_ps((const float *)(four[i] + 1) - first);
    _MM_TRANSPOSE4_PS(row[0], row[1], row[2], row[3]);
    __m128i cell = _mm_castps_si128(row[first - 1]);
    for (int axis = 0; axis < d; axis++)
        w[axis] = gng_moved_towards(all, axis, w[axis]);
    __m128i same = _mm_cmpeq_epi32(cell, gng_four_cells(all, d, w));
    _MM_TRANSPOSE4_PS(row[0], row[1], row[2], row[3]);
    for (int i = 3; i >= 0; i--)
        _mm_storeu_ps((float *)(four[i] + 1) - first, row[i]);
    for (int i = 0; i < 4; i++)
        gng_write_lane(to, d, four[i]);
    gng_moved moved = {(unsigned)_mm_movemask_ps(_mm_castsi128_ps(same)) ^ 15, old};
    return moved;
}

#else

typedef struct {
    const gng_panels *panels;
    const float *x;
    float step;
} gng_move_all;

GNG_INLINE gng_move_all gng_all_fours(const gng_panels *panels, ptrdiff_t d, const float *x, float eps)
{
    gng_move_all all = {panels, x, eps};
    (void)d;
    return all;
}

GNG_INLINE unsigned gng_four_old(gng_node *const *four, const uint32_t *base, uint32_t won, uint32_t max_age)
{
    unsigned old = 0;
    for (int i = 0; i < 4; i++)
        old |= (unsigned)(four[i]->wins + won - base[i] > max_age) << i;
    return old;
}

GNG_INLINE gng_moved gng_move_four(gng_written to, const gng_move_all *all, ptrdiff_t d, gng_node *const *four,
                                   const uint32_t *base, uint32_t won, uint32_t max_age)
{
    gng_moved moved = {0, gng_four_old(four, base, won, max_age)};
    for (int i = 0; i < 4; i++) {
        float *w = (float *)(four[i] + 1);
        for (int axis = 0; axis < d; axis++)
            w[axis] += all->step * (all->x[axis] - w[axis]);
        gng_write_lane(to, d, four[i]);
        moved.crossed |= (unsigned)(gng_cell_at(all->panels, d, w) != four[i]->cell) << i;
    }
    return moved;
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

/* Move one node towards x; coordinates that come to be smaller than `smallest` become 0. Return whether it has left its
   cell; it is still in the panels of the old one. */
GNG_INLINE int gng_move_one(const gng_panels *panels, ptrdiff_t d, gng_node *node, const float *x, float eps, float smallest,
                            uint32_t batch)
{
    const gng_written to = gng_written_to(panels, batch);
    float *w = (float *)(node + 1);
#if GNG_MOVE_SSE2
    if (d == 2) {
        const gng_move_all all = gng_all_fours(panels, d, x, eps);
        __m128 both = gng_moved_towards(&all, 0, _mm_castsi128_ps(_mm_loadl_epi64((const __m128i *)w)));
        __m128 size = _mm_andnot_ps(_mm_set1_ps(-0.0f), both);
        both = _mm_and_ps(both, _mm_cmpnlt_ps(size, _mm_set1_ps(smallest)));
        __m128i along = gng_pair_along(&all, both);
        _mm_storel_pi((__m64 *)w, both);
        _mm_store_ss(to.lanes + node->place, both);
        _mm_store_ss(to.lanes + node->place + GNG_LANES, _mm_shuffle_ps(both, both, 1));
        to.cells[node->cell].stamp = batch;
        return _mm_cvtsi128_si32(gng_cells_of_pairs(&all, along, along)) != node->cell;
    }
#endif
    for (int axis = 0; axis < d; axis++)
        w[axis] = gng_flushed(w[axis] + eps * (x[axis] - w[axis]), smallest);
    gng_write_lane(to, d, node);
    return gng_cell_at(panels, d, w) != node->cell;
}

/* gng_move_chunk for a constant d. */
GNG_INLINE gng_moved gng_move_chunk_in(const gng_panels *panels, char *nodes, const ptrdiff_t d, const gng_edge_chunk *chunk,
                                       ptrdiff_t n, const float *x, float eps, uint32_t wins, uint32_t max_age,
                                       uint32_t batch)
{
    const gng_move_all all = gng_all_fours(panels, d, x, eps);
    const gng_written to = gng_written_to(panels, batch);
    gng_moved moved = {0, 0};
    for (int i = 0; i < n; i += 4) {
        gng_node *four[4];
        for (int j = 0; j < 4; j++)
            four[j] = gng_node_at(nodes, d, chunk->neighbour[i + j]);
        const gng_moved some = gng_move_four(to, &all, d, four, chunk->base + i, wins, max_age);
        moved.old |= some.old << i;
        moved.crossed |= some.crossed << i;
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

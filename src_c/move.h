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

#if GNG_MOVE_SSE2

/* What is the same for all nodes that a signal moves, laid out as positions lie in memory: up to two dimensions a register
   holds those of two nodes, in three that of one. What follows the only or the third coordinate of a record moves along,
   towards 0, and nobody reads it. */
typedef struct {
    __m128 step, x, origin, last, per_cell;
    __m128i strides, layer;
} gng_move_all;

GNG_ASSERT(cells_along_an_axis_fit_into_16_bits, GNG_MOST_CELLS_ALONG <= INT16_MAX);
GNG_ASSERT(a_3d_record_ends_with_a_register, sizeof(gng_node) + sizeof(__m128) == GNG_STRIDE_3D * sizeof(float));

GNG_INLINE __m128 gng_load_two(const void *p) { return _mm_castsi128_ps(_mm_loadl_epi64((const __m128i *)p)); }

/* The 8 bytes at `high` beside those at `low`. */
GNG_INLINE __m128 gng_load_both(const void *low, const void *high)
{
    return _mm_loadh_pi(gng_load_two(low), (const __m64 *)high);
}

GNG_INLINE gng_move_all gng_move_all_by(const gng_panels *panels, ptrdiff_t d, const float *x, float eps)
{
    gng_move_all all;
    all.step = _mm_set1_ps(eps);
    all.per_cell = _mm_set1_ps(panels->per_cell);
    all.strides = _mm_loadu_si128((const __m128i *)panels->strides);
    all.layer = _mm_set1_epi32(panels->layer);
    all.origin = _mm_loadu_ps(panels->origin);
    all.last = _mm_loadu_ps(panels->last);
    __m128 start = d > 1 ? gng_load_two(x) : _mm_load_ss(x); /* nothing may follow a signal */
    all.x = _mm_movelh_ps(start, d == 3 ? _mm_load_ss(x + 2) : start);
    return all;
}

GNG_INLINE __m128 gng_moved_towards(const gng_move_all *all, __m128 w)
{
    return _mm_add_ps(w, _mm_mul_ps(all->step, _mm_sub_ps(all->x, w)));
}

/* Where positions lie along the axes, in whole cells, which may be negative yet. */
GNG_INLINE __m128i gng_along_axes(const gng_move_all *all, __m128 w)
{
    return _mm_cvttps_epi32(_mm_min_ps(_mm_mul_ps(_mm_sub_ps(w, all->origin), all->per_cell), all->last));
}

/* The cells of the positions in two registers: four up to two dimensions, in three two of them, in the first and in the third
   lane. */
GNG_INLINE __m128i gng_cells_at(const gng_move_all *all, ptrdiff_t d, __m128i low, __m128i high)
{
    __m128i along = _mm_max_epi16(_mm_packs_epi32(low, high), _mm_setzero_si128());
    __m128i cells = _mm_madd_epi16(along, all->strides);
    if (d == 3) /* the third coordinate is still apart */
        cells = _mm_add_epi32(cells, _mm_mul_epu32(_mm_srli_epi64(cells, 32), all->layer));
    return cells;
}

/* Write the position in the two lanes from `from` on, or in three dimensions in the first three, to the lane of its node, and
   mark its cell as changed in this batch of signals. */
GNG_INLINE void gng_write_lane(gng_written to, ptrdiff_t d, const gng_node *node, __m128 w, const int from)
{
    float *lane = to.lanes + node->place;
    __m128i bits = _mm_castps_si128(w);
    _mm_store_ss(lane, from ? _mm_castsi128_ps(_mm_shuffle_epi32(bits, 2)) : w);
    if (d > 1)
        _mm_store_ss(lane + GNG_LANES, _mm_castsi128_ps(from ? _mm_shuffle_epi32(bits, 3) : _mm_shuffle_epi32(bits, 1)));
    if (d > 2)
        _mm_store_ss(lane + 2 * GNG_LANES, _mm_castsi128_ps(_mm_shuffle_epi32(bits, 2)));
    to.cells[node->cell].stamp = to.batch;
}

/* Move four neighbours, which are all read before the first of them is written: unused entries name the same node. */
GNG_INLINE __m128i gng_move_to_cells(gng_written to, const gng_move_all *all, ptrdiff_t d, gng_node *const *four)
{
    if (d == 3) {
        __m128 w[4];
        for (int i = 0; i < 4; i++)
            w[i] = gng_moved_towards(all, _mm_loadu_ps((const float *)(four[i] + 1)));
        __m128i low = gng_cells_at(all, d, gng_along_axes(all, w[0]), gng_along_axes(all, w[1]));
        __m128i high = gng_cells_at(all, d, gng_along_axes(all, w[2]), gng_along_axes(all, w[3]));
        for (int i = 0; i < 4; i++) {
            _mm_storeu_ps((float *)(four[i] + 1), w[i]);
            gng_write_lane(to, d, four[i], w[i], 0);
        }
        return _mm_castps_si128(_mm_shuffle_ps(_mm_castsi128_ps(low), _mm_castsi128_ps(high), _MM_SHUFFLE(2, 0, 2, 0)));
    }
    __m128 w[2];
    for (int i = 0; i < 2; i++)
        w[i] = gng_moved_towards(all, gng_load_both(four[2 * i] + 1, four[2 * i + 1] + 1));
    for (int i = 0; i < 2; i++) {
        _mm_storel_pi((__m64 *)(four[2 * i] + 1), w[i]);
        _mm_storeh_pi((__m64 *)(four[2 * i + 1] + 1), w[i]);
        gng_write_lane(to, d, four[2 * i], w[i], 0);
        gng_write_lane(to, d, four[2 * i + 1], w[i], 2);
    }
    return gng_cells_at(all, d, gng_along_axes(all, w[0]), gng_along_axes(all, w[1]));
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

/* Move four neighbours; `base` is of the edges to them. */
GNG_INLINE gng_moved gng_move_four(gng_written to, const gng_move_all *all, ptrdiff_t d, gng_node *const *four,
                                   const uint32_t *base, uint32_t won, uint32_t max_age)
{
    /* wins and cell of two nodes each */
    __m128 low = gng_load_both(&four[0]->wins, &four[1]->wins), high = gng_load_both(&four[2]->wins, &four[3]->wins);
    __m128i wins = _mm_castps_si128(_mm_shuffle_ps(low, high, _MM_SHUFFLE(2, 0, 2, 0)));
    __m128i cell = _mm_castps_si128(_mm_shuffle_ps(low, high, _MM_SHUFFLE(3, 1, 3, 1)));
    __m128i same = _mm_cmpeq_epi32(cell, gng_move_to_cells(to, all, d, four));
    gng_moved moved = {(unsigned)_mm_movemask_ps(_mm_castsi128_ps(same)) ^ 15, gng_old_among(wins, base, won, max_age)};
    return moved;
}

#else

typedef struct {
    const gng_panels *panels;
    const float *x;
    float step;
} gng_move_all;

GNG_INLINE gng_move_all gng_move_all_by(const gng_panels *panels, ptrdiff_t d, const float *x, float eps)
{
    gng_move_all all = {panels, x, eps};
    (void)d;
    return all;
}

GNG_INLINE void gng_write_lane(gng_written to, ptrdiff_t d, const gng_node *node)
{
    const float *w = (const float *)(node + 1);
    float *lane = to.lanes + node->place;
    for (int axis = 0; axis < d; axis++)
        lane[axis * GNG_LANES] = w[axis];
    to.cells[node->cell].stamp = to.batch;
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
    const gng_move_all all = gng_move_all_by(panels, d, x, eps);
    __m128 moved = gng_moved_towards(&all, d == 3 ? _mm_loadu_ps(w) : gng_load_two(w));
    moved = _mm_and_ps(moved, _mm_cmpnlt_ps(_mm_andnot_ps(_mm_set1_ps(-0.0f), moved), _mm_set1_ps(smallest)));
    if (d == 3)
        _mm_storeu_ps(w, moved);
    else
        _mm_storel_pi((__m64 *)w, moved);
    gng_write_lane(to, d, node, moved, 0);
    __m128i along = gng_along_axes(&all, moved);
    return _mm_cvtsi128_si32(gng_cells_at(&all, d, along, along)) != node->cell;
#else
    for (int axis = 0; axis < d; axis++)
        w[axis] = gng_flushed(w[axis] + eps * (x[axis] - w[axis]), smallest);
    gng_write_lane(to, d, node);
    return gng_cell_at(panels, d, w) != node->cell;
#endif
}

/* gng_move_chunk for a constant d. */
GNG_INLINE gng_moved gng_move_chunk_in(const gng_panels *panels, char *nodes, const ptrdiff_t d, const gng_edge_chunk *chunk,
                                       ptrdiff_t n, const float *x, float eps, uint32_t wins, uint32_t max_age,
                                       uint32_t batch)
{
    const gng_move_all all = gng_move_all_by(panels, d, x, eps);
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

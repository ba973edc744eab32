/* The search in terms of eight lanes (lanes.h). Included once for each instruction set, with

   NAME(f)   f with the name of the instruction set
   TARGET    what stands before every small function: inline, for this instruction set
   ENTRY     what stands before a function that is called by pointer */

#include "lanes.h"

/* Squared distances of x to the eight nodes of a panel. */
TARGET LANES NAME(distances)(const float *panel, ptrdiff_t d, const float *x)
{
    LANES diff = NAME(sub)(NAME(load)(panel), NAME(all)(x[0]));
    LANES sum = NAME(mul)(diff, diff);
    for (ptrdiff_t k = 1; k < d; k++) {
        diff = NAME(sub)(NAME(load)(panel + k * GNG_LANES), NAME(all)(x[k]));
        sum = NAME(add)(sum, NAME(mul)(diff, diff));
    }
    return sum;
}

/* Offer those lanes of panel p that are as near as the second nearest so far. */
TARGET void NAME(offer_panel)(const gng_index *index, ptrdiff_t p, LANES distances, gng_hit *hit)
{
    unsigned near = NAME(le)(distances, NAME(all)(hit->d2));
    if (near) {
        float distance[GNG_LANES];
        NAME(store)(distance, distances);
        for (; near; near &= near - 1) {
            int lane = lowest_bit(near);
            offer(hit, distance[lane], index->id[p * GNG_LANES + lane]);
        }
    }
}

/* Search GNG_LEAF panels side by side, to hide the latency of the additions; give up once all of them are too far. */
TARGET void NAME(search_leaf)(const gng_index *index, ptrdiff_t first, ptrdiff_t d, const float *x, gng_hit *hit)
{
    const float *panel = index->x + first * d * GNG_LANES;
    LANES sum[GNG_LEAF], bound = NAME(all)(hit->d2);
    for (int j = 0; j < GNG_LEAF; j++) {
        LANES diff = NAME(sub)(NAME(load)(panel + j * d * GNG_LANES), NAME(all)(x[0]));
        sum[j] = NAME(mul)(diff, diff);
    }
    for (ptrdiff_t k = 1; k < d;) {
        ptrdiff_t stop = k + 8 < d ? k + 8 : d;
        for (; k < stop; k++) {
            LANES xk = NAME(all)(x[k]);
            for (int j = 0; j < GNG_LEAF; j++) {
                LANES diff = NAME(sub)(NAME(load)(panel + (j * d + k) * GNG_LANES), xk);
                sum[j] = NAME(add)(sum[j], NAME(mul)(diff, diff));
            }
        }
        LANES least = NAME(min)(NAME(min)(sum[0], sum[1]), NAME(min)(sum[2], sum[3]));
        if (k < d && !NAME(le)(least, bound))
            return;
    }
    for (int j = 0; j < GNG_LEAF; j++)
        NAME(offer_panel)(index, first + j, sum[j], hit);
}

TARGET void NAME(search_flat)(const gng_index *index, ptrdiff_t d, const float *x, gng_hit *hit)
{
    for (ptrdiff_t p = 0; p < index->n_panels; p += GNG_LEAF)
        NAME(search_leaf)(index, p, d, x, hit);
}

/* ---- grid ------------------------------------------------------------------------------------------------------- */

/* Offer the panels that continue cell c. */
TARGET void NAME(search_chain)(const gng_index *index, ptrdiff_t c, ptrdiff_t d, const float *x, gng_hit *hit)
{
    for (int32_t p = index->next[c]; p >= 0; p = index->next[p])
        NAME(offer_panel)(index, p, NAME(distances)(index->x + p * d * GNG_LANES, d, x), hit);
}

/* Search the cells from `low` to `high` along each axis. */
TARGET void NAME(search_cells)(const gng_index *index, const int32_t *low, const int32_t *high, ptrdiff_t d,
                               const float *x, gng_hit *hit)
{
    for (int32_t c2 = d > 2 ? low[2] : 0; c2 <= (d > 2 ? high[2] : 0); c2++)
        for (int32_t c1 = d > 1 ? low[1] : 0; c1 <= (d > 1 ? high[1] : 0); c1++)
            for (int32_t c0 = low[0]; c0 <= high[0]; c0++) {
                ptrdiff_t c = c0 + (ptrdiff_t)index->side[0] * (c1 + (d > 2 ? (ptrdiff_t)index->side[1] * c2 : 0));
                NAME(offer_panel)(index, c, NAME(distances)(index->x + c * d * GNG_LANES, d, x), hit);
                NAME(search_chain)(index, c, d, x, hit);
            }
}

/* Search wider and wider around the cells from `low` on, two along each axis, until the result is proven. */
TARGET void NAME(search_wider)(const gng_index *index, const int32_t *low, ptrdiff_t d, const float *x, gng_hit *hit)
{
    for (int32_t more = 1;; more *= 2) {
        int32_t first[GNG_MAX_GRID_D], last[GNG_MAX_GRID_D];
        float margin = INFINITY;
        for (int axis = 0; axis < d; axis++) {
            float along = gng_along(index, axis, x[axis]);
            first[axis] = low[axis] - more;
            last[axis] = low[axis] + 1 + more;
            if (first[axis] <= 0)
                first[axis] = 0; /* nothing lies below the grid: its lowest cells reach to minus infinity */
            else
                margin = smaller(margin, along - (float)first[axis]);
            if (last[axis] >= index->side[axis] - 1)
                last[axis] = index->side[axis] - 1;
            else
                margin = smaller(margin, (float)(last[axis] + 1) - along);
        }
        forget(hit);
        NAME(search_cells)(index, first, last, d, x, hit);
        if (margin == INFINITY || proven(index, margin, hit->d2))
            return;
    }
}

/* Look at the 2^d cells nearest to x. Whatever is out of the ordinary (equal distances, cells that overflow, a second
   node too far away to be sure of) takes the slow way. */
TARGET void NAME(search_grid)(const gng_index *index, const int d, const float *x, gng_hit *hit)
{
    int32_t low[GNG_MAX_GRID_D];
    ptrdiff_t cells[1 << GNG_MAX_GRID_D], stride = 1;
    float margin = INFINITY;
    const int n = 1 << d;
    cells[0] = 0;
    for (int axis = 0; axis < d; axis++) {
        float along = gng_along(index, axis, x[axis]);
        low[axis] = gng_clamp_cell(along - 0.5f, index->last[axis] - 1.0f);
        margin = smaller(margin, smaller(along - (float)low[axis], (float)(low[axis] + 2) - along));
        for (int j = 0; j < 1 << axis; j++) {
            cells[j] += low[axis] * stride;
            cells[j + (1 << axis)] = cells[j] + stride;
        }
        stride *= index->side[axis];
    }
    LANES v[1 << GNG_MAX_GRID_D];
    int chained = 0;
    for (int j = 0; j < n; j++) {
        v[j] = NAME(distances)(index->x + cells[j] * d * GNG_LANES, d, x);
        chained |= index->next[cells[j]] >= 0;
    }
    LANES least = v[0];
    for (int j = 1; j < n; j++)
        least = NAME(min)(least, v[j]);
    hit->d1 = NAME(least)(least);
    LANES d1 = NAME(all)(hit->d1);
    uint64_t first = 0, second = 0;
    for (int j = 0; j < n; j++) {
        first |= (uint64_t)NAME(eq)(v[j], d1) << (j * GNG_LANES);
        v[j] = NAME(infinite_where_eq)(v[j], d1);
    }
    least = v[0];
    for (int j = 1; j < n; j++)
        least = NAME(min)(least, v[j]);
    hit->d2 = NAME(least)(least);
    LANES d2 = NAME(all)(hit->d2);
    for (int j = 0; j < n; j++)
        second |= (uint64_t)NAME(eq)(v[j], d2) << (j * GNG_LANES);
    hit->cell = (int32_t)cells[0];
    if (several_bits(first) | several_bits(second) | chained | !(hit->d2 < INFINITY)) {
        int32_t high[GNG_MAX_GRID_D];
        for (int axis = 0; axis < d; axis++)
            high[axis] = low[axis] + 1;
        forget(hit);
        NAME(search_cells)(index, low, high, d, x, hit);
    } else {
        int lane = lowest_bit64(first);
        hit->s1 = index->id[cells[lane / GNG_LANES] * GNG_LANES + lane % GNG_LANES];
        lane = lowest_bit64(second);
        hit->s2 = index->id[cells[lane / GNG_LANES] * GNG_LANES + lane % GNG_LANES];
    }
    if (!proven(index, margin, hit->d2)) {
        hit->cell = -1;
        NAME(search_wider)(index, low, d, x, hit);
    }
}

/* ---- leaves ----------------------------------------------------------------------------------------------------- */

/* A lower bound of the squared distance of x to all nodes of a leaf: to its box. Summed in another order than the
   distances, so the bound is lowered by what rounding can make of it. */
TARGET float NAME(distance_to_box)(const float *low, const float *high, ptrdiff_t d, const float *x)
{
    LANES zero = NAME(all)(0.0f), sums = zero;
    float sum[GNG_LANES];
    ptrdiff_t k = 0;
    for (; k + GNG_LANES <= d; k += GNG_LANES) {
        LANES xs = NAME(load)(x + k);
        LANES below = NAME(sub)(NAME(load)(low + k), xs), above = NAME(sub)(xs, NAME(load)(high + k));
        LANES outside = NAME(max)(NAME(max)(below, above), zero);
        sums = NAME(add)(sums, NAME(mul)(outside, outside));
    }
    NAME(store)(sum, sums);
    for (; k < d; k++) {
        float outside = low[k] - x[k] > x[k] - high[k] ? low[k] - x[k] : x[k] - high[k];
        if (outside > 0)
            sum[k % GNG_LANES] += outside * outside;
    }
    float total = ((sum[0] + sum[1]) + (sum[2] + sum[3])) + ((sum[4] + sum[5]) + (sum[6] + sum[7]));
    return total * (1.0f - 2e-7f * (float)(d + 16));
}

TARGET void NAME(search_leaves)(const gng_index *index, ptrdiff_t d, const float *x, float *bound, gng_hit *hit)
{
    ptrdiff_t n_leaves = index->n_panels / GNG_LEAF, nearest = 0;
    for (ptrdiff_t leaf = 0; leaf < n_leaves; leaf++) {
        bound[leaf] = NAME(distance_to_box)(index->low + leaf * d, index->high + leaf * d, d, x);
        nearest = bound[leaf] < bound[nearest] ? leaf : nearest;
    }
    NAME(search_leaf)(index, nearest * GNG_LEAF, d, x, hit);
    hit->looked = 1;
    for (ptrdiff_t leaf = 0; leaf < n_leaves; leaf++)
        if (bound[leaf] <= hit->d2 && leaf != nearest) {
            NAME(search_leaf)(index, leaf * GNG_LEAF, d, x, hit);
            hit->looked++;
        }
}

/* ----------------------------------------------------------------------------------------------------------------- */

TARGET void NAME(search_one)(const gng_index *index, const float *x, float *work, gng_hit *hit)
{
    forget(hit);
    hit->cell = -1;
    hit->looked = 0;
    /* a constant d lets the compiler unroll the sums */
    if (index->kind == GNG_FLAT)
        index->d == 2 ? NAME(search_flat)(index, 2, x, hit) : NAME(search_flat)(index, index->d, x, hit);
    else if (index->kind == GNG_LEAVES)
        NAME(search_leaves)(index, index->d, x, work, hit);
    else if (index->d == 2)
        NAME(search_grid)(index, 2, x, hit);
    else if (index->d == 3)
        NAME(search_grid)(index, 3, x, hit);
    else
        NAME(search_grid)(index, 1, x, hit);
}

ENTRY void NAME(search)(const gng_index *index, const float *const *signals, int n, float *work, gng_hit *hits)
{
    for (int i = 0; i < n; i++)
        NAME(search_one)(index, signals[i], work, hits + i);
}

#undef LANES

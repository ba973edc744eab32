/* The search in terms of eight lanes (lanes.h). Included once for each instruction set, with

   NAME(f)   f with the name of the instruction set
   TARGET    what stands before every small function: inline, for this instruction set
   ENTRY     what stands before a function that is called by pointer */

#include "rows_kernels.h"

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
TARGET void NAME(offer_panel)(const gng_panels *panels, ptrdiff_t p, LANES distances, gng_hit *hit)
{
    unsigned near = NAME(le)(distances, NAME(all)(hit->d2));
    if (near) {
        float distance[GNG_LANES];
        NAME(store)(distance, distances);
        for (; near; near &= near - 1) {
            int lane = lowest_bit(near);
            offer(hit, distance[lane], panels->id[p * GNG_LANES + lane]);
        }
    }
}

/* Search GNG_LEAF panels side by side, to hide the latency of the additions; give up once all of them are too far. */
TARGET void NAME(search_leaf)(const gng_panels *panels, ptrdiff_t first, ptrdiff_t d, const float *x, gng_hit *hit)
{
    const float *panel = panels->x + first * d * GNG_LANES;
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
        LANES least = sum[0];
        for (int j = 1; j < GNG_LEAF; j++)
            least = NAME(min)(least, sum[j]);
        if (k < d && !NAME(le)(least, bound))
            return;
    }
    for (int j = 0; j < GNG_LEAF; j++)
        NAME(offer_panel)(panels, first + j, sum[j], hit);
}

/* Search n panels, all of them at once and without a branch; of equal distances search_leaf finds the right node. */
TARGET void NAME(search_small)(const gng_panels *panels, const int n, ptrdiff_t d, const float *x, gng_hit *hit)
{
    LANES sum[GNG_LEAF], least, second;
    for (int j = 0; j < n; j++) {
        LANES diff = NAME(sub)(NAME(load)(panels->x + j * d * GNG_LANES), NAME(all)(x[0]));
        sum[j] = NAME(mul)(diff, diff);
    }
    for (ptrdiff_t k = 1; k < d; k++) {
        LANES xk = NAME(all)(x[k]);
        for (int j = 0; j < n; j++) {
            LANES diff = NAME(sub)(NAME(load)(panels->x + (j * d + k) * GNG_LANES), xk);
            sum[j] = NAME(add)(sum[j], NAME(mul)(diff, diff));
        }
    }
    NAME(least_of_lanes)(sum, n, &least, &second);
    NAME(two_least)(least, second, &hit->d1, &hit->d2);
    uint64_t first = NAME(where_eq)(sum, n, hit->d1), next = NAME(where_eq)(sum, n, hit->d2);
    if (several_bits(first) | several_bits(next) | !(hit->d2 < INFINITY)) {
        forget(hit);
        NAME(search_leaf)(panels, 0, d, x, hit);
        return;
    }
    hit->s1 = panels->id[lowest_bit64(first)];
    hit->s2 = panels->id[lowest_bit64(next)];
}

/* Search no more panels than hold nodes, two, four or eight. A constant number lets the compiler unroll the loops. */
TARGET void NAME(search_few)(const gng_panels *panels, ptrdiff_t d, const float *x, gng_hit *hit)
{
    if (panels->n_inside <= 2 * GNG_LANES)
        NAME(search_small)(panels, 2, d, x, hit);
    else if (panels->n_inside <= 4 * GNG_LANES)
        NAME(search_small)(panels, 4, d, x, hit);
    else
        NAME(search_small)(panels, 8, d, x, hit);
}

TARGET void NAME(search_some)(const gng_panels *panels, ptrdiff_t first, ptrdiff_t d, const float *x, gng_hit *hit)
{
    if (d < GNG_ROWS_FROM)
        NAME(search_leaf)(panels, first, d, x, hit);
    else
        NAME(search_rows)(panels, first, d, x, hit);
}

TARGET void NAME(search_flat)(const gng_panels *panels, ptrdiff_t d, const float *x, gng_hit *hit)
{
    if (panels->n_inside <= GNG_LEAF * GNG_LANES && d < GNG_ROWS_FROM)
        NAME(search_few)(panels, d, x, hit);
    else
        for (ptrdiff_t p = 0; p < panels->n_panels; p += GNG_LEAF)
            NAME(search_some)(panels, p, d, x, hit);
}

#include "grid_kernels.h"

/* ---- leaves ----------------------------------------------------------------------------------------------------- */

TARGET void NAME(search_one_leaf)(const gng_panels *panels, ptrdiff_t leaf, ptrdiff_t d, const float *x, gng_put_by *put_by,
                                  gng_hit *hit)
{
#if defined(ISA_CODES)
    if (d >= GNG_ROWS_FROM && panels->coder)
        panels->coder->search(panels, leaf, d, x, put_by, hit);
    else
#endif
        NAME(search_some)(panels, leaf * GNG_LEAF, d, x, hit);
    hit->visited++;
    (void)put_by;
}

/* A lower bound of the squared distance of x to everything in a box; where it is more than `enough`, it may be of some of
   the coordinates only. It is summed in another order than the distances, so it is lowered by what rounding can make of
   that. */
TARGET float NAME(distance_to_box)(const float *low, const float *high, ptrdiff_t d, const float *x, float enough)
{
    LANES zero = NAME(all)(0.0f), sums = zero, limit = NAME(all)(enough);
    ptrdiff_t k = 0;
    for (; k + GNG_LANES <= d; k += GNG_LANES) {
        LANES xs = NAME(load)(x + k);
        LANES below = NAME(sub)(NAME(load)(low + k), xs), above = NAME(sub)(xs, NAME(load)(high + k));
        LANES outside = NAME(max)(NAME(max)(below, above), zero);
        sums = NAME(add)(sums, NAME(mul)(outside, outside));
        if (d >= GNG_ROWS_FROM && k % (2 * GNG_LANES) && NAME(le)(sums, limit) != 0xff)
            return NAME(total)(sums) * (1.0f - 2e-7f * (float)(d + 16));
    }
    float total = NAME(total)(sums);
    for (; k < d; k++) {
        float outside = low[k] - x[k] > x[k] - high[k] ? low[k] - x[k] : x[k] - high[k];
        if (outside > 0)
            total += outside * outside;
    }
    return total * (1.0f - 2e-7f * (float)(d + 16));
}

/* `distance_to_box` of n coordinates from the one numbered `from` on. */
TARGET float NAME(distance_to_leaf)(const gng_panels *panels, ptrdiff_t leaf, ptrdiff_t from, ptrdiff_t n, const float *x,
                                    float enough)
{
    const ptrdiff_t at = leaf * panels->d + from;
    return NAME(distance_to_box)(panels->low + at, panels->high + at, n, x + from, enough);
}

TARGET float NAME(distance_to_branch)(const gng_panels *panels, ptrdiff_t branch, ptrdiff_t from, ptrdiff_t n, const float *x,
                                      float enough)
{
    const ptrdiff_t at = branch * panels->d + from;
    return NAME(distance_to_box)(panels->branch_low + at, panels->branch_high + at, n, x + from, enough);
}

/* Search the leaves of one branch that may hold something near enough: the nearest, and then always the nearest of those that
   are left, or below GNG_ROWS_FROM dimensions, where that takes longer than to search some more, one after the other. Some
   coordinates tell most of them from the others; of what they do not, all coordinates are looked at. */
TARGET void NAME(search_branch)(const gng_panels *panels, ptrdiff_t branch, ptrdiff_t d, const float *x, gng_put_by *put_by,
                                gng_hit *hit)
{
    const ptrdiff_t first = branch * GNG_BRANCH, left = panels->n_panels / GNG_LEAF - first;
    const ptrdiff_t n = left < GNG_BRANCH ? left : GNG_BRANCH, some = d < GNG_ROWS_FROM ? d : GNG_ROWS_FROM;
    float bound[GNG_BRANCH], reach = reach_of(panels, put_by, hit);
    for (ptrdiff_t i = 0; i < n; i++)
        bound[i] = NAME(distance_to_leaf)(panels, first + i, panels->telling, some, x, INFINITY);
    for (ptrdiff_t i = least_within(bound, n, reach), next = 0; i >= 0;) {
        if (d == some || NAME(distance_to_leaf)(panels, first + i, 0, d, x, reach) <= reach)
            NAME(search_one_leaf)(panels, first + i, d, x, put_by, hit);
        bound[i] = NAN;
        reach = reach_of(panels, put_by, hit);
        i = next = d < GNG_ROWS_FROM ? next_within(bound, next, n, reach) : least_within(bound, n, reach);
    }
}

TARGET void NAME(search_leaves)(const gng_panels *panels, ptrdiff_t d, const float *x, float *bound, gng_hit *hit)
{
    const ptrdiff_t n = (panels->n_panels / GNG_LEAF + GNG_BRANCH - 1) / GNG_BRANCH;
    const ptrdiff_t some = d < GNG_ROWS_FROM ? d : GNG_ROWS_FROM;
    float reach;
    gng_put_by put_by;
    put_by.n = 0;
    put_by.first = put_by.second = INFINITY;
    for (ptrdiff_t i = 0; i < n; i++)
        bound[i] = NAME(distance_to_branch)(panels, i, panels->telling, some, x, INFINITY);
    reach = reach_of(panels, &put_by, hit);
    for (ptrdiff_t i = least_within(bound, n, reach), next = 0; i >= 0;) {
        if (d == some || NAME(distance_to_branch)(panels, i, 0, d, x, reach) <= reach)
            NAME(search_branch)(panels, i, d, x, &put_by, hit);
        bound[i] = NAN;
        reach = reach_of(panels, &put_by, hit);
        i = next = d < GNG_ROWS_FROM ? next_within(bound, next, n, reach) : least_within(bound, n, reach);
    }
#if defined(ISA_CODES)
    NAME(search_put_by)(panels, &put_by, d, x, hit);
#endif
}

/* ----------------------------------------------------------------------------------------------------------------- */

TARGET void NAME(search_panels)(const gng_panels *panels, const float *x, float *work, gng_hit *hit)
{
    forget(hit);
    hit->cell = -1;
    hit->visited = panels->kind == GNG_FLAT;
    /* a constant d lets the compiler unroll the sums */
    if (panels->kind == GNG_FLAT)
        switch (panels->d) {
        case 2: NAME(search_flat)(panels, 2, x, hit); break;
        case 3: NAME(search_flat)(panels, 3, x, hit); break;
        case 4: NAME(search_flat)(panels, 4, x, hit); break;
        case 8: NAME(search_flat)(panels, 8, x, hit); break;
        case 16: NAME(search_flat)(panels, 16, x, hit); break;
        default: NAME(search_flat)(panels, panels->d, x, hit);
        }
    else
        panels->d == 16 ? NAME(search_leaves)(panels, 16, x, work, hit)
                       : NAME(search_leaves)(panels, panels->d, x, work, hit);
}

#if !defined(ISA_AVX512) /* the search with AVX2 serves: wider lanes gain little there */
ENTRY void NAME(search)(const gng_panels *panels, const float *const *signals, int n, float *work, gng_hit *hits)
{
    if (panels->kind != GNG_GRID)
        for (int i = 0; i < n; i++)
            NAME(search_panels)(panels, signals[i], work, hits + i);
    else if (panels->d == 2)
        NAME(search_grid_of)(panels, 2, NAME(staged), signals, n, hits);
    else if (panels->d == 3)
        NAME(search_grid_of)(panels, 3, NAME(staged_3d), signals, n, hits);
    else
        NAME(search_grid_of)(panels, 1, NAME(staged), signals, n, hits);
}
#endif

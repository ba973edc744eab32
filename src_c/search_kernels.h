/* The search in terms of eight lanes (lanes.h). Included once for each instruction set, with

   NAME(f)   f with the name of the instruction set
   TARGET    what stands before every small function: inline, for this instruction set
   ENTRY     what stands before a function that is called by pointer */

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

/* The squared distance of x to a row, or something above `bound` if it is above that. */
TARGET float NAME(distance_to_row)(const float *w, ptrdiff_t d, const float *x, float bound)
{
    LANES sums = NAME(all)(0.0f);
    ptrdiff_t k = 0;
    while (k + GNG_LANES <= d) {
        ptrdiff_t whole = d - d % GNG_LANES, stop = k + 8 * GNG_LANES < whole ? k + 8 * GNG_LANES : whole;
        for (; k < stop; k += GNG_LANES) {
            LANES diff = NAME(sub)(NAME(load)(w + k), NAME(load)(x + k));
            sums = NAME(add)(sums, NAME(mul)(diff, diff));
        }
        if (k < d && NAME(total)(sums) > bound)
            return INFINITY; /* more coordinates can only add to it */
    }
    if (k < d) {
        float sum[GNG_LANES];
        NAME(store)(sum, sums);
        for (; k < d; k++) {
            float diff = w[k] - x[k];
            sum[k % GNG_LANES] += diff * diff;
        }
        sums = NAME(load)(sum);
    }
    return NAME(total)(sums);
}

/* Search the rows of GNG_LEAF panels. */
TARGET void NAME(search_rows)(const gng_panels *panels, ptrdiff_t first, ptrdiff_t d, const float *x, gng_hit *hit)
{
    const int32_t *id = panels->id + first * GNG_LANES;
    for (int i = 0; i < GNG_LEAF * GNG_LANES && id[i] >= 0; i++) {
        float distance = NAME(distance_to_row)(panels->rows + id[i] * gng_row_stride(d), d, x, hit->d2);
        if (distance <= hit->d2)
            offer(hit, distance, id[i]);
    }
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
    for (ptrdiff_t p = 0; p < panels->n_panels; p += GNG_LEAF)
        NAME(search_some)(panels, p, d, x, hit);
}

/* ---- grid ------------------------------------------------------------------------------------------------------- */

/* Offer the panels that follow panel p in the chain of its cell. */
TARGET void NAME(search_chain)(const gng_panels *panels, int32_t p, ptrdiff_t d, const float *x, gng_hit *hit)
{
    while ((p = panels->next[p]) >= 0) {
        NAME(offer_panel)(panels, p, NAME(distances)(panels->x + p * d * GNG_LANES, d, x), hit);
        hit->visited++;
    }
}

/* Search the cells from `low` to `high` along each axis, but for those that `done` covers. */
TARGET void NAME(search_cells)(const gng_panels *panels, const gng_cells *cells, const gng_cells *done, ptrdiff_t d,
                               const float *x, gng_hit *hit)
{
    for (int32_t c2 = d > 2 ? cells->low[2] : 0; c2 <= (d > 2 ? cells->high[2] : 0); c2++)
        for (int32_t c1 = d > 1 ? cells->low[1] : 0; c1 <= (d > 1 ? cells->high[1] : 0); c1++) {
            int done_row = done && (d < 2 || (c1 >= done->low[1] && c1 <= done->high[1]))
                           && (d < 3 || (c2 >= done->low[2] && c2 <= done->high[2]));
            for (int32_t c0 = cells->low[0]; c0 <= cells->high[0]; c0++) {
                if (done_row && c0 == done->low[0] && (c0 = done->high[0] + 1) > cells->high[0])
                    break;
                ptrdiff_t c = c0 + (ptrdiff_t)panels->side[0] * (c1 + (d > 2 ? (ptrdiff_t)panels->side[1] * c2 : 0));
                int32_t p = panels->cells[c].panel & ~GNG_CHAINED;
                hit->visited++;
                if (p == GNG_EMPTY)
                    continue;
                NAME(offer_panel)(panels, p, NAME(distances)(panels->x + p * d * GNG_LANES, d, x), hit);
                NAME(search_chain)(panels, p, d, x, hit);
            }
        }
}

/* `done` has been searched, and leaves something out: search on to where nothing nearer than the second node can lie. */
TARGET void NAME(search_wider)(const gng_panels *panels, gng_cells done, ptrdiff_t d, const float *x, gng_hit *hit)
{
    gng_cells cells;
    for (int32_t more = 1; !(hit->d2 < INFINITY); more *= 2) {
        int whole = 1;
        for (int axis = 0; axis < d; axis++) {
            int32_t last = panels->side[axis] - 1;
            cells.low[axis] = done.low[axis] > more ? done.low[axis] - more : 0;
            cells.high[axis] = done.high[axis] < last - more ? done.high[axis] + more : last;
            whole &= cells.low[axis] == 0 && cells.high[axis] == last;
        }
        NAME(search_cells)(panels, &cells, &done, d, x, hit);
        done = cells;
        if (whole)
            return;
    }
    float reach = cells_within(panels, hit->d2);
    for (int axis = 0; axis < d; axis++) {
        float along = gng_along(panels, axis, x[axis]);
        int32_t low = gng_clamp_cell(along - reach, panels->last[axis]);
        int32_t high = gng_clamp_cell(along + reach, panels->last[axis]);
        cells.low[axis] = low < done.low[axis] ? low : done.low[axis];
        cells.high[axis] = high > done.high[axis] ? high : done.high[axis];
    }
    NAME(search_cells)(panels, &cells, &done, d, x, hit);
}

/* Look at the 2^d cells nearest to x. What is out of the ordinary (equal distances, fewer than two nodes, a second node too
   far away to be sure of) takes the slow way. */
TARGET void NAME(search_grid)(const gng_panels *panels, const int d, const float *x, gng_hit *hit)
{
    gng_cells near;
    ptrdiff_t cells[1 << GNG_MAX_GRID_D], stride = 1;
    float margin = INFINITY;
    const int n = 1 << d;
    cells[0] = 0;
    for (int axis = 0; axis < d; axis++) {
        float along = gng_along(panels, axis, x[axis]);
        int32_t low = near.low[axis] = gng_clamp_cell(along - 0.5f, panels->last[axis] - 1.0f);
        near.high[axis] = low + 1;
        margin = smaller(margin, smaller(along - (float)low, (float)(low + 2) - along));
        for (int j = 0; j < 1 << axis; j++) {
            cells[j] += low * stride;
            cells[j + (1 << axis)] = cells[j] + stride;
        }
        stride *= panels->side[axis];
    }
    LANES v[1 << GNG_MAX_GRID_D];
    int32_t panel[1 << GNG_MAX_GRID_D], chained = 0;
    for (int j = 0; j < n; j++) {
        int32_t named = panels->cells[cells[j]].panel;
        chained |= named & GNG_CHAINED;
        panel[j] = named & ~GNG_CHAINED;
        v[j] = NAME(distances)(panels->x + (ptrdiff_t)panel[j] * d * GNG_LANES, d, x);
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
    if (several_bits(first) | several_bits(second) | !(hit->d2 < INFINITY)) {
        forget(hit);
        NAME(search_cells)(panels, &near, NULL, d, x, hit);
    } else {
        int lane = lowest_bit64(first);
        hit->s1 = panels->id[panel[lane / GNG_LANES] * GNG_LANES + lane % GNG_LANES];
        lane = lowest_bit64(second);
        hit->s2 = panels->id[panel[lane / GNG_LANES] * GNG_LANES + lane % GNG_LANES];
        if (chained)
            for (int j = 0; j < n; j++)
                NAME(search_chain)(panels, panel[j], d, x, hit);
    }
    if (!proven(panels, margin, hit->d2)) {
        hit->cell = -1;
        NAME(search_wider)(panels, near, d, x, hit);
    }
}

/* ---- leaves ----------------------------------------------------------------------------------------------------- */

/* A lower bound of the squared distance of x to everything in a box. It is summed in another order than the distances,
   so it is lowered by what rounding can make of that. */
TARGET float NAME(distance_to_box)(const float *low, const float *high, ptrdiff_t d, const float *x)
{
    LANES zero = NAME(all)(0.0f), sums = zero;
    ptrdiff_t k = 0;
    for (; k + GNG_LANES <= d; k += GNG_LANES) {
        LANES xs = NAME(load)(x + k);
        LANES below = NAME(sub)(NAME(load)(low + k), xs), above = NAME(sub)(xs, NAME(load)(high + k));
        LANES outside = NAME(max)(NAME(max)(below, above), zero);
        sums = NAME(add)(sums, NAME(mul)(outside, outside));
    }
    float total = NAME(total)(sums);
    for (; k < d; k++) {
        float outside = low[k] - x[k] > x[k] - high[k] ? low[k] - x[k] : x[k] - high[k];
        if (outside > 0)
            total += outside * outside;
    }
    return total * (1.0f - 2e-7f * (float)(d + 16));
}

/* Search the leaves of one branch that may hold something near enough, the nearest first if none is known yet. */
TARGET void NAME(search_branch)(const gng_panels *panels, ptrdiff_t branch, ptrdiff_t d, const float *x, gng_hit *hit)
{
    ptrdiff_t first = branch * GNG_BRANCH, n = panels->n_panels / GNG_LEAF - first, nearest = 0;
    float bound[GNG_BRANCH];
    n = n < GNG_BRANCH ? n : GNG_BRANCH;
    for (ptrdiff_t i = 0; i < n; i++) {
        bound[i] = NAME(distance_to_box)(panels->low + (first + i) * d, panels->high + (first + i) * d, d, x);
        nearest = bound[i] < bound[nearest] ? i : nearest;
    }
    for (ptrdiff_t i = -1; i < n; i++) {
        ptrdiff_t leaf = i < 0 ? nearest : i;
        if (bound[leaf] <= hit->d2 && (i < 0 || leaf != nearest)) {
            NAME(search_some)(panels, (first + leaf) * GNG_LEAF, d, x, hit);
            hit->visited++;
        }
    }
}

TARGET void NAME(search_leaves)(const gng_panels *panels, ptrdiff_t d, const float *x, float *bound, gng_hit *hit)
{
    ptrdiff_t n = (panels->n_panels / GNG_LEAF + GNG_BRANCH - 1) / GNG_BRANCH, nearest = 0;
    for (ptrdiff_t i = 0; i < n; i++) {
        bound[i] = NAME(distance_to_box)(panels->branch_low + i * d, panels->branch_high + i * d, d, x);
        nearest = bound[i] < bound[nearest] ? i : nearest;
    }
    NAME(search_branch)(panels, nearest, d, x, hit);
    for (ptrdiff_t i = 0; i < n; i++)
        if (bound[i] <= hit->d2 && i != nearest)
            NAME(search_branch)(panels, i, d, x, hit);
}

/* ----------------------------------------------------------------------------------------------------------------- */

TARGET void NAME(search_one)(const gng_panels *panels, const float *x, float *work, gng_hit *hit)
{
    forget(hit);
    hit->cell = -1;
    hit->visited = 0;
    /* a constant d lets the compiler unroll the sums */
    if (panels->kind == GNG_FLAT)
        panels->d == 2 ? NAME(search_flat)(panels, 2, x, hit) : NAME(search_flat)(panels, panels->d, x, hit);
    else if (panels->kind == GNG_LEAVES)
        panels->d == 16 ? NAME(search_leaves)(panels, 16, x, work, hit)
                       : NAME(search_leaves)(panels, panels->d, x, work, hit);
    else if (panels->d == 2)
        NAME(search_grid)(panels, 2, x, hit);
    else if (panels->d == 3)
        NAME(search_grid)(panels, 3, x, hit);
    else
        NAME(search_grid)(panels, 1, x, hit);
}

ENTRY void NAME(search)(const gng_panels *panels, const float *const *signals, int n, float *work, gng_hit *hits)
{
    for (int i = 0; i < n; i++)
        NAME(search_one)(panels, signals[i], work, hits + i);
}

/* The search of a grid (search.h) in terms of eight lanes (lanes.h). Included once for each instruction set, as
   search_kernels.h. */

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

/* Signals searched for side by side; without registers of several lanes it does not pay in three dimensions. */
enum {
    NAME(staged) = 4,
#if defined(ISA_AVX2) || defined(ISA_SSE2) || defined(ISA_NEON)
    NAME(staged_3d) = 2
#else
    NAME(staged_3d) = 1
#endif
};

/* What the search keeps of one signal, from stage to stage. */
typedef struct {
    ptrdiff_t cell; /* the lowest of the 2^d cells nearest to the signal */
    float margin;   /* how far the signal is from what lies outside of those cells, in cells */
    int32_t panel[1 << GNG_MAX_GRID_D], named;
    LANES distances[1 << GNG_MAX_GRID_D], least, second; /* the two least of each lane */
    int tied;
} NAME(grid_look);

/* Find the 2^d cells nearest to each of n signals: the coordinates of all of them lie side by side. `low` tells the lowest of
   those cells along each axis, for one signal after the other. */
TARGET void NAME(find_cells)(const gng_panels *panels, const int d, const int n, const float *const *signals, int32_t *low,
                             NAME(grid_look) *looks)
{
    const ptrdiff_t row = panels->side[0], layer = row * panels->side[1];
    const float *x[GNG_LANES], *origin[GNG_LANES], *last[GNG_LANES];
    float margin[GNG_LANES];
    for (int i = 0; i < GNG_LANES; i++) { /* what is left over repeats the last signal */
        int of = i / d < n ? i / d : n - 1;
        x[i] = signals[of] + i % d;
        origin[i] = panels->origin + i % d;
        last[i] = panels->last + i % d;
    }
    const LANES half = NAME(all)(0.5f), one = NAME(all)(1.0f), two = NAME(all)(2.0f);
    LANES along = NAME(mul)(NAME(sub)(NAME(gathered)(x), NAME(gathered)(origin)), NAME(all)(panels->per_cell));
    LANES cell = NAME(max)(NAME(sub)(along, half), NAME(all)(0.0f));
    cell = NAME(whole)(NAME(min)(cell, NAME(sub)(NAME(gathered)(last), one)), low);
    NAME(store)(margin, NAME(min)(NAME(sub)(along, cell), NAME(sub)(NAME(add)(cell, two), along)));
    for (int i = 0; i < n; i++) {
        looks[i].margin = margin[i * d];
        looks[i].cell = low[i * d];
        for (int axis = 1; axis < d; axis++) {
            looks[i].margin = smaller(looks[i].margin, margin[i * d + axis]);
            looks[i].cell += low[i * d + axis] * (axis == 1 ? row : layer);
        }
    }
}

/* Measure the distances to the nodes in the first panels of those cells, and carry the two least of each lane along. */
TARGET void NAME(measure_cells)(const gng_panels *panels, const int d, const float *x, NAME(grid_look) *look)
{
    const ptrdiff_t row = panels->side[0], layer = row * panels->side[1];
    look->named = 0;
    for (int j = 0; j < 1 << d; j++) {
        int32_t named = panels->cells[look->cell + (j & 1) + (j >> 1 & 1) * row + (j >> 2) * layer].panel;
        look->named |= named;
        look->panel[j] = named & ~GNG_CHAINED;
        look->distances[j] = NAME(distances)(panels->x + (ptrdiff_t)look->panel[j] * (d * GNG_LANES), d, x);
    }
    NAME(least_of_lanes)(look->distances, 1 << d, &look->least, &look->second);
}

/* Name the two nodes at the least distances, if these are finite and there is one node at each. */
TARGET void NAME(name_nodes)(const gng_panels *panels, const int d, NAME(grid_look) *look, gng_hit *hit)
{
    uint64_t first = NAME(where_eq)(look->distances, 1 << d, hit->d1);
    uint64_t second = NAME(where_eq)(look->distances, 1 << d, hit->d2);
    look->tied = several_bits(first) | several_bits(second) | !(hit->d2 < INFINITY);
    hit->cell = (int32_t)look->cell;
    hit->visited = 0;
    const uint64_t any = (uint64_t)1 << ((GNG_LANES << d) - 1); /* there may be none: then it does not matter which */
    int lane = lowest_bit64(first | any);
    hit->s1 = panels->id[look->panel[lane / GNG_LANES] * GNG_LANES + lane % GNG_LANES];
    lane = lowest_bit64(second | any);
    hit->s2 = panels->id[look->panel[lane / GNG_LANES] * GNG_LANES + lane % GNG_LANES];
}

/* What is out of the ordinary: equal distances, fewer than two nodes, chained panels, a second node too far away to be
   sure of. */
TARGET void NAME(search_on)(const gng_panels *panels, const int d, const float *x, const int32_t *low,
                            const NAME(grid_look) *look, gng_hit *hit)
{
    gng_cells near;
    for (int axis = 0; axis < d; axis++) {
        near.low[axis] = low[axis];
        near.high[axis] = low[axis] + 1;
    }
    if (look->tied) {
        forget(hit);
        NAME(search_cells)(panels, &near, NULL, d, x, hit);
    } else if (look->named & GNG_CHAINED)
        for (int j = 0; j < 1 << d; j++)
            NAME(search_chain)(panels, look->panel[j], d, x, hit);
    if (!proven(panels, look->margin, hit->d2)) {
        hit->cell = -1;
        NAME(search_wider)(panels, near, d, x, hit);
    }
}

/* Search for `n` signals, each of which looks at the 2^d cells nearest to it, stage by stage: while one of them waits, the
   others fill the time. */
TARGET void NAME(search_grid)(const gng_panels *panels, const int d, const int n, const float *const *signals, gng_hit *hits)
{
    NAME(grid_look) looks[NAME(staged)];
    int32_t low[GNG_LANES];
    NAME(find_cells)(panels, d, n, signals, low, looks);
    for (int i = 0; i < n; i++)
        NAME(measure_cells)(panels, d, signals[i], looks + i);
    for (int i = 0; i < n; i++)
        NAME(two_least)(looks[i].least, looks[i].second, &hits[i].d1, &hits[i].d2);
    for (int i = 0; i < n; i++)
        NAME(name_nodes)(panels, d, looks + i, hits + i);
    for (int i = 0; i < n; i++)
        if (looks[i].tied | (looks[i].named & GNG_CHAINED) | !proven(panels, looks[i].margin, hits[i].d2))
            NAME(search_on)(panels, d, signals[i], low + i * d, looks + i, hits + i);
}

/* As many signals side by side as it pays, the rest one by one. */
TARGET void NAME(search_grid_of)(const gng_panels *panels, const int d, const int staged, const float *const *signals, int n,
                                 gng_hit *hits)
{
    int i = 0;
    for (; i + staged <= n; i += staged)
        NAME(search_grid)(panels, d, staged, signals + i, hits + i);
    for (; i < n; i++)
        NAME(search_grid)(panels, d, 1, signals + i, hits + i);
}

/* The search of positions that are read row by row, from GNG_ROWS_FROM dimensions on; NAME() and TARGET as in
   search_kernels.h. */

/* The squared distances of x to n rows, side by side to hide the latency of the additions. */
TARGET void NAME(distances_to_rows)(const float *const *rows, const int n, ptrdiff_t d, const float *x, float *distance)
{
    LANES sums[GNG_ROWS_ABREAST];
    ptrdiff_t k = 0;
    for (int i = 0; i < n; i++)
        sums[i] = NAME(all)(0.0f);
    for (; k + GNG_LANES <= d; k += GNG_LANES) {
        LANES xs = NAME(load)(x + k);
        for (int i = 0; i < n; i++) {
            LANES diff = NAME(sub)(NAME(load)(rows[i] + k), xs);
            sums[i] = NAME(add)(sums[i], NAME(mul)(diff, diff));
        }
    }
    for (int i = 0; i < n && k < d; i++) {
        float sum[GNG_LANES];
        NAME(store)(sum, sums[i]);
        for (ptrdiff_t rest = k; rest < d; rest++) {
            float diff = rows[i][rest] - x[rest];
            sum[rest - k] += diff * diff;
        }
        sums[i] = NAME(load)(sum);
    }
    if (n == 4)
        NAME(four_totals)(sums, distance);
    else
        for (int i = 0; i < n; i++)
            distance[i] = NAME(total)(sums[i]);
}

/* Search n rows, those of the nodes `id`. */
TARGET void NAME(search_rows_of)(const gng_panels *panels, const int32_t *id, const int n, ptrdiff_t d, const float *x,
                                 gng_hit *hit)
{
    const float *rows[GNG_ROWS_ABREAST];
    float distance[GNG_ROWS_ABREAST];
    for (int i = 0; i < n; i++)
        rows[i] = panels->rows + id[i] * gng_row_stride(d);
    NAME(distances_to_rows)(rows, n, d, x, distance);
    float least = INFINITY;
    for (int i = 0; i < n; i++)
        least = smaller(distance[i], least);
    if (!(least <= hit->d2)) /* as nearly always */
        return;
    for (int i = 0; i < n; i++)
        if (distance[i] <= hit->d2)
            offer(hit, distance[i], id[i]);
}

/* Search the rows of GNG_LEAF panels. */
TARGET void NAME(search_rows)(const gng_panels *panels, ptrdiff_t first, ptrdiff_t d, const float *x, gng_hit *hit)
{
    const int32_t *id = panels->id + first * GNG_LANES;
    int i = 0;
    for (; i < GNG_LEAF * GNG_LANES && id[i + GNG_ROWS_ABREAST - 1] >= 0; i += GNG_ROWS_ABREAST)
        NAME(search_rows_of)(panels, id + i, GNG_ROWS_ABREAST, d, x, hit);
    for (; i < GNG_LEAF * GNG_LANES && id[i] >= 0; i++)
        NAME(search_rows_of)(panels, id + i, 1, d, x, hit);
}

/* Compute the distances of the nodes that were put by (codes.h) and can still be among the two nearest. First those two that
   seem to be the nearest: they leave out most of the others. */
TARGET void NAME(search_put_by)(const gng_panels *panels, gng_put_by *put_by, ptrdiff_t d, const float *x, gng_hit *hit)
{
    const int n = put_by->n, n_first = n < 2 ? n : 2;
    for (int i = 0; i < n_first; i++) {
        int least = i;
        for (int j = i + 1; j < n; j++)
            least = put_by->nearest[j] < put_by->nearest[least] ? j : least;
        const int32_t place = put_by->place[least];
        const float nearest = put_by->nearest[least];
        put_by->place[least] = put_by->place[i];
        put_by->nearest[least] = put_by->nearest[i];
        put_by->place[i] = place;
        put_by->nearest[i] = nearest;
        prefetch_bytes(panels->rows + panels->id[place] * d, d * (ptrdiff_t)sizeof(float));
    }
    for (int i = 0; i < n_first; i++)
        if (put_by->nearest[i] <= smaller(put_by->second, hit->d2))
            NAME(search_rows_of)(panels, panels->id + put_by->place[i], 1, d, x, hit);
    for (int i = n_first; i < n; i++)
        if (put_by->nearest[i] <= smaller(put_by->second, hit->d2))
            prefetch_bytes(panels->rows + panels->id[put_by->place[i]] * d, d * (ptrdiff_t)sizeof(float));
    for (int i = n_first; i < n; i++)
        if (put_by->nearest[i] <= smaller(put_by->second, hit->d2))
            NAME(search_rows_of)(panels, panels->id + put_by->place[i], 1, d, x, hit);
    put_by->n = 0;
}

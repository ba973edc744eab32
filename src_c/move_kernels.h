/* Step 5 in terms of eight lanes (lanes.h), where there is no grid: above GNG_MAX_GRID_D dimensions. Included once for each
   instruction set, as search_kernels.h. */

#ifdef ISA_AVX512
/* `move_row` of the coordinates in `some`; of the lane, of eight together. */
TARGET unsigned NAME(move_sixteen)(float *w, const float *x, float eps, float smallest, unsigned some, float *lane,
                                   const float *low, const float *high, __m512 *way)
{
    const __mmask16 these = (__mmask16)some;
    const __m512 old = _mm512_maskz_loadu_ps(these, w);
    __m512 new = _mm512_sub_ps(_mm512_maskz_loadu_ps(these, x), old);
    new = _mm512_add_ps(old, _mm512_mul_ps(_mm512_set1_ps(eps), new));
    if (smallest > 0.0f) /* of the winner only, so neighbours do not pay for it */
        new = _mm512_maskz_mov_ps(_mm512_cmp_ps_mask(_mm512_abs_ps(new), _mm512_set1_ps(smallest), _CMP_NLT_UQ), new);
    if (some == 0xffff)
        _mm512_storeu_ps(w, new); /* what is stored under a mask takes long to load again */
    else
        _mm512_mask_storeu_ps(w, these, new);
    if (lane && (some & 0xff) == 0xff)
        NAME(spread)(_mm512_castps512_ps256(new), lane);
    if (lane && some == 0xffff)
        NAME(spread)(_mm512_extractf32x8_ps(new, 1), lane + 8 * GNG_LANES);
    if (way)
        *way = _mm512_fmadd_ps(_mm512_sub_ps(new, old), _mm512_sub_ps(new, old), *way);
    if (!low)
        return 0;
    return (unsigned)_mm512_mask_cmp_ps_mask(these, new, _mm512_maskz_loadu_ps(these, low), _CMP_LT_OQ)
           | (unsigned)_mm512_mask_cmp_ps_mask(these, new, _mm512_maskz_loadu_ps(these, high), _CMP_GT_OQ);
}
#endif

/* Move row w towards x; what is smaller than `smallest` then becomes 0. Return whether it has left the box from `low` to
   `high`. Unless `lane` is NULL it becomes the same: from registers, as what is stored takes long to load again in other
   pieces. Unless `way` is NULL write how far it went, or a little more. */
TARGET int NAME(move_row)(float *w, const float *x, float eps, float smallest, ptrdiff_t d, float *lane, const float *low,
                          const float *high, float *way)
{
#ifdef ISA_AVX512
    unsigned outside = 0;
    __m512 squares = _mm512_setzero_ps(), *sum = way ? &squares : NULL;
    ptrdiff_t k = 0;
    for (; k + 16 <= d; k += 16)
        outside |= NAME(move_sixteen)(w + k, x + k, eps, smallest, 0xffff, lane ? lane + k * GNG_LANES : NULL,
                                      low ? low + k : NULL, low ? high + k : NULL, sum);
    if (k < d)
        outside |= NAME(move_sixteen)(w + k, x + k, eps, smallest, (1u << (d - k)) - 1, lane ? lane + k * GNG_LANES : NULL,
                                      low ? low + k : NULL, low ? high + k : NULL, sum);
    for (k = d & ~(ptrdiff_t)(GNG_LANES - 1); lane && k < d; k++)
        lane[k * GNG_LANES] = w[k];
    if (way)
        *way = gng_way(_mm512_reduce_add_ps(squares), d);
    return outside != 0;
#else
    LANES step = NAME(all)(eps), outside = NAME(all)(0.0f), squares = outside;
    ptrdiff_t k = 0;
    for (; k + GNG_LANES <= d; k += GNG_LANES) {
        LANES old = NAME(load)(w + k);
        LANES new = NAME(add)(old, NAME(mul)(step, NAME(sub)(NAME(load)(x + k), old)));
        if (smallest > 0.0f) /* of the winner only, so neighbours do not pay for it */
            new = NAME(flushed)(new, smallest);
        NAME(store)(w + k, new);
        if (lane)
            NAME(spread)(new, lane + k * GNG_LANES);
        if (way) {
            LANES moved = NAME(sub)(new, old);
            squares = NAME(add)(squares, NAME(mul)(moved, moved));
        }
        if (low) {
            LANES below = NAME(sub)(NAME(load)(low + k), new), above = NAME(sub)(new, NAME(load)(high + k));
            outside = NAME(max)(outside, NAME(max)(below, above));
        }
    }
    int out = NAME(le)(outside, NAME(all)(0.0f)) != 0xff;
    float square = way ? NAME(total)(squares) : 0;
    for (; k < d; k++) {
        float old = w[k];
        w[k] = gng_flushed(old + eps * (x[k] - old), smallest);
        if (lane)
            lane[k * GNG_LANES] = w[k];
        square += (w[k] - old) * (w[k] - old);
        out |= low && (w[k] < low[k] || w[k] > high[k]);
    }
    if (way)
        *way = gng_way(square, d);
    return out;
#endif
}

TARGET void NAME(move_rows)(gng_panels *panels, float *const *rows, const int32_t *places, int n, ptrdiff_t d,
                            const int in_lanes, const float *x, float eps, float smallest)
{
    for (int i = 0; i < n; i++) {
        ptrdiff_t leaf = places[i] / (GNG_LEAF * GNG_LANES), branch = leaf / GNG_BRANCH;
        float *low = panels->kind == GNG_LEAVES && !panels->coder ? panels->low + leaf * d : NULL;
        float *high = panels->kind == GNG_LEAVES && !panels->coder ? panels->high + leaf * d : NULL;
        float *lane = in_lanes ? panels->x + gng_lane_at(d, places[i]) : NULL;
        float way;
        if (i + 1 < n && !in_lanes)
            prefetch_bytes(rows[i + 1], d * (ptrdiff_t)sizeof(float));
        if (NAME(move_row)(rows[i], x, eps, smallest, d, lane, low, high, panels->coder ? &way : NULL) && low) {
            gng_stretch_box(low, high, d, rows[i]);
            gng_stretch_box(panels->branch_low + branch * d, panels->branch_high + branch * d, d, rows[i]);
        }
        if (!in_lanes && panels->coder)
            gng_follow(panels, places[i], rows[i], way);
    }
}

ENTRY void NAME(move)(gng_panels *panels, float *const *rows, const int32_t *places, int n, const float *x, float eps,
                      float smallest)
{
    /* a constant d lets the compiler unroll the loops */
    switch (panels->d) {
    case 4: NAME(move_rows)(panels, rows, places, n, 4, 1, x, eps, smallest); break;
    case 8: NAME(move_rows)(panels, rows, places, n, 8, 1, x, eps, smallest); break;
    case 16: NAME(move_rows)(panels, rows, places, n, 16, 1, x, eps, smallest); break;
    default:
        if (panels->d < GNG_ROWS_FROM)
            NAME(move_rows)(panels, rows, places, n, panels->d, 1, x, eps, smallest);
        else
            NAME(move_rows)(panels, rows, places, n, panels->d, 0, x, eps, smallest);
    }
}

/* Codes of nodes (codes.h) for AVX2 or AVX-512 VNNI, with the numbers from -LARGEST_CODE to LARGEST_CODE, and the search of a leaf
   by them; NAME() and TARGET as in search_kernels.h. The order of the numbers within a code is of no concern, as all codes have
   the same.

   Products of bytes need one that has no sign. So the numbers of a signal's code are raised by LARGEST_CODE, and what that adds
   to the products, LARGEST_CODE times the sum of the other numbers, is in `code_square` of the node. */

/* How long the rest of a code is at most, by the sums of squares of its coordinates. */
TARGET float NAME(rest_of)(const __m256 *squares, float step, ptrdiff_t d)
{
    return sqrtf(NAME(total)(_mm256_add_ps(squares[0], squares[1]))) * (1.0f + (float)(d + 8) * 0x1p-23f) + step * 0x1p-6f;
}

/* The code of w in a leaf: write it and the sum of its squares, and return a bound of the length of its rest. The code of a
   signal is raised; the squares of the code of a node are raised by what that adds to twice its products. A signal may lie
   outside of what codes can say: `inside` is the rest of where it then would be. */
TARGET float NAME(code_of)(const gng_panels *panels, ptrdiff_t leaf, const float *w, const int of_signal, int8_t *code,
                           int32_t *square, float *inside)
{
    const ptrdiff_t d = panels->d;
    const float *centre = panels->centre + leaf * gng_code_stride(d);
    const float step = panels->ruler[leaf].step;
    const __m256 steps = _mm256_set1_ps(step), per_step = _mm256_set1_ps(panels->ruler[leaf].per_step);
    const __m256 high = _mm256_set1_ps(LARGEST_CODE * step), low = _mm256_set1_ps(-LARGEST_CODE * step);
    const __m256i raised = _mm256_set1_epi8(of_signal ? LARGEST_CODE : 0);
    const __m256i squares_raised = _mm256_set1_epi16(of_signal ? 0 : 2 * LARGEST_CODE);
    __m256 rests[2] = {_mm256_setzero_ps(), _mm256_setzero_ps()}, rests_inside[2] = {rests[0], rests[0]};
    __m256i squares = _mm256_setzero_si256();
    float last[GNG_CODE_WIDTH] = {0};
    for (ptrdiff_t k = 0; k < d; k += GNG_CODE_WIDTH) {
        const float *from = w + k;
        if (k + GNG_CODE_WIDTH > d)
            from = memcpy(last, from, (size_t)(d - k) * sizeof(float));
        __m256i whole[4], pairs[2];
        for (int i = 0; i < 4; i++) {
            __m256 diff = _mm256_sub_ps(_mm256_loadu_ps(from + 8 * i), _mm256_loadu_ps(centre + k + 8 * i));
            __m256 kept = _mm256_max_ps(_mm256_min_ps(diff, high), low);
            whole[i] = _mm256_cvtps_epi32(_mm256_mul_ps(kept, per_step));
            __m256 rounded = _mm256_cvtepi32_ps(whole[i]), rest = _mm256_fnmadd_ps(rounded, steps, diff);
            rests[i % 2] = _mm256_fmadd_ps(rest, rest, rests[i % 2]);
            if (of_signal) {
                rest = _mm256_fnmadd_ps(rounded, steps, kept);
                rests_inside[i % 2] = _mm256_fmadd_ps(rest, rest, rests_inside[i % 2]);
            }
        }
        for (int i = 0; i < 2; i++) {
            pairs[i] = _mm256_packs_epi32(whole[2 * i], whole[2 * i + 1]);
            __m256i others = _mm256_add_epi16(pairs[i], squares_raised);
            squares = _mm256_add_epi32(squares, _mm256_madd_epi16(pairs[i], others));
        }
        _mm256_storeu_si256((__m256i *)(code + k), _mm256_add_epi8(_mm256_packs_epi16(pairs[0], pairs[1]), raised));
    }
    __m128i sum = _mm_add_epi32(_mm256_castsi256_si128(squares), _mm256_extracti128_si256(squares, 1));
    sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0x4e));
    *square = _mm_cvtsi128_si32(_mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0xb1)));
    if (of_signal)
        *inside = NAME(rest_of)(rests_inside, step, d);
    return NAME(rest_of)(rests, step, d);
}

ENTRY void NAME(encode)(const gng_panels *panels, ptrdiff_t place, const float *w)
{
    const ptrdiff_t leaf = place >> GNG_LEAF_SHIFT;
    gng_ruler *ruler = panels->ruler + leaf;
    panels->code_way[place] = 0;
    if (!(ruler->rest < INFINITY))
        return;
    int8_t *code = panels->codes + place * gng_code_stride(panels->d);
    float rest = NAME(code_of)(panels, leaf, w, 0, code, panels->code_square + place, NULL);
    rest = (rest + ruler->allowed) * (1 + 0x1p-22f);
    if (!(rest <= ruler->rest))
        ruler->rest = rest < INFINITY ? rest : INFINITY; /* NaN too */
}

/* Add the products of 32 numbers of a signal and of a node to eight sums. */
TARGET __m256i NAME(add_products)(__m256i sums, __m256i x, __m256i w)
{
#if defined(ISA_VNNI)
    return _mm256_dpbusd_epi32(sums, x, w);
#else
    return _mm256_add_epi32(sums, _mm256_madd_epi16(_mm256_maddubs_epi16(x, w), _mm256_set1_epi16(1)));
#endif
}

/* The products of the code of x and those at four places, still in parts. */
TARGET __m256i NAME(code_products)(const int8_t *codes, ptrdiff_t stride, const int8_t *x)
{
    __m256i sum[4];
    for (int i = 0; i < 4; i++)
        sum[i] = _mm256_setzero_si256();
    for (ptrdiff_t k = 0; k < stride; k += GNG_CODE_WIDTH) {
        __m256i xs = _mm256_load_si256((const __m256i *)(x + k));
        for (int i = 0; i < 4; i++)
            sum[i] = NAME(add_products)(sum[i], xs, _mm256_load_si256((const __m256i *)(codes + i * stride + k)));
    }
    return _mm256_hadd_epi32(_mm256_hadd_epi32(sum[0], sum[1]), _mm256_hadd_epi32(sum[2], sum[3]));
}

/* The squared distances between the code of x and those at eight places, less the square of x. */
TARGET __m256i NAME(code_distances)(const int8_t *codes, const int32_t *squares, ptrdiff_t stride, const int8_t *x)
{
    __m256i a = NAME(code_products)(codes, stride, x), b = NAME(code_products)(codes + 4 * stride, stride, x);
    __m256i products = _mm256_add_epi32(_mm256_permute2x128_si256(a, b, 0x20), _mm256_permute2x128_si256(a, b, 0x31));
    return _mm256_sub_epi32(_mm256_loadu_si256((const __m256i *)squares), _mm256_slli_epi32(products, 1));
}

/* What the codes of a leaf say of x. */
typedef struct {
    int32_t distance[GNG_LEAF * GNG_LANES]; /* squared, less the square of the code of x; whole panels of them are written */
    int n;                                  /* nodes */
} NAME(coded);

TARGET void NAME(code_distances_to_leaf)(const gng_panels *panels, ptrdiff_t first, const int8_t *x, NAME(coded) *coded)
{
    const ptrdiff_t stride = gng_code_stride(panels->d), panel = GNG_LANES * stride;
    const int32_t *id = panels->id + first;
    int n = 0;
    for (; n < GNG_LEAF * GNG_LANES && id[n] >= 0; n += GNG_LANES) {
        const int8_t *codes = panels->codes + (first + n) * stride;
        if (n + GNG_LANES < GNG_LEAF * GNG_LANES) /* the processor itself looks no further than the end of a page */
            prefetch_bytes(codes + panel, panel);
        __m256i distances = NAME(code_distances)(codes, panels->code_square + first + n, stride, x);
        _mm256_storeu_si256((__m256i *)(coded->distance + n), distances);
    }
    for (; n > 0 && id[n - 1] < 0; n--)
        coded->distance[n - 1] = INT32_MAX;
    coded->n = n;
}

/* The nodes that are no further than a limit, as bits. */
TARGET uint64_t NAME(coded_within)(const NAME(coded) *coded, int32_t limit)
{
    const __m256i limits = _mm256_set1_epi32(limit);
    uint64_t near = 0;
    for (int i = 0; i < coded->n; i += GNG_LANES) {
        __m256i far = _mm256_cmpgt_epi32(_mm256_loadu_si256((const __m256i *)(coded->distance + i)), limits);
        near |= (uint64_t)(~_mm256_movemask_ps(_mm256_castsi256_ps(far)) & 0xff) << i;
    }
    return coded->n < GNG_LEAF * GNG_LANES ? near & (((uint64_t)1 << coded->n) - 1) : near;
}

/* The least distance, and one that is at least the second least. */
TARGET void NAME(two_least_coded)(const NAME(coded) *coded, int32_t *least, int32_t *second)
{
    int32_t lane[GNG_LANES];
    __m256i lanes = _mm256_set1_epi32(INT32_MAX);
    for (int i = 0; i < coded->n; i += GNG_LANES)
        lanes = _mm256_min_epi32(lanes, _mm256_loadu_si256((const __m256i *)(coded->distance + i)));
    _mm256_storeu_si256((__m256i *)lane, lanes);
    *least = *second = INT32_MAX;
    for (int i = 0; i < GNG_LANES; i++) {
        int32_t larger = lane[i] > *least ? lane[i] : *least;
        *second = larger < *second ? larger : *second;
        *least = lane[i] < *least ? lane[i] : *least;
    }
}

/* Two nodes are at most so far from x. */
INLINE void NAME(note_two)(gng_put_by *put_by, float first, float second)
{
    float larger = first > put_by->first ? first : put_by->first;
    put_by->second = smaller(smaller(larger, put_by->second), second);
    put_by->first = smaller(put_by->first, first);
}

ENTRY NOT_INLINE void NAME(search_codes)(const gng_panels *panels, ptrdiff_t leaf, ptrdiff_t d, const float *x,
                                         gng_put_by *put_by, gng_hit *hit)
{
    const ptrdiff_t first = leaf * GNG_LEAF * GNG_LANES;
    const double step = panels->ruler[leaf].step;
    if (!(panels->ruler[leaf].rest < INFINITY)) {
        NAME(search_rows)(panels, first / GNG_LANES, d, x, hit);
        return;
    }
    __m256i code[GNG_MOST_CODED_D / GNG_CODE_WIDTH];
    int32_t square, least, second;
    NAME(coded) coded;
    prefetch_bytes(panels->codes + first * gng_code_stride(d), GNG_LANES * gng_code_stride(d));
    float inside;
    const float rest = NAME(code_of)(panels, leaf, x, 1, (int8_t *)code, &square, &inside);
    const double rests = (double)inside + panels->ruler[leaf].rest;
    if (!(rest < INFINITY && rests < step * GNG_MOST_STEPS_OF_REST)) {
        NAME(search_rows)(panels, first / GNG_LANES, d, x, hit);
        return;
    }
    NAME(code_distances_to_leaf)(panels, first, (const int8_t *)code, &coded);
    NAME(two_least_coded)(&coded, &least, &second);
    if (second < INT32_MAX)
        NAME(note_two)(put_by, gng_code_farthest(least + square, d, rests - inside + rest, step),
                       gng_code_farthest(second + square, d, rests - inside + rest, step));
    if (put_by->n > GNG_MOST_PUT_BY - GNG_LEAF * GNG_LANES)
        NAME(search_put_by)(panels, put_by, d, x, hit);
    int32_t limit = gng_code_limit(smaller(put_by->second, hit->d2), d, rests, step, square);
    for (uint64_t near = NAME(coded_within)(&coded, limit); near; near &= near - 1, put_by->n++) {
        int lane = lowest_bit64(near);
        put_by->place[put_by->n] = (int32_t)(first + lane);
        put_by->nearest[put_by->n] = gng_code_nearest(coded.distance[lane] + square, d, rests, step);
    }
}

static const gng_coder NAME(coder) = {NAME(encode), NAME(search_codes), LARGEST_CODE};

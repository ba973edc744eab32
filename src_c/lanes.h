/* Eight floats side by side, for each instruction set. Included once per set, with ISA_AVX2, ISA_SSE2, ISA_NEON or
   none of them (plain C) chosen by the includer; NAME() and TARGET as in search_kernels.h. `flushed` is gng_flushed of
   float_rules.h; `spread` writes every GNG_LANES-th float; `whole` cuts off what follows the point, and writes the integers too. */

#if defined(ISA_AVX2)

typedef __m256 NAME(lanes);
#define LANES NAME(lanes)
TARGET LANES NAME(load)(const float *p) { return _mm256_loadu_ps(p); }
TARGET void NAME(store)(float *p, LANES a) { _mm256_storeu_ps(p, a); }
TARGET LANES NAME(all)(float a) { return _mm256_set1_ps(a); }
TARGET LANES NAME(sub)(LANES a, LANES b) { return _mm256_sub_ps(a, b); }
TARGET LANES NAME(add)(LANES a, LANES b) { return _mm256_add_ps(a, b); }
TARGET LANES NAME(mul)(LANES a, LANES b) { return _mm256_mul_ps(a, b); }
TARGET LANES NAME(min)(LANES a, LANES b) { return _mm256_min_ps(a, b); }
TARGET LANES NAME(max)(LANES a, LANES b) { return _mm256_max_ps(a, b); }
TARGET LANES NAME(gathered)(const float *const *p)
{
    return _mm256_setr_ps(*p[0], *p[1], *p[2], *p[3], *p[4], *p[5], *p[6], *p[7]);
}
TARGET void NAME(spread)(LANES a, float *to)
{
    spread_four(_mm256_castps256_ps128(a), to);
    spread_four(_mm256_extractf128_ps(a, 1), to + 4 * GNG_LANES);
}
TARGET LANES NAME(whole)(LANES a, int32_t *whole)
{
    __m256i cut = _mm256_cvttps_epi32(a);
    _mm256_storeu_si256((__m256i *)whole, cut);
    return _mm256_cvtepi32_ps(cut);
}
TARGET unsigned NAME(le)(LANES a, LANES b) { return (unsigned)_mm256_movemask_ps(_mm256_cmp_ps(a, b, _CMP_LE_OQ)); }
TARGET unsigned NAME(eq)(LANES a, LANES b) { return (unsigned)_mm256_movemask_ps(_mm256_cmp_ps(a, b, _CMP_EQ_OQ)); }
TARGET LANES NAME(flushed)(LANES a, float smallest)
{
    LANES size = _mm256_andnot_ps(_mm256_set1_ps(-0.0f), a);
    return _mm256_and_ps(a, _mm256_cmp_ps(size, _mm256_set1_ps(smallest), _CMP_NLT_UQ));
}
TARGET float NAME(total)(LANES a)
{
    __m128 t = _mm_add_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
    t = _mm_add_ps(t, _mm_movehl_ps(t, t));
    return _mm_cvtss_f32(_mm_add_ss(t, _mm_shuffle_ps(t, t, 1)));
}
TARGET void NAME(four_totals)(const LANES *v, float *totals)
{
    __m128 sum[4];
    for (int i = 0; i < 4; i++)
        sum[i] = _mm_add_ps(_mm256_castps256_ps128(v[i]), _mm256_extractf128_ps(v[i], 1));
    four_totals_of(sum[0], sum[1], sum[2], sum[3], totals);
}
/* Of lanes whose least and second least are given, the two least of all. */
TARGET void NAME(two_least)(LANES least, LANES second, float *d1, float *d2)
{
    __m128 a = _mm256_castps256_ps128(least), b = _mm256_extractf128_ps(least, 1);
    __m128 c = _mm_min_ps(_mm256_castps256_ps128(second), _mm256_extractf128_ps(second, 1));
    two_least_of_eight(a, b, c, d1, d2);
}
/* The masks of four registers, packed to bytes in the order of the lanes, are read at once. */
TARGET uint32_t NAME(four_eq)(const LANES *v, LANES a)
{
    __m256i m0 = _mm256_castps_si256(_mm256_cmp_ps(v[0], a, _CMP_EQ_OQ));
    __m256i m1 = _mm256_castps_si256(_mm256_cmp_ps(v[1], a, _CMP_EQ_OQ));
    __m256i m2 = _mm256_castps_si256(_mm256_cmp_ps(v[2], a, _CMP_EQ_OQ));
    __m256i m3 = _mm256_castps_si256(_mm256_cmp_ps(v[3], a, _CMP_EQ_OQ));
    __m256i packed = _mm256_packs_epi16(_mm256_packs_epi32(m0, m1), _mm256_packs_epi32(m2, m3));
    const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
    return (uint32_t)_mm256_movemask_epi8(_mm256_permutevar8x32_epi32(packed, order));
}

#elif defined(ISA_SSE2)

typedef struct {
    __m128 a, b;
} NAME(lanes);
#define LANES NAME(lanes)
#define BOTH(f, u, v) ((LANES){f((u).a, (v).a), f((u).b, (v).b)})
TARGET LANES NAME(load)(const float *p) { return (LANES){_mm_loadu_ps(p), _mm_loadu_ps(p + 4)}; }
TARGET void NAME(store)(float *p, LANES u) { _mm_storeu_ps(p, u.a), _mm_storeu_ps(p + 4, u.b); }
TARGET LANES NAME(all)(float x) { return (LANES){_mm_set1_ps(x), _mm_set1_ps(x)}; }
TARGET LANES NAME(sub)(LANES u, LANES v) { return BOTH(_mm_sub_ps, u, v); }
TARGET LANES NAME(add)(LANES u, LANES v) { return BOTH(_mm_add_ps, u, v); }
TARGET LANES NAME(mul)(LANES u, LANES v) { return BOTH(_mm_mul_ps, u, v); }
TARGET LANES NAME(min)(LANES u, LANES v) { return BOTH(_mm_min_ps, u, v); }
TARGET LANES NAME(max)(LANES u, LANES v) { return BOTH(_mm_max_ps, u, v); }
TARGET LANES NAME(gathered)(const float *const *p)
{
    return (LANES){_mm_setr_ps(*p[0], *p[1], *p[2], *p[3]), _mm_setr_ps(*p[4], *p[5], *p[6], *p[7])};
}
TARGET void NAME(spread)(LANES u, float *to) { spread_four(u.a, to), spread_four(u.b, to + 4 * GNG_LANES); }
TARGET LANES NAME(whole)(LANES u, int32_t *whole)
{
    __m128i a = _mm_cvttps_epi32(u.a), b = _mm_cvttps_epi32(u.b);
    _mm_storeu_si128((__m128i *)whole, a), _mm_storeu_si128((__m128i *)(whole + 4), b);
    return (LANES){_mm_cvtepi32_ps(a), _mm_cvtepi32_ps(b)};
}
TARGET unsigned NAME(bits)(LANES u) { return (unsigned)(_mm_movemask_ps(u.a) | _mm_movemask_ps(u.b) << 4); }
TARGET unsigned NAME(le)(LANES u, LANES v) { return NAME(bits)(BOTH(_mm_cmple_ps, u, v)); }
TARGET unsigned NAME(eq)(LANES u, LANES v) { return NAME(bits)(BOTH(_mm_cmpeq_ps, u, v)); }
TARGET __m128 NAME(half_flushed)(__m128 a, float smallest)
{
    return _mm_and_ps(a, _mm_cmpnlt_ps(_mm_andnot_ps(_mm_set1_ps(-0.0f), a), _mm_set1_ps(smallest)));
}
TARGET LANES NAME(flushed)(LANES u, float smallest)
{
    return (LANES){NAME(half_flushed)(u.a, smallest), NAME(half_flushed)(u.b, smallest)};
}
TARGET float NAME(total)(LANES u)
{
    __m128 t = _mm_add_ps(u.a, u.b);
    t = _mm_add_ps(t, _mm_movehl_ps(t, t));
    return _mm_cvtss_f32(_mm_add_ss(t, _mm_shuffle_ps(t, t, 1)));
}
TARGET void NAME(four_totals)(const LANES *v, float *totals)
{
    four_totals_of(_mm_add_ps(v[0].a, v[0].b), _mm_add_ps(v[1].a, v[1].b), _mm_add_ps(v[2].a, v[2].b),
                   _mm_add_ps(v[3].a, v[3].b), totals);
}
TARGET void NAME(two_least)(LANES least, LANES second, float *d1, float *d2)
{
    __m128 a = least.a, b = least.b, c = _mm_min_ps(second.a, second.b);
    two_least_of_eight(a, b, c, d1, d2);
}
TARGET uint32_t NAME(four_eq)(const LANES *v, LANES a)
{
    return NAME(eq)(v[0], a) | NAME(eq)(v[1], a) << 8 | NAME(eq)(v[2], a) << 16 | NAME(eq)(v[3], a) << 24;
}
#undef BOTH

#elif defined(ISA_NEON)

typedef struct {
    float32x4_t a, b;
} NAME(lanes);
#define LANES NAME(lanes)
#define BOTH(f, u, v) ((LANES){f((u).a, (v).a), f((u).b, (v).b)})
TARGET LANES NAME(load)(const float *p) { return (LANES){vld1q_f32(p), vld1q_f32(p + 4)}; }
TARGET void NAME(store)(float *p, LANES u) { vst1q_f32(p, u.a), vst1q_f32(p + 4, u.b); }
TARGET LANES NAME(all)(float x) { return (LANES){vdupq_n_f32(x), vdupq_n_f32(x)}; }
TARGET LANES NAME(sub)(LANES u, LANES v) { return BOTH(vsubq_f32, u, v); }
TARGET LANES NAME(add)(LANES u, LANES v) { return BOTH(vaddq_f32, u, v); }
TARGET LANES NAME(mul)(LANES u, LANES v) { return BOTH(vmulq_f32, u, v); }
TARGET LANES NAME(min)(LANES u, LANES v) { return BOTH(vminq_f32, u, v); }
TARGET LANES NAME(max)(LANES u, LANES v) { return BOTH(vmaxq_f32, u, v); }
TARGET LANES NAME(gathered)(const float *const *p)
{
    float32x4_t a = vld1q_dup_f32(p[0]), b = vld1q_dup_f32(p[4]); /* braces mean something else to MSVC */
    a = vld1q_lane_f32(p[3], vld1q_lane_f32(p[2], vld1q_lane_f32(p[1], a, 1), 2), 3);
    b = vld1q_lane_f32(p[7], vld1q_lane_f32(p[6], vld1q_lane_f32(p[5], b, 1), 2), 3);
    return (LANES){a, b};
}
TARGET void NAME(spread_half)(float32x4_t a, float *to)
{
    vst1q_lane_f32(to, a, 0), vst1q_lane_f32(to + GNG_LANES, a, 1);
    vst1q_lane_f32(to + 2 * GNG_LANES, a, 2), vst1q_lane_f32(to + 3 * GNG_LANES, a, 3);
}
TARGET void NAME(spread)(LANES u, float *to) { NAME(spread_half)(u.a, to), NAME(spread_half)(u.b, to + 4 * GNG_LANES); }
TARGET LANES NAME(whole)(LANES u, int32_t *whole)
{
    int32x4_t a = vcvtq_s32_f32(u.a), b = vcvtq_s32_f32(u.b);
    vst1q_s32(whole, a), vst1q_s32(whole + 4, b);
    return (LANES){vcvtq_f32_s32(a), vcvtq_f32_s32(b)};
}
TARGET unsigned NAME(bits)(uint32x4_t a, uint32x4_t b)
{
    static const uint32_t bit[GNG_LANES] = {1, 2, 4, 8, 16, 32, 64, 128};
    return vaddvq_u32(vaddq_u32(vandq_u32(a, vld1q_u32(bit)), vandq_u32(b, vld1q_u32(bit + 4))));
}
TARGET unsigned NAME(le)(LANES u, LANES v) { return NAME(bits)(vcleq_f32(u.a, v.a), vcleq_f32(u.b, v.b)); }
TARGET unsigned NAME(eq)(LANES u, LANES v) { return NAME(bits)(vceqq_f32(u.a, v.a), vceqq_f32(u.b, v.b)); }
TARGET float32x4_t NAME(half_flushed)(float32x4_t a, float smallest)
{
    return vreinterpretq_f32_u32(vbicq_u32(vreinterpretq_u32_f32(a), vcaltq_f32(a, vdupq_n_f32(smallest))));
}
TARGET LANES NAME(flushed)(LANES u, float smallest)
{
    return (LANES){NAME(half_flushed)(u.a, smallest), NAME(half_flushed)(u.b, smallest)};
}
TARGET float NAME(total)(LANES u)
{
    float32x4_t t = vaddq_f32(u.a, u.b);
    float32x2_t pair = vadd_f32(vget_low_f32(t), vget_high_f32(t));
    return vget_lane_f32(pair, 0) + vget_lane_f32(pair, 1);
}
TARGET void NAME(four_totals)(const LANES *v, float *totals)
{
    float32x2_t pair[4];
    for (int i = 0; i < 4; i++) {
        float32x4_t t = vaddq_f32(v[i].a, v[i].b);
        pair[i] = vadd_f32(vget_low_f32(t), vget_high_f32(t));
    }
    vst1q_f32(totals, vpaddq_f32(vcombine_f32(pair[0], pair[1]), vcombine_f32(pair[2], pair[3])));
}
TARGET void NAME(two_least)(LANES least, LANES second, float *d1, float *d2)
{
    float32x4_t a = vminq_f32(least.a, least.b);
    float32x4_t c = vminq_f32(vmaxq_f32(least.a, least.b), vminq_f32(second.a, second.b));
    float32x2_t low = vpmin_f32(vget_low_f32(a), vget_high_f32(a)), high = vpmax_f32(vget_low_f32(a), vget_high_f32(a));
    float rest = vminv_f32(vmin_f32(high, vpmin_f32(vget_low_f32(c), vget_high_f32(c)))), larger = vmaxv_f32(low);
    *d1 = vminv_f32(low);
    *d2 = larger < rest ? larger : rest;
}
TARGET uint32_t NAME(four_eq)(const LANES *v, LANES a)
{
    return NAME(eq)(v[0], a) | NAME(eq)(v[1], a) << 8 | NAME(eq)(v[2], a) << 16 | NAME(eq)(v[3], a) << 24;
}
#undef BOTH

#else

typedef struct {
    float v[GNG_LANES];
} NAME(lanes);
#define LANES NAME(lanes)
#define EACH for (int i = 0; i < GNG_LANES; i++)
TARGET LANES NAME(load)(const float *p) { LANES r; EACH r.v[i] = p[i]; return r; }
TARGET void NAME(store)(float *p, LANES a) { EACH p[i] = a.v[i]; }
TARGET LANES NAME(all)(float a) { LANES r; EACH r.v[i] = a; return r; }
TARGET LANES NAME(sub)(LANES a, LANES b) { EACH a.v[i] -= b.v[i]; return a; }
TARGET LANES NAME(add)(LANES a, LANES b) { EACH a.v[i] += b.v[i]; return a; }
TARGET LANES NAME(mul)(LANES a, LANES b) { EACH a.v[i] *= b.v[i]; return a; }
TARGET LANES NAME(min)(LANES a, LANES b) { EACH a.v[i] = a.v[i] < b.v[i] ? a.v[i] : b.v[i]; return a; }
TARGET LANES NAME(max)(LANES a, LANES b) { EACH a.v[i] = a.v[i] > b.v[i] ? a.v[i] : b.v[i]; return a; }
TARGET LANES NAME(gathered)(const float *const *p) { LANES r; EACH r.v[i] = *p[i]; return r; }
TARGET void NAME(spread)(LANES a, float *to) { EACH to[i * GNG_LANES] = a.v[i]; }
TARGET LANES NAME(whole)(LANES a, int32_t *whole) { EACH a.v[i] = (float)(whole[i] = (int32_t)a.v[i]); return a; }
TARGET unsigned NAME(le)(LANES a, LANES b) { unsigned r = 0; EACH r |= (unsigned)(a.v[i] <= b.v[i]) << i; return r; }
TARGET unsigned NAME(eq)(LANES a, LANES b) { unsigned r = 0; EACH r |= (unsigned)(a.v[i] == b.v[i]) << i; return r; }
TARGET LANES NAME(flushed)(LANES a, float smallest) { EACH a.v[i] = gng_flushed(a.v[i], smallest); return a; }
TARGET float NAME(total)(LANES a)
{
    return ((a.v[0] + a.v[4]) + (a.v[2] + a.v[6])) + ((a.v[1] + a.v[5]) + (a.v[3] + a.v[7]));
}
TARGET void NAME(four_totals)(const LANES *v, float *totals)
{
    for (int i = 0; i < 4; i++)
        totals[i] = NAME(total)(v[i]);
}
TARGET void NAME(two_least)(LANES least, LANES second, float *d1, float *d2)
{
    float a = least.v[0], b = second.v[0];
    for (int i = 1; i < GNG_LANES; i++) {
        float larger = least.v[i] > a ? least.v[i] : a;
        a = least.v[i] < a ? least.v[i] : a;
        b = second.v[i] < b ? second.v[i] : b;
        b = larger < b ? larger : b;
    }
    *d1 = a;
    *d2 = b;
}
TARGET uint32_t NAME(four_eq)(const LANES *v, LANES a)
{
    return NAME(eq)(v[0], a) | NAME(eq)(v[1], a) << 8 | NAME(eq)(v[2], a) << 16 | NAME(eq)(v[3], a) << 24;
}
#undef EACH

#endif

/* Of n registers, an even number, the least and the second least value in each lane. */
TARGET void NAME(least_of_lanes)(const LANES *v, int n, LANES *least, LANES *second)
{
    *least = NAME(min)(v[0], v[1]);
    *second = NAME(max)(v[0], v[1]);
    for (int j = 2; j < n; j += 2) {
        LANES low = NAME(min)(v[j], v[j + 1]), high = NAME(max)(v[j], v[j + 1]);
        *second = NAME(min)(NAME(max)(*least, low), NAME(min)(*second, high));
        *least = NAME(min)(*least, low);
    }
}

/* Bit GNG_LANES * j + i says whether lane i of v[j] equals a, for n registers: two, or a multiple of four. */
TARGET uint64_t NAME(where_eq)(const LANES *v, int n, float a)
{
    LANES all = NAME(all)(a);
    if (n < 4)
        return NAME(eq)(v[0], all) | (uint64_t)NAME(eq)(v[1], all) << GNG_LANES;
    uint64_t bits = 0;
    for (int j = 0; j < n; j += 4)
        bits |= (uint64_t)NAME(four_eq)(v + j, all) << (j * GNG_LANES);
    return bits;
}

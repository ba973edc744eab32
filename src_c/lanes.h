/* Eight floats side by side, for each instruction set. Included once per set, with ISA_AVX2, ISA_SSE2, ISA_NEON or
   none of them (plain C) chosen by the includer; NAME() and TARGET as in search_kernels.h. `flushed` is gng_flushed of
   float_rules.h. */

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
TARGET unsigned NAME(le)(LANES a, LANES b) { return (unsigned)_mm256_movemask_ps(_mm256_cmp_ps(a, b, _CMP_LE_OQ)); }
TARGET unsigned NAME(eq)(LANES a, LANES b) { return (unsigned)_mm256_movemask_ps(_mm256_cmp_ps(a, b, _CMP_EQ_OQ)); }
TARGET LANES NAME(infinite_where_eq)(LANES a, LANES b)
{
    return _mm256_blendv_ps(a, _mm256_set1_ps(INFINITY), _mm256_cmp_ps(a, b, _CMP_EQ_OQ));
}
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
TARGET float NAME(least)(LANES a)
{
    __m128 m = _mm_min_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
    m = _mm_min_ps(m, _mm_movehl_ps(m, m));
    return _mm_cvtss_f32(_mm_min_ss(m, _mm_shuffle_ps(m, m, 1)));
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
TARGET unsigned NAME(bits)(LANES u) { return (unsigned)(_mm_movemask_ps(u.a) | _mm_movemask_ps(u.b) << 4); }
TARGET unsigned NAME(le)(LANES u, LANES v) { return NAME(bits)(BOTH(_mm_cmple_ps, u, v)); }
TARGET unsigned NAME(eq)(LANES u, LANES v) { return NAME(bits)(BOTH(_mm_cmpeq_ps, u, v)); }
TARGET __m128 NAME(half_infinite)(__m128 a, __m128 b)
{
    __m128 equal = _mm_cmpeq_ps(a, b);
    return _mm_or_ps(_mm_andnot_ps(equal, a), _mm_and_ps(equal, _mm_set1_ps(INFINITY)));
}
TARGET LANES NAME(infinite_where_eq)(LANES u, LANES v) { return BOTH(NAME(half_infinite), u, v); }
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
TARGET float NAME(least)(LANES u)
{
    __m128 m = _mm_min_ps(u.a, u.b);
    m = _mm_min_ps(m, _mm_movehl_ps(m, m));
    return _mm_cvtss_f32(_mm_min_ss(m, _mm_shuffle_ps(m, m, 1)));
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
TARGET unsigned NAME(bits)(uint32x4_t a, uint32x4_t b)
{
    const uint32x4_t low = {1, 2, 4, 8}, high = {16, 32, 64, 128};
    return vaddvq_u32(vaddq_u32(vandq_u32(a, low), vandq_u32(b, high)));
}
TARGET unsigned NAME(le)(LANES u, LANES v) { return NAME(bits)(vcleq_f32(u.a, v.a), vcleq_f32(u.b, v.b)); }
TARGET unsigned NAME(eq)(LANES u, LANES v) { return NAME(bits)(vceqq_f32(u.a, v.a), vceqq_f32(u.b, v.b)); }
TARGET LANES NAME(infinite_where_eq)(LANES u, LANES v)
{
    float32x4_t infinite = vdupq_n_f32(INFINITY);
    return (LANES){vbslq_f32(vceqq_f32(u.a, v.a), infinite, u.a), vbslq_f32(vceqq_f32(u.b, v.b), infinite, u.b)};
}
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
TARGET float NAME(least)(LANES u) { return vminvq_f32(vminq_f32(u.a, u.b)); }
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
TARGET unsigned NAME(le)(LANES a, LANES b) { unsigned r = 0; EACH r |= (unsigned)(a.v[i] <= b.v[i]) << i; return r; }
TARGET unsigned NAME(eq)(LANES a, LANES b) { unsigned r = 0; EACH r |= (unsigned)(a.v[i] == b.v[i]) << i; return r; }
TARGET LANES NAME(infinite_where_eq)(LANES a, LANES b)
{
    EACH a.v[i] = a.v[i] == b.v[i] ? INFINITY : a.v[i];
    return a;
}
TARGET LANES NAME(flushed)(LANES a, float smallest) { EACH a.v[i] = gng_flushed(a.v[i], smallest); return a; }
TARGET float NAME(total)(LANES a)
{
    return ((a.v[0] + a.v[4]) + (a.v[2] + a.v[6])) + ((a.v[1] + a.v[5]) + (a.v[3] + a.v[7]));
}
TARGET float NAME(least)(LANES a) { float r = a.v[0]; EACH r = a.v[i] < r ? a.v[i] : r; return r; }
#undef EACH

#endif

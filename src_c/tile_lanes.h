/* What the tiles need beside lanes.h. Included once for each instruction set, as lanes.h and after it: TILE_LANES floats side
   by side, which are the eight of lanes.h but with AVX-512. */

#if defined(ISA_AVX512)

#define TILE_LANES 16
typedef __m512 NAME(lanes);
TARGET __m512 NAME(load)(const float *p) { return _mm512_loadu_ps(p); }
TARGET void NAME(store)(float *p, __m512 a) { _mm512_storeu_ps(p, a); }
TARGET __m512 NAME(all)(float a) { return _mm512_set1_ps(a); }
TARGET __m512 NAME(sub)(__m512 a, __m512 b) { return _mm512_sub_ps(a, b); }
TARGET __m512 NAME(add)(__m512 a, __m512 b) { return _mm512_add_ps(a, b); }
TARGET __m512 NAME(mul)(__m512 a, __m512 b) { return _mm512_mul_ps(a, b); }
TARGET __m512 NAME(min)(__m512 a, __m512 b) { return _mm512_min_ps(a, b); }
TARGET __m512 NAME(max)(__m512 a, __m512 b) { return _mm512_max_ps(a, b); }
TARGET unsigned NAME(le)(__m512 a, __m512 b) { return _mm512_cmp_ps_mask(a, b, _CMP_LE_OQ); }
TARGET float NAME(least_lane)(__m512 a) { return _mm512_reduce_min_ps(a); }
TARGET __m512 NAME(root)(__m512 a) { return _mm512_sqrt_ps(a); }
TARGET __m512 NAME(fma)(__m512 a, __m512 b, __m512 c) { return _mm512_fmadd_ps(a, b, c); }
TARGET __m512 NAME(where_greater)(__m512 a, __m512 b, __m512 then, __m512 otherwise)
{
    return _mm512_mask_blend_ps(_mm512_cmp_ps_mask(a, b, _CMP_GT_OQ), otherwise, then);
}

#else

#define TILE_LANES GNG_LANES
#if defined(ISA_AVX2)
TARGET float NAME(least_lane)(__m256 a)
{
    __m128 m = _mm_min_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
    m = _mm_min_ps(m, _mm_movehl_ps(m, m));
    return _mm_cvtss_f32(_mm_min_ss(m, _mm_shuffle_ps(m, m, 1)));
}
TARGET __m256 NAME(root)(__m256 a) { return _mm256_sqrt_ps(a); }
TARGET __m256 NAME(fma)(__m256 a, __m256 b, __m256 c) { return _mm256_fmadd_ps(a, b, c); }
TARGET __m256 NAME(where_greater)(__m256 a, __m256 b, __m256 then, __m256 otherwise)
{
    return _mm256_blendv_ps(otherwise, then, _mm256_cmp_ps(a, b, _CMP_GT_OQ));
}
#else
TARGET NAME(lanes) NAME(root)(NAME(lanes) a)
{
    float root[GNG_LANES];
    NAME(store)(root, a);
    for (int i = 0; i < GNG_LANES; i++)
        root[i] = sqrtf(root[i]);
    return NAME(load)(root);
}
#endif

#endif

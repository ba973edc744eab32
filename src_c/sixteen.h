/* Sixteen floats side by side, for the dense search. Included once for each instruction set that has fused multiply-adds,
   with ISA_AVX512 or ISA_AVX2 chosen by the includer; NAME() and TARGET as in search_kernels.h. */

#if defined(ISA_AVX512)

typedef __m512 NAME(sixteen);
#define SIXTEEN NAME(sixteen)
TARGET SIXTEEN NAME(load16)(const float *p) { return _mm512_loadu_ps(p); }
TARGET void NAME(store16)(float *p, SIXTEEN a) { _mm512_storeu_ps(p, a); }
TARGET SIXTEEN NAME(all16)(float a) { return _mm512_set1_ps(a); }
TARGET SIXTEEN NAME(sub16)(SIXTEEN a, SIXTEEN b) { return _mm512_sub_ps(a, b); }
TARGET SIXTEEN NAME(add16)(SIXTEEN a, SIXTEEN b) { return _mm512_add_ps(a, b); }
TARGET SIXTEEN NAME(mul16)(SIXTEEN a, SIXTEEN b) { return _mm512_mul_ps(a, b); }
TARGET SIXTEEN NAME(min16)(SIXTEEN a, SIXTEEN b) { return _mm512_min_ps(a, b); }
TARGET SIXTEEN NAME(max16)(SIXTEEN a, SIXTEEN b) { return _mm512_max_ps(a, b); }
TARGET SIXTEEN NAME(fused16)(SIXTEEN a, SIXTEEN b, SIXTEEN c) { return _mm512_fmadd_ps(a, b, c); } /* a b + c */
TARGET unsigned NAME(le16)(SIXTEEN a, SIXTEEN b) { return _mm512_cmp_ps_mask(a, b, _CMP_LE_OQ); }
/* p[0], p[16], ... p[240] */
TARGET SIXTEEN NAME(column16)(const float *p)
{
    const __m512i at = _mm512_set_epi32(240, 224, 208, 192, 176, 160, 144, 128, 112, 96, 80, 64, 48, 32, 16, 0);
    return _mm512_i32gather_ps(at, p, sizeof(float));
}
TARGET __m256 NAME(low_half)(SIXTEEN a) { return _mm512_castps512_ps256(a); }
TARGET __m256 NAME(high_half)(SIXTEEN a) { return _mm512_extractf32x8_ps(a, 1); }

#else

typedef struct {
    __m256 a, b;
} NAME(sixteen);
#define SIXTEEN NAME(sixteen)
#define BOTH(f, u, v) ((SIXTEEN){f((u).a, (v).a), f((u).b, (v).b)})
TARGET SIXTEEN NAME(load16)(const float *p) { return (SIXTEEN){_mm256_loadu_ps(p), _mm256_loadu_ps(p + 8)}; }
TARGET void NAME(store16)(float *p, SIXTEEN u) { _mm256_storeu_ps(p, u.a), _mm256_storeu_ps(p + 8, u.b); }
TARGET SIXTEEN NAME(all16)(float x) { return (SIXTEEN){_mm256_set1_ps(x), _mm256_set1_ps(x)}; }
TARGET SIXTEEN NAME(sub16)(SIXTEEN u, SIXTEEN v) { return BOTH(_mm256_sub_ps, u, v); }
TARGET SIXTEEN NAME(add16)(SIXTEEN u, SIXTEEN v) { return BOTH(_mm256_add_ps, u, v); }
TARGET SIXTEEN NAME(mul16)(SIXTEEN u, SIXTEEN v) { return BOTH(_mm256_mul_ps, u, v); }
TARGET SIXTEEN NAME(min16)(SIXTEEN u, SIXTEEN v) { return BOTH(_mm256_min_ps, u, v); }
TARGET SIXTEEN NAME(max16)(SIXTEEN u, SIXTEEN v) { return BOTH(_mm256_max_ps, u, v); }
TARGET SIXTEEN NAME(fused16)(SIXTEEN u, SIXTEEN v, SIXTEEN w)
{
    return (SIXTEEN){_mm256_fmadd_ps(u.a, v.a, w.a), _mm256_fmadd_ps(u.b, v.b, w.b)};
}
TARGET unsigned NAME(le16)(SIXTEEN u, SIXTEEN v)
{
    unsigned a = (unsigned)_mm256_movemask_ps(_mm256_cmp_ps(u.a, v.a, _CMP_LE_OQ));
    return a | (unsigned)_mm256_movemask_ps(_mm256_cmp_ps(u.b, v.b, _CMP_LE_OQ)) << 8;
}
/* p[0], p[16], ... p[240] */
TARGET SIXTEEN NAME(column16)(const float *p)
{
    const __m256i at = _mm256_set_epi32(112, 96, 80, 64, 48, 32, 16, 0);
    return (SIXTEEN){_mm256_i32gather_ps(p, at, sizeof(float)), _mm256_i32gather_ps(p + 128, at, sizeof(float))};
}
TARGET __m256 NAME(low_half)(SIXTEEN u) { return u.a; }
TARGET __m256 NAME(high_half)(SIXTEEN u) { return u.b; }
#undef BOTH

#endif

/* The totals of four times sixteen floats. */
TARGET __m128 NAME(totals16)(SIXTEEN a, SIXTEEN b, SIXTEEN c, SIXTEEN d)
{
    __m256 ab = _mm256_hadd_ps(_mm256_add_ps(NAME(low_half)(a), NAME(high_half)(a)),
                               _mm256_add_ps(NAME(low_half)(b), NAME(high_half)(b)));
    __m256 cd = _mm256_hadd_ps(_mm256_add_ps(NAME(low_half)(c), NAME(high_half)(c)),
                               _mm256_add_ps(NAME(low_half)(d), NAME(high_half)(d)));
    __m256 all = _mm256_hadd_ps(ab, cd);
    return _mm_add_ps(_mm256_castps256_ps128(all), _mm256_extractf128_ps(all, 1));
}

/* The least and the second least of 32 floats, none of them NaN, of which `high` is in each lane at least `low`. */
TARGET void NAME(two_least16)(SIXTEEN low, SIXTEEN high, float *first, float *second)
{
    __m256 a = NAME(low_half)(low), b = NAME(high_half)(low), least = _mm256_min_ps(NAME(low_half)(high), NAME(high_half)(high));
    NAME(two_least)(_mm256_min_ps(a, b), _mm256_min_ps(least, _mm256_max_ps(a, b)), first, second);
}

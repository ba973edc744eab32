#include "two_nearest.h"

#include <math.h>
#include <string.h>

#if (defined(__GNUC__) || defined(__clang__)) && defined(__x86_64__)
#define HAVE_AVX2 1
#define TARGET_AVX2 __attribute__((target("avx2")))
#define ALWAYS_INLINE static inline __attribute__((always_inline))
#elif defined(_MSC_VER) && defined(_M_X64)
#define HAVE_AVX2 1
#define TARGET_AVX2
#define ALWAYS_INLINE static __forceinline
#else
#define HAVE_AVX2 0
#define ALWAYS_INLINE static inline
#endif

#if HAVE_AVX2
#include <immintrin.h>
#endif

/* Per lane: the two nearest nodes seen so far, with the panels they lie in. */
typedef struct {
    float d1[GNG_LANES], d2[GNG_LANES];
    int32_t p1[GNG_LANES], p2[GNG_LANES];
} lane_hits;

static void offer(gng_hit *hit, float distance, int32_t node)
{
    if (node < 0)
        return;
    if (hit->s1 < 0 || distance < hit->d1 || (distance == hit->d1 && node < hit->s1)) {
        hit->s2 = hit->s1;
        hit->d2 = hit->d1;
        hit->s1 = node;
        hit->d1 = distance;
    } else if (hit->s2 < 0 || distance < hit->d2 || (distance == hit->d2 && node < hit->s2)) {
        hit->s2 = node;
        hit->d2 = distance;
    }
}

static void merge_lanes(const lane_hits *lanes, gng_hit *hit)
{
    hit->s1 = hit->s2 = -1;
    hit->d1 = hit->d2 = INFINITY;
    for (int lane = 0; lane < GNG_LANES; lane++) {
        int32_t p1 = lanes->p1[lane], p2 = lanes->p2[lane];
        offer(hit, lanes->d1[lane], p1 < 0 ? -1 : p1 * GNG_LANES + lane);
        offer(hit, lanes->d2[lane], p2 < 0 ? -1 : p2 * GNG_LANES + lane);
    }
}

/* ---- plain C ---------------------------------------------------------------------------------------------------- */

static void two_nearest_portable(const float *panels, ptrdiff_t n_panels, ptrdiff_t d, const float *x, gng_hit *hit)
{
    lane_hits best;
    for (int lane = 0; lane < GNG_LANES; lane++) {
        best.d1[lane] = best.d2[lane] = INFINITY;
        best.p1[lane] = best.p2[lane] = -1;
    }
    for (ptrdiff_t p = 0; p < n_panels; p++, panels += d * GNG_LANES) {
        float sum[GNG_LANES];
        for (int lane = 0; lane < GNG_LANES; lane++) {
            float diff = panels[lane] - x[0];
            sum[lane] = diff * diff;
        }
        for (ptrdiff_t k = 1; k < d; k++)
            for (int lane = 0; lane < GNG_LANES; lane++) {
                float diff = panels[k * GNG_LANES + lane] - x[k];
                sum[lane] += diff * diff;
            }
        for (int lane = 0; lane < GNG_LANES; lane++) {
            int nearest = sum[lane] < best.d1[lane], second = sum[lane] < best.d2[lane];
            best.d2[lane] = nearest ? best.d1[lane] : second ? sum[lane] : best.d2[lane];
            best.p2[lane] = nearest ? best.p1[lane] : second ? (int32_t)p : best.p2[lane];
            best.d1[lane] = nearest ? sum[lane] : best.d1[lane];
            best.p1[lane] = nearest ? (int32_t)p : best.p1[lane];
        }
    }
    merge_lanes(&best, hit);
}

/* ---- AVX2 ------------------------------------------------------------------------------------------------------- */

#if HAVE_AVX2

#define TOGETHER 4 /* panels whose sums run side by side, to hide the latency of the additions */

typedef struct {
    __m256 d1, d2;
    __m256i p1, p2;
} avx2_hits;

TARGET_AVX2 ALWAYS_INLINE void avx2_sums(const float *panels, int n, ptrdiff_t d, const float *x, __m256 *sum)
{
    __m256 x0 = _mm256_set1_ps(x[0]);
    for (int j = 0; j < n; j++) {
        __m256 diff = _mm256_sub_ps(_mm256_loadu_ps(panels + j * d * GNG_LANES), x0);
        sum[j] = _mm256_mul_ps(diff, diff);
    }
    for (ptrdiff_t k = 1; k < d; k++) {
        __m256 xk = _mm256_set1_ps(x[k]);
        for (int j = 0; j < n; j++) {
            __m256 diff = _mm256_sub_ps(_mm256_loadu_ps(panels + (j * d + k) * GNG_LANES), xk);
            sum[j] = _mm256_add_ps(sum[j], _mm256_mul_ps(diff, diff));
        }
    }
}

TARGET_AVX2 ALWAYS_INLINE void avx2_offer(avx2_hits *best, __m256 distance, __m256i panel)
{
    __m256 nearest = _mm256_cmp_ps(distance, best->d1, _CMP_LT_OQ);
    __m256 second = _mm256_cmp_ps(distance, best->d2, _CMP_LT_OQ);
    __m256 moved_down = _mm256_blendv_ps(distance, best->d1, nearest);
    __m256i panel_down =
        _mm256_castps_si256(_mm256_blendv_ps(_mm256_castsi256_ps(panel), _mm256_castsi256_ps(best->p1), nearest));
    best->d2 = _mm256_blendv_ps(best->d2, moved_down, second);
    best->p2 = _mm256_castps_si256(
        _mm256_blendv_ps(_mm256_castsi256_ps(best->p2), _mm256_castsi256_ps(panel_down), second));
    best->d1 = _mm256_blendv_ps(best->d1, distance, nearest);
    best->p1 =
        _mm256_castps_si256(_mm256_blendv_ps(_mm256_castsi256_ps(best->p1), _mm256_castsi256_ps(panel), nearest));
}

TARGET_AVX2 ALWAYS_INLINE void avx2_search(const float *panels, ptrdiff_t n_panels, ptrdiff_t d, const float *x,
                                           gng_hit *hit)
{
    avx2_hits best = {_mm256_set1_ps(INFINITY), _mm256_set1_ps(INFINITY), _mm256_set1_epi32(-1),
                      _mm256_set1_epi32(-1)};
    __m256 sum[TOGETHER];
    ptrdiff_t p = 0;
    for (; p + TOGETHER <= n_panels; p += TOGETHER) {
        avx2_sums(panels + p * d * GNG_LANES, TOGETHER, d, x, sum);
        for (int j = 0; j < TOGETHER; j++)
            avx2_offer(&best, sum[j], _mm256_set1_epi32((int32_t)(p + j)));
    }
    for (; p < n_panels; p++) {
        avx2_sums(panels + p * d * GNG_LANES, 1, d, x, sum);
        avx2_offer(&best, sum[0], _mm256_set1_epi32((int32_t)p));
    }
    lane_hits lanes;
    _mm256_storeu_ps(lanes.d1, best.d1);
    _mm256_storeu_ps(lanes.d2, best.d2);
    _mm256_storeu_si256((__m256i *)lanes.p1, best.p1);
    _mm256_storeu_si256((__m256i *)lanes.p2, best.p2);
    merge_lanes(&lanes, hit);
}

TARGET_AVX2 static void two_nearest_avx2(const float *panels, ptrdiff_t n_panels, ptrdiff_t d, const float *x,
                                         gng_hit *hit)
{
    switch (d) { /* a constant d lets the compiler keep the signal in registers */
    case 1: avx2_search(panels, n_panels, 1, x, hit); break;
    case 2: avx2_search(panels, n_panels, 2, x, hit); break;
    case 3: avx2_search(panels, n_panels, 3, x, hit); break;
    case 4: avx2_search(panels, n_panels, 4, x, hit); break;
    default: avx2_search(panels, n_panels, d, x, hit);
    }
}

#if defined(_MSC_VER)
#include <intrin.h>
static int has_avx2(void)
{
    int leaf[4];
    __cpuid(leaf, 1);
    if (!(leaf[2] & (1 << 27)) || (_xgetbv(0) & 6) != 6) /* OSXSAVE, and the system keeps the YMM state */
        return 0;
    __cpuidex(leaf, 7, 0);
    return (leaf[1] >> 5) & 1;
}
#else
static int has_avx2(void)
{
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2");
}
#endif

#endif /* HAVE_AVX2 */

/* ---- choice at run time ----------------------------------------------------------------------------------------- */

static int always(void)
{
    return 1;
}

static const struct {
    const char *name;
    int (*available)(void);
    gng_two_nearest_fn kernel;
} kernels[] = {
#if HAVE_AVX2
    {"avx2", has_avx2, two_nearest_avx2},
#endif
    {"portable", always, two_nearest_portable},
};

#define N_KERNELS ((int)(sizeof kernels / sizeof *kernels))

gng_two_nearest_fn gng_two_nearest_kernel(const char *isa)
{
    int any = !isa || !*isa;
    for (int i = 0; i < N_KERNELS; i++)
        if ((any || !strcmp(isa, kernels[i].name)) && kernels[i].available())
            return kernels[i].kernel;
    return NULL;
}

const char *gng_isa_name(int i)
{
    return i >= 0 && i < N_KERNELS ? kernels[i].name : NULL;
}

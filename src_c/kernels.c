#include "box.h"
#include "certificate.h"
#include "codes.h"
#include "dense.h"
#include "float_rules.h"
#include "prefetch.h"
#include "search.h"
#include "tiles.h"

#include <float.h>
#include <math.h>
#include <string.h>

#if defined(FLT_EVAL_METHOD) && FLT_EVAL_METHOD != 0
#error "floats must be rounded to float by every operation: on 32-bit x86 compile with -msse2 -mfpmath=sse"
#endif

#define INLINE GNG_INLINE
#if defined(__GNUC__) || defined(__clang__)
#define UNROLLED _Pragma("GCC unroll 4")
#else
#define UNROLLED
#endif
#if defined(__GNUC__) || defined(__clang__)
#define NOT_INLINE __attribute__((noinline))
#else
#define NOT_INLINE
#endif
#if defined(_MSC_VER)
#include <intrin.h>
#endif

#if GNG_X86_64
#include <immintrin.h>
#if defined(__clang__) && defined(_MSC_VER) /* Clang leaves out there what the whole program is not compiled for */
#include <avxintrin.h>
#include <avx2intrin.h>
#include <fmaintrin.h>
#endif
#if (defined(__GNUC__) || defined(__clang__)) && !defined(_MSC_VER)
#define GNG_AVX512 1 /* no machine with another compiler has run it */
#endif
#elif GNG_ARM64
#include <arm_neon.h>
#endif

GNG_ASSERT(kernels_have_eight_lanes, GNG_LANES == 8);
GNG_ASSERT(coordinates_of_staged_signals_fit_into_the_lanes, 4 * 2 <= GNG_LANES && 2 * GNG_MAX_GRID_D <= GNG_LANES);
GNG_ASSERT(lanes_of_the_nearest_cells_fit_into_64_bits, GNG_LANES << GNG_MAX_GRID_D <= 64);

/* ---- what all instruction sets share ---------------------------------------------------------------------------- */

#if defined(__GNUC__) || defined(__clang__)
INLINE int lowest_bit(unsigned bits) { return __builtin_ctz(bits); }
INLINE int lowest_bit64(uint64_t bits) { return __builtin_ctzll(bits); }
#else
INLINE int lowest_bit(unsigned bits) { unsigned long i; _BitScanForward(&i, bits); return (int)i; }
INLINE int lowest_bit64(uint64_t bits) { unsigned long i; _BitScanForward64(&i, bits); return (int)i; }
#endif

#define GNG_ROWS_ABREAST 4

GNG_ASSERT(a_leaf_is_searched_some_rows_at_a_time, GNG_LEAF * GNG_LANES % GNG_ROWS_ABREAST == 0);

INLINE void prefetch_bytes(const void *from, ptrdiff_t n)
{
    for (ptrdiff_t i = 0; i < n; i += 64)
        gng_prefetch((const char *)from + i);
}

INLINE int several_bits(uint64_t bits) { return (bits & (bits - 1)) != 0; }
INLINE float smaller(float a, float b) { return a < b ? a : b; }

INLINE void forget(gng_hit *hit)
{
    hit->s1 = hit->s2 = -1;
    hit->d1 = hit->d2 = INFINITY;
}

/* Put a node among the two nearest if it belongs there. */
INLINE void offer(gng_hit *hit, float distance, int32_t node)
{
    if (!(distance < INFINITY))
        return;
    if (distance < hit->d1 || (distance == hit->d1 && node < hit->s1)) {
        hit->s2 = hit->s1;
        hit->d2 = hit->d1;
        hit->s1 = node;
        hit->d1 = distance;
    } else if (distance < hit->d2 || (distance == hit->d2 && node < hit->s2)) {
        hit->s2 = node;
        hit->d2 = distance;
    }
}

/* Nodes whose codes say that they can be among the two nearest, and what is known of these (codes.h). */
#define GNG_MOST_PUT_BY 128
typedef struct gng_put_by {
    int n;
    float first, second; /* one node and another one have at most these squared distances */
    int32_t place[GNG_MOST_PUT_BY];
    float nearest[GNG_MOST_PUT_BY]; /* at most the squared distance of each */
} gng_put_by;

/* The squared distance up to which boxes are to be searched. */
INLINE float reach_of(const gng_panels *panels, const gng_put_by *put_by, const gng_hit *hit)
{
    return gng_reach_of_boxes(panels, smaller(put_by->second, hit->d2));
}

/* Whether every node further away than `margin` cells is further than the squared distance d2. `slack` is for rounding
   within the grid, the factor for a signal so far outside that its own rounding matters. Squares of what is smaller than
   GNG_SMALLEST_CELL lose their digits, down to 0: they prove nothing. */
INLINE int proven(const gng_panels *panels, float margin, float d2)
{
    float certain = (margin * (1.0f - 1e-5f) - panels->slack) * panels->cell;
    return certain > GNG_SMALLEST_CELL && d2 < certain * certain;
}

/* How many cells away nodes of the squared distance d2 can lie, as `proven` reckons. */
INLINE float cells_within(const gng_panels *panels, float d2)
{
    float distance = sqrtf(d2 + GNG_SMALLEST_CELL * GNG_SMALLEST_CELL);
    return (distance * panels->per_cell * 1.0001f + panels->slack) * 1.0001f;
}

#if GNG_X86_64
/* The two least of a, b and c, where c holds nothing less than the lanes of a and b in its place. */
INLINE void two_least_of_eight(__m128 a, __m128 b, __m128 c, float *d1, float *d2)
{
    __m128 second = _mm_min_ps(_mm_max_ps(a, b), c), least = _mm_min_ps(a, b);
    __m128 other = _mm_movehl_ps(least, least);
    second = _mm_min_ps(_mm_max_ps(least, other), _mm_min_ps(second, _mm_movehl_ps(second, second)));
    least = _mm_min_ps(least, other);
    other = _mm_shuffle_ps(least, least, 1);
    *d2 = _mm_cvtss_f32(_mm_min_ss(_mm_max_ss(least, other), _mm_min_ss(second, _mm_shuffle_ps(second, second, 1))));
    *d1 = _mm_cvtss_f32(_mm_min_ss(least, other));
}
#endif

#if GNG_X86_64
/* Write four floats to every GNG_LANES-th float. */
INLINE void spread_four(__m128 a, float *to)
{
    _mm_store_ss(to, a), _mm_store_ss(to + GNG_LANES, _mm_shuffle_ps(a, a, 1));
    _mm_store_ss(to + 2 * GNG_LANES, _mm_movehl_ps(a, a)), _mm_store_ss(to + 3 * GNG_LANES, _mm_shuffle_ps(a, a, 3));
}

/* Of four rows whose eight sums were added to four, s[k] + s[k + 4], write the totals. */
INLINE void four_totals_of(__m128 a, __m128 b, __m128 c, __m128 e, float *totals)
{
    __m128 ab = _mm_add_ps(_mm_unpacklo_ps(a, b), _mm_unpackhi_ps(a, b));
    __m128 ce = _mm_add_ps(_mm_unpacklo_ps(c, e), _mm_unpackhi_ps(c, e));
    _mm_storeu_ps(totals, _mm_add_ps(_mm_movelh_ps(ab, ce), _mm_movehl_ps(ce, ab)));
}
#endif

/* Which of n bounds, those that are numbers, is the least, if it is not above `reach`; -1 if none is. */
INLINE ptrdiff_t least_within(const float *bound, ptrdiff_t n, float reach)
{
    ptrdiff_t least = -1;
    for (ptrdiff_t i = 0; i < n; i++) {
        least = bound[i] <= reach ? i : least;
        reach = bound[i] <= reach ? bound[i] : reach;
    }
    return least;
}

/* The next of n bounds that is not above `reach`, in the order in which they stand, from `first` on; -1 if none is. */
INLINE ptrdiff_t next_within(const float *bound, ptrdiff_t first, ptrdiff_t n, float reach)
{
    for (ptrdiff_t i = first; i < n; i++)
        if (bound[i] <= reach)
            return i;
    return -1;
}

/* Cells from `low` to `high` along each axis. */
typedef struct {
    int32_t low[GNG_MAX_GRID_D], high[GNG_MAX_GRID_D];
} gng_cells;

/* ---- one instruction set after the other ------------------------------------------------------------------------ */

#define JOIN(a, b) a##_##b
#define JOINED(a, b) JOIN(a, b)
#define NAME(f) JOINED(f, ISA)

#define ISA portable
#define TARGET INLINE
#define ENTRY static
#include "lanes.h"
#include "search_kernels.h"
#include "move_kernels.h"
#undef LANES
#undef ISA

#if GNG_X86_64
#define ISA sse2
#define ISA_SSE2
#include "lanes.h"
#include "search_kernels.h"
#include "move_kernels.h"
#undef LANES
#undef ISA_SSE2
#undef ISA
#endif

#if GNG_ARM64
#define ISA neon
#define ISA_NEON
#include "lanes.h"
#include "search_kernels.h"
#include "move_kernels.h"
#undef LANES
#undef ISA_NEON
#undef ISA
#endif

#if GNG_X86_64
#undef TARGET
#undef ENTRY
#if defined(__GNUC__) || defined(__clang__)
#define FOR(isa) __attribute__((target(isa)))
#else
#define FOR(isa)
#endif

#define TARGET FOR("avx2,fma") INLINE
#define ENTRY FOR("avx2,fma") static
#define ISA avx2
#define ISA_AVX2
#define ISA_CODES
#define LARGEST_CODE 90 /* so that 16 bits hold the sum of two products */
#include "lanes.h"
#include "search_kernels.h"
#include "code_kernels.h"
#include "move_kernels.h"
#include "sixteen.h"
#include "dense_kernels.h"
#undef LANES
#undef LARGEST_CODE
#undef ISA_CODES
#undef ISA

#if GNG_AVX512 /* eight lanes as with AVX2, sixteen of its own */
#undef TARGET
#undef ENTRY
#define TARGET FOR("avx512f,avx512bw,avx512dq,avx512vl,fma") INLINE
#define ENTRY FOR("avx512f,avx512bw,avx512dq,avx512vl,fma") static
#define ISA avx512
#define ISA_AVX512
#include "lanes.h"
#include "search_kernels.h"
#include "move_kernels.h"
#include "sixteen.h"
#include "dense_kernels.h"
#undef LANES
#undef ISA_AVX512
#undef ISA

#undef TARGET
#undef ENTRY
#define TARGET FOR("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,fma") INLINE
#define ENTRY FOR("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,fma") static
#define ISA vnni /* products of bytes */
#define ISA_VNNI
#define LARGEST_CODE 127
#include "lanes.h"
#include "rows_kernels.h"
#include "code_kernels.h"
#undef LANES
#undef LARGEST_CODE
#undef ISA_VNNI
#undef ISA
#endif
#undef ISA_AVX2
#endif

/* ---- look-ups in tiles ------------------------------------------------------------------------------------------ */

#undef TARGET
#undef ENTRY
#define TARGET INLINE
#define ENTRY static
#define ISA portable
#include "tile_lanes.h"
#include "tile_kernels.h"
#undef ISA

#if GNG_X86_64
#define ISA sse2
#include "tile_lanes.h"
#include "tile_kernels.h"
#undef ISA
#endif

#if GNG_ARM64
#define ISA neon
#include "tile_lanes.h"
#include "tile_kernels.h"
#undef ISA
#endif

#if GNG_X86_64
#undef TARGET
#undef ENTRY
#define TARGET FOR("avx2,fma") INLINE
#define ENTRY FOR("avx2,fma") static
#define ISA avx2
#define ISA_AVX2
#define TILE_NODES 4
#define TILE_WIDTH 3
#include "tile_lanes.h"
#include "tile_kernels.h"
#undef TILE_NODES
#undef TILE_WIDTH
#undef ISA_AVX2
#undef ISA

#if GNG_AVX512
#undef TARGET
#undef ENTRY
#define TARGET FOR("avx512f,avx2,fma") INLINE
#define ENTRY FOR("avx512f,avx2,fma") static
#define ISA avx512_tiles /* sixteen lanes, where the search of avx512 has eight */
#define ISA_AVX512
#define TILE_NODES 8
#define TILE_WIDTH 2
#include "tile_lanes.h"
#include "tile_kernels.h"
#undef TILE_NODES
#undef TILE_WIDTH
#undef ISA_AVX512
#undef ISA
#endif
#endif

/* ---- choice at run time ----------------------------------------------------------------------------------------- */

static int always(void) { return 1; }

#if GNG_X86_64
#if !defined(_MSC_VER)
#define HAS(isa) __builtin_cpu_supports(isa)

static int has_avx2(void)
{
    __builtin_cpu_init();
    return HAS("avx2") && HAS("fma");
}

#if GNG_AVX512
static int has_avx512(void)
{
    return has_avx2() && HAS("avx512f") && HAS("avx512bw") && HAS("avx512dq") && HAS("avx512vl");
}

static int has_vnni(void) { return has_avx512() && HAS("avx512vnni"); }
#endif
#else
static int has_avx2(void)
{
    int leaf[4];
    __cpuid(leaf, 1); /* FMA, OSXSAVE, and the system keeps the YMM state */
    if (!(leaf[2] & (1 << 12)) || !(leaf[2] & (1 << 27)) || (_xgetbv(0) & 6) != 6)
        return 0;
    __cpuidex(leaf, 7, 0);
    return (leaf[1] >> 5) & 1;
}
#endif
#endif

static const gng_kernels all_kernels[] = {
#if GNG_AVX512
    {"avx512", has_avx512, search_avx2, move_avx512, &coder_vnni, &dense_avx512},
#endif
#if GNG_X86_64
    {"avx2", has_avx2, search_avx2, move_avx2, &coder_avx2, &dense_avx2},
    {"sse2", always, search_sse2, move_sse2, NULL, NULL},
#endif
#if GNG_ARM64
    {"neon", always, search_neon, move_neon, NULL, NULL},
#endif
    {"portable", always, search_portable, move_portable, NULL, NULL},
};

#define N_KERNELS ((int)(sizeof all_kernels / sizeof *all_kernels))

const gng_kernels *gng_kernels_for(const char *isa)
{
    int any = !isa || !*isa;
    for (int i = 0; i < N_KERNELS; i++)
        if ((any || !strcmp(isa, all_kernels[i].name)) && all_kernels[i].available())
            return &all_kernels[i];
    return NULL;
}

const char *gng_isa_name(int i)
{
    return i >= 0 && i < N_KERNELS ? all_kernels[i].name : NULL;
}

const gng_coder *gng_coder_of(const gng_kernels *kernels)
{
#if GNG_AVX512
    if (kernels->coder == &coder_vnni && !has_vnni())
        return &coder_avx2; /* AVX-512 was there before it */
#endif
    return kernels->coder;
}

static const gng_tile_kernels all_tile_kernels[] = {
#if GNG_AVX512
    {"avx512", 32, 80, nearest_avx512_tiles, all_distances_avx512_tiles},
#endif
#if GNG_X86_64
    {"avx2", 24, 40, nearest_avx2, all_distances_avx2},
    {"sse2", 0, 0, NULL, all_distances_sse2},
#endif
#if GNG_ARM64
    {"neon", 0, 0, NULL, all_distances_neon},
#endif
    {"portable", 0, 0, NULL, all_distances_portable},
};

const gng_tile_kernels *gng_tile_kernels_for(const char *isa)
{
    const gng_tile_kernels *kernels = all_tile_kernels;
    while (strcmp(isa, kernels->name))
        kernels++;
    return kernels;
}

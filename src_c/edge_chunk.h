/* Eight small integers at once, for the lists of edges. Plain C where there is no SSE2; the same results. */
#ifndef GNG_EIGHT_H
#define GNG_EIGHT_H

#include "target.h"

#include <stdint.h>

#if GNG_X86_64
#include <emmintrin.h>
#define GNG_SSE2 1
#endif

/* Which of eight numbers is `wanted`: its index, or -1. None may be there twice. */
static inline int gng_find_eight(const int32_t *numbers, int32_t wanted)
{
#if GNG_SSE2
    __m128i w = _mm_set1_epi32(wanted);
    __m128i low = _mm_cmpeq_epi32(_mm_loadu_si128((const __m128i *)numbers), w);
    __m128i high = _mm_cmpeq_epi32(_mm_loadu_si128((const __m128i *)(numbers + 4)), w);
    /* numbers 2 i and 2 i + 1 of the packed bytes stand for number i */
    int mask = _mm_movemask_epi8(_mm_packs_epi32(low, high));
    if (!mask)
        return -1;
#if defined(_MSC_VER)
    unsigned long bit;
    _BitScanForward(&bit, (unsigned long)mask);
    return (int)bit >> 1;
#else
    return __builtin_ctz((unsigned)mask) >> 1;
#endif
#else
    for (int i = 0; i < 8; i++)
        if (numbers[i] == wanted)
            return i;
    return -1;
#endif
}

#endif

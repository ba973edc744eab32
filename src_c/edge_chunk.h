/* The search of an edge chunk for a neighbour, all of it at once. Plain C where there is no SSE2; the same results. */
#ifndef GNG_EDGE_CHUNK_H
#define GNG_EDGE_CHUNK_H

#include "records.h"
#include "static_assert.h"

#if GNG_X86_64
#include <emmintrin.h>
#define GNG_SSE2 1
#endif
#if defined(_MSC_VER)
#include <intrin.h>
#endif

GNG_ASSERT(two_registers_hold_a_chunk, GNG_EDGES_PER_CHUNK == 8);

/* Which entry of the chunk names the node `wanted`, or -1. None may be there twice. */
static inline int gng_find_in_chunk(const gng_edge_chunk *chunk, int32_t wanted)
{
#if GNG_SSE2
    __m128i w = _mm_set1_epi32(wanted);
    __m128i low = _mm_cmpeq_epi32(_mm_loadu_si128((const __m128i *)chunk->neighbour), w);
    __m128i high = _mm_cmpeq_epi32(_mm_loadu_si128((const __m128i *)(chunk->neighbour + 4)), w);
    /* bytes 2 i and 2 i + 1 of the packed ones stand for entry i */
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
    for (int i = 0; i < GNG_EDGES_PER_CHUNK; i++)
        if (chunk->neighbour[i] == wanted)
            return i;
    return -1;
#endif
}

#endif

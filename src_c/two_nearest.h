/* The search for the two nearest nodes (step 2).

   Nodes lie in panels of GNG_LANES nodes: coordinate k of node i is panels[(i / GNG_LANES) * d * GNG_LANES
   + k * GNG_LANES + i % GNG_LANES]. A lane without a node holds +infinity in every coordinate.

   Every kernel gives the same bits: a squared distance is summed from the first coordinate to the last, each operation
   rounded to float by itself (the build forbids contraction), and of equal distances the lowest node comes first. */
#ifndef GNG_TWO_NEAREST_H
#define GNG_TWO_NEAREST_H

#include <stddef.h>
#include <stdint.h>

#define GNG_LANES 8

typedef struct {
    int32_t s1, s2; /* nearest and second nearest node; -1 where there is none at a finite distance */
    float d1, d2;   /* their squared distances */
} gng_hit;

typedef void (*gng_two_nearest_fn)(const float *panels, ptrdiff_t n_panels, ptrdiff_t d, const float *x, gng_hit *hit);

/* The kernel for an instruction set by its name, or NULL where this CPU or this build does not have it.
   NULL or "" names the best one there is. */
gng_two_nearest_fn gng_two_nearest_kernel(const char *isa);

/* Name of the i-th instruction set that this build knows, best first; NULL past the end. */
const char *gng_isa_name(int i);

#endif

/* Look-ups of many rows in a network at rest, from all of its nodes: the two nearest, and all distances.

   Nodes lie in groups of GNG_GROUP lanes, in the order of their numbers: coordinate k of node i is
   w[(i / GNG_GROUP * d + k) * GNG_GROUP + i % GNG_GROUP]. An empty lane holds 0 in every coordinate.

   Distances are those of search.h, bit for bit. `nearest` looks for them in two steps. A filter multiplies tiles of some
   nodes by some rows: it is fused and in another order, so it may err, and docs/exactness.md proves by how much. It says
   which two groups come first, and what the best of the others is. Then the distances to the nodes of those two are
   computed, and the row is certain if the bound of the error leaves nothing else as near. */
#ifndef GNG_TILES_H
#define GNG_TILES_H

#include "search.h"

#include <math.h>

#define GNG_GROUP 16
#define GNG_MOST_TILE_ROWS 32
#define GNG_MOST_TILE_NODES ((ptrdiff_t)1 << 28) /* the number of a group is exact as a float */
#define GNG_MOST_TILE_D ((ptrdiff_t)1 << 20)     /* the bound of the error holds */
#define GNG_LARGEST_TILED 0x1p120                /* |x|^2 + |w|^2 beyond which the filter may overflow */

typedef struct {
    ptrdiff_t d;
    ptrdiff_t n; /* nodes */
    float *w;    /* (groups, d, GNG_GROUP) */
    float *half; /* (groups, GNG_GROUP) -|w|^2 / 2, and -infinity in an empty lane */
    double largest; /* the largest |w|^2 */
} gng_groups;

/* Find the k (1 or 2) nearest nodes of n rows, at most as many as `rows` of the kernels. `work` has room for `rows` times d
   floats. Bit i of what is returned says that hits[i] is not certain. */
typedef uint32_t (*gng_nearest_fn)(const gng_groups *groups, const float *X, int n, int k, float *work, gng_hit *hits);

/* Write the distances, not squared, of n rows to all nodes: (n, groups->n). */
typedef void (*gng_distances_fn)(const gng_groups *groups, const float *X, ptrdiff_t n, float *out);

typedef struct {
    const char *name;
    int rows;  /* that `nearest` takes at a time */
    int speed; /* coordinates of nodes that it takes in a nanosecond: to be weighed with other searches */
    gng_nearest_fn nearest; /* NULL where the index is as fast: without fused multiply-adds */
    gng_distances_fn distances;
} gng_tile_kernels;

/* The kernels of an instruction set by the name that gng_kernels_for found it by. */
const gng_tile_kernels *gng_tile_kernels_for(const char *isa);

static inline ptrdiff_t gng_n_groups(ptrdiff_t n)
{
    return (n + GNG_GROUP - 1) / GNG_GROUP;
}

/* Write node i into its group; nodes come in the order of their numbers, groups->n of them. */
static inline void gng_enter_group(gng_groups *groups, ptrdiff_t i, const float *w)
{
    float *lane = groups->w + i / GNG_GROUP * groups->d * GNG_GROUP + i % GNG_GROUP;
    double squared = 0;
    for (ptrdiff_t k = 0; k < groups->d; k++) {
        lane[k * GNG_GROUP] = w[k];
        squared += (double)w[k] * w[k];
    }
    groups->half[i] = (float)(-0.5 * squared);
    if (squared > groups->largest || squared != squared) /* NaN stays: nothing is greater */
        groups->largest = squared;
}

/* Clear the lanes behind the last node. */
static inline void gng_end_groups(gng_groups *groups)
{
    for (ptrdiff_t i = groups->n; i < gng_n_groups(groups->n) * GNG_GROUP; i++) {
        float *lane = groups->w + i / GNG_GROUP * groups->d * GNG_GROUP + i % GNG_GROUP;
        for (ptrdiff_t k = 0; k < groups->d; k++)
            lane[k * GNG_GROUP] = 0;
        groups->half[i] = -INFINITY;
    }
}

#endif

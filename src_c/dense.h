/* The dense search: a block of signals is scored against all nodes at once, and the scores follow the nodes while the block
   is trained on. It is made for the networks above GNG_MAX_GRID_D dimensions in which every search would visit nearly all
   nodes anyway.

   A score is about the squared distance of a signal to a node; docs/dense.md says how far from it a score can be, and proves
   that what `find` returns are the same nodes at the same distances as those of gng_search_fn. The scores only leave out what
   cannot be near enough: the distances of the nodes that are left are computed as search.h says, and they decide.

   Rows are read in the order of their slots, GNG_BLOCK at a time: a group. The lanes of a vector are signals. */
#ifndef GNG_DENSE_H
#define GNG_DENSE_H

#include "search.h"

#include <math.h>

#define GNG_BLOCK 16           /* signals in a block, and nodes in a group */
#define GNG_BLOCK_SHIFT 4
#define GNG_MOST_DENSE_D 65536 /* the bounds on errors hold up to there */

typedef struct {
    /* the nodes */
    float *rows;       /* position of slot i: rows[i * d]; whole groups of them are read */
    ptrdiff_t d;
    uint16_t *live;    /* bit i of live[g]: a node is in slot g * GNG_BLOCK + i */
    uint16_t *moved;   /* alike: `move` has moved it, but not what the panels (search.h) hold of it */
    /* the scores, with room for all slots there may be */
    float *score;      /* (slots, GNG_BLOCK); +infinity where there is no node */
    float *least;      /* (groups, GNG_BLOCK) at most the least score of the group; groups are rounded up to GNG_BLOCK */
    float *norm;       /* (slots,) squared length of each row, for scores by products */
    float *bound;      /* (groups,) working memory */
    float *signals;    /* (d, GNG_BLOCK) the block, transposed, times `factor` */
    ptrdiff_t n_groups;
    /* the block */
    int n;             /* signals in it; 0 when there is no block */
    int now;           /* the one that was searched for last */
    const float *signal[GNG_BLOCK];
    float square[GNG_BLOCK];             /* squared length of each */
    float between[GNG_BLOCK * GNG_BLOCK]; /* squared distances between them, while by_steps */
    float factor;
    int by_products;   /* whether scores were made as |x|^2 + |w|^2 - 2 x.w; otherwise as |x - w|^2 */
    int by_steps;      /* whether they follow a move by the formula for it; otherwise they are made anew */
    int lengths_known; /* whether `longest` and `norm` are those of all nodes, */
    int n_since;       /* about: so many signals ago */
    float longest;     /* about the largest squared length of a node or signal */
    float error;       /* how far a score may be from the squared distance, */
    float relative;    /* besides this share of it */
    float second;      /* the second least score of the search before */
} gng_scores;

typedef struct gng_dense_kernels {
    /* Score a block of n signals, up to GNG_BLOCK, against all nodes in n_slots slots. */
    void (*begin)(gng_scores *scores, const float *const *signals, int n, ptrdiff_t n_slots);
    /* Find the two nearest nodes of signal m of the block. Return 0 where the scores leave too much open. */
    int (*find)(gng_scores *scores, int m, gng_hit *hit);
    /* Step 5, as gng_move_fn: n nodes move towards x, which is signal `now`. */
    void (*move)(gng_scores *scores, const int32_t *nodes, int n, const float *x, float eps, float smallest);
    /* A node has come. There must be a block, as for `find` and `move`. */
    void (*enter)(gng_scores *scores, int32_t node);
} gng_dense_kernels;

/* The dense search of an instruction set, or NULL: without fused multiply-adds it does not pay. */
static inline const gng_dense_kernels *gng_dense_of(const gng_kernels *kernels) { return kernels->dense; }

/* A node has gone. */
static inline void gng_leave_scores(gng_scores *scores, ptrdiff_t node)
{
    if (scores->n && node >> GNG_BLOCK_SHIFT < scores->n_groups)
        for (int i = 0; i < GNG_BLOCK; i++)
            scores->score[node * GNG_BLOCK + i] = INFINITY;
}

#endif

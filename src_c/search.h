/* The search for the two nearest nodes (step 2), for a batch of signals at a time.

   Nodes lie in panels of GNG_LANES lanes; id[p * GNG_LANES + l] is the node in lane l of panel p. Below GNG_ROWS_FROM
   dimensions its coordinate k is x[(p * d + k) * GNG_LANES + l], and an empty lane holds +infinity in every coordinate.
   From there on its position is read from row `id` of the network, and an empty lane has id -1. The panels are

   - GNG_FLAT: in any order, all of them searched;
   - GNG_GRID (d <= 3): each cell of a uniform grid names its first panel; what does not fit into it lies in further panels,
     chained by `next`. Empty cells share panel GNG_EMPTY. A coordinate outside the grid counts as in its outermost cell;
   - GNG_LEAVES: runs of GNG_LEAF panels, each of nodes near to each other, within the box `low` to `high`; and
     GNG_BRANCH leaves one after the other lie within the box `branch_low` to `branch_high`.

   Every kernel gives the same bits: every operation is rounded to float by itself (the build forbids contraction), and of
   equal distances the lowest node comes first. Below GNG_ROWS_FROM dimensions a squared distance is summed from the first
   coordinate to the last; from there on there are eight sums, s[k % 8] of every eighth coordinate, and the distance is
   ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7])). */
#ifndef GNG_SEARCH_H
#define GNG_SEARCH_H

#include "static_assert.h"
#include "target.h"

#include <stddef.h>
#include <stdint.h>

#if GNG_X86_64
#include <emmintrin.h>
#endif

#define GNG_LANES 8
#define GNG_LEAF 8
#define GNG_LEAF_SHIFT 6 /* of the number of lanes in a leaf */
#define GNG_BRANCH 8
#define GNG_ROWS_FROM 32
#define GNG_MAX_GRID_D 3
#define GNG_ROW 4        /* floats in a register that a position up to GNG_MAX_GRID_D dimensions fits into */
#define GNG_CODE_WIDTH 32 /* codes are rounded up to so many numbers */
#define GNG_MOST_CODED_D 4096
#define GNG_STRIDE_2D 8 /* floats of a node's record with its position, below three dimensions */
#define GNG_STRIDE_3D 10
#define GNG_MOST_CELLS_ALONG 16384 /* an axis of the grid */
#define GNG_SMALLEST_CELL 1e-18f /* edge of a cell of the grid: squares of smaller distances are no normal floats */

#define GNG_EMPTY 0
#define GNG_CHAINED 0x40000000 /* stands beside the number of a cell's first panel if there are further ones */

GNG_ASSERT(lanes_are_a_power_of_two, (GNG_LANES & (GNG_LANES - 1)) == 0);
GNG_ASSERT(shift_divides_by_a_leaf, 1 << GNG_LEAF_SHIFT == GNG_LEAF * GNG_LANES);
GNG_ASSERT(a_position_in_a_grid_fits_into_a_register, GNG_MAX_GRID_D <= GNG_ROW);
GNG_ASSERT(nodes_of_a_leaf_fit_into_a_byte, GNG_LEAF * GNG_LANES <= UINT8_MAX);

enum { GNG_FLAT, GNG_GRID, GNG_LEAVES };

typedef struct {
    int32_t panel;
    uint32_t stamp; /* the batch of signals in which something in the cell last changed */
} gng_cell;

GNG_ASSERT(a_register_holds_two_cells, sizeof(gng_cell) == 8 && offsetof(gng_cell, stamp) == 4);

typedef struct {
    float step, per_step; /* between the numbers of a code (codes.h), and 1 / step */
    float allowed;        /* so far may a node move before its code is made anew */
    float rest;           /* no node is further from its code; +infinity where there are no codes */
} gng_ruler;

/* What a search reads of a network: all but the positions above GNG_ROWS_FROM dimensions. */
typedef struct gng_panels {
    int kind; /* GNG_FLAT, GNG_GRID or GNG_LEAVES */
    ptrdiff_t d;
    ptrdiff_t n_inside; /* nodes in the panels; in flat ones they take the first lanes */
    ptrdiff_t n_panels; /* panels that may hold nodes, a multiple of GNG_LEAF but for the grid */
    float *x;           /* (panels, d, GNG_LANES), below GNG_ROWS_FROM dimensions */
    const float *rows;  /* position of node i: rows[i * gng_row_stride(d)] */
    int32_t *id;        /* (panels, GNG_LANES) */
    /* grid */
    gng_cell *cells;
    ptrdiff_t n_cells;
    int32_t side[GNG_MAX_GRID_D]; /* cells along each axis, at least 2 */
    /* these for as many positions as fit into a register, up to two dimensions two, in three one; 0 where none is: */
    float last[GNG_ROW];          /* side - 1 */
    float origin[GNG_ROW];        /* lower corner */
    int16_t strides[2 * GNG_ROW]; /* from a cell to the next along each axis, for two registers; along the third axis */
    int32_t layer;                /* it is `layer`, and 1 stands in `strides` */
    float cell, per_cell;         /* edge of a cell, and 1 / cell */
    float slack;                  /* share of a cell that rounding may misplace a node by */
    int32_t *next;                /* (panels,) the further panel of the same cell; -1 ends the chain */
    /* leaves */
    float *low, *high;               /* (leaves, d) */
    float *branch_low, *branch_high; /* (branches, d) */
    ptrdiff_t telling; /* from GNG_ROWS_FROM dimensions on: the first of as many coordinates that tell most boxes apart; else 0 */
    /* leaves whose nodes have codes (codes.h) */
    const struct gng_coder *coder; /* NULL without codes */
    int8_t *codes;        /* (panels, GNG_LANES, gng_code_stride(d)) */
    int32_t *code_square; /* (panels, GNG_LANES) of each code what its distances begin with, */
    float *code_way;      /* and how far the node has moved since, at most */
    float box_slack;      /* so far may nodes be outside of their boxes; 0 without codes */
    float *centre;        /* (leaves, gng_code_stride(d)), 0 from d on */
    gng_ruler *ruler;     /* (leaves,) */
} gng_panels;

typedef struct {
    int32_t s1, s2; /* nearest and second nearest node; -1 where there is none at a finite distance */
    float d1, d2;   /* their squared distances */
    int32_t cell;   /* grid: lowest of the 2^d cells that were looked at, -1 if more were */
    int32_t visited; /* how many leaves were searched; grid: cells and panels beyond the first 2^d; flat: 1,
                        but 0 where scores (dense.h) have left few nodes */
} gng_hit;

/* Find the two nearest nodes of n signals. `work` has room for one float per leaf. */
typedef void (*gng_search_fn)(const gng_panels *panels, const float *const *signals, int n, float *work, gng_hit *hits);

/* Step 5 above GNG_MAX_GRID_D dimensions: w += eps (x - w) for n rows, which have the given places in the panels, and
   for their lanes there. Coordinates that come to be smaller than `smallest` become 0. */
typedef void (*gng_move_fn)(gng_panels *panels, float *const *rows, const int32_t *places, int n, const float *x,
                            float eps, float smallest);

typedef struct {
    const char *name;
    int (*available)(void);
    gng_search_fn search;
    gng_move_fn move;
    const struct gng_coder *coder; /* codes.h; NULL where there is none */
    const struct gng_dense_kernels *dense; /* dense.h; NULL where there is none */
} gng_kernels;

/* The kernels of an instruction set by its name, or NULL where this CPU or this build does not have it.
   NULL or "" names the best one there is. */
const gng_kernels *gng_kernels_for(const char *isa);

/* Name of the i-th instruction set that this build knows, best first; NULL past the end. */
const char *gng_isa_name(int i);

/* Where a coordinate lies along one axis, in cells; searches and those who fill the grid must agree on it. */
static inline float gng_along(const gng_panels *panels, int axis, float x)
{
    return (x - panels->origin[axis]) * panels->per_cell;
}

/* The cell at `along`, from 0 to `last`; what is outside belongs to the outermost cells. */
static inline int32_t gng_clamp_cell(float along, float last)
{
#if GNG_X86_64 /* the same, but compilers make branches of it */
    return _mm_cvttss_si32(_mm_min_ss(_mm_max_ss(_mm_set_ss(along), _mm_setzero_ps()), _mm_set_ss(last)));
#else
    along = along > 0.0f ? along : 0.0f;
    return (int32_t)(along < last ? along : last);
#endif
}

/* Where in `x` the first coordinate of the node at a place stands; d is given apart for the compiler to know it. */
static inline ptrdiff_t gng_lane_at(ptrdiff_t d, ptrdiff_t place)
{
    return (place & ~(ptrdiff_t)(GNG_LANES - 1)) * d + (place & (GNG_LANES - 1));
}

/* Floats from one position to the next: those of few dimensions lie in the records of the nodes (records.h). */
static inline ptrdiff_t gng_row_stride(ptrdiff_t d)
{
    return d < 3 ? GNG_STRIDE_2D : d == 3 ? GNG_STRIDE_3D : d;
}

/* Numbers from one code to the next. */
static inline ptrdiff_t gng_code_stride(ptrdiff_t d)
{
    return (d + GNG_CODE_WIDTH - 1) & ~(ptrdiff_t)(GNG_CODE_WIDTH - 1);
}

/* The cell that a position belongs to; d is given apart for the compiler to know it. */
static inline ptrdiff_t gng_cell_at(const gng_panels *panels, ptrdiff_t d, const float *w)
{
    ptrdiff_t cell = gng_clamp_cell(gng_along(panels, 0, w[0]), panels->last[0]);
    if (d > 1)
        cell += (ptrdiff_t)panels->side[0] * gng_clamp_cell(gng_along(panels, 1, w[1]), panels->last[1]);
    if (d > 2)
        cell += (ptrdiff_t)panels->side[0] * panels->side[1] * gng_clamp_cell(gng_along(panels, 2, w[2]), panels->last[2]);
    return cell;
}

/* `origin`, `last` and `side` of a grid are known up to d: write the rest of them, and what follows from them. */
static inline void gng_finish_rows(gng_panels *panels)
{
    const int d = (int)panels->d, taken = d == 3 ? GNG_ROW : 2; /* lanes for a position */
    for (int i = d; i < GNG_ROW; i++) {
        panels->origin[i] = i % taken < d ? panels->origin[i % taken] : 0.0f;
        panels->last[i] = i % taken < d ? panels->last[i % taken] : 0.0f;
    }
    for (int i = 0; i < 2 * GNG_ROW; i++)
        panels->strides[i] = (int16_t)(i % taken >= d ? 0 : i % taken == 1 ? panels->side[0] : 1);
    panels->layer = d == 3 ? panels->side[0] * panels->side[1] : 0;
}

/* Whether one of the 2^d cells of which `cell` is the lowest has changed in this batch of signals or in so many before it. */
static inline int gng_changed(const gng_panels *panels, ptrdiff_t d, ptrdiff_t cell, uint32_t batch, uint32_t batches)
{
    const ptrdiff_t row = panels->side[0], layer = row * panels->side[1];
    const gng_cell *cells = panels->cells + cell;
#if GNG_X86_64
    /* signed comparison of numbers with their highest bit turned round is unsigned comparison */
    const __m128i now = _mm_set1_epi32((int)(batch + 0x80000000u)), limit = _mm_set1_epi32((int)(batches + 0x80000000u));
    __m128i old = _mm_set1_epi32(-1);
    for (ptrdiff_t pair = 0; pair < (ptrdiff_t)1 << (d - 1); pair++) {
        const gng_cell *two = cells + (pair & 1) * row + (pair >> 1) * layer;
        old = _mm_and_si128(old, _mm_cmpgt_epi32(_mm_sub_epi32(now, _mm_loadu_si128((const __m128i *)two)), limit));
    }
    return (~_mm_movemask_ps(_mm_castsi128_ps(old)) & 10) != 0; /* the stamps stand in the second and in the fourth lane */
#else
    for (ptrdiff_t pair = 0; pair < (ptrdiff_t)1 << (d - 1); pair++) {
        const gng_cell *two = cells + (pair & 1) * row + (pair >> 1) * layer;
        if (batch - two[0].stamp <= batches || batch - two[1].stamp <= batches)
            return 1;
    }
    return 0;
#endif
}

#endif

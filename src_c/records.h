/* The records of a network: its nodes and their lists of edges. */
#ifndef GNG_RECORDS_H
#define GNG_RECORDS_H

#include "search.h"
#include "static_assert.h"

/* Up to GNG_MAX_GRID_D dimensions the position follows: what a signal touches of a node then lies in one line of memory. */
typedef struct {
    double error;    /* times the scale of errors; -1 in a hole */
    int32_t degree;  /* number of edges; -1 in a hole */
    int32_t place;   /* in the panels, up to GNG_MAX_GRID_D dimensions: of its first coordinate in `x`; above:
                        panel * GNG_LANES + lane */
    uint32_t wins;
    int32_t cell;    /* the cell of the grid that it is in */
} gng_node;

/* move.h loads the wins, the cell and the position as one. */
GNG_ASSERT(position_follows_wins_and_cell, offsetof(gng_node, wins) + 2 * sizeof(int32_t) == sizeof(gng_node)
                                               && offsetof(gng_node, cell) + sizeof(int32_t) == sizeof(gng_node));
GNG_ASSERT(record_and_2d_position_fit, sizeof(gng_node) + 2 * sizeof(float) <= GNG_STRIDE_2D * sizeof(float));
GNG_ASSERT(record_and_3d_position_fit, sizeof(gng_node) + 3 * sizeof(float) <= GNG_STRIDE_3D * sizeof(float));
GNG_ASSERT(records_stay_aligned,
           GNG_STRIDE_2D * sizeof(float) % sizeof(double) == 0 && GNG_STRIDE_3D * sizeof(float) % sizeof(double) == 0);

#define GNG_EDGES_PER_CHUNK 8
#define GNG_CHUNK_SHIFT 3

GNG_ASSERT(shift_divides_by_a_chunk, 1 << GNG_CHUNK_SHIFT == GNG_EDGES_PER_CHUNK);

/* Some of the edges of one node. */
typedef struct {
    int32_t neighbour[GNG_EDGES_PER_CHUNK]; /* unused: the dummy node */
    uint32_t base[GNG_EDGES_PER_CHUNK];
} gng_edge_chunk;

static inline ptrdiff_t gng_node_size(ptrdiff_t d)
{
    return d <= GNG_MAX_GRID_D ? gng_row_stride(d) * (ptrdiff_t)sizeof(float) : (ptrdiff_t)sizeof(gng_node);
}

static inline gng_node *gng_node_at(char *nodes, ptrdiff_t d, ptrdiff_t i)
{
    return (gng_node *)(nodes + i * gng_node_size(d));
}

#endif

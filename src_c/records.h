/* The records of a network: its nodes and their lists of edges. */
#ifndef GNG_RECORDS_H
#define GNG_RECORDS_H

#include "search.h"

/* Up to GNG_MAX_GRID_D dimensions the position follows: what a signal touches of a node then lies in one line of memory. */
typedef struct {
    double error;    /* times the scale of errors; -1 in a hole */
    uint32_t wins;
    int32_t degree;  /* number of edges; -1 in a hole */
    int32_t place;   /* in the index, up to GNG_MAX_GRID_D dimensions: of its first coordinate in `x`; above:
                        panel * GNG_LANES + lane */
    int32_t cell;    /* the cell of the grid that it is in */
} gng_node;

#define GNG_EDGES_PER_BLOCK 8

typedef struct {
    int32_t neighbour[GNG_EDGES_PER_BLOCK]; /* unused: the dummy node */
    uint32_t base[GNG_EDGES_PER_BLOCK];
} gng_edges;

static inline ptrdiff_t gng_node_size(ptrdiff_t d)
{
    return d <= GNG_MAX_GRID_D ? gng_row_stride(d) * (ptrdiff_t)sizeof(float) : (ptrdiff_t)sizeof(gng_node);
}

static inline gng_node *gng_node_at(char *nodes, ptrdiff_t d, ptrdiff_t i)
{
    return (gng_node *)(nodes + i * gng_node_size(d));
}

#endif

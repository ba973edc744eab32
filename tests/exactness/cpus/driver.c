/* The kernels of src_c over seeded inputs. For every case and every instruction set of this CPU one line

       kind data d: instruction-set digest

   with a digest of all bytes that the searches, the moves and the look-ups have written. Which CPU, compiler
   or instruction set it was must not show. The inputs are made of integers and powers of two; none is NaN. Memory is laid
   out as the core does it (gng_fast/core/index.pxd, index_build.pxd), but for which nodes share a leaf. */
#include "aligned_memory.h"

#include "box.h"
#include "codes.h"
#include "dense.h"
#include "edge_chunk.h"
#include "move.h"
#include "records.h"
#include "search.h"
#include "tiles.h"

#include <math.h>
#include <stdio.h>

#define MOST_D 130
#define N_SIGNALS 8
#define FIRST_BATCH 5 /* of them */
#define MANY_ROWS (GNG_MOST_TILE_ROWS + 5) /* more than any instruction set takes at a time */
#define N_BLOCKS 2
#define BATCH 7 /* of signals, in the stamps of cells */
#define DUMMY_PANEL 1

enum { CODES = GNG_LEAVES + 1, BLOCKS }; /* leaves whose nodes have codes, and blocks of signals, where there are kernels */
static const char *const kinds[] = {"flat", "grid", "leaves", "codes", "blocks"};
static const int counts[] = {1, 2, 3, 7, 8, 9, 60, 63, 64, 65, 130, 300, 700};
#define N_COUNTS ((int)(sizeof counts / sizeof *counts))

/* ---- inputs: SplitMix64. One draw for each full expression: C leaves the order within one open ------------------- */

static uint64_t state;

static uint64_t draw(void)
{
    uint64_t z = state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static int below(int n) { return (int)(draw() >> 33) % n; }
static float fraction(void) { return (float)(draw() >> 40) * 0x1p-24f; }
static float either_sign(float a) { return below(2) ? -a : a; } /* its argument is drawn before it */

static float uniform(void) { return fraction(); }
static float gridded(void) { return (float)below(4); }          /* many equal distances */
static float constant(void) { return 7.0f; }                    /* all distances equal */
static float signed_zeros(void) { return either_sign((float)below(2)); }
static float offset(void) { return 1000 + fraction() * 0x1p-6f; } /* few bits are left of a difference */
static float faint(void) { return either_sign(ldexpf(fraction(), -68)); }      /* denormal squares */
static float denormal(void) { return either_sign(ldexpf(fraction(), -126)); }
static float huge(void) { return either_sign(ldexpf(fraction(), 62)); }        /* sums that may overflow */
static float enormous(void) { return either_sign(ldexpf(fraction(), 66)); }    /* squares that may overflow */
static float mixed(void)
{
    int exponent = below(101) - 60;
    return either_sign(ldexpf(fraction(), exponent));
}

static const struct {
    const char *name;
    float (*coordinate)(void);
} data[] = {
    {"uniform", uniform},   {"mixed", mixed}, {"gridded", gridded},     {"constant", constant}, {"zeros", signed_zeros},
    {"offset", offset},     {"faint", faint},     {"denormal", denormal}, {"huge", huge},         {"enormous", enormous},
};
#define N_DATA ((int)(sizeof data / sizeof *data))
#define N_DATA_FOR_ALL_D 2

/* ---- digest of 32-bit words, whatever the order of their bytes --------------------------------------------------- */

static uint64_t digest;

static void add_words(const void *words, ptrdiff_t n)
{
    for (ptrdiff_t i = 0; i < n; i++) {
        uint32_t word;
        memcpy(&word, (const char *)words + i * 4, 4);
        digest = (digest ^ word) * 0x9e3779b97f4a7c15u;
        digest ^= digest >> 32;
    }
}

/* ---- a network's memory ------------------------------------------------------------------------------------------ */

typedef struct {
    gng_panels panels;
    int n;
    char *nodes;     /* up to GNG_MAX_GRID_D dimensions: records of n nodes and of the dummy */
    float *rows;
    int32_t *places; /* panel * GNG_LANES + lane of each node */
    float *work;
} network;

static void *taken(size_t count, size_t size)
{
    void *p = gng_allocate(count, size);
    if (!p)
        exit(2);
    memset(p, 0, count * size);
    return p;
}

static float *row(const network *net, int node) { return net->rows + node * gng_row_stride(net->panels.d); }

static void take_panels(network *net, ptrdiff_t n_panels)
{
    gng_panels *panels = &net->panels;
    panels->id = taken(n_panels * GNG_LANES, sizeof(int32_t));
    panels->x = panels->d < GNG_ROWS_FROM ? taken(n_panels * panels->d * GNG_LANES, sizeof(float)) : NULL;
    for (ptrdiff_t i = 0; i < n_panels * GNG_LANES; i++)
        panels->id[i] = -1;
    for (ptrdiff_t i = 0; panels->x && i < n_panels * panels->d * GNG_LANES; i++)
        panels->x[i] = INFINITY;
}

static void enter(network *net, int node, int32_t place)
{
    gng_panels *panels = &net->panels;
    panels->id[place] = node;
    net->places[node] = place;
    for (ptrdiff_t k = 0; panels->x && k < panels->d; k++)
        panels->x[gng_lane_at(panels->d, place) + k * GNG_LANES] = row(net, node)[k];
    if (panels->d <= GNG_MAX_GRID_D)
        gng_node_at(net->nodes, panels->d, node)->place = (int32_t)gng_lane_at(panels->d, place);
}

static void lay_flat(network *net, const int *order)
{
    net->panels.n_panels = (net->n + GNG_LEAF * GNG_LANES - 1) / (GNG_LEAF * GNG_LANES) * GNG_LEAF;
    take_panels(net, net->panels.n_panels);
    for (int i = 0; i < net->n; i++)
        enter(net, order[i], i);
}

/* Leaves of 1 to GNG_LEAF * GNG_LANES nodes. */
static void lay_leaves(network *net, const int *order)
{
    gng_panels *panels = &net->panels;
    ptrdiff_t d = panels->d, most = 2 + net->n / 16, n_branches = most / GNG_BRANCH + 1;
    take_panels(net, most * GNG_LEAF);
    panels->low = taken(most * d, sizeof(float));
    panels->high = taken(most * d, sizeof(float));
    panels->branch_low = taken(n_branches * d, sizeof(float));
    panels->branch_high = taken(n_branches * d, sizeof(float));
    net->work = taken(n_branches, sizeof(float));
    for (ptrdiff_t i = 0; i < most * d; i++)
        panels->low[i] = INFINITY, panels->high[i] = -INFINITY;
    for (ptrdiff_t i = 0; i < n_branches * d; i++)
        panels->branch_low[i] = INFINITY, panels->branch_high[i] = -INFINITY;
    int leaf = 0;
    for (int i = 0; i < net->n; leaf++) {
        int size = 16 + below(GNG_LEAF * GNG_LANES - 15);
        for (int lane = 0; lane < size && i < net->n; lane++, i++) {
            ptrdiff_t branch = leaf / GNG_BRANCH;
            enter(net, order[i], leaf * GNG_LEAF * GNG_LANES + lane);
            gng_stretch_box(panels->low + leaf * d, panels->high + leaf * d, d, row(net, order[i]));
            gng_stretch_box(panels->branch_low + branch * d, panels->branch_high + branch * d, d, row(net, order[i]));
        }
    }
    panels->n_panels = (ptrdiff_t)leaf * GNG_LEAF;
}

/* Lay a grid of about `n_cells` cells along the longest axis, and one of border, over the nodes. */
static void measure_grid(network *net, int n_cells)
{
    gng_panels *panels = &net->panels;
    float low[GNG_MAX_GRID_D], high[GNG_MAX_GRID_D], largest = 0;
    for (int k = 0; k < panels->d; k++) {
        low[k] = high[k] = row(net, 0)[k];
        for (int i = 1; i < net->n; i++)
            gng_stretch_box(low + k, high + k, 1, row(net, i) + k);
        largest = high[k] - low[k] > largest ? high[k] - low[k] : largest;
    }
    double cell = largest > 0 ? (double)largest / n_cells : 1;
    panels->cell = (float)cell;
    panels->per_cell = (float)(1 / cell);
    panels->slack = 1e-4f;
    panels->n_cells = 1;
    for (int k = 0; k < panels->d; k++) {
        panels->side[k] = (int32_t)(((double)high[k] - low[k]) / cell) + 3;
        panels->last[k] = (float)(panels->side[k] - 1);
        panels->origin[k] = (float)(low[k] - cell);
        panels->n_cells *= panels->side[k];
    }
    gng_finish_rows(panels);
}

static void lay_grid(network *net, const int *order)
{
    gng_panels *panels = &net->panels;
    measure_grid(net, 1 + below(panels->d == 3 ? 6 : 20));
    take_panels(net, net->n + 2);
    panels->next = taken(net->n + 2, sizeof(int32_t));
    panels->cells = taken(panels->n_cells + 1, sizeof(gng_cell));
    int *count = taken(net->n + 2, sizeof(int));
    panels->next[GNG_EMPTY] = panels->next[DUMMY_PANEL] = -1;
    panels->n_panels = DUMMY_PANEL + 1;
    for (int i = 0; i < net->n; i++) {
        int32_t cell = (int32_t)gng_cell_at(panels, panels->d, row(net, order[i]));
        int32_t *last = &panels->cells[cell].panel, first = *last & ~GNG_CHAINED;
        int32_t panel = first;
        while (panel != GNG_EMPTY && count[panel] == GNG_LANES && panels->next[panel] >= 0)
            panel = panels->next[panel];
        if (panel == GNG_EMPTY || count[panel] == GNG_LANES) {
            int32_t fresh = (int32_t)panels->n_panels++;
            panels->next[fresh] = -1;
            if (panel == GNG_EMPTY)
                *last = fresh;
            else
                panels->next[panel] = fresh, *last |= GNG_CHAINED;
            panel = fresh;
        }
        enter(net, order[i], panel * GNG_LANES + count[panel]++);
        gng_node_at(net->nodes, panels->d, order[i])->cell = cell;
    }
    gng_node *dummy = gng_node_at(net->nodes, panels->d, net->n);
    dummy->place = (int32_t)gng_lane_at(panels->d, DUMMY_PANEL * GNG_LANES);
    dummy->cell = (int32_t)panels->n_cells;
    gng_release(count);
}

static network made(int kind, int d, int n, float (*coordinate)(void))
{
    int laid = kind == CODES ? GNG_LEAVES : kind == BLOCKS ? GNG_FLAT : kind;
    network net = {.panels = {.kind = laid, .d = d, .n_inside = n}, .n = n};
    if (d <= GNG_MAX_GRID_D) {
        net.nodes = taken(n + 1, (size_t)gng_node_size(d));
        net.rows = (float *)(net.nodes + sizeof(gng_node));
    } else
        net.rows = taken((size_t)(n + GNG_BLOCK) * d, sizeof(float)); /* blocks read whole groups of rows */
    net.panels.rows = net.rows;
    net.places = taken(n, sizeof(int32_t));
    int *order = taken(n, sizeof(int));
    for (int i = 0; i < n; i++) {
        for (int k = 0; k < d; k++)
            row(&net, i)[k] = coordinate();
        int j = below(i + 1);
        order[i] = order[j], order[j] = i;
    }
    (laid == GNG_FLAT ? lay_flat : laid == GNG_GRID ? lay_grid : lay_leaves)(&net, order);
    gng_release(order);
    return net;
}

static void discard(network *net)
{
    gng_panels *panels = &net->panels;
    void *all[] = {net->nodes ? net->nodes : (void *)net->rows, net->places, net->work, panels->id, panels->x, panels->next,
                   panels->cells, panels->low, panels->high, panels->branch_low, panels->branch_high, panels->codes,
                   panels->code_square, panels->code_rest, panels->centre, panels->ruler};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        gng_release(all[i]);
}

/* ---- what is tried ----------------------------------------------------------------------------------------------- */

/* Signals among the nodes, on them and far outside, in batches of which neither is a multiple of those searched for side by
   side. */
static void search(const gng_kernels *kernels, const network *net, float (*coordinate)(void))
{
    static float signals[N_SIGNALS][MOST_D];
    const float *pointers[N_SIGNALS];
    gng_hit hits[N_SIGNALS];
    for (int i = 0; i < N_SIGNALS; i++) {
        for (int k = 0; k < net->panels.d; k++)
            signals[i][k] = coordinate() * (i % 4 == 0 ? -2.0f : 1.0f);
        pointers[i] = i % 4 == 1 ? row(net, below(net->n)) : signals[i];
    }
    kernels->search(&net->panels, pointers, FIRST_BATCH, net->work, hits);
    kernels->search(&net->panels, pointers + FIRST_BATCH, N_SIGNALS - FIRST_BATCH, net->work, hits + FIRST_BATCH);
    add_words(hits, N_SIGNALS * (ptrdiff_t)sizeof(gng_hit) / 4);
}

/* Look up the k nearest of some rows by tiles, where there are any, and by the index of what they leave open. */
static void look_up_some(const gng_kernels *kernels, const network *net, const gng_groups *groups, const float *X, int n, int k,
                         float *work)
{
    const gng_tile_kernels *tiles = gng_tile_kernels_for(kernels->name);
    gng_hit hits[GNG_MOST_TILE_ROWS];
    uint32_t open = tiles->nearest ? tiles->nearest(groups, X, n, k, work, hits) : UINT32_MAX;
    for (int i = 0; i < n; i++) {
        const float *x = X + i * groups->d;
        if (open >> i & 1)
            kernels->search(&net->panels, &x, 1, net->work, hits + i);
        add_words(&hits[i].s1, 1);
        add_words(&hits[i].d1, 1);
        if (k == 2) {
            add_words(&hits[i].s2, 1);
            add_words(&hits[i].d2, 1);
        }
    }
}

/* Look-ups of the nearest node and of the two nearest, and all distances. */
static void look_up(const gng_kernels *kernels, const network *net, float (*coordinate)(void))
{
    const gng_tile_kernels *tiles = gng_tile_kernels_for(kernels->name);
    const ptrdiff_t d = net->panels.d, lanes = gng_n_groups(net->n) * GNG_GROUP;
    const int n = net->n % 5 ? N_SIGNALS : MANY_ROWS, at_once = tiles->nearest ? tiles->rows : GNG_MOST_TILE_ROWS;
    gng_groups groups = {.d = d, .n = net->n, .w = taken(lanes, d * sizeof(float)), .half = taken(lanes, sizeof(float))};
    float *X = taken(n, d * sizeof(float)), *distances = taken(n, net->n * sizeof(float));
    float *work = taken(GNG_MOST_TILE_ROWS, d * sizeof(float));
    for (int i = 0; i < net->n; i++)
        gng_enter_group(&groups, i, row(net, i));
    gng_end_groups(&groups);
    for (int i = 0; i < n; i++)
        for (int k = 0; k < d; k++)
            X[i * d + k] = i % 4 == 1 ? row(net, i % net->n)[k] : coordinate() * (i % 4 == 0 ? -2.0f : 1.0f);
    for (int k = 1; k <= 2; k++)
        for (int i = 0; i < n; i += at_once)
            look_up_some(kernels, net, &groups, X + i * d, n - i < at_once ? n - i : at_once, k, work);
    tiles->distances(&groups, X, n, distances);
    add_words(distances, (ptrdiff_t)n * net->n);
    void *all[] = {groups.w, groups.half, X, distances, work};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        gng_release(all[i]);
}

static float step(void)
{
    static const float steps[] = {0, 0x1p-20f, 0.006f, 0.2f, 0.5f, 1};
    return steps[below(6)];
}

/* The lowest of some 2^d neighbouring cells. */
static ptrdiff_t any_cells(const gng_panels *panels)
{
    ptrdiff_t cell = 0, stride = 1;
    for (int axis = 0; axis < panels->d; axis++) {
        cell += stride * below(panels->side[axis] - 1);
        stride *= panels->side[axis];
    }
    return cell;
}

/* Step 5 in a grid: single nodes; edge chunks to some nodes, the rest of the chunk to the dummy. */
static void move_in_grid(network *net, float (*coordinate)(void))
{
    gng_panels *panels = &net->panels;
    for (int i = 0; i < net->n; i++)
        gng_node_at(net->nodes, panels->d, i)->wins = (uint32_t)draw();
    for (int round = 0; round < 6; round++) {
        gng_edge_chunk chunk;
        float x[GNG_MAX_GRID_D];
        int n = 0;
        for (int i = 0; i < GNG_EDGES_PER_CHUNK; i++)
            chunk.neighbour[i] = net->n, chunk.base[i] = (uint32_t)draw();
        for (int node = below(net->n); node < net->n && n < GNG_EDGES_PER_CHUNK; node += 1 + below(net->n))
            chunk.neighbour[n++] = node;
        for (int k = 0; k < panels->d; k++)
            x[k] = coordinate();
        uint32_t wins = (uint32_t)draw(), max_age = (uint32_t)draw();
        gng_node *winner = gng_node_at(net->nodes, panels->d, below(net->n));
        int crossed = gng_move_one(panels, panels->d, winner, x, step(), GNG_SMALLEST_COORDINATE, BATCH);
        ptrdiff_t cells = any_cells(panels);
        gng_moved moved = gng_move_chunk(panels, net->nodes, panels->d, &chunk, n, x, step(), wins, max_age, BATCH);
        moved.crossed &= (1u << n) - 1; /* the rest is the dummy's, which the core drops too */
        moved.old &= (1u << n) - 1;
        uint32_t results[] = {(uint32_t)crossed, moved.crossed, moved.old,
                              (uint32_t)gng_changed(panels, panels->d, cells, BATCH, (uint32_t)(round & 1)),
                              (uint32_t)gng_changed(panels, panels->d, cells, BATCH + 1, (uint32_t)(round & 1)),
                              gng_old_edges(net->nodes, panels->d, &chunk, n, wins, max_age - 1),
                              (uint32_t)gng_find_in_chunk(&chunk, chunk.neighbour[0] == net->n ? -2 : chunk.neighbour[0]),
                              (uint32_t)gng_find_in_chunk(&chunk, -2)};
        add_words(results, sizeof results / 4);
    }
    for (int i = 0; i < net->n; i++) /* as the core: the search relies on it */
        add_words(row(net, i), panels->d);
    const ptrdiff_t panel = panels->d * GNG_LANES, first = DUMMY_PANEL + 1;
    add_words(panels->x + first * panel, (panels->n_panels - first) * panel);
    add_words(panels->cells, panels->n_cells * 2);
}

/* Step 5 elsewhere: everything the kernel may write goes into the digest. */
static void move(const gng_kernels *kernels, network *net, float (*coordinate)(void))
{
    gng_panels *panels = &net->panels;
    ptrdiff_t d = panels->d, n_leaves = panels->n_panels / GNG_LEAF;
    float x[MOST_D];
    for (int round = 0; round < 3; round++) {
        float *rows[8];
        int32_t places[8];
        int n = 0;
        for (int node = below(net->n); node < net->n && n < 8; node += 1 + below(net->n))
            rows[n] = row(net, node), places[n++] = net->places[node];
        for (int k = 0; k < d; k++)
            x[k] = coordinate() * (round == 0 ? 3.0f : 1.0f); /* out of the boxes too */
        kernels->move(panels, rows, places, n, x, step(), round == 1 ? 0x1p-60f : 0.0f);
    }
    add_words(net->rows, net->n * d);
    if (panels->x)
        add_words(panels->x, panels->n_panels * d * GNG_LANES);
    if (panels->kind == GNG_LEAVES) {
        add_words(panels->low, n_leaves * d);
        add_words(panels->high, n_leaves * d);
        add_words(panels->branch_low, (n_leaves + GNG_BRANCH - 1) / GNG_BRANCH * d);
        add_words(panels->branch_high, (n_leaves + GNG_BRANCH - 1) / GNG_BRANCH * d);
    }
}

/* Codes of all nodes, where the instruction set has them. */
static void encode(const gng_kernels *kernels, network *net)
{
    gng_panels *panels = &net->panels;
    const ptrdiff_t d = panels->d, stride = gng_code_stride(d), leaves = panels->n_panels / GNG_LEAF;
    const size_t places = (size_t)panels->n_panels * GNG_LANES;
    if (!kernels->encode || d < GNG_ROWS_FROM)
        return;
    panels->encode = kernels->encode;
    panels->codes = taken(places, stride * sizeof(int16_t));
    panels->code_square = taken(places, sizeof(int32_t));
    panels->code_rest = taken(places, sizeof(float));
    panels->largest_code = gng_largest_code(d);
    panels->centre = taken(leaves, stride * sizeof(float));
    panels->ruler = taken(leaves, sizeof(gng_ruler));
    for (ptrdiff_t leaf = 0; leaf < leaves; leaf++)
        gng_choose_ruler(panels, leaf, panels->low + leaf * d, panels->high + leaf * d, 1);
    for (int i = 0; i < net->n; i++)
        panels->encode(panels, net->places[i], row(net, i));
}

/* Train on a signal after the other as far as nodes move: the two nearest, and others, all by codes or without. */
static void search_and_move(const gng_kernels *kernels, network *net, float (*coordinate)(void))
{
    float x[MOST_D];
    const float *signal = x;
    for (int i = 0; i < 2 * N_SIGNALS; i++) {
        gng_hit hit;
        float *rows[3];
        int32_t places[3];
        int n = 0;
        for (int k = 0; k < net->panels.d; k++)
            x[k] = coordinate();
        kernels->search(&net->panels, &signal, 1, net->work, &hit);
        add_words(&hit, 4); /* nodes and distances; how many leaves are visited is no result */
        const int32_t nodes[3] = {hit.s1, hit.s2, below(net->n)};
        for (int j = 0; j < 3; j++)
            if (nodes[j] >= 0 && (j == 0 || nodes[j] != nodes[0]) && (j < 2 || nodes[j] != nodes[1]))
                rows[n] = row(net, nodes[j]), places[n++] = net->places[nodes[j]];
        kernels->move(&net->panels, rows, places, n, x, step(), i % 2 ? 0x1p-60f : 0.0f);
    }
    add_words(net->rows, net->n * net->panels.d);
}

/* The node in the last place of flat panels goes, or comes back to where its row is. */
static void go_or_come(const gng_dense_kernels *dense, gng_scores *scores, network *net, int32_t node, int come)
{
    gng_panels *panels = &net->panels;
    const int32_t place = net->places[node];
    panels->id[place] = come ? node : -1;
    panels->n_inside += come ? 1 : -1;
    for (ptrdiff_t k = 0; panels->x && k < panels->d; k++)
        panels->x[gng_lane_at(panels->d, place) + k * GNG_LANES] = come ? row(net, node)[k] : INFINITY;
    scores->live[node / GNG_BLOCK] ^= (uint16_t)(1 << node % GNG_BLOCK);
    if (dense && come)
        dense->enter(scores, node);
    else if (dense)
        gng_leave_scores(scores, node);
}

/* Train on a block of signals, or on one after the other where the instruction set has no blocks. Amid it a node goes, and comes
   back to another position. */
static void train_block(const gng_kernels *kernels, gng_scores *scores, network *net, int n_signals, float (*coordinate)(void))
{
    static float signals[GNG_BLOCK][MOST_D];
    const float *pointers[GNG_BLOCK];
    const ptrdiff_t d = net->panels.d;
    const gng_dense_kernels *dense = gng_dense_of(kernels);
    int32_t last = 0;
    while (net->places[last] != net->n - 1)
        last++;
    for (int i = 0; i < n_signals; i++) {
        pointers[i] = signals[i];
        for (int k = 0; k < d; k++)
            signals[i][k] = coordinate();
    }
    if (dense)
        dense->begin(scores, pointers, n_signals, net->n);
    for (int i = 0; i < n_signals; i++) {
        gng_hit hit;
        if (!dense || !dense->find(scores, i, &hit))
            kernels->search(&net->panels, pointers + i, 1, net->work, &hit);
        add_words(&hit, 4); /* nodes and distances */
        const int32_t other = below(net->n - 1), another = other == last ? net->n - 1 : other; /* `last` may be away */
        const int32_t nodes[2] = {hit.s1 < 0 ? another : hit.s1, another};
        float *rows[2] = {row(net, nodes[0]), row(net, nodes[1])};
        const int32_t places[2] = {net->places[nodes[0]], net->places[nodes[1]]};
        const int n = 1 + (nodes[0] != nodes[1]);
        const float eps = step();
        if (dense)
            dense->move(scores, nodes, n, signals[i], eps, 0x1p-60f);
        else
            kernels->move(&net->panels, rows, places, n, signals[i], eps, 0x1p-60f);
        for (int j = 0; j < n && net->panels.x; j++) /* what blocks leave to the core */
            for (ptrdiff_t k = 0; k < d; k++)
                net->panels.x[gng_lane_at(d, places[j]) + k * GNG_LANES] = rows[j][k];
        if (i == 2)
            go_or_come(dense, scores, net, last, 0);
        for (ptrdiff_t k = 0; i == 5 && k < d; k++)
            row(net, last)[k] = coordinate();
        if (i == 5)
            go_or_come(dense, scores, net, last, 1);
    }
}

/* The same by blocks of signals, the later ones with what those before have taught them. */
static void search_and_move_in_blocks(const gng_kernels *kernels, network *net, float (*coordinate)(void))
{
    const ptrdiff_t d = net->panels.d, n_groups = ((net->n + GNG_BLOCK) / GNG_BLOCK + GNG_BLOCK) / GNG_BLOCK * GNG_BLOCK;
    gng_scores scores = {.rows = net->rows, .d = d};
    void *all[] = {scores.live = taken(n_groups, sizeof(uint16_t)), scores.moved = taken(n_groups, sizeof(uint16_t)),
                   scores.score = taken(n_groups * GNG_BLOCK, GNG_BLOCK * sizeof(float)),
                   scores.least = taken(n_groups, GNG_BLOCK * sizeof(float)),
                   scores.norm = taken(n_groups * GNG_BLOCK, sizeof(float)), scores.bound = taken(n_groups, sizeof(float)),
                   scores.signals = taken(d, GNG_BLOCK * sizeof(float))};
    for (int i = 0; i < net->n; i++)
        scores.live[i / GNG_BLOCK] |= (uint16_t)(1 << i % GNG_BLOCK);
    for (int block = 0; block < N_BLOCKS && net->n > 2; block++)
        train_block(kernels, &scores, net, block ? GNG_BLOCK : N_SIGNALS, coordinate);
    add_words(net->rows, net->n * d);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        gng_release(all[i]);
}

static void try_case(int kind, int which, int d)
{
    float (*coordinate)(void) = data[which].coordinate;
    int most = d <= GNG_MAX_GRID_D ? N_COUNTS : d < GNG_ROWS_FROM ? N_COUNTS - 1 : N_COUNTS - 2;
    const char *name;
    printf("%s %s %d:", kinds[kind], data[which].name, d);
    for (int i = 0; (name = gng_isa_name(i)); i++) {
        const gng_kernels *kernels = gng_kernels_for(name);
        if (!kernels)
            continue;
        digest = 0;
        state = ((uint64_t)kind << 32) + (uint64_t)which * 1000 + (uint64_t)d;
        for (int size = 0; size < (d <= GNG_MAX_GRID_D ? N_COUNTS : 2); size++) {
            network net = made(kind, d, counts[d <= GNG_MAX_GRID_D ? size : below(most)], coordinate);
            if (kind >= CODES) {
                if (kind == CODES)
                    encode(kernels, &net);
                (kind == CODES ? search_and_move : search_and_move_in_blocks)(kernels, &net, coordinate);
                discard(&net);
                continue;
            }
            search(kernels, &net, coordinate);
            look_up(kernels, &net, coordinate); /* before nodes leave their cells, which only the core would notice */
            if (kind == GNG_GRID)
                move_in_grid(&net, coordinate);
            else if (d > GNG_MAX_GRID_D)
                move(kernels, &net, coordinate);
            search(kernels, &net, coordinate);
            discard(&net);
        }
        printf(" %s %016llx", name, (unsigned long long)digest);
    }
    putchar('\n');
}

int main(void)
{
    for (int d = 1; d <= MOST_D; d++) {
        int edge = d <= 9 || d % 16 <= 1 || d % 16 == 15 || d >= MOST_D - 3;
        for (int which = 0; which < (edge ? N_DATA : N_DATA_FOR_ALL_D); which++) {
            try_case(GNG_FLAT, which, d);
            try_case(d <= GNG_MAX_GRID_D ? GNG_GRID : GNG_LEAVES, which, d);
            if (d >= GNG_ROWS_FROM)
                try_case(CODES, which, d);
            if (d > GNG_MAX_GRID_D)
                try_case(BLOCKS, which, d);
        }
    }
    return 0;
}

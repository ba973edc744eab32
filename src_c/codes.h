/* Codes of the nodes in leaves: what a search may leave out before it computes distances.

   The code of a node is a vector of small integers z with w = centre + step z + r, where centre and step are those of its leaf,
   and the leaf knows how long the rest r of any of its nodes can be. A code takes a byte for each coordinate, a quarter of its
   position. The distance between two codes is quickly computed, exact, and tells the distance of the vectors up to the lengths
   of their rests; docs/exactness.md proves what that leaves out. */
#ifndef GNG_CODES_H
#define GNG_CODES_H

#include "box.h"
#include "certificate.h"
#include "search.h"

#include <math.h>
#include <string.h>

#define GNG_SMALLEST_STEP 0x1p-60f /* so that squares of rests keep their digits */
#define GNG_LARGEST_STEP 0x1p50f   /* and these do not overflow */
#define GNG_ROOM_FOR_MOVES 1.4f     /* the range of codes beside the extent of the leaf: its nodes will move */
#define GNG_STEPS_OF_WAY 1.5f      /* so far may nodes move before their codes are made anew */
#define GNG_COARSEST_CODES 0.025f  /* rests beside the extent of the leaf: where a few axes are much wider, rows are faster */
#define GNG_MOST_STEPS_OF_REST 64  /* with more of them, for x and a node together, codes would leave out little */

struct gng_put_by;

typedef struct gng_coder {
    /* The node at a place in the panels is at w: write its code. */
    void (*encode)(const gng_panels *panels, ptrdiff_t place, const float *w);
    /* Search a leaf by the codes of its nodes, and put by those that can be among the two nearest. */
    void (*search)(const gng_panels *panels, ptrdiff_t leaf, ptrdiff_t d, const float *x, struct gng_put_by *put_by,
                   gng_hit *hit);
    int largest; /* number in a code */
} gng_coder;

/* The codes of an instruction set on this CPU, or NULL where there are none. */
const gng_coder *gng_coder_of(const gng_kernels *kernels);

/* Choose centre and step of a leaf for what lies in n boxes (n, d); codes are still to be written. */
static inline void gng_choose_ruler(gng_panels *panels, ptrdiff_t leaf, const float *low, const float *high, ptrdiff_t n)
{
    const ptrdiff_t d = panels->d;
    float *centre = panels->centre + leaf * gng_code_stride(d), half = 0, square = 0;
    for (ptrdiff_t k = 0; k < d; k++) {
        float least = low[k], largest = high[k];
        for (ptrdiff_t i = 1; i < n; i++) {
            least = fminf(least, low[i * d + k]);
            largest = fmaxf(largest, high[i * d + k]);
        }
        centre[k] = 0.5f * least + 0.5f * largest;
        float half_of_axis = 0.5f * largest - 0.5f * least;
        half = fmaxf(half, half_of_axis);
        square += half_of_axis * half_of_axis;
    }
    float step = fmaxf(half * GNG_ROOM_FOR_MOVES / (float)panels->coder->largest, GNG_SMALLEST_STEP);
    float usual_rests = step * (2 * sqrtf((float)d / 12) + GNG_STEPS_OF_WAY); /* of a signal and of a node */
    int coarse = step > GNG_SMALLEST_STEP && usual_rests > GNG_COARSEST_CODES * sqrtf(square);
    int coded = step <= GNG_LARGEST_STEP && !coarse;
    gng_ruler ruler = {step, 1 / step, coded ? step * GNG_STEPS_OF_WAY : 0, coded ? 0 : INFINITY};
    panels->ruler[leaf] = ruler;
    panels->box_slack = fmaxf(panels->box_slack, ruler.allowed);
}

/* How far a node of d dimensions has moved, at most, by the sum of squares of that. */
static inline float gng_way(float square, ptrdiff_t d)
{
    return sqrtf(square) * (1 + (float)(d + 8) * 0x1p-23f) + 0x1p-68f;
}

/* The nodes of a leaf get new codes, for where they are now, and so does the leaf a box. */
static inline void gng_code_leaf(gng_panels *panels, ptrdiff_t leaf)
{
    const ptrdiff_t d = panels->d, branch = leaf / GNG_BRANCH, first = leaf << GNG_LEAF_SHIFT;
    float *low = panels->low + leaf * d, *high = panels->high + leaf * d;
    ptrdiff_t end = first;
    for (; end < first + GNG_LEAF * GNG_LANES && panels->id[end] >= 0; end++) {
        const float *w = panels->rows + panels->id[end] * d;
        if (end == first)
            memcpy(low, w, (size_t)d * sizeof(float)), memcpy(high, w, (size_t)d * sizeof(float));
        gng_stretch_box(low, high, d, w);
    }
    gng_stretch_box(panels->branch_low + branch * d, panels->branch_high + branch * d, d, low);
    gng_stretch_box(panels->branch_low + branch * d, panels->branch_high + branch * d, d, high);
    gng_choose_ruler(panels, leaf, low, high, 1);
    for (ptrdiff_t place = first; place < end; place++)
        panels->coder->encode(panels, place, panels->rows + panels->id[place] * d);
}

/* The node at a place has come to w, by `way`: its code and the boxes around it stay as they are while it has not moved too
   far since it was coded. Where it has left the range of the codes, those of the whole leaf are made anew. */
static inline void gng_follow(gng_panels *panels, ptrdiff_t place, const float *w, float way)
{
    const ptrdiff_t d = panels->d, leaf = place >> GNG_LEAF_SHIFT, branch = leaf / GNG_BRANCH;
    const gng_ruler *ruler = panels->ruler + leaf;
    float *gone = panels->code_way + place;
    *gone = (*gone + way) * (1 + 0x1p-22f); /* more than rounding can take away */
    if (*gone <= ruler->allowed)
        return;
    panels->coder->encode(panels, place, w);
    if (ruler->rest > ruler->step * (GNG_STEPS_OF_WAY + 0.1f + 0.5f * sqrtf((float)d)) && ruler->rest < INFINITY) {
        gng_code_leaf(panels, leaf);
        return;
    }
    gng_stretch_box(panels->low + leaf * d, panels->high + leaf * d, d, w);
    gng_stretch_box(panels->branch_low + branch * d, panels->branch_high + branch * d, d, w);
}

/* The squared distance between codes beyond which a node is further away than the squared distance d2. `rests` is how long
   the rests of x, within the range of codes, and of the node are together; `square`, the sum of squares of the code of x, is
   left out of what is returned. */
static inline int32_t gng_code_limit(float d2, ptrdiff_t d, double rests, double step, int32_t square)
{
    double n = (double)d, largest = ((double)d2 + (4 * n + 16) * GNG_FAINT_ROUNDING) * (1 + (n + 8) * 0x1p-23);
    double steps = (sqrt(largest) + rests) / step, limit = steps * steps * (1 + 0x1p-40) + 1;
    return limit < INT32_MAX ? (int32_t)limit - square : INT32_MAX;
}

/* What the distance between the codes, so given, says of the squared distance: at most, and at least. */
static inline float gng_code_farthest(int32_t distance, ptrdiff_t d, double rests, double step)
{
    double largest = sqrt((double)distance) * step + rests;
    return (float)(largest * largest * (1 + ((double)d + 8) * 0x1p-23) + ((double)d + 16) * GNG_FAINT_ROUNDING);
}

static inline float gng_code_nearest(int32_t distance, ptrdiff_t d, double rests, double step)
{
    double least = fmax(0, sqrt((double)distance) * step - rests);
    return (float)(least * least * (1 - ((double)d + 8) * 0x1p-23) - (4 * (double)d + 16) * GNG_FAINT_ROUNDING);
}

/* The squared distance of a box up to which nodes of the squared distance d2 can belong to it. */
static inline float gng_reach_of_boxes(const gng_panels *panels, float d2)
{
    float reach = sqrtf(d2) + panels->box_slack;
    return panels->box_slack > 0 ? reach * reach * (1 + 0x1p-20f) + 0x1p-110f : d2;
}

#endif

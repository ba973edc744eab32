/* What the filter of tiles.h proves. docs/exactness.md derives the bounds. */
#ifndef GNG_CERTIFICATE_H
#define GNG_CERTIFICATE_H

#include "tiles.h"

#define GNG_ROUNDING 0x1p-24       /* of one operation, relative */
#define GNG_FAINT_ROUNDING 0x1p-149 /* and absolute where results are subnormal */

/* The bounds for the rows of a look-up, in double: their own rounding is far below what they have to spare. */
typedef struct {
    double relative; /* times |x|^2 + |w|^2: how far |x|^2 - 2 (h + x.w) may be from the squared distance, */
    double largest;  /* with the largest |w|^2 */
    double faint;    /* beside the other two, where numbers are subnormal */
    double factor;   /* how much less than the squared distance the canonical one may be */
} gng_certificate;

/* A bound of the relative error of `m` roundings one after the other. */
static inline double gng_gamma(double m)
{
    return m * GNG_ROUNDING / (1 - m * GNG_ROUNDING);
}

static inline gng_certificate gng_certificate_of(const gng_groups *groups)
{
    double d = (double)groups->d;
    gng_certificate certificate;
    certificate.relative = gng_gamma(2 * d + 8);
    certificate.largest = groups->largest;
    certificate.faint = (4 * d + 16) * GNG_FAINT_ROUNDING;
    certificate.factor = 1 / (1 - gng_gamma(d + 3));
    return certificate;
}

/* Whether all nodes of no higher score than this have a greater canonical distance than `squared`. `size` is |x|^2 as the
   filter has summed it. */
static inline int gng_beyond(const gng_certificate *certificate, float size, float score, float squared)
{
    double both = size + certificate->largest;
    double least = size - 2 * (double)score - certificate->relative * both - certificate->faint;
    return both < GNG_LARGEST_TILED && least > (squared + certificate->faint) * certificate->factor;
}

#endif

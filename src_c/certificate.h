/* What the filter of tiles.h proves. docs/exactness.md derives the bounds. */
#ifndef GNG_CERTIFICATE_H
#define GNG_CERTIFICATE_H

#include "tiles.h"

#define GNG_ROUNDING 0x1p-24       /* of one operation, relative */
#define GNG_FAINT_ROUNDING 0x1p-149 /* and absolute where results are subnormal */

/* The bounds for one row, in double: their own rounding is far below what they have to spare. */
typedef struct {
    double size;   /* |x|^2 */
    double error;  /* by which |x|^2 - 2 (h + x.w) may differ from the squared distance */
    double faint;  /* and the canonical distance, beside a factor */
    double factor;
} gng_certificate;

/* For a row with |x|^2 = size, as the filter has summed it. */
static inline gng_certificate gng_certificate_of(const gng_groups *groups, float size)
{
    double d = (double)groups->d, both = size + groups->largest;
    double relative = (2 * d + 8) * GNG_ROUNDING;
    gng_certificate certificate;
    certificate.size = size;
    certificate.faint = (4 * d + 16) * GNG_FAINT_ROUNDING;
    certificate.error = relative / (1 - relative) * both + certificate.faint;
    certificate.factor = 1 / (1 - (d + 4) * GNG_ROUNDING);
    if (!(both < GNG_LARGEST_TILED)) /* NaN too */
        certificate.error = INFINITY;
    return certificate;
}

/* Whether all nodes of no higher score than this have a greater canonical distance than `squared`. */
static inline int gng_beyond(const gng_certificate *certificate, float score, float squared)
{
    return certificate->size - 2 * (double)score - certificate->error
           > (squared + certificate->faint) * certificate->factor;
}

#endif

/* What of Microsoft's <math.h> the sources use; as there, a number that overflows is infinity. */
#pragma once
#define INFINITY ((float)(1e+300 * 1e+300))
#define NAN ((float)(INFINITY * 0.0f))
#define HUGE_VAL ((double)INFINITY)
int _finite(double), _isnan(double);
#define isnan(x) _isnan(x)
#define isinf(x) (!_isnan(x) && !_finite(x))
#define isfinite(x) _finite(x)
double sqrt(double), fabs(double), floor(double), ceil(double), pow(double, double), exp(double), log(double), log2(double);
double fmod(double, double), fmin(double, double), fmax(double, double), ldexp(double, int), frexp(double, int *);
double copysign(double, double), round(double), nearbyint(double), rint(double), hypot(double, double);
float sqrtf(float), fabsf(float), floorf(float), ceilf(float), fminf(float, float), fmaxf(float, float), ldexpf(float, int);
float nextafterf(float, float), copysignf(float, float);

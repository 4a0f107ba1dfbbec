/* quantile.h - quantiles of a few numbers. */
#ifndef MQ_MATH_QUANTILE_H
#define MQ_MATH_QUANTILE_H

#include <stddef.h>

/* For qsort of doubles, ascending. */
int by_double(const void *a, const void *b);

/* Between the two nearest of n >= 1 ascending values (Hyndman, Fan 1996, type 7); q in [0, 1]. */
double quantile_of(const double *sorted, size_t n, double q);

#endif

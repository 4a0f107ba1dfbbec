/* bootstrap.h - how sure is a difference? Paired bootstrap (Efron 1979) over viewers. */
#ifndef MQ_MATH_BOOTSTRAP_H
#define MQ_MATH_BOOTSTRAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum { BOOTSTRAP_RESAMPLES = 2000 };

struct interval {
    double mean, low, high; /* low and high: the 2.5 and 97.5 percentiles of the resampled means */
    size_t n;
};

/* Mean of a[i] - b[i] over n pairs; b NULL: of a alone. n 0: all NaN. The draws depend on seed and n
 * alone, so that differences to several rivals are resampled alike. O(n resamples). MQ_NO_MEMORY. */
int bootstrap_paired(const double *a, const double *b, size_t n, uint64_t seed,
                     struct interval *ret, struct mq_error *err);

/* The same for figures that are sums over all rows and not means over viewers: f(sum a / sum count) minus, unless
 * b is NULL, f(sum b / sum count), where f is the square root (`root`: a root mean squared error) or nothing (a
 * mean error). a, b, count (n): each viewer's sums. Viewers are resampled; all draws as above. */
int bootstrap_ratio(const double *a, const double *b, const double *count, size_t n, bool root,
                    uint64_t seed, struct interval *ret, struct mq_error *err);

/* The difference of two ratios of sums, sum a / sum a_count - sum b / sum b_count (b NULL: the first alone), as between
 * groups that share viewers. NaN where a count is 0; resamples without one are left out. As above. */
int bootstrap_ratios(const double *a, const double *a_count, const double *b, const double *b_count,
                     size_t n, uint64_t seed, struct interval *ret, struct mq_error *err);

#endif

/* clustered_slope.h - how far does y go with x, and how sure is that where many rows come from one viewer? */
#ifndef MQ_MATH_CLUSTERED_SLOPE_H
#define MQ_MATH_CLUSTERED_SLOPE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct clustered_slope {
    double slope; /* least squares of y on x with a constant; NaN: x doesn't vary */
    double
        error; /* standard error over clusters; NaN: fewer than two, or without one of them x doesn't vary */
    uint32_t clusters; /* viewers */
};

/* The error is the jackknife's over clusters: sqrt((k - 1) / k sum (slope without one - slope)^2) (Cameron, Miller 2015, CR3), since the usual
 * sandwich is too small where a few viewers have many rows. Rows of one cluster may stand anywhere. O(n) and a sort of
 * runs. MQ_NO_MEMORY. */
int clustered_slope(const float *x, const float *y, const uint32_t *cluster, size_t n,
                    struct clustered_slope *ret, struct mq_error *err);

#endif

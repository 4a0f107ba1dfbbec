/* small_ridge.h - least squares over a few dense columns, as handfuls of rows allow: columns scaled to variance 1, one penalty. */
#ifndef MQ_MATH_SMALL_RIDGE_H
#define MQ_MATH_SMALL_RIDGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum { SMALL_RIDGE_MAX = 48 }; /* columns */

struct small_ridge {
    size_t p;
    double mean[SMALL_RIDGE_MAX]; /* of the columns over the rows that were learnt from */
    double b[SMALL_RIDGE_MAX];    /* per unit of a column; 0 for a constant one */
    double intercept;             /* mean of y */
};

/* Minimise sum (y - intercept - sum_c b_c (x_c - mean_c))^2 + penalty sum_c (b_c sd_c)^2  (Hoerl, Kennard 1970) by Cholesky.
 *
 * x        (rows, p) row-major; y (rows). Only the n rows of `use` are read; n > 0.
 * columns  bit c: column c takes part.
 *
 * Pure, no allocation. O(n p^2 + p^3). MQ_INVALID: no row, p above SMALL_RIDGE_MAX, penalty not above 0. */
int small_ridge_fit(const double *x, size_t p, const double *y, const uint32_t *use, size_t n,
                    uint64_t columns, double penalty, struct small_ridge *ret,
                    struct mq_error *err);

double small_ridge_value(const struct small_ridge *r, const double *x);

#endif

/* sparse_ridge_many.h - sparse_ridge.h for several outcomes at once: the rows are read once for all of them. */
#ifndef MQ_MATH_SPARSE_RIDGE_MANY_H
#define MQ_MATH_SPARSE_RIDGE_MANY_H

#include "math/sparse_ridge.h"

enum { RIDGE_MANY = 16 };

/* Doubles of scratch for one thread. */
size_t sparse_ridge_many_scratch(const struct csr *x);

/* What sparse_ridge_fit gives for each of RIDGE_MANY outcomes, to the last bit, in about a quarter of the time.
 *
 * y        (RIDGE_MANY, rows); only rows of `use` are read.
 * scratch  sparse_ridge_many_scratch doubles.
 * ret_b    (RIDGE_MANY, cols); ret_mean (RIDGE_MANY).
 *
 * Pure. O(steps nnz RIDGE_MANY). */
void sparse_ridge_fit_many(const struct sparse_ridge *s, const float *y, double *scratch,
                           float *ret_b, float *ret_mean);

#endif

/* sparse_ridge.h - least squares over sparse rows with a penalty of its own for each column. */
#ifndef MQ_MATH_SPARSE_RIDGE_H
#define MQ_MATH_SPARSE_RIDGE_H

#include "math/csr.h"

struct sparse_ridge {
    const struct csr *x;         /* (rows, cols) */
    const struct csr *by_column; /* its transpose */
    const float *penalty;        /* (cols) > 0; infinite: the column is left out */
    const uint32_t *use;         /* rows to learn from, ascending */
    uint32_t n_use;
    const float *weight; /* (rows) > 0, or NULL = 1 */
    unsigned steps;      /* of conjugate gradients; 0 = 50 */
};

/* Doubles of scratch for one thread. */
size_t sparse_ridge_scratch(const struct csr *x);

/* Minimise sum_use w (y - mean - x'b)^2 + sum_c penalty_c b_c^2 by conjugate gradients (Hestenes,
 * Stiefel 1952); the mean is the weighted mean of y over `use`.
 *
 * y        (rows); only rows of `use` are read.
 * scratch  sparse_ridge_scratch doubles.
 * ret_b    (cols); ret_mean one.
 *
 * Pure. O(steps nnz). */
void sparse_ridge_fit(const struct sparse_ridge *s, const float *y, double *scratch, float *ret_b,
                      float *ret_mean);

/* mean + x'b of one row. */
float sparse_ridge_row(struct csr_row x, const float *b, float mean);
/* ... of those of a matrix. */
float sparse_ridge_value(const struct csr *x, uint32_t row, const float *b, float mean);

#endif

/* ridge.h - one row of alternating least squares: the same solve in training and at serving time. */
#ifndef MQ_MATH_RIDGE_H
#define MQ_MATH_RIDGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* What all rows of a side have in common. */
struct ridge {
    const float *factors; /* Y (n, stride), 64-byte aligned, padding 0 */
    const float *gram;    /* Y'Y (stride, stride), both triangles */
    size_t stride;        /* a multiple of 16 */
    float unobserved;     /* a0 */
};

/* The observed pairs of one row: row(col[k]) is to score target[k], with weight[k]. */
struct ridge_row {
    const uint32_t *col;
    const float *weight; /* target NULL: |weight| counts, and its sign says target 1 or 0 */
    const float *target;
    size_t n;
    float regularisation; /* on the diagonal; > 0 */
};

/* Floats of scratch for one thread, whatever the row. */
size_t ridge_scratch(size_t stride);

/* Solve (a0 Y'Y + sum w y y' + reg I) x = sum w p y  (Rendle, Krichene, Zhang, Koren 2021, eq. 5-6).
 *
 * scratch     ridge_scratch floats, 64-byte aligned.
 * ret_x       (stride), 64-byte aligned, padding 0.
 * ret_gain    may be NULL: x . sum w p y. The row's part of the loss at its minimum is
 *             sum w p^2 less this.
 * ret_inverse may be NULL: (stride, stride), 64-byte aligned, the inverse of the matrix; its padding holds
 *             1 / reg on the diagonal.
 *
 * Pure, no allocation. O(n stride^2 + stride^3). MQ_SINGULAR when a pivot is not above 0. */
int ridge_solve(const struct ridge *side, const struct ridge_row *row, float *scratch, float *ret_x,
                double *ret_gain, float *ret_inverse, struct mq_error *err);

/* At most so many rows are improved together. */
enum { RIDGE_TOGETHER = 16 };

/* Floats of scratch for ridge_improve of rows with `observed` pairs in all. */
size_t ridge_improve_scratch(size_t stride, size_t observed);

/* Bring x[r] (stride) of each of n <= RIDGE_TOGETHER rows nearer to the solution of the same system by `steps` steps of
 * conjugate gradients from where it is (Hestenes, Stiefel 1952; for this system Takacs, Pilaszy, Tikk 2011). No step
 * raises a row's part of the loss. Together the rows' products with Y'Y are one product of matrices; what comes out for a
 * row does not depend on which others stand beside it. O(steps (observed + n stride) stride): cheaper than solving where
 * rows or stride are large. */
void ridge_improve(const struct ridge *side, const struct ridge_row *rows, size_t n, unsigned steps,
                   float *scratch, float *const *x);

/* lambda (n + a0 N)^nu: the regularisation of a row with n observed pairs of N possible (ibid., eq. 9). */
float ridge_regularisation(float lambda, float frequency_power, float unobserved, size_t n,
                           size_t of);

#endif

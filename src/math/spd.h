/* spd.h - large symmetric positive definite matrices, by OpenBLAS and LAPACK on all its threads.
 *
 * Unlike the kernels of this room the bytes depend on the number of threads and on the kernels that OpenBLAS
 * chose for the processor; for the same of both they are the same. */
#ifndef MQ_MATH_SPD_H
#define MQ_MATH_SPD_H

#include <stddef.h>

#include "base/error.h"

/* a (n, n), symmetric, both triangles -> its inverse, both triangles, in place: Cholesky, then the inverse of
 * the factors (LAPACK's potrf and potri). threads 0: as many as there are; of a thread that is not scheduled as usual always 1.
 * n^3 multiply-adds.
 * MQ_SINGULAR: not positive definite (a holds rubbish then). MQ_NO_MEMORY. n <= SPD_MAX. */
enum { SPD_MAX = 40000 };
int spd_inverse(float *a, size_t n, size_t threads, struct mq_error *err);

/* Cholesky factors of a (n, n) in place, for what is asked again and again. Only one half is read and written, rows `stride` floats
 * apart: element (i, j) for j <= i (SPD_LOWER) or j >= i (SPD_UPPER), so that two matrices fit into (n, n + 1): the
 * second begins one float behind the first. n^3 / 3 multiply-adds. MQ_SINGULAR, MQ_TOO_LARGE. */
enum spd_half { SPD_LOWER, SPD_UPPER };
int spd_factor(float *a, size_t n, size_t stride, enum spd_half half, size_t threads,
               struct mq_error *err);
/* By those factors: x (rows, n), each row r becomes r a^-1. rows n^2 multiply-adds. */
void spd_solve_by(const float *a, size_t n, size_t stride, enum spd_half half, float *x,
                  size_t rows, size_t threads);

/* ret (n, n) = x' x for x (rows, n), both triangles. */
void spd_gram(const float *x, size_t rows, size_t n, size_t threads, float *ret);

/* x (n, cols) = U^-T x where k (n, n) = U'U, so that x'x becomes x' k^-1 x. k is overwritten. MQ_SINGULAR,
 * MQ_TOO_LARGE. */
int spd_whiten(float *k, size_t n, float *x, size_t cols, size_t threads, struct mq_error *err);

/* The kernels that OpenBLAS runs, as it names them ("SkylakeX"). */
const char *spd_core_name(void);

/* The kernels it should run instead, to be set as OPENBLAS_CORETYPE before it is loaded; NULL when the choice is right.
 * OpenBLAS 0.3.21 does not know newer processors with AVX-512 and takes its Haswell or Zen kernels for them: about half
 * the speed. */
const char *spd_better_core(void);

#endif

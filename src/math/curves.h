/* curves.h - what scores of whole catalogues go through, many titles at a time: the same bits for every instruction set,
 * since nothing is fused and each number is worked out alone. */
#ifndef MQ_MATH_CURVES_H
#define MQ_MATH_CURVES_H

#include <stddef.h>

/* v[i] = root of v[i] scale[i] (scale NULL: of v[i]); 0 where that is not above 0. */
void curves_root(float *v, const float *scale, size_t n);

/* to[i] += w v[i] */
void curves_add(float *to, const float *v, float w, size_t n);

/* ret[i] = half (1 + v[i] / (1 + |v[i]|)): any number into 0 .. 2 half, in the same order. */
void curves_squash(const float *v, float half, float *ret, size_t n);

/* ret[i] = log(1 + a[i] - b[i]), where a[i] >= b[i] >= 0 (b NULL: 0), within 2e-6 of it or of its size; 0 for a
 * difference below 0. */
void curves_log1p(const float *a, const float *b, float *ret, size_t n);
float curve_log1p(float x);

#endif

/* kernels.h - the inner loops, once per instruction set.
 *
 * kernel_body.h holds them in GCC vector extensions and is compiled for 128, 256 and 512 bits
 * (kernel_base.c, kernel_v3.c, kernel_v4.c; kernel_v4p.c counts bits by vectors, too); kernel_plain.c holds the plain loops they are tested
 * against. math_kernels() looks at the processor each time: a few nanoseconds, and no hidden state.
 *
 * All matrices are row-major with rows `stride` floats apart, stride a multiple of 16, 64-byte aligned,
 * padding columns 0. Symmetric ones are read and written on and above the diagonal, by whole blocks of
 * 16 x 16. Sums are made in an order that depends on the sizes alone. */
#ifndef MQ_MATH_KERNELS_H
#define MQ_MATH_KERNELS_H

#include <stddef.h>
#include <stdint.h>

enum { KERNEL_BLOCK = 16, KERNEL_PACK = 64 };

/* Where the draws of a coordinate meet one entity (train/gibbs.h): sums over its rows of h e and h^2, and how far it was
 * moved so far. `one` is 1. */
struct kernel_lane {
    float he, moved, hh, one;
} __attribute__((aligned(16)));

struct kernel_sums {
    double hh, he;
};

struct kernels {
    const char *name;
    /* ret[r] = rows[r] . x for r < n. */
    void (*dots)(const float *rows, size_t n, size_t stride, const float *x, float *ret);
    /* The same of rows that are scale[r] times whole numbers: half the memory to read. */
    void (*dots_short)(const int16_t *rows, const float *scale, size_t n, size_t stride,
                       const float *x, float *ret);
    /* Bit i is set where v[i] > bar, of 64 floats; any alignment. NaN is above nothing. */
    uint64_t (*above)(const float *v, float bar);
    /* a += y'y over n rows that stand one after another; (stride, stride). */
    void (*rank_k)(float *a, const float *y, size_t n, size_t stride);
    /* pack[k] = sqrt(w_k) row(col[k]) and b += w_k p_k row(col[k]) for k < n <= KERNEL_PACK.
     * target NULL: p is 1 where weight > 0 and 0 where it is below, and w = |weight|. */
    void (*gather)(const float *factors, size_t stride, const uint32_t *col, const float *weight,
                   const float *target, size_t n, float *pack, float *b);
    /* ret += sum over n rows of (row . x) row. */
    void (*project)(const float *rows, size_t n, size_t stride, const float *x, float *ret);
    /* ret (16, stride) = v (16, stride) m for m (stride, stride), both triangles; work (stride, 16) is scratch. A row
     * of the result depends on its row of v alone. */
    void (*times)(const float *m, size_t stride, const float *v, float *work, float *ret);
    /* Factor a = U'U in place. The diagonal blocks of the result hold the transposed inverse of U's
     * instead of themselves, which is all that solving needs. Returns 0, or 1 + the first block
     * (of 16 columns) with a pivot that is not above 0. */
    size_t (*cholesky)(float *a, size_t stride);
    /* x = a^-1 x. */
    void (*solve)(const float *u, size_t stride, float *x);
    /* ret (stride, stride) = a^-1, both triangles; work (stride, stride) is scratch. */
    void (*inverse)(const float *u, size_t stride, float *work, float *ret);
    /* Bits set in both a and b, of n words. */
    uint32_t (*count_both)(const uint64_t *a, const uint64_t *b, size_t n);
    /* The same of a and each of four others. */
    void (*count_four)(const uint64_t *a, const uint64_t *const b[4], size_t n, uint32_t ret[4]);
    /* Sums over the lanes col[0 .. n), no lane twice. */
    struct kernel_sums (*lanes_sum)(const struct kernel_lane *lane, const uint32_t *col, size_t n);
    /* The same lanes: moved += step, he -= hh step. */
    void (*lanes_move)(struct kernel_lane *lane, const uint32_t *col, size_t n, float step);
    /* With h = total[r] - own: sums of h^2 and h e[r] over r < n; any alignment. */
    struct kernel_sums (*rows_sum)(const float *total, const float *e, size_t n, float own);
    /* e[r] -= (total[r] - own) step, then total[r] += step. */
    void (*rows_move)(float *total, float *e, size_t n, float own, float step);
};

const struct kernels *math_kernels(void);

/* Each of them; NULL where it was not built or this processor can't run it. */
const struct kernels *kernels_plain(void);
const struct kernels *kernels_base(void);
const struct kernels *kernels_v3(void);
const struct kernels *kernels_v4(void);
const struct kernels *kernels_v4p(void);

#endif

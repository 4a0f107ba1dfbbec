/* kernel_body.h - the kernels, in vectors of KERNEL_LANES floats. Included once by each kernel_*.c, which
 * sets the lanes, the tile (KERNEL_MR rows by at most KERNEL_NV vectors) and the names.
 *
 * Everything cubic is one loop, the tile: C[i][j] +-= sum_k A[k][i] B[k][j], a column of A spread against
 * rows of B, both read row by row. The rank-k update is the tile with A = B = the packed rows; the
 * left-looking Cholesky is the tile with A = B = the rows of U that are done; the inverse is the tile with
 * B = the rows of U^-T that are done. */
#include "math/kernel_tables.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#if defined(__clang__)
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif
#define INLINE static inline __attribute__((always_inline))

typedef float vec __attribute__((vector_size(KERNEL_LANES * 4), may_alias));
enum { LANES = KERNEL_LANES, BLOCK = KERNEL_BLOCK, PER_BLOCK = KERNEL_BLOCK / KERNEL_LANES };

INLINE vec load(const float *p)
{
    return *(const vec *)(const void *)p;
}

INLINE void store(float *p, vec v)
{
    *(vec *)(void *)p = v;
}

INLINE vec spread(float x)
{
    return x - (vec){0};
}

/* ------------------------------------------------------------------ dots */

#define MERGE(a, b, lo, hi)                                                                        \
    (__builtin_shufflevector(a, b, LANES_##lo) + __builtin_shufflevector(a, b, LANES_##hi))

#if KERNEL_LANES == 16
#define LANES_LO1 0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30
#define LANES_HI1 1, 17, 3, 19, 5, 21, 7, 23, 9, 25, 11, 27, 13, 29, 15, 31
#define LANES_LO2 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29
#define LANES_HI2 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31
#define LANES_LO3 0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27
#define LANES_HI3 4, 5, 6, 7, 20, 21, 22, 23, 12, 13, 14, 15, 28, 29, 30, 31
#define LANES_LO4 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23
#define LANES_HI4 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31
#elif KERNEL_LANES == 8
#define LANES_LO1 0, 8, 2, 10, 4, 12, 6, 14
#define LANES_HI1 1, 9, 3, 11, 5, 13, 7, 15
#define LANES_LO2 0, 1, 8, 9, 4, 5, 12, 13
#define LANES_HI2 2, 3, 10, 11, 6, 7, 14, 15
#define LANES_LO3 0, 1, 2, 3, 8, 9, 10, 11
#define LANES_HI3 4, 5, 6, 7, 12, 13, 14, 15
#else
#define LANES_LO1 0, 4, 2, 6
#define LANES_HI1 1, 5, 3, 7
#define LANES_LO2 0, 1, 4, 5
#define LANES_HI2 2, 3, 6, 7
#endif

/* Lane i of the result is the sum over the lanes of v[i]. */
INLINE vec sum_lanes(vec v[LANES])
{
    UNROLL
    for (int i = 0; i < LANES / 2; i++)
        v[i] = MERGE(v[2 * i], v[2 * i + 1], LO1, HI1);
    UNROLL
    for (int i = 0; i < LANES / 4; i++)
        v[i] = MERGE(v[2 * i], v[2 * i + 1], LO2, HI2);
#if KERNEL_LANES >= 8
    UNROLL
    for (int i = 0; i < LANES / 8; i++)
        v[i] = MERGE(v[2 * i], v[2 * i + 1], LO3, HI3);
#endif
#if KERNEL_LANES >= 16
    v[0] = MERGE(v[0], v[1], LO4, HI4);
#endif
    return v[0];
}

/* LANES rows against x from column `from` on. */
INLINE vec dots_group(const float *rows, size_t stride, const float *x, size_t from)
{
    vec sum[LANES];

    UNROLL
    for (int i = 0; i < LANES; i++)
        sum[i] = (vec){0};
    for (size_t c = from; c < stride; c += LANES) {
        vec xc = load(x + c);
        UNROLL
        for (int i = 0; i < LANES; i++)
            sum[i] += load(rows + (size_t)i * stride + c) * xc;
    }
    return sum_lanes(sum);
}

static void dots(const float *rows, size_t n, size_t stride, const float *x, float *ret)
{
    size_t r = 0;

    for (; r + LANES <= n; r += LANES) {
        vec sums = dots_group(rows + r * stride, stride, x, 0);
        memcpy(ret + r, &sums, sizeof sums);
    }
    for (; r < n; r++) {
        vec sum = {0};
        for (size_t c = 0; c < stride; c += LANES)
            sum += load(rows + r * stride + c) * load(x + c);
        vec all[LANES] = {sum};
        UNROLL
        for (int i = 1; i < LANES; i++)
            all[i] = (vec){0};
        ret[r] = sum_lanes(all)[0];
    }
}

#include "math/kernel_catalogue.h"

/* ------------------------------------------------------------------ the tile */

INLINE void tile(float *c, size_t ldc, const float *a, size_t lda, const float *b, size_t ldb,
                 size_t n, const int vecs, const bool minus)
{
    vec sum[KERNEL_MR][KERNEL_NV];

    UNROLL
    for (int i = 0; i < KERNEL_MR; i++) {
        UNROLL
        for (int j = 0; j < vecs; j++)
            sum[i][j] = (vec){0};
    }
    for (size_t k = 0; k < n; k++) {
        vec row[KERNEL_NV];
        UNROLL
        for (int j = 0; j < vecs; j++)
            row[j] = load(b + k * ldb + (size_t)j * LANES);
        UNROLL
        for (int i = 0; i < KERNEL_MR; i++) {
            vec ai = spread(a[k * lda + (size_t)i]);
            UNROLL
            for (int j = 0; j < vecs; j++)
                sum[i][j] += ai * row[j];
        }
    }
    UNROLL
    for (int i = 0; i < KERNEL_MR; i++) {
        UNROLL
        for (int j = 0; j < vecs; j++) {
            float *at = c + (size_t)i * ldc + (size_t)j * LANES;
            store(at, minus ? load(at) - sum[i][j] : load(at) + sum[i][j]);
        }
    }
}

/* 16 rows of C by `cols` columns (a multiple of 16), in tiles. */
INLINE void tile_rows(float *c, size_t ldc, const float *a, size_t lda, const float *b, size_t ldb,
                      size_t n, size_t cols, const bool minus)
{
    for (size_t i = 0; i < BLOCK; i += KERNEL_MR) {
        float *ci = c + i * ldc;
        size_t j = 0, left = cols / LANES;
#if KERNEL_NV >= 3
        /* Four vectors go as two and two: a single one would wait for its own sums. */
        for (; left >= 3 && left != 4; left -= 3, j += 3 * LANES)
            tile(ci + j, ldc, a + i, lda, b + j, ldb, n, 3, minus);
#endif
        for (; left >= 2; left -= 2, j += 2 * LANES)
            tile(ci + j, ldc, a + i, lda, b + j, ldb, n, 2, minus);
        if (left)
            tile(ci + j, ldc, a + i, lda, b + j, ldb, n, 1, minus);
    }
}

static void rank_k(float *a, const float *y, size_t n, size_t stride)
{
    for (size_t from = 0; from < n; from += KERNEL_PACK) {
        size_t part = n - from < KERNEL_PACK ? n - from : KERNEL_PACK;
        const float *rows = y + from * stride;
        for (size_t i = 0; i < stride; i += BLOCK)
            tile_rows(a + i * stride + i, stride, rows + i, stride, rows + i, stride, part,
                      stride - i, false);
    }
}

enum { GATHER_AHEAD = 12 };

static void gather(const float *factors, size_t stride, const uint32_t *col, const float *weight,
                   const float *target, size_t n, float *pack, float *b)
{
    for (size_t k = 0; k < n; k++) {
        if (k + GATHER_AHEAD < n)
            for (size_t c = 0; c < stride; c += 16)
                __builtin_prefetch(factors + (size_t)col[k + GATHER_AHEAD] * stride + c);
        const float *y = factors + (size_t)col[k] * stride;
        float w = fabsf(weight[k]);
        float p = target ? target[k] : weight[k] > 0 ? 1.0f : 0.0f;
        vec root = spread(sqrtf(w)), wp = spread(w * p);
        for (size_t c = 0; c < stride; c += LANES) {
            vec v = load(y + c);
            store(pack + k * stride + c, root * v);
            store(b + c, load(b + c) + wp * v);
        }
    }
}

/* In groups, so that rows are still in the nearest cache when they are added up. */
static void project(const float *rows, size_t n, size_t stride, const float *x, float *ret)
{
    float dot[BLOCK] __attribute__((aligned(64)));

    for (size_t r = 0; r < n; r += BLOCK) {
        const float *group = rows + r * stride;
        size_t part = n - r < BLOCK ? n - r : BLOCK;
        dots(group, part, stride, x, dot);
        for (size_t c = 0; c < stride; c += LANES) {
            vec even = load(ret + c), odd = {0};
            size_t k = 0;
            for (; k + 2 <= part; k += 2) {
                even += spread(dot[k]) * load(group + k * stride + c);
                odd += spread(dot[k + 1]) * load(group + (k + 1) * stride + c);
            }
            if (k < part)
                even += spread(dot[k]) * load(group + k * stride + c);
            store(ret + c, even + odd);
        }
    }
}

static void times(const float *m, size_t stride, const float *v, float *work, float *ret)
{
    for (size_t c = 0; c < stride; c++)
        for (size_t r = 0; r < BLOCK; r++)
            work[c * BLOCK + r] = v[r * stride + c];
    memset(ret, 0, BLOCK * stride * sizeof *ret);
    tile_rows(ret, stride, work, BLOCK, m, stride, stride, stride, false);
}

/* ------------------------------------------------------------------ Cholesky */

/* Factor the 16 x 16 block at `a` by elimination of [A | I], which leaves [D L' | L^-1] with a = L D L'
 * (one division per pivot in the chain of dependencies; the roots are taken at the end), and put
 * D^-1/2 L^-1, the transposed inverse of U's block, in its place (0 above its diagonal). */
INLINE bool factor_block(float *a, size_t stride)
{
    float done[BLOCK][BLOCK] __attribute__((aligned(64)));
    float pivot[BLOCK];
    vec left[BLOCK][PER_BLOCK], right[BLOCK][PER_BLOCK];
    bool fine = true;

    memset(done, 0, sizeof done);
    UNROLL
    for (int p = 0; p < BLOCK; p++) {
        done[p][p] = 1.0f;
        UNROLL
        for (int v = 0; v < PER_BLOCK; v++) {
            left[p][v] = load(a + (size_t)p * stride + v * LANES);
            right[p][v] = load(&done[p][v * LANES]);
        }
    }
    UNROLL
    for (int p = 0; p < BLOCK; p++) {
        UNROLL
        for (int v = 0; v < PER_BLOCK; v++)
            store(&done[p][v * LANES], left[p][v]);
        pivot[p] = done[p][p];
        fine &= pivot[p] > 0;
        float inverse = 1.0f / pivot[p];
        UNROLL
        for (int q = p + 1; q < BLOCK; q++) {
            vec m = spread(done[p][q] * inverse);
            UNROLL
            for (int v = 0; v < PER_BLOCK; v++) {
                left[q][v] -= m * left[p][v];
                right[q][v] -= m * right[p][v];
            }
        }
    }
    UNROLL
    for (int p = 0; p < BLOCK; p++) {
        vec scale = spread(1.0f / sqrtf(pivot[p]));
        UNROLL
        for (int v = 0; v < PER_BLOCK; v++)
            store(a + (size_t)p * stride + v * LANES, right[p][v] * scale);
    }
    return fine;
}

/* c (16, cols) = l c, where l (16, 16) is 0 above its diagonal. */
INLINE void apply_block(const float *l, size_t ldl, float *c, size_t ldc, size_t cols)
{
    for (size_t j = 0; j < cols; j += LANES) {
        vec in[BLOCK];
        UNROLL
        for (int q = 0; q < BLOCK; q++)
            in[q] = load(c + (size_t)q * ldc + j);
        UNROLL
        for (int p = 0; p < BLOCK; p++) {
            vec even = spread(l[(size_t)p * ldl]) * in[0], odd = {0};
            UNROLL
            for (int q = 1; q <= p; q++) {
                if (q % 2)
                    odd += spread(l[(size_t)p * ldl + (size_t)q]) * in[q];
                else
                    even += spread(l[(size_t)p * ldl + (size_t)q]) * in[q];
            }
            store(c + (size_t)p * ldc + j, even + odd);
        }
    }
}

static size_t cholesky(float *a, size_t stride)
{
    for (size_t k = 0; k < stride; k += BLOCK) {
        float *diagonal = a + k * stride + k;
        if (k)
            tile_rows(diagonal, stride, a + k, stride, a + k, stride, k, stride - k, true);
        if (!factor_block(diagonal, stride))
            return 1 + k / BLOCK;
        apply_block(diagonal, stride, diagonal + BLOCK, stride, stride - k - BLOCK);
    }
    return 0;
}

/* y -= sum over the 16 rows of m (., cols) of x[p] m[p]. */
INLINE void subtract_rows(const float *m, size_t stride, const float *x, float *y, size_t cols)
{
    for (size_t j = 0; j < cols; j += LANES) {
        vec even = {0}, odd = {0};
        UNROLL
        for (int p = 0; p < BLOCK; p += 2) {
            even += spread(x[p]) * load(m + (size_t)p * stride + j);
            odd += spread(x[p + 1]) * load(m + (size_t)(p + 1) * stride + j);
        }
        store(y + j, load(y + j) - (even + odd));
    }
}

/* ret[p] = m[p] . x over 16 rows of m (., cols). */
INLINE void dots_block(const float *m, size_t stride, const float *x, size_t cols, float *ret)
{
    UNROLL
    for (int g = 0; g < PER_BLOCK; g++) {
        vec sum[LANES];
        UNROLL
        for (int i = 0; i < LANES; i++)
            sum[i] = (vec){0};
        for (size_t c = 0; c < cols; c += LANES) {
            vec xc = load(x + c);
            UNROLL
            for (int i = 0; i < LANES; i++)
                sum[i] += load(m + (size_t)(g * LANES + i) * stride + c) * xc;
        }
        store(ret + g * LANES, sum_lanes(sum));
    }
}

static void solve(const float *u, size_t stride, float *x)
{
    float part[BLOCK] __attribute__((aligned(64)));

    for (size_t k = 0; k < stride; k += BLOCK) { /* U'z = x */
        const float *diagonal = u + k * stride + k;
        dots_block(diagonal, stride, x + k, BLOCK, part);
        memcpy(x + k, part, sizeof part);
        subtract_rows(diagonal + BLOCK, stride, x + k, x + k + BLOCK, stride - k - BLOCK);
    }
    for (size_t k = stride; k >= BLOCK; k -= BLOCK) { /* U x = z */
        size_t at = k - BLOCK;
        const float *diagonal = u + at * stride + at;
        float z[BLOCK] __attribute__((aligned(64)));
        dots_block(diagonal + BLOCK, stride, x + k, stride - k, part);
        for (int p = 0; p < BLOCK; p++) {
            z[p] = part[p] - x[at + (size_t)p];
            part[p] = 0;
        }
        subtract_rows(diagonal, stride, z, part, BLOCK);
        memcpy(x + at, part, sizeof part);
    }
}

/* a^-1 = Z'Z with Z = U^-T, lower triangular, made block row by block row. */
static void inverse(const float *u, size_t stride, float *work, float *ret)
{
    memset(work, 0, stride * stride * sizeof *work);
    for (size_t k = 0; k < stride; k += BLOCK) {
        float *z = work + k * stride;
        for (size_t p = 0; p < BLOCK; p++)
            z[p * stride + k + p] = 1.0f;
        if (k)
            tile_rows(z, stride, u + k, stride, work, stride, k, k, true);
        apply_block(u + k * stride + k, stride, z, stride, k + BLOCK);
    }
    memset(ret, 0, stride * stride * sizeof *ret);
    rank_k(ret, work, stride, stride);
    for (size_t i = 1; i < stride; i++)
        for (size_t j = 0; j < i; j++)
            ret[i * stride + j] = ret[j * stride + i];
}

/* ------------------------------------------------------------------ sets */

/* The compiler has an instruction for it, or vectors of them, where the processor does. */
static uint32_t count_both(const uint64_t *a, const uint64_t *b, size_t n)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (uint64_t)__builtin_popcountll(a[i] & b[i]);
    return (uint32_t)sum;
}

static void count_four(const uint64_t *a, const uint64_t *const b[4], size_t n, uint32_t ret[4])
{
    const uint64_t *p = b[0];
    const uint64_t *q = b[1];
    const uint64_t *r = b[2];
    const uint64_t *s = b[3];
    uint64_t sum[4] = {0};
    for (size_t i = 0; i < n; i++) {
        sum[0] += (uint64_t)__builtin_popcountll(a[i] & p[i]);
        sum[1] += (uint64_t)__builtin_popcountll(a[i] & q[i]);
        sum[2] += (uint64_t)__builtin_popcountll(a[i] & r[i]);
        sum[3] += (uint64_t)__builtin_popcountll(a[i] & s[i]);
    }
    for (size_t k = 0; k < 4; k++)
        ret[k] = (uint32_t)sum[k];
}

/* ------------------------------------------------------------------ draws, coordinate by coordinate */

typedef float four __attribute__((vector_size(16), may_alias));
typedef float loose __attribute__((vector_size(KERNEL_LANES * 4), aligned(4), may_alias));

INLINE four lane_of(const struct kernel_lane *lane)
{
    return *(const four *)(const void *)lane;
}

/* A lane is read as a whole: one addition for both sums. */
static struct kernel_sums lanes_sum(const struct kernel_lane *lane, const uint32_t *col, size_t n)
{
    four sum[4] = {{0}};
    size_t k = 0;
    for (; k + 4 <= n; k += 4) {
        UNROLL
        for (size_t i = 0; i < 4; i++)
            sum[i] += lane_of(lane + col[k + i]);
    }
    for (; k < n; k++)
        sum[0] += lane_of(lane + col[k]);
    four all = (sum[0] + sum[1]) + (sum[2] + sum[3]);
    return (struct kernel_sums){.hh = (double)all[2], .he = (double)all[0]};
}

/* (he, moved) += (hh, one) (-step, step). */
static void lanes_move(struct kernel_lane *lane, const uint32_t *col, size_t n, float step)
{
    four by = {-step, step, 0, 0};
    for (size_t k = 0; k < n; k++) {
        four v = lane_of(lane + col[k]);
        *(four *)(void *)(lane + col[k]) = v + __builtin_shufflevector(v, v, 2, 3, 2, 3) * by;
    }
}

/* Floats within a part, doubles over parts. */
static struct kernel_sums rows_sum(const float *total, const float *e, size_t n, float own)
{
    enum { PART = 256 };
    struct kernel_sums sums = {0, 0};
    size_t whole = n - n % LANES;
    for (size_t from = 0; from < whole; from += PART) {
        size_t to = from + PART < whole ? from + PART : whole;
        loose hh = {0}, he = {0};
        for (size_t r = from; r < to; r += LANES) {
            loose h = *(const loose *)(const void *)(total + r) - spread(own);
            hh += h * h;
            he += h * *(const loose *)(const void *)(e + r);
        }
        float hh_part = 0, he_part = 0;
        UNROLL
        for (size_t i = 0; i < LANES; i++) {
            hh_part += hh[i];
            he_part += he[i];
        }
        sums.hh += (double)hh_part;
        sums.he += (double)he_part;
    }
    float hh_rest = 0, he_rest = 0;
    for (size_t r = whole; r < n; r++) {
        float h = total[r] - own;
        hh_rest += h * h;
        he_rest += h * e[r];
    }
    return (struct kernel_sums){sums.hh + (double)hh_rest, sums.he + (double)he_rest};
}

static void rows_move(float *total, float *e, size_t n, float own, float step)
{
    size_t whole = n - n % LANES;
    for (size_t r = 0; r < whole; r += LANES) {
        loose t = *(const loose *)(const void *)(total + r);
        *(loose *)(void *)(e + r) -= (t - spread(own)) * spread(step);
        *(loose *)(void *)(total + r) = t + spread(step);
    }
    for (size_t r = whole; r < n; r++) {
        e[r] -= (total[r] - own) * step;
        total[r] += step;
    }
}

const struct kernels *KERNEL_TABLE(void)
{
    static const struct kernels table = {
        .name = KERNEL_NAME,
        .dots = dots,
        .dots_short = dots_short,
        .above = above,
        .rank_k = rank_k,
        .gather = gather,
        .project = project,
        .times = times,
        .cholesky = cholesky,
        .solve = solve,
        .inverse = inverse,
        .count_both = count_both,
        .count_four = count_four,
        .lanes_sum = lanes_sum,
        .lanes_move = lanes_move,
        .rows_sum = rows_sum,
        .rows_move = rows_move,
    };
    return &table;
}

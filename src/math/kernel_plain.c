/* kernel_plain.c - the kernels as one would write them down: the reference that the fast ones are tested
 * against. Sums in double precision. */
#include "math/kernels.h"

#include <math.h>
#include <string.h>

static void dots(const float *rows, size_t n, size_t stride, const float *x, float *ret)
{
    for (size_t r = 0; r < n; r++) {
        double sum = 0;
        for (size_t c = 0; c < stride; c++)
            sum += (double)rows[r * stride + c] * (double)x[c];
        ret[r] = (float)sum;
    }
}

static void dots_short(const int16_t *rows, const float *scale, size_t n, size_t stride,
                       const float *x, float *ret)
{
    for (size_t r = 0; r < n; r++) {
        double sum = 0;
        for (size_t c = 0; c < stride; c++)
            sum += (double)rows[r * stride + c] * (double)x[c];
        ret[r] = (float)(sum * (double)scale[r]);
    }
}

static uint64_t above(const float *v, float bar)
{
    uint64_t ret = 0;
    for (unsigned i = 0; i < 64; i++)
        ret |= (uint64_t)(v[i] > bar) << i;
    return ret;
}

static void rank_k(float *a, const float *y, size_t n, size_t stride)
{
    for (size_t i = 0; i < stride; i++)
        for (size_t j = i - i % KERNEL_BLOCK; j < stride; j++) {
            double sum = a[i * stride + j];
            for (size_t k = 0; k < n; k++)
                sum += (double)y[k * stride + i] * (double)y[k * stride + j];
            a[i * stride + j] = (float)sum;
        }
}

static void gather(const float *factors, size_t stride, const uint32_t *col, const float *weight,
                   const float *target, size_t n, float *pack, float *b)
{
    for (size_t k = 0; k < n; k++) {
        const float *y = factors + (size_t)col[k] * stride;
        float w = fabsf(weight[k]);
        float p = target ? target[k] : weight[k] > 0 ? 1.0f : 0.0f;
        for (size_t c = 0; c < stride; c++) {
            pack[k * stride + c] = sqrtf(w) * y[c];
            b[c] += w * p * y[c];
        }
    }
}

static void project(const float *rows, size_t n, size_t stride, const float *x, float *ret)
{
    for (size_t r = 0; r < n; r++) {
        float dot;
        dots(rows + r * stride, 1, stride, x, &dot);
        for (size_t c = 0; c < stride; c++)
            ret[c] += dot * rows[r * stride + c];
    }
}

static void times(const float *m, size_t stride, const float *v, float *work, float *ret)
{
    (void)work;
    for (size_t r = 0; r < KERNEL_BLOCK; r++)
        dots(m, stride, stride, v + r * stride, ret + r * stride);
}

/* Put U's inverse transposed into each diagonal block: column q of it solves U'z = e_q. */
static void invert_blocks(float *a, size_t stride)
{
    for (size_t k = 0; k < stride; k += KERNEL_BLOCK) {
        double z[KERNEL_BLOCK][KERNEL_BLOCK] = {{0}};
        for (size_t q = 0; q < KERNEL_BLOCK; q++)
            for (size_t p = q; p < KERNEL_BLOCK; p++) {
                double sum = p == q ? 1 : 0;
                for (size_t r = q; r < p; r++)
                    sum -= (double)a[(k + r) * stride + k + p] * z[r][q];
                z[p][q] = sum / (double)a[(k + p) * stride + k + p];
            }
        for (size_t p = 0; p < KERNEL_BLOCK; p++)
            for (size_t q = 0; q < KERNEL_BLOCK; q++)
                a[(k + p) * stride + k + q] = (float)z[p][q];
    }
}

static size_t cholesky(float *a, size_t stride)
{
    for (size_t i = 0; i < stride; i++)
        for (size_t j = i; j < stride; j++) {
            double sum = a[i * stride + j];
            for (size_t k = 0; k < i; k++)
                sum -= (double)a[k * stride + i] * (double)a[k * stride + j];
            if (j == i && !(sum > 0))
                return 1 + i / KERNEL_BLOCK;
            a[i * stride + j] = (float)(j == i ? sqrt(sum) : sum / (double)a[i * stride + i]);
        }
    invert_blocks(a, stride);
    return 0;
}

/* x[k..k+16) = l x or l'x, l the block on the diagonal. */
static void apply(const float *u, size_t stride, size_t k, int transposed, float *x)
{
    double y[KERNEL_BLOCK] = {0};

    for (size_t p = 0; p < KERNEL_BLOCK; p++)
        for (size_t q = 0; q <= p; q++) {
            double l = u[(k + p) * stride + k + q];
            if (transposed)
                y[q] += l * (double)x[k + p];
            else
                y[p] += l * (double)x[k + q];
        }
    for (size_t p = 0; p < KERNEL_BLOCK; p++)
        x[k + p] = (float)y[p];
}

static void solve(const float *u, size_t stride, float *x)
{
    for (size_t k = 0; k < stride; k += KERNEL_BLOCK) {
        apply(u, stride, k, 0, x);
        for (size_t j = k + KERNEL_BLOCK; j < stride; j++)
            for (size_t p = k; p < k + KERNEL_BLOCK; p++)
                x[j] -= u[p * stride + j] * x[p];
    }
    for (size_t k = stride; k >= KERNEL_BLOCK; k -= KERNEL_BLOCK) {
        for (size_t p = k - KERNEL_BLOCK; p < k; p++)
            for (size_t j = k; j < stride; j++)
                x[p] -= u[p * stride + j] * x[j];
        apply(u, stride, k - KERNEL_BLOCK, 1, x);
    }
}

static void inverse(const float *u, size_t stride, float *work, float *ret)
{
    memset(work, 0, stride * stride * sizeof *work);
    for (size_t i = 0; i < stride; i++) {
        work[i * stride + i] = 1.0f;
        solve(u, stride, work + i * stride);
    }
    memcpy(ret, work, stride * stride * sizeof *ret);
}

static uint32_t count_both(const uint64_t *a, const uint64_t *b, size_t n)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < n; i++)
        for (uint64_t both = a[i] & b[i]; both; both &= both - 1)
            sum++;
    return sum;
}

static void count_four(const uint64_t *a, const uint64_t *const b[4], size_t n, uint32_t ret[4])
{
    for (size_t k = 0; k < 4; k++)
        ret[k] = count_both(a, b[k], n);
}

static struct kernel_sums lanes_sum(const struct kernel_lane *lane, const uint32_t *col, size_t n)
{
    struct kernel_sums sums = {0, 0};
    for (size_t k = 0; k < n; k++) {
        sums.hh += (double)lane[col[k]].hh;
        sums.he += (double)lane[col[k]].he;
    }
    return sums;
}

static void lanes_move(struct kernel_lane *lane, const uint32_t *col, size_t n, float step)
{
    for (size_t k = 0; k < n; k++) {
        lane[col[k]].he -= lane[col[k]].hh * step;
        lane[col[k]].moved += step;
    }
}

static struct kernel_sums rows_sum(const float *total, const float *e, size_t n, float own)
{
    struct kernel_sums sums = {0, 0};
    for (size_t r = 0; r < n; r++) {
        double h = (double)total[r] - (double)own;
        sums.hh += h * h;
        sums.he += h * (double)e[r];
    }
    return sums;
}

static void rows_move(float *total, float *e, size_t n, float own, float step)
{
    for (size_t r = 0; r < n; r++) {
        e[r] -= (total[r] - own) * step;
        total[r] += step;
    }
}

const struct kernels *kernels_plain(void)
{
    static const struct kernels table = {
        .name = "plain",
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

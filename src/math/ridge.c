#include "math/ridge.h"

#include <math.h>
#include <string.h>

#include "math/kernels.h"

size_t ridge_scratch(size_t stride)
{
    /* The matrix; packed rows, or the inverse's working matrix; the right-hand side. */
    size_t pack = KERNEL_PACK > stride ? KERNEL_PACK : stride;

    return stride * stride + pack * stride + stride;
}

static void start_matrix(const struct ridge *side, float regularisation, float *a)
{
    size_t stride = side->stride;

    for (size_t i = 0; i < stride; i++) {
        for (size_t j = i - i % KERNEL_BLOCK; j < stride; j++)
            a[i * stride + j] = side->unobserved * side->gram[i * stride + j];
        a[i * stride + i] += regularisation;
    }
}

int ridge_solve(const struct ridge *side, const struct ridge_row *row, float *scratch, float *ret_x,
                double *ret_gain, float *ret_inverse, struct mq_error *err)
{
    const struct kernels *kernels = math_kernels();
    size_t stride = side->stride;
    float *a = scratch, *b = a + stride * stride, *pack = b + stride;

    start_matrix(side, row->regularisation, a);
    memset(b, 0, stride * sizeof *b);
    for (size_t from = 0; from < row->n; from += KERNEL_PACK) {
        size_t part = row->n - from < KERNEL_PACK ? row->n - from : KERNEL_PACK;
        kernels->gather(side->factors, stride, row->col + from, row->weight + from,
                        row->target ? row->target + from : NULL, part, pack, b);
        kernels->rank_k(a, pack, part, stride);
    }
    if (kernels->cholesky(a, stride) != 0)
        return mq_fail(
            err, MQ_SINGULAR,
            "least squares: %zu observations, regularisation %g: raise the regularisation", row->n,
            (double)row->regularisation);
    memcpy(ret_x, b, stride * sizeof *b);
    kernels->solve(a, stride, ret_x);
    if (ret_gain) {
        *ret_gain = 0;
        for (size_t i = 0; i < stride; i++)
            *ret_gain += (double)b[i] * (double)ret_x[i];
    }
    if (ret_inverse)
        kernels->inverse(a, stride, pack, ret_inverse);
    return 0;
}

enum { GROUP = RIDGE_TOGETHER * 5 }; /* vectors of a group: four kinds and their turned copy */

size_t ridge_improve_scratch(size_t stride, size_t observed)
{
    return (observed + GROUP) * stride;
}

/* The matrices of a group, never formed: m v = (a0 Y'Y + sum w y y' + reg I) v. All (RIDGE_TOGETHER, stride). */
struct group {
    const struct kernels *kernels;
    const struct ridge *side;
    const struct ridge_row *rows;
    size_t n;
    float *at, *rest, *along, *image, *turned;
    float *pack[RIDGE_TOGETHER]; /* sqrt(w) y (observed, stride) */
};

static void apply(const struct group *g, const float *v)
{
    size_t stride = g->side->stride;

    g->kernels->times(g->side->gram, stride, v, g->turned, g->image);
    for (size_t r = 0; r < g->n; r++) {
        float *to = g->image + r * stride;
        const float *from = v + r * stride;
        for (size_t c = 0; c < stride; c++)
            to[c] = g->side->unobserved * to[c] + g->rows[r].regularisation * from[c];
        g->kernels->project(g->pack[r], g->rows[r].n, stride, from, to);
    }
}

static float dot(const struct group *g, const float *a, const float *b)
{
    float sum;

    g->kernels->dots(a, 1, g->side->stride, b, &sum);
    return sum;
}

static void gather_group(struct group *g, float *pack)
{
    size_t stride = g->side->stride;

    for (size_t r = 0; r < g->n; r++) {
        const struct ridge_row *row = &g->rows[r];
        g->pack[r] = pack;
        for (size_t from = 0; from < row->n; from += KERNEL_PACK) {
            size_t part = row->n - from < KERNEL_PACK ? row->n - from : KERNEL_PACK;
            g->kernels->gather(g->side->factors, stride, row->col + from, row->weight + from,
                               row->target ? row->target + from : NULL, part, pack + from * stride,
                               g->rest + r * stride);
        }
        pack += row->n * stride;
    }
}

/* One step of row r, whose image of `along` is there; returns the new square of what is left. */
static float step_row(struct group *g, size_t r, float square)
{
    size_t stride = g->side->stride, from = r * stride;
    float *at = g->at + from, *rest = g->rest + from, *along = g->along + from;
    const float *image = g->image + from;

    if (!(square > 1e-20f))
        return square;
    float step = square / dot(g, along, image);
    for (size_t c = 0; c < stride; c++) {
        at[c] += step * along[c];
        rest[c] -= step * image[c];
    }
    float next = dot(g, rest, rest);
    for (size_t c = 0; c < stride; c++)
        along[c] = rest[c] + next / square * along[c];
    return next;
}

void ridge_improve(const struct ridge *side, const struct ridge_row *rows, size_t n, unsigned steps,
                   float *scratch, float *const *x)
{
    size_t stride = side->stride, size = RIDGE_TOGETHER * stride;
    float square[RIDGE_TOGETHER] = {0};
    struct group g = {.kernels = math_kernels(),
                      .side = side,
                      .rows = rows,
                      .n = n,
                      .at = scratch,
                      .rest = scratch + size,
                      .along = scratch + 2 * size,
                      .image = scratch + 3 * size,
                      .turned = scratch + 4 * size};

    memset(scratch, 0, 3 * size * sizeof *scratch);
    for (size_t r = 0; r < n; r++)
        memcpy(g.at + r * stride, x[r], stride * sizeof *g.at);
    gather_group(&g, scratch + 5 * size);
    apply(&g, g.at);
    for (size_t r = 0; r < n; r++) {
        float *rest = g.rest + r * stride;
        for (size_t c = 0; c < stride; c++)
            rest[c] -= g.image[r * stride + c];
        memcpy(g.along + r * stride, rest, stride * sizeof *rest);
        square[r] = dot(&g, rest, rest);
    }
    for (unsigned s = 0; s < steps; s++) {
        apply(&g, g.along);
        for (size_t r = 0; r < n; r++)
            square[r] = step_row(&g, r, square[r]);
    }
    for (size_t r = 0; r < n; r++)
        memcpy(x[r], g.at + r * stride, stride * sizeof **x);
}

float ridge_regularisation(float lambda, float frequency_power, float unobserved, size_t n,
                           size_t of)
{
    double frequency = (double)n + (double)unobserved * (double)of;

    return (float)((double)lambda * pow(frequency, (double)frequency_power));
}

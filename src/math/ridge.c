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

size_t ridge_improve_scratch(size_t stride, size_t n)
{
    return (n + 4) * stride;
}

/* The matrix, never formed: m v = (a0 Y'Y + sum w y y' + reg I) v. */
struct matrix {
    const struct kernels *kernels;
    const struct ridge *side;
    const float *pack; /* sqrt(w) y (n, stride) */
    size_t n;
    float regularisation;
};

static void apply(const struct matrix *m, const float *v, float *ret)
{
    size_t stride = m->side->stride;

    m->kernels->dots(m->side->gram, stride, stride, v, ret);
    for (size_t c = 0; c < stride; c++)
        ret[c] = m->side->unobserved * ret[c] + m->regularisation * v[c];
    m->kernels->project(m->pack, m->n, stride, v, ret);
}

static float dot(const struct matrix *m, const float *a, const float *b)
{
    float sum;

    m->kernels->dots(a, 1, m->side->stride, b, &sum);
    return sum;
}

void ridge_improve(const struct ridge *side, const struct ridge_row *row, unsigned steps,
                   float *scratch, float *x)
{
    size_t stride = side->stride;
    float *rest = scratch, *along = rest + stride, *image = along + stride, *pack = image + stride;
    struct matrix m = {math_kernels(), side, pack, row->n, row->regularisation};

    memset(rest, 0, stride * sizeof *rest);
    for (size_t from = 0; from < row->n; from += KERNEL_PACK) {
        size_t part = row->n - from < KERNEL_PACK ? row->n - from : KERNEL_PACK;
        m.kernels->gather(side->factors, stride, row->col + from, row->weight + from,
                          row->target ? row->target + from : NULL, part, pack + from * stride,
                          rest);
    }
    apply(&m, x, image);
    for (size_t c = 0; c < stride; c++)
        along[c] = rest[c] -= image[c];
    float square = dot(&m, rest, rest);
    for (unsigned s = 0; s < steps && square > 1e-20f; s++) {
        apply(&m, along, image);
        float step = square / dot(&m, along, image);
        for (size_t c = 0; c < stride; c++) {
            x[c] += step * along[c];
            rest[c] -= step * image[c];
        }
        float next = dot(&m, rest, rest);
        for (size_t c = 0; c < stride; c++)
            along[c] = rest[c] + next / square * along[c];
        square = next;
    }
}

float ridge_regularisation(float lambda, float frequency_power, float unobserved, size_t n,
                           size_t of)
{
    double frequency = (double)n + (double)unobserved * (double)of;

    return (float)((double)lambda * pow(frequency, (double)frequency_power));
}

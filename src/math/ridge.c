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

float ridge_regularisation(float lambda, float frequency_power, float unobserved, size_t n,
                           size_t of)
{
    double frequency = (double)n + (double)unobserved * (double)of;

    return (float)((double)lambda * pow(frequency, (double)frequency_power));
}

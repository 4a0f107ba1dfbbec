#include "model/short_factors.h"

#include <math.h>
#include <stdlib.h>

#include "base/large.h"

static void shorten(const float *from, size_t n, int16_t *to, float *ret_scale)
{
    float most = 0;
    for (size_t c = 0; c < n; c++)
        most = fmaxf(most, fabsf(from[c]));
    *ret_scale = most / INT16_MAX;
    for (size_t c = 0; c < n; c++)
        to[c] = most > 0 ? (int16_t)lrint((double)from[c] / (double)most * INT16_MAX) : 0;
}

int short_factors_make(const float *factors, size_t n, size_t stride, struct short_factors *ret,
                       struct mq_error *err)
{
    size_t bytes = n * stride * sizeof(int16_t);
    *ret = (struct short_factors){0};
    if (bytes == 0)
        return 0;
    ret->rows = large_alloc(bytes);
    ret->scale = malloc(n * sizeof(*ret->scale));
    if (!ret->rows || !ret->scale) {
        short_factors_release(ret);
        return mq_fail(err, MQ_NO_MEMORY, "model: %zu titles: give the process more memory", n);
    }
    for (size_t t = 0; t < n; t++)
        shorten(factors + t * stride, stride, ret->rows + t * stride, &ret->scale[t]);
    return 0;
}

void short_factors_release(struct short_factors *s)
{
    free(s->rows);
    free(s->scale);
    *s = (struct short_factors){0};
}

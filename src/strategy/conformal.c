/* conformal.c - how far forecasts of about this size were from what came. */
#include <math.h>
#include <stdlib.h>

#include "strategy/count_model.h"

/* The share of all residuals that one interval rests on, and the fewest. */
enum { WINDOW_SHARE = 5, WINDOW_MIN = 60 };

struct pair {
    float forecast, residual;
};

static int by_forecast(const void *a, const void *b)
{
    const struct pair *x = a;
    const struct pair *y = b;
    if (x->forecast != y->forecast)
        return x->forecast < y->forecast ? -1 : 1;
    return (x->residual > y->residual) - (x->residual < y->residual);
}

static int by_float(const void *a, const void *b)
{
    float x = *(const float *)a;
    float y = *(const float *)b;
    return (x > y) - (x < y);
}

int conformal_make(const float *forecast, const float *actual, uint32_t n, struct conformal *ret,
                   struct mq_error *err)
{
    struct pair *pairs = calloc((size_t)n + 1, sizeof(*pairs));
    uint32_t window = n / WINDOW_SHARE > WINDOW_MIN ? n / WINDOW_SHARE : WINDOW_MIN;
    *ret = (struct conformal){.n = n, .window = window < n ? window : n};
    ret->forecast = calloc(2 * (size_t)n + 1, sizeof(*ret->forecast));
    if (!pairs || !ret->forecast || n == 0) {
        free(pairs);
        conformal_release(ret);
        return mq_fail(err, n ? MQ_NO_MEMORY : MQ_INVALID,
                       "intervals: %u residuals: nothing to learn from", n);
    }
    ret->residual = ret->forecast + n;
    for (uint32_t i = 0; i < n; i++)
        pairs[i] = (struct pair){forecast[i], actual[i] - forecast[i]};
    qsort(pairs, n, sizeof(*pairs), by_forecast);
    for (uint32_t i = 0; i < n; i++) {
        ret->forecast[i] = pairs[i].forecast;
        ret->residual[i] = pairs[i].residual;
    }
    free(pairs);
    return 0;
}

void conformal_release(struct conformal *c)
{
    free(c->forecast);
    *c = (struct conformal){0};
}

/* The q-quantile with the finite-sample correction: of m residuals the ceil(q (m + 1))-th, or for the lower
 * side its mirror image. */
static float quantile(const float *sorted, uint32_t m, double q)
{
    bool upper = q > 0.5;
    double at = ceil((upper ? q : 1 - q) * (m + 1)) - 1;
    uint32_t k = at < m ? (uint32_t)at : m - 1;
    return sorted[upper ? k : m - 1 - k];
}

void conformal_around(const struct conformal *c, float forecast, float *scratch,
                      struct count_forecast *ret)
{
    uint32_t low = 0;
    uint32_t high = c->n;
    while (low < high) {
        uint32_t mid = (low + high) / 2;
        if (c->forecast[mid] < forecast)
            low = mid + 1;
        else
            high = mid;
    }
    uint32_t from = low > c->window / 2 ? low - c->window / 2 : 0;
    from = from + c->window > c->n ? c->n - c->window : from;
    for (uint32_t i = 0; i < c->window; i++)
        scratch[i] = c->residual[from + i];
    qsort(scratch, c->window, sizeof(*scratch), by_float);
    float middle = 0.5F * (scratch[(c->window - 1) / 2] + scratch[c->window / 2]);
    ret->plain = forecast;
    ret->p10 = forecast + quantile(scratch, c->window, 0.1);
    ret->p50 = forecast + middle;
    ret->p90 = forecast + quantile(scratch, c->window, 0.9);
}

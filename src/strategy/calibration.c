#include "strategy/calibration.h"

#include <math.h>
#include <stdlib.h>

#include "strategy/count_model.h"

struct outcome {
    float forecast, middle, actual; /* middle: the P50 around the forecast */
    bool inside;
};

static int by_forecast(const void *a, const void *b)
{
    const struct outcome *x = a;
    const struct outcome *y = b;
    if (x->forecast != y->forecast)
        return x->forecast < y->forecast ? -1 : 1;
    return (x->actual > y->actual) - (x->actual < y->actual);
}

static int by_actual(const void *a, const void *b)
{
    const struct outcome *x = a;
    const struct outcome *y = b;
    return (x->actual > y->actual) - (x->actual < y->actual);
}

static int by_middle(const void *a, const void *b)
{
    const struct outcome *x = a;
    const struct outcome *y = b;
    return (x->middle > y->middle) - (x->middle < y->middle);
}

/* Intervals of every second case from the others. scratch (3 n). */
static int judge(struct outcome *c, uint32_t n, float *scratch, struct mq_error *err)
{
    float *room = scratch + 2 * (size_t)n;
    int rc = 0;
    for (uint32_t half = 0; rc == 0 && half < 2; half++) {
        struct conformal f;
        uint32_t m = 0;
        for (uint32_t i = 1 - half; i < n; i += 2) {
            scratch[m] = c[i].forecast;
            scratch[n + m++] = c[i].actual;
        }
        rc = conformal_make(scratch, scratch + n, m, &f, err);
        for (uint32_t i = half; rc == 0 && i < n; i += 2) {
            struct count_forecast around;
            conformal_around(&f, c[i].forecast, room, &around);
            c[i].middle = around.p50;
            c[i].inside = c[i].actual >= around.p10 && c[i].actual <= around.p90;
        }
        if (rc == 0)
            conformal_release(&f);
    }
    return rc;
}

static double at(const struct outcome *c, size_t n, double q)
{
    return exp((double)c[(size_t)(q * (double)(n - 1) + 0.5)].actual);
}

static struct mq_calibration bin_of(struct outcome *c, size_t n)
{
    struct mq_calibration b = {.titles = n};
    for (size_t i = 0; i < n; i++)
        b.inside += c[i].inside ? 1.0 / (double)n : 0;
    qsort(c, n, sizeof(*c), by_middle);
    b.forecast = exp((double)c[n / 2].middle);
    qsort(c, n, sizeof(*c), by_actual);
    b.actual = (struct mq_interval){at(c, n, 0.1), at(c, n, 0.5), at(c, n, 0.9)};
    return b;
}

int forecast_calibration(const float *forecast, const float *actual, uint32_t n,
                         struct mq_calibration *ret, size_t *ret_n, struct mq_error *err)
{
    size_t bins =
        n / CALIBRATION_BIN_LEAST < CALIBRATION_BINS ? n / CALIBRATION_BIN_LEAST : CALIBRATION_BINS;
    *ret_n = 0;
    if (bins < 2)
        return 0;
    struct outcome *c = calloc(n, sizeof(*c));
    float *scratch = calloc(3 * (size_t)n, sizeof(*scratch));
    int rc = c && scratch ? 0 : mq_fail(err, MQ_NO_MEMORY, "calibration: no memory");
    for (uint32_t i = 0; rc == 0 && i < n; i++)
        c[i] = (struct outcome){.forecast = forecast[i], .actual = actual[i]};
    if (rc == 0) {
        qsort(c, n, sizeof(*c), by_forecast);
        rc = judge(c, n, scratch, err);
    }
    for (size_t b = 0; rc == 0 && b < bins; b++) {
        size_t from = b * n / bins;
        ret[b] = bin_of(c + from, (b + 1) * n / bins - from);
    }
    if (rc == 0)
        *ret_n = bins;
    free(c);
    free(scratch);
    return rc;
}

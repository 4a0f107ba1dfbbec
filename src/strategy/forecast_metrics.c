#include "strategy/forecast_metrics.h"

#include <math.h>
#include <stdlib.h>

#include "math/quantile.h"

struct ranked {
    double value;
    uint32_t at;
};

static int by_value(const void *a, const void *b)
{
    const struct ranked *x = a;
    const struct ranked *y = b;
    if (x->value != y->value)
        return x->value < y->value ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

/* Ranks from 1; equal values share their mean rank. */
static void ranks(const double *v, uint32_t n, struct ranked *scratch, double *ret)
{
    for (uint32_t i = 0; i < n; i++)
        scratch[i] = (struct ranked){v[i], i};
    qsort(scratch, n, sizeof(*scratch), by_value);
    for (uint32_t i = 0; i < n;) {
        uint32_t to = i;
        while (to < n && scratch[to].value == scratch[i].value)
            to++;
        for (uint32_t k = i; k < to; k++)
            ret[scratch[k].at] = 0.5 * (double)(i + 1 + to);
        i = to;
    }
}

static double correlation(const double *a, const double *b, uint32_t n)
{
    double mean = 0.5 * (double)(n + 1);
    double ab = 0;
    double aa = 0;
    double bb = 0;
    for (uint32_t i = 0; i < n; i++) {
        ab += (a[i] - mean) * (b[i] - mean);
        aa += (a[i] - mean) * (a[i] - mean);
        bb += (b[i] - mean) * (b[i] - mean);
    }
    return aa > 0 && bb > 0 ? ab / sqrt(aa * bb) : NAN;
}

int rank_correlation(const double *a, const double *b, uint32_t n, double *ret,
                     struct mq_error *err)
{
    double *r = calloc(2 * (size_t)n + 1, sizeof(*r));
    struct ranked *scratch = calloc((size_t)n + 1, sizeof(*scratch));
    int rc = r && scratch ? 0 : mq_fail(err, MQ_NO_MEMORY, "ranks: no memory for %u", n);
    if (rc == 0) {
        ranks(a, n, scratch, r);
        ranks(b, n, scratch, r + n);
        *ret = correlation(r, r + n, n);
    }
    free(r);
    free(scratch);
    return rc;
}

static double median(double *v, uint32_t n)
{
    if (n == 0)
        return NAN;
    qsort(v, n, sizeof(*v), by_double);
    return 0.5 * (v[(n - 1) / 2] + v[n / 2]);
}

static double pinball(double q, double actual, double forecast)
{
    return actual > forecast ? q * (actual - forecast) : (1 - q) * (forecast - actual);
}

static bool covered(const struct forecast_outcome *o)
{
    return o->actual >= o->p10 && o->actual <= o->p90;
}

static int by_forecast(const void *a, const void *b)
{
    const struct forecast_outcome *x = a;
    const struct forecast_outcome *y = b;
    if (x->p50 != y->p50)
        return x->p50 < y->p50 ? -1 : 1;
    return (x->actual > y->actual) - (x->actual < y->actual);
}

static void by_thirds(struct forecast_outcome *sorted, uint32_t n, double *scratch,
                      struct forecast_metrics *ret)
{
    qsort(sorted, n, sizeof(*sorted), by_forecast);
    for (uint32_t third = 0; third < 3; third++) {
        uint32_t from = (uint32_t)((uint64_t)n * third / 3);
        uint32_t to = (uint32_t)((uint64_t)n * (third + 1) / 3);
        uint32_t within = 0;
        for (uint32_t i = from; i < to; i++) {
            within += covered(&sorted[i]);
            scratch[i - from] = sorted[i].actual - sorted[i].p50;
        }
        bool interval = to > from && !isnan(sorted[from].p10);
        ret->coverage_by_third[third] = interval ? (double)within / (to - from) : NAN;
        ret->bias_by_third[third] = median(scratch, to - from);
    }
}

static void add_up(const struct forecast_outcome *o, uint32_t n, double *forecast, double *actual,
                   struct forecast_metrics *ret)
{
    double square = 0;
    double loss = 0;
    uint32_t close = 0;
    uint32_t within = 0;
    for (uint32_t i = 0; i < n; i++) {
        double e = o[i].p50 - o[i].actual;
        forecast[i] = o[i].p50;
        actual[i] = o[i].actual;
        square += e * e;
        close += fabs(e) <= log(2) + 1e-12;
        within += covered(&o[i]);
        loss += pinball(0.1, o[i].actual, o[i].p10) + pinball(0.5, o[i].actual, o[i].p50) +
                pinball(0.9, o[i].actual, o[i].p90);
    }
    ret->rmsle = sqrt(square / n);
    ret->within_2x = (double)close / n;
    ret->coverage = isnan(o[0].p10) ? NAN : (double)within / n;
    ret->pinball = loss / (3 * (double)n);
}

int forecast_metrics_of(const struct forecast_outcome *o, uint32_t n, struct forecast_metrics *ret,
                        struct mq_error *err)
{
    if (n == 0)
        return mq_fail(err, MQ_INVALID, "backtest: no title to judge: import titles and events");
    double *v = calloc(2 * (size_t)n, sizeof(*v));
    struct forecast_outcome *sorted = calloc(n, sizeof(*sorted));
    struct forecast_metrics m = {.titles = n, .auc = NAN, .auc_within_activity = NAN};
    int rc = v && sorted ? 0 : mq_fail(err, MQ_NO_MEMORY, "backtest: no memory for %u titles", n);
    if (rc == 0) {
        add_up(o, n, v, v + n, &m);
        rc = rank_correlation(v, v + n, n, &m.spearman, err);
    }
    if (rc == 0) {
        for (uint32_t i = 0; i < n; i++) {
            v[i] = fabs(exp(o[i].p50 - o[i].actual) - 1);
            sorted[i] = o[i];
        }
        m.mdape = median(v, n);
        by_thirds(sorted, n, v, &m);
        *ret = m;
    }
    free(v);
    free(sorted);
    return rc;
}

static int by_score(const void *a, const void *b)
{
    float x = ((const struct scored *)a)->score;
    float y = ((const struct scored *)b)->score;
    return (x > y) - (x < y);
}

double auc_pairs(struct scored *list, uint32_t n, double *ret_won)
{
    qsort(list, n, sizeof(*list), by_score);
    double others = 0;
    double members = 0;
    double won = 0;
    for (uint32_t i = 0; i < n;) {
        double in = 0;
        double out = 0;
        uint32_t to = i;
        for (; to < n && list[to].score == list[i].score; to++) {
            in += list[to].member;
            out += !list[to].member;
        }
        won += in * (others + 0.5 * out);
        others += out;
        members += in;
        i = to;
    }
    *ret_won = won;
    return members * others;
}

#include "strategy/time_in_log.h"

#include <math.h>
#include <stdlib.h>

static const double least_share = 0.02; /* also of what came out when the log had ended */
static const int64_t day_ms = 86400000;
enum { DAYS_MAX = 100000 }; /* of a log */

struct calendar {
    int64_t first;  /* day of the first meeting */
    uint32_t n;     /* days */
    uint64_t *from; /* (n + 1) meetings on that day or later */
};

static int calendar_make(const struct strategy_data *d, struct calendar *ret, struct mq_error *err)
{
    int64_t first = d->first_ms / day_ms;
    int64_t days = d->last_ms / day_ms - first + 1;
    *ret = (struct calendar){.first = first, .n = days < DAYS_MAX ? (uint32_t)days : DAYS_MAX};
    ret->from = calloc((size_t)ret->n + 1, sizeof(*ret->from));
    if (!ret->from)
        return mq_fail(err, MQ_NO_MEMORY, "strategy: no memory for %u days", ret->n);
    for (uint64_t m = 0; m < d->n_met; m++) {
        int64_t day = d->met[m].at_ms / day_ms - first;
        ret->from[day < 0 ? 0 : day < ret->n ? day : ret->n - 1]++;
    }
    for (uint32_t i = ret->n; i-- > 0;)
        ret->from[i] += ret->from[i + 1];
    return 0;
}

/* Meetings of titles that came out during the log: do they come after it? */
static bool releases_fit(const struct strategy_data *d, const float *share)
{
    enum { PART_BEFORE = 5 };
    uint64_t before = 0;
    uint64_t all = 0;
    for (uint32_t t = 0; t < d->n_titles; t++) {
        if (!(share[t] < 0))
            continue;
        int64_t release = strategy_title_day(&d->titles[t]);
        for (uint64_t m = d->start[t]; m < d->start[t + 1]; m++)
            before += d->met[m].at_ms / day_ms < release;
        all += d->start[t + 1] - d->start[t];
    }
    return before * PART_BEFORE <= all;
}

int exposure_shares(const struct strategy_data *d, float *ret, struct mq_error *err)
{
    struct calendar c;
    memset(ret, 0, d->n_titles * sizeof(*ret));
    if (d->n_met == 0)
        return 0;
    int rc = calendar_make(d, &c, err);
    if (rc)
        return rc;
    for (uint32_t t = 0; t < d->n_titles; t++) {
        int32_t day = strategy_title_day(&d->titles[t]);
        if (d->titles[t].id.n == 0 || day == TITLE_NO_DATE || day <= c.first)
            continue;
        int64_t at = day - c.first < c.n ? day - c.first : c.n;
        double share = (double)c.from[at] / (double)d->n_met;
        ret[t] = (float)log(fmax(share, least_share));
    }
    free(c.from);
    if (!releases_fit(d, ret))
        memset(ret, 0, d->n_titles * sizeof(*ret));
    return 0;
}

/* What a linear forecast from everything else leaves of v (rows), out of fold; ret (n_train). */
static int left_of(const struct count_task *t, const float *v, float *ret, struct mq_error *err)
{
    struct count_task task = *t;
    struct ridge_parts parts;
    task.log_audience = v;
    int rc = ridge_parts_make(&task, &parts, err);
    if (rc)
        return rc;
    for (uint32_t i = 0; i < t->n_train; i++)
        ret[i] = v[t->train[i]] - parts.full[t->train[i]];
    ridge_parts_release(&parts);
    return 0;
}

/* Slope of what is left of audiences after the full share on what is left of the share (Frisch and Waugh 1933). */
static double slope_of(const float *level, const float *share, uint32_t n)
{
    static const double prior = 4; /* titles of one e-fold */
    double product = 0;
    double square = prior;
    for (uint32_t i = 0; i < n; i++) {
        product += (double)(level[i] * share[i]);
        square += (double)(share[i] * share[i]);
    }
    return product / square;
}

int exposure_power(const struct count_task *t, const float *share, float *ret, struct mq_error *err)
{
    size_t rows = t->tokens->x.rows;
    bool any = false;
    *ret = 1;
    for (uint32_t i = 0; i < t->n_train; i++)
        any |= share[t->train[i]] < 0;
    if (!any)
        return 0;
    float *level = calloc(rows + 2 * (size_t)t->n_train + 1, sizeof(*level));
    if (!level)
        return mq_fail(err, MQ_NO_MEMORY, "strategy: no memory for %zu titles", rows);
    float *left[2] = {level + rows, level + rows + t->n_train};
    for (uint32_t i = 0; i < t->n_train; i++)
        level[t->train[i]] = t->log_audience[t->train[i]] - share[t->train[i]];
    int rc = left_of(t, level, left[0], err);
    if (rc == 0)
        rc = left_of(t, share, left[1], err);
    if (rc == 0)
        *ret = (float)fmin(1, fmax(0, 1 + slope_of(left[0], left[1], t->n_train)));
    free(level);
    return rc;
}

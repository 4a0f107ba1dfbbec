#include "strategy/decay.h"

#include <math.h>
#include <stdlib.h>

#include "math/quantile.h"

static const int64_t day_ms = 86400000;
static const int days[DECAY_DAYS] = {28, 90};

const char *decay_basis_name(enum decay_basis b)
{
    static const char *const names[DECAY_BASES] = {"first appearances", "whole log"};
    return names[b];
}

/* Was this title's beginning seen, and long enough afterwards? */
static bool seen_whole(const struct strategy_data *d, const struct strategy_title *t)
{
    enum { QUIET_DAYS = 28, NEAR_DAYS = 30 };
    if (t->release_day != TITLE_NO_DATE &&
        llabs(t->first_ms / day_ms - t->release_day) <= NEAR_DAYS)
        return false; /* a launch: launch_sizes.h */
    return t->audience >= DECAY_AUDIENCE_MIN && t->first_ms - d->first_ms >= QUIET_DAYS * day_ms &&
           d->last_ms - t->first_ms >= days[DECAY_DAYS - 1] * day_ms;
}

/* Log shares of what was there after `k`'s days; returns how many titles. */
static uint32_t shares(const struct strategy_data *d, int k, double *ret)
{
    uint32_t n = 0;
    for (uint32_t t = 0; t < d->n_titles; t++) {
        const struct strategy_title *title = &d->titles[t];
        if (title->audience == 0 || !seen_whole(d, title))
            continue;
        uint32_t early = 0;
        for (uint64_t m = d->start[t]; m < d->start[t + 1]; m++)
            early += d->met[m].at_ms - title->first_ms < days[k] * day_ms;
        ret[n++] = log((double)early / title->audience);
    }
    qsort(ret, n, sizeof(*ret), by_double);
    return n;
}

int decay_fit(const struct strategy_data *d, struct decay *ret, struct mq_error *err)
{
    double *v = calloc((size_t)d->n_titles + 1, sizeof(*v));
    if (!v)
        return mq_fail(err, MQ_NO_MEMORY, "decay: no memory");
    struct decay r = {.basis = DECAY_SPAN};
    for (int k = 0; k < DECAY_DAYS; k++) {
        uint32_t n = shares(d, k, v);
        if (n < DECAY_TITLES_MIN)
            break;
        r.basis = DECAY_APPEARANCES;
        r.titles = n;
        r.log_share[k].p10 = quantile_of(v, n, 0.1);
        r.log_share[k].p50 = quantile_of(v, n, 0.5);
        r.log_share[k].p90 = quantile_of(v, n, 0.9);
    }
    double span = (double)(d->last_ms - d->first_ms) / (double)day_ms;
    for (int k = 0; r.basis == DECAY_SPAN && k < DECAY_DAYS; k++)
        r.log_share[k].p10 = r.log_share[k].p50 = r.log_share[k].p90 =
            span > days[k] ? log(days[k] / span) : 0;
    free(v);
    *ret = r;
    return 0;
}

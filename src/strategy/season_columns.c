/* season_columns.c - what is known of a show before its next season comes out, as numbers. */
#include <math.h>
#include <stdlib.h>

#include "strategy/season_model.h"

/* Ages of what has no release day, and of titles at their first. */
enum { AGE_UNKNOWN_DAYS = 1500, GAP_UNKNOWN_DAYS = 730, LISTED_DAYS = 35 };
/* Middles that columns with a known-flag beside them are counted from. */
static const double launch_middle = 14;
static const double listed_middle = 16;

double season_decay_sum(const struct season_decay *d, double from, double to)
{
    double a = 1 + from / d->tau;
    double b = 1 + to / d->tau;
    if (fabs(d->beta - 1) < 1e-9)
        return d->tau * log(b / a);
    return d->tau / (1 - d->beta) * (pow(b, 1 - d->beta) - pow(a, 1 - d->beta));
}

/* Log of the decay's share of a half-year; NaN when the title was not out for a week of it. */
static double log_share(const struct watch_history *h, const struct season_decay *d,
                        const struct watched_title *t, uint32_t half)
{
    enum { DAYS_MIN = 7 };
    const struct watched_half *v = &h->halves[half];
    double from = AGE_UNKNOWN_DAYS;
    double to = AGE_UNKNOWN_DAYS + (v->last_day - v->first_day + 1);
    if (t->release_day != WATCH_NO_DAY) {
        from = v->first_day > t->release_day ? v->first_day - t->release_day : 0;
        to = v->last_day - t->release_day + 1;
    }
    return to - from < DAYS_MIN ? NAN : log(season_decay_sum(d, from, to));
}

/* Squared deviations of a title's levels from their mean. */
static double spread_of(const struct watch_history *h, const struct season_decay *d,
                        const struct watched_title *t, uint32_t halves)
{
    double sum = 0;
    double square = 0;
    unsigned n = 0;
    for (uint32_t i = 0; i < halves; i++) {
        double share = t->hours[i] >= 1e6 ? log_share(h, d, t, i) : NAN;
        if (isnan(share))
            continue;
        double level = log(t->hours[i]) - share;
        sum += level;
        square += level * level;
        n++;
    }
    return n > 1 ? square - sum * sum / n : 0;
}

struct season_decay season_decay_fit(const struct watch_history *h, uint32_t halves,
                                     const bool *skip)
{
    enum { YEARS_BACK_DAYS = 730 };
    static const double taus[] = {3, 5, 7, 10, 14, 21, 30, 45, 60};
    static const double betas[] = {0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.3, 1.4, 1.6, 1.8, 2};
    struct season_decay best = {14, 1};
    double least = INFINITY;
    for (size_t i = 0; i < sizeof(taus) / sizeof(taus[0]); i++) {
        for (size_t j = 0; j < sizeof(betas) / sizeof(betas[0]); j++) {
            struct season_decay d = {taus[i], betas[j]};
            double sum = 0;
            for (uint32_t t = 0; t < h->n_titles; t++) {
                const struct watched_title *title = &h->titles[t];
                if (title->season > 0 && title->release_day != WATCH_NO_DAY &&
                    title->release_day >= h->halves[0].first_day - YEARS_BACK_DAYS &&
                    !(skip && skip[t]))
                    sum += spread_of(h, &d, title, halves);
            }
            if (sum < least) {
                least = sum;
                best = d;
            }
        }
    }
    return best;
}

/* The half-year in which it came out, if below `halves`; else -1. */
static int64_t launch_half(const struct watch_history *h, const struct watched_title *t,
                           uint32_t halves)
{
    for (uint32_t i = 0; t->release_day != WATCH_NO_DAY && i < halves; i++) {
        if (t->release_day >= h->halves[i].first_day && t->release_day <= h->halves[i].last_day)
            return i;
    }
    return -1;
}

static int64_t last_half(const struct watched_title *t, uint32_t halves)
{
    for (uint32_t i = halves; i-- > 0;) {
        if (t->hours[i] > 0)
            return i;
    }
    return -1;
}

static bool sample_of(const struct watch_history *h, uint32_t title, struct season_sample *ret)
{
    const struct watched_title *t = &h->titles[title];
    int64_t half = launch_half(h, t, h->n_halves);
    if (t->season < 2 || half < 1 || !(t->hours[half] > 0))
        return false;
    int64_t before = watch_history_find(h, t->show, (uint16_t)(t->season - 1));
    int64_t last = before >= 0 ? last_half(&h->titles[before], (uint32_t)half) : -1;
    if (last < 0)
        return false;
    const struct watched_title *b = &h->titles[before];
    int64_t launch = launch_half(h, b, (uint32_t)half);
    *ret = (struct season_sample){
        .title = title,
        .before = (uint32_t)before,
        .half = (uint32_t)half,
        .actual = log(t->hours[half]),
        .last = log(b->hours[last]),
        .launch = launch >= 0 && b->hours[launch] > 0 ? log(b->hours[launch]) : NAN};
    return true;
}

static int by_half(const void *a, const void *b)
{
    const struct season_sample *x = a;
    const struct season_sample *y = b;
    if (x->half != y->half)
        return x->half < y->half ? -1 : 1;
    return (x->title > y->title) - (x->title < y->title);
}

int season_samples(const struct watch_history *h, struct season_sample **ret, uint32_t *ret_n,
                   struct mq_error *err)
{
    struct season_sample *list = calloc((size_t)h->n_titles + 1, sizeof(*list));
    uint32_t n = 0;
    if (!list)
        return mq_fail(err, MQ_NO_MEMORY, "seasons: no memory for %u", h->n_titles);
    for (uint32_t t = 0; t < h->n_titles; t++)
        n += sample_of(h, t, &list[n]);
    qsort(list, n, sizeof(*list), by_half);
    *ret = list;
    *ret_n = n;
    return 0;
}

/* Levels of the season before, as far as they were known. */
static void level_columns(const struct watch_history *h, const struct season_decay *d,
                          const struct season_sample *s, double *x)
{
    const struct watched_title *b = &h->titles[s->before];
    double first = NAN;
    double last = NAN;
    double best = -INFINITY;
    for (uint32_t i = 0; i < s->half; i++) {
        double share = b->hours[i] > 0 ? log_share(h, d, b, i) : NAN;
        if (isnan(share))
            continue;
        last = log(b->hours[i]) - share;
        first = isnan(first) ? last : first;
        best = last > best ? last : best;
    }
    if (isnan(last)) /* only out for a week so far */
        last = first = best = s->last - log(season_decay_sum(d, 0, 7));
    x[SEASON_LEVEL_LAST] = last;
    x[SEASON_LEVEL_FIRST] = first;
    x[SEASON_LEVEL_BEST] = best;
    x[SEASON_LAST] = s->last;
    int64_t launch = launch_half(h, b, s->half);
    double share = launch >= 0 && !isnan(s->launch) ? log_share(h, d, b, (uint32_t)launch) : NAN;
    x[SEASON_LAUNCH_KNOWN] = !isnan(share);
    x[SEASON_LAUNCH] = isnan(share) ? 0 : s->launch - share - launch_middle;
}

/* What the rest of the show was watched in the last half-year that has the season before. */
static void show_columns(const struct watch_history *h, const struct season_sample *s, double *x)
{
    const struct watched_title *b = &h->titles[s->before];
    int64_t half = last_half(b, s->half);
    double all = 0;
    double earlier = 0;
    for (uint32_t t = s->before + 1; t-- > 0 && h->titles[t].show == b->show;) {
        if (h->titles[t].season == 0)
            continue;
        all += h->titles[t].hours[half];
        if (h->titles[t].season + 1 == b->season)
            earlier = h->titles[t].hours[half];
    }
    x[SEASON_CATCH_UP] = log(all / b->hours[half]);
    x[SEASON_GROWTH] = earlier > 0 ? log(b->hours[half] / earlier) : 0;
}

static void weekly_columns(const struct watch_history *h, const struct season_sample *s, double *x)
{
    const struct watched_title *b = &h->titles[s->before];
    int32_t known = h->halves[s->half].first_day;
    double hours = 0;
    unsigned weeks = 0;
    for (uint32_t i = b->week_from; i < b->week_to; i++) {
        const struct watched_week *w = &h->weeks[i];
        if (w->day >= known)
            continue;
        weeks++;
        if (b->release_day != WATCH_NO_DAY && w->day - b->release_day < LISTED_DAYS)
            hours += w->hours;
    }
    bool there = b->release_day != WATCH_NO_DAY && h->first_week <= b->release_day;
    x[SEASON_LISTED] = hours > 0;
    x[SEASON_LISTED_HOURS] = hours > 0 ? log(hours) - listed_middle : 0;
    x[SEASON_NOT_LISTED] = there && hours <= 0;
    x[SEASON_LISTED_WEEKS] = log(weeks + 1);
}

void season_columns(const struct watch_history *h, const struct season_decay *d,
                    const struct season_sample *s, double *x)
{
    const struct watched_title *t = &h->titles[s->title];
    const struct watched_title *b = &h->titles[s->before];
    const struct watched_half *half = &h->halves[s->half];
    double days = half->last_day - t->release_day + 1;
    bool dated = b->release_day != WATCH_NO_DAY;
    double age = dated ? half->first_day - b->release_day : AGE_UNKNOWN_DAYS;
    double gap = dated ? t->release_day - b->release_day : GAP_UNKNOWN_DAYS;
    double runtime = t->runtime_hours > 0 ? t->runtime_hours : b->runtime_hours;
    double other = b->runtime_hours > 0 ? b->runtime_hours : runtime;
    x[SEASON_DAYS_SUM] = log(season_decay_sum(d, 0, days));
    x[SEASON_DAYS] = log(days);
    x[SEASON_AGE] = log((age > 0 ? age : 0) + 30);
    x[SEASON_GAP] = log(gap > 20 ? gap : 20);
    x[SEASON_RUNTIME_RATIO] = runtime > 0 ? log(runtime / other) : 0;
    x[SEASON_RUNTIME] = log(runtime > 0 ? runtime : 6);
    x[SEASON_GLOBAL] = t->global >> s->half & 1;
    x[SEASON_NUMBER] = log(t->season);
    level_columns(h, d, s, x);
    show_columns(h, s, x);
    weekly_columns(h, s, x);
}

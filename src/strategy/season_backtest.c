#include "strategy/season_backtest.h"

#include <math.h>
#include <stdlib.h>

#include "base/intern.h"
#include "base/md5.h"
#include "base/rng.h"
#include "math/quantile.h"

enum { SHOW_FOLDS = 5 };

const char *season_protocol_name(enum season_protocol p)
{
    static const char *const names[SEASON_PROTOCOLS] = {"rolling", "show_holdout"};
    return names[p];
}

const char *season_rival_name(enum season_rival r)
{
    static const char *const names[SEASON_RIVALS] = {"forecast", "last_season_ratio", "last_launch",
                                                     "no_weekly_lists", "permuted_seasons"};
    return names[r];
}

struct job {
    const struct watch_history *h;
    uint64_t seed;
    struct season_sample *samples, *permuted;
    uint32_t n;
    uint32_t *train, *test;                                             /* (n) */
    bool *skip;                                                         /* (titles) */
    double *v;                                                          /* (n) */
    struct forecast_outcome *split[SEASON_RIVALS], *all[SEASON_RIVALS]; /* (n) */
    uint32_t *row;                                                      /* (n): sample of all[i] */
    uint32_t done;
};

static void job_release(struct job *j)
{
    free(j->samples);
    free(j->permuted);
    free(j->train);
    free(j->skip);
    free(j->v);
    free(j->split[0]);
}

/* The season before is swapped within a half-year, so that what was known of it still was. */
static void permute(struct job *j)
{
    struct rng r;
    rng_seed(&r, j->seed);
    for (uint32_t i = 0; i < j->n; i++)
        j->permuted[i] = j->samples[i];
    for (uint32_t from = 0; from < j->n;) {
        uint32_t to = from;
        while (to < j->n && j->samples[to].half == j->samples[from].half)
            to++;
        for (uint32_t i = to - 1; i > from; i--) {
            uint32_t k = from + (uint32_t)rng_below(&r, i - from + 1);
            struct season_sample a = j->permuted[i];
            struct season_sample *b = &j->permuted[k];
            j->permuted[i].before = b->before;
            j->permuted[i].last = b->last;
            j->permuted[i].launch = b->launch;
            b->before = a.before;
            b->last = a.last;
            b->launch = a.launch;
        }
        from = to;
    }
}

static int job_init(struct job *j, const struct watch_history *h, uint64_t seed,
                    struct mq_error *err)
{
    *j = (struct job){.h = h, .seed = seed};
    int rc = season_samples(h, &j->samples, &j->n, err);
    if (rc)
        return rc;
    size_t n = (size_t)j->n + 1;
    j->permuted = calloc(n, sizeof(*j->permuted));
    j->train = calloc(3 * n, sizeof(*j->train));
    j->skip = calloc((size_t)h->n_titles + 1, sizeof(*j->skip));
    j->v = calloc(n, sizeof(*j->v));
    j->split[0] = calloc(2 * SEASON_RIVALS * n, sizeof(*j->split[0]));
    if (!j->permuted || !j->train || !j->skip || !j->v || !j->split[0])
        return mq_fail(err, MQ_NO_MEMORY, "seasons: no memory for %u", j->n);
    j->test = j->train + n;
    j->row = j->test + n;
    for (size_t r = 0; r < SEASON_RIVALS; r++) {
        j->split[r] = j->split[0] + r * n;
        j->all[r] = j->split[0] + (SEASON_RIVALS + r) * n;
    }
    permute(j);
    return 0;
}

/* What came over what was there, in training rows; false when there is none. */
static bool ratios(const struct job *j, uint32_t n_train, bool launch, double ret[3])
{
    static const double q[] = {0.1, 0.5, 0.9};
    uint32_t n = 0;
    for (uint32_t i = 0; i < n_train; i++) {
        const struct season_sample *s = &j->samples[j->train[i]];
        double base = launch ? s->launch : s->last;
        if (!isnan(base))
            j->v[n++] = s->actual - base;
    }
    if (n == 0)
        return false;
    qsort(j->v, n, sizeof(*j->v), by_double);
    for (int k = 0; k < 3; k++)
        ret[k] = quantile_of(j->v, n, q[k]);
    return true;
}

static void baselines(struct job *j, uint32_t n_train, uint32_t n_test)
{
    double last[3] = {0};
    double launch[3];
    ratios(j, n_train, false, last);
    bool known = ratios(j, n_train, true, launch);
    for (uint32_t i = 0; i < n_test; i++) {
        const struct season_sample *s = &j->samples[j->test[i]];
        bool use = known && !isnan(s->launch);
        const double *r = use ? launch : last;
        double base = use ? s->launch : s->last;
        j->split[SEASON_LAST_RATIO][i] = (struct forecast_outcome){
            s->last + last[0], s->last + last[1], s->last + last[2], s->actual};
        j->split[SEASON_LAST_LAUNCH][i] =
            (struct forecast_outcome){base + r[0], base + r[1], base + r[2], s->actual};
    }
}

static int run_split(struct job *j, uint32_t n_train, uint32_t n_test, uint32_t halves,
                     struct season_split *ret, struct mq_error *err)
{
    struct season_task t = {.h = j->h,
                            .samples = j->samples,
                            .train = j->train,
                            .test = j->test,
                            .n_train = n_train,
                            .n_test = n_test,
                            .decay = season_decay_fit(j->h, halves, j->skip),
                            .seed = j->seed};
    int rc = season_forecast(&t, j->split[SEASON_FORECAST], &ret->choice, err);
    t.never = SEASON_WEEKLY;
    if (rc == 0)
        rc = season_forecast(&t, j->split[SEASON_NO_WEEKLY], NULL, err);
    t.never = 0;
    t.samples = j->permuted;
    if (rc == 0)
        rc = season_forecast(&t, j->split[SEASON_PERMUTED], NULL, err);
    if (rc)
        return rc;
    baselines(j, n_train, n_test);
    uint32_t close = 0;
    for (uint32_t i = 0; i < n_test; i++) {
        const struct forecast_outcome *o = &j->split[SEASON_FORECAST][i];
        close += fabs(o->p50 - o->actual) <= log(2) + 1e-12;
        for (size_t r = 0; r < SEASON_RIVALS; r++)
            j->all[r][j->done + i] = j->split[r][i];
        j->row[j->done + i] = j->test[i];
    }
    j->done += n_test;
    ret->train = n_train;
    ret->test = n_test;
    ret->within_2x = n_test ? (double)close / n_test : NAN;
    return 0;
}

static int run_rolling(struct job *j, struct season_figures *f, struct mq_error *err)
{
    for (uint32_t half = 1; half < j->h->n_halves; half++) {
        uint32_t n_train = 0;
        uint32_t n_test = 0;
        for (uint32_t i = 0; i < j->n; i++) {
            if (j->samples[i].half < half)
                j->train[n_train++] = i;
            else if (j->samples[i].half == half)
                j->test[n_test++] = i;
        }
        if (n_train < SEASON_TRAIN_MIN || n_test == 0)
            continue;
        struct season_split *s = &f->split[f->splits++];
        s->half = (int32_t)half;
        int rc = run_split(j, n_train, n_test, half, s, err);
        if (rc)
            return rc;
    }
    return 0;
}

static unsigned fold_of(const struct watch_history *h, uint32_t title)
{
    return md5_mod(intern_name(h->shows, h->titles[title].show), SHOW_FOLDS);
}

static int run_holdout(struct job *j, struct season_figures *f, struct mq_error *err)
{
    for (unsigned fold = 0; fold < SHOW_FOLDS; fold++) {
        uint32_t n_train = 0;
        uint32_t n_test = 0;
        for (uint32_t t = 0; t < j->h->n_titles; t++)
            j->skip[t] = fold_of(j->h, t) == fold;
        for (uint32_t i = 0; i < j->n; i++) {
            if (j->skip[j->samples[i].title])
                j->test[n_test++] = i;
            else
                j->train[n_train++] = i;
        }
        if (n_test == 0)
            continue;
        struct season_split *s = &f->split[f->splits++];
        s->half = -1;
        int rc = run_split(j, n_train, n_test, j->h->n_halves, s, err);
        if (rc)
            return rc;
    }
    return 0;
}

static bool hit(const struct forecast_outcome *o)
{
    return fabs(o->p50 - o->actual) <= log(2) + 1e-12;
}

/* Intervals over shows: each show's hits and rows. */
static int intervals(struct job *j, struct season_figures *f, struct mq_error *err)
{
    static const enum season_rival rivals[] = {SEASON_FORECAST, SEASON_LAST_RATIO,
                                               SEASON_LAST_LAUNCH};
    uint32_t n_shows = intern_count(j->h->shows);
    double *sums = calloc(4 * (size_t)n_shows + 1, sizeof(*sums));
    double *column[4];
    uint32_t n = 0;
    if (!sums)
        return mq_fail(err, MQ_NO_MEMORY, "seasons: no memory for %u shows", n_shows);
    for (int k = 0; k < 4; k++)
        column[k] = sums + (size_t)k * n_shows;
    for (uint32_t i = 0; i < j->done; i++) {
        const struct season_sample *s = &j->samples[j->row[i]];
        uint32_t show = j->h->titles[s->title].show;
        column[3][show]++;
        f->launch_known += !isnan(s->launch);
        for (int k = 0; k < 3; k++)
            column[k][show] += hit(&j->all[rivals[k]][i]);
    }
    for (uint32_t s = 0; s < n_shows; s++) {
        if (column[3][s] <= 0)
            continue;
        for (int k = 0; k < 4; k++)
            column[k][n] = column[k][s];
        n++;
    }
    f->shows = n;
    int rc = bootstrap_ratio(column[0], NULL, column[3], n, false, j->seed, &f->within_2x, err);
    if (rc == 0)
        rc = bootstrap_ratio(column[0], column[1], column[3], n, false, j->seed, &f->gain, err);
    if (rc == 0)
        rc = bootstrap_ratio(column[0], column[2], column[3], n, false, j->seed, &f->gain_launch,
                             err);
    free(sums);
    return rc;
}

static int tell(struct job *j, struct season_figures *f, struct season_said **ret,
                struct mq_error *err)
{
    for (size_t r = 0; r < SEASON_RIVALS; r++) {
        int rc = forecast_metrics_of(j->all[r], j->done, &f->rival[r], err);
        if (rc)
            return rc;
    }
    f->titles = j->done;
    int rc = intervals(j, f, err);
    struct season_said *said = rc || !ret ? NULL : calloc((size_t)j->done + 1, sizeof(*said));
    if (rc || !ret)
        return rc;
    if (!said)
        return mq_fail(err, MQ_NO_MEMORY, "seasons: no memory for %u", j->done);
    for (uint32_t i = 0; i < j->done; i++)
        said[i] = (struct season_said){j->samples[j->row[i]], j->all[SEASON_FORECAST][i],
                                       j->all[SEASON_LAST_RATIO][i].p50};
    *ret = said;
    return 0;
}

int season_backtest(const struct watch_history *h, enum season_protocol protocol, uint64_t seed,
                    struct season_figures *ret, struct season_said **ret_said, struct mq_error *err)
{
    struct season_figures f = {0};
    struct job j;
    int rc = job_init(&j, h, seed, err);
    if (rc == 0)
        rc = protocol == SEASON_ROLLING ? run_rolling(&j, &f, err) : run_holdout(&j, &f, err);
    if (rc == 0 && j.done == 0)
        rc =
            mq_fail(err, MQ_INVALID,
                    "seasons: %u returning seasons in %u half-years: give more half-years, so that "
                    "%d came out before the last",
                    j.n, h->n_halves, SEASON_TRAIN_MIN);
    if (rc == 0)
        rc = tell(&j, &f, ret_said, err);
    job_release(&j);
    if (rc == 0)
        *ret = f;
    return rc;
}

#include "strategy/weekly_decay.h"

#include <math.h>
#include <stdlib.h>

#include "base/intern.h"
#include "base/md5.h"
#include "math/quantile.h"
#include "strategy/grouped_ridge.h"

enum { FOLDS = 5, AGES = 6, WEEK = 7, ROWS_MIN = 200 };

enum column {
    C_CATEGORY,                              /* one each; */
    C_AGE = C_CATEGORY + WATCH_CATEGORIES,   /* weeks so far less 1, one each below AGES */
    C_FIRST = C_AGE + AGES,                  /* the first week, by list */
    C_SECOND = C_FIRST + WATCH_CATEGORIES,   /* the second */
    C_LOG_AGE = C_SECOND + WATCH_CATEGORIES, /* log of weeks so far */
    C_CHANGE,                                /* log of this week over the one before */
    C_CHANGE_SECOND,                         /* the same, in the second week */
    C_SINCE_FIRST,                           /* log of this week over the first */
    C_LEVEL,                                 /* log hours */
    C_DATED_FIRST,                           /* first week and release day known: */
    C_DAYS_FIRST,                            /* days of that week it was there for */
    C_DATED_SECOND,
    C_DAYS_SECOND,
    COLUMNS
};
_Static_assert(COLUMNS <= 48, "small_ridge.h has room for 48");

/* The forecast of one week from another. */
struct row {
    uint32_t title, at; /* of weeks: the last that is known */
    int32_t known_day, target_day;
    uint8_t category, age; /* weeks so far less 1 */
    unsigned horizon;      /* from 1 */
    double y;
};

const char *weekly_protocol_name(enum weekly_protocol p)
{
    static const char *const names[WEEKLY_PROTOCOLS] = {"weeks", "titles"};
    return names[p];
}

const char *weekly_rival_name(enum weekly_rival r)
{
    static const char *const names[WEEKLY_RIVALS] = {"forecast", "same_as_last_week", "exponential",
                                                     "age_curve"};
    return names[r];
}

/* Does a run begin here: its first week on the list, and not the first list there is? */
static bool begins(const struct watch_history *h, uint32_t i)
{
    const struct watched_week *w = &h->weeks[i];
    const struct watched_week *p = i > 0 ? &h->weeks[i - 1] : NULL;
    bool follows = p && p->title == w->title && p->category == w->category;
    return w->hours > 0 && w->day > h->first_week && (w->weeks ? w->weeks == 1 : !follows);
}

static bool goes_on(const struct watch_history *h, uint32_t i)
{
    const struct watched_week *w = &h->weeks[i];
    const struct watched_week *p = &h->weeks[i - 1];
    return w->title == p->title && w->category == p->category && w->day == p->day + WEEK &&
           w->hours > 0;
}

/* All forecasts there could have been; ret NULL: count them. */
static uint32_t make_rows(const struct watch_history *h, struct row *ret, uint32_t *ret_runs)
{
    uint32_t n = 0;
    *ret_runs = 0;
    for (uint32_t from = 0; from < h->n_weeks;) {
        uint32_t to = from + 1;
        if (!begins(h, from)) {
            from++;
            continue;
        }
        while (to < h->n_weeks && goes_on(h, to))
            to++;
        ++*ret_runs;
        for (uint32_t at = from; at < to; at++) {
            for (unsigned k = 1; k <= WEEKLY_HORIZONS && at + k < to; k++, n++) {
                const struct watched_week *w = &h->weeks[at];
                if (ret)
                    ret[n] = (struct row){.title = w->title,
                                          .at = at,
                                          .known_day = w->day,
                                          .target_day = h->weeks[at + k].day,
                                          .category = w->category,
                                          .age = (uint8_t)(at - from < 255 ? at - from : 255),
                                          .horizon = k,
                                          .y = log(h->weeks[at + k].hours / w->hours)};
            }
        }
        from = to;
    }
    return n;
}

static void columns_of(const struct watch_history *h, const struct row *r, double *x)
{
    const struct watched_week *w = &h->weeks[r->at];
    const struct watched_week *first = w - r->age;
    int32_t release = h->titles[r->title].release_day;
    int32_t days = release == WATCH_NO_DAY ? 0 : first->day - release + 1;
    bool dated = days >= 1 && days <= WEEK;
    for (int c = 0; c < COLUMNS; c++)
        x[c] = 0;
    x[C_CATEGORY + r->category] = 1;
    if (r->age < AGES)
        x[C_AGE + r->age] = 1;
    x[C_LOG_AGE] = log(r->age + 1.0);
    x[C_LEVEL] = log(w->hours);
    if (r->age > 0) {
        x[C_CHANGE] = log(w->hours / w[-1].hours);
        x[C_SINCE_FIRST] = log(w->hours / first->hours);
    }
    if (r->age == 0) {
        x[C_FIRST + r->category] = 1;
        x[C_DATED_FIRST] = dated;
        x[C_DAYS_FIRST] = dated ? days - 4 : 0;
    } else if (r->age == 1) {
        x[C_SECOND + r->category] = 1;
        x[C_CHANGE_SECOND] = x[C_CHANGE];
        x[C_DATED_SECOND] = dated;
        x[C_DAYS_SECOND] = dated ? days - 4 : 0;
    }
}

/* How far beyond an interval's end an outcome lay, in times the end's distance from the middle; known from a day on. */
struct score {
    int32_t day;
    double off[2]; /* below, above */
};

struct job {
    const struct watch_history *h;
    uint64_t seed;
    struct row *rows;
    uint32_t n;
    uint32_t *use; /* (n): training rows of a split, then its test rows */
    uint32_t *group;
    double *x, *v;
    struct forecast_outcome *all[WEEKLY_RIVALS]; /* (n) */
    uint32_t *judged;                            /* (n): row of all[i] */
    struct score *scores;                        /* (2 n) n_scores of them */
    uint32_t n_scores;
    uint32_t done;
};

static void job_release(struct job *j)
{
    free(j->rows);
    free(j->use);
    free(j->x);
    free(j->all[0]);
    free(j->scores);
}

static int job_init(struct job *j, const struct watch_history *h, uint64_t seed, uint32_t *ret_runs,
                    struct mq_error *err)
{
    *j = (struct job){.h = h, .seed = seed, .n = make_rows(h, NULL, ret_runs)};
    size_t n = (size_t)j->n + 1;
    j->rows = calloc(n, sizeof(*j->rows));
    j->use = calloc(3 * n, sizeof(*j->use));
    j->x = calloc((COLUMNS + 1) * n, sizeof(*j->x));
    j->all[0] = calloc(WEEKLY_RIVALS * n, sizeof(*j->all[0]));
    j->scores = calloc(2 * n, sizeof(*j->scores));
    if (!j->rows || !j->use || !j->x || !j->all[0] || !j->scores)
        return mq_fail(err, MQ_NO_MEMORY, "weeks: no memory for %u", j->n);
    j->group = j->use + n;
    j->judged = j->group + n;
    j->v = j->x + COLUMNS * n;
    for (size_t r = 0; r < WEEKLY_RIVALS; r++)
        j->all[r] = j->all[0] + r * n;
    make_rows(h, j->rows, ret_runs);
    return 0;
}

static double quantile(double *v, uint32_t n, double q)
{
    if (n == 0)
        return 0;
    qsort(v, n, sizeof(*v), by_double);
    return quantile_of(v, n, q);
}

/* Median of y over training rows of a list and, unless -1, an age; horizon as the rows'. */
static double median_change(struct job *j, uint32_t n_train, unsigned category, int age)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < n_train; i++) {
        const struct row *r = &j->rows[j->use[i]];
        int capped = r->age < AGES ? r->age : AGES;
        if (r->category == category && (age < 0 || capped == age))
            j->v[n++] = r->y;
    }
    return quantile(j->v, n, 0.5);
}

struct rule {
    double weekly[WATCH_CATEGORIES];           /* of one week */
    double by_age[WATCH_CATEGORIES][AGES + 1]; /* of the horizon */
    double spread[WEEKLY_RIVALS][2];           /* P10 and P90 of training errors */
};

static double rule_value(const struct rule *u, const struct row *r, enum weekly_rival k)
{
    if (k == WEEKLY_SAME)
        return 0;
    if (k == WEEKLY_EXPONENTIAL)
        return r->horizon * u->weekly[r->category];
    return u->by_age[r->category][r->age < AGES ? r->age : AGES];
}

static void learn_rules(struct job *j, uint32_t n_train, const double *weekly, struct rule *u)
{
    for (unsigned c = 0; c < WATCH_CATEGORIES; c++) {
        u->weekly[c] = weekly[c];
        for (int a = 0; a <= AGES; a++)
            u->by_age[c][a] = median_change(j, n_train, c, a);
    }
    for (int k = WEEKLY_SAME; k < WEEKLY_RIVALS; k++) {
        for (int side = 0; side < 2; side++) {
            for (uint32_t i = 0; i < n_train; i++) {
                const struct row *r = &j->rows[j->use[i]];
                j->v[i] = r->y - rule_value(u, r, (enum weekly_rival)k);
            }
            u->spread[k][side] = quantile(j->v, n_train, side ? 0.9 : 0.1);
        }
    }
}

/* The forecasts of rows use[n_train..n_train + n_test) from those before; ret (n_test). */
static int run_ridge(struct job *j, uint32_t n_train, uint32_t n_test, struct forecast_outcome *ret,
                     struct grouped_choice *ret_choice, struct mq_error *err)
{
    for (uint32_t i = 0; i < n_train + n_test; i++) {
        const struct row *r = &j->rows[j->use[i]];
        columns_of(j->h, r, j->x + (size_t)i * COLUMNS);
        j->v[i] = r->y;
        j->group[i] = r->title;
    }
    struct grouped_ridge g = {.x = j->x,
                              .y = j->v,
                              .group = j->group,
                              .n_train = n_train,
                              .n_test = n_test,
                              .p = COLUMNS,
                              .columns = {(1ULL << COLUMNS) - 1},
                              .n_sets = 1,
                              .seed = j->seed};
    return grouped_ridge_forecast(&g, ret, ret_choice, err);
}

static int by_day(const void *a, const void *b)
{
    const struct score *x = a;
    const struct score *y = b;
    if (x->day != y->day)
        return x->day < y->day ? -1 : 1;
    return (x->off[1] > y->off[1]) - (x->off[1] < y->off[1]);
}

/* Of rows use[n_train..n_train + n_test), by their forecasts. */
static void note_scores(struct job *j, uint32_t n_train, uint32_t n_test,
                        const struct forecast_outcome *said)
{
    for (uint32_t i = 0; i < n_test; i++) {
        const struct forecast_outcome *o = &said[i];
        j->scores[j->n_scores++] =
            (struct score){j->rows[j->use[n_train + i]].target_day,
                           {(o->p50 - o->actual) / fmax(o->p50 - o->p10, 1e-9),
                            (o->actual - o->p50) / fmax(o->p90 - o->p50, 1e-9)}};
    }
}

/* What nine of ten of the latest outcomes reached on a side that were known by `day`; never below 1, and 1 when they are few. */
static double reached(struct job *j, int32_t day, int side)
{
    enum { LATEST = 300, LEAST = 50 };
    uint32_t to = 0;
    while (to < j->n_scores && j->scores[to].day <= day)
        to++;
    uint32_t from = to > LATEST ? to - LATEST : 0;
    if (to - from < LEAST)
        return 1;
    for (uint32_t i = from; i < to; i++)
        j->v[i - from] = j->scores[i].off[side];
    return fmax(1, quantile(j->v, to - from, 0.9));
}

/* Widens the forecasts `said` of rows use[n_train..) by what was known when each was made. Scores are of these and of earlier ones. */
static void widen(struct job *j, uint32_t n_train, uint32_t n_test, struct forecast_outcome *said,
                  double ret_mean[2])
{
    int32_t day = INT32_MIN;
    double by[2] = {1, 1};
    qsort(j->scores, j->n_scores, sizeof(*j->scores), by_day);
    ret_mean[0] = ret_mean[1] = 0;
    for (uint32_t i = 0; i < n_test; i++) {
        const struct row *r = &j->rows[j->use[n_train + i]];
        for (int side = 0; side < 2 && r->known_day != day; side++)
            by[side] = reached(j, r->known_day, side);
        day = r->known_day;
        said[i].p10 = said[i].p50 - by[0] * (said[i].p50 - said[i].p10);
        said[i].p90 = said[i].p50 + by[1] * (said[i].p90 - said[i].p50);
        for (int side = 0; side < 2; side++)
            ret_mean[side] += by[side] / n_test;
    }
}

static int run_split(struct job *j, uint32_t n_train, uint32_t n_test, const double *weekly,
                     bool widened, struct weekly_horizon *ret, struct mq_error *err)
{
    struct rule u;
    struct grouped_choice choice;
    uint32_t *test = j->use + n_train;
    struct forecast_outcome *said = j->all[WEEKLY_FORECAST] + j->done;
    learn_rules(j, n_train, weekly, &u);
    int rc = run_ridge(j, n_train, n_test, said, &choice, err);
    if (rc)
        return rc;
    if (widened) {
        note_scores(j, n_train, n_test, said);
        widen(j, n_train, n_test, said, ret->widened);
    }
    for (uint32_t i = 0; i < n_test; i++) {
        const struct row *r = &j->rows[test[i]];
        j->judged[j->done + i] = test[i];
        for (int k = WEEKLY_SAME; k < WEEKLY_RIVALS; k++) {
            double v = rule_value(&u, r, (enum weekly_rival)k);
            j->all[k][j->done + i] =
                (struct forecast_outcome){v + u.spread[k][0], v, v + u.spread[k][1], r->y};
        }
    }
    j->done += n_test;
    ret->learnt_from = n_train;
    ret->penalty = choice.penalty;
    return 0;
}

/* What is learnt from and what is judged: a fold of titles; or (fold -1) what was known by `cut`, and what is forecast from then on until
 * `end`. */
struct split {
    int fold;
    int32_t cut, end;
};

/* 0 to learn from, 1 to judge, -1 neither. */
static int part_of(const struct job *j, const struct row *r, const struct split *s)
{
    if (s->fold >= 0)
        return md5_mod(intern_name(j->h->shows, j->h->titles[r->title].show), FOLDS) ==
               (uint32_t)s->fold;
    if (r->target_day < s->cut)
        return 0;
    return r->known_day >= s->cut && r->target_day < s->end ? 1 : -1;
}

/* Rows of a horizon: those to learn from, then those to judge. */
static void split_rows(struct job *j, unsigned horizon, const struct split *s, uint32_t *ret_train,
                       uint32_t *ret_test)
{
    uint32_t n = 0;
    *ret_train = *ret_test = 0;
    for (int part = 0; part < 2; part++) {
        for (uint32_t i = 0; i < j->n; i++) {
            if (j->rows[i].horizon == horizon && part_of(j, &j->rows[i], s) == part)
                j->use[n++] = i;
        }
        *(part ? ret_test : ret_train) = part ? n - *ret_train : n;
    }
}

/* Three fifths from one day to another. */
static int32_t three_fifths(int32_t from, int32_t to)
{
    return from + (to - from) / 5 * 3;
}

/* How far off intervals were when what was known by `cut` was split as it is: learnt from the first three fifths, judged on the rest.
 * Residuals of left-out titles of the same weeks don't know that later weeks differ. Too few weeks: nothing. */
static int note_earlier(struct job *j, unsigned horizon, int32_t cut, struct mq_error *err)
{
    struct split s = {-1, three_fifths(j->h->first_week, cut), cut};
    struct forecast_outcome *said = j->all[WEEKLY_FORECAST];
    struct grouped_choice choice;
    uint32_t n_train;
    uint32_t n_test;
    split_rows(j, horizon, &s, &n_train, &n_test);
    if (n_train < ROWS_MIN || n_test == 0)
        return 0;
    int rc = run_ridge(j, n_train, n_test, said, &choice, err);
    if (rc == 0)
        note_scores(j, n_train, n_test, said);
    return rc;
}

/* Errors by title, resampled by title. */
static int judge(struct job *j, struct weekly_horizon *ret, struct mq_error *err)
{
    uint32_t titles = j->h->n_titles;
    double *sums = calloc((WEEKLY_RIVALS + 1) * (size_t)titles + 1, sizeof(*sums));
    double *count = sums ? sums + (size_t)WEEKLY_RIVALS * titles : NULL;
    uint32_t n = 0;
    int rc = sums ? 0 : mq_fail(err, MQ_NO_MEMORY, "weeks: no memory for %u titles", titles);
    for (uint32_t i = 0; rc == 0 && i < j->done; i++) {
        uint32_t t = j->rows[j->judged[i]].title;
        count[t]++;
        for (uint32_t k = 0; k < WEEKLY_RIVALS; k++) {
            double e = fabs(j->all[k][i].p50 - j->all[k][i].actual);
            sums[(size_t)k * titles + t] += e;
            ret->error[k] += e / j->done;
        }
    }
    for (uint32_t t = 0; rc == 0 && t < titles; t++) {
        if (count[t] <= 0)
            continue;
        for (uint32_t k = 0; k <= WEEKLY_RIVALS; k++)
            sums[(size_t)k * titles + n] = sums[(size_t)k * titles + t];
        n++;
    }
    ret->titles = n;
    ret->judged = j->done;
    for (uint32_t k = 0; rc == 0 && k < WEEKLY_RIVALS; k++) {
        rc = forecast_metrics_of(j->all[k], j->done, &ret->rival[k], err);
        if (rc == 0)
            rc = bootstrap_ratio(sums + (size_t)k * titles, sums, count, n, false, j->seed,
                                 &ret->gain[k], err);
    }
    free(sums);
    return rc;
}

static int run_horizon(struct job *j, enum weekly_protocol p, unsigned horizon, int32_t cut,
                       struct weekly_horizon *ret, struct mq_error *err)
{
    int from = p == WEEKLY_BY_WEEKS ? -1 : 0;
    int to = p == WEEKLY_BY_WEEKS ? 0 : FOLDS;
    int rc = 0;
    j->done = 0;
    ret->widened[0] = ret->widened[1] = 1;
    j->n_scores = 0;
    if (p == WEEKLY_BY_WEEKS)
        rc = note_earlier(j, horizon, cut, err);
    for (int fold = from; rc == 0 && fold < to; fold++) {
        struct split s = {fold, cut, INT32_MAX};
        double weekly[WATCH_CATEGORIES];
        uint32_t n_train;
        uint32_t n_test;
        split_rows(j, 1, &s, &n_train, &n_test);
        for (unsigned c = 0; c < WATCH_CATEGORIES; c++)
            weekly[c] = median_change(j, n_train, c, -1);
        split_rows(j, horizon, &s, &n_train, &n_test);
        if (n_test > 0)
            rc = run_split(j, n_train, n_test, weekly, fold < 0, ret, err);
    }
    return rc ? rc : judge(j, ret, err);
}

int weekly_decay_backtest(const struct watch_history *h, uint64_t seed, bool *ret_there,
                          struct weekly_figures *ret, struct mq_error *err)
{
    struct weekly_figures f = {0};
    struct job j;
    int32_t last = h->first_week;
    for (uint32_t i = 0; i < h->n_weeks; i++)
        last = h->weeks[i].day > last ? h->weeks[i].day : last;
    int rc = job_init(&j, h, seed, &f.runs, err);
    uint32_t n[2] = {0};
    if (rc == 0 && j.n > 0) {
        f.cut_day = three_fifths(h->first_week, last);
        split_rows(&j, WEEKLY_HORIZONS, &(struct split){-1, f.cut_day, INT32_MAX}, &n[0], &n[1]);
    }
    bool there = n[0] >= ROWS_MIN && n[1] > 0;
    for (int p = 0; rc == 0 && there && p < WEEKLY_PROTOCOLS; p++) {
        for (unsigned k = 1; rc == 0 && k <= WEEKLY_HORIZONS; k++)
            rc = run_horizon(&j, (enum weekly_protocol)p, k, f.cut_day, &f.horizon[p][k - 1], err);
    }
    job_release(&j);
    if (rc == 0) {
        *ret_there = there;
        *ret = f;
    }
    return rc;
}

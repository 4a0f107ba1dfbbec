/* baselines.c - what anybody would guess: the median of the genre, what the director drew before. */
#include <math.h>
#include <stdlib.h>

#include "strategy/backtest.h"

static int by_float(const void *a, const void *b)
{
    float x = *(const float *)a;
    float y = *(const float *)b;
    return (x > y) - (x < y);
}

static double quantile(const float *sorted, uint32_t n, double q)
{
    double at = q * (n - 1);
    uint32_t i = (uint32_t)at;
    double rest = at - i;
    return i + 1 < n ? (double)sorted[i] * (1 - rest) + (double)sorted[i + 1] * rest
                     : (double)sorted[n - 1];
}

static struct forecast_outcome quantiles_of(float *v, uint32_t n)
{
    qsort(v, n, sizeof(*v), by_float);
    return (struct forecast_outcome){
        .p10 = quantile(v, n, 0.1), .p50 = quantile(v, n, 0.5), .p90 = quantile(v, n, 0.9)};
}

static bool has_genre(const struct strategy_title *t, struct str genre)
{
    for (uint16_t g = 0; g < t->n_genres; g++)
        if (str_eq(t->genres[g], genre))
            return true;
    return false;
}

static uint32_t of_genre(const struct baseline_task *t, struct str genre, float *ret)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < t->n_train; i++)
        if (has_genre(&t->d->titles[t->train[i]], genre))
            ret[n++] = t->log_audience[t->train[i]];
    return n;
}

struct genre_guess {
    struct str name;
    struct forecast_outcome guess;
};

enum { GENRES_MAX = 256 };

static const struct genre_guess *guess_of(const struct baseline_task *t, struct genre_guess *known,
                                          uint32_t *n_known, struct str genre, float *scratch)
{
    for (uint32_t i = 0; i < *n_known; i++)
        if (str_eq(known[i].name, genre))
            return &known[i];
    if (*n_known == GENRES_MAX)
        return NULL;
    uint32_t n = of_genre(t, genre, scratch);
    struct genre_guess *g = &known[(*n_known)++];
    g->name = genre;
    g->guess = n ? quantiles_of(scratch, n) : (struct forecast_outcome){.p50 = NAN};
    return g;
}

/* Of several genres the mean; without one that is known, the median of all. */
int baseline_genre_median(const struct baseline_task *t, struct forecast_outcome *ret,
                          struct mq_error *err)
{
    float *scratch = calloc((size_t)t->n_train + 1, sizeof(*scratch));
    struct genre_guess *known = calloc(GENRES_MAX, sizeof(*known));
    if (!scratch || !known || t->n_train == 0) {
        free(scratch);
        free(known);
        return mq_fail(err, MQ_NO_MEMORY, "baselines: no memory");
    }
    for (uint32_t i = 0; i < t->n_train; i++)
        scratch[i] = t->log_audience[t->train[i]];
    struct forecast_outcome all = quantiles_of(scratch, t->n_train);
    uint32_t n_known = 0;
    for (uint32_t i = 0; i < t->n_test; i++) {
        const struct strategy_title *title = &t->d->titles[t->test[i]];
        struct forecast_outcome sum = {0};
        double n = 0;
        for (uint16_t g = 0; g < title->n_genres; g++) {
            const struct genre_guess *guess =
                guess_of(t, known, &n_known, title->genres[g], scratch);
            if (!guess || isnan(guess->guess.p50))
                continue;
            sum.p10 += guess->guess.p10;
            sum.p50 += guess->guess.p50;
            sum.p90 += guess->guess.p90;
            n++;
        }
        ret[i] = n > 0 ? (struct forecast_outcome){.p10 = sum.p10 / n,
                                                   .p50 = sum.p50 / n,
                                                   .p90 = sum.p90 / n}
                       : all;
        ret[i].actual = (double)t->log_audience[t->test[i]];
    }
    free(scratch);
    free(known);
    return 0;
}

/* Mean log audience of the directors' training titles; the median of all where they have none. */
int baseline_director_history(const struct baseline_task *t, struct forecast_outcome *ret,
                              struct mq_error *err)
{
    double *sum = calloc((size_t)t->d->n_people + 1, sizeof(*sum));
    uint32_t *n = calloc((size_t)t->d->n_people + 1, sizeof(*n));
    float *all = calloc((size_t)t->n_train + 1, sizeof(*all));
    int rc = sum && n && all ? 0 : mq_fail(err, MQ_NO_MEMORY, "baselines: no memory");
    for (uint32_t i = 0; rc == 0 && i < t->n_train; i++) {
        const struct strategy_title *title = &t->d->titles[t->train[i]];
        all[i] = t->log_audience[t->train[i]];
        for (uint32_t c = 0; c < title->n_credits; c++) {
            const struct strategy_credit *credit = &title->credits[c];
            if (credit->role == ROLE_DIRECTOR && credit->person != ID_NONE) {
                sum[credit->person] += (double)all[i];
                n[credit->person]++;
            }
        }
    }
    double middle = rc == 0 && t->n_train ? quantiles_of(all, t->n_train).p50 : 0;
    for (uint32_t i = 0; rc == 0 && i < t->n_test; i++) {
        const struct strategy_title *title = &t->d->titles[t->test[i]];
        double drew = 0;
        double titles = 0;
        for (uint32_t c = 0; c < title->n_credits; c++) {
            const struct strategy_credit *credit = &title->credits[c];
            if (credit->role != ROLE_DIRECTOR || credit->person == ID_NONE)
                continue;
            drew += sum[credit->person];
            titles += n[credit->person];
        }
        ret[i] = (struct forecast_outcome){.p10 = NAN,
                                           .p90 = NAN,
                                           .p50 = titles > 0 ? drew / titles : middle,
                                           .actual = (double)t->log_audience[t->test[i]]};
    }
    free(sum);
    free(n);
    free(all);
    return rc;
}

/* who_kernel.c - who, straight from what titles are: a new title's viewers are like those of titles like it.
 *
 * With p_t the share of viewers who met training title t and s_t = (p_t (1 - p_t) + .03)^-1/2, each title is its viewers' deviations
 * x_tu = s_t (r_tu - p_t), so that small audiences say as much as large ones. Gaussian process regression (ridge in a kernel) from
 * titles alike: K = tokens, with people counted more; released within months of each other; the same year; the same genres in nearby
 * years; the same size. Its forecast for a new title is a sum of training titles with weights w = k (K + a I)^-1, the same for all
 * viewers.
 *
 * What a viewer did is little, so forecasts are then drawn towards what viewers do together: with G = X X' (who meets both),
 * w becomes w G (G + b I)^-1, ridge regression of the forecast on the training titles' viewers.
 *
 * Last, of a large title more are viewers who watch much: `base` spreads its size by activity. Constants by validation within the
 * training titles of two folds of MovieLens 100K; flat around these values. How b falls with the number of viewers: from an eighth, a
 * quarter, half and all of its viewers, folds drawn anew (best at 26, 16, 10 and 7 mean diagonals). */
#include <math.h>
#include <stdlib.h>

#include "base/clock.h"
#include "math/spd.h"
#include "strategy/who_model.h"

enum { COMMON_VIEWERS = 50000, PART = 8 };
static const float people_weight = 3, day_weight = 3, year_weight = 1, genre_year_weight = 3,
                   size_weight = 0.2f;
static const float day_reach = 90;                       /* days */
static const float year_reach = 1, genre_year_reach = 8; /* years */
static const float kernel_penalty = 60;                  /* a */
/* b, in mean diagonals of G: the more viewers G is of, the more of it is true. */
static const double common_penalty = 420, common_power = 0.6;
static const float share_noise = 0.03f, base_weight = 0.15f;

struct weighing {
    const struct count_task *t;
    struct who_kernel *k;
    const uint64_t *met;   /* (n_viewers + 1) into title */
    const uint32_t *title; /* places among the training rows, by viewer */
    uint32_t viewer_step;
    float *room; /* (2 n_train) per worker */
};

/* The day of the release; where it is not known the middle of the year. (A kernel by days for some pairs and by years for others would
 * not be positive definite.) */
static float day_of(const struct strategy_title *t, int16_t year)
{
    if (t->release_day != TITLE_NO_DATE)
        return (float)t->release_day;
    return (float)time_days_from_civil(year, 7, 1);
}

/* The kernel of a title with all training rows; `genres` (n_train) is scratch. */
static void kernel_row(const struct who_kernel *k, const struct title_tokens *tokens,
                       const uint32_t *train, uint32_t n_train, const struct seen_title *seen,
                       float size, float *genres, float *ret)
{
    memset(ret, 0, n_train * sizeof(*ret));
    memset(genres, 0, n_train * sizeof(*genres));
    struct csr_row r = seen->tokens;
    float day = day_of(seen->title, seen->year);
    for (size_t c = 0; c < r.n; c++) {
        struct csr_row with = csr_row(&tokens->by_column, r.col[c]);
        uint8_t group = tokens->group[r.col[c]];
        float *to = group <= TOKEN_GENRE_PAIR ? genres : ret;
        float v = group > TOKEN_SERIES ? people_weight * r.value[c] : r.value[c];
        for (size_t i = 0; i < with.n; i++)
            if (k->at[with.col[i]])
                to[k->at[with.col[i]] - 1] += v * with.value[i];
    }
    for (uint32_t i = 0; i < n_train; i++) {
        float apart = fabsf((float)(seen->year - tokens->year[train[i]]));
        float days = fabsf(day - k->day[i]);
        ret[i] += genres[i] * (1 + genre_year_weight * expf(-apart / genre_year_reach)) +
                  day_weight * expf(-days / day_reach) + year_weight * expf(-apart / year_reach) +
                  size_weight * size * k->size[i];
    }
}

/* Rows of K: the lower half. */
static void kernel_of_train(void *ctx, size_t from, size_t to, size_t worker)
{
    const struct weighing *w = ctx;
    const struct count_task *t = w->t;
    size_t n = t->n_train;
    float *genres = w->room + 2 * worker * n;
    float *row = genres + n;
    for (size_t i = from; i < to; i++) {
        struct seen_title seen = title_seen(t->d, t->tokens, t->credits, t->train[i]);
        kernel_row(w->k, t->tokens, t->train, t->n_train, &seen, w->k->size[i], genres, row);
        row[i] += kernel_penalty;
        memcpy(w->k->halves + i * (n + 1), row, (i + 1) * sizeof(*row));
    }
}

static uint32_t looked_at(const struct weighing *w)
{
    return (w->t->d->n_viewers + w->viewer_step - 1) / w->viewer_step;
}

/* Rows of G: co-occurrences over every `viewer_step`-th viewer, the upper half. */
static void common(void *ctx, size_t from, size_t to, size_t worker)
{
    const struct weighing *w = ctx;
    const struct strategy_data *d = w->t->d;
    const struct who_kernel *k = w->k;
    size_t n = w->t->n_train;
    float viewers = (float)looked_at(w);
    float *row = w->room + 2 * worker * n;
    for (size_t i = from; i < to; i++) {
        uint32_t title = w->t->train[i];
        memset(row, 0, n * sizeof(*row));
        for (uint64_t m = d->start[title]; m < d->start[title + 1]; m++) {
            uint32_t u = d->met[m].viewer;
            if (u % w->viewer_step)
                continue;
            for (uint64_t c = w->met[u]; c < w->met[u + 1]; c++)
                row[w->title[c]] += 1;
        }
        for (size_t j = i; j < n; j++)
            k->halves[i * (n + 1) + 1 + j] =
                k->scale[i] * k->scale[j] * (row[j] - viewers * k->share[i] * k->share[j]);
    }
}

/* Training titles by viewer. */
static int turn(const struct count_task *t, uint64_t **ret_met, uint32_t **ret_title)
{
    const struct strategy_data *d = t->d;
    uint64_t *met = calloc((size_t)d->n_viewers + 2, sizeof(*met));
    uint64_t total = 0;
    for (uint32_t i = 0; met && i < t->n_train; i++) {
        for (uint64_t m = d->start[t->train[i]]; m < d->start[t->train[i] + 1]; m++, total++)
            met[d->met[m].viewer + 2]++;
    }
    uint32_t *title = calloc(total + 1, sizeof(*title));
    if (!met || !title) {
        free(met);
        free(title);
        return MQ_NO_MEMORY;
    }
    for (uint32_t u = 0; u < d->n_viewers; u++)
        met[u + 2] += met[u + 1];
    for (uint32_t i = 0; i < t->n_train; i++) {
        for (uint64_t m = d->start[t->train[i]]; m < d->start[t->train[i] + 1]; m++)
            title[met[d->met[m].viewer + 1]++] = i;
    }
    *ret_met = met;
    *ret_title = title;
    return 0;
}

static void describe(const struct count_task *t, const float *log_size, struct who_kernel *k)
{
    uint32_t n = t->n_train;
    for (uint32_t i = 0; i < n; i++)
        k->mean_size += (double)log_size[i] / n;
    for (uint32_t i = 0; i < n; i++) {
        k->at[t->train[i]] = i + 1;
        k->day[i] = day_of(&t->d->titles[t->train[i]], t->tokens->year[t->train[i]]);
        k->size[i] = (float)((double)log_size[i] - k->mean_size);
        k->share[i] = (float)t->d->titles[t->train[i]].audience / (float)t->d->n_viewers;
        k->scale[i] = 1 / sqrtf(k->share[i] * (1 - k->share[i]) + share_noise);
        k->met += (double)k->share[i];
    }
}

static int factor_both(struct weighing *w, struct mq_error *err)
{
    struct who_kernel *k = w->k;
    size_t n = w->t->n_train;
    double diagonal = 0;
    pool_for(w->t->pool, n, PART, kernel_of_train, w);
    pool_for(w->t->pool, n, PART, common, w);
    for (size_t i = 0; i < n; i++)
        diagonal += (double)k->halves[i * (n + 1) + 1 + i] / (double)n;
    k->penalty =
        (float)(common_penalty * pow(fmax(1, looked_at(w)), -common_power) * fmax(diagonal, 1e-6));
    for (size_t i = 0; i < n; i++)
        k->halves[i * (n + 1) + 1 + i] += k->penalty;
    int rc = spd_factor(k->halves, n, n + 1, SPD_LOWER, 1, err);
    return rc ? rc : spd_factor(k->halves + 1, n, n + 1, SPD_UPPER, 1, err);
}

int who_kernel_fit(const struct count_task *t, const float *log_size, struct who_kernel *ret,
                   struct mq_error *err)
{
    size_t n = t->n_train;
    struct who_kernel k = {.halves = malloc((n * (n + 1) + 1) * sizeof(*k.halves)),
                           .at = calloc((size_t)t->tokens->x.rows + 1, sizeof(*k.at)),
                           .day = calloc(n + 1, sizeof(*k.day)),
                           .size = calloc(3 * n + 1, sizeof(*k.size))};
    uint64_t *met = NULL;
    uint32_t *title = NULL;
    struct weighing w = {.t = t, .k = &k};
    w.room = calloc(2 * pool_threads(t->pool) * n + 1, sizeof(*w.room));
    int rc = k.halves && k.at && k.day && k.size && w.room ? turn(t, &met, &title) : MQ_NO_MEMORY;
    if (rc) {
        rc = mq_fail(err, MQ_NO_MEMORY, "who: no memory for %zu titles", n);
    } else {
        k.share = k.size + n;
        k.scale = k.share + n;
        describe(t, log_size, &k);
        w.met = met;
        w.title = title;
        w.viewer_step = (t->d->n_viewers + COMMON_VIEWERS - 1) / COMMON_VIEWERS;
        w.viewer_step = w.viewer_step > 0 ? w.viewer_step : 1;
        rc = factor_both(&w, err);
    }
    free(w.room);
    free(met);
    free(title);
    if (rc)
        who_kernel_release(&k);
    else
        *ret = k;
    return rc;
}

void who_kernel_release(struct who_kernel *k)
{
    free(k->halves);
    free(k->at);
    free(k->day);
    free(k->size);
    *k = (struct who_kernel){0};
}

/* --- of other titles --- */

struct asking {
    const struct who_fit *f;
    const struct seen_title *asked;
    const float *log_size;
    float *genres; /* (n_train) per worker */
    float *ret;
};

static void kernel_of_asked(void *ctx, size_t from, size_t to, size_t worker)
{
    const struct asking *a = ctx;
    const struct who_fit *f = a->f;
    size_t n = f->n_train;
    for (size_t i = from; i < to; i++) {
        float size = (float)((double)a->log_size[i] - f->kernel.mean_size);
        kernel_row(&f->kernel, f->tokens, f->train, f->n_train, &a->asked[i], size,
                   a->genres + worker * n, a->ret + i * n);
    }
}

int who_kernel_weights(const struct who_fit *f, const struct seen_title *asked, uint32_t n,
                       const float *log_size, struct pool *pool, float *ret, float *base,
                       struct mq_error *err)
{
    const struct who_kernel *k = &f->kernel;
    size_t cols = f->n_train;
    float *part = malloc(((size_t)n * cols + 1) * sizeof(*part));
    struct asking a = {f, asked, log_size, NULL, ret};
    a.genres = calloc((pool ? pool_threads(pool) : 1) * cols + 1, sizeof(*a.genres));
    if (!part || !a.genres) {
        free(part);
        free(a.genres);
        return mq_fail(err, MQ_NO_MEMORY, "who: no memory for %zu titles", cols);
    }
    if (pool)
        pool_for(pool, n, PART, kernel_of_asked, &a);
    else
        kernel_of_asked(&a, 0, n, 0);
    spd_solve_by(k->halves, cols, cols + 1, SPD_LOWER, ret, n, 1);
    memcpy(part, ret, n * cols * sizeof(*part));
    spd_solve_by(k->halves + 1, cols, cols + 1, SPD_UPPER, part, n, 1);
    /* From deviations to what a viewer did: weights by s; what is subtracted from everybody is left out. */
    for (size_t i = 0; i < n; i++) {
        double share = exp((double)log_size[i]) / f->n_viewers;
        base[i] = k->met > 0 ? (float)((double)base_weight * share / k->met) : 0;
        for (size_t j = 0; j < cols; j++)
            ret[i * cols + j] = k->scale[j] * (ret[i * cols + j] - k->penalty * part[i * cols + j]);
    }
    free(part);
    free(a.genres);
    return 0;
}

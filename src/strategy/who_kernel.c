/* who_kernel.c - who, straight from what titles are: a new title's viewers are like those of titles like it.
 *
 * With p_t the share of viewers who met training title t and s_t = (p_t (1 - p_t) + .01)^-1/2, each title is its viewers' deviations
 * x_tu = s_t (r_tu - p_t), so that small audiences say as much as large ones. Gaussian process regression (ridge in a kernel) from
 * titles alike: K = tokens, with people counted more; the same year; the same genres in nearby years; the same size. Its forecast
 * for a new title is a sum of training titles with weights w = k (K + a I)^-1, the same for all viewers.
 *
 * What a viewer did is little, so forecasts are then drawn towards what viewers do together: with G = X X' (who meets both),
 * w becomes w G (G + b I)^-1, ridge regression of the forecast on the training titles' viewers.
 *
 * Last, of a large title more are viewers who watch much: `base` spreads its size by activity. Constants by validation within the
 * training titles of two folds of MovieLens 100K. */
#include <math.h>
#include <stdlib.h>

#include "math/spd.h"
#include "strategy/who_model.h"

enum { COMMON_VIEWERS = 50000, PART = 8 };
static const float people_weight = 3, year_weight = 3, genre_year_weight = 3, size_weight = 0.2f;
static const float year_reach = 1, genre_year_reach = 8; /* years */
static const float kernel_penalty = 60;                  /* a */
static const float common_penalty = 3;                   /* b, in mean diagonals of G */
static const float share_noise = 0.01f, base_weight = 0.3f;

struct weighing {
    const struct count_task *t;
    const uint32_t *at;    /* (rows) place among the training rows + 1; 0: none */
    const float *size;     /* (n_train + n_test) log sizes over their mean */
    const float *share;    /* (n_train) p */
    const float *scale;    /* (n_train) s */
    const uint64_t *met;   /* (n_viewers + 1) into title */
    const uint32_t *title; /* places among the training rows, by viewer */
    uint32_t viewer_step;
    float *genres; /* (n_train) per worker */
    float *k;      /* (n_train, n_train) */
    float *ret;    /* (n_test, n_train) */
};

/* The kernel of `row` with all training rows; `genres` is scratch. */
static void kernel_row(const struct weighing *w, uint32_t row, float size, float *genres,
                       float *ret)
{
    const struct count_task *t = w->t;
    const int16_t *year = t->tokens->year;
    memset(ret, 0, t->n_train * sizeof(*ret));
    memset(genres, 0, t->n_train * sizeof(*genres));
    struct csr_row r = csr_row(&t->tokens->x, row);
    for (size_t k = 0; k < r.n; k++) {
        struct csr_row with = csr_row(&t->tokens->by_column, r.col[k]);
        uint8_t group = t->tokens->group[r.col[k]];
        float *to = group <= TOKEN_GENRE_PAIR ? genres : ret;
        float v = group > TOKEN_SERIES ? people_weight * r.value[k] : r.value[k];
        for (size_t i = 0; i < with.n; i++)
            if (w->at[with.col[i]])
                to[w->at[with.col[i]] - 1] += v * with.value[i];
    }
    for (uint32_t i = 0; i < t->n_train; i++) {
        float apart = fabsf((float)(year[row] - year[t->train[i]]));
        ret[i] += genres[i] * (1 + genre_year_weight * expf(-apart / genre_year_reach)) +
                  year_weight * expf(-apart / year_reach) + size_weight * size * w->size[i];
    }
}

static void kernel_of_train(void *ctx, size_t from, size_t to, size_t worker)
{
    const struct weighing *w = ctx;
    size_t n = w->t->n_train;
    for (size_t i = from; i < to; i++) {
        float *row = w->k + i * n;
        kernel_row(w, w->t->train[i], w->size[i], w->genres + worker * n, row);
        row[i] += kernel_penalty;
    }
}

static void kernel_of_test(void *ctx, size_t from, size_t to, size_t worker)
{
    const struct weighing *w = ctx;
    size_t n = w->t->n_train;
    for (size_t i = from; i < to; i++)
        kernel_row(w, w->t->test[i], w->size[n + i], w->genres + worker * n, w->ret + i * n);
}

/* Rows of G: co-occurrences over every `viewer_step`-th viewer. */
static void common(void *ctx, size_t from, size_t to, size_t worker)
{
    const struct weighing *w = ctx;
    const struct strategy_data *d = w->t->d;
    size_t n = w->t->n_train;
    uint32_t looked_at = (d->n_viewers + w->viewer_step - 1) / w->viewer_step;
    float viewers = (float)looked_at;
    (void)worker;
    for (size_t i = from; i < to; i++) {
        float *row = w->k + i * n;
        uint32_t title = w->t->train[i];
        memset(row, 0, n * sizeof(*row));
        for (uint64_t m = d->start[title]; m < d->start[title + 1]; m++) {
            uint32_t u = d->met[m].viewer;
            if (u % w->viewer_step)
                continue;
            for (uint64_t k = w->met[u]; k < w->met[u + 1]; k++)
                row[w->title[k]] += 1;
        }
        for (size_t j = 0; j < n; j++)
            row[j] = w->scale[i] * w->scale[j] * (row[j] - viewers * w->share[i] * w->share[j]);
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

static int draw_together(struct weighing *w, struct mq_error *err)
{
    size_t n = w->t->n_train;
    size_t rows = w->t->n_test;
    float *part = malloc((rows * n + 1) * sizeof(*part));
    double diagonal = 0;
    if (!part)
        return mq_fail(err, MQ_NO_MEMORY, "who: no memory for %zu titles", n);
    pool_for(w->t->pool, n, PART, common, w);
    for (size_t i = 0; i < n; i++)
        diagonal += (double)w->k[i * n + i] / (double)n;
    float penalty = common_penalty * (float)fmax(diagonal, 1e-6);
    for (size_t i = 0; i < n; i++)
        w->k[i * n + i] += penalty;
    memcpy(part, w->ret, rows * n * sizeof(*part));
    int rc = spd_solve(w->k, n, part, rows, 1, err);
    for (size_t i = 0; rc == 0 && i < rows * n; i++)
        w->ret[i] -= penalty * part[i];
    free(part);
    return rc;
}

/* From deviations to what a viewer did: weights by s; what is subtracted from everybody is left out. */
static void finish(const struct weighing *w, const float *log_size, float *base)
{
    const struct count_task *t = w->t;
    size_t n = t->n_train;
    double met = 0;
    for (size_t j = 0; j < n; j++)
        met += (double)w->share[j];
    for (size_t i = 0; i < t->n_test; i++) {
        double share = exp((double)log_size[n + i]) / t->d->n_viewers;
        base[i] = met > 0 ? (float)((double)base_weight * share / met) : 0;
        for (size_t j = 0; j < n; j++)
            w->ret[i * n + j] *= w->scale[j];
    }
}

static void describe(const struct count_task *t, const float *log_size, uint32_t *at, float *size,
                     float *share, float *scale)
{
    size_t n = t->n_train;
    size_t all = n + t->n_test;
    double mean = 0;
    for (size_t i = 0; i < all; i++)
        mean += (double)log_size[i] / (double)all;
    for (size_t i = 0; i < all; i++)
        size[i] = (float)((double)log_size[i] - mean);
    for (uint32_t i = 0; i < n; i++) {
        at[t->train[i]] = i + 1;
        share[i] = (float)t->d->titles[t->train[i]].audience / (float)t->d->n_viewers;
        scale[i] = 1 / sqrtf(share[i] * (1 - share[i]) + share_noise);
    }
}

int who_kernel_weights(const struct count_task *t, const float *log_size, float *ret, float *base,
                       struct mq_error *err)
{
    size_t n = t->n_train;
    size_t threads = pool_threads(t->pool);
    uint32_t *at = calloc((size_t)t->tokens->x.rows + 1, sizeof(*at));
    float *k = malloc((n * n + 1) * sizeof(*k));
    float *room = calloc(3 * n + t->n_test + threads * n + 1, sizeof(*room));
    uint64_t *met = NULL;
    uint32_t *title = NULL;
    int rc = at && k && room ? turn(t, &met, &title) : MQ_NO_MEMORY;
    if (rc) {
        rc = mq_fail(err, MQ_NO_MEMORY, "who: no memory for %zu titles", n);
    } else {
        float *scale = room + n;
        float *genres = room + 2 * n;
        float *size = genres + threads * n;
        describe(t, log_size, at, size, room, scale);
        struct weighing w = {t, at, size, room, scale, met, title, 1, genres, k, ret};
        w.viewer_step = (t->d->n_viewers + COMMON_VIEWERS - 1) / COMMON_VIEWERS;
        w.viewer_step = w.viewer_step > 0 ? w.viewer_step : 1;
        pool_for(t->pool, n, PART, kernel_of_train, &w);
        pool_for(t->pool, t->n_test, PART, kernel_of_test, &w);
        rc = spd_solve(k, n, ret, t->n_test, 1, err);
        if (rc == 0)
            rc = draw_together(&w, err);
        if (rc == 0)
            finish(&w, log_size, base);
    }
    free(at);
    free(k);
    free(room);
    free(met);
    free(title);
    return rc;
}

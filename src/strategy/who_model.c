#include "strategy/who_model.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "base/hash.h"
#include "math/sparse_ridge_many.h"
#include "train/ials.h"

enum { FOLDS = 8, EPOCHS = 8, PART = 256, DAY_MS = 86400000 };
/* Found on MovieLens 100K. */
static const float place_penalty = 3, place_noise = 10, habit_penalty = 100;

struct placing {
    const struct count_task *task;
    const float *target; /* (WHO_RANK, rows) where training titles stand */
    float *forecast;     /* (WHO_RANK, rows) */
    const float *weight, *penalty;
    const uint8_t *fold;
    double *scratch;
    float *b;
    uint32_t *use;
    size_t n_scratch;
    struct who_fit *out;
};

static int meetings(const struct count_task *t, struct csr *ret, struct mq_error *err)
{
    const struct strategy_data *d = t->d;
    size_t n = 0;
    for (uint32_t i = 0; i < t->n_train; i++)
        n += d->titles[t->train[i]].audience;
    uint32_t *viewer = calloc(n + 1, sizeof(*viewer));
    uint32_t *title = calloc(n + 1, sizeof(*title));
    float *one = calloc(n + 1, sizeof(*one));
    int rc = viewer && title && one ? 0 : mq_fail(err, MQ_NO_MEMORY, "who: no memory");
    size_t k = 0;
    for (uint32_t i = 0; rc == 0 && i < t->n_train; i++)
        for (uint64_t m = d->start[t->train[i]]; m < d->start[t->train[i] + 1]; m++, k++) {
            viewer[k] = d->met[m].viewer;
            title[k] = t->train[i];
            one[k] = 1;
        }
    if (rc == 0)
        rc = csr_from_triples(d->n_viewers, t->tokens->x.rows, viewer, title, one, n, ret, err);
    free(viewer);
    free(title);
    free(one);
    return rc;
}

/* Mean factors of each training title's viewers, over the mean of all. */
static void stand(const struct count_task *t, const struct ials *a, float *ret)
{
    const struct strategy_data *d = t->d;
    uint32_t rows = t->tokens->x.rows;
    for (uint32_t i = 0; i < t->n_train; i++) {
        uint32_t row = t->train[i];
        uint64_t from = d->start[row];
        uint64_t to = d->start[row + 1];
        for (uint64_t m = from; m < to; m++) {
            const float *x = a->viewers + (size_t)d->met[m].viewer * a->stride;
            for (uint32_t k = 0; k < WHO_RANK; k++)
                ret[(size_t)k * rows + row] += x[k];
        }
        for (uint32_t k = 0; to > from && k < WHO_RANK; k++)
            ret[(size_t)k * rows + row] /= (float)(to - from);
    }
}

/* Task k: fold k, all factors; the last one learns from all, for other titles. */
static void place_some(void *ctx, size_t from, size_t to, size_t worker)
{
    static_assert((int)WHO_RANK == (int)RIDGE_MANY, "all factors at once");
    const struct placing *p = ctx;
    const struct count_task *t = p->task;
    const struct csr *x = &t->tokens->x;
    double *scratch = p->scratch + worker * p->n_scratch;
    float *b = p->b + worker * WHO_RANK * x->cols;
    uint32_t *use = p->use + worker * t->n_train;
    for (size_t fold = from; fold < to; fold++) {
        float mean[WHO_RANK];
        uint32_t n = 0;
        for (uint32_t i = 0; i < t->n_train; i++)
            if (p->fold[t->train[i]] != fold)
                use[n++] = t->train[i];
        struct sparse_ridge s = {.x = x,
                                 .by_column = &t->tokens->by_column,
                                 .penalty = p->penalty,
                                 .weight = p->weight,
                                 .use = use,
                                 .n_use = n,
                                 .steps = 30};
        sparse_ridge_fit_many(&s, p->target, scratch, b, mean);
        for (size_t k = 0; fold < FOLDS && k < WHO_RANK; k++)
            for (uint32_t i = 0; i < t->n_train; i++)
                if (p->fold[t->train[i]] == fold)
                    p->forecast[k * x->rows + t->train[i]] =
                        sparse_ridge_value(x, t->train[i], b + k * x->cols, mean[k]);
        if (fold == FOLDS) {
            memcpy(p->out->b, b, WHO_RANK * (size_t)x->cols * sizeof(*b));
            memcpy(p->out->mean, mean, sizeof(mean));
        }
    }
}

static int place_all(const struct count_task *t, const float *target, float *forecast,
                     struct who_fit *out, struct mq_error *err)
{
    uint32_t rows = t->tokens->x.rows;
    uint32_t cols = t->tokens->x.cols;
    size_t threads = pool_threads(t->pool);
    struct placing p = {.task = t, .target = target, .forecast = forecast, .out = out};
    float *weight = calloc((size_t)rows + cols + 1, sizeof(*weight));
    float *penalty = weight + rows;
    uint8_t *fold = calloc((size_t)rows + 1, 1);
    p.n_scratch = sparse_ridge_many_scratch(&t->tokens->x);
    p.scratch = calloc(threads * p.n_scratch + 1, sizeof(*p.scratch));
    p.b = calloc(threads * WHO_RANK * cols + 1, sizeof(*p.b));
    p.use = calloc(threads * t->n_train + 1, sizeof(*p.use));
    bool good = weight && fold && p.scratch && p.b && p.use;
    for (uint32_t i = 0; good && i < t->n_train; i++) {
        float n = (float)t->d->titles[t->train[i]].audience;
        weight[t->train[i]] = n / (n + place_noise);
        fold[t->train[i]] = (uint8_t)(hash_mix(t->seed + 2, t->train[i]) % FOLDS);
    }
    for (uint32_t c = 0; good && c < cols; c++)
        penalty[c] = place_penalty;
    p.weight = weight;
    p.penalty = penalty;
    p.fold = fold;
    if (good)
        pool_for(t->pool, FOLDS + 1, 1, place_some, &p);
    free(weight);
    free(fold);
    free(p.scratch);
    free(p.b);
    free(p.use);
    return good ? 0 : mq_fail(err, MQ_NO_MEMORY, "who: no memory for %u titles", rows);
}

/* z of one title; place (WHO_RANK). */
static void columns(const float *place, double log_size, double mean_log, float *z)
{
    double size = exp(log_size - mean_log);
    for (uint32_t k = 0; k < WHO_RANK; k++) {
        z[k] = place[k];
        z[WHO_RANK + k] = (float)((double)z[k] * size);
    }
    z[2 * WHO_RANK] = 1;
    z[2 * WHO_RANK + 1] = (float)(log_size - mean_log);
    z[2 * WHO_RANK + 2] = (float)size;
}

/* Columns of training rows get a deviation of 1; ret (WHO_COLUMNS): what others are divided by. */
static void scale(float *train, uint32_t n_train, float *ret)
{
    for (uint32_t c = 0; c < WHO_COLUMNS; c++) {
        double sum = 0;
        double square = 0;
        for (uint32_t i = 0; i < n_train; i++) {
            double v = (double)train[(size_t)i * WHO_COLUMNS + c];
            sum += v;
            square += v * v;
        }
        double mean = sum / n_train;
        double deviation = sqrt(square / n_train - mean * mean);
        ret[c] = c == 2 * WHO_RANK || !(deviation > 1e-9) ? 1 : (float)deviation;
        for (uint32_t i = 0; i < n_train; i++)
            train[(size_t)i * WHO_COLUMNS + c] /= ret[c];
    }
}

/* Cholesky of the symmetric positive definite a (n, n) in place, lower triangle. */
static void factorise(double *a, uint32_t n)
{
    for (uint32_t j = 0; j < n; j++) {
        for (uint32_t k = 0; k < j; k++)
            a[j * n + j] -= a[j * n + k] * a[j * n + k];
        a[j * n + j] = sqrt(a[j * n + j]);
        for (uint32_t i = j + 1; i < n; i++) {
            for (uint32_t k = 0; k < j; k++)
                a[i * n + j] -= a[i * n + k] * a[j * n + k];
            a[i * n + j] /= a[j * n + j];
        }
    }
}

static void solve(const double *l, uint32_t n, double *x)
{
    for (uint32_t i = 0; i < n; i++) {
        for (uint32_t k = 0; k < i; k++)
            x[i] -= l[i * n + k] * x[k];
        x[i] /= l[i * n + i];
    }
    for (uint32_t i = n; i-- > 0;) {
        for (uint32_t k = i + 1; k < n; k++)
            x[i] -= l[k * n + i] * x[k];
        x[i] /= l[i * n + i];
    }
}

struct habits {
    const struct csr *met;
    const float *z;         /* (n_train, WHO_COLUMNS) */
    const uint32_t *at;     /* (rows) place among the training rows */
    const double *cholesky; /* (WHO_COLUMNS, WHO_COLUMNS) */
    struct who_fit *out;
};

static void habit_some(void *ctx, size_t from, size_t to, size_t worker)
{
    const struct habits *h = ctx;
    (void)worker;
    for (size_t u = from; u < to; u++) {
        struct csr_row row = csr_row(h->met, (uint32_t)u);
        double x[WHO_COLUMNS] = {0};
        for (size_t k = 0; k < row.n; k++) {
            const float *z = h->z + (size_t)h->at[row.col[k]] * WHO_COLUMNS;
            for (int c = 0; c < WHO_COLUMNS; c++)
                x[c] += (double)z[c];
        }
        solve(h->cholesky, WHO_COLUMNS, x);
        for (int c = 0; c < WHO_COLUMNS; c++)
            h->out->habit[u * WHO_COLUMNS + (size_t)c] = (float)x[c];
        h->out->watched[u] = (uint32_t)row.n;
    }
}

static int fit_habits(const struct count_task *t, const struct csr *met, const float *z,
                      struct who_fit *ret, struct mq_error *err)
{
    double *a = calloc((size_t)WHO_COLUMNS * WHO_COLUMNS, sizeof(*a));
    uint32_t *at = calloc((size_t)t->tokens->x.rows + 1, sizeof(*at));
    if (!a || !at) {
        free(a);
        free(at);
        return mq_fail(err, MQ_NO_MEMORY, "who: no memory");
    }
    for (uint32_t i = 0; i < t->n_train; i++) {
        const float *v = z + (size_t)i * WHO_COLUMNS;
        at[t->train[i]] = i;
        for (int r = 0; r < WHO_COLUMNS; r++)
            for (int c = 0; c <= r; c++)
                a[r * WHO_COLUMNS + c] += (double)v[r] * (double)v[c];
    }
    for (int c = 0; c < WHO_COLUMNS; c++)
        a[c * WHO_COLUMNS + c] += (double)habit_penalty;
    factorise(a, WHO_COLUMNS);
    struct habits h = {met, z, at, a, ret};
    pool_for(t->pool, t->d->n_viewers, PART, habit_some, &h);
    free(a);
    free(at);
    return 0;
}

static int fit(const struct count_task *t, const float *log_size, const struct csr *met,
               struct who_fit *ret, struct mq_error *err)
{
    uint32_t rows = t->tokens->x.rows;
    struct ials a = {0};
    struct ials_settings s = {.rank = WHO_RANK, .epochs = EPOCHS, .seed = t->seed};
    float *stands = calloc(2 * (size_t)WHO_RANK * rows + 1, sizeof(*stands));
    float *forecast = stands + (size_t)WHO_RANK * rows;
    float *z = calloc((size_t)t->n_train * WHO_COLUMNS + 1, sizeof(*z));
    int rc = stands && z ? 0 : mq_fail(err, MQ_NO_MEMORY, "who: no memory for %u titles", rows);
    if (rc == 0)
        rc = ials_train(met, &s, t->pool, (struct train_watch){NULL, NULL}, &a, err);
    if (rc == 0) {
        stand(t, &a, stands);
        ials_release(&a);
        rc = place_all(t, stands, forecast, ret, err);
    }
    if (rc == 0) {
        for (uint32_t i = 0; i < t->n_train; i++)
            ret->mean_log += (double)log_size[i] / t->n_train;
        for (uint32_t i = 0; i < t->n_train; i++) {
            float place[WHO_RANK];
            for (uint32_t k = 0; k < WHO_RANK; k++)
                place[k] = forecast[(size_t)k * rows + t->train[i]];
            columns(place, (double)log_size[i], ret->mean_log, z + (size_t)i * WHO_COLUMNS);
        }
        scale(z, t->n_train, ret->deviation);
        rc = fit_habits(t, met, z, ret, err);
    }
    free(stands);
    free(z);
    return rc;
}

/* The day on which each viewer was last seen with a training title. */
static void note_last_days(struct who_fit *f)
{
    for (uint32_t i = 0; i < f->n_train; i++) {
        uint64_t to = f->d->start[f->train[i] + 1];
        for (uint64_t m = f->d->start[f->train[i]]; m < to; m++) {
            const struct strategy_meeting *met = &f->d->met[m];
            int32_t day = (int32_t)(met->at_ms / DAY_MS);
            if (day > f->last_day[met->viewer])
                f->last_day[met->viewer] = day;
        }
    }
}

int who_fit_make(const struct count_task *task, const float *log_size, struct who_fit *ret,
                 struct mq_error *err)
{
    uint32_t n = task->d->n_viewers;
    struct csr met;
    *ret = (struct who_fit){.d = task->d,
                            .tokens = task->tokens,
                            .train = task->train,
                            .n_train = task->n_train,
                            .n_viewers = n};
    int rc = meetings(task, &met, err);
    if (rc)
        return rc;
    ret->b = calloc((size_t)WHO_RANK * task->tokens->x.cols + 1, sizeof(*ret->b));
    ret->habit = calloc((size_t)n * WHO_COLUMNS + 1, sizeof(*ret->habit));
    ret->watched = calloc((size_t)n + 1, sizeof(*ret->watched));
    ret->last_day = calloc((size_t)n + 1, sizeof(*ret->last_day));
    rc = ret->b && ret->habit && ret->watched && ret->last_day
             ? fit(task, log_size, &met, ret, err)
             : mq_fail(err, MQ_NO_MEMORY, "who: no memory for %u viewers", n);
    csr_release(&met);
    if (rc == 0)
        note_last_days(ret);
    if (rc == 0 && task->n_train <= WHO_KERNEL_TITLES)
        rc = who_kernel_fit(task, log_size, &ret->kernel, err);
    if (rc)
        who_fit_release(ret);
    return rc;
}

void who_fit_release(struct who_fit *f)
{
    free(f->b);
    free(f->habit);
    free(f->watched);
    free(f->last_day);
    who_kernel_release(&f->kernel);
    *f = (struct who_fit){0};
}

int who_model_make(const struct who_fit *f, const struct seen_title *asked, uint32_t n,
                   const float *log_size, struct pool *pool, struct who_model *ret,
                   struct mq_error *err)
{
    size_t cols = f->tokens->x.cols;
    *ret = (struct who_model){.fit = f, .n = n};
    ret->place = calloc((size_t)n * WHO_COLUMNS + 1, sizeof(*ret->place));
    ret->day = calloc((size_t)n + 1, sizeof(*ret->day));
    int rc =
        ret->place && ret->day ? 0 : mq_fail(err, MQ_NO_MEMORY, "who: no memory for %u titles", n);
    for (uint32_t i = 0; rc == 0 && i < n; i++) {
        float place[WHO_RANK];
        float *z = ret->place + (size_t)i * WHO_COLUMNS;
        ret->day[i] = asked[i].row == ID_NONE ? TITLE_NO_DATE : asked[i].title->release_day;
        for (uint32_t k = 0; k < WHO_RANK; k++)
            place[k] = sparse_ridge_row(asked[i].tokens, f->b + k * cols, f->mean[k]);
        columns(place, (double)log_size[i], f->mean_log, z);
        for (uint32_t c = 0; c < WHO_COLUMNS; c++)
            z[c] /= f->deviation[c];
    }
    if (rc == 0 && f->kernel.halves) {
        ret->kernel = malloc(((size_t)n * f->n_train + 1) * sizeof(*ret->kernel));
        ret->base = calloc((size_t)n + 1, sizeof(*ret->base));
        rc = ret->kernel && ret->base
                 ? who_kernel_weights(f, asked, n, log_size, pool, ret->kernel, ret->base, err)
                 : mq_fail(err, MQ_NO_MEMORY, "who: no memory for %u titles", n);
    }
    if (rc)
        who_model_release(ret);
    return rc;
}

void who_model_release(struct who_model *w)
{
    free(w->place);
    free(w->day);
    free(w->kernel);
    free(w->base);
    *w = (struct who_model){0};
}

static void moments(const float *v, uint32_t n, double *ret_mean, double *ret_deviation)
{
    double sum = 0;
    double square = 0;
    for (uint32_t u = 0; u < n; u++) {
        sum += (double)v[u];
        square += (double)v[u] * (double)v[u];
    }
    *ret_mean = n ? sum / n : 0;
    *ret_deviation = n ? sqrt(fmax(0, square / n - *ret_mean * *ret_mean)) : 0;
}

/* A sum over what a viewer met strays as far as the root of how much that is; it is brought to the spread of a usual viewer's, so
 * that it is taste which decides among the active as among others. */
static void kernel_scores(const struct who_model *w, uint32_t i, float *ret)
{
    static const double least = 0.2; /* of the usual number of titles */
    const struct who_fit *f = w->fit;
    const float *weight = w->kernel + (size_t)i * f->n_train;
    double usual = f->kernel.met;
    memset(ret, 0, f->n_viewers * sizeof(*ret));
    for (uint32_t j = 0; j < f->n_train; j++) {
        uint32_t row = f->train[j];
        for (uint64_t m = f->d->start[row]; m < f->d->start[row + 1]; m++)
            ret[f->d->met[m].viewer] += weight[j];
    }
    for (uint32_t u = 0; u < f->n_viewers; u++) {
        double met = f->watched[u];
        double even = usual > 0 ? sqrt((1 + least) * usual / (met + least * usual)) : 1;
        ret[u] = (float)(even * (double)ret[u] + (double)w->base[i] * met);
    }
}

/* Whoever was last seen before a title came out did not stay for it. */
static void without_the_gone(const struct who_model *w, uint32_t i, float *ret)
{
    static const double deviations = 2;
    const struct who_fit *f = w->fit;
    double mean, deviation;
    if (w->day[i] == TITLE_NO_DATE)
        return;
    moments(ret, f->n_viewers, &mean, &deviation);
    for (uint32_t u = 0; u < f->n_viewers; u++) {
        if (f->last_day[u] < w->day[i])
            ret[u] -= (float)(deviations * deviation);
    }
}

void who_model_scores(const struct who_model *w, uint32_t i, float *ret, float *scratch)
{
    static const double kernel_share = 4;
    const struct who_fit *f = w->fit;
    const float *z = w->place + (size_t)i * WHO_COLUMNS;
    for (uint32_t u = 0; u < f->n_viewers; u++) {
        const float *b = f->habit + (size_t)u * WHO_COLUMNS;
        float sum = 0;
        for (int c = 0; c < WHO_COLUMNS; c++)
            sum += z[c] * b[c];
        ret[u] = sum;
    }
    if (!w->kernel) {
        without_the_gone(w, i, ret);
        return;
    }
    double mean[2];
    double deviation[2];
    kernel_scores(w, i, scratch);
    moments(ret, f->n_viewers, &mean[0], &deviation[0]);
    moments(scratch, f->n_viewers, &mean[1], &deviation[1]);
    double by = deviation[1] > 0 ? kernel_share * deviation[0] / deviation[1] : 0;
    for (uint32_t u = 0; u < f->n_viewers; u++)
        ret[u] += (float)(by * ((double)scratch[u] - mean[1]));
    without_the_gone(w, i, ret);
}

/* All are brought to `size` first, since a score may be far above 1; then what is above 1 goes to the others. */
void who_model_chances(float *scores, uint32_t n, double size)
{
    enum { ROUNDS = 20 };
    double sum = 0;
    for (uint32_t u = 0; u < n; u++) {
        if (!(scores[u] > 0))
            scores[u] = 0;
        sum += (double)scores[u];
    }
    double by = sum > 0 ? size / sum : 0;
    for (int round = 0; round < ROUNDS; round++) {
        double free_sum = 0;
        double capped = 0;
        for (uint32_t u = 0; u < n; u++) {
            if (round == 0 || scores[u] < 1)
                scores[u] = (float)fmin(1, (double)scores[u] * by);
            if (scores[u] >= 1)
                capped++;
            else
                free_sum += (double)scores[u];
        }
        by = free_sum > 0 ? (size - capped) / free_sum : 0;
        if (by <= 0 || fabs(by - 1) < 1e-6)
            break;
    }
}

#include "strategy/forecast_fit.h"

#include <math.h>
#include <stdlib.h>

#include "base/intern.h"
enum {
    FORESTS = 10
}; /* each grown from other titles: how far they differ is how sure an element's part is */

static int no_memory(struct mq_error *err)
{
    return mq_fail(err, MQ_NO_MEMORY, "forecast: no memory");
}

/* Titles with an audience, and its log. train (n_titles), log_audience (n_titles). Returns how many. */
static uint32_t forecast_train_rows(const struct strategy_data *d, uint32_t *train,
                                    float *log_audience)
{
    uint32_t n = 0;
    for (uint32_t t = 0; t < d->n_titles; t++) {
        if (d->titles[t].audience == 0 || d->titles[t].id.n == 0)
            continue;
        log_audience[t] = logf((float)d->titles[t].audience);
        train[n++] = t;
    }
    return n;
}

/* Is anything known that viewers could be added up by? */
static bool anywhere(const struct strategy_data *d)
{
    for (uint32_t u = 0; u < d->n_viewers; u++) {
        if (d->viewer_country[u])
            return true;
    }
    return d->n_groups > 0;
}

/* How the same model did on titles that exist. */
static int calibrate(struct forecast_fit *f, struct mq_error *err)
{
    float *actual = calloc((size_t)f->n_train + 1, sizeof(*actual));
    if (!actual)
        return no_memory(err);
    for (uint32_t i = 0; i < f->n_train; i++)
        actual[i] = f->log_audience[f->train[i]];
    int rc = forecast_calibration(f->count.out_of_fold, actual, f->n_train, f->calibration,
                                  &f->n_calibration, err);
    free(actual);
    return rc;
}

/* Launches are learnt from what was said of them as if they had been there all along, as what is asked for is. */
static int learn_launches(struct forecast_fit *f, struct mq_error *err)
{
    struct launch_said *said = calloc((size_t)f->n_train + 1, sizeof(*said));
    if (!said)
        return no_memory(err);
    for (uint32_t i = 0; i < f->n_train; i++) {
        double there = (double)f->count.there[f->train[i]];
        said[i].x[LAUNCH_COUNT] = (double)f->count.out_of_fold[i] - there;
        said[i].x[LAUNCH_ALIKE] = (double)f->count.alike[i] - there;
    }
    int rc = launch_sizes_fit(f->d, f->train, said, f->n_train, &f->launches, err);
    free(said);
    return rc;
}

static int learn(struct forecast_fit *f, const struct forecast_settings *s, struct pool *pool,
                 struct mq_error *err)
{
    struct count_task task = {.d = f->d,
                              .tokens = &f->tokens,
                              .credits = &f->credits,
                              .train = f->train,
                              .n_train = f->n_train,
                              .log_audience = f->log_audience,
                              .pool = pool,
                              .seed = s->seed,
                              .forests = FORESTS};
    int rc = title_tokens_make(f->d, &f->credits, &f->tokens, err);
    if (rc == 0)
        rc = count_fit_make(&task, &f->count, err);
    if (rc == 0)
        rc = calibrate(f, err);
    if (rc == 0)
        rc = decay_fit(f->d, &f->decay, err);
    if (rc == 0)
        rc = learn_launches(f, err);
    f->has_who = s->who || anywhere(f->d);
    if (rc == 0 && f->has_who)
        rc = who_fit_make(&task, f->count.out_of_fold, &f->who, err);
    return rc;
}

int forecast_fit_new(struct strategy_data *d, const struct forecast_settings *s, struct pool *pool,
                     struct forecast_fit **ret, struct mq_error *err)
{
    struct forecast_fit *f = calloc(1, sizeof(*f));
    if (!f) {
        strategy_data_free(d);
        return no_memory(err);
    }
    f->d = d;
    f->train = calloc((size_t)d->n_titles + 1, sizeof(*f->train));
    f->log_audience = calloc((size_t)d->n_titles + 1, sizeof(*f->log_audience));
    int rc = f->train && f->log_audience ? 0 : no_memory(err);
    if (rc == 0) {
        f->n_train = forecast_train_rows(d, f->train, f->log_audience);
        rc = learn(f, s, pool, err);
    }
    if (rc)
        forecast_fit_free(f);
    else
        *ret = f;
    return rc;
}

void forecast_fit_free(struct forecast_fit *f)
{
    if (!f)
        return;
    who_fit_release(&f->who);
    count_fit_release(&f->count);
    title_tokens_release(&f->tokens);
    free(f->train);
    free(f->log_audience);
    strategy_data_free(f->d);
    free(f);
}

static size_t csr_bytes(const struct csr *m)
{
    return m->start ? 8 * (size_t)csr_nnz(m) + 8 * (size_t)m->rows : 0;
}

size_t forecast_fit_bytes(const struct forecast_fit *f)
{
    const struct strategy_data *d = f->d;
    size_t n = sizeof(*f) + d->arena.total + d->cap_met * sizeof(*d->met) +
               (size_t)d->cap * sizeof(*d->titles) + (size_t)d->n_people * sizeof(*d->people) +
               (size_t)d->cap_viewers * sizeof(*d->viewer_country);
    n += csr_bytes(&f->tokens.x) + csr_bytes(&f->tokens.by_column) +
         intern_memory(f->tokens.names) + csr_bytes(&f->count.features.people.titles);
    n += (size_t)f->tokens.x.cols * (4 + WHO_RANK) * sizeof(float) +
         (size_t)f->tokens.x.rows * 16 * sizeof(float);
    for (uint32_t k = 0; k < f->count.forests; k++)
        n += f->count.forest[k].n_nodes * sizeof(struct forest_node);
    if (f->has_who)
        n += (size_t)d->n_viewers * (WHO_COLUMNS + 2) * sizeof(float);
    if (f->who.kernel.halves)
        n += (size_t)f->n_train * (f->n_train + 1) * sizeof(float);
    return n;
}

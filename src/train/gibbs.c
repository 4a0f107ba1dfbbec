#include "train/gibbs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "train/gibbs_inside.h"
#include "train/gibbs_state.h"

struct run {
    struct gibbs_settings settings;
    struct gibbs_plan plan;
    struct gibbs_chain *chain;
    uint32_t each;                   /* snapshots of each chain */
    struct gibbs_snapshot *snapshot; /* (chains, each) */
    uint32_t stride;
};

void gibbs_defaults(const struct gibbs_data *d, struct gibbs_settings *s)
{
    if (s->chains == 0)
        s->chains = 2;
    if (s->rank == 0)
        s->rank = d->rows < 10000 ? 8 : d->rows < 50000 ? 16 : 32;
    if (s->samples == 0)
        s->samples = d->rows <= 2000000 ? 200 : 100;
    if (s->burn_in == 0)
        s->burn_in = s->samples / 4 + 8;
    if (s->start == 0)
        s->start = 0.1;
}

/* Factors of one entity stand together in a snapshot, and apart by level in a chain. */
static void take_snapshot(const struct run *r, const struct gibbs_chain *c,
                          struct gibbs_snapshot *to)
{
    to->w = c->w;
    for (size_t b = 0; b < 2 && b < r->plan.data->n_blocks; b++) {
        uint32_t n = r->plan.data->block[b].n;
        memcpy(to->bias[b], c->q[b], n * sizeof(float));
        for (uint32_t level = 1; level <= r->plan.rank; level++) {
            const float *q = c->q[b] + (size_t)level * n;
            for (uint32_t e = 0; e < n; e++)
                to->factor[b][(size_t)e * r->stride + level - 1] = q[e];
        }
    }
}

static void snapshot_when_due(struct run *r, size_t chain)
{
    struct gibbs_chain *c = &r->chain[chain];
    if (r->each == 0)
        return;
    uint32_t apart = r->settings.samples / r->each;
    if (c->kept % apart == 0 && c->kept / apart <= r->each)
        take_snapshot(r, c, &r->snapshot[chain * r->each + c->kept / apart - 1]);
}

static int snapshots_init(struct run *r, struct mq_error *err)
{
    const struct gibbs_data *d = r->plan.data;
    uint32_t want = r->settings.snapshots / r->settings.chains;
    r->each = want < r->settings.samples ? want : r->settings.samples;
    r->stride = (r->settings.rank + 15) / 16 * 16;
    if (r->each == 0)
        return 0;
    size_t n = (size_t)r->each * r->settings.chains;
    r->snapshot = calloc(n, sizeof(*r->snapshot));
    bool fine = r->snapshot != NULL;
    for (size_t i = 0; fine && i < n; i++) {
        for (size_t b = 0; b < 2 && b < d->n_blocks; b++) {
            struct gibbs_snapshot *s = &r->snapshot[i];
            size_t bytes = ((size_t)d->block[b].n * r->stride + 16) * sizeof(float);
            s->bias[b] = calloc((size_t)d->block[b].n + 1, sizeof(float));
            s->factor[b] = aligned_alloc(64, bytes / 64 * 64 + 64);
            fine &= s->bias[b] && s->factor[b];
            if (s->factor[b])
                memset(s->factor[b], 0, bytes / 64 * 64 + 64);
        }
    }
    return fine ? 0 : mq_fail(err, MQ_NO_MEMORY, "ratings: no memory for %zu snapshots", n);
}

static void snapshots_free(struct gibbs_snapshot *s, size_t n)
{
    for (size_t i = 0; s && i < n; i++) {
        for (size_t b = 0; b < 2; b++) {
            free(s[i].bias[b]);
            free(s[i].factor[b]);
        }
    }
    free(s);
}

static void advance(void *ctx, size_t from, size_t to, size_t worker)
{
    struct run *r = ctx;
    (void)worker;
    for (size_t i = from; i < to; i++) {
        struct gibbs_chain *c = &r->chain[i];
        uint32_t end = r->settings.burn_in + r->settings.samples;
        gibbs_chain_settle(c);
        for (unsigned k = 0; k < GIBBS_STRIDE && c->sweeps < end; k++) {
            gibbs_chain_sweep(c);
            if (c->sweeps > r->settings.burn_in) {
                gibbs_chain_keep(c);
                snapshot_when_due(r, i);
            }
        }
    }
}

static int sweep_all(struct run *r, struct pool *pool, struct train_watch watch,
                     struct mq_error *err)
{
    uint32_t end = r->settings.burn_in + r->settings.samples;
    while (r->chain[0].sweeps < end) {
        if (watch.progress && !watch.progress(watch.ctx, "gibbs sweep", r->chain[0].sweeps, end))
            return mq_fail(err, MQ_CANCELLED, "ratings: stopped");
        pool_for(pool, r->settings.chains, 1, advance, r);
        if (r->settings.state) {
            int rc = gibbs_state_save(r->settings.state, &r->settings, r->chain, err);
            if (rc)
                return rc;
        }
    }
    return 0;
}

static int answer(const struct run *r, struct gibbs_answer *ret, struct mq_error *err)
{
    const struct gibbs_data *d = r->plan.data;
    struct gibbs_answer a = {.mean = calloc((size_t)d->cases + 1, sizeof(double)),
                             .deviation = calloc((size_t)d->cases + 1, sizeof(double))};
    if (!a.mean || !a.deviation) {
        gibbs_answer_release(&a);
        return mq_fail(err, MQ_NO_MEMORY, "ratings: %u cases: no memory", d->cases);
    }
    double noise = 0;
    for (uint32_t k = 0; k < r->settings.chains; k++) {
        a.kept += r->chain[k].kept;
        noise += r->chain[k].noise_sum;
        a.train_rmse += r->chain[k].last_rmse / r->settings.chains;
    }
    noise /= a.kept;
    a.noise = sqrt(noise);
    for (uint32_t i = 0; i < d->cases; i++) {
        double sum = 0;
        double square = 0;
        for (uint32_t k = 0; k < r->settings.chains; k++) {
            sum += r->chain[k].case_sum[i];
            square += r->chain[k].case_square[i];
        }
        a.mean[i] = sum / a.kept;
        double spread = square / a.kept - a.mean[i] * a.mean[i];
        a.deviation[i] = sqrt((spread > 0 ? spread : 0) + noise);
    }
    *ret = a;
    return 0;
}

static int start(struct run *r, struct mq_error *err)
{
    int rc = 0;
    r->chain = calloc(r->settings.chains, sizeof(*r->chain));
    if (!r->chain)
        return mq_fail(err, MQ_NO_MEMORY, "ratings: no memory for %u chains", r->settings.chains);
    for (uint32_t k = 0; rc == 0 && k < r->settings.chains; k++)
        rc = gibbs_chain_init(&r->chain[k], &r->plan, r->settings.seed, k, err);
    if (rc == 0)
        rc = snapshots_init(r, err);
    if (rc == 0 && r->settings.state)
        rc = gibbs_state_load(r->settings.state, &r->settings, r->chain, err);
    return rc;
}

int gibbs_run(const struct gibbs_data *d, const struct gibbs_settings *settings, struct pool *pool,
              struct train_watch watch, struct gibbs_answer *ret, struct mq_error *err)
{
    struct gibbs_settings used = *settings;
    gibbs_defaults(d, &used);
    struct run r = {.settings = used};
    if (r.settings.chains > GIBBS_CHAINS)
        return mq_fail(err, MQ_INVALID, "ratings: %u chains: at most %d", r.settings.chains,
                       GIBBS_CHAINS);
    if (r.settings.snapshots > 0 && r.settings.state)
        return mq_fail(err, MQ_INVALID, "ratings: snapshots and a state file: take one of them");
    int rc = gibbs_plan_init(&r.plan, d, &used, err);
    if (rc)
        return rc;
    rc = start(&r, err);
    if (rc == 0)
        rc = sweep_all(&r, pool, watch, err);
    if (rc == 0)
        rc = answer(&r, ret, err);
    size_t n = (size_t)r.each * r.settings.chains;
    if (rc == 0) {
        ret->snapshot = r.snapshot;
        ret->n_snapshots = (uint32_t)n;
        ret->stride = r.stride;
    } else {
        snapshots_free(r.snapshot, n);
    }
    for (uint32_t k = 0; r.chain && k < r.settings.chains; k++)
        gibbs_chain_release(&r.chain[k]);
    free(r.chain);
    gibbs_plan_release(&r.plan);
    return rc;
}

void gibbs_answer_release(struct gibbs_answer *a)
{
    snapshots_free(a->snapshot, a->n_snapshots);
    free(a->mean);
    free(a->deviation);
    *a = (struct gibbs_answer){0};
}

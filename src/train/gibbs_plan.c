/* gibbs_plan.c - what chains share, and their memory. */
#include <math.h>
#include <stdlib.h>

#include "train/gibbs_inside.h"

static int no_memory(struct mq_error *err)
{
    return mq_fail(err, MQ_NO_MEMORY,
                   "ratings: no memory: give the process more, or lower the rank");
}

static int check(const struct gibbs_data *d, const struct gibbs_settings *settings,
                 struct mq_error *err)
{
    if (d->rows == 0)
        return mq_fail(err, MQ_INVALID, "ratings: none: give rows with a rating to learn from");
    if (d->n_blocks == 0 || d->n_blocks > GIBBS_BLOCKS || settings->rank > GIBBS_RANK_MAX)
        return mq_fail(err, MQ_INVALID, "ratings: %zu blocks, rank %u: at most %d and %d",
                       d->n_blocks, settings->rank, GIBBS_BLOCKS, GIBBS_RANK_MAX);
    if (!(settings->start > 0 && settings->start <= 10))
        return mq_fail(err, MQ_INVALID, "ratings: start %g: above 0, at most 10", settings->start);
    for (uint32_t r = 0; r < d->rows; r++) {
        if (!isfinite(d->target[r]))
            return mq_fail(err, MQ_INVALID, "ratings: row %u: is no finite number: leave it out",
                           r);
    }
    return 0;
}

static int add_set(struct gibbs_plan *p, size_t block, size_t set, struct mq_error *err)
{
    const struct csr *m = p->data->block[block].sets[set];
    float *scale = calloc((size_t)m->rows + 1, sizeof(*scale));
    p->scale[block][set] = scale;
    if (!scale)
        return no_memory(err);
    for (uint32_t e = 0; e < m->rows; e++) {
        size_t n = csr_row(m, e).n;
        scale[e] = n > 0 ? (float)(1 / sqrt((double)n)) : 0;
    }
    return csr_transpose(m, &p->members[block][set], err);
}

static void take_range(struct gibbs_plan *p)
{
    const struct gibbs_data *d = p->data;
    double sum = 0;
    p->lowest = p->highest = (double)d->target[0];
    for (uint32_t r = 0; r < d->rows; r++) {
        double y = (double)d->target[r];
        p->lowest = y < p->lowest ? y : p->lowest;
        p->highest = y > p->highest ? y : p->highest;
        sum += y;
    }
    p->mean = sum / d->rows;
    double square = 0;
    for (uint32_t r = 0; r < d->rows; r++)
        square += ((double)d->target[r] - p->mean) * ((double)d->target[r] - p->mean);
    p->deviation = square > 0 ? sqrt(square / d->rows) : 1;
}

static int find_runs(struct gibbs_plan *p, struct mq_error *err)
{
    const struct gibbs_data *d = p->data;
    const uint32_t *of = d->block[0].of_row;
    for (uint32_t r = 1; r < d->rows; r++) {
        if (of[r - 1] > of[r])
            return 0;
    }
    p->run = calloc((size_t)d->block[0].n + 1, sizeof(*p->run));
    if (!p->run)
        return no_memory(err);
    for (uint32_t r = 0; r < d->rows; r++)
        p->run[of[r] + 1]++;
    for (uint32_t e = 0; e < d->block[0].n; e++)
        p->run[e + 1] += p->run[e];
    return 0;
}

int gibbs_plan_init(struct gibbs_plan *p, const struct gibbs_data *d,
                    const struct gibbs_settings *settings, struct mq_error *err)
{
    *p = (struct gibbs_plan){.data = d, .rank = settings->rank, .start = settings->start};
    int rc = check(d, settings, err);
    for (size_t b = 0; rc == 0 && b < d->n_blocks; b++) {
        const struct gibbs_block *block = &d->block[b];
        for (size_t g = 0; rc == 0 && g <= block->n_sets; g++) {
            p->at[b][g] = p->level_size;
            p->features[b][g] = g == 0 ? block->n : block->sets[g - 1]->cols;
            p->level_size += p->features[b][g];
            if (p->features[b][g] > p->most_features)
                p->most_features = p->features[b][g];
            if (g > 0)
                rc = add_set(p, b, g - 1, err);
        }
        if (block->n > p->most_entities)
            p->most_entities = block->n;
    }
    if (rc == 0)
        rc = find_runs(p, err);
    if (rc) {
        gibbs_plan_release(p);
        return rc;
    }
    take_range(p);
    return 0;
}

void gibbs_plan_release(struct gibbs_plan *p)
{
    for (size_t b = 0; b < GIBBS_BLOCKS; b++) {
        for (size_t s = 0; s < GIBBS_SETS; s++) {
            csr_release(&p->members[b][s]);
            free(p->scale[b][s]);
        }
    }
    free(p->run);
    *p = (struct gibbs_plan){0};
}

static void first_values(struct gibbs_chain *c)
{
    const struct gibbs_plan *p = c->plan;
    c->w = p->mean;
    c->precision = 1 / (p->deviation * p->deviation);
    double first = p->start * sqrt(p->deviation);
    for (size_t i = p->level_size; i < p->level_size * (p->rank + 1); i++)
        c->theta[i] = (float)(first * rng_normal(&c->rng));
    for (size_t level = 0; level <= p->rank; level++) {
        for (size_t b = 0; b < p->data->n_blocks; b++) {
            const struct gibbs_block *k = &p->data->block[b];
            if (k->last_absent)
                c->theta[level * p->level_size + p->at[b][0] + k->n - 1] = 0;
        }
    }
}

int gibbs_chain_init(struct gibbs_chain *c, const struct gibbs_plan *p, uint64_t seed,
                     uint64_t index, struct mq_error *err)
{
    const struct gibbs_data *d = p->data;
    size_t levels = p->rank + 1;
    size_t n = p->most_entities + 1;
    size_t cases = (size_t)d->cases + 1;
    size_t priors = levels * d->n_blocks * (GIBBS_SETS + 1);
    *c = (struct gibbs_chain){.plan = p};
    c->mean = calloc(priors, sizeof(double));
    c->lambda = calloc(priors, sizeof(double));
    c->theta = calloc(levels * p->level_size, sizeof(float));
    c->residual = calloc(d->rows, sizeof(float));
    c->total = calloc(d->rows, sizeof(float));
    c->sums = calloc(n, sizeof(*c->sums));
    c->lane = aligned_alloc(64, (n * sizeof(*c->lane) + 63) / 64 * 64);
    c->move = calloc(n, sizeof(*c->move));
    c->normal = calloc(p->most_features + 1, sizeof(float));
    c->guess = calloc(cases, sizeof(float));
    c->level_sum = calloc(cases, sizeof(float));
    c->case_sum = calloc(cases, sizeof(double));
    c->case_square = calloc(cases, sizeof(double));
    bool fine = c->mean && c->lambda && c->theta && c->residual && c->total && c->sums && c->lane &&
                c->move && c->normal && c->guess && c->level_sum && c->case_sum && c->case_square;
    for (size_t b = 0; b < d->n_blocks; b++) {
        c->q[b] = calloc(levels * d->block[b].n + 1, sizeof(float));
        fine &= c->q[b] != NULL;
    }
    if (!fine) {
        gibbs_chain_release(c);
        return no_memory(err);
    }
    rng_seed_stream(&c->rng, seed, index);
    first_values(c);
    gibbs_chain_settle(c);
    return 0;
}

void gibbs_chain_release(struct gibbs_chain *c)
{
    free(c->mean);
    free(c->lambda);
    free(c->theta);
    free(c->residual);
    free(c->total);
    free(c->sums);
    free(c->lane);
    free(c->move);
    free(c->normal);
    free(c->guess);
    free(c->level_sum);
    free(c->case_sum);
    free(c->case_square);
    for (size_t b = 0; b < GIBBS_BLOCKS; b++)
        free(c->q[b]);
    *c = (struct gibbs_chain){0};
}

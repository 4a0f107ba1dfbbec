/* gibbs_chain.c - the draws of one chain. Letters: v feature, q entity, e residual, h = dy/dq. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "train/gibbs_inside.h"

/* Priors of the priors (Salakhutdinov, Mnih 2008, 3.1), weak: with the rate of 1 that is often taken factors that
 * explain nothing stay large, and rank 32 was worse than rank 16 on MovieLens 100K. The rate goes by the spread of
 * the ratings, so that another scale of stars gives the same model. */
static const double prior_shape = 1, prior_rate = 0.01, prior_count = 1;

static float *features(const struct gibbs_chain *c, size_t level, size_t block, size_t group)
{
    return c->theta + level * c->plan->level_size + c->plan->at[block][group];
}

static float *entities(const struct gibbs_chain *c, size_t level, size_t block)
{
    return c->q[block] + level * c->plan->data->block[block].n;
}

static size_t prior_at(const struct gibbs_chain *c, size_t level, size_t block, size_t group)
{
    return (level * c->plan->data->n_blocks + block) * (GIBBS_SETS + 1) + group;
}

static bool has_level(const struct gibbs_block *b, size_t level)
{
    return level == 0 || !b->bias_only;
}

/* ------------------------------------------------------------------ exact sums */

static void settle_entities(struct gibbs_chain *c, size_t level, size_t block)
{
    const struct gibbs_block *b = &c->plan->data->block[block];
    float *q = entities(c, level, block);
    memcpy(q, features(c, level, block, 0), b->n * sizeof(*q));
    for (size_t s = 0; s < b->n_sets; s++) {
        const float *v = features(c, level, block, s + 1);
        const float *scale = c->plan->scale[block][s];
        for (uint32_t e = 0; e < b->n; e++) {
            struct csr_row row = csr_row(b->sets[s], e);
            double sum = 0;
            for (size_t k = 0; k < row.n; k++)
                sum += (double)v[row.col[k]];
            q[e] += (float)sum * scale[e];
        }
    }
}

/* total[r] = sum over blocks of q of row r; two blocks at once, since most data have two with factors. */
static void sum_level(struct gibbs_chain *c, size_t level)
{
    const struct gibbs_data *d = c->plan->data;
    size_t with[GIBBS_BLOCKS];
    size_t n = 0;
    for (size_t b = 0; b < d->n_blocks; b++)
        if (has_level(&d->block[b], level))
            with[n++] = b;
    size_t k = 0;
    if (n < 2) {
        memset(c->total, 0, d->rows * sizeof(float));
    } else {
        const float *q = entities(c, level, with[0]);
        const float *p = entities(c, level, with[1]);
        const uint32_t *of_q = d->block[with[0]].of_row;
        const uint32_t *of_p = d->block[with[1]].of_row;
        for (uint32_t r = 0; r < d->rows; r++)
            c->total[r] = q[of_q[r]] + p[of_p[r]];
        k = 2;
    }
    for (; k < n; k++) {
        const float *q = entities(c, level, with[k]);
        const uint32_t *of = d->block[with[k]].of_row;
        for (uint32_t r = 0; r < d->rows; r++)
            c->total[r] += q[of[r]];
    }
}

/* Pairs of blocks at a factor: ((sum q)^2 - sum q^2) / 2. */
static void subtract_level(struct gibbs_chain *c, size_t level)
{
    const struct gibbs_data *d = c->plan->data;
    sum_level(c, level);
    for (uint32_t r = 0; r < d->rows; r++)
        c->residual[r] -= level == 0 ? c->total[r] : c->total[r] * c->total[r] / 2;
    for (size_t b = 0; level > 0 && b < d->n_blocks; b++) {
        if (d->block[b].bias_only)
            continue;
        const float *q = entities(c, level, b);
        const uint32_t *of = d->block[b].of_row;
        for (uint32_t r = 0; r < d->rows; r++)
            c->residual[r] += q[of[r]] * q[of[r]] / 2;
    }
}

void gibbs_chain_settle(struct gibbs_chain *c)
{
    const struct gibbs_data *d = c->plan->data;
    for (size_t level = 0; level <= c->plan->rank; level++) {
        for (size_t b = 0; b < d->n_blocks; b++) {
            if (has_level(&d->block[b], level))
                settle_entities(c, level, b);
        }
    }
    for (uint32_t r = 0; r < d->rows; r++)
        c->residual[r] = d->target[r] - (float)c->w;
    for (size_t level = 0; level <= c->plan->rank; level++)
        subtract_level(c, level);
}

/* ------------------------------------------------------------------ draws */

/* Mean and precision of a group's features (normal-gamma). */
static void draw_prior(struct gibbs_chain *c, size_t level, size_t at, const float *v, size_t n)
{
    double spread = c->plan->deviation;
    double rate = prior_rate * (level == 0 ? spread * spread : spread);
    double sum = 0;
    for (size_t f = 0; f < n; f++)
        sum += (double)v[f];
    double mean = sum / ((double)n + prior_count);
    double square = 0;
    for (size_t f = 0; f < n; f++)
        square += ((double)v[f] - mean) * ((double)v[f] - mean);
    square += prior_count * mean * mean;
    c->lambda[at] = rng_gamma(&c->rng, (prior_shape + (double)n) / 2) * 2 / (rate + square);
    c->mean[at] = mean + rng_normal(&c->rng) / sqrt(((double)n + prior_count) * c->lambda[at]);
}

/* How many rows each has, and the sum of residuals: h is 1. */
static void sum_biases(struct gibbs_chain *c, size_t block)
{
    const struct gibbs_data *d = c->plan->data;
    const uint32_t *of = d->block[block].of_row;
    for (uint32_t r = 0; r < d->rows; r++) {
        struct kernel_sums *s = &c->sums[of[r]];
        s->hh += 1;
        s->he += (double)c->residual[r];
    }
}

static void sum_factors(struct gibbs_chain *c, size_t level, size_t block)
{
    const struct gibbs_data *d = c->plan->data;
    const struct kernels *kernels = math_kernels();
    const uint32_t *of = d->block[block].of_row;
    const float *q = entities(c, level, block);
    const uint32_t *run = block == 0 ? c->plan->run : NULL;
    if (run) {
        for (uint32_t e = 0; e < d->block[block].n; e++)
            c->sums[e] = kernels->rows_sum(c->total + run[e], c->residual + run[e],
                                           run[e + 1] - run[e], q[e]);
        return;
    }
    for (uint32_t r = 0; r < d->rows; r++) {
        struct kernel_sums *s = &c->sums[of[r]];
        float h = c->total[r] - q[of[r]];
        s->hh += (double)(h * h);
        s->he += (double)(h * c->residual[r]);
    }
}

static void add_sums(struct gibbs_chain *c, size_t level, size_t block)
{
    memset(c->sums, 0, c->plan->data->block[block].n * sizeof(*c->sums));
    if (level == 0)
        sum_biases(c, block);
    else
        sum_factors(c, level, block);
}

static void move_factors(struct gibbs_chain *c, size_t block)
{
    const struct gibbs_data *d = c->plan->data;
    const struct kernels *kernels = math_kernels();
    const uint32_t *of = d->block[block].of_row;
    const uint32_t *run = block == 0 ? c->plan->run : NULL;
    if (run) {
        for (uint32_t e = 0; e < d->block[block].n; e++)
            kernels->rows_move(c->total + run[e], c->residual + run[e], run[e + 1] - run[e],
                               c->move[e].was, c->move[e].step);
        return;
    }
    for (uint32_t r = 0; r < d->rows; r++) {
        struct gibbs_move m = c->move[of[r]];
        c->residual[r] -= (c->total[r] - m.was) * m.step;
        c->total[r] += m.step;
    }
}

static void apply_moves(struct gibbs_chain *c, size_t level, size_t block)
{
    const struct gibbs_data *d = c->plan->data;
    const uint32_t *of = d->block[block].of_row;
    float *q = entities(c, level, block);
    if (level == 0) {
        for (uint32_t r = 0; r < d->rows; r++)
            c->residual[r] -= c->move[of[r]].step;
    } else {
        for (uint32_t e = 0; e < d->block[block].n; e++)
            c->move[e].was = q[e];
        move_factors(c, block);
    }
    for (uint32_t e = 0; e < d->block[block].n; e++)
        q[e] += c->move[e].step;
}

/* The entities' own features: given the rest they are independent. */
static void draw_own(struct gibbs_chain *c, size_t level, size_t block)
{
    float *v = features(c, level, block, 0);
    size_t at = prior_at(c, level, block, 0);
    const struct gibbs_block *b = &c->plan->data->block[block];
    uint32_t n = b->last_absent ? b->n - 1 : b->n;
    c->move[n].step = 0;
    draw_prior(c, level, at, v, n);
    rng_normals(&c->rng, c->normal, n);
    double lambda = c->lambda[at];
    double pull = lambda * c->mean[at];
    for (uint32_t e = 0; e < n; e++) {
        struct kernel_sums *s = &c->sums[e];
        double precision = c->precision * s->hh + lambda;
        double mean = (c->precision * (s->he + s->hh * (double)v[e]) + pull) / precision;
        float drawn = (float)(mean + (double)c->normal[e] / sqrt(precision));
        float step = drawn - v[e];
        s->he -= s->hh * (double)step;
        v[e] = drawn;
        c->move[e].step = step;
    }
}

/* A set's members, one after the other: each touches the sums of the entities that have it. */
static void draw_set(struct gibbs_chain *c, size_t level, size_t block, size_t set)
{
    const struct kernels *kernels = math_kernels();
    const struct csr *members = &c->plan->members[block][set];
    const float *scale = c->plan->scale[block][set];
    float *v = features(c, level, block, set + 1);
    size_t at = prior_at(c, level, block, set + 1);
    uint32_t n = c->plan->data->block[block].n;
    draw_prior(c, level, at, v, members->rows);
    rng_normals(&c->rng, c->normal, members->rows);
    double lambda = c->lambda[at];
    double pull = lambda * c->mean[at];
    for (uint32_t e = 0; e < n; e++) {
        double x = (double)scale[e];
        c->lane[e] = (struct kernel_lane){
            .he = (float)(c->sums[e].he * x), .hh = (float)(c->sums[e].hh * x * x), .one = 1};
    }
    for (uint32_t m = 0; m < members->rows; m++) {
        struct csr_row row = csr_row(members, m);
        struct kernel_sums s = kernels->lanes_sum(c->lane, row.col, row.n);
        double precision = c->precision * s.hh + lambda;
        double mean = (c->precision * (s.he + s.hh * (double)v[m]) + pull) / precision;
        float drawn = (float)(mean + (double)c->normal[m] / sqrt(precision));
        kernels->lanes_move(c->lane, row.col, row.n, drawn - v[m]);
        v[m] = drawn;
    }
    for (uint32_t e = 0; e < n; e++) {
        float step = scale[e] * c->lane[e].moved;
        c->sums[e].he -= c->sums[e].hh * (double)step;
        c->move[e].step += step;
    }
}

static void draw_block(struct gibbs_chain *c, size_t level, size_t block)
{
    const struct gibbs_block *b = &c->plan->data->block[block];
    if (!has_level(b, level))
        return;
    add_sums(c, level, block);
    draw_own(c, level, block);
    for (size_t s = 0; s < b->n_sets; s++)
        draw_set(c, level, block, s);
    apply_moves(c, level, block);
}

static void draw_noise(struct gibbs_chain *c)
{
    const struct gibbs_data *d = c->plan->data;
    double square = 0;
    double sum = 0;
    for (uint32_t r = 0; r < d->rows; r++) {
        square += (double)c->residual[r] * (double)c->residual[r];
        sum += (double)c->residual[r];
    }
    c->last_rmse = sqrt(square / d->rows);
    double rate = prior_rate * prior_rate * c->plan->deviation * c->plan->deviation;
    c->precision = rng_gamma(&c->rng, (prior_shape + d->rows) / 2) * 2 / (rate + square);
    double step = sum / d->rows + rng_normal(&c->rng) / sqrt(c->precision * d->rows);
    c->w += step;
    for (uint32_t r = 0; r < d->rows; r++)
        c->residual[r] -= (float)step;
}

void gibbs_chain_sweep(struct gibbs_chain *c)
{
    const struct gibbs_data *d = c->plan->data;
    draw_noise(c);
    for (size_t level = 0; level <= c->plan->rank; level++) {
        if (level > 0)
            sum_level(c, level);
        for (size_t b = 0; b < d->n_blocks; b++)
            draw_block(c, level, b);
    }
    c->sweeps++;
}

void gibbs_chain_keep(struct gibbs_chain *c)
{
    const struct gibbs_data *d = c->plan->data;
    for (uint32_t i = 0; i < d->cases; i++)
        c->guess[i] = (float)c->w;
    for (size_t level = 0; level <= c->plan->rank; level++) {
        memset(c->level_sum, 0, d->cases * sizeof(float));
        for (size_t b = 0; b < d->n_blocks; b++) {
            if (!has_level(&d->block[b], level))
                continue;
            const float *q = entities(c, level, b);
            const uint32_t *of = d->block[b].of_case;
            for (uint32_t i = 0; i < d->cases; i++) {
                c->level_sum[i] += q[of[i]];
                if (level > 0)
                    c->guess[i] -= q[of[i]] * q[of[i]] / 2;
            }
        }
        for (uint32_t i = 0; i < d->cases; i++)
            c->guess[i] += level == 0 ? c->level_sum[i] : c->level_sum[i] * c->level_sum[i] / 2;
    }
    for (uint32_t i = 0; i < d->cases; i++) {
        double y = (double)c->guess[i];
        y = y < c->plan->lowest ? c->plan->lowest : y > c->plan->highest ? c->plan->highest : y;
        c->case_sum[i] += y;
        c->case_square[i] += y * y;
    }
    c->noise_sum += 1 / c->precision;
    c->kept++;
}

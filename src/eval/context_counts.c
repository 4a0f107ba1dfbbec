/* context_counts.c - counts in context: a tenth of the (viewer, context) groups is held out whole, all titles are
 * ranked for each (context_habits.h).
 *
 * Everything that is not counted (pull, power, taste, own, all, weights) is chosen on further groups held out of the
 * training, separately for each of the three models. */
#include <math.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/rng.h"
#include "eval/context_habits.h"
#include "math/ranking_metrics.h"
#include "math/topk.h"

enum { TENTH = 10, VALIDATION_GROUPS = 800, PLACES = 10, ROUNDS = 2 };
#define TABLE_FLOATS_MAX ((size_t)1 << 28) /* groups x columns x titles held at once */

/* Groups to rank for, and which titles are in each. */
struct groups {
    size_t n;
    uint32_t *row;      /* (n) a row that has its viewer and context */
    struct csr targets; /* (n, titles) */
};

static int no_memory(struct mq_error *err)
{
    return mq_fail(err, MQ_NO_MEMORY, "context: no memory: give the process more");
}

/* Tables of all groups, so that weights can be tried quickly: base (n, titles) and columns (n, columns, titles). */
struct tables {
    const struct habits *c;
    const struct groups *g;
    const struct habit_knobs *k;
    uint32_t *const *code; /* contexts of the groups */
    float *base, *lift;
    float **scratch; /* (threads) 3 titles each */
    size_t threads;
    bool with;
};

static void fill_tables(void *ctx, size_t from, size_t to, size_t worker)
{
    struct tables *x = ctx;
    const struct habits *c = x->c;
    size_t n = c->n_titles;
    float *p = x->scratch[worker];
    for (size_t g = from; g < to; g++) {
        uint32_t row = x->g->row[g];
        uint32_t viewer = c->t->rows.viewer[row];
        habits_base(c, x->k, viewer, x->base + g * n, p);
        for (size_t k = 0; x->with && k < c->t->n_columns; k++) {
            float *to_lift = x->lift + (g * c->t->n_columns + k) * n;
            uint32_t v = c->t->code[k][row];
            if (c->use[k] && v < c->t->levels[k] && c->level[k][v] > 0)
                habits_column(c, x->k, viewer, k, v, p, p + n, to_lift);
            else
                memset(to_lift, 0, n * sizeof(float));
        }
    }
}

static int tables_init(struct tables *x, size_t threads, struct mq_error *err)
{
    size_t n = x->c->n_titles;
    size_t columns = x->with ? x->c->t->n_columns : 0;
    if (x->g->n * (columns + 1) * n > TABLE_FLOATS_MAX)
        return mq_fail(err, MQ_TOO_LARGE,
                       "context: %zu groups of %zu titles: take a smaller table or fewer columns",
                       x->g->n, n);
    x->threads = threads;
    x->base = malloc((x->g->n * n + 1) * sizeof(float));
    x->lift = malloc((x->g->n * columns * n + 1) * sizeof(float));
    x->scratch = calloc(threads, sizeof(*x->scratch));
    bool fine = x->base && x->lift && x->scratch;
    for (size_t k = 0; fine && k < threads; k++) {
        x->scratch[k] = calloc(3 * n + 1, sizeof(float));
        fine = x->scratch[k] != NULL;
    }
    return fine ? 0 : no_memory(err);
}

static void tables_release(struct tables *x)
{
    for (size_t k = 0; x->scratch && k < x->threads; k++)
        free(x->scratch[k]);
    free(x->scratch);
    free(x->base);
    free(x->lift);
    x->scratch = NULL;
    x->base = x->lift = NULL;
}

/* NDCG@10 of one group; only titles whose `in` equals `wanted` compete (2: all). NaN without a target. */
static double ndcg(const float *score, const uint8_t *in, uint8_t wanted, struct csr_row targets,
                   uint32_t n_titles, float *scratch)
{
    struct topk_item best[PLACES];
    size_t n_targets = 0;
    for (uint32_t i = 0; i < n_titles; i++)
        scratch[i] = wanted < 2 && in[i] != wanted ? -INFINITY : score[i];
    for (size_t k = 0; k < targets.n; k++)
        n_targets += wanted == 2 || in[targets.col[k]] == wanted;
    if (n_targets == 0)
        return NAN;
    size_t n = topk_select(scratch, n_titles, NULL, PLACES, best);
    bool hit[PLACES] = {false};
    for (size_t place = 0; place < n; place++) {
        for (size_t k = 0; k < targets.n; k++)
            hit[place] |=
                targets.col[k] == best[place].index && isfinite((double)best[place].score);
    }
    return ndcg_at(hit, n, n_targets, PLACES);
}

struct judging {
    const struct tables *x;
    const double *weight;
    double *all, *seen, *unseen; /* (groups); seen and unseen may be NULL */
};

static void judge_groups(void *ctx, size_t from, size_t to, size_t worker)
{
    struct judging *j = ctx;
    const struct tables *x = j->x;
    size_t n = x->c->n_titles;
    float *score = x->scratch[worker];
    float *scratch = score + n;
    uint8_t *in = (uint8_t *)(score + 2 * n);
    for (size_t g = from; g < to; g++) {
        struct csr_row targets = csr_row(&x->g->targets, (uint32_t)g);
        memcpy(score, x->base + g * n, n * sizeof(float));
        for (size_t k = 0; x->with && k < x->c->t->n_columns; k++) {
            const float *lift = x->lift + (g * x->c->t->n_columns + k) * n;
            float w = (float)j->weight[k];
            for (size_t i = 0; w != 0 && i < n; i++)
                score[i] += w * lift[i];
        }
        j->all[g] = ndcg(score, in, 2, targets, (uint32_t)n, scratch);
        if (!j->seen)
            continue;
        struct csr_row own = csr_row(&x->c->own, x->c->t->rows.viewer[x->g->row[g]]);
        memset(in, 0, n);
        for (size_t k = 0; k < own.n; k++)
            in[own.col[k]] = 1;
        j->seen[g] = ndcg(score, in, 1, targets, (uint32_t)n, scratch);
        j->unseen[g] = ndcg(score, in, 0, targets, (uint32_t)n, scratch);
    }
    memset(score, 0, 3 * n * sizeof(float)); /* the tables expect zeros */
}

/* ------------------------------------------------------------------ choosing */

struct search {
    struct tables x;
    struct habit_knobs best, trial;
    double score;
    double *value; /* (groups) */
    struct pool *pool;
};

static double judged(struct search *s)
{
    struct judging j = {.x = &s->x, .weight = s->trial.weight, .all = s->value};
    pool_for(s->pool, s->x.g->n, 4, judge_groups, &j);
    double sum = 0;
    for (size_t g = 0; g < s->x.g->n; g++)
        sum += s->value[g];
    return s->x.g->n > 0 ? sum / (double)s->x.g->n : 0;
}

static void refill(struct search *s)
{
    s->x.k = &s->trial;
    pool_for(s->pool, s->x.g->n, 4, fill_tables, &s->x);
}

/* Try values of one knob, keep the best. */
static void try_knob(struct search *s, size_t offset, const double *values, size_t n)
{
    s->trial = s->best;
    for (size_t i = 0; i < n; i++) {
        double *knob = (double *)(void *)((char *)&s->trial + offset);
        *knob = values[i];
        refill(s);
        double score = judged(s);
        if (score > s->score) {
            s->score = score;
            s->best = s->trial;
        }
    }
    s->trial = s->best;
    refill(s);
}

static void try_weights(struct search *s)
{
    static const double values[] = {0, 0.25, 0.5, 0.75, 1, 1.5};
    for (int round = 0; round < ROUNDS; round++) {
        for (size_t c = 0; c < s->x.c->t->n_columns; c++) {
            if (!s->x.c->use[c])
                continue;
            for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
                s->trial = s->best;
                s->trial.weight[c] = values[i];
                double score = judged(s);
                if (score > s->score) {
                    s->score = score;
                    s->best = s->trial;
                }
            }
        }
    }
    s->trial = s->best;
}

/* First the base alone, then the columns on it. *ret_gain: of the columns, there. */
static int choose(const struct habits *c, const struct groups *g, bool with, struct habit_knobs *k,
                  double *ret_gain, struct pool *pool, struct mq_error *err)
{
    static const double pulls[] = {0.3, 1, 3, 10, 30};
    static const double powers[] = {0.5, 0.75, 1};
    static const double tastes[] = {0, 2, 4, 8};
    static const double owns[] = {1, 5, 20, 80};
    static const double alls[] = {1, 5, 20, 80};
    struct search s = {.x = {.c = c, .g = g}, .best = *k, .trial = *k, .pool = pool, .score = -1};
    s.value = calloc(g->n + 1, sizeof(double));
    s.x.with = with;
    int rc = s.value ? tables_init(&s.x, pool_threads(pool), err) : no_memory(err);
    if (rc == 0 && !with) {
        try_knob(&s, offsetof(struct habit_knobs, taste), tastes, 4);
        try_knob(&s, offsetof(struct habit_knobs, power), powers, 3);
        try_knob(&s, offsetof(struct habit_knobs, pull), pulls, 5);
        try_knob(&s, offsetof(struct habit_knobs, taste), tastes, 4);
    } else if (rc == 0) {
        refill(&s);
        double before = s.score = judged(&s); /* weights of 0: as without */
        for (size_t i = 0; i < c->t->n_columns; i++)
            s.best.weight[i] = c->use[i] ? 0.5 : 0;
        s.score = -1;
        try_knob(&s, offsetof(struct habit_knobs, all), alls, 4);
        try_knob(&s, offsetof(struct habit_knobs, own), owns, 4);
        try_weights(&s);
        if (ret_gain)
            *ret_gain = s.score - before;
        if (s.score <= before)
            memset(s.best.weight, 0, sizeof(s.best.weight));
    }
    *k = s.best;
    tables_release(&s.x);
    free(s.value);
    return rc;
}

/* ------------------------------------------------------------------ groups */

static int same_group(const struct context_table *t, uint32_t *const *code, size_t i,
                      struct intern *seen, uint32_t *ret, struct mq_error *err)
{
    uint32_t key[CONTEXT_COLUMNS + 1];
    key[0] = t->rows.viewer[i];
    for (size_t c = 0; c < t->n_columns; c++)
        key[c + 1] = code[c][i];
    return intern_add(seen, (struct str){(const char *)key, (t->n_columns + 1) * sizeof(*key)}, ret,
                      NULL, err);
}

/* Of the groups of the rows with learn[i], a tenth (at most `most`) is held out: their learn[i] becomes 0. */
static int hold_out(const struct context_table *t, uint32_t *const *code, uint8_t *learn,
                    size_t most, uint64_t seed, struct groups *ret, struct mq_error *err)
{
    struct intern *seen = NULL;
    struct triples targets = {0};
    struct rng rng;
    uint32_t *group = calloc(t->rows.n + 1, sizeof(*group));
    int rc = group ? intern_new(&seen, err) : no_memory(err);
    for (size_t i = 0; rc == 0 && i < t->rows.n; i++)
        rc = learn[i] ? same_group(t, code, i, seen, &group[i], err) : 0;
    uint32_t n = rc == 0 ? intern_count(seen) : 0;
    uint32_t *order = calloc((size_t)n + 1, sizeof(*order));
    uint32_t *number = calloc((size_t)n + 1, sizeof(*number));
    size_t held = n / TENTH < most ? n / TENTH : most;
    ret->row = calloc(held + 1, sizeof(*ret->row));
    if (rc == 0 && (!order || !number || !ret->row))
        rc = no_memory(err);
    if (rc == 0) {
        rng_seed(&rng, seed);
        for (uint32_t k = 0; k < n; k++)
            order[k] = k;
        rng_shuffle_u32(&rng, order, n);
        for (size_t k = 0; k < held; k++)
            number[order[k]] = (uint32_t)k + 1;
    }
    for (size_t i = 0; rc == 0 && i < t->rows.n; i++) {
        uint32_t k = learn[i] ? number[group[i]] : 0;
        if (k == 0)
            continue;
        learn[i] = 0;
        ret->row[k - 1] = (uint32_t)i;
        rc = triples_add(&targets, k - 1, t->rows.title[i], 1, 0, err);
    }
    ret->n = held;
    if (rc == 0)
        rc = triples_to_csr(&targets, (uint32_t)held, intern_count(t->book.titles), INT64_MIN,
                            INT64_MAX, &ret->targets, err);
    triples_release(&targets);
    intern_free(seen);
    free(group);
    free(order);
    free(number);
    return rc;
}

static void groups_release(struct groups *g)
{
    free(g->row);
    csr_release(&g->targets);
    *g = (struct groups){0};
}

/* ------------------------------------------------------------------ the three models */

struct held {
    uint8_t *learn; /* (rows) not in a test group */
    struct groups test;
};

static int judge_model(const struct context_table *t, const struct context_options *o,
                       const bool *use, uint32_t *const *code, const struct held *h, int model,
                       struct habit_knobs *knobs, struct pool *pool, struct context_cases *ret,
                       double *ret_gain, struct mq_error *err)
{
    struct context_table own = *t; /* its codes are those learnt from; tests keep theirs */
    struct habits c = {0};
    struct groups validation = {0};
    uint8_t *learn = malloc(t->rows.n + 1);
    int rc = learn ? 0 : no_memory(err);
    for (size_t k = 0; k < t->n_columns; k++)
        own.code[k] = code[k];
    if (rc == 0) {
        memcpy(learn, h->learn, t->rows.n);
        rc = hold_out(&own, code, learn, VALIDATION_GROUPS, o->seed + 1, &validation, err);
    }
    if (rc == 0)
        rc = habits_init(&c, &own, use, code, learn, o->seed, pool, err);
    if (rc == 0)
        rc = choose(&c, &validation, model != WITHOUT, knobs, ret_gain, pool, err);
    habits_release(&c);
    groups_release(&validation);
    if (rc == 0)
        rc = habits_init(&c, t, use, code, h->learn, o->seed, pool, err);
    struct tables x = {.c = &c, .g = &h->test, .k = knobs, .with = model != WITHOUT};
    if (rc == 0)
        rc = tables_init(&x, pool_threads(pool), err);
    if (rc == 0) {
        struct judging j = {&x, knobs->weight, ret->score[model], ret->score_seen[model],
                            ret->score_unseen[model]};
        pool_for(pool, h->test.n, 4, fill_tables, &x);
        pool_for(pool, h->test.n, 4, judge_groups, &j);
    }
    tables_release(&x);
    habits_release(&c);
    free(learn);
    return rc;
}

int context_counts(const struct context_table *t, const struct context_options *o, const bool *use,
                   struct pool *pool, struct context_cases *ret, bool *ret_helps,
                   struct mq_error *err)
{
    struct held h = {.learn = calloc(t->rows.n + 1, 1)};
    struct context_cases c = {0};
    uint32_t *shuffled[CONTEXT_COLUMNS] = {0};
    struct habit_knobs base = {.pull = 3, .power = 1, .taste = 2, .own = 20, .all = 20};
    double gain = 0;
    int rc = h.learn ? 0 : no_memory(err);
    if (rc == 0) {
        memset(h.learn, 1, t->rows.n);
        rc = hold_out(t, t->code, h.learn, SIZE_MAX, o->seed, &h.test, err);
    }
    if (rc == 0 && h.test.n == 0)
        rc =
            mq_fail(err, MQ_INVALID,
                    "context: %zu rows: fewer than ten viewers in a context: give more", t->rows.n);
    if (rc == 0)
        rc = context_cases_init(&c, h.test.n, true, err);
    if (rc == 0)
        rc = context_shuffle(t, h.learn, o->seed, shuffled, err);
    for (size_t g = 0; rc == 0 && g < h.test.n; g++)
        c.viewer[g] = t->rows.viewer[h.test.row[g]];
    for (int m = 0; rc == 0 && m < CONTEXT_MODELS; m++) {
        struct habit_knobs k = base;
        if (o->progress && !o->progress(o->progress_ctx, "context models", (uint64_t)m, 3))
            rc = mq_fail(err, MQ_CANCELLED, "evaluate: stopped");
        if (rc == 0)
            rc = judge_model(t, o, use, m == SHUFFLED ? shuffled : t->code, &h, m, &k, pool, &c,
                             m == WITH ? &gain : NULL, err);
        if (m == WITHOUT)
            base = k;
    }
    *ret_helps = gain > 0;
    for (size_t k = 0; k < CONTEXT_COLUMNS; k++)
        free(shuffled[k]);
    free(h.learn);
    groups_release(&h.test);
    if (rc)
        context_cases_release(&c);
    else
        *ret = c;
    return rc;
}

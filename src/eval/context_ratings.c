/* context_ratings.c - ratings in context: folds of rows, a Bayesian factorisation machine (train/gibbs.h) with a block
 * for each column. Without context, with it, and shuffled it is the same model with the same seed. One shuffling of
 * a small table is luck: it is done several times, and the squared errors are averaged. */
#include <math.h>
#include <stdlib.h>

#include "base/rng.h"
#include "eval/context_gain.h"
#include "train/gibbs.h"

enum { FOLDS = 5, INNER_TENTH = 10, SHUFFLINGS = 3, SMALL_ROWS = 20000 };

/* Contexts of the rows, shuffled. */
struct shuffling {
    uint32_t *code[CONTEXT_COLUMNS];
};

/* Rows split into those learnt from and those predicted. */
struct split {
    const struct context_table *t;
    const bool *use;
    size_t n_train, n_cases;
    uint32_t *train, *cases; /* row numbers, train by viewer */
    float *target;
    uint32_t *of_row[GIBBS_BLOCKS], *of_case[GIBBS_BLOCKS];
    struct csr titles_of, viewers_of;
};

static int no_memory(struct mq_error *err)
{
    return mq_fail(err, MQ_NO_MEMORY, "context: no memory: give the process more");
}

static void split_release(struct split *s)
{
    free(s->train);
    free(s->cases);
    free(s->target);
    for (size_t b = 0; b < GIBBS_BLOCKS; b++) {
        free(s->of_row[b]);
        free(s->of_case[b]);
    }
    csr_release(&s->titles_of);
    csr_release(&s->viewers_of);
    *s = (struct split){0};
}

static int sets(struct split *s, struct mq_error *err)
{
    const struct context_table *t = s->t;
    struct triples fit = {0};
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < s->n_train; i++)
        rc = triples_add(&fit, t->rows.viewer[s->train[i]], t->rows.title[s->train[i]], 1, 0, err);
    if (rc == 0)
        rc = triples_to_csr(&fit, intern_count(t->book.viewers), intern_count(t->book.titles),
                            INT64_MIN, INT64_MAX, &s->titles_of, err);
    if (rc == 0)
        rc = csr_transpose(&s->titles_of, &s->viewers_of, err);
    triples_release(&fit);
    return rc;
}

/* Rows with part[i] == 0 are learnt from, those with 1 are predicted, others left out. */
static int split_init(struct split *s, const struct context_table *t, const bool *use,
                      const uint8_t *part, struct mq_error *err)
{
    size_t n = t->rows.n;
    size_t blocks = 2 + t->n_columns;
    *s = (struct split){.t = t, .use = use};
    s->train = calloc(n + 1, sizeof(uint32_t));
    s->cases = calloc(n + 1, sizeof(uint32_t));
    s->target = calloc(n + 1, sizeof(float));
    bool fine = s->train && s->cases && s->target;
    for (size_t b = 0; b < blocks; b++) {
        s->of_row[b] = calloc(n + 1, sizeof(uint32_t));
        s->of_case[b] = calloc(n + 1, sizeof(uint32_t));
        fine &= s->of_row[b] && s->of_case[b];
    }
    if (!fine)
        return no_memory(err);
    for (size_t i = 0; i < n; i++) {
        if (part[i] == 0)
            s->train[s->n_train++] = (uint32_t)i;
        else if (part[i] == 1)
            s->cases[s->n_cases++] = (uint32_t)i;
    }
    for (size_t i = 0; i < s->n_train; i++)
        s->target[i] = t->rows.weight[s->train[i]];
    return s->n_train > 0 ? sets(s, err)
                          : mq_fail(err, MQ_INVALID, "context: %zu rows: too few for the folds", n);
}

static void fill(struct split *s, size_t block, const uint32_t *of)
{
    for (size_t i = 0; i < s->n_train; i++)
        s->of_row[block][i] = of[s->train[i]];
    for (size_t i = 0; i < s->n_cases; i++)
        s->of_case[block][i] = of[s->cases[i]];
}

/* Predict the cases; `code` NULL: without context. */
static int predict(struct split *s, uint32_t *const *code, uint64_t seed, struct pool *pool,
                   struct gibbs_answer *ret, struct mq_error *err)
{
    const struct context_table *t = s->t;
    struct gibbs_settings settings = {.seed = seed};
    struct train_watch quiet = {0};
    struct gibbs_data d = {.rows = (uint32_t)s->n_train,
                           .cases = (uint32_t)s->n_cases,
                           .target = s->target,
                           .n_blocks = 2};
    fill(s, 0, t->rows.viewer);
    fill(s, 1, t->rows.title);
    d.block[0] = (struct gibbs_block){
        .n = intern_count(t->book.viewers), .sets = {&s->titles_of}, .n_sets = 1};
    d.block[1] = (struct gibbs_block){
        .n = intern_count(t->book.titles), .sets = {&s->viewers_of}, .n_sets = 1};
    for (size_t c = 0; code && c < t->n_columns; c++) {
        if (!s->use[c])
            continue;
        fill(s, d.n_blocks, code[c]);
        d.block[d.n_blocks++] = (struct gibbs_block){.n = t->levels[c] + 1, .last_absent = true};
    }
    for (size_t b = 0; b < d.n_blocks; b++) {
        d.block[b].of_row = s->of_row[b];
        d.block[b].of_case = s->of_case[b];
    }
    /* Small tables leave room for so many sweeps that sampling itself makes no difference: from the usual start the model
     * without context, which has least to go by, was still on its way when the others had arrived. */
    if (d.rows < SMALL_ROWS) {
        settings.start = 0.5;
        settings.burn_in = settings.samples = 300;
    }
    return gibbs_run(&d, &settings, pool, quiet, ret, err);
}

/* Add the squared errors, times `share`, of one model to the fold's cases. */
static int add_errors(struct split *s, uint32_t *const *code, double share, uint64_t seed,
                      struct pool *pool, double *to, struct mq_error *err)
{
    struct gibbs_answer a;
    int rc = predict(s, code, seed, pool, &a, err);
    if (rc)
        return rc;
    for (size_t i = 0; i < s->n_cases; i++) {
        double e = a.mean[i] - (double)s->t->rows.weight[s->cases[i]];
        to[i] += share * e * e;
    }
    gibbs_answer_release(&a);
    return 0;
}

static int fold(const struct context_table *t, const struct context_options *o, const bool *use,
                const struct shuffling *shuffled, size_t n_shuffled, const uint8_t *part,
                struct pool *pool, struct context_cases *ret, size_t *at, struct mq_error *err)
{
    struct split s;
    int rc = split_init(&s, t, use, part, err);
    size_t n = rc == 0 ? s.n_cases : 0;
    if (n > 0)
        rc = add_errors(&s, NULL, 1, o->seed, pool, ret->score[WITHOUT] + *at, err);
    if (rc == 0 && n > 0)
        rc = add_errors(&s, t->code, 1, o->seed, pool, ret->score[WITH] + *at, err);
    for (size_t k = 0; rc == 0 && n > 0 && k < n_shuffled; k++)
        rc = add_errors(&s, shuffled[k].code, 1 / (double)n_shuffled, o->seed, pool,
                        ret->score[SHUFFLED] + *at, err);
    for (size_t i = 0; rc == 0 && i < n; i++) {
        uint32_t viewer = t->rows.viewer[s.cases[i]];
        struct csr_row row = csr_row(&s.titles_of, viewer);
        ret->viewer[*at + i] = viewer;
        for (size_t k = 0; k < row.n; k++)
            ret->seen[*at + i] |= row.col[k] == t->rows.title[s.cases[i]];
    }
    *at += rc == 0 ? n : 0;
    split_release(&s);
    return rc;
}

/* Would context have been chosen without the first fold's test rows? Measured on a tenth of the others. */
static int choose(const struct context_table *t, const struct context_options *o, const bool *use,
                  const uint8_t *of_fold, struct pool *pool, bool *ret_helps, struct mq_error *err)
{
    uint8_t *part = calloc(t->rows.n + 1, 1);
    struct split s = {0};
    struct rng rng;
    double square[2] = {0};
    int rc = part ? 0 : no_memory(err);
    rng_seed_stream(&rng, o->seed, 79);
    for (size_t i = 0; rc == 0 && i < t->rows.n; i++)
        part[i] = of_fold[i] == 0 ? 2 : rng_below(&rng, INNER_TENTH) == 0;
    if (rc == 0)
        rc = split_init(&s, t, use, part, err);
    for (int m = WITHOUT; rc == 0 && m <= WITH; m++) {
        struct gibbs_answer a;
        rc = predict(&s, m == WITHOUT ? NULL : t->code, o->seed, pool, &a, err);
        for (size_t i = 0; rc == 0 && i < s.n_cases; i++)
            square[m] += pow(a.mean[i] - (double)t->rows.weight[s.cases[i]], 2);
        if (rc == 0)
            gibbs_answer_release(&a);
    }
    *ret_helps = square[WITH] < square[WITHOUT];
    split_release(&s);
    free(part);
    return rc;
}

int context_ratings(const struct context_table *t, const struct context_options *o, const bool *use,
                    struct pool *pool, struct context_cases *ret, bool *ret_helps,
                    struct mq_error *err)
{
    unsigned folds = o->folds ? o->folds : FOLDS;
    struct shuffling shuffled[SHUFFLINGS] = {0};
    size_t shufflings = t->rows.n < SMALL_ROWS ? SHUFFLINGS : 1;
    uint8_t *of_fold = calloc(t->rows.n + 1, 1);
    uint8_t *part = calloc(t->rows.n + 1, 1);
    struct context_cases c = {0};
    struct rng rng;
    size_t at = 0;
    int rc = of_fold && part ? 0 : no_memory(err);
    if (rc == 0 && (folds < 2 || folds > 100 || t->rows.n < folds))
        rc = mq_fail(err, MQ_INVALID, "--folds: %u of %zu rows: give 2 to 100, at most the rows",
                     folds, t->rows.n);
    if (rc == 0)
        rc = context_cases_init(&c, t->rows.n, false, err);
    for (size_t k = 0; rc == 0 && k < shufflings; k++)
        rc = context_shuffle(t, NULL, o->seed + k, shuffled[k].code, err);
    rng_seed_stream(&rng, o->seed, 78);
    for (size_t i = 0; rc == 0 && i < t->rows.n; i++)
        of_fold[i] = (uint8_t)rng_below(&rng, folds);
    for (unsigned f = 0; rc == 0 && f < folds; f++) {
        if (o->progress && !o->progress(o->progress_ctx, "folds", f, folds))
            rc = mq_fail(err, MQ_CANCELLED, "evaluate: stopped");
        for (size_t i = 0; i < t->rows.n; i++)
            part[i] = of_fold[i] == f;
        if (rc == 0)
            rc = fold(t, o, use, shuffled, shufflings, part, pool, &c, &at, err);
    }
    if (rc == 0)
        rc = choose(t, o, use, of_fold, pool, ret_helps, err);
    for (size_t k = 0; k < CONTEXT_COLUMNS; k++) {
        for (size_t m = 0; m < SHUFFLINGS; m++)
            free(shuffled[m].code[k]);
    }
    free(of_fold);
    free(part);
    if (rc)
        context_cases_release(&c);
    else
        *ret = c;
    return rc;
}

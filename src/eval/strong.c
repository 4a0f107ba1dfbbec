/* strong.c - strong generalisation (Liang, Krishnan, Hoffman, Jebara 2018): viewers of the test are not in the
 * training; part of their titles is folded in, the rest is to be found among all others. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/rng.h"
#include "eval/protocol.h"

/* Validation: a tenth of the training viewers, but as many as it takes to tell models apart where there are (at
 * most a quarter of them), with a fifth of their titles as targets. */
enum { VALIDATION_VIEWERS = 1000, VALIDATION_TENTH = 10, VALIDATION_LEAST = 150 };
/* Where these are few, others are held out in turn to choose the blend's weights: at most so many times. */
enum { FOLDS_MORE = 4 };
static const double validation_targets = 0.2;

struct files {
    struct id_book book;
    struct triples train, fold_in, test;
    uint32_t n_viewers, n_titles;
};

static int load(const struct eval_options *o, struct files *f, struct mq_error *err)
{
    int rc = id_book_init(&f->book, err);
    if (rc == 0)
        rc = rating_file_read(o->train, o->positive_min, &f->book, &f->train, err);
    if (rc == 0)
        rc = rating_file_read(o->fold_in, o->positive_min, &f->book, &f->fold_in, err);
    if (rc == 0)
        rc = rating_file_read(o->test, o->positive_min, &f->book, &f->test, err);
    if (rc)
        return rc;
    f->n_viewers = intern_count(f->book.viewers);
    f->n_titles = intern_count(f->book.titles);
    if (f->train.n == 0)
        return mq_fail(err, MQ_INVALID, "%s: no positive row: check --positive", o->train);
    return 0;
}

static void release(struct files *f)
{
    id_book_release(&f->book);
    triples_release(&f->train);
    triples_release(&f->fold_in);
    triples_release(&f->test);
}

static uint32_t validation_viewers(uint32_t active)
{
    uint32_t n = active / VALIDATION_TENTH;
    uint32_t least = active / 4 < VALIDATION_LEAST ? active / 4 : VALIDATION_LEAST;
    n = n < least ? least : n;
    n = n > VALIDATION_VIEWERS ? VALIDATION_VIEWERS : n;
    return n == 0 && active > 1 ? 1 : n;
}

/* A tenth of the training viewers become the test viewers of the validation: their rows leave `fit` and are split
 * into history and targets. part[i]: 0 fit, 1 history, 2 target. Fold 0 is the validation, the next ones hold out other
 * viewers; *ret_wanted is how many, 0 where none are left. */
static int part_rows(const struct triples *train, uint32_t n_viewers, uint64_t seed, uint32_t fold,
                     uint8_t *part, uint32_t *ret_wanted, struct mq_error *err)
{
    uint8_t *chosen = calloc((size_t)n_viewers + 1, 1);
    uint32_t *order = malloc(((size_t)n_viewers + 1) * sizeof(*order));
    struct rng rng;
    if (!chosen || !order) {
        free(chosen);
        free(order);
        return mq_fail(err, MQ_NO_MEMORY, "validation: no memory");
    }
    uint32_t active = 0;
    for (size_t i = 0; i < train->n; i++) {
        uint32_t v = train->viewer[i];
        if (!chosen[v])
            order[active++] = v;
        chosen[v] = 1;
    }
    memset(chosen, 0, n_viewers);
    rng_seed_stream(&rng, seed, 1);
    rng_shuffle_u32(&rng, order, active);
    uint32_t wanted = validation_viewers(active);
    if ((uint64_t)wanted * (fold + 1) > active || (fold > 0 && wanted * fold >= VALIDATION_VIEWERS))
        wanted = 0;
    for (uint32_t i = wanted * fold; i < wanted * (fold + 1); i++)
        chosen[order[i]] = 1;
    *ret_wanted = wanted;
    rng_seed_stream(&rng, seed, 2 + (uint64_t)fold);
    for (size_t i = 0; i < train->n; i++) {
        part[i] = 0;
        if (chosen[train->viewer[i]])
            part[i] = rng_double(&rng) < validation_targets ? 2 : 1;
    }
    free(chosen);
    free(order);
    return 0;
}

struct validating {
    struct histories fit, known;
    struct questions asked;
};

static void validating_release(struct validating *v)
{
    questions_release(&v->asked);
    histories_release(&v->fit);
    histories_release(&v->known);
}

/* ret->asked.n 0: no viewers are left for this fold. */
static int split(const struct files *f, uint64_t seed, uint32_t fold, struct validating *ret,
                 struct mq_error *err)
{
    uint32_t wanted = 0;
    const struct triples *t = &f->train;
    uint8_t *part = malloc(t->n + 1);
    uint8_t *keep = malloc(t->n + 1);
    struct triples held = {0};
    struct csr targets = {0};
    int rc = part && keep ? part_rows(t, f->n_viewers, seed, fold, part, &wanted, err)
                          : mq_fail(err, MQ_NO_MEMORY, "validation: no memory");
    if (rc || (fold > 0 && wanted == 0)) {
        free(part);
        free(keep);
        return rc;
    }
    for (size_t i = 0; rc == 0 && i < t->n; i++) {
        keep[i] = part[i] == 0;
        if (part[i] == 2)
            rc = triples_add(&held, t->viewer[i], t->title[i], 1, t->at_ms[i], err);
    }
    if (rc == 0)
        rc = histories_from(t, keep, f->n_viewers, f->n_titles, &ret->fit, err);
    for (size_t i = 0; rc == 0 && i < t->n; i++)
        keep[i] = part[i] == 1;
    if (rc == 0)
        rc = histories_from(t, keep, f->n_viewers, f->n_titles, &ret->known, err);
    if (rc == 0)
        rc = matrix_of_ones(&held, &f->book, &targets, err);
    if (rc == 0)
        rc = questions_of_viewers(&ret->known, &targets, &ret->asked, err);
    triples_release(&held);
    csr_release(&targets);
    free(part);
    free(keep);
    return rc;
}

static int judge(const struct eval_options *o, const struct files *f, const struct contestants *c,
                 struct pool *pool, struct eval_report *ret, struct mq_error *err)
{
    static const struct asked_metrics metrics = {{ASKED_RECALL20, ASKED_RECALL50, ASKED_NDCG100},
                                                 3};
    struct histories known = {0};
    struct csr targets = {0};
    struct questions asked = {0};
    int rc = histories_from(&f->fold_in, NULL, f->n_viewers, f->n_titles, &known, err);
    if (rc == 0)
        rc = matrix_of_ones(&f->test, &f->book, &targets, err);
    if (rc == 0)
        rc = questions_of_viewers(&known, &targets, &asked, err);
    if (rc == 0)
        rc = contestants_judge(c, &asked, NULL, &metrics, o, &f->book, pool, ret, err);
    questions_release(&asked);
    histories_release(&known);
    csr_release(&targets);
    return rc;
}

static int run(const struct eval_options *o, struct files *f, struct pool *pool,
               struct eval_report *ret, struct mq_error *err)
{
    struct histories all = {0};
    struct validating v[1 + FOLDS_MORE] = {0};
    struct weight_fold more[FOLDS_MORE];
    size_t n_more = 0;
    struct contestants c = {0};
    int rc = histories_from(&f->train, NULL, f->n_viewers, f->n_titles, &all, err);
    for (uint32_t k = 0; rc == 0 && k <= FOLDS_MORE; k++) {
        rc = split(f, o->seed, k, &v[k], err);
        if (rc == 0 && k > 0 && v[k].asked.n > 0)
            more[n_more++] = (struct weight_fold){&v[k].fit, v[k].asked.list, v[k].asked.n};
    }
    if (rc == 0) {
        struct lineup_validation validation = {.fit = &v[0].fit,
                                               .questions = v[0].asked.list,
                                               .n = v[0].asked.n,
                                               .by_ndcg100 = true,
                                               .more = more,
                                               .n_more = n_more};
        rc = contestants_train(&validation, &all, NULL, o, pool, &c, err);
    }
    if (rc == 0)
        rc = judge(o, f, &c, pool, ret, err);
    contestants_release(&c);
    for (size_t k = 0; k <= FOLDS_MORE; k++)
        validating_release(&v[k]);
    histories_release(&all);
    return rc;
}

int evaluate_strong(const struct eval_options *o, struct eval_report *ret, struct mq_error *err)
{
    int64_t started = clock_mono_ns();
    struct files f = {0};
    struct pool *pool = NULL;
    if (!o->train || !o->fold_in || !o->test)
        return mq_fail(err, MQ_INVALID, "strong: needs --train, --foldin and --test");
    *ret = (struct eval_report){.protocol = "strong", .seed = o->seed};
    int rc = load(o, &f, err);
    if (rc == 0)
        rc = pool_new(o->threads, &pool, err);
    if (rc == 0)
        rc = run(o, &f, pool, ret, err);
    ret->viewers = f.n_viewers;
    ret->titles = f.n_titles;
    ret->seconds = (double)(clock_mono_ns() - started) / 1e9;
    pool_free(pool);
    release(&f);
    return rc;
}

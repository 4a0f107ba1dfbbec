/* strong.c - strong generalisation (Liang, Krishnan, Hoffman, Jebara 2018): viewers of the test are not in the
 * training; part of their titles is folded in, the rest is to be found among all others. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/rng.h"
#include "eval/protocol.h"

/* Validation: a tenth of the training viewers, at most this many, with a fifth of their titles as targets. */
enum { VALIDATION_VIEWERS = 1000, VALIDATION_TENTH = 10 };
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

/* A tenth of the training viewers become the test viewers of the validation. Their rows leave `fit` (they stay
 * as empty rows, which training ignores) and are split into history and targets. */
static int split(const struct triples *train, const struct id_book *book, uint64_t seed,
                 struct csr *fit, struct csr *history, struct csr *targets, struct mq_error *err)
{
    uint32_t n_viewers = intern_count(book->viewers);
    struct triples parts[3] = {{0}, {0}, {0}};
    uint8_t *chosen = calloc((size_t)n_viewers + 1, 1);
    uint32_t *order = malloc(((size_t)n_viewers + 1) * sizeof(*order));
    struct rng rng;
    int rc = chosen && order ? 0 : mq_fail(err, MQ_NO_MEMORY, "validation: no memory");
    if (rc == 0) {
        rng_seed_stream(&rng, seed, 1);
        for (uint32_t i = 0; i < n_viewers; i++)
            order[i] = i;
        rng_shuffle_u32(&rng, order, n_viewers);
        uint32_t n = n_viewers / VALIDATION_TENTH + 1;
        for (uint32_t i = 0; i < n && i < VALIDATION_VIEWERS; i++)
            chosen[order[i]] = 1;
    }
    rng_seed_stream(&rng, seed, 2);
    for (size_t i = 0; rc == 0 && i < train->n; i++) {
        int part = 0;
        if (chosen[train->viewer[i]])
            part = rng_double(&rng) < validation_targets ? 2 : 1;
        rc = triples_add(&parts[part], train->viewer[i], train->title[i], 1, train->at_ms[i], err);
    }
    struct csr *const to[3] = {fit, history, targets};
    for (int i = 0; rc == 0 && i < 3; i++)
        rc = matrix_of_ones(&parts[i], book, to[i], err);
    for (int i = 0; i < 3; i++)
        triples_release(&parts[i]);
    free(chosen);
    free(order);
    return rc;
}

static int fill(const struct ranking *r, const struct ranking *p, uint64_t seed,
                struct report_model *m, struct mq_error *err)
{
    int rc = report_add(m->metric, &m->n_metrics, "recall@20", r->recall20, p ? p->recall20 : NULL,
                        r->n, seed, err);
    if (rc == 0)
        rc = report_add(m->metric, &m->n_metrics, "recall@50", r->recall50, p ? p->recall50 : NULL,
                        r->n, seed, err);
    if (rc == 0)
        rc = report_add(m->metric, &m->n_metrics, "ndcg@100", r->ndcg100, p ? p->ndcg100 : NULL,
                        r->n, seed, err);
    return rc;
}

static int judge(const struct eval_options *o, const struct files *f, const struct contestants *c,
                 struct pool *pool, struct eval_report *ret, struct mq_error *err)
{
    struct csr history = {0};
    struct csr targets = {0};
    struct judged judged = {0};
    int rc = matrix_of_ones(&f->fold_in, &f->book, &history, err);
    if (rc == 0)
        rc = matrix_of_ones(&f->test, &f->book, &targets, err);
    struct ranking_cases cases = {&history, &targets, f->n_titles};
    if (rc == 0)
        rc = contestants_judge(c, &cases, pool, &judged, err);
    if (rc == 0)
        rc = judged_report(&judged, c, o, &f->book, fill, ret, err);
    judged_release(&judged);
    csr_release(&history);
    csr_release(&targets);
    return rc;
}

static int run(const struct eval_options *o, struct files *f, struct pool *pool,
               struct eval_report *ret, struct mq_error *err)
{
    struct csr all = {0};
    struct csr fit = {0};
    struct csr history = {0};
    struct csr targets = {0};
    struct contestants c = {0};
    int rc = matrix_of_ones(&f->train, &f->book, &all, err);
    if (rc == 0)
        rc = split(&f->train, &f->book, o->seed, &fit, &history, &targets, err);
    if (rc == 0) {
        struct validation v = {&fit, {&history, &targets, f->n_titles}, true};
        rc = contestants_train(&v, &all, o, pool, &c, err);
    }
    if (rc == 0) {
        rc = judge(o, f, &c, pool, ret, err);
        train_release(&c.model);
    }
    csr_release(&all);
    csr_release(&fit);
    csr_release(&history);
    csr_release(&targets);
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

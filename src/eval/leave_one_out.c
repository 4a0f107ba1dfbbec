/* leave_one_out.c - the last title of each viewer is to be found (He, Liao, Zhang, Nie, Hu, Chua 2017): among
 * all titles the viewer did not have, and among given negatives. Sampled figures can reverse an order, so
 * the full ranking is the one to read. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/rng.h"
#include "eval/protocol.h"

/* Validation: the last training title of at most this many viewers. */
enum { VALIDATION_VIEWERS = 2000, VALIDATION_NEGATIVES = 99 };

struct files {
    struct id_book book;
    struct triples train, test;
    uint32_t n_viewers, n_titles;
};

static int ignore_line(void *ctx, uint32_t viewer, uint32_t target, const uint32_t *titles,
                       size_t n, struct mq_error *err)
{
    (void)ctx, (void)viewer, (void)target, (void)titles, (void)n, (void)err;
    return 0;
}

static int load(const struct eval_options *o, struct files *f, struct mq_error *err)
{
    int rc = id_book_init(&f->book, err);
    if (rc == 0)
        rc = rating_file_read(o->train, o->positive_min, &f->book, &f->train, err);
    if (rc == 0)
        rc = rating_file_read(o->test, o->positive_min, &f->book, &f->test, err);
    /* Titles that only the negatives name are part of what is ranked. */
    if (rc == 0 && o->negatives)
        rc = negatives_read(o->negatives, &f->book, ignore_line, NULL, err);
    if (rc)
        return rc;
    f->n_viewers = intern_count(f->book.viewers);
    f->n_titles = intern_count(f->book.titles);
    if (f->train.n == 0)
        return mq_fail(err, MQ_INVALID, "%s: no positive row: check --positive", o->train);
    return 0;
}

/* last[v]: the row of viewer v that is latest, the later one of equal times; SIZE_MAX for viewers without another
 * title: however often rows are repeated, there would be nothing to tell it by. */
static void find_last(const struct triples *t, uint32_t n_viewers, size_t *last, uint8_t *others)
{
    for (uint32_t v = 0; v < n_viewers; v++)
        last[v] = SIZE_MAX;
    for (size_t i = 0; i < t->n; i++) {
        uint32_t v = t->viewer[i];
        if (last[v] == SIZE_MAX || t->at_ms[i] >= t->at_ms[last[v]])
            last[v] = i;
    }
    for (size_t i = 0; i < t->n; i++)
        if (t->title[i] != t->title[last[t->viewer[i]]])
            others[t->viewer[i]] = 1;
    for (uint32_t v = 0; v < n_viewers; v++) {
        if (!others[v])
            last[v] = SIZE_MAX;
    }
}

/* Keep the held-out rows of a seeded choice of viewers. */
static void choose(uint32_t n_viewers, uint64_t seed, size_t *last, uint32_t *order)
{
    struct rng rng;
    uint32_t kept = 0;
    rng_seed_stream(&rng, seed, 3);
    for (uint32_t v = 0; v < n_viewers; v++)
        order[v] = v;
    rng_shuffle_u32(&rng, order, n_viewers);
    for (uint32_t i = 0; i < n_viewers; i++) {
        if (last[order[i]] != SIZE_MAX && kept++ >= VALIDATION_VIEWERS)
            last[order[i]] = SIZE_MAX;
    }
}

struct validating {
    struct histories fit;
    struct questions asked, sampled;
};

static void validating_release(struct validating *v)
{
    questions_release(&v->asked);
    questions_release(&v->sampled);
    histories_release(&v->fit);
}

static int ask_held(const struct files *f, const struct triples *held, struct validating *ret,
                    bool with_sampled, uint64_t seed, struct mq_error *err)
{
    struct csr targets = {0};
    int rc = matrix_of_ones(held, &f->book, &targets, err);
    if (rc == 0)
        rc = questions_of_viewers(&ret->fit, &targets, &ret->asked, err);
    if (rc == 0 && with_sampled)
        rc = questions_of_viewers(&ret->fit, &targets, &ret->sampled, err);
    if (rc == 0 && with_sampled)
        rc = questions_draw_among(&ret->sampled, f->n_titles, VALIDATION_NEGATIVES, seed, err);
    csr_release(&targets);
    return rc;
}

static int split(const struct files *f, uint64_t seed, bool with_sampled, struct validating *ret,
                 struct mq_error *err)
{
    const struct triples *t = &f->train;
    size_t *last = malloc(((size_t)f->n_viewers + 1) * sizeof(*last));
    uint32_t *order = calloc((size_t)f->n_viewers + 1, sizeof(*order));
    uint8_t *others = calloc((size_t)f->n_viewers + 1, 1);
    uint8_t *keep = malloc(t->n + 1);
    struct triples held = {0};
    int rc =
        last && order && others && keep ? 0 : mq_fail(err, MQ_NO_MEMORY, "validation: no memory");
    if (rc == 0) {
        find_last(t, f->n_viewers, last, others);
        choose(f->n_viewers, seed, last, order);
    }
    /* Its other rows, where the title stands twice, would give the answer away. */
    for (size_t i = 0; rc == 0 && i < t->n; i++) {
        size_t of = last[t->viewer[i]];
        keep[i] = of == SIZE_MAX || t->title[i] != t->title[of];
        if (i == of)
            rc = triples_add(&held, t->viewer[i], t->title[i], 1, t->at_ms[i], err);
    }
    if (rc == 0)
        rc = histories_from(t, keep, f->n_viewers, f->n_titles, &ret->fit, err);
    if (rc == 0)
        rc = ask_held(f, &held, ret, with_sampled, seed, err);
    if (rc == 0 && ret->asked.n == 0)
        rc = mq_fail(err, MQ_INVALID,
                     "training rows: no viewer has two different titles, the last of which could "
                     "be held out to choose settings by: bring longer histories");
    triples_release(&held);
    free(last);
    free(order);
    free(others);
    free(keep);
    return rc;
}

/* ---------------------------------------------------------------- against given negatives */

struct naming {
    const struct histories *known;
    struct triples pairs; /* viewer and held-out title of each line */
    struct questions *asked;
    size_t lines;
    uint32_t *line_of; /* (viewers) 1 + its question; 0: none */
    bool attach;
};

/* First pass: which title is held out. Second pass: its negatives, for the questions that there are. */
static int read_line(void *ctx, uint32_t viewer, uint32_t target, const uint32_t *titles, size_t n,
                     struct mq_error *err)
{
    struct naming *s = ctx;
    if (!s->attach)
        return triples_add(&s->pairs, viewer, target, 1, 0, err);
    uint32_t at = s->line_of[viewer];
    return at ? questions_among(s->asked, at - 1, titles, n, err) : 0;
}

static int ask_sampled(const struct eval_options *o, struct files *f, const struct histories *known,
                       struct questions *ret, struct mq_error *err)
{
    struct naming s = {.known = known, .asked = ret};
    struct csr targets = {0};
    s.line_of = calloc((size_t)f->n_viewers + 1, sizeof(*s.line_of));
    int rc = s.line_of ? negatives_read(o->negatives, &f->book, read_line, &s, err)
                       : mq_fail(err, MQ_NO_MEMORY, "negatives: no memory");
    if (rc == 0)
        rc = matrix_of_ones(&s.pairs, &f->book, &targets, err);
    if (rc == 0)
        rc = questions_of_viewers(known, &targets, ret, err);
    for (size_t i = 0; rc == 0 && i < ret->n; i++)
        s.line_of[ret->list[i].viewer] = (uint32_t)i + 1;
    s.attach = true;
    if (rc == 0)
        rc = negatives_read(o->negatives, &f->book, read_line, &s, err);
    triples_release(&s.pairs);
    csr_release(&targets);
    free(s.line_of);
    return rc;
}

/* ---------------------------------------------------------------- among all titles */

/* Why is there nothing to ask? */
static int nothing_asked(const struct files *f, const struct histories *known, struct mq_error *err)
{
    for (size_t i = 0; i < f->test.n; i++)
        if (history_of(known, f->test.viewer[i], SIZE_MAX).n > 0)
            return mq_fail(err, MQ_INVALID,
                           "test rows: each title is among its viewer's training rows already, so "
                           "none is left to find: take the test rows out of training");
    return mq_fail(err, MQ_INVALID,
                   "test rows: none is of a viewer with training rows: check that both files name "
                   "viewers alike");
}

static int judge(const struct eval_options *o, struct files *f, const struct contestants *c,
                 const struct histories *known, struct pool *pool, struct eval_report *ret,
                 struct mq_error *err)
{
    static const struct asked_metrics metrics = {{ASKED_HR10, ASKED_NDCG10}, 2};
    struct csr targets = {0};
    struct questions asked = {0};
    struct questions sampled = {0};
    int rc = matrix_of_ones(&f->test, &f->book, &targets, err);
    if (rc == 0)
        rc = questions_of_viewers(known, &targets, &asked, err);
    if (rc == 0 && asked.n == 0)
        rc = nothing_asked(f, known, err);
    if (rc == 0 && o->negatives)
        rc = ask_sampled(o, f, known, &sampled, err);
    if (rc == 0)
        rc = contestants_judge(c, &asked, &sampled, &metrics, o, &f->book, pool, ret, err);
    questions_release(&asked);
    questions_release(&sampled);
    csr_release(&targets);
    return rc;
}

static int run(const struct eval_options *o, struct files *f, struct pool *pool,
               struct eval_report *ret, struct mq_error *err)
{
    struct histories all = {0};
    struct validating v = {0};
    struct contestants c = {0};
    int rc = histories_from(&f->train, NULL, f->n_viewers, f->n_titles, &all, err);
    if (rc == 0)
        rc = split(f, o->seed, o->negatives != NULL, &v, err);
    if (rc == 0) {
        struct lineup_validation validation = {.fit = &v.fit,
                                               .questions = v.asked.list,
                                               .n = v.asked.n,
                                               .ordered = true,
                                               .sampled = o->negatives ? v.sampled.list : NULL};
        rc = contestants_train(&validation, &all, NULL, o, pool, &c, err);
    }
    if (rc == 0)
        rc = judge(o, f, &c, &all, pool, ret, err);
    contestants_release(&c);
    validating_release(&v);
    histories_release(&all);
    return rc;
}

int evaluate_leave_one_out(const struct eval_options *o, struct eval_report *ret,
                           struct mq_error *err)
{
    int64_t started = clock_mono_ns();
    struct files f = {0};
    struct pool *pool = NULL;
    if (!o->train || !o->test)
        return mq_fail(err, MQ_INVALID, "leave-one-out: needs --train and --test");
    *ret = (struct eval_report){.protocol = "leave-one-out", .seed = o->seed};
    int rc = load(o, &f, err);
    if (rc == 0)
        rc = pool_new(o->threads, &pool, err);
    if (rc == 0)
        rc = run(o, &f, pool, ret, err);
    ret->viewers = f.n_viewers;
    ret->titles = f.n_titles;
    ret->seconds = (double)(clock_mono_ns() - started) / 1e9;
    pool_free(pool);
    id_book_release(&f.book);
    triples_release(&f.train);
    triples_release(&f.test);
    return rc;
}

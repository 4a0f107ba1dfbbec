/* leave_one_out.c - the last title of each viewer is to be found (He, Liao, Zhang, Nie, Hu, Chua 2017): among
 * all titles the viewer did not have, and among given negatives. Sampled figures can reverse an order, so
 * the full ranking is the one to read. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/rng.h"
#include "eval/protocol.h"
#include "eval/ranking_metrics.h"
#include "wire/table.h"

/* Validation: the last training title of at most this many viewers. */
enum { VALIDATION_VIEWERS = 2000 };

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

/* last[v]: the row of viewer v that is latest, the later one of equal times; SIZE_MAX for viewers with fewer
 * than two rows. */
static void find_last(const struct triples *t, uint32_t n_viewers, size_t *last, uint32_t *count)
{
    for (uint32_t v = 0; v < n_viewers; v++)
        last[v] = SIZE_MAX;
    for (size_t i = 0; i < t->n; i++) {
        uint32_t v = t->viewer[i];
        count[v]++;
        if (last[v] == SIZE_MAX || t->at_ms[i] >= t->at_ms[last[v]])
            last[v] = i;
    }
    for (uint32_t v = 0; v < n_viewers; v++) {
        if (count[v] < 2)
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

static int split(const struct files *f, uint64_t seed, struct csr *fit, struct csr *targets,
                 struct mq_error *err)
{
    const struct triples *t = &f->train;
    size_t *last = malloc(((size_t)f->n_viewers + 1) * sizeof(*last));
    uint32_t *count = calloc((size_t)f->n_viewers + 1, sizeof(*count));
    struct triples kept = {0};
    struct triples held = {0};
    int rc = last && count ? 0 : mq_fail(err, MQ_NO_MEMORY, "validation: no memory");
    if (rc == 0) {
        find_last(t, f->n_viewers, last, count);
        choose(f->n_viewers, seed, last, count);
    }
    for (size_t i = 0; rc == 0 && i < t->n; i++) {
        struct triples *to = last[t->viewer[i]] == i ? &held : &kept;
        rc = triples_add(to, t->viewer[i], t->title[i], 1, t->at_ms[i], err);
    }
    if (rc == 0)
        rc = matrix_of_ones(&kept, &f->book, fit, err);
    if (rc == 0)
        rc = matrix_of_ones(&held, &f->book, targets, err);
    triples_release(&kept);
    triples_release(&held);
    free(last);
    free(count);
    return rc;
}

/* ---------------------------------------------------------------- against given negatives */

struct sampling {
    const struct csr *history;
    struct scorer scorer[2]; /* popularity, taste */
    struct ranking_scratch *scratch[2];
    const struct id_book *book;
    double *hr[2], *ndcg[2];
    size_t n, cap;
    int published;
    FILE *out;
};

struct scored {
    uint32_t title;
    float score;
};

static int best_first(const void *a, const void *b)
{
    const struct scored *x = a;
    const struct scored *y = b;
    if (x->score != y->score)
        return x->score > y->score ? -1 : 1;
    return (x->title > y->title) - (x->title < y->title);
}

static int grow(struct sampling *s, struct mq_error *err)
{
    size_t cap = s->cap ? s->cap * 2 : 1024;
    double **const columns[] = {&s->hr[0], &s->hr[1], &s->ndcg[0], &s->ndcg[1]};
    for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
        double *p = realloc(*columns[i], cap * sizeof(*p));
        if (!p)
            return mq_fail(err, MQ_NO_MEMORY, "negatives: no memory");
        *columns[i] = p;
    }
    s->cap = cap;
    return 0;
}

static void print_sampled(const struct sampling *s, uint32_t viewer, const struct scored *list,
                          size_t n)
{
    struct str who = intern_name(s->book->viewers, viewer);
    for (size_t k = 0; k < n; k++) {
        struct str name = intern_name(s->book->titles, list[k].title);
        fprintf(s->out, "%.*s\t%zu\t%.*s\t%.9g\n", STR_ARG(who), k + 1, STR_ARG(name),
                (double)list[k].score);
    }
}

static int judge_line(void *ctx, uint32_t viewer, uint32_t target, const uint32_t *titles, size_t n,
                      struct mq_error *err)
{
    struct sampling *s = ctx;
    struct scored list[TABLE_FIELDS_MAX + 1];
    bool hit[10] = {false};
    int rc = s->n == s->cap ? grow(s, err) : 0;
    for (int m = 0; rc == 0 && m < 2; m++) {
        const float *score;
        rc = ranking_scores(&s->scorer[m], csr_row(s->history, viewer), s->scratch[m], &score, err);
        if (rc)
            break;
        list[0] = (struct scored){target, score[target]};
        for (size_t i = 0; i < n; i++)
            list[i + 1] = (struct scored){titles[i], score[titles[i]]};
        qsort(list, n + 1, sizeof(*list), best_first);
        size_t shown = n + 1 < 10 ? n + 1 : 10;
        for (size_t k = 0; k < shown; k++)
            hit[k] = list[k].title == target;
        s->hr[m][s->n] = hit_rate_at(hit, shown, 10);
        s->ndcg[m][s->n] = ndcg_at(hit, shown, 1, 10);
        if (s->out && m == s->published)
            print_sampled(s, viewer, list, n + 1);
    }
    if (rc == 0)
        s->n++;
    return rc;
}

static int add_sampled(struct sampling *s, uint64_t seed, struct eval_report *ret,
                       struct mq_error *err)
{
    int rc = 0;
    for (int m = 0; rc == 0 && m < 2; m++) {
        struct report_model *to = &ret->model[m];
        rc = report_add(to->sampled, &to->n_sampled, "hr@10", s->hr[m], m ? s->hr[0] : NULL, s->n,
                        seed, err);
        if (rc == 0)
            rc = report_add(to->sampled, &to->n_sampled, "ndcg@10", s->ndcg[m],
                            m ? s->ndcg[0] : NULL, s->n, seed, err);
    }
    return rc;
}

static int judge_sampled(const struct eval_options *o, struct files *f, const struct contestants *c,
                         const struct ranking_cases *cases, struct eval_report *ret,
                         struct mq_error *err)
{
    char path[4096];
    struct sampling s = {
        .history = cases->history, .book = &f->book, .published = c->taste_published};
    s.scorer[0] = (struct scorer){SCORE_POPULARITY, &c->model};
    s.scorer[1] = (struct scorer){SCORE_TASTE, &c->model};
    int rc = 0;
    if (o->lists) {
        snprintf(path, sizeof(path), "%s.sampled", o->lists);
        s.out = fopen(path, "we");
        if (!s.out)
            return file_failed(NULL, path, err);
    }
    for (int m = 0; rc == 0 && m < 2; m++)
        rc = ranking_scratch_new(&s.scorer[m], cases, &s.scratch[m], err);
    if (rc == 0)
        rc = negatives_read(o->negatives, &f->book, judge_line, &s, err);
    if (s.out) {
        int failed = file_failed(s.out, path, rc ? NULL : err);
        rc = rc ? rc : failed;
    }
    if (rc == 0)
        rc = add_sampled(&s, o->seed, ret, err);
    for (int m = 0; m < 2; m++) {
        ranking_scratch_free(s.scratch[m]);
        free(s.hr[m]);
        free(s.ndcg[m]);
    }
    return rc;
}

/* ---------------------------------------------------------------- among all titles */

static int fill(const struct ranking *r, const struct ranking *p, uint64_t seed,
                struct report_model *m, struct mq_error *err)
{
    int rc =
        report_add(m->metric, &m->n_metrics, "hr@10", r->hr10, p ? p->hr10 : NULL, r->n, seed, err);
    if (rc == 0)
        rc = report_add(m->metric, &m->n_metrics, "ndcg@10", r->ndcg10, p ? p->ndcg10 : NULL, r->n,
                        seed, err);
    return rc;
}

static int judge(const struct eval_options *o, struct files *f, const struct contestants *c,
                 const struct csr *history, struct pool *pool, struct eval_report *ret,
                 struct mq_error *err)
{
    struct csr targets = {0};
    struct judged judged = {0};
    int rc = matrix_of_ones(&f->test, &f->book, &targets, err);
    struct ranking_cases cases = {history, &targets, f->n_titles};
    if (rc == 0)
        rc = contestants_judge(c, &cases, pool, &judged, err);
    if (rc == 0)
        rc = judged_report(&judged, c, o, &f->book, fill, ret, err);
    if (rc == 0 && o->negatives)
        rc = judge_sampled(o, f, c, &cases, ret, err);
    judged_release(&judged);
    csr_release(&targets);
    return rc;
}

static int run(const struct eval_options *o, struct files *f, struct pool *pool,
               struct eval_report *ret, struct mq_error *err)
{
    struct csr all = {0};
    struct csr fit = {0};
    struct csr targets = {0};
    struct contestants c = {0};
    int rc = matrix_of_ones(&f->train, &f->book, &all, err);
    if (rc == 0)
        rc = split(f, o->seed, &fit, &targets, err);
    if (rc == 0) {
        struct validation v = {&fit, {&fit, &targets, f->n_titles}, false};
        rc = contestants_train(&v, &all, o, pool, &c, err);
    }
    if (rc == 0) {
        rc = judge(o, f, &c, &all, pool, ret, err);
        train_release(&c.model);
    }
    csr_release(&all);
    csr_release(&fit);
    csr_release(&targets);
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

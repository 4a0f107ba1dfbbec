/* time_split.c - train on everything before a moment, predict every event after it from all that came before. The
 * honest default: leave-one-out lets a model see the future of other viewers. */
#include <stdlib.h>

#include "base/clock.h"
#include "eval/protocol.h"
#include "train/time_validation.h"

static int ask(const struct eval_options *o, const struct evaluated_rows *rows,
               const struct histories *all, const uint32_t *before, const struct contestants *c,
               struct pool *pool, struct eval_report *ret, struct mq_error *err)
{
    static const struct asked_metrics metrics = {{ASKED_HR10, ASKED_NDCG10}, 2};
    struct questions asked = {0};
    struct events_asked counted;
    int rc = questions_of_events(all, before, TIME_LEAST_BEFORE, o->gap_ms, &asked, &counted, err);
    if (rc == 0) {
        ret->events.events = counted.events;
        ret->events.few = counted.few;
        ret->events.seen = counted.seen;
        ret->events.no_gap = counted.no_gap;
        ret->events.gap_ms = o->gap_ms;
        rc = contestants_judge(c, &asked, NULL, &metrics, o, &rows->book, pool, ret, err);
    }
    questions_release(&asked);
    return rc;
}

static int run(const struct eval_options *o, const struct evaluated_rows *rows, struct pool *pool,
               struct eval_report *ret, struct mq_error *err)
{
    const struct triples *t = &rows->t;
    uint32_t viewers = intern_count(rows->book.viewers);
    uint32_t titles = intern_count(rows->book.titles);
    struct moments m = {0};
    struct histories all = {0};
    struct histories train = {0};
    struct time_validation v = {0};
    struct contestants c = {0};
    double cut = o->cut > 0 ? o->cut : TIME_CUT;
    size_t tested = (size_t)((double)t->n * cut);
    if (!(cut < 1) || tested == 0 || tested == t->n)
        return mq_fail(err, MQ_INVALID, "cut: %g of %zu events: leaves nothing on one side", cut,
                       t->n);
    int rc = moments_init(t, viewers, &m, err);
    if (rc == 0) {
        ret->events.cut_ms = t->at_ms[m.order[t->n - tested]];
        moments_cut(t, viewers, &m, t->n - tested);
        rc = histories_from(t, NULL, viewers, titles, &all, err);
    }
    if (rc == 0)
        rc = histories_from(t, m.keep, viewers, titles, &train, err);
    if (rc == 0)
        rc = time_validation_of(t, &train, t->n - tested, o->gap_ms, o->seed, &m, &v, err);
    if (rc == 0) {
        struct lineup_validation validation = {.fit = &v.fit,
                                               .timeline = &train,
                                               .questions = v.asked.list,
                                               .n = v.asked.n,
                                               .ordered = true};
        rc = contestants_train(&validation, &train, &all, o, pool, &c, err);
    }
    if (rc == 0) {
        moments_cut(t, viewers, &m, t->n - tested);
        rc = ask(o, rows, &all, m.before, &c, pool, ret, err);
    }
    contestants_release(&c);
    time_validation_release(&v);
    histories_release(&train);
    histories_release(&all);
    moments_release(&m);
    return rc;
}

int evaluate_time_split(const struct eval_options *o, struct eval_report *ret, struct mq_error *err)
{
    int64_t started = clock_mono_ns();
    struct evaluated_rows file = {0};
    const struct evaluated_rows *rows = o->rows ? o->rows : &file;
    struct pool *pool = NULL;
    int rc = 0;
    *ret = (struct eval_report){.protocol = "time-split", .seed = o->seed};
    if (!o->rows) {
        if (!o->ratings)
            return mq_fail(err, MQ_INVALID, "time-split: needs --ratings, or a data folder");
        rc = id_book_init(&file.book, err);
        if (rc == 0)
            rc = rating_file_read(o->ratings, o->positive_min, &file.book, &file.t, err);
    }
    if (rc == 0)
        rc = pool_new(o->threads, &pool, err);
    if (rc == 0)
        rc = run(o, rows, pool, ret, err);
    ret->viewers = rows->book.viewers ? intern_count(rows->book.viewers) : 0;
    ret->titles = rows->book.titles ? intern_count(rows->book.titles) : 0;
    ret->seconds = (double)(clock_mono_ns() - started) / 1e9;
    pool_free(pool);
    id_book_release(&file.book);
    triples_release(&file.t);
    return rc;
}

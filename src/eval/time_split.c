/* time_split.c - train on everything before a moment, predict every event after it from all that came before. The
 * honest default: leave-one-out lets a model see the future of other viewers. */
#include <stdlib.h>

#include "base/clock.h"
#include "eval/protocol.h"

enum {
    LEAST_BEFORE = 5,         /* events of a viewer before one that is asked */
    VALIDATION_EVENTS = 2000, /* asked at most */
    VALIDATION_ENOUGH = 400   /* with fewer, validation reaches further back */
};
static const double default_cut = 0.1;
static const double validation_most =
    0.5; /* share of the training rows that validation may predict */

struct moments {
    size_t *order;    /* (n) rows by time, earlier rows first among equal times */
    uint8_t *keep;    /* (n) row is trained on */
    uint32_t *before; /* (viewers) rows of each that are */
};

struct row_time {
    int64_t at_ms;
    size_t row;
};

static int earlier(const void *a, const void *b)
{
    const struct row_time *x = a;
    const struct row_time *y = b;
    if (x->at_ms != y->at_ms)
        return x->at_ms < y->at_ms ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

static int moments_init(const struct triples *t, uint32_t n_viewers, struct moments *ret,
                        struct mq_error *err)
{
    struct row_time *sorted = malloc((t->n + 1) * sizeof(*sorted));
    ret->order = malloc((t->n + 1) * sizeof(*ret->order));
    ret->keep = malloc(t->n + 1);
    ret->before = malloc(((size_t)n_viewers + 1) * sizeof(*ret->before));
    if (!sorted || !ret->order || !ret->keep || !ret->before) {
        free(sorted);
        return mq_fail(err, MQ_NO_MEMORY, "time split: %zu rows: no memory", t->n);
    }
    for (size_t i = 0; i < t->n; i++)
        sorted[i] = (struct row_time){t->at_ms[i], i};
    qsort(sorted, t->n, sizeof(*sorted), earlier);
    for (size_t i = 0; i < t->n; i++)
        ret->order[i] = sorted[i].row;
    free(sorted);
    return 0;
}

static void moments_release(struct moments *m)
{
    free(m->order);
    free(m->keep);
    free(m->before);
}

/* Rows order[0 .. n) are trained on. */
static void cut_at(const struct triples *t, uint32_t n_viewers, struct moments *m, size_t n)
{
    for (uint32_t v = 0; v < n_viewers; v++)
        m->before[v] = 0;
    for (size_t k = 0; k < t->n; k++) {
        m->keep[m->order[k]] = k < n;
        m->before[t->viewer[m->order[k]]] += k < n;
    }
}

struct validating {
    struct histories fit;
    struct questions asked;
};

/* Of the `trained` first rows the last tenth is predicted; more when that asks too few questions (a gap leaves
 * few of them). */
static int validate(const struct eval_options *o, const struct evaluated_rows *rows,
                    const struct histories *train, size_t trained, struct moments *m,
                    struct validating *ret, struct mq_error *err)
{
    int rc = 0;
    for (double share = default_cut; rc == 0; share *= 2) {
        struct events_asked counted;
        size_t fit = trained - (size_t)((double)trained * share);
        cut_at(&rows->t, train->rows, m, fit);
        questions_release(&ret->asked);
        rc = questions_of_events(train, m->before, LEAST_BEFORE, o->gap_ms, &ret->asked, &counted,
                                 err);
        if (rc == 0 && (ret->asked.n >= VALIDATION_ENOUGH || 2 * share > validation_most)) {
            rc = histories_from(&rows->t, m->keep, train->rows, train->titles, &ret->fit, err);
            break;
        }
    }
    if (rc == 0)
        rc = questions_draw(&ret->asked, VALIDATION_EVENTS, o->seed, err);
    if (rc == 0 && ret->asked.n == 0)
        rc = mq_fail(err, MQ_INVALID,
                     "time split: no event of a viewer with %d before it to choose a model by: "
                     "bring a longer history%s",
                     LEAST_BEFORE, o->gap_ms > 0 ? ", or a shorter --gap" : "");
    return rc;
}

static int ask(const struct eval_options *o, const struct evaluated_rows *rows,
               const struct histories *all, const uint32_t *before, const struct contestants *c,
               struct pool *pool, struct eval_report *ret, struct mq_error *err)
{
    static const struct asked_metrics metrics = {{ASKED_HR10, ASKED_NDCG10}, 2};
    struct questions asked = {0};
    struct events_asked counted;
    int rc = questions_of_events(all, before, LEAST_BEFORE, o->gap_ms, &asked, &counted, err);
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
    struct validating v = {0};
    struct contestants c = {0};
    double cut = o->cut > 0 ? o->cut : default_cut;
    size_t tested = (size_t)((double)t->n * cut);
    if (!(cut < 1) || tested == 0 || tested == t->n)
        return mq_fail(err, MQ_INVALID, "cut: %g of %zu events: leaves nothing on one side", cut,
                       t->n);
    int rc = moments_init(t, viewers, &m, err);
    if (rc == 0) {
        ret->events.cut_ms = t->at_ms[m.order[t->n - tested]];
        cut_at(t, viewers, &m, t->n - tested);
        rc = histories_from(t, NULL, viewers, titles, &all, err);
    }
    if (rc == 0)
        rc = histories_from(t, m.keep, viewers, titles, &train, err);
    if (rc == 0)
        rc = validate(o, rows, &train, t->n - tested, &m, &v, err);
    if (rc == 0) {
        struct lineup_validation validation = {
            .fit = &v.fit, .questions = v.asked.list, .n = v.asked.n, .ordered = true};
        rc = contestants_train(&validation, &train, o, pool, &c, err);
    }
    if (rc == 0) {
        cut_at(t, viewers, &m, t->n - tested);
        rc = ask(o, rows, &all, m.before, &c, pool, ret, err);
    }
    contestants_release(&c);
    questions_release(&v.asked);
    histories_release(&v.fit);
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

#include "train/time_validation.h"

#include <stdlib.h>

enum { ASKED_MOST = 2000, ASKED_ENOUGH = 400 };
static const double predicted_most = 0.5; /* share of the rows */

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

int moments_init(const struct triples *t, uint32_t n_viewers, struct moments *ret,
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

void moments_release(struct moments *m)
{
    free(m->order);
    free(m->keep);
    free(m->before);
}

/* Rows order[0 .. n) are trained on. */
void moments_cut(const struct triples *t, uint32_t n_viewers, struct moments *m, size_t n)
{
    for (uint32_t v = 0; v < n_viewers; v++)
        m->before[v] = 0;
    for (size_t k = 0; k < t->n; k++) {
        m->keep[m->order[k]] = k < n;
        m->before[t->viewer[m->order[k]]] += k < n && t->weight[m->order[k]] > 0;
    }
}

int time_validation_of(const struct triples *t, const struct histories *train, size_t trained,
                       int64_t gap_ms, uint64_t seed, struct moments *m,
                       struct time_validation *ret, struct mq_error *err)
{
    int rc = 0;
    for (double share = TIME_CUT; rc == 0; share *= 2) {
        struct events_asked counted;
        size_t fit = trained - (size_t)((double)trained * share);
        moments_cut(t, train->rows, m, fit);
        questions_release(&ret->asked);
        rc = questions_of_events(train, m->before, TIME_LEAST_BEFORE, gap_ms, &ret->asked, &counted,
                                 err);
        if (rc == 0 && (ret->asked.n >= ASKED_ENOUGH || 2 * share > predicted_most)) {
            rc = histories_from(t, m->keep, train->rows, train->titles, &ret->fit, err);
            break;
        }
    }
    if (rc == 0)
        rc = questions_draw(&ret->asked, ASKED_MOST, seed, err);
    if (rc == 0 && ret->asked.n == 0)
        rc = mq_fail(err, MQ_INVALID,
                     "time split: no event of a viewer with %d before it to choose a model by: "
                     "bring a longer history%s",
                     TIME_LEAST_BEFORE, gap_ms > 0 ? ", or a shorter --gap" : "");
    return rc;
}

void time_validation_release(struct time_validation *v)
{
    questions_release(&v->asked);
    histories_release(&v->fit);
}

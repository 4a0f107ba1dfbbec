/* people_columns.c - what the people of a title drew before, by role, the title itself left out. */
#include <math.h>
#include <stdlib.h>

#include "strategy/count_features.h"

/* Shrinks a person's mean residual: as if they had this many titles of no effect. */
static const double shrink = 1.5;
enum { ANY = ROLES, NEAR_YEARS = 3 };

int people_index_make(const struct count_task *task, const float *residual,
                      struct people_index *ret, struct mq_error *err)
{
    const struct strategy_data *d = task->d;
    size_t n = 0;
    double sum = 0;
    for (uint32_t i = 0; i < task->n_train; i++) {
        n += 2 * (size_t)credits_of(d, task->credits, task->train[i]).n;
        sum += (double)task->log_audience[task->train[i]];
    }
    uint32_t *who = calloc(n + 1, sizeof(*who));
    uint32_t *row = calloc(n + 1, sizeof(*row));
    float *one = calloc(n + 1, sizeof(*one));
    int rc = who && row && one ? 0 : mq_fail(err, MQ_NO_MEMORY, "strategy: no memory for people");
    size_t k = 0;
    for (uint32_t i = 0; rc == 0 && i < task->n_train; i++) {
        struct credit_list list = credits_of(d, task->credits, task->train[i]);
        for (uint32_t c = 0; c < list.n; c++) {
            if (list.credit[c].person == ID_NONE)
                continue;
            for (int any = 0; any < 2; any++) {
                uint32_t kind = any ? ANY : list.credit[c].role;
                who[k] = kind * d->n_people + list.credit[c].person;
                row[k] = task->train[i];
                one[k++] = 1;
            }
        }
    }
    *ret = (struct people_index){.residual = residual,
                                 .log_audience = task->log_audience,
                                 .year = task->tokens->year,
                                 .n_people = d->n_people,
                                 .mean = task->n_train ? (float)(sum / task->n_train) : 0};
    if (rc == 0)
        rc = csr_from_triples(PEOPLE_KINDS * d->n_people + 1, task->tokens->x.rows, who, row, one,
                              k, &ret->titles, err);
    free(who);
    free(row);
    free(one);
    return rc;
}

void people_index_release(struct people_index *ix)
{
    csr_release(&ix->titles);
    *ix = (struct people_index){0};
}

/* What one person drew: the shrunk residual; the best; the mean of those nearest in time. NaN: nothing known. */
struct drew {
    double residual, best, near;
};

static struct drew drew_of(const struct people_index *ix, uint32_t who,
                           const struct seen_title *seen)
{
    struct csr_row titles = csr_row(&ix->titles, who);
    struct drew r = {0, NAN, NAN};
    struct {
        int apart;
        double drew;
    } near[NEAR_YEARS];
    size_t n = 0;
    size_t n_near = 0;
    for (size_t k = 0; k < titles.n; k++) {
        uint32_t other = titles.col[k];
        if (other == seen->row)
            continue;
        double y = (double)ix->log_audience[other];
        r.residual += (double)ix->residual[other];
        r.best = isnan(r.best) || y > r.best ? y : r.best;
        n++;
        int apart = abs(ix->year[other] - seen->year);
        size_t at = n_near < NEAR_YEARS ? n_near++ : NEAR_YEARS;
        for (; at > 0 && near[at - 1].apart > apart; at--)
            if (at < NEAR_YEARS)
                near[at] = near[at - 1];
        if (at < NEAR_YEARS) {
            near[at].apart = apart;
            near[at].drew = y;
        }
    }
    r.residual /= (double)n + shrink;
    for (size_t i = 0; i < n_near; i++)
        r.near = i == 0 ? near[i].drew : r.near + near[i].drew;
    r.near /= (double)n_near;
    return r;
}

/* Five numbers of one kind: mean weighted by billing, best, first billed; mean of best, mean of near. */
static void kind_columns(const struct people_index *ix, const struct seen_title *seen,
                         uint32_t kind, float *ret)
{
    struct credit_list list = seen->credits;
    double sum = 0;
    double weight = 0;
    double most = -INFINITY;
    double first = 0;
    double best = 0;
    double near = 0;
    uint32_t known = 0;
    uint32_t n = 0;
    for (uint32_t i = 0; i < list.n; i++) {
        const struct strategy_credit *c = &list.credit[i];
        if (kind != ANY && c->role != kind)
            continue;
        struct drew r = {0, NAN, NAN};
        if (c->person < ix->n_people) /* ID_NONE is not */
            r = drew_of(ix, kind * ix->n_people + c->person, seen);
        double w = 1 / sqrt((double)c->billing);
        sum += w * r.residual;
        weight += w;
        most = r.residual > most ? r.residual : most;
        first = n++ == 0 ? r.residual : first;
        if (!isnan(r.best)) {
            best += r.best;
            near += r.near;
            known++;
        }
    }
    ret[0] = n ? (float)(sum / weight) : 0;
    ret[1] = n ? (float)most : 0;
    ret[2] = (float)first;
    ret[3] = known ? (float)(best / known) : ix->mean;
    ret[4] = known ? (float)(near / known) : ix->mean;
}

void people_columns(const struct people_index *ix, const struct seen_title *seen, float *ret)
{
    for (uint32_t kind = 0; kind < PEOPLE_KINDS; kind++)
        kind_columns(ix, seen, kind, ret + 5 * (size_t)kind);
}

/* backtest_auc.c - does the score of who would watch tell viewers from others, also among the equally active? */
#include <math.h>
#include <stdlib.h>

#include "strategy/backtest.h"
#include "strategy/who_model.h"

enum { DECILES = 10 };

struct judging {
    const struct strategy_data *d;
    const struct who_model *who;
    const uint32_t *test;
    const uint32_t *order; /* (n) viewers with a meeting, by activity */
    uint32_t n;
    double *all, *within; /* (n_test), NaN: not judged */
    float *scores;        /* (2 n_viewers) per worker */
    bool *member;         /* (n_viewers) per worker */
    struct scored *list;  /* (n) per worker */
};

/* Members above others among order[from..to). */
static void pairs_of(const struct judging *j, const float *scores, const bool *member,
                     struct scored *list, uint32_t from, uint32_t to, double *pairs, double *won)
{
    double w;
    for (uint32_t i = from; i < to; i++)
        list[i - from] = (struct scored){scores[j->order[i]], member[j->order[i]]};
    *pairs += auc_pairs(list, to - from, &w);
    *won += w;
}

static void judge(const struct judging *j, uint32_t i, float *scores, bool *member,
                  struct scored *list)
{
    uint32_t row = j->test[i];
    uint32_t audience = j->d->titles[row].audience;
    double pairs = 0;
    double won = 0;
    j->all[i] = j->within[i] = NAN;
    if (audience < BACKTEST_AUC_MIN || audience >= j->n)
        return;
    for (uint64_t m = j->d->start[row]; m < j->d->start[row + 1]; m++)
        member[j->d->met[m].viewer] = true;
    who_model_scores(j->who, i, scores, scores + j->d->n_viewers);
    pairs_of(j, scores, member, list, 0, j->n, &pairs, &won);
    j->all[i] = won / pairs;
    pairs = won = 0;
    for (uint32_t k = 0; k < DECILES; k++)
        pairs_of(j, scores, member, list, (uint32_t)((uint64_t)j->n * k / DECILES),
                 (uint32_t)((uint64_t)j->n * (k + 1) / DECILES), &pairs, &won);
    if (pairs > 0)
        j->within[i] = won / pairs;
    for (uint64_t m = j->d->start[row]; m < j->d->start[row + 1]; m++)
        member[j->d->met[m].viewer] = false;
}

static void judge_some(void *ctx, size_t from, size_t to, size_t worker)
{
    const struct judging *j = ctx;
    size_t n = j->d->n_viewers;
    for (size_t i = from; i < to; i++)
        judge(j, (uint32_t)i, j->scores + 2 * worker * n, j->member + worker * n,
              j->list + worker * n);
}

struct active {
    uint32_t watched, viewer;
};

static int by_activity(const void *a, const void *b)
{
    const struct active *x = a;
    const struct active *y = b;
    if (x->watched != y->watched)
        return x->watched < y->watched ? -1 : 1;
    return (x->viewer > y->viewer) - (x->viewer < y->viewer);
}

/* Viewers who met any title, by how many of the training titles they met. */
static int order_viewers(const struct strategy_data *d, const struct who_model *who, uint32_t *ret,
                         uint32_t *ret_n, struct mq_error *err)
{
    struct active *a = calloc((size_t)d->n_viewers + 1, sizeof(*a));
    bool *there = calloc((size_t)d->n_viewers + 1, sizeof(*there));
    int rc = a && there ? 0 : mq_fail(err, MQ_NO_MEMORY, "backtest: no memory for viewers");
    uint32_t n = 0;
    for (uint64_t m = 0; rc == 0 && m < d->n_met; m++)
        there[d->met[m].viewer] = true;
    for (uint32_t u = 0; rc == 0 && u < d->n_viewers; u++)
        if (there[u])
            a[n++] = (struct active){who->fit->watched[u], u};
    if (rc == 0)
        qsort(a, n, sizeof(*a), by_activity);
    for (uint32_t i = 0; i < n; i++)
        ret[i] = a[i].viewer;
    *ret_n = n;
    free(a);
    free(there);
    return rc;
}

int backtest_auc(const struct strategy_data *d, const struct who_model *who, const uint32_t *test,
                 uint32_t n_test, struct pool *pool, struct auc_sums *sums, struct mq_error *err)
{
    enum { PART = 8 };
    size_t threads = pool_threads(pool);
    size_t n = d->n_viewers;
    uint32_t *order = calloc(n + 1, sizeof(*order));
    struct judging j = {.d = d, .who = who, .test = test, .order = order};
    j.all = calloc(2 * (size_t)n_test + 1, sizeof(*j.all));
    j.within = j.all + n_test;
    j.scores = calloc(2 * threads * n + 1, sizeof(*j.scores));
    j.member = calloc(threads * n + 1, sizeof(*j.member));
    j.list = calloc(threads * n + 1, sizeof(*j.list));
    int rc = order && j.all && j.scores && j.member && j.list
                 ? order_viewers(d, who, order, &j.n, err)
                 : mq_fail(err, MQ_NO_MEMORY, "backtest: no memory for viewers");
    if (rc == 0)
        pool_for(pool, n_test, PART, judge_some, &j);
    for (uint32_t i = 0; rc == 0 && i < n_test; i++) {
        if (!isnan(j.all[i])) {
            sums->all += j.all[i];
            sums->titles++;
        }
        if (!isnan(j.within[i])) {
            sums->within += j.within[i];
            sums->within_titles++;
        }
    }
    free(order);
    free(j.all);
    free(j.scores);
    free(j.member);
    free(j.list);
    return rc;
}

#include "eval/spread.h"

#include <math.h>
#include <stdlib.h>

struct title_count {
    uint64_t n;
    uint32_t title;
};

static int most_first(const void *a, const void *b)
{
    const struct title_count *x = a;
    const struct title_count *y = b;
    if (x->n != y->n)
        return x->n > y->n ? -1 : 1;
    return (x->title > y->title) - (x->title < y->title);
}

/* head[t]: t is among the most watched that make up half of the rows. Sorts counts. */
static void find_head(struct title_count *watched, uint32_t n, uint64_t total, uint8_t *head)
{
    uint64_t sum = 0;
    qsort(watched, n, sizeof(*watched), most_first);
    for (uint32_t k = 0; k < n && 2 * sum < total; k++) {
        head[watched[k].title] = 1;
        sum += watched[k].n;
    }
}

/* Of counts sorted most first, over the first `active`. */
static double gini_of(const struct title_count *shown, uint32_t active)
{
    double sum = 0;
    double weighted = 0;
    for (uint32_t k = 0; k < active; k++) {
        double n = (double)shown[k].n;
        sum += n;
        weighted += (double)(active - k) * n;
    }
    if (active == 0 || sum == 0)
        return NAN;
    /* Ascending ranks i = active - k: G = 2 sum(i x) / (n sum x) - (n + 1) / n. */
    return 2 * weighted / ((double)active * sum) - ((double)active + 1) / (double)active;
}

static double tail_recall(const struct answers *a, size_t m, const struct questions *asked,
                          const uint8_t *head)
{
    double sum = 0;
    size_t counted = 0;
    for (size_t i = 0; i < a->n; i++) {
        const struct question *q = &asked->list[i];
        const uint32_t *list = a->list + (m * a->n + i) * a->depth;
        size_t targets = 0;
        size_t hits = 0;
        for (size_t t = 0; t < q->n_targets; t++) {
            if (head[q->targets[t]])
                continue;
            targets++;
            for (size_t k = 0; k < SPREAD_DEPTH && k < a->depth; k++)
                hits += list[k] == q->targets[t];
        }
        if (targets == 0)
            continue;
        sum += (double)hits / (double)(targets < SPREAD_DEPTH ? targets : SPREAD_DEPTH);
        counted++;
    }
    return counted > 0 ? sum / (double)counted : NAN;
}

static void count_shown(const struct answers *a, size_t m, struct title_count *shown)
{
    for (size_t i = 0; i < a->n; i++) {
        const uint32_t *list = a->list + (m * a->n + i) * a->depth;
        for (size_t k = 0; k < SPREAD_TOP && k < a->depth; k++)
            if (list[k] != ID_NONE)
                shown[list[k]].n++;
    }
}

int spread_measure(const struct answers *a, size_t m, const struct questions *asked,
                   const struct csr *train, struct report_spread *ret, struct mq_error *err)
{
    uint32_t n = train->cols;
    struct title_count *watched = calloc((size_t)n + 1, sizeof(*watched));
    struct title_count *shown = calloc((size_t)n + 1, sizeof(*shown));
    uint8_t *head = calloc((size_t)n + 1, 1);
    if (!watched || !shown || !head) {
        free(watched);
        free(shown);
        free(head);
        return mq_fail(err, MQ_NO_MEMORY, "evaluation: %u titles: no memory", n);
    }
    uint32_t active = 0;
    uint32_t covered = 0;
    for (uint32_t t = 0; t < n; t++)
        watched[t].title = shown[t].title = t;
    for (uint64_t k = 0; k < csr_nnz(train); k++)
        watched[train->col[k]].n++;
    for (uint32_t t = 0; t < n; t++)
        active += watched[t].n > 0;
    find_head(watched, n, csr_nnz(train), head);
    count_shown(a, m, shown);
    qsort(shown, n, sizeof(*shown), most_first);
    while (covered < n && shown[covered].n > 0)
        covered++;
    *ret = (struct report_spread){
        .coverage = active > 0 ? fmin((double)covered / (double)active, 1) : NAN,
        .gini = gini_of(shown, active > covered ? active : covered),
        .tail_recall20 = tail_recall(a, m, asked, head),
    };
    free(watched);
    free(shown);
    free(head);
    return 0;
}

#include "dataset/triples.h"

#include <stdlib.h>
#include <string.h>

static int grow_column(void **p, size_t cap, size_t size)
{
    void *q = realloc(*p, cap * size);
    if (!q)
        return MQ_NO_MEMORY;
    *p = q;
    return 0;
}

static int grow(struct triples *t, struct mq_error *err)
{
    size_t cap = t->cap ? t->cap * 2 : 4096;
    if (cap > TRIPLES_MAX)
        return mq_fail(err, MQ_TOO_LARGE, "interactions: %zu: at most %zu can be learnt from", cap,
                       TRIPLES_MAX);
    if (grow_column((void **)&t->viewer, cap, sizeof(*t->viewer)) != 0 ||
        grow_column((void **)&t->title, cap, sizeof(*t->title)) != 0 ||
        grow_column((void **)&t->weight, cap, sizeof(*t->weight)) != 0 ||
        grow_column((void **)&t->at_ms, cap, sizeof(*t->at_ms)) != 0)
        return mq_fail(err, MQ_NO_MEMORY, "interactions: %zu: no memory", cap);
    t->cap = cap;
    return 0;
}

int triples_add(struct triples *t, uint32_t viewer, uint32_t title, float weight, int64_t at_ms,
                struct mq_error *err)
{
    if (t->n == t->cap) {
        int rc = grow(t, err);
        if (rc)
            return rc;
    }
    t->viewer[t->n] = viewer;
    t->title[t->n] = title;
    t->weight[t->n] = weight;
    t->at_ms[t->n] = at_ms;
    t->n++;
    return 0;
}

void triples_release(struct triples *t)
{
    free(t->viewer);
    free(t->title);
    free(t->weight);
    free(t->at_ms);
    *t = (struct triples){0};
}

int triples_to_csr(const struct triples *t, uint32_t n_viewers, uint32_t n_titles, int64_t from_ms,
                   int64_t to_ms, struct csr *ret, struct mq_error *err)
{
    size_t n = 0;
    uint32_t *viewer = malloc((t->n + 1) * sizeof(*viewer));
    uint32_t *title = malloc((t->n + 1) * sizeof(*title));
    float *weight = malloc((t->n + 1) * sizeof(*weight));
    int rc;
    if (viewer && title && weight) {
        for (size_t i = 0; i < t->n; i++) {
            if (t->at_ms[i] < from_ms || t->at_ms[i] >= to_ms)
                continue;
            viewer[n] = t->viewer[i];
            title[n] = t->title[i];
            weight[n++] = t->weight[i];
        }
        rc = csr_from_triples(n_viewers, n_titles, viewer, title, weight, n, ret, err);
    } else {
        rc = mq_fail(err, MQ_NO_MEMORY, "interactions: %zu: no memory", t->n);
    }
    free(viewer);
    free(title);
    free(weight);
    return rc;
}

static int by_time(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

int triples_cut(const struct triples *t, double before, int64_t *ret_ms, struct mq_error *err)
{
    *ret_ms = 0;
    if (t->n == 0)
        return 0;
    int64_t *sorted = malloc(t->n * sizeof(*sorted));
    if (!sorted)
        return mq_fail(err, MQ_NO_MEMORY, "interactions: %zu: no memory", t->n);
    memcpy(sorted, t->at_ms, t->n * sizeof(*sorted));
    qsort(sorted, t->n, sizeof(*sorted), by_time);
    size_t at = (size_t)(before * (double)t->n);
    *ret_ms = sorted[at < t->n ? at : t->n - 1];
    free(sorted);
    return 0;
}

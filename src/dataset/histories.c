#include "dataset/histories.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct entry {
    int64_t at_ms;
    uint32_t title;
    uint32_t place; /* order among equal times; a viewer's entries stay below 2^32 */
};

static int earlier(const void *a, const void *b)
{
    const struct entry *x = a;
    const struct entry *y = b;
    if (x->at_ms != y->at_ms)
        return x->at_ms < y->at_ms ? -1 : 1;
    return (x->place > y->place) - (x->place < y->place);
}

static bool kept(const struct triples *t, const uint8_t *keep, size_t i)
{
    return t->weight[i] > 0 && (!keep || keep[i]);
}

static void sort_row(struct entry *e, size_t n)
{
    bool sorted = true;
    for (size_t k = 0; k < n; k++)
        e[k].place = (uint32_t)k;
    for (size_t k = 1; k < n && sorted; k++)
        sorted = e[k - 1].at_ms <= e[k].at_ms;
    if (!sorted)
        qsort(e, n, sizeof(*e), earlier);
}

/* Entries by viewer, in the order of the triples; start[v + 1] ends as the end of v. */
static void place_entries(const struct triples *t, const uint8_t *keep, uint64_t *start,
                          uint32_t rows, struct entry *entries)
{
    for (size_t i = 0; i < t->n; i++)
        start[t->viewer[i] + 1] += kept(t, keep, i);
    for (uint32_t v = 0; v < rows; v++)
        start[v + 1] += start[v];
    for (size_t i = 0; i < t->n; i++) {
        if (kept(t, keep, i))
            entries[start[t->viewer[i]]++] =
                (struct entry){.at_ms = t->at_ms[i], .title = t->title[i]};
    }
    for (uint32_t v = rows; v > 0; v--)
        start[v] = start[v - 1];
    start[0] = 0;
}

int histories_from(const struct triples *t, const uint8_t *keep, uint32_t rows, uint32_t titles,
                   struct histories *ret, struct mq_error *err)
{
    struct histories h = {.rows = rows, .titles = titles};
    struct entry *entries = malloc((t->n + 1) * sizeof(*entries));
    h.start = calloc((size_t)rows + 2, sizeof(*h.start));
    h.title = malloc((t->n + 1) * sizeof(*h.title));
    h.at_ms = malloc((t->n + 1) * sizeof(*h.at_ms));
    if (!entries || !h.start || !h.title || !h.at_ms) {
        free(entries);
        histories_release(&h);
        return mq_fail(err, MQ_NO_MEMORY, "histories: %zu interactions: no memory", t->n);
    }
    place_entries(t, keep, h.start, rows, entries);
    for (uint32_t v = 0; v < rows; v++)
        sort_row(entries + h.start[v], (size_t)(h.start[v + 1] - h.start[v]));
    for (uint64_t k = 0; k < h.start[rows]; k++) {
        h.title[k] = entries[k].title;
        h.at_ms[k] = entries[k].at_ms;
    }
    free(entries);
    *ret = h;
    return 0;
}

void histories_release(struct histories *h)
{
    free(h->start);
    free(h->title);
    free(h->at_ms);
    *h = (struct histories){0};
}

int histories_to_csr(const struct histories *h, struct csr *ret, struct mq_error *err)
{
    size_t n = (size_t)histories_entries(h);
    uint32_t *row = malloc((n + 1) * sizeof(*row));
    float *one = malloc((n + 1) * sizeof(*one));
    int rc = row && one ? 0 : mq_fail(err, MQ_NO_MEMORY, "histories: %zu entries: no memory", n);
    for (uint32_t v = 0; rc == 0 && v < h->rows; v++) {
        for (uint64_t k = h->start[v]; k < h->start[v + 1]; k++) {
            row[k] = v;
            one[k] = 1;
        }
    }
    if (rc == 0)
        rc = csr_from_triples(h->rows, h->titles, row, h->title, one, n, ret, err);
    for (uint64_t k = 0; rc == 0 && k < csr_nnz(ret); k++)
        ret->value[k] = 1;
    free(row);
    free(one);
    return rc;
}

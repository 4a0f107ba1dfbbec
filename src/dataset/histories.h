/* histories.h - what each viewer met, in order of time: what models of sequence learn from and ask about. */
#ifndef MQ_DATASET_HISTORIES_H
#define MQ_DATASET_HISTORIES_H

#include "dataset/triples.h"

/* Row v holds entries start[v] .. start[v + 1), earliest first; of equal times the one added first. A title may
 * stand there more than once. */
struct histories {
    uint32_t rows, titles;
    uint64_t *start; /* (rows + 1) */
    uint32_t *title; /* (entries) */
    int64_t *at_ms;  /* (entries) */
};

struct history {
    const uint32_t *title;
    const int64_t *at_ms;
    size_t n;
};

/* The first `n` entries of row v (n SIZE_MAX: all). */
static inline struct history history_of(const struct histories *h, uint32_t v, size_t n)
{
    uint64_t at = h->start[v];
    size_t have = (size_t)(h->start[v + 1] - at);
    return (struct history){h->title + at, h->at_ms + at, n < have ? n : have};
}

static inline uint64_t histories_entries(const struct histories *h)
{
    return h->start[h->rows];
}

/* From triples with a weight above 0; keep[i] 0 leaves triple i out (NULL: all stay). Release `ret`.
 * MQ_NO_MEMORY. */
int histories_from(const struct triples *t, const uint8_t *keep, uint32_t rows, uint32_t titles,
                   struct histories *ret, struct mq_error *err);
void histories_release(struct histories *h);

/* Who met what, once each, as a matrix of ones. */
int histories_to_csr(const struct histories *h, struct csr *ret, struct mq_error *err);

#endif

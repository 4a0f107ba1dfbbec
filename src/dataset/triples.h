/* triples.h - who met which title, how much and when: what training and evaluation learn from, by dense
 * ids, in the order in which it was added. */
#ifndef MQ_DATASET_TRIPLES_H
#define MQ_DATASET_TRIPLES_H

#include "base/error.h"
#include "math/csr.h"

/* Column by column, (n) each. weight > 0: a positive of that confidence; < 0: known not to be liked, with
 * confidence -weight. at_ms as in events. */
struct triples {
    uint32_t *viewer, *title;
    float *weight;
    int64_t *at_ms;
    size_t n, cap;
};

/* The most there may be: 32-bit row counts in a CSR's transpose stay far from overflow. */
#define TRIPLES_MAX ((size_t)1 << 31)

/* All zero is an empty set. MQ_NO_MEMORY, MQ_TOO_LARGE. */
int triples_add(struct triples *t, uint32_t viewer, uint32_t title, float weight, int64_t at_ms,
                struct mq_error *err);
void triples_release(struct triples *t);

/* Rows viewers, columns titles; only the triples with from_ms <= at_ms < to_ms. */
int triples_to_csr(const struct triples *t, uint32_t n_viewers, uint32_t n_titles, int64_t from_ms,
                   int64_t to_ms, struct csr *ret, struct mq_error *err);

/* The time before which the share `before` (0..1) of the triples lies; 0 for none. */
int triples_cut(const struct triples *t, double before, int64_t *ret_ms, struct mq_error *err);

#endif

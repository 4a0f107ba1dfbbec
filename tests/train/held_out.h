/* held_out.h - what was it worth? Titles that viewers came to like later, ranked from what they did before. */
#ifndef MQ_TEST_HELD_OUT_H
#define MQ_TEST_HELD_OUT_H

#include "math/bootstrap.h"
#include "train/train.h"

enum { HELD_OUT_DEPTH = 10, HELD_OUT_VIEWERS = 10000 };

struct held_out {
    double ndcg,
        popularity_ndcg;  /* NDCG@10 of fold-in, and of the most popular; NaN without viewers */
    struct interval gain; /* ndcg - popularity_ndcg per viewer, paired bootstrap, 95 % */
    uint64_t viewers;
};

/* Rank all titles but those of a viewer's earlier row, from that row folded in; targets are the titles with
 * a value above 0 in the later row that the earlier one does not hold. Viewers count who have both; of more
 * than HELD_OUT_VIEWERS that many are drawn by seed.
 * NDCG@10 = DCG / ideal DCG, relevance 0 or 1, discount 1 / log2(1 + place) (Jarvelin, Kekalainen 2002).
 * `m` must be trained on nothing later than `earlier`. Same shapes: (viewers, m->n_titles).
 * The same numbers whatever the number of threads. MQ_INVALID, MQ_NO_MEMORY, MQ_SINGULAR. */
int held_out_measure(const struct model *m, const struct csr *earlier, const struct csr *later,
                     struct pool *pool, uint64_t seed, struct held_out *ret, struct mq_error *err);

/* Train on `earlier` alone with these settings and measure on `later`. */
int train_held_out(const struct csr *earlier, const struct csr *later,
                   const struct train_settings *settings, struct pool *pool,
                   struct train_watch watch, struct held_out *ret, struct mq_error *err);

#endif

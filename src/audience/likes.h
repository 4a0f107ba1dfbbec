/* likes.h - who likes what as plain rows, by rank and by title; and the same shuffled. For searches among all people. */
#ifndef MQ_AUDIENCE_LIKES_H
#define MQ_AUDIENCE_LIKES_H

#include "audience/strata.h"
#include "base/pool.h"
#include "base/rng.h"

struct likes {
    uint32_t n, n_titles;
    uint64_t *row;    /* (n + 1) into title */
    uint32_t *title;  /* by rank, ascending within a row */
    uint64_t *column; /* (n_titles + 1) into rank */
    uint32_t *rank;   /* by title, ascending within a column */
};

int likes_init(const struct viewer_sets *sets, const struct strata *s, struct likes *ret,
               struct mq_error *err);
void likes_release(struct likes *l);

/* Curveball: `trades` times two viewers put what only one of them likes together and deal it out anew, each getting as
 * many as before. They trade in rounds in which everybody is in one pair (Carstens, Hamann, Meyer, Penschuck, Tran, Wagner
 * 2018), so that threads share them; the number of threads changes nothing. Columns are made anew. MQ_NO_MEMORY. */
int likes_shuffle(struct likes *l, uint64_t trades, struct rng *rng, struct pool *pool,
                  struct mq_error *err);

#endif

/* home.h - the page and what it was made from, for those who check it. */
#ifndef MQ_RECOMMEND_HOME_H
#define MQ_RECOMMEND_HOME_H

#include "recommend/reasons.h"

/* Beside a page's rows, in the recommender's arena. */
struct home_trace {
    struct shelf shelf[SHELVES_MAX];    /* row by row */
    struct placed *placed[SHELVES_MAX]; /* item by item */
};

/* As recommend_home, which is this without the trace. */
int home_make(struct recommender *r, const struct world *w, const struct ask *ask,
              struct mq_page *ret, struct home_trace *ret_trace, struct mq_error *err);

/* What every answer's id is a hash of, then the titles; `kind` tells answers apart. */
void answer_id(struct recommender *r, char kind, const struct placed *const *placed,
               const size_t *n, size_t rows, char ret[33]);

struct mq_context context_understood(struct recommender *r);

#endif

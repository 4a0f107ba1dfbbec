/* faithfulness.h - are the reasons true? For each item with named evidence the viewer's history is cut
 * twice, once by the evidence and once by as many other liked titles of like popularity (the control), and
 * the row is made again from the whole catalogue. The reason is faithful when the item falls further
 * without the evidence than without the control; a tie is a failure.
 *
 * For tests, `evaluate` and benchmarks: allocates, and takes two requests' work per item. */
#ifndef MQ_RECOMMEND_FAITHFULNESS_H
#define MQ_RECOMMEND_FAITHFULNESS_H

#include "recommend/recommend.h"

/* Places in the full order of the item's own row, from 1; a row that is not there any more, or does not
 * hold it, gives n_titles + 1. */
struct faithful_places {
    uint32_t before, without_evidence, without_control;
};

struct faithful_item {
    struct title_id title;
    enum mq_reason_kind kind;
    uint32_t row, n_evidence;
    bool has_control; /* else the history has no other liked titles: nothing can be compared */
    struct faithful_places all;  /* titles taken out of the history may be recommended again */
    struct faithful_places away; /* they may not: only scores can move the item */
};

static inline bool faithful(const struct faithful_places *p)
{
    return p->without_evidence > p->before && p->without_evidence > p->without_control;
}

/* Make the page of `ask` and measure its items; those without named evidence get n_evidence 0 and no
 * places. At most `max` items. Uses `r` for everything. */
int faithful_page(struct recommender *r, const struct world *w, const struct ask *ask,
                  struct faithful_item *ret, size_t max, size_t *ret_n, struct mq_error *err);

#endif

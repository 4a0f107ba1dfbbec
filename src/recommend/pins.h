/* pins.h - titles that a request puts into places of the answer. A pin on a title by its id shows it even when it was seen; not
 * when it is hidden, not available or above the limit: then the place is filled as without it. Any other pin is a slot: the
 * viewer's best free title that fits. Inside the room only. */
#ifndef MQ_RECOMMEND_PINS_H
#define MQ_RECOMMEND_PINS_H

#include "recommend/reasons.h"

/* Which title each pin means, best first in the viewer's order, none twice; their titles are claimed (r->claimed). After
 * filters_apply and the scores. MQ_INVALID: an id that is no title's, or a title that the rules themselves leave out. */
int pins_resolve(struct recommender *r, struct mq_error *err);

/* After pins_resolve: the campaign's title (r->ask->lead) into the first column of that row which no rule took. Nothing happens
 * without one, or where the title may not be shown to this viewer (rights, limits, rules, hidden, seen) or has a place already. */
void pins_lead(struct recommender *r, size_t row);

/* How many stand in this row. */
size_t pins_in_row(const struct recommender *r, size_t row);

/* Put the row's pins into their columns, behind the last where the row is shorter. items and placed hold n and have room for
 * pins_in_row more. Returns the new n. */
size_t pins_splice(struct recommender *r, size_t row, struct mq_item *items, struct placed *placed,
                   size_t n);

#endif

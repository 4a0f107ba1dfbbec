/* moment.h - what hour, device, day, the last plays and mood do to the viewer's order. Inside the room only.
 *
 * The model's factors (model/mood.h) say how much likelier each kind of title is chosen at a moment than the viewer's taste alone
 * lets expect; where the viewer's own plays at this part of the day tell more, their habits do. What that does to
 * the order of titles is order.h's. */
#ifndef MQ_RECOMMEND_MOMENT_H
#define MQ_RECOMMEND_MOMENT_H

#include "recommend/shelf.h"

/* Once per request, after the scores: r->ranked, r->ordered, r->moment. MQ_INVALID: a mood that the model does not have. */
int moment_begin(struct recommender *r, struct mq_error *err);

/* Is the mood likely enough, or chosen, for a row of its own; how much its row counts beside others. */
bool moment_deserves_row(const struct recommender *r);
float moment_weight(const struct recommender *r);

/* Mood, its source and all moods into the page; names in the arena. */
void moment_tell(struct recommender *r, struct mq_page *ret);

/* "Short comedy", by what sets the mood apart; "Mood 2" where nothing does. `number` from 0. */
const char *moment_mood_name(struct recommender *r, uint32_t number);
/* "Short comedy for tonight". */
const char *moment_row_name(struct recommender *r, uint32_t mood);
const char *moment_row_reason(struct recommender *r);
/* "Comedy, 28 minutes: suits the mood". */
const char *moment_title_reason(struct recommender *r, uint32_t mood, uint32_t title);

#endif

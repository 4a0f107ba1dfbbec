/* opportunity_concept.h - a found triangle as the title that nobody has made: a record to forecast, and as text. */
#ifndef MQ_STRATEGY_OPPORTUNITY_CONCEPT_H
#define MQ_STRATEGY_OPPORTUNITY_CONCEPT_H

#include "base/buf.h"
#include "strategy/opportunities.h"
#include "strategy/strategy_data.h"

/* Its people by number, the theme, and the genres, kind and language that most titles of the three have. In the arena. */
int opportunity_concept(const struct strategy_data *d, const struct vertices *vs,
                        const struct triangle *t, struct arena *arena, struct title *ret,
                        struct mq_error *err);
/* As `strategy forecast` reads concepts. like: a title that it names as comparable, or empty. */
void opportunity_concept_write(const struct title *t, struct str like, struct buf *out);

#endif

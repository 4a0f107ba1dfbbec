/* taste.h - what the viewer's own history says about every title. */
#ifndef MQ_RECOMMEND_TASTE_H
#define MQ_RECOMMEND_TASTE_H

#include "recommend/recommender.h"

/* Fold the history in and score all titles, new ones by their content; sets liked, has_taste, x, inverse and
 * taste. MQ_SINGULAR. */
int taste_begin(struct recommender *r, struct mq_error *err);

/* Score to order titles by where the row itself is about something else: taste, else popularity. */
float taste_or_trend(const struct recommender *r, uint32_t t);

#endif

/* taste.h - what the viewer's own history says about every title. */
#ifndef MQ_RECOMMEND_TASTE_H
#define MQ_RECOMMEND_TASTE_H

#include "recommend/recommender.h"

/* Fold the history in and score all titles; sets liked, has_taste, x, inverse and taste. MQ_SINGULAR. */
int taste_begin(struct recommender *r, struct mq_error *err);

/* Score of a title; of one that the model does not know, what its genres and people let expect. The
 * latter is kept in r->taste. */
float taste_of(struct recommender *r, uint32_t t);

/* Score to order titles by where the row itself is about something else: taste, else popularity. */
float taste_or_trend(struct recommender *r, uint32_t t);

#endif

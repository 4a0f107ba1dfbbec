/* taste.h - what the viewer's own history says about every title. */
#ifndef MQ_RECOMMEND_TASTE_H
#define MQ_RECOMMEND_TASTE_H

#include "recommend/recommender.h"

/* Fold the history in; sets liked, has_taste, x, inverse, and the scores of all titles (scores.h). MQ_SINGULAR. */
int taste_begin(struct recommender *r, struct mq_error *err);

#endif

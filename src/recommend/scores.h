/* scores.h - what each generator says about each title: the numbers that rows and lists are ordered by.
 *
 * One place: model/ensemble.h scores the whole catalogue for the viewer's history with the weights of the
 * published model, as evaluation does. Titles that the model does not know have taste by their content alone. */
#ifndef MQ_RECOMMEND_SCORES_H
#define MQ_RECOMMEND_SCORES_H

#include "recommend/recommender.h"

/* One candidate, generator by generator. */
struct title_scores {
    float blend;             /* what rows are ordered by */
    float part[INGREDIENTS]; /* 0 where the model has no such view, or gives it no weight */
    float trend;             /* chosen lately, in this context */
    bool known;              /* to the model; else part[INGREDIENT_TASTE] is by content */
};

/* After the fold-in: r->scores of all titles, r->score and r->taste. MQ_SINGULAR. */
int scores_begin(struct recommender *r, struct mq_error *err);

/* All that is known of one title for this request. */
struct title_scores scores_of(const struct recommender *r, uint32_t title);

/* Score to order titles by where the row itself is about something else: the blend, else popularity. */
float score_or_trend(const struct recommender *r, uint32_t t);

#endif

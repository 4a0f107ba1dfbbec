/* filters.h - which titles may be answered at all: bits over titles, worked out once per request, and what each filter took
 * away. Inside the room only. */
#ifndef MQ_RECOMMEND_FILTERS_H
#define MQ_RECOMMEND_FILTERS_H

#include "recommend/recommender.h"
#include "recommend/rules.h"

/* From r->ask (its rules, moment, place, history, what was shown) into r->barred (no rule, right or limit lets it in) and
 * r->seen (nor the viewer: watched, hidden, shown too often). `base` (words): the titles that are asked about, NULL for all
 * that are described. O(words) a filter. */
void filters_apply(struct recommender *r, const uint64_t *base);

/* What the filters took away, for the answer; NULL when none was asked for and something is left, or without memory. */
const struct mq_filters *filters_report(struct recommender *r);

/* What boosts make of a score: times the factor, of a negative score divided by it. */
float filters_boosted(const struct recommender *r, uint32_t title, float score);

#endif

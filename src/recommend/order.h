/* order.h - what each title is worth to the viewer at this moment: r->ranked, r->ordered. Inside the room only.
 *
 * With learnt weights (model/order_part.h) the worth of the titles that come into question is their chance to be chosen among
 * each other: exp(sum of weight * part), the sum over all of them 1. So rows and places may be compared by hits to be expected.
 * Without weights a title at place k of the viewer's order is worth 1 / (k + 10), times the moment's factors as they were fitted.
 * One definition of the parts: train/order_fit.h asks this file. */
#ifndef MQ_RECOMMEND_ORDER_H
#define MQ_RECOMMEND_ORDER_H

#include "recommend/recommender.h"

/* Do learnt weights apply: the model has them, for its kind of scores, and there is a taste to go by. */
bool order_learnt(const struct recommender *r);

/* Once per request, after the scores and the moment. O(titles) for two selections, and RANKED times what a title's words
 * take. Nothing is allocated. */
void order_titles(struct recommender *r);

/* Takes those titles that the model has no factor for out of `skip` (words) of which the order says what they are worth all the
 * same: what came after the training comes into question by what others choose. Nothing without learnt weights. O(RANKED). */
void order_admit(const struct recommender *r, uint64_t *skip);

/* The `most` titles worth most (r->ordered) that are not in `skip`, best first, into ret; equal ones by title. Where learnt weights
 * order them and enough come into question no other is looked at. */
size_t order_select(const struct recommender *r, const uint64_t *skip, size_t most,
                    struct topk_item *ret);

/* The `most` titles chosen most lately (r->trend) that may be shown, best first; as kept, where they were looked for before. */
size_t order_lately(const struct recommender *r, size_t most, struct topk_item *ret);

/* The parts of one title's worth, unweighted: x (ORDER_PARTS); 0 where nothing is known. */
void order_parts(const struct recommender *r, uint32_t title, float *x);

/* What orders the titles that come into question is written to r->ranked alone: for training, which has no weights yet. */
void order_candidates(struct recommender *r);

#endif

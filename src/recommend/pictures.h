/* pictures.h - where chance is there to learn from: with which of its pictures a title is shown, and which new titles are tried. Inside the room only.
 *
 * A title with several pictures (or trailers: whatever the catalogue's `pictures` name) is shown with one that is drawn by its chance to be the
 * best, the same for a viewer through a day (UTC); where nothing was learnt yet, all are alike. Viewers who are not to be
 * profiled, children, and answers of the past get the best one so far, without chance. */
#ifndef MQ_RECOMMEND_PICTURES_H
#define MQ_RECOMMEND_PICTURES_H

#include "recommend/shelf.h"

/* Fills picture, picture_number and picture_propensity of an item. */
void picture_choose(const struct recommender *r, uint32_t title, struct mq_item *ret);

/* May chance have a part in this answer? And what decides it: the same for a viewer through a day. */
bool exploration_allowed(const struct recommender *r);
uint64_t exploration_seed(const struct recommender *r, uint64_t what);

/* The fourth to sixth place of a row of new titles: drawn from all of the row that stand there or further right, by how much each may be worth
 * yet (its valued share of what was shown, plus one deviation, beside that of new titles on average, as logarithm of a weight: an upper
 * confidence bound, drawn from by Plackett-Luce so that each chance given the places before is exact). `at` (n) places of s->list;
 * ret_chance (n). Half as much `exploration`, half as many places. Nothing happens without ask->try_new, on other rows, or where exploration_allowed says no. */
void explore_new(const struct recommender *r, uint64_t row, const struct shelf *s, uint32_t *at,
                 size_t n, float *ret_chance);

#endif

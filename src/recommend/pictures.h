/* pictures.h - with which of its pictures a title is shown. Inside the room only.
 *
 * A title with several pictures (or trailers: whatever the catalogue's `pictures` name) is shown with one that is drawn by its chance to be the
 * best, the same for a viewer through a day (UTC); where nothing was learnt yet, all are alike. Viewers who are not to be
 * profiled, children, and answers of the past get the best one so far, without chance. */
#ifndef MQ_RECOMMEND_PICTURES_H
#define MQ_RECOMMEND_PICTURES_H

#include "recommend/recommender.h"

/* Fills picture, picture_number and picture_propensity of an item. */
void picture_choose(const struct recommender *r, uint32_t title, struct mq_item *ret);

#endif

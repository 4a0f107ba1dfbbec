/* draw.h - where chance decides: a few neighbouring places of a row, whose titles are put in an order that is drawn.
 *
 * The titles of a row stay the same, and so do all other rows. Where the window lies and the order in it follow from viewer,
 * moment, model and row; every order of the window is as likely as any other, so the chance of each title in its place given those before
 * it is 1 / width, 1 / (width - 1), ..., 1: exact, and noted (experiment/plackett_luce.h). */
#ifndef MQ_RECOMMEND_DRAW_H
#define MQ_RECOMMEND_DRAW_H

#include "recommend/recommender.h"

enum {
    DRAW_WIDTH_MAX = 8,
    DRAW_COLUMNS = 12 /* the window lies among the first ones */
};

/* Reorders at (n) by ask->draw, and says each one's chance (NaN: none) in ret_chance (n). `row`: which row it is. */
void draw_places(const struct recommender *r, uint64_t row, uint32_t *at, size_t n,
                 float *ret_chance);

#endif

/* biases.h - how generous is this viewer, how liked is this title? The baselines of rating prediction. */
#ifndef MQ_TRAIN_BIASES_H
#define MQ_TRAIN_BIASES_H

#include "dataset/triples.h"

struct biases {
    double mean;
    float *viewer, *title; /* added to the mean; 0 for who has no rating */
    float *title_mean;     /* plain mean of its ratings; the mean of all for a title without one */
    uint32_t n_viewers, n_titles;
};

/* Minimises sum (r - mean - v - t)^2 + viewer_ridge sum v^2 + title_ridge sum t^2 by turns (Koren 2008, 2.1).
 * Weights of `t` are ratings. MQ_INVALID: no rating. MQ_NO_MEMORY. */
int biases_fit(const struct triples *t, uint32_t n_viewers, uint32_t n_titles, double viewer_ridge,
               double title_ridge, struct biases *ret, struct mq_error *err);
void biases_release(struct biases *b);

static inline double biases_of(const struct biases *b, uint32_t viewer, uint32_t title)
{
    return b->mean + (double)b->viewer[viewer] + (double)b->title[title];
}

#endif

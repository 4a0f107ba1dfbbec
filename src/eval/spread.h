/* spread.h - beside accuracy: how much of the catalogue do the lists show, and how evenly? */
#ifndef MQ_EVAL_SPREAD_H
#define MQ_EVAL_SPREAD_H

#include "eval/report.h"
#include "train/answers.h"
#include "train/questions.h"

enum { SPREAD_DEPTH = 20, SPREAD_TOP = 10 };

/* From the lists of model m (kept SPREAD_DEPTH deep or deeper): coverage, the share of titles watched in training
 * that stand in some top 10; the Gini coefficient of how often they do (0: all alike, 1: one title alone); recall@20
 * on the tail, which is all titles but the most watched that make up half of the training's rows.
 * MQ_NO_MEMORY. */
int spread_measure(const struct answers *a, size_t m, const struct questions *asked,
                   const struct csr *train, struct report_spread *ret, struct mq_error *err);

#endif

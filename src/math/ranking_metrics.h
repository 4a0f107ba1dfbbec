/* ranking_metrics.h - how good is one ranked list? Relevance is 0 or 1. */
#ifndef MQ_MATH_RANKING_METRICS_H
#define MQ_MATH_RANKING_METRICS_H

#include <stdbool.h>
#include <stddef.h>

/* hit[i]: the item at place i + 1 is a target; n items, `targets` targets in all (those not in the list
 * included), targets > 0. */

/* Recall@k = hits among the first k / min(k, targets) (Liang et al. 2018). */
double recall_at(const bool *hit, size_t n, size_t targets, size_t k);
/* 1 if any of the first k is a target. */
double hit_rate_at(const bool *hit, size_t n, size_t k);
/* DCG / ideal DCG, discount 1 / log2(1 + place) (Jarvelin, Kekalainen 2002); the ideal has min(k, targets). */
double ndcg_at(const bool *hit, size_t n, size_t targets, size_t k);

#endif

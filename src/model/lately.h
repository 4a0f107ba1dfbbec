/* lately.h - how many came to each title lately, as of a question's own moment.
 *
 * Trends are noted at a hundred or so moments. Where what came between them is kept too (train/trends.h), it is added: on a
 * service that few come to a day the last moment may lie weeks back, and a title that came out since then would not be there. */
#ifndef MQ_MODEL_LATELY_H
#define MQ_MODEL_LATELY_H

#include <stddef.h>

#include "model/blend_part.h"

/* The row of recent that the question's moment has; NULL: nothing is known by then. No copy. */
const float *lately_noted(const struct trends *t, size_t speed, int64_t now_ms, uint32_t n_titles);

/* to (n_titles): log(1 + viewers before now_ms, older ones less), with what came since the moment before. t->came is there. Pure.
 * O(n_titles + entries between two moments). */
void lately_exact(const struct trends *t, size_t speed, int64_t now_ms, uint32_t n_titles,
                  float *to);

/* to (n_titles): 2^-(time since the first that came before now_ms / half-life), 0 where none did. t->first_ms is there. Pure. */
void lately_new(const struct trends *t, size_t speed, int64_t now_ms, uint32_t n_titles, float *to);

#endif

/* small_model.h - an invented model for tests: any dimensions, numbers from a seed. */
#ifndef MQ_TEST_SMALL_MODEL_H
#define MQ_TEST_SMALL_MODEL_H

#include "model/model.h"

struct model *small_model(uint32_t titles, uint32_t rank, uint32_t neighbours, uint64_t seed);
/* Give it ratings of its first titles. */
void small_model_rate(struct model *m, uint32_t titles, uint32_t rank, uint32_t snapshots);
/* Give it a blend: `links` of each title and kind, `moments` of popularity, all weights 0.1. */
void small_model_blend(struct model *m, uint32_t links, uint32_t moments);
void small_model_free(struct model *m);

#endif

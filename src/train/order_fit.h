/* order_fit.h - the weights by which scores, popularity, the moment and the mood order titles (model/order_part.h).
 *
 * Each choice of a log is asked again in the world as it was (replay.h): a conditional logit over the titles that came into
 * question then, by Newton's method with a small ridge. Fitted on choices before test_from_ms, judged on those from it on. */
#ifndef MQ_TRAIN_ORDER_FIT_H
#define MQ_TRAIN_ORDER_FIT_H

#include "model/model.h"
#include "train/ials.h"
#include "train/ranker_log.h"

struct order_fit_settings {
    const struct catalogue *catalogue;
    const struct model
        *generators; /* trained on nothing from log.from_ms on; with moods, where there are any */
    int64_t test_from_ms;
    uint64_t seed;
};

enum {
    ORDER_QUESTIONS_MAX = 4000, /* asked; of more, every second or third … */
    ORDER_QUESTIONS_LEAST = 150,
};

/* *ret (heap, free): NULL where there was too little to learn from; else its figures are those of the weights from the earlier choices, its
 * weights are from all. All weights together serve where they did better on the later choices than the order without them and than those of
 * the score and the moment alone; else the latter, or NULL if these are surely worse than none. MQ_NO_MEMORY, MQ_CANCELLED. */
int order_fit(const struct ranker_log *log, const struct order_fit_settings *s,
              struct train_watch watch, struct order_part **ret, struct mq_error *err);

#endif

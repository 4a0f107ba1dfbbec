/* replay.h - choices of a ranker_log asked again, each in the world as it was then: an older model, the viewer's profile just
 * before, the counters up to that moment. */
#ifndef MQ_TRAIN_REPLAY_H
#define MQ_TRAIN_REPLAY_H

#include "recommend/recommender.h"
#include "train/ranker_log.h"

struct replay {
    const struct ranker_log *log;
    struct world world;
    struct recommender *r; /* in the midst of the request that was asked last */
    struct trend *trend;
    struct ask ask;
    size_t fed; /* counted events that are in */
};

/* `log` and `w` stay; the world's counters are the replay's own. Release whatever comes out. MQ_NO_MEMORY. */
int replay_init(struct replay *x, const struct ranker_log *log, const struct world *w,
                struct mq_error *err);
void replay_release(struct replay *x);

/* Begins the choice's request as recommender_begin does. Choices in the order of time. */
int replay_ask(struct replay *x, const struct ranker_choice *c, struct mq_error *err);

#endif

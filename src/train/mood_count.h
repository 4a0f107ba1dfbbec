/* mood_count.h - what the plays said of each factor of model/mood.h, and what was expected: the steps of iterative scaling. Inside
 * the room only, of mood_fit.c. */
#ifndef MQ_TRAIN_MOOD_COUNT_H
#define MQ_TRAIN_MOOD_COUNT_H

#include "train/mood_fit.h"

struct mood_counts;

/* What of a play's view does not depend on moods: the same in every round of their fit. */
struct mood_ground {
    float base[MOOD_WORDS], others[MOOD_FIELD];
};
/* Of each play (p->n), under the model's base. As mood_pass without a ground. */
void mood_ground_lay(const struct mood_model *m, const struct mood_plays *p,
                     struct mood_ground *ret);

int mood_counts_new(struct mood_counts **ret, struct mq_error *err); /* MQ_NO_MEMORY */
void mood_counts_free(struct mood_counts *c);

typedef void mood_see(void *ctx, const struct mood_state *before, const struct mood_view *view,
                      const struct mood_state *after, const struct mood_play *play);
/* The filter that serving runs, through all plays. O(plays * field), a few times less with p->ground. */
void mood_pass(const struct mood_model *m, const struct mood_plays *p, mood_see *see, void *ctx);

/* Counts anew. Without moods: words and what the base expects of them. With several: each play of a session as what the others of its session
 * foretell, over the viewer's usual moods at such a moment, the base's chances tilted by it. */
void mood_count(struct mood_counts *c, const struct mood_model *m, const struct mood_plays *p);
enum {
    BASE_ROUNDS = 13
}; /* part of the day, device and last play, kind of day, four times; then all together */
/* Move the factors that do not depend on moods (one family a round); those that do. */
void mood_scale_base(struct mood_model *m, const struct mood_counts *c, unsigned round);
void mood_scale_moods(struct mood_model *m, const struct mood_counts *c);

#endif

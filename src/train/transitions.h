/* transitions.h - what follows what: how often title j came soon after title i.
 *
 * Each pair (i before j) of a history counts 2^-((distance - 1) / half_life), up to `window` steps apart
 * (distances in steps, since a viewer's pace is their own). Latifi, Jannach, Ferraro 2022: such simple
 * models stand beside transformers on small data. */
#ifndef MQ_TRAIN_TRANSITIONS_H
#define MQ_TRAIN_TRANSITIONS_H

#include "base/pool.h"
#include "dataset/histories.h"
#include "model/links.h"

enum { TRANSITIONS_ROW_MAX = 1024 }; /* links kept of each title, the strongest */

struct transitions_settings {
    float half_life; /* in steps */
    uint32_t window; /* most steps */
};

struct transitions {
    struct links follows; /* (i, j): weight of j after i / (all after i + TRANSITIONS_PRIOR) */
    float *from_scale; /* (titles) from_scale[i] follows(i, j) to_scale[j] = weight / root of the */
    float *to_scale;   /* (titles) product of all after i and all before j: a directed cosine */
};

#define TRANSITIONS_PRIOR 10.0F /* of the chance: what rests on few counts for less */
#define TRANSITIONS_COSINE_PRIOR 5.0F

/* The same whatever the number of threads. O(entries window). Release `ret`. MQ_NO_MEMORY. */
int transitions_train(const struct histories *h, const struct transitions_settings *s,
                      struct pool *pool, struct transitions *ret, struct mq_error *err);
void transitions_release(struct transitions *t);

#endif

/* past.h - the world as it was: catalogue, live counters and model from a prefix of the log. */
#ifndef MQ_ENGINE_PAST_H
#define MQ_ENGINE_PAST_H

#include "engine/engine.h"

/* Which past: at most one of as_of_ms and as_of_seq (0 = not by this), and a model version (0 = the one live
 * then; by seq, the one live now). All 0 is the present. */
struct past_key {
    int64_t as_of_ms;
    uint64_t as_of_seq, model;
};

struct past {
    struct past_key key;
    struct store_range range; /* the prefix, for profiles */
    uint64_t last_seq;        /* the newest event in it, 0 = none */
    int64_t newest_ms;        /* and when it was known */
    struct catalogue *catalogue;
    struct trend *trend;
    struct model *model; /* NULL: none then */
};

static inline bool past_is_present(const struct past_key *k)
{
    return k->as_of_ms == 0 && k->as_of_seq == 0;
}

/* Reads the whole log once. */
int past_open(struct mq_engine *e, const struct past_key *key, struct past **ret, struct mq_error *err);
void past_free(struct past *p);

#endif

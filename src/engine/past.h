/* past.h - the world as it was: catalogue and live counters from a prefix of the log. Any model can be asked
 * about it. */
#ifndef MQ_ENGINE_PAST_H
#define MQ_ENGINE_PAST_H

#include "engine/engine.h"

/* Which past: what lies up to `seq` in the log, and of that what was known at known_ms (0 = all of it). A
 * prefix never changes, but for those who were erased from it. */
struct past_key {
    uint64_t seq, erasures;
    int64_t known_ms;
};

struct past {
    struct past_key key;
    struct store_range range; /* the prefix, for profiles */
    int64_t newest_ms;        /* of its newest event; 0 = it has none */
    struct catalogue *catalogue;
    struct trend *trend;
};

/* Reads the whole log once. */
int past_open(const struct store *s, const struct past_key *key, struct past **ret,
              struct mq_error *err);
void past_free(struct past *p);

#endif

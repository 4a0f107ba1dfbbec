/* netflix_join.h - one play is told of twice in a Netflix export: once in ViewingActivity, once in
 * PlaybackRelatedEvents. Finds which rows are the same play. Inside wire/ only.
 *
 * Rows are the same play when the profile is the same and the starts lie at most NETFLIX_JOIN_MS apart; each row has at
 * most one partner. Where several fit, rows whose titles mean the same come first, then the nearest start, then
 * the order in the file. The title alone never decides: the two files may write it differently. */
#ifndef MQ_WIRE_NETFLIX_JOIN_H
#define MQ_WIRE_NETFLIX_JOIN_H

#include "base/arena.h"
#include "base/error.h"

enum {
    NETFLIX_JOIN_MS = 60000,
    NETFLIX_JOIN_NEAR = 32, /* rows near in time that are looked at, the earliest first */
};
#define NETFLIX_ALONE UINT32_MAX

struct netflix_row {
    struct str profile, title;
    int64_t start_ms;
    uint32_t partner; /* index into the other list, or NETFLIX_ALONE; set by netflix_join */
};

/* Sets `partner` in both lists. O(n log n). MQ_NO_MEMORY when the arena is full. */
int netflix_join(struct netflix_row *a, uint32_t n_a, struct netflix_row *b, uint32_t n_b,
                 struct arena *arena, struct mq_error *err);

#endif

/* profile_builder.h - what a builder holds; for profile*.c only. */
#ifndef MQ_PROFILE_PROFILE_BUILDER_H
#define MQ_PROFILE_PROFILE_BUILDER_H

#include "playback/attention.h"
#include "playback/session.h"
#include "profile/profile.h"
#include "profile/title_states.h"

enum {
    PROFILE_SESSIONS_MAX = 4, /* sessions followed at once; a fifth closes the one silent longest */
    PROFILE_ABANDONED_S = 14 * 24 * 3600,
    HABIT_BITS =
        24, /* of a packed habit: count; above them its cell: daypart * DEVICES + device, */
    HABIT_WEEKEND = DAYPARTS * DEVICES, /* and from here on dayparts of weekends */
    HABIT_CELLS = HABIT_WEEKEND + DAYPARTS,
    BLOCK_OVERHEAD = 16, /* what the allocator adds to a block, about */
};

struct open_session {
    struct session machine;
    struct attention_session attention;
    uint32_t title;
    uint32_t key; /* hash of the session's id; 0 = it has none */
};

/* No padding: its bytes are kept in snapshots. */
_Static_assert(sizeof(struct open_session) == 72, "open_session has padding");

struct profile_builder {
    struct viewer_id viewer;
    country_code country;
    int16_t offset_min;
    uint64_t seq;      /* highest taken in */
    uint64_t last_seq; /* of the newest event: with last_ms the key nothing may lie before */
    uint64_t events;
    int64_t first_ms, last_ms;
    struct attention_viewer attention;
    struct title_states titles;
    struct open_session *sessions; /* (n_sessions) in order of opening */
    uint32_t *habits;              /* (n_habits) packed, in order of first sight */
    uint8_t n_sessions, cap_sessions, n_habits;
    uint8_t consent; /* bits of enum consent */
};

/* Seconds since 1970 as signals keep them: 0 before, stops at 2106. */
uint32_t profile_seconds(int64_t at_ms);

/* What stands behind a snapshot's signals (profile_tail.c). */
size_t profile_tail_bytes(const struct profile_builder *b);
void profile_tail_write(const struct profile_builder *b, uint8_t *at);

#endif

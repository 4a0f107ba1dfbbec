/* play.h - playback events in one line each, for tests. */
#ifndef MQ_TEST_PLAY_H
#define MQ_TEST_PLAY_H

#include "playback/viewing.h"

#define NO EVENT_ABSENT

/* rate_milli 0: none. */
struct event play_event(enum event_kind kind, int64_t at_ms, int64_t position_ms, int64_t from_ms,
                        int32_t rate_milli);

/* Everything a viewing says, as text: "runs 0-20 30-40 | watched ... | played ...". Owned by the caller's
 * buffer. */
void play_text(const struct viewing *v, char *out, size_t size);

#endif

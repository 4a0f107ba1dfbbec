/* viewing_write.h - what was watched as JSON: the one text of it for commands and routes. */
#ifndef MQ_PLAYBACK_VIEWING_WRITE_H
#define MQ_PLAYBACK_VIEWING_WRITE_H

#include "base/json_writer.h"
#include "playback/viewing.h"

/* Writes the members runs, watched, played_ms, content_ms, rewatched_ms, rewinds, rewound_ms, skips, skipped_ms,
 * pauses, paused_ms, buffering_ms, start_position_ms, last_position_ms, completion (six decimals; null when the
 * runtime is unknown) and ended into the object that is open. With keep_runs only. */
void viewing_write(struct json *j, const struct viewing *v);

/* Over several sessions: watched, played_ms, content_ms, rewatched_ms, completion. */
void viewings_write(struct json *j, const struct viewings *x);

#endif

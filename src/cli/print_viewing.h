/* print_viewing.h - what was watched in a session, as one JSON object. */
#ifndef MQ_CLI_PRINT_VIEWING_H
#define MQ_CLI_PRINT_VIEWING_H

#include "base/json_writer.h"
#include "playback/viewing.h"

/* The members of an open object: runs (when kept), watched, played_ms, content_ms, rewatched_ms, rewinds, skips,
 * rewound_ms, skipped_ms, pauses, paused_ms, buffering_ms, start_position_ms, last_position_ms, completion (null
 * when the runtime is unknown), ended. */
void print_viewing(struct json *j, const struct viewing *v);
/* "key":[[from,to],...] in ms of the title. */
void print_spans(struct json *j, const char *key, const struct span *v, size_t n);

#endif

/* oracle.h - the playback rules a second time, as plainly as can be: a byte per millisecond of the title,
 * no interval arithmetic, no streaming. Shares no code with the room. */
#ifndef MQ_TEST_ORACLE_H
#define MQ_TEST_ORACLE_H

#include "playback/viewing.h"

enum { ORACLE_MS = 400000 }; /* positions stay below */

struct oracle {
    uint16_t times[ORACLE_MS]; /* how often each ms was played */
    struct span runs[4096];
    uint32_t n_runs;
    int64_t played, content, rewound, skipped, paused, buffering, start, last;
    uint32_t rewinds, skips, pauses;
    const char *ended;
};

void oracle_run(struct oracle *o, const struct event *events, size_t n, int64_t runtime_ms,
                bool start_plays);

#endif

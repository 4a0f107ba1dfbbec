/* event_reading.h - a sink that keeps what a reader of events gives, for the tests of all formats. */
#ifndef MQ_TESTS_WIRE_EVENT_READING_H
#define MQ_TESTS_WIRE_EVENT_READING_H

#include "support/check.h"
#include "wire/event_sink.h"

enum { READING_MAX = 64 };

struct reading {
    struct arena arena;
    struct event events[READING_MAX];
    size_t n_events, n_refused;
    size_t refused_index[READING_MAX];
    char refused[READING_MAX][MQ_ERROR_TEXT];
};

/* Empties *r (zeroed before its first use) and gives the sink to read into. */
struct event_sink reading_start(struct reading *r);
void reading_end(struct reading *r);
/* The i-th refusal says `words`. */
void reading_refused(const struct reading *r, size_t i, const char *words);

#endif

/* viewer_events.h - events and a catalogue for tests of profiles. */
#ifndef MQ_TEST_VIEWER_EVENTS_H
#define MQ_TEST_VIEWER_EVENTS_H

#include "base/rng.h"
#include "profile/profile.h"

#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
/* Monday, 2026-03-02, 20:00 UTC */
#define MONDAY INT64_C(1772481600000)

struct event viewer_event(enum event_kind kind, uint32_t title, int64_t at_ms, int64_t position_ms);

/* Every title runs 100 minutes but those whose id divides by 5: unknown. */
enum { TEST_TITLES = 6000, TEST_RUNTIME_MIN = 100 };
const struct catalogue *test_catalogue(void);

/* A random history of n events in order of (at_ms, seq), seq from 1: sessions of several titles, interleaved,
 * with and without session ids, ratings and marks between. Session names point to static text. */
void random_history(struct rng *r, struct event *events, size_t n, uint32_t titles);

/* Feed in the given order; every event must be taken. */
struct profile *profile_of(const struct event *events, size_t n, const struct catalogue *c);

#endif

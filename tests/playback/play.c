#include "play.h"

#include <inttypes.h>
#include <stdio.h>

struct event play_event(enum event_kind kind, int64_t at_ms, int64_t position_ms, int64_t from_ms,
                        int32_t rate_milli)
{
    struct event e;
    event_init(&e);
    e.kind = kind;
    e.at_ms = at_ms;
    e.position_ms = position_ms;
    e.from_ms = from_ms;
    if (rate_milli)
        e.rate_milli = rate_milli;
    return e;
}

static size_t add_spans(char *out, size_t size, size_t at, const char *name, const struct span *v,
                        uint32_t n)
{
    at += (size_t)snprintf(out + at, size - at, "%s", name);
    for (uint32_t i = 0; i < n && at + 64 < size; i++)
        at += (size_t)snprintf(out + at, size - at, " %" PRId64 "-%" PRId64, v[i].from, v[i].to);
    return at;
}

void play_text(const struct viewing *v, char *out, size_t size)
{
    size_t at = add_spans(out, size, 0, "runs", v->runs, v->n_runs);
    at = add_spans(out, size, at, "; watched", v->watched.v, v->watched.n);
    snprintf(out + at, size - at,
             "; played %" PRId64 " content %" PRId64 "; rewinds %u/%" PRId64 " skips %u/%" PRId64
             "; pauses %u/%" PRId64 " buffering %" PRId64 "; %" PRId64 "..%" PRId64 " %s",
             v->played_ms, viewing_content_ms(v), v->rewinds, v->rewound_ms, v->skips,
             v->skipped_ms, v->pauses, v->paused_ms, v->buffering_ms, v->start_position_ms,
             viewing_last_position_ms(v), viewing_end_name(viewing_ended(v)));
}

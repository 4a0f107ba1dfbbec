/* fuzz_netflix_plays.c - a Netflix PlaybackRelatedEvents.csv: any bytes. Events that come out are playback events. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "on_bad.h"
#include "wire/netflix_plays.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int on_play(void *ctx, const struct netflix_play *p, struct mq_error *err)
{
    (void)ctx;
    (void)err;
    if (p->line < 2)
        abort();
    for (size_t i = 0; i < p->n_events; i++) {
        if (!event_kind_is_playback(p->events[i].kind) || p->events[i].at_ms == EVENT_ABSENT)
            abort();
    }
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct netflix_plays_sink sink = {NULL, on_play, on_bad};
    struct mq_error err;
    netflix_plays_read("fuzz", (struct str){(const char *)data, size}, &sink, &err);
    return 0;
}

/* fuzz_playback_case.c - playback cases: any bytes; what is read is played, and must add up. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "playback/viewing.h"
#include "wire/playback_case.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void play(const struct playback_case *c, const struct playback_case_session *s)
{
    struct viewing v;
    viewing_init(&v, c->runtime_ms, c->start_plays, true);
    if (viewing_feed_all(&v, s->events, s->n, NULL) == 0) {
        if (viewing_content_ms(&v) < 0 || viewing_content_ms(&v) > v.played_ms)
            abort();
        if (c->runtime_ms > 0 && viewing_content_ms(&v) > c->runtime_ms)
            abort();
    }
    viewing_release(&v);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct playback_case c;
    if (arena_init(&arena, 4096, 1 << 24) != 0)
        abort();
    if (playback_case_read((struct str){(const char *)data, size}, &arena, &c, NULL) == 0) {
        for (size_t i = 0; i < c.n_sessions; i++)
            play(&c, &c.sessions[i]);
    }
    arena_release(&arena);
    return 0;
}

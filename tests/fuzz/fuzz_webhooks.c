/* fuzz_webhooks.c - any bytes as a call of a webhook. The first byte chooses: 'j' Jellyfin, 'p' Plex as JSON, else Plex
 * as multipart with the boundary "XX". What is accepted is valid. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "wire/jellyfin.h"
#include "wire/plex.h"

#define NOW_MS INT64_C(1772400000000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int accepted(void *ctx, size_t index, struct event *e, struct mq_error *err)
{
    (void)ctx;
    if (event_check(e, NOW_MS, err) != 0 || index != 0 || e->viewer.n == 0)
        abort();
    return 0;
}

static void told(void *ctx, const struct title *t)
{
    struct mq_error err;
    (void)ctx;
    if (t->id.n == 0 || t->name.n == 0)
        abort();
    (void)title_check(t, &err);
}

static int refused(void *ctx, const struct event_place *place, const struct mq_error *why,
                   struct mq_error *err)
{
    (void)ctx;
    (void)err;
    if (why->status == MQ_OK || why->text[0] == '\0' || place->line == 0)
        abort();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct mq_error err;
    struct event_sink sink = {NULL, accepted, refused, told};
    if (size == 0)
        return 0;
    if (arena_init(&arena, 1 << 14, 1 << 24) != 0)
        abort();
    struct str body = {(const char *)data + 1, size - 1};
    if (data[0] == 'j')
        (void)jellyfin_read(body, NOW_MS, &arena, &sink, &err);
    else
        (void)plex_read(data[0] == 'p' ? STR("application/json")
                                       : STR("multipart/form-data; boundary=XX"),
                        body, NOW_MS, &arena, &sink, &err);
    arena_release(&arena);
    return 0;
}

/* fuzz_segment.c - any bytes as any call of Segment's: what is accepted is valid, what is refused says why. The first
 * byte chooses the call, or a file of calls. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "wire/segment.h"

#define NOW_MS INT64_C(1772400000000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int accepted(void *ctx, size_t index, struct event *e, struct mq_error *err)
{
    (void)ctx;
    (void)index;
    if (event_check(e, NOW_MS, err) != 0 || e->id.n == 0)
        abort();
    return 0;
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
    struct str key;
    if (size == 0)
        return 0;
    if (arena_init(&arena, 1 << 16, 1 << 24) != 0)
        abort();
    struct segment_options o = {.call = (enum segment_call)(data[0] % SEGMENT_CALLS),
                                .received_ms = NOW_MS,
                                .arena = &arena};
    struct event_sink sink = {NULL, accepted, refused, NULL};
    struct str body = {(const char *)data + 1, size - 1};
    if (data[0] >= 0xfe) {
        struct segment_file_options f = {
            .lines = data[0] == 0xfe, .now_ms = NOW_MS, .first_line = 1, .arena = &arena};
        (void)segment_read_file(body, &f, &sink, &err);
    } else {
        (void)segment_read(body, &o, &sink, &key, &err);
    }
    arena_release(&arena);
    return 0;
}

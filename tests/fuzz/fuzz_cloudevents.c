/* fuzz_cloudevents.c - any bytes as CloudEvents: what is accepted is valid, what is refused says why. The first
 * byte chooses the mode; in binary mode the attributes are whole. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "wire/cloudevents.h"

#define NOW_MS INT64_C(1772400000000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int accepted(void *ctx, size_t index, struct event *e, struct mq_error *err)
{
    (void)ctx;
    (void)index;
    if (event_check(e, NOW_MS, err) != 0 || e->id.n == 0 || e->source.n == 0)
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
    if (size == 0)
        return 0;
    if (arena_init(&arena, 1 << 16, 1 << 24) != 0)
        abort();
    static const struct cloudevents_attribute whole[] = {{{"id", 2}, {"1", 1}},
                                                         {{"specversion", 11}, {"1.0", 3}},
                                                         {{"source", 6}, {"%2Fs", 4}},
                                                         {{"type", 4}, {"x.pause", 7}},
                                                         {{"subject", 7}, {"u", 1}}};
    struct cloudevents_options o = {.mode = (enum cloudevents_mode)(data[0] % 2),
                                    .attributes = whole,
                                    .n_attributes = 5,
                                    .received_ms = NOW_MS,
                                    .arena = &arena};
    struct event_sink sink = {NULL, accepted, refused, NULL};
    (void)cloudevents_read((struct str){(const char *)data + 1, size - 1}, &o, &sink, &err);
    arena_release(&arena);
    return 0;
}

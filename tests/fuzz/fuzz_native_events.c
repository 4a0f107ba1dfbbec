/* fuzz_native_events.c - native JSON events: any bytes, as a body of any form and as lines. What is accepted
 * is valid, and written it reads back as the same event. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/hash.h"
#include "wire/native.h"
#include "wire/native_write.h"

#define NOW_MS INT64_C(1772400000000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct round {
    struct native_parser *parser; /* of the second reading; NULL in it */
    struct hash128 wanted;
    bool seen;
};

static int refused(void *ctx, const struct event_place *place, const struct mq_error *why,
                   struct mq_error *err)
{
    const struct round *r = ctx;
    (void)err;
    if (why->status == MQ_OK || why->text[0] == '\0' || place->line == 0 || !r->parser)
        abort();
    return 0;
}

static int accepted(void *ctx, size_t index, struct event *e, struct mq_error *err)
{
    struct round *r = ctx;
    (void)index;
    if (event_check(e, NOW_MS, err) != 0)
        abort();
    if (!r->parser) {
        struct hash128 h = event_identity(e);
        if (h.hi != r->wanted.hi || h.lo != r->wanted.lo)
            abort();
        r->seen = true;
        return 0;
    }
    struct round again = {NULL, event_identity(e), false};
    struct native_options o = {.source = STR("native"), .now_ms = NOW_MS};
    struct buf b;
    struct json j;
    buf_init(&b, 1 << 22);
    json_init(&j, &b);
    native_write(&j, e);
    struct event_sink sink = {&again, accepted, refused, NULL};
    if (b.failed || native_parse(r->parser, buf_str(&b), &o, &sink, err) != 0 || !again.seen)
        abort();
    buf_release(&b);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct native_parser *first, *second;
    struct mq_error err;
    struct arena arena;
    if (native_parser_new(&first, &err) != 0 || native_parser_new(&second, &err) != 0 ||
        arena_init(&arena, 1 << 16, 1 << 24) != 0)
        abort();
    for (int form = NATIVE_ANY; form <= NATIVE_LINES; form++) {
        struct round r = {second, {0, 0}, false};
        struct native_options o = {.form = (enum native_form)form,
                                   .source = STR("native"),
                                   .now_ms = NOW_MS,
                                   .arena = form == NATIVE_ANY ? &arena : NULL};
        struct event_sink sink = {&r, accepted, refused, NULL};
        native_parse(first, (struct str){(const char *)data, size}, &o, &sink, &err);
    }
    arena_release(&arena);
    native_parser_free(first);
    native_parser_free(second);
    return 0;
}

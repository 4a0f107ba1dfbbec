/* fuzz_catalogue_json.c - titles as JSON: any bytes, as one title and as many. What is accepted is valid, and
 * written twice over it is the same text. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/json_writer.h"
#include "wire/catalogue_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_title(const struct title *t, struct buf *b)
{
    struct json j;
    buf_init(b, 1 << 24);
    json_init(&j, b);
    catalogue_json_write(&j, t);
    if (b->failed)
        abort();
}

static int on_title(void *ctx, size_t index, const struct title *t, struct mq_error *err)
{
    struct arena *arena = ctx;
    struct title again;
    struct buf first, second;
    (void)index;
    if (title_check(t, err) != 0)
        abort();
    write_title(t, &first);
    /* What is written may pass the limit that what was read kept (escapes); memory may run out. */
    int rc = catalogue_json_parse(buf_str(&first), t->id, arena, &again, err);
    if (rc != 0 && rc != MQ_TOO_LARGE && rc != MQ_NO_MEMORY)
        abort();
    if (rc == 0) {
        write_title(&again, &second);
        if (!str_eq(buf_str(&first), buf_str(&second)))
            abort();
        buf_release(&second);
    }
    buf_release(&first);
    return 0;
}

static int on_refused(void *ctx, const struct event_place *place, const struct mq_error *why,
                      struct mq_error *err)
{
    (void)ctx;
    (void)err;
    if (why->text[0] == '\0' || place->line == 0)
        abort();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str body = {(const char *)data, size};
    struct arena arena;
    struct title t;
    struct mq_error err;
    if (arena_init(&arena, 1 << 16, 1 << 24) != 0)
        abort();
    if (catalogue_json_parse(body, STR("t-1"), &arena, &t, &err) == 0)
        on_title(&arena, 0, &t, &err);
    struct catalogue_json_sink sink = {&arena, on_title, on_refused};
    catalogue_json_parse_batch(body, &arena, &sink, &err);
    arena_release(&arena);
    return 0;
}

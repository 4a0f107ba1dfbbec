/* fuzz_outside_apis.c - any bytes as what Gorse's and Amazon Personalize's SDKs send. The first byte chooses: 'f' feedback, 'u'
 * users, 'i' items, 'e' events, 'P' and 'G' their tables, else a request. What is accepted is valid. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "wire/feedback_table.h"
#include "wire/gorse.h"
#include "wire/personalize.h"

#define NOW_MS INT64_C(1772400000000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int accepted(void *ctx, size_t index, struct event *e, struct mq_error *err)
{
    (void)ctx;
    (void)index;
    if (event_check(e, NOW_MS, err) != 0 || e->viewer.n == 0)
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

static int on_row(void *ctx, struct event *e, uint64_t line, struct mq_error *err)
{
    return line < 2 ? abort(), 0 : accepted(ctx, 0, e, err);
}

static int on_title(void *ctx, const struct title *t, uint64_t line, struct mq_error *err)
{
    (void)ctx;
    if (line < 2 || title_check(t, err) != 0)
        abort();
    return 0;
}

static int on_bad(void *ctx, const struct bad_row *bad, struct mq_error *err)
{
    (void)ctx;
    (void)err;
    if (bad->why->text[0] == '\0')
        abort();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct mq_error err;
    struct event_sink sink = {NULL, accepted, refused, NULL};
    struct title *titles = NULL;
    struct personalize_request r;
    size_t n = 0;
    if (size == 0)
        return 0;
    if (arena_init(&arena, 1 << 14, 1 << 24) != 0)
        abort();
    struct str body = {(const char *)data + 1, size - 1};
    if (data[0] == 'f' || data[0] == 'u')
        (void)gorse_read_events(body, data[0] == 'f' ? GORSE_FEEDBACK : GORSE_USERS, NOW_MS, &arena,
                                &sink, &err);
    else if (data[0] == 'e')
        (void)personalize_read_events(body, NOW_MS, &arena, &sink, &err);
    else if (data[0] == 'P' || data[0] == 'G')
        (void)feedback_table_read("fuzz", body,
                                  data[0] == 'P' ? FEEDBACK_PERSONALIZE : FEEDBACK_GORSE, NOW_MS,
                                  &(struct feedback_sink){NULL, on_row, on_title, on_bad}, &err);
    else if (data[0] == 'c') {
        struct title t;
        if (gorse_read_item_change(body, STR("item"), &arena, &t, &err) == 0 &&
            (title_check(&t, &err) != 0 || !str_eq(t.id, STR("item"))))
            abort();
    } else if (data[0] != 'i')
        (void)personalize_read_request(body, &arena, &r, &err);
    else if (gorse_read_items(body, &arena, &titles, &n, &err) == 0)
        for (size_t i = 0; i < n; i++)
            if (title_check(&titles[i], &err) != 0)
                abort();
    arena_release(&arena);
    return 0;
}

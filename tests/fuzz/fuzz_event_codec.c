/* fuzz_event_codec.c - stored events: any bytes. What decodes must read the same when it is encoded again. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "event/event.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const int64_t at_ms = INT64_C(1772395200000);

/* Encoding is one to one, so events are compared by their bytes. */
static struct buf encoded(const struct event *e)
{
    struct buf b;
    buf_init(&b, 8 << 20);
    event_encode(e, &b);
    if (b.failed)
        abort();
    return b;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct event e, again;
    if (arena_init(&arena, 4096, 1 << 22) != 0)
        abort();
    if (event_decode((struct str){(const char *)data, size}, at_ms, &arena, &e, NULL) == 0) {
        struct buf first = encoded(&e);
        if (event_decode(buf_str(&first), at_ms, &arena, &again, NULL) != 0)
            abort();
        struct buf second = encoded(&again);
        if (!str_eq(buf_str(&first), buf_str(&second)))
            abort();
        (void)event_check(&e, at_ms, NULL);
        buf_release(&first);
        buf_release(&second);
    }
    arena_release(&arena);
    return 0;
}

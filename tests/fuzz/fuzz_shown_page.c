/* fuzz_shown_page.c - records of what was shown: any bytes. What decodes must read the same when it is encoded again. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "event/shown_page.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char first[1 << 17], second[1 << 17];
    struct arena arena;
    struct shown_page p;
    struct mq_error err;
    struct buf a, b;
    if (arena_init(&arena, 1 << 16, 1 << 22) != 0)
        abort();
    buf_over(&a, first, sizeof(first));
    buf_over(&b, second, sizeof(second));
    if (shown_page_decode((struct str){(const char *)data, size}, (struct viewer_id){1}, 2, &arena,
                          &p, &err) == 0) {
        shown_page_encode(&p, &a);
        if (a.failed || shown_page_decode(buf_str(&a), p.viewer, 2, &arena, &p, &err) != 0)
            abort();
        shown_page_encode(&p, &b);
        if (!str_eq(buf_str(&a), buf_str(&b)))
            abort();
    }
    arena_release(&arena);
    return 0;
}

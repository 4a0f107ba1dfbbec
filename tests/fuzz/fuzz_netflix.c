/* fuzz_netflix.c - files of a Netflix personal export, one behind the other with an empty line between them: any bytes.
 * What comes out is valid. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "on_bad.h"
#include "wire/netflix.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const int64_t now_ms = INT64_C(1800000000000);

static int on_title(void *ctx, const struct title *t, const char *file, uint64_t line,
                    struct mq_error *err)
{
    (void)ctx;
    (void)file;
    if (title_check(t, err) != 0 || line == 0)
        abort();
    return 0;
}

static int on_event(void *ctx, struct event *e, const char *file, uint64_t line,
                    struct mq_error *err)
{
    (void)ctx;
    (void)file;
    if (event_check(e, now_ms, err) != 0 || e->id.n == 0 || line == 0)
        abort();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct netflix_sink sink = {NULL, NULL, on_title, on_event, NULL, on_bad};
    struct netflix_part parts[6];
    struct mq_error err;
    struct str rest = {(const char *)data, size};
    size_t n = 0;
    while (rest.n > 0 && n < 6) {
        const char *gap = memmem(rest.p, rest.n, "\n\n", 2);
        size_t bytes = gap ? (size_t)(gap - rest.p) + 1 : rest.n;
        parts[n++] = (struct netflix_part){"fuzz", {rest.p, bytes}, false};
        size_t passed = bytes + (gap != NULL);
        rest = (struct str){rest.p + passed, rest.n - passed};
    }
    netflix_read_parts(parts, n, now_ms, &sink, &err);
    return 0;
}

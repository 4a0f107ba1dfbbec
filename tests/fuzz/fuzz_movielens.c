/* fuzz_movielens.c - MovieLens files: any bytes as each kind of file. What comes out is valid. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "on_bad.h"
#include "wire/movielens.h"

#define NOW_MS INT64_C(1772400000000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int on_title(void *ctx, const struct title *t, const char *file, uint64_t line,
                    struct mq_error *err)
{
    (void)ctx;
    (void)file;
    (void)line;
    if (t->n_tags == 0 && title_check(t, err) != 0)
        abort();
    return 0;
}

static int on_rating(void *ctx, struct event *e, const char *file, uint64_t line,
                     struct mq_error *err)
{
    (void)ctx;
    (void)file;
    if (event_check(e, NOW_MS, err) != 0 || line == 0)
        abort();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"ratings.csv", "movies.csv", "u.item", "tags.csv"};
    struct movielens_sink sink = {NULL, on_title, on_rating, on_bad, NULL};
    struct mq_error err;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        movielens_read_bytes(names[i], (struct str){(const char *)data, size}, NOW_MS, &sink, &err);
    return 0;
}

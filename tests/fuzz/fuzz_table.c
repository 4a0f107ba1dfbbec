/* fuzz_table.c - tables: any bytes. The whole at once and pulled in pieces (a piece's size is the first byte)
 * end, go forward, and every field is UTF-8; and the same bytes as interactions. */
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "wire/interactions.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct pieces {
    const char *p;
    size_t left, piece;
};

static int64_t read_piece(void *ctx, char *into, size_t n, struct mq_error *err)
{
    struct pieces *s = ctx;
    (void)err;
    size_t take = s->piece < n ? s->piece : n;
    take = take < s->left ? take : s->left;
    if (take > 0)
        memcpy(into, s->p, take);
    s->p += take;
    s->left -= take;
    return (int64_t)take;
}

static void read_all(struct table *t, size_t size)
{
    struct table_row row;
    struct mq_error err;
    uint64_t line = 0;
    size_t rows = 0;
    int rc;
    while ((rc = table_next(t, &row, &err)) != 0) {
        if ((rc != 1 && rc != MQ_INVALID) || row.line <= line || ++rows > size)
            abort();
        line = row.line;
        for (size_t i = 0; rc == 1 && i < row.n; i++)
            if (!str_is_utf8(row.field[i]))
                abort();
    }
    table_free(t);
}

static void read_interactions(struct str bytes)
{
    struct interactions *t;
    struct interaction_row row;
    struct mq_error err;
    int rc;
    if (interactions_over(&t, "fuzz", bytes, NULL, &err) != 0)
        return;
    while ((rc = interactions_next(t, &row, &err)) != 0) {
        struct event e;
        if (rc != 1)
            continue;
        if (row.viewer.n == 0 || row.title.n == 0)
            abort();
        interactions_event(&row, 5, &e);
        event_check(&e, INT64_C(1772400000000), &err);
    }
    interactions_free(t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str bytes = {(const char *)data, size};
    struct table *t;
    struct mq_error err;
    struct pieces pieces = {bytes.p, size, size ? 1 + (size_t)data[0] % 64 : 1};
    if (table_over(&t, "fuzz", bytes, NULL, &err) == 0)
        read_all(t, size);
    if (table_pull(&t, "fuzz", read_piece, &pieces, NULL, &err) == 0)
        read_all(t, size);
    read_interactions(bytes);
    return 0;
}

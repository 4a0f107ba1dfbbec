/* fuzz_titles_table.c - tables of titles: any bytes. What comes out is valid. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "on_bad.h"
#include "wire/titles_table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int on_title(void *ctx, const struct title *t, uint64_t line, struct mq_error *err)
{
    (void)ctx;
    if (title_check(t, err) != 0 || line == 0)
        abort();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct titles_sink sink = {NULL, on_title, on_bad};
    struct mq_error err;
    titles_table_read("fuzz", (struct str){(const char *)data, size}, NULL, &sink, &err);
    return 0;
}

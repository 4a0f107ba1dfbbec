/* fuzz_credits_table.c - tables and JSON of credits: any bytes. What comes out is valid, each title once. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "on_bad.h"
#include "wire/credits_table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int on_credits(void *ctx, const struct title *t, uint64_t rows, uint64_t line,
                      struct mq_error *err)
{
    (void)ctx;
    if (title_check(t, err) != 0 || !t->has_credits || rows < t->n_credits || line == 0)
        abort();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct credits_sink sink = {NULL, on_credits, on_bad};
    struct mq_error err;
    credits_read("fuzz", (struct str){(const char *)data, size}, NULL, &sink, &err);
    return 0;
}

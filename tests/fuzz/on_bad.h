/* on_bad.h - what a reader of rows says of a bad one: where it stands, and why. */
#ifndef MQ_FUZZ_ON_BAD_H
#define MQ_FUZZ_ON_BAD_H

#include <stdlib.h>

#include "wire/bad_row.h"

static int on_bad(void *ctx, const struct bad_row *bad, struct mq_error *err)
{
    (void)ctx;
    (void)err;
    if (bad->line == 0 || bad->why->text[0] == '\0')
        abort();
    return 0;
}

#endif

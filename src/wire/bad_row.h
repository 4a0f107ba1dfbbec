/* bad_row.h - how every reader of wire/ reports a record that it could not read, and goes on. */
#ifndef MQ_WIRE_BAD_ROW_H
#define MQ_WIRE_BAD_ROW_H

#include "base/error.h"
#include "base/str.h"

struct bad_row {
    const char *file; /* as the caller named it */
    uint64_t line;    /* physical line where the record starts, from 1 */
    struct str raw;   /* the record as it stood there, valid during the call; perhaps cut */
    const struct mq_error *why; /* "what: value: remedy", without file and line */
};

/* A sink's functions return 0 to go on. Anything else ends the reading: the reader returns that value and
 * leaves `err` as the sink filled it. Strict reading is a sink that ends in bad_row_fail(). */
typedef int bad_row_fn(void *ctx, const struct bad_row *bad, struct mq_error *err);

/* "file:line: why" in `err`; returns MQ_INVALID. */
int bad_row_fail(const struct bad_row *bad, struct mq_error *err);

#endif

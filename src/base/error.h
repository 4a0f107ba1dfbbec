/* error.h - filling a struct mq_error. */
#ifndef MQ_BASE_ERROR_H
#define MQ_BASE_ERROR_H

#include "marquee_status.h"

/* Fill `err` (NULL is allowed) with a code and a formatted "what: value: remedy"; returns `status`,
 * so that a failing function ends in `return mq_fail(err, MQ_INVALID, "...")`. Bytes that are no
 * UTF-8, and control characters, are shown as "?". */
int mq_fail(struct mq_error *err, enum mq_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* As mq_fail for a failed system call: the text of `errno_value` is added, and the code is chosen
 * from it (ENOSPC, EDQUOT: MQ_FULL; ENOENT: MQ_NOT_FOUND; ENOMEM: MQ_NO_MEMORY; else MQ_IO). */
int mq_fail_errno(struct mq_error *err, int errno_value, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Put "prefix: " before the message that is there, cutting at the end. Returns err's status. */
int mq_error_prefix(struct mq_error *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif

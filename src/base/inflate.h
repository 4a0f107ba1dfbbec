/* inflate.h - compressed bodies and files, with a limit. */
#ifndef MQ_BASE_INFLATE_H
#define MQ_BASE_INFLATE_H

#include "buf.h"
#include "error.h"

/* Append what the gzip members (one or several) or the zlib stream in `in` hold; which of both is found
 * from the first bytes. `in` must not point into `out`. Takes about 40 kB while it runs.
 * MQ_TOO_LARGE when the content does not fit out->max, MQ_INVALID for what is broken, cut off, or
 * followed by anything else; then `out` holds what it held before. */
int inflate_gzip(struct str in, struct buf *out, struct mq_error *err);

#endif

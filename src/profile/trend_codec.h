/* trend_codec.h - the live counters as bytes, to be kept beside the log and taken up again. */
#ifndef MQ_PROFILE_TREND_CODEC_H
#define MQ_PROFILE_TREND_CODEC_H

#include "base/buf.h"
#include "profile/trend.h"

/* Appends all counts; out->failed when they do not fit. The writer's thread. O(titles x tables). */
void trend_encode(const struct trend *t, struct buf *out);
/* New counters that count on as those did. MQ_CORRUPT, MQ_VERSION (written by a newer Marquee), MQ_NO_MEMORY. Any
 * bytes are refused or give counters within their bounds. */
int trend_decode(struct str bytes, struct trend **ret, struct mq_error *err);

#endif

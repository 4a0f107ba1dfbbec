/* when.h - an instant as tables write it. */
#ifndef MQ_WIRE_WHEN_H
#define MQ_WIRE_WHEN_H

#include "base/str.h"

/* Epoch seconds (a fraction is allowed), epoch milliseconds (above 10^11 in size), or what time_parse
 * reads. False, and *ret_ms untouched, for anything else or a year past 9999. */
bool when_parse(struct str s, int64_t *ret_ms);

/* A calendar day as days since 1970-01-01: "1995-11-22", "22-Nov-1995" (MovieLens), "11/22/1995" and
 * a time's day. False for anything else. */
bool when_day(struct str s, int32_t *ret_day);

#endif

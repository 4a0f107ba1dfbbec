/* limits.h - how much each caller may ask for in a second: token buckets by key, or by address where there
 * is no key. Any thread. Inside http/ only. */
#ifndef MQ_HTTP_LIMITS_H
#define MQ_HTTP_LIMITS_H

#include "base/error.h"
#include "base/str.h"

struct limits;

/* `rate` units a second, with room for two seconds' worth and one at least; 0: no limit (*ret is NULL). */
int limits_new(double rate, struct limits **ret, struct mq_error *err);
void limits_free(struct limits *l);

/* Take `cost` from the caller's bucket. It is given as long as anything is in it: a batch larger than the
 * bucket leaves a debt. Returns 0, or how many seconds to wait. NULL: always 0. */
int limits_take(struct limits *l, struct str caller, double cost, int64_t now_ns);

#endif

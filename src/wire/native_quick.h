/* native_quick.h - the native events that players send all the time, read without a tree. Inside wire/ only.
 *
 * It takes an object that is certainly what native_fields accepts and makes the same event of it, and leaves every doubt to
 * that: members other than the usual ones, escapes, bytes beyond ASCII, numbers that are no plain whole ones, null, a key
 * twice, any mistake. So an event is refused, and why, by json_read_value and native_fields alone. About a fifth of their
 * processor time. */
#ifndef MQ_WIRE_NATIVE_QUICK_H
#define MQ_WIRE_NATIVE_QUICK_H

#include "event/event.h"

/* The object that begins at all.p + *at, of at most `max` bytes: true, *ret filled (its text points into `all`; not
 * event_check) and *at behind it. False: in doubt, *at stays and *ret holds anything. `now_ms` is for an absent `at`. */
bool native_quick(struct str all, size_t *at, size_t max, int64_t now_ms, struct event *ret);

#endif

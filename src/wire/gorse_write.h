/* gorse_write.h - events and titles as Gorse's SDKs expect them back (gorse.h says what becomes what). */
#ifndef MQ_WIRE_GORSE_WRITE_H
#define MQ_WIRE_GORSE_WRITE_H

#include "base/json_writer.h"
#include "catalogue/title.h"
#include "event/event.h"

/* An event as a Feedback; `type` as it was asked for, empty: like, love, dislike, or the event's kind. */
void gorse_write_feedback(struct json *j, const struct event *e, struct str type);

void gorse_write_item(struct json *j, struct str id, const struct title *t);

/* What to ask with for what comes after the first `passed`; 0: that was all. */
void gorse_write_cursor(struct json *j, uint64_t passed);

#endif

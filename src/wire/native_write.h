/* native_write.h - struct event -> native JSON, the form native.h reads. */
#ifndef MQ_WIRE_NATIVE_WRITE_H
#define MQ_WIRE_NATIVE_WRITE_H

#include "base/json_writer.h"
#include "event/event.h"

/* Write `e` as one object; absent fields are left out, the time zone is written as offset_min, source,
 * archived and what the store set are not written. Read back by native_parse (with the same source and a
 * later now_ms) it gives the same event, provided event_check accepts it. Allocates only through `j`'s buffer. */
void native_write(struct json *j, const struct event *e);

#endif

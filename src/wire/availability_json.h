/* availability_json.h - when and where a title may be watched, as a member of its JSON. Inside wire/ only. */
#ifndef MQ_WIRE_AVAILABILITY_JSON_H
#define MQ_WIRE_AVAILABILITY_JSON_H

#include <json-c/json.h>

#include "base/arena.h"
#include "catalogue/title.h"

/* [{"from": time, "until": time, "countries": ["GB"]}], each member optional, or one such object; NULL changes
 * nothing. Into `arena`. MQ_INVALID, MQ_TOO_LARGE, MQ_NO_MEMORY. */
int availability_json_read(struct json_object *v, struct arena *arena, struct title *ret,
                           struct mq_error *err);

#endif

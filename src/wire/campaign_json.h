/* campaign_json.h - a campaign as JSON: {name, title, holdout, days, floor, segments: [expression, or {audience, lead: {kind,
 * name}, hour, device}]}. Everything but title may be missing. What `campaign plan` answers is read too: of it `campaign` counts. */
#ifndef MQ_WIRE_CAMPAIGN_JSON_H
#define MQ_WIRE_CAMPAIGN_JSON_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "catalogue/campaign_request.h"

enum { CAMPAIGN_JSON_MAX = 1 << 20 };

/* Text lies in the arena, terminated. Refused: fields of another name, names and texts beyond their limits, more than
 * CAMPAIGN_SEGMENTS_MAX segments, the same audience twice, a hold-out outside its limits, hours and devices that do not exist.
 * MQ_INVALID, MQ_TOO_LARGE, MQ_NO_MEMORY. */
int campaign_json_parse(struct str body, struct arena *arena, struct campaign_request *ret,
                        struct mq_error *err);

/* 1 to CAMPAIGN_NAME_MAX letters, digits, '-', '_' and '.'. MQ_INVALID. */
int campaign_name_check(struct str name, struct mq_error *err);

#endif

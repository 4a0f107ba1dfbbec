/* campaign_json_write.h - a campaign as campaign_json.h reads it. */
#ifndef MQ_WIRE_CAMPAIGN_JSON_WRITE_H
#define MQ_WIRE_CAMPAIGN_JSON_WRITE_H

#include "base/json_writer.h"
#include "catalogue/campaign_request.h"

/* All fields; the name only when there is one. */
void campaign_json_write(struct json *j, const struct campaign_request *c);
/* What a segment is led to with, under the key "lead". */
void campaign_lead_write(struct json *j, const struct campaign_segment *s);

#endif

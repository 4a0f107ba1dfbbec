/* render_campaigns.h - campaigns as JSON. Inside http/ only. */
#ifndef MQ_HTTP_RENDER_CAMPAIGNS_H
#define MQ_HTTP_RENDER_CAMPAIGNS_H

#include "base/json_writer.h"
#include "engine/campaigns.h"

void render_campaign_plan(struct json *j, const struct campaign_plan *p);
void render_campaign(struct json *j, const struct campaign *c);
void render_campaign_reading(struct json *j, const struct campaign_reading *r);

#endif

/* campaign_asked.h - a campaign as somebody asks for it: half held out, four weeks, segments by expression. */
#ifndef MQ_TEST_CAMPAIGN_ASKED_H
#define MQ_TEST_CAMPAIGN_ASKED_H

#include "engine/campaigns.h"

static inline struct campaign_segment segment_of(const char *audience)
{
    return (struct campaign_segment){.audience = str_of(audience)};
}

static inline struct campaign_request request_of(const char *name, const char *title,
                                                 const struct campaign_segment *segments, size_t n)
{
    return (struct campaign_request){.name = str_of(name),
                                     .title = str_of(title),
                                     .holdout = 0.5,
                                     .days = 28,
                                     .floor = 20,
                                     .segments = segments,
                                     .n = n};
}

#endif

/* campaign_planning.h - a plan in the making: its groups (campaign_groups.c), what is expected of them (campaign_plan.c). */
#ifndef MQ_ENGINE_CAMPAIGN_PLANNING_H
#define MQ_ENGINE_CAMPAIGN_PLANNING_H

#include "engine/campaign_response.h"
#include "engine/campaigns.h"

/* An expression in words: a term of it ("liked:tag=x") becomes two or three times as long. */
enum { PLANNING_WORDS = 4 * CAMPAIGN_AUDIENCE_MAX };

struct candidate {
    struct campaign_segment is;
    const struct audience *found;
    roaring_bitmap_t *viewers;                   /* who have not watched the title */
    roaring_bitmap_t *without[LEAD_KINDRED_MAX]; /* campaign_response.h */
    double watched;
    bool withheld;
    const struct lead_element *lead;
    struct association odds;
    struct exposure_effect effect;
    struct plan_segment out;
};

struct planning {
    struct mq_reader *r;
    const struct campaign_request *q;
    struct asked x;
    struct arena *arena;
    uint32_t title;
    struct lead_elements elements;
    struct candidate v[PLAN_MAX];
    size_t n;
    uint32_t kindred[LEAD_KINDRED_MAX], since_s[LEAD_KINDRED_MAX], n_kindred;
    roaring_bitmap_t *scope;
    struct response_group groups[RESPONSE_GROUPS_MAX]; /* everybody, then the candidates */
    struct exposure_effect everybody;
    struct campaign_plan out;
    struct mq_error *err;
};

/* Between audiences_begin and audiences_end, with r, q, x, arena and err set: the title, the groups (named, or proposed) with
 * their viewers, leads and words, the kindred titles. What planning_prepare left goes with planning_release, also after a
 * failure. MQ_NOT_FOUND: no such title; else as engine_campaign_plan. */
int planning_prepare(struct planning *p);
void planning_release(struct planning *p);

int planning_no_memory(struct planning *p);
/* The text terminated, in the plan's arena; "" when it is too long or without memory. */
const char *planning_keep(struct planning *p, struct buf *b);

#endif

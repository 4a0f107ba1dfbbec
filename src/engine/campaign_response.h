/* campaign_response.h - what being seen does: of titles like the campaign's, how many begin one within a week of its coming into view,
 * and how many of those before whom it did not come into view.
 *
 * One scan of the log and of the pages that were shown (clients' impression events, and what this service noted). A viewer and a kindred
 * title give at most two observations. In view: from its first appearance in the first rows and columns of a page, if
 * it was not watched before. Not in view: from the viewer's first page on which it could have stood, unless it came into view within
 * that week. Titles are compared each with itself (experiment/exposure.h). Weeks that the log does not reach the end of count for neither. This compares viewers of one group with each other; whoever ranks
 * titles puts before a viewer what they would like, so it is an upper guess of what a lead does, until a campaign's own hold-out says. */
#ifndef MQ_ENGINE_CAMPAIGN_RESPONSE_H
#define MQ_ENGINE_CAMPAIGN_RESPONSE_H

#include "audience/lead.h"
#include "engine/engine.h"
#include "experiment/exposure.h"

enum {
    RESPONSE_GROUPS_MAX = CAMPAIGN_SEGMENTS_MAX + 1,
    RESPONSE_ROWS = 3,
    RESPONSE_MAX = 64 << 20, /* observations: 512 MiB */
};

struct response_group {
    const roaring_bitmap_t *viewers; /* NULL: everybody in `scope` */
    /* (n_kindred) who would belong to it without that title, so that nobody is in the group for what is asked about; entries and all may
     * be NULL: `viewers`. */
    roaring_bitmap_t *const *without;
    struct exposure_effect effect;
    uint64_t size, came,
        in_view; /* members; with a page in the last days; with the title in view on one */
    uint64_t hours[DAYPARTS], devices[DEVICES]; /* sessions begun */
};

struct response_question {
    uint32_t title;
    const uint32_t *kindred; /* (n_kindred) */
    const uint32_t *since_s; /* (n_kindred) first sign of each */
    uint32_t n_kindred;      /* at most LEAD_KINDRED_MAX */
    int64_t now_ms;          /* the newest thing that counts */
    int64_t known_ms;        /* of the log, what was known by then; 0 = all */
    unsigned days;
    const roaring_bitmap_t *scope;
};

/* groups (n) with `viewers` (and perhaps `without`) set, else zeroed. MQ_NO_MEMORY, MQ_TOO_LARGE (over RESPONSE_MAX observations),
 * MQ_CANCELLED, what the store says. */
int response_measure(struct mq_engine *e, const struct response_question *q,
                     struct response_group *groups, size_t n, struct mq_error *err);

#endif

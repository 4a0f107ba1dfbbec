/* shown_counts.h - what a viewer was shown lately, and how often: for leaving out what they keep passing by.
 *
 * Counted are places that are looked at: the first rows and columns, once a visit however often the page is drawn anew. Of
 * at most SHOWN_COUNTS_MAX titles; the one shown least often, then longest ago, makes room. */
#ifndef MQ_PROFILE_SHOWN_COUNTS_H
#define MQ_PROFILE_SHOWN_COUNTS_H

#include "event/shown_page.h"

enum {
    SHOWN_COUNTS_MAX = 64,
    SHOWN_LOOKED_AT_ROWS = 4,    /* from the top */
    SHOWN_LOOKED_AT_COLUMNS = 6, /* from the left */
    SHOWN_VISIT_MS = 30 * 60 * 1000,
    SHOWN_FORGOTTEN_DAYS = 60, /* since it was last shown */
};

struct shown_count {
    uint32_t title;
    uint16_t times; /* stays at 65,535 */
    uint16_t day;   /* days since 1970 when last counted */
};

struct shown_counts {
    int64_t
        visit_ms; /* when the last visit that was counted began; titles counted since are not counted again */
    uint32_t n;
    struct shown_count of[SHOWN_COUNTS_MAX]; /* (n) ascending by title */
    uint64_t in_visit;                       /* bit per place of `of`: counted in this visit */
};

/* Take in the next page, in order of time. A page of before the visit changes nothing. */
void shown_counts_add(struct shown_counts *c, const struct shown_page *page);

/* How often the title was shown to this viewer lately; 0 for NULL. What was shown long ago is forgotten. */
unsigned shown_times(const struct shown_counts *c, struct title_id title, int64_t at_ms);

#endif

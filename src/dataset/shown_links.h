/* shown_links.h - which page led to that play? One viewer's pages, in order of time, and what was chosen from each.
 *
 * A play that carries a recommendation_id belongs to that page, if its title stood there; else to the viewer's last page of the half
 * hour before on which the title stood. */
#ifndef MQ_DATASET_SHOWN_LINKS_H
#define MQ_DATASET_SHOWN_LINKS_H

#include "event/event.h"
#include "event/shown_page.h"

enum { SHOWN_LINK_MS = 30 * 60 * 1000, SHOWN_LINK_PAGES = 4096 /* of a viewer, the latest */ };

struct linked_page {
    struct shown_page page; /* in the arena */
    uint32_t *chosen;       /* (n_chosen) titles, ascending; in the arena */
    uint32_t n_chosen, cap_chosen;
};

struct shown_links {
    struct arena arena;
    struct linked_page *pages; /* (n) by time */
    size_t n, cap;
};

int shown_links_init(struct shown_links *l, struct mq_error *err);
void shown_links_release(struct shown_links *l);
/* The next viewer's come now. */
void shown_links_reset(struct shown_links *l);
/* A record as stored, in order of time. What is damaged, or of a child, is left out. MQ_NO_MEMORY. */
int shown_links_add(struct shown_links *l, struct str bytes, struct viewer_id viewer, int64_t at_ms,
                    struct mq_error *err);

/* The same of a client's impression event, in the order of the log; its page is the next one in order of time. */
int shown_links_impression(struct shown_links *l, const struct event *e, struct mq_error *err);

struct shown_place {
    size_t page; /* into pages */
    uint32_t row, column;
};
/* Of a start, play, click, complete or rating. False: it was led to by no page that is known. */
bool shown_links_find(const struct shown_links *l, const struct event *e, struct shown_place *ret);
/* Note the title as chosen from that page (once). */
int shown_links_choose(struct shown_links *l, const struct shown_place *at, uint32_t title,
                       struct mq_error *err);

#endif

/* sim_campaign.h - the old service leads with one title for the last SIM_CAMPAIGN_DAYS days, and what that does to each viewer is known.
 * Switched off by `campaign` 0.
 *
 * The title is drawn among well-known ones, so that there is something to lose. From the begin on it stands above the pages of all who
 * are not held out, children apart; who is held out follows from the campaign's name and the viewer's id as when Marquee serves
 * (experiment/arms.h), so that `campaign launch` under the same name and hold-out has the same arms. What being led to does:
 *
 *   moved      on each page, with chance campaign * SIM_MOVED_CHANCE, begins the title because of it
 *   not moved  nothing: the same life, event by event
 *   put off    (sleeping dogs) it is worth campaign * SIM_PUT_OFF_WEIGHT less to them from then on
 *
 * Who responds how follows from the community that has the largest share in a viewer: of those nearest the title two are put off (they
 * would have come by themselves), the next four are moved, the farthest four are not. */
#ifndef MQ_SIM_CAMPAIGN_H
#define MQ_SIM_CAMPAIGN_H

#include "sim/sim_viewer.h"

#define SIM_MOVED_CHANCE 0.02
#define SIM_PUT_OFF_WEIGHT 4.0
#define SIM_CAMPAIGN_LABEL "campaign:" /* before the name: what cuts the arms */

int campaign_check(const struct sim_settings *s, struct mq_error *err);
/* The title and who responds how. */
void campaign_plan(struct sim_world *w);
/* How the viewer responds, and whether they are led to. */
void campaign_draw(const struct sim_world *w, uint32_t viewer, struct viewer_traits *t);
const char *campaign_response_name(enum sim_response r);

/* Is the viewer led to at that time? */
static inline bool campaign_leads(const struct sim_world *w, const struct viewer_traits *t,
                                  int64_t at_ms)
{
    return t->led && at_ms >= w->planted_campaign.begins_ms;
}

/* Does this page make a viewer who is led to begin the title? From a stream of its own, by the number of the page. */
bool campaign_moves(const struct sim_world *w, const struct viewer_traits *t, uint32_t viewer,
                    uint32_t page);

#endif

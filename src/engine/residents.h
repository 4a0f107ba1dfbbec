/* residents.h - the viewers whose live profile is in memory, within a budget.
 *
 * Readers load an immutable snapshot by the viewer's dense id (no lock, no allocation). The committer's
 * thread feeds events, publishes new snapshots, loads viewers from the log and writes nothing: whoever
 * is dropped is rebuilt from the log. */
#ifndef MQ_ENGINE_RESIDENTS_H
#define MQ_ENGINE_RESIDENTS_H

#include "base/epoch.h"
#include "profile/profile.h"
#include "store/store.h"

struct residents;

int residents_new(const struct store *store, struct epoch *epoch, size_t max_bytes,
                  struct residents **ret, struct mq_error *err);
/* No reader may be inside the epoch. */
void residents_free(struct residents *r);

/* Any thread, inside the epoch. NULL: not in memory. */
const struct profile *residents_get(struct residents *r, struct viewer_id viewer);

/* --- the committer's thread --- */

/* These events are in the store now (those with outcome APPEND_ADDED): works out the snapshots that they lead to for
 * viewers in memory, and shows them to nobody yet. A viewer with a late event, or for whom memory ran out, will be
 * dropped, and read from the log when asked for. `c` and the weights of engagement (NULL: the default rules) are what is
 * served. */
void residents_prepare(struct residents *r, const struct event *events, const uint8_t *outcome,
                       size_t n, const struct catalogue *c, const struct engagement_weights *w);
/* Shows what was prepared: a few stores for each viewer. Nothing else of this file comes between the two. */
void residents_publish(struct residents *r);
/* Drops the least recently asked for until the budget holds. */
void residents_trim(struct residents *r);
/* Read a viewer's log and keep the profile. */
int residents_load(struct residents *r, struct viewer_id viewer, const struct catalogue *c,
                   const struct engagement_weights *w, struct mq_error *err);
void residents_drop(struct residents *r, struct viewer_id viewer);
/* The catalogue or the weights of engagement changed: what was derived from it goes. */
void residents_drop_all(struct residents *r);

/* Any thread: for metrics. */
size_t residents_count(const struct residents *r);
size_t residents_bytes(const struct residents *r);

/* A profile from the log alone (also "as of", by `range`); a viewer without events gives *ret == NULL. */
int profile_from_log(const struct store *store, struct viewer_id viewer,
                     const struct store_range *range, const struct catalogue *c,
                     const struct engagement_weights *w, struct profile **ret,
                     struct mq_error *err);

#endif

/* resume.h - what is to be continued, and how likely it is gone on with: in serving, and for training from a log.
 *
 * Pure: reads a viewer's history and the catalogue. */
#ifndef MQ_RECOMMEND_RESUME_H
#define MQ_RECOMMEND_RESUME_H

#include "catalogue/catalogue.h"
#include "math/topk.h"
#include "model/order_part.h"
#include "profile/profile.h"

/* Whose history, read when. */
struct resume_view {
    const struct profile *profile;
    const struct catalogue *catalogue;
    const uint64_t *barred; /* (titles / 64, rounded up) set: may not be shown; NULL: all may */
    int64_t at_ms;
};

/* Titles started, not finished, not given up, and the episodes after finished ones, most recent first: list (most). Returns how
 * many. O(titles of the history, times what of them may be continued). */
size_t resume_find(const struct resume_view *v, struct topk_item *list, size_t most);

/* What says how likely each of these titles (n <= RESUME_SEEN, as resume_find listed them) is gone on with, beside choosing anything
 * new: x (n, RESUME_PARTS); see enum resume_of. O(titles of the history). */
void resume_parts(const struct resume_view *v, const struct topk_item *list, size_t n,
                  float x[][RESUME_PARTS]);

#endif

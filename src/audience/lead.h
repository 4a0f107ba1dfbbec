/* lead.h - what to lead with: which of a title's people, genres, themes and kindred titles a group likes beyond what viewers
 * as active like.
 *
 * An element's viewers are those who liked at least one of its other titles; the title itself counts for nothing. */
#ifndef MQ_AUDIENCE_LEAD_H
#define MQ_AUDIENCE_LEAD_H

#include "audience/audience.h"
#include "audience/strata.h"
#include "catalogue/campaign_request.h"

enum { LEAD_ELEMENTS_MAX = 24, LEAD_KINDRED_MAX = 24 };

struct lead_element {
    enum lead_kind kind;
    struct str name; /* of a title its id */
    struct str said; /* as shown to people; of a title its name */
    uint64_t viewers;
    uint64_t *bits; /* by rank; in the arena */
};

struct lead_elements {
    struct lead_element v[LEAD_ELEMENTS_MAX];
    size_t n;
};

/* Titles that share people, genres or tags with this one, the most alike first. Returns how many (at most LEAD_KINDRED_MAX).
 * O(titles + credits). */
uint32_t lead_kindred(const struct catalogue *c, uint32_t title, uint32_t ret[LEAD_KINDRED_MAX]);

/* People of each role by billing, genres, tags, kindred titles, as far as at least `floor` viewers like others of them; nothing
 * that floor_is_sensitive names. MQ_NO_MEMORY. */
int lead_elements_of(const struct audience_world *w, const struct strata *s, uint32_t title,
                     unsigned floor, struct arena *arena, struct lead_elements *ret,
                     struct mq_error *err);

/* The element whose odds ratio in the group is surest to be large (lower end); NULL: none is above 1, or too few of the group
 * like it. `figures` of the one chosen. */
int lead_choose(const struct lead_elements *e, const struct audience_world *w,
                const struct strata *s, const roaring_bitmap_t *group, unsigned floor,
                struct arena *arena, const struct lead_element **ret, struct association *figures,
                struct mq_error *err);

/* "Promoted: directed by David Fincher": true of the title, whoever reads it. */
void lead_words(enum lead_kind kind, struct str said, struct buf *out);

/* Whether the title has it, and how it is said: people by name in that role, genres, tags; of LEAD_TITLE another title by its id.
 * MQ_INVALID, MQ_NOT_FOUND (no such title). `said` points into the catalogue. */
int lead_check(const struct catalogue *c, uint32_t title, enum lead_kind kind, struct str name,
               struct str *said, struct mq_error *err);

#endif

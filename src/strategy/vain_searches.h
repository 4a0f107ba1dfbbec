/* vain_searches.h - what viewers searched for and did not find: the plainest unmet demand.
 *
 * Fed with the search events of a scan; texts are compared as names are. */
#ifndef MQ_STRATEGY_VAIN_SEARCHES_H
#define MQ_STRATEGY_VAIN_SEARCHES_H

#include "event/event.h"
#include "strategy/triangles.h"

enum {
    VAIN_TEXT_MAX = 80, /* bytes; longer ones are not kept */
    VAIN_TEXTS_MAX = 1 << 20,
    VAIN_MAX = 1 << 24, /* searches; later ones are not kept */
    VAIN_WORDS = 8,     /* of a text that are looked at */
};

struct vain_search {
    uint32_t viewer; /* dense id */
    uint32_t text;
};

struct vain_searches {
    struct intern *texts; /* in comparable form */
    struct vain_search *list;
    size_t n, cap;
};

int vain_searches_new(struct vain_searches **ret, struct mq_error *err);
void vain_searches_free(struct vain_searches *v);
/* A search with no result, of whoever is known; all other events are passed over. */
int vain_searches_event(struct vain_searches *v, const struct event *e, struct mq_error *err);

/* Which vertices each text names (a label within it, whole words): wishes of viewers in scope, by vertex; each once. In the
 * arena. `rank` (n_rank) by dense id. */
int vain_wishes(const struct vain_searches *v, const struct vertices *among, const uint32_t *rank,
                uint32_t n_rank, struct arena *arena, const struct triangle_wish **ret,
                size_t *ret_n, struct mq_error *err);

/* A text and how many viewers in scope searched for it in vain. */
struct vain_text {
    struct str text;
    uint32_t viewers;
};
/* Most viewers first, at least `least` of them; at most `max` into ret. */
int vain_top(const struct vain_searches *v, const uint32_t *rank, uint32_t n_rank, uint32_t least,
             struct vain_text *ret, size_t max, size_t *ret_n, struct mq_error *err);

#endif

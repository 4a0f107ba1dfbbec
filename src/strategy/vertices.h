/* vertices.h - of what opportunities are made: who makes it, who leads it, what it is about.
 *
 * A maker is a person in the role other than actor in which they have most titles; a lead is an actor; a theme is a tag, or
 * a genre where no title has tags. Each needs three titles that somebody liked and, also without
 * the one that most like, `least_viewers` who like at least one of them. Of each kind the best known are kept.
 *
 * A theme may also be one title (VERTEX_TITLE in place of the role): to be made again, or in its manner. It needs as many viewers. */
#ifndef MQ_STRATEGY_VERTICES_H
#define MQ_STRATEGY_VERTICES_H

#include "audience/likes.h"
#include "catalogue/catalogue.h"

enum vertex_kind { VERTEX_MAKER, VERTEX_LEAD, VERTEX_THEME, VERTEX_KINDS };
enum {
    VERTEX_TITLES = 3,
    VERTICES_MAKERS = 600,
    VERTICES_LEADS = 1200,
    VERTICES_THEMES = 400,
    VERTICES_FORMATS = 200, /* themes that are titles */
    VERTICES_MAX = VERTICES_MAKERS + VERTICES_LEADS + VERTICES_THEMES + VERTICES_FORMATS,
    VERTEX_TITLE = ROLES,
};

struct vertex {
    uint8_t kind, role;
    uint32_t number;        /* of the person, genre or title */
    struct str label;       /* as the catalogue has it */
    const uint32_t *titles; /* (n_titles) ascending */
    uint32_t n_titles, viewers;
};

struct vertices {
    struct vertex *v; /* by kind, then the best known first */
    uint32_t n, first[VERTEX_KINDS + 1];
    bool themes_are_genres;
};

struct vertices_question {
    uint32_t least_viewers;
    bool sensitive;        /* also words that floor_is_sensitive names (research) */
    const uint64_t *known; /* bit per title: it counts; NULL: all */
};

/* In the arena. MQ_NO_MEMORY. O(credits and tags + likes of the titles). */
int vertices_find(const struct catalogue *c, const struct likes *l,
                  const struct vertices_question *q, struct arena *arena, struct vertices *ret,
                  struct mq_error *err);

#endif

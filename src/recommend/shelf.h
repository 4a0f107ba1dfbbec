/* shelf.h - a row before it is on the page: what it is about, and its candidates in order. One file per
 * kind makes them. */
#ifndef MQ_RECOMMEND_SHELF_H
#define MQ_RECOMMEND_SHELF_H

#include "recommend/filters.h"

/* X(constant, word in the answer) in the order of the page. */
#define SHELF_TABLE(X)                                                                             \
    X(SHELF_CONTINUE, "continue")                                                                  \
    X(SHELF_TOP, "top_picks")                                                                      \
    X(SHELF_RISING, "rising")                                                                      \
    X(SHELF_MOOD, "mood")                                                                          \
    X(SHELF_BECAUSE, "because")                                                                    \
    X(SHELF_POPULAR, "popular")                                                                    \
    X(SHELF_NEW, "new")                                                                            \
    X(SHELF_PERSON, "person")                                                                      \
    X(SHELF_GENRE, "genre")

enum shelf_kind {
#define SHELF_ENUM(code, word) code,
    SHELF_TABLE(SHELF_ENUM)
#undef SHELF_ENUM
        SHELF_KINDS
};

enum { COLUMNS_USUAL = 20, SHELF_LEAST = 3 }; /* items; shelf_least */
enum { TOP_ROWS = 3 }; /* of top picks: each goes on where the one above ends */

struct shelf {
    enum shelf_kind kind;
    uint32_t key; /* title of a because row, person, genre number, part of a rising row; else 0 */
    uint8_t role; /* of a person */
    bool
        by_order; /* the row goes by r->ordered in any case: its list says only who may stand in it */
    bool
        by_score; /* listed by r->score: r->ordered is the order of the row, where that is another */
    bool personal; /* of a genre: for this viewer's liking of it, not for its popularity */
    /* Candidates, best first; in the arena. */
    struct topk_item *list;
    size_t n;
    const uint32_t *order; /* (n) which of them comes when on a page; NULL: as listed */
    /* The liked titles on which the row as a whole stands: without them there is no row. */
    struct title_id evidence[EVIDENCE_MAX];
    size_t n_evidence;
    size_t n_behind; /* liked titles behind it, which may be more than are named */
};

const char *shelf_word(enum shelf_kind k);

/* Fewer items are no row. */
static inline size_t shelf_least(const struct shelf *s)
{
    return s->kind == SHELF_CONTINUE || s->kind == SHELF_RISING ? 1 : SHELF_LEAST;
}

/* Fill list and evidence from kind, key, role and personal. n = 0 when the row has no ground: nothing to
 * continue, the title was not liked, fewer than two liked titles with the person ... */
void shelf_make(struct recommender *r, struct shelf *s);

void resume_list(struct recommender *r, struct shelf *s);
/* resume_finished_before of the request. */
const struct title_signal *resume_before(const struct recommender *r, uint32_t title);
/* How many times as likely as anything new what this row shows first is gone on with, in the attention that its places get (arrange.c);
 * below 0: that was not learnt. */
float resume_worth(const struct recommender *r, const struct shelf *s, float next_column);
void top_list(struct recommender *r, struct shelf *s);
void because_list(struct recommender *r, struct shelf *s);
void mood_list(struct recommender *r, struct shelf *s);
void rising_list(struct recommender *r, struct shelf *s);
void popular_list(struct recommender *r, struct shelf *s);
void fresh_list(struct recommender *r, struct shelf *s);
void people_list(struct recommender *r, struct shelf *s);
void genre_list(struct recommender *r, struct shelf *s);

/* What the row (by its key) knows of the title; NULL: it does not rise there. */
const struct rising_title *rising_of(const struct recommender *r, uint32_t key, uint32_t title);

/* Which titles, people and genres deserve a row; best first, at most `max`. Returns how many. */
size_t because_choose(struct recommender *r, struct shelf *ret, size_t max);
size_t people_choose(struct recommender *r, struct shelf *ret, size_t max);
size_t genre_choose(struct recommender *r, struct shelf *ret, size_t max);
/* The genres of what is popular (that row), for viewers of whom nothing is known; not those in `without`. */
size_t genre_choose_popular(struct recommender *r, const struct shelf *popular, uint64_t without,
                            struct shelf *ret, size_t max);

/* An empty list of r->depth places; s->n = 0. False without memory. */
bool shelf_open(struct recommender *r, struct shelf *s, size_t most);
/* Put a candidate in its place (score descending, then title). O(n). */
void shelf_insert(struct shelf *s, size_t most, uint32_t title, float score);
/* How many candidates it lists, of `most` there may be. */
size_t shelf_depth(const struct recommender *r, const struct shelf *s, size_t most);
/* What candidate i counts in the order of its row. */
float shelf_value(const struct recommender *r, const struct shelf *s, size_t i);
/* Is that another order than the list's? */
bool shelf_reordered(const struct recommender *r, const struct shelf *s);
/* The places of a list in the order of the request's boosts: ret (n). */
void shelf_order(const struct recommender *r, const struct shelf *s, uint32_t *ret);
/* The best of `score` (with the request's boosts, but listed by `score` itself) over all titles but those in `skip`. */
void shelf_select(struct recommender *r, struct shelf *s, const float *score, const uint64_t *skip);

#endif

/* reasons.h - the words: names of rows, and why each item is there. */
#ifndef MQ_RECOMMEND_REASONS_H
#define MQ_RECOMMEND_REASONS_H

#include "recommend/evidence.h"
#include "recommend/shelf.h"

/* One item of an answer and, beside it, what it was made from. */
struct placed {
    uint32_t title;
    size_t shelf;
    struct title_id evidence[EVIDENCE_MAX];
    size_t n_evidence;
};

/* Name and sentence of a row as it stands on the page. NULL without memory. */
const char *row_name(struct recommender *r, const struct shelf *s, const struct placed *items,
                     size_t n);
const char *row_reason(struct recommender *r, const struct shelf *s);

/* Fill reasons (and evidence ids in `placed`) of the items; at[i] is the place of item i in the shelf's
 * list. Without memory a reason has no text and no evidence. */
void reasons_fill(struct recommender *r, const struct shelf *s, const uint32_t *at,
                  struct mq_item *items, struct placed *placed, size_t n);

/* Item fields that don't depend on the row. */
void item_fill(const struct recommender *r, uint32_t title, double score, struct mq_item *ret);

/* Text of an answer: built on the stack, kept in the arena. */
struct words {
    struct buf b;
    char storage[1536];
};
void words_init(struct words *w);
/* A name of any length, cut to 80 bytes at a character. */
void words_name(struct words *w, struct str name);
/* "Zodiac", "Zodiac and Se7en", "Zodiac, Se7en and 3 others". */
void words_titles(struct recommender *r, struct words *w, const struct title_id *titles, size_t n);
/* What the viewer did with all of them: "liked", "watched" or "chose". */
const char *words_verb(const struct recommender *r, const struct title_id *titles, size_t n);
const char *words_keep(struct recommender *r, struct words *w);

/* Evidence of a taste reason as the answer has it; NULL without memory. */
const struct mq_evidence *evidence_named(struct recommender *r, const struct title_id *titles,
                                         const float *shares, size_t n);

#endif

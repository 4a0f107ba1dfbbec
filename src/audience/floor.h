/* floor.h - the privacy floor: what leaves this room is about groups of at least k viewers.
 *
 * A cell below k is withheld, zero included, and so is every figure from which it would follow: |A and B|, |A without B|,
 * |B without A| and the rest stand or fall together (complementary suppression), sizes fall when they or what is left
 * of the scope are small. What is shown is rounded, so that two questions that differ by a few viewers can't be
 * subtracted; a question whose group differs from an answered one by fewer than k (and some) is withheld as a whole. */
#ifndef MQ_AUDIENCE_FLOOR_H
#define MQ_AUDIENCE_FLOOR_H

#include <roaring/roaring.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"
#include "marquee.h"

enum {
    FLOOR_DEFAULT = 50,
    FLOOR_LEAST = 20,
    FLOOR_ROUND = 10,
    FLOOR_REMEMBERED = 256,
    FLOOR_QUESTIONS = 1024
};

/* MQ_INVALID below FLOOR_LEAST; 0 gives the default. */
int floor_take(unsigned asked, unsigned *ret, struct mq_error *err);

/* Withhold and round, in place; `differs`: the group is too near an answered one (floor_differs). */
void floor_overlap(struct mq_overlap *o, unsigned k, bool differs);

/* A count as it may be shown: NaN below k, else rounded. */
double floor_count(double count, unsigned k);
/* Rounded to `digits` significant digits. */
double floor_figure(double x, int digits);

/* Groups and questions that were answered about. Zeroed memory is an empty one. */
struct floor_memory {
    roaring_bitmap_t *sets[FLOOR_REMEMBERED];
    uint64_t questions[FLOOR_QUESTIONS]; /* hashes; 0: none */
    size_t at, question_at;              /* the next to go */
};
void floor_memory_release(struct floor_memory *m);

/* The stored form, so that questions of different days can't be subtracted either: records, one after another, each with its
 * hash, oldest first; more may be appended. They hold dense ids. */
void floor_memory_encode(const struct floor_memory *m, struct buf *out);
void floor_group_encode(const roaring_bitmap_t *set, struct buf *out);
void floor_question_encode(uint64_t question, struct buf *out);
/* Reads records until one is damaged or torn off; *ret_whole: none was. *ret_n: how many are good. Without memory the rest is not
 * remembered. */
void floor_memory_decode(struct str bytes, struct floor_memory *m, size_t *ret_n, bool *ret_whole);

/* Whether the group differs from an answered one in 1 to k - 1 viewers. */
bool floor_differs(const struct floor_memory *m, const roaring_bitmap_t *set, unsigned k);
/* Remember (a copy); the oldest goes. False when it is remembered already, or without memory (it is not remembered then). */
bool floor_remember(struct floor_memory *m, const roaring_bitmap_t *set);

/* A question that was answered gets its answer again, whatever was asked between: its groups, in order, and how it was put. */
uint64_t floor_question(const roaring_bitmap_t *const *sets, size_t n, struct str words,
                        unsigned k);
bool floor_was_answered(const struct floor_memory *m, uint64_t question);
/* False: it is remembered already. */
bool floor_remember_question(struct floor_memory *m, uint64_t question);

/* Whether the word tells of health, religion, sexual orientation, politics or ethnic origin: groups of that kind are not
 * offered as segments. Compared as names are. */
bool floor_is_sensitive(struct str word);

#endif

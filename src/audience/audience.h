/* audience.h - an expression's meaning: names found, then the set of viewers.
 *
 * An audience of titles (a title, a person's, a genre's, a tag's) is the viewers with the signal on at least one of
 * them. country: where the viewer last was; device, daypart: on or at which they began a session; with `all` and
 * those, the signal is asked of any title. */
#ifndef MQ_AUDIENCE_AUDIENCE_H
#define MQ_AUDIENCE_AUDIENCE_H

#include "audience/set_bits.h"
#include "audience/viewer_sets.h"
#include "catalogue/catalogue.h"

struct follows;
struct communities;

/* What expressions are asked of. Read only, but for what is computed on demand by the caller. */
struct audience_world {
    const struct viewer_sets *sets;
    const struct catalogue *catalogue;
    const struct follows *follows;         /* NULL: "follows" is refused */
    const struct communities *communities; /* NULL: "community" is refused */
};

/* A parsed expression with its names found. */
struct audience {
    enum expression_op op;
    const struct audience *left, *right;
    const struct expression *atom;
    const uint32_t *titles; /* (n_titles) ascending; of atoms of titles */
    uint32_t n_titles;
    bool of_titles;
    uint32_t person;  /* or ID_NONE */
    uint32_t number;  /* country, device, daypart or community */
    struct str label; /* "David Fincher" as the catalogue has it */
};

/* Names match without regard to case, accents and punctuation. MQ_NOT_FOUND: nobody of that name. MQ_CONFLICT: several;
 * the message lists them with their numbers, and "#17" in place of the name means that one. */
int audience_find(const struct audience_world *w, const struct expression *e, struct arena *arena,
                  const struct audience **ret, struct mq_error *err);

/* Whether `follows` or `community` occurs. */
bool audience_needs(const struct expression *e, enum audience_signal signal,
                    enum audience_kind kind);

/* The titles it counts (not those behind "and not"), ascending, each once; in the arena. */
int audience_titles(const struct audience *a, struct arena *arena, const uint32_t **ret,
                    uint32_t *ret_n, struct mq_error *err);

/* One plain atom over titles whose signal is kept per title: its set is the union of theirs. */
static inline bool audience_is_union(const struct audience *a)
{
    return a->op == EXPRESSION_ATOM && a->of_titles && a->atom->signal != AUDIENCE_FOLLOWS;
}

/* The viewers; titles whose bit is set in `without` (bit per title, n_titles of the sets; may be NULL) are left out
 * where they count for it. *ret is the caller's to roaring_bitmap_free. MQ_NO_MEMORY. */
int audience_viewers(const struct audience_world *w, const struct audience *a,
                     const uint64_t *without, roaring_bitmap_t **ret, struct mq_error *err);

/* The same as bits by dense id into `bits` (set_bits_words of the sets' viewers, zeroed by the caller; unchanged or
 * in part written after a failure). */
int audience_bits(const struct audience_world *w, const struct audience *a, const uint64_t *without,
                  struct set_reader *reader, uint64_t *bits, struct mq_error *err);

/* In words, as "liked a film by David Fincher": into `out`. */
void audience_words(const struct audience *a, struct buf *out);

#endif

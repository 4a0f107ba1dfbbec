/* picture_table.h - which picture of a title is chosen more: what was learnt, for serving. Immutable once it is built. */
#ifndef MQ_PROFILE_PICTURE_TABLE_H
#define MQ_PROFILE_PICTURE_TABLE_H

#include <stddef.h>

#include "base/error.h"
#include "base/str.h"
#include "event/ids.h"

enum { PICTURES_MAX = 8 /* of a title that are told apart: its first ones */ };

/* Pictures are those of the title's list when it was learnt, in its order, each known by its key (event/shown_page.h): what is learnt of one
 * stays with it when the list is another one. */
struct title_pictures {
    struct title_id title;
    uint32_t key[PICTURES_MAX]; /* of each */
    uint32_t shown[PICTURES_MAX], valued[PICTURES_MAX];
    float chance
        [PICTURES_MAX]; /* of each to be the best one (experiment/best_chance.h), among the first n */
    uint8_t n;
    uint32_t tried,
        tried_valued; /* viewers to whom it was shown in a place where new titles are tried; who came to like it */
};

struct picture_table {
    struct title_pictures *of; /* (n) by title */
    size_t n;
    uint64_t erasures; /* learnt when so many viewers had been erased */
    int64_t learnt_ms;
    uint64_t shown, valued; /* in all */
    uint64_t tried;
    double tried_rate; /* valued of them, shrunk */
};

void picture_table_free(struct picture_table *t);
/* NULL: nothing was learnt of it, or t is NULL. O(log n). */
const struct title_pictures *pictures_of(const struct picture_table *t, struct title_id title);

/* The chances of the list as it is now, of n <= PICTURES_MAX (ret (n), adding up to 1): those that were learnt go with their pictures; one that
 * is new has an even share, and the others share what is left as before. known NULL: all alike. O(n^2). */
void pictures_chances(const struct title_pictures *known, const struct str *pictures, size_t n,
                      float *ret);

#endif

/* rival_lists.h - another system's lists: which titles it would have shown to whom, in which order.
 *
 * A table in any separation (wire/table.h). With a header by name: viewer (viewer, user, user_id, userId), title (title, item, item_id,
 * movieId), perhaps rank (rank, position) or score. Without one: viewer, title; viewer, title, rank; or, as `evaluate --lists`
 * writes them, viewer, rank, title, score. A title cell may be a whole list joined by "|". A viewer's titles stand by rank, else by
 * score from the highest, else as they come. */
#ifndef MQ_EVAL_RIVAL_LISTS_H
#define MQ_EVAL_RIVAL_LISTS_H

#include "base/str.h"
#include "eval/rating_file.h"

enum { RIVAL_DEPTH_MAX = 1000 /* titles of a viewer */ };
#define RIVAL_ROWS_MAX (UINT64_C(1) << 26)

struct rival_row {
    uint32_t viewer, title;
    double place; /* smaller first */
    uint64_t line;
};

struct rival_lists {
    struct rival_row *rows; /* (n) by viewer, place, line */
    size_t n, cap;
};

/* Ids get numbers in `book`. MQ_INVALID with file and line: a column that is not there, an empty id, a rank that is no number, a
 * title twice for a viewer, more than RIVAL_DEPTH_MAX of them; an empty file. MQ_TOO_LARGE: RIVAL_ROWS_MAX. */
int rival_lists_read(const char *path, struct id_book *book, struct rival_lists *ret,
                     struct mq_error *err);
/* The same from memory; `name` is for messages. */
int rival_lists_over(const char *name, struct str bytes, struct id_book *book,
                     struct rival_lists *ret, struct mq_error *err);
void rival_lists_release(struct rival_lists *l);

/* The viewer's rows: *ret_n may be 0. O(log n). */
const struct rival_row *rival_list(const struct rival_lists *l, uint32_t viewer, size_t *ret_n);

#endif

/* credits_table.h - who made what: tables of credits, or TMDB's credits as JSON -> one title with its credits.
 *
 * Columns of a table, found by the header (names compared as in table.h) or, without one, in this order:
 *   id         `id` of the options, else the first present of itemId, title_id, movieId, id, tconst
 *   role       role, category, job: director, actor, producer, writer, creator and variants (role_from)
 *   billing    billing, order, ordering, position: from 1; may be missing or empty (0 = unknown)
 *   person     person, person_name, name
 *   person_id  person_id, nconst; may be missing
 * JSON: {id, cast: [{id, name, order}], crew: [{id, name, job}]}, one, an array, or one a line. Crew whose job is
 * none of the roles is passed over; billing of the crew is the order within a role.
 *
 * The rows of a title may stand anywhere; they come out together, titles in order of first sight, credits in
 * the order of the file. A person with the same role twice in a title counts once, the first time. */
#ifndef MQ_WIRE_CREDITS_TABLE_H
#define MQ_WIRE_CREDITS_TABLE_H

#include "catalogue/title.h"
#include "wire/bad_row.h"
#include "wire/table.h"

enum {
    CREDITS_ROWS_MAX = 20000000, /* of a file; they are held in memory, 64 bytes each */
};

struct credits_options {
    const char *id;             /* column, NULL = find it */
    struct table_options table; /* 0: find out */
};

/* Return 0 to go on, see bad_row.h. */
struct credits_sink {
    void *ctx;
    /* `t` has only an id and credits (has_credits); it lives until the function returns. `rows` is how many
     * rows of the file it stands for, repetitions included; `line` is the first one's. */
    int (*credits)(void *ctx, const struct title *t, uint64_t rows, uint64_t line,
                   struct mq_error *err);
    bad_row_fn *bad;
};

/* 0 at the end, however many rows were bad. MQ_INVALID: empty, a column is missing, JSON that breaks off;
 * MQ_TOO_LARGE: CREDITS_ROWS_MAX. `bytes` begins with '{' or '[': JSON. */
int credits_read(const char *name, struct str bytes, const struct credits_options *options,
                 const struct credits_sink *sink, struct mq_error *err);

#endif

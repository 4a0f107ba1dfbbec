/* movielens.h - MovieLens in all its forms: titles with their tags, and ratings as events.
 *
 * A folder: 100K (u.data, u.item), 1M and 10M (ratings.dat, movies.dat, tags.dat: "::", latin-1 or UTF-8; ratings
 * perhaps in three columns without the time), 20M, 25M, 32M, latest (ratings.csv, movies.csv, tags.csv), whichever
 * of them is there. A file: movies.*, u.item and tags.* by their names; any other is a table of ratings
 * (u1.base, a cut of ratings.csv ...). links and users hold nothing that is kept.
 *
 * Titles: "Usual Suspects, The (1995)" becomes name "The Usual Suspects", year 1995; a name in parentheses
 * behind it ("City of Lost Children, The (Cité des enfants perdus, La) (1995)", "(a.k.a. ...)") becomes
 * original_name; genres as listed, "(no genres listed)" and u.item's "unknown" none; u.item's release date, unless it
 * is the placeholder of 1 January. Kind: film. Tags: the most used ones of a title.
 * Ratings: kind rating, scale 5, source "import", archived, without an id: the content is the identity. A
 * rating without a time gets one as interactions_event says. */
#ifndef MQ_WIRE_MOVIELENS_H
#define MQ_WIRE_MOVIELENS_H

#include "catalogue/title.h"
#include "event/event.h"
#include "wire/bad_row.h"

enum {
    MOVIELENS_TAGS = 20, /* of a title */
    MOVIELENS_TAGS_MAX =
        20000000, /* rows of a file of tags; they are held in memory, 8 bytes each */
};

/* All but progress are required; each returns 0 to go on (bad_row.h). */
struct movielens_sink {
    void *ctx;
    /* Every title once, before all ratings. `t` and its text live until the function returns; `file` and line
     * are where it stands. Title records with an id and tags only: titles that no movies file lists. */
    int (*title)(void *ctx, const struct title *t, const char *file, uint64_t line,
                 struct mq_error *err);
    /* Passed event_check. */
    int (*rating)(void *ctx, struct event *e, const char *file, uint64_t line,
                  struct mq_error *err);
    bad_row_fn *bad;
    /* Now and then: bytes done of the file. May be NULL. */
    int (*progress)(void *ctx, const char *file, uint64_t done, uint64_t total,
                    struct mq_error *err);
};

/* Is there anything of MovieLens at `path`? For a folder by the files in it, for a file by its name. */
bool movielens_found(const char *path);

/* 0 at the end, however many rows were bad. `now_ms` is for event_check. MQ_NOT_FOUND; MQ_INVALID: a folder
 * without any of the files, a file that is no table of ratings, movies or tags; or what the sink returned. */
int movielens_read(const char *path, int64_t now_ms, const struct movielens_sink *sink,
                   struct mq_error *err);

/* The same over bytes, by the file's name (its last part decides what it is). */
int movielens_read_bytes(const char *name, struct str bytes, int64_t now_ms,
                         const struct movielens_sink *sink, struct mq_error *err);

#endif

/* interactions.h - tables of who met which title: ratings files, exports, the files of `evaluate`.
 *
 * Columns are found by --map, else by the header's names, else by position.
 *   --map     "viewer=COL,title=COL,value=COL,at=COL,kind=COL,session=COL,device=COL,country=COL": COL is a
 *             header's name or a number from 1; viewer and title are required, and nothing that is not named is
 *             read. "scale=N" says how many stars there are.
 *   header    viewer: viewer, viewer_id, user, userId, USER_ID ...; title: title, title_id, item, itemId,
 *             movieId ...; value: rating, value, score, stars ...; at: timestamp, at, time, date ...
 *   position  viewer, title, rating third, epoch seconds fourth; with three columns the third is the
 *             rating, unless the first row's looks like a time (a whole number over 10^8).
 * Time: epoch seconds, epoch milliseconds (above 10^11), RFC 3339, a date. */
#ifndef MQ_WIRE_INTERACTIONS_H
#define MQ_WIRE_INTERACTIONS_H

#include "event/event.h"
#include "wire/table.h"

/* Text is as it stands in the file (unquoted, as UTF-8), never trimmed or renumbered; valid until the next
 * interactions_next. */
struct interaction_row {
    struct str viewer, title;
    double value; /* NaN: none */
    bool has_at;
    int64_t at_ms;                             /* when has_at */
    struct str kind, session, device, country; /* empty: no such column, or nothing in it */
    uint64_t line;                             /* physical, from 1 */
    uint64_t index; /* records before this one; with no times, the order of time */
    struct str raw;
};

struct interactions;

struct interactions_options {
    const char *map;            /* NULL: find out */
    struct table_options table; /* 0: find out */
};

/* MQ_INVALID: empty, no viewer or title column (the message lists the header), a bad map. `bytes` stay
 * until interactions_free; `name` is for messages. */
int interactions_over(struct interactions **ret, const char *name, struct str bytes,
                      const struct interactions_options *options, struct mq_error *err);
void interactions_free(struct interactions *t);

/* Is there such a column? (A row may still have nothing in it.) */
bool interactions_have_value(const struct interactions *t);
bool interactions_have_time(const struct interactions *t);
uint64_t interactions_position(const struct interactions *t);

/* As table_next: 1, 0, MQ_INVALID for a bad row (missing fields, empty viewer or title, a value or time that
 * is none), or a failure. */
int interactions_next(struct interactions *t, struct interaction_row *ret, struct mq_error *err);

/* How many stars there are: what the map says, else the smallest of 5, 10 and 100 that at most a tenth of the ratings in
 * the whole of `bytes` pass (one slip of the pen among five stars must not make them five of a hundred), 0 without a
 * rating. One pass over the bytes; call it on the bytes given to
 * interactions_over, before reading or after. */
int interactions_scale(const char *name, struct str bytes,
                       const struct interactions_options *options, float *ret_scale,
                       struct mq_error *err);
/* MQ_INVALID, with the remedy: a rating above the scale. */
int interactions_in_scale(const struct interaction_row *row, float scale, struct mq_error *err);

/* What a row says as an event: source "import", archived. Kind: its `kind` column (a word that is not built
 * in gives EVENT_CUSTOM), else a rating of `scale` stars when it has a value, else `play`: the row
 * says only that the viewer chose this title. A row without a time gets INTERACTIONS_EPOCH_MS and one second
 * per row before it, so that the same file gives the same events in the same order. Text points into the row.
 * The caller runs event_check. */
void interactions_event(const struct interaction_row *row, float scale, struct event *ret);

#define INTERACTIONS_EPOCH_MS INT64_C(946684800000) /* 2000-01-01T00:00:00Z */

#endif

/* viewers_table.h - tables of viewers: what is said of them -> identify events with attributes (event/attributes.h).
 *
 * With a header: an id column (`id`, else the first present of viewer, viewer_id, user_id, user, id) and any of age or
 * age_band, gender (sex), country, region (state), plan (subscription), language, occupation, kids, signup (created).
 * Without one, by separator, MovieLens' own: "::" as users.dat of 1M (UserID::Gender::Age::Occupation::Zip), "|" as u.user
 * of 100K (user|age|gender|occupation|zip). Other columns, zip codes among them, are left. */
#ifndef MQ_WIRE_VIEWERS_TABLE_H
#define MQ_WIRE_VIEWERS_TABLE_H

#include "event/event.h"
#include "wire/bad_row.h"

struct viewers_options {
    const char *id; /* the id column's name; NULL: found out */
    int64_t at_ms;  /* when it is said */
};

struct viewers_sink {
    void *ctx;
    /* Passed event_check; text is valid until it returns. Not 0 ends the reading. */
    int (*event)(void *ctx, const struct event *e, uint64_t line, struct mq_error *err);
    bad_row_fn *bad;
};

/* The events have ids made of what they say, so that the same row again is a repetition. MQ_INVALID: no such table. */
int viewers_table_read(const char *name, struct str bytes, const struct viewers_options *options,
                       const struct viewers_sink *sink, struct mq_error *err);

#endif

/* film_row.h - one row of film_export.h, from whichever site, and what it says. Inside wire/ only. */
#ifndef MQ_WIRE_FILM_ROW_H
#define MQ_WIRE_FILM_ROW_H

#include "base/arena.h"
#include "wire/film_export.h"

struct film_row {
    struct title title; /* id: of the site or IMDb, may be empty; name required */
    struct str event_id;
    double rating; /* 0: none */
    float scale;
    int64_t rated_ms, watched_ms, listed_ms, liked_ms; /* EVENT_ABSENT: it does not say so */
    uint64_t line;
    struct str raw;
};

void film_row_init(struct film_row *r);

/* What is read now, and where it goes. */
struct film_reading {
    const char *name;
    enum film_site site;
    struct str viewer;
    int64_t now_ms;
    const struct film_sink *sink;
    struct arena arena; /* of a row */
    uint64_t
        *told; /* (n_told) hashes of ids whose titles were handed out, open addressing; 0: free */
    size_t n_told, cap_told;
    uint64_t index; /* rows so far: the order of those without a time */
    bool listed, liked;
};

/* Hand out title and events, or the reason why not. 0, or what the sink returned, or MQ_NO_MEMORY. */
int film_row_put(struct film_reading *r, struct film_row *row, struct mq_error *err);
int film_row_refuse(struct film_reading *r, const struct film_row *row, const struct mq_error *why,
                    struct mq_error *err);

/* Without a time: the place among the rows. */
int64_t film_row_time(const struct film_reading *r);

/* The two kinds of files. */
int film_table_read(struct film_reading *r, struct str bytes, struct mq_error *err);
int film_json_read(struct film_reading *r, struct str bytes, struct mq_error *err);

#endif

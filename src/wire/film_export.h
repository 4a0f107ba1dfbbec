/* film_export.h - what Trakt, TMDB, IMDb and Letterboxd hand to their own users: one file of ratings, plays or lists of one
 * person -> struct event and struct title. Source "trakt", "tmdb", "imdb" or "letterboxd", archived.
 *
 * trakt       JSON arrays: history {id, watched_at, type, movie | episode + show}, ratings {rated_at, rating of 10, ...},
 *             watchlist {listed_at, ...}, watched {plays, last_watched_at, movie | show}
 * tmdb        a table (TMDb ID, IMDb ID, Type, Name, Release Date, Season Number, Episode Number, Your Rating, Date Rated), or the
 *             API's lists as JSON {results: [{id, title | name, rating | account_rating, ...}]}; of ten
 * imdb        a table (Const, Your Rating of ten, Date Rated, Title, Title Type, Runtime (mins), Year, Genres, ...); with
 *             Position and Created it is a list
 * letterboxd  tables (Date, Name, Year, Rating of five, Rewatch, Watched Date, ...)
 *
 * A row becomes a rating, a `complete` (it was watched), a list_add, a thumb, or several of them. Where columns do not
 * tell which, the file's name does: "watchlist", "likes" or "favorite", else it was watched. A row without a time gets
 * INTERACTIONS_EPOCH_MS and a second for each row before it. Rows of other things (persons, lists, whole shows that were rated:
 * those count) are refused with their reason. */
#ifndef MQ_WIRE_FILM_EXPORT_H
#define MQ_WIRE_FILM_EXPORT_H

#include "catalogue/title.h"
#include "event/event.h"
#include "wire/bad_row.h"

enum film_site { SITE_TRAKT, SITE_TMDB, SITE_IMDB, SITE_LETTERBOXD, FILM_SITES };
/* The source, and the beginning of ids that are made up. */
const char *film_site_name(enum film_site s);

/* Each returns 0 to go on (bad_row.h); text lives until it returns. */
struct film_sink {
    void *ctx;
    /* The catalogue's id of what is described, when it is surely there; `t` has the id that it would get. */
    bool (*find)(void *ctx, const struct title *t, struct str *ret_id);
    /* A title that is not there yet, before its first event; never twice in a file. */
    int (*title)(void *ctx, const struct title *t, uint64_t line, struct mq_error *err);
    int (*event)(void *ctx, struct event *e, uint64_t line, struct mq_error *err);
    bad_row_fn *bad;
};

/* `name` is the file's, for messages and for what it tells; `viewer` whose export it is. 0 at the end, however many rows
 * were bad. MQ_INVALID: empty, or none of the site's files; MQ_TOO_LARGE, MQ_NO_MEMORY, or what the sink returned. */
int film_export_read(const char *name, struct str bytes, enum film_site site, struct str viewer,
                     int64_t now_ms, const struct film_sink *sink, struct mq_error *err);

#endif

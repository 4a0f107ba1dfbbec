/* netflix.h - a Netflix personal export ("Get my info") as titles and events.
 *
 * ViewingActivity      a play: start, play, stop from Start Time, Duration and Bookmark (a play without Bookmark
 *                      begins at 0). A row with a Supplemental Video Type is no viewing: passed over, and counted. An
 *                      autoplayed row carries autoplay = 1: it is no choice.
 * PlaybackRelatedEvents a play with its playtrace. Told of in both files a play counts once (netflix_join.h): the trace
 *                      gives the events, ViewingActivity says autoplay, the type and the episode's number.
 * Ratings              thumbs 3, 2, 1 -> 2, 1, -1; stars -> a rating of 5
 * MyList               list_add at the day's beginning
 * IndicatedPreferences custom events indicated_watched, indicated_interest, or indicated_preference where neither
 *                      column says anything; no viewing
 * SearchHistory        search, `chosen` the displayed name
 *
 * Viewers are the profiles' names. Titles get "netflix:" and their name for id, unless `find` knows exactly one; an
 * episode is a title of its own with series (the show's id), season and number. Event ids follow from the rows, so that
 * the same export, mangled or not, whole or file by file, gives the same events. source "netflix-export", archived.
 *
 * Refused: rows without profile, title or time; a Duration over 48 h, a media offset over 48 h, a session offset over
 * 31 days: no viewing is that long. */
#ifndef MQ_WIRE_NETFLIX_H
#define MQ_WIRE_NETFLIX_H

#include "catalogue/title.h"
#include "event/event.h"
#include "wire/bad_row.h"

enum { NETFLIX_ROWS_MAX = 4 << 20 }; /* of ViewingActivity, and of PlaybackRelatedEvents */

/* Each but find returns 0 to go on (bad_row.h). What they are given lives until they return. */
struct netflix_sink {
    void *ctx;
    /* The id of the one title (no season or episode) of that name in the catalogue. May be NULL. */
    bool (*find)(void *ctx, struct str name, struct str *ret_id);
    /* Every title once, before its first event. Passed title_check. */
    int (*title)(void *ctx, const struct title *t, const char *file, uint64_t line,
                 struct mq_error *err);
    /* Passed event_check. */
    int (*event)(void *ctx, struct event *e, const char *file, uint64_t line, struct mq_error *err);
    /* A row that is no viewing. May be NULL. */
    int (*passed_over)(void *ctx, const char *file, uint64_t line, struct mq_error *err);
    bad_row_fn *bad;
};

/* One file of the export. */
struct netflix_part {
    const char *name;
    struct str bytes;
    bool only_facts; /* ViewingActivity or PlaybackRelatedEvents that is read for the join alone */
};

/* `path`: a folder (the files may also lie in its CONTENT_INTERACTION), or one file; beside one of the two files of plays
 * the other one is looked at for the join. 0 at the end, however many rows were bad. MQ_NOT_FOUND; MQ_INVALID: nothing of
 * an export; MQ_TOO_LARGE; or what the sink returned. */
int netflix_read(const char *path, int64_t now_ms, const struct netflix_sink *sink,
                 struct mq_error *err);

/* The same over bytes: at most one part of each kind. */
int netflix_read_parts(const struct netflix_part *parts, size_t n, int64_t now_ms,
                       const struct netflix_sink *sink, struct mq_error *err);

#endif

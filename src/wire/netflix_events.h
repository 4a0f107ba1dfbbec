/* netflix_events.h - rows of a Netflix export -> titles and events into the sink. Inside wire/ only. */
#ifndef MQ_WIRE_NETFLIX_EVENTS_H
#define MQ_WIRE_NETFLIX_EVENTS_H

#include "base/arena.h"
#include "netflix_file.h"
#include "wire/netflix.h"

/* A play as ViewingActivity tells it. */
struct netflix_watch {
    struct str title, device, country;
    int64_t duration_ms, bookmark_ms; /* bookmark EVENT_ABSENT: not said */
    uint64_t line;
    bool supplemental, autoplay, only_facts;
};

/* What stays the same over an export. */
struct netflix_out {
    const struct netflix_sink *sink;
    int64_t now_ms;
    struct arena row; /* of the row in hand */
    uint64_t *told;   /* (told_cap) hashes of ids whose title went out; 0 = free */
    size_t n_told, told_cap;
};

/* Where a row stands, for reports. */
struct netflix_at {
    const char *file;
    uint64_t line;
    struct str raw;
};

int netflix_out_init(struct netflix_out *o, const struct netflix_sink *sink, int64_t now_ms,
                     struct mq_error *err);
void netflix_out_release(struct netflix_out *o);

/* MQ_INVALID: the row is bad; *err says why, nothing of it went out. Another status ends the reading; those are in
 * *fatal. Both functions take ownership of nothing. `facts` may be NULL. */
int netflix_put_play(struct netflix_out *o, const struct netflix_at *at, struct str profile,
                     struct str title, struct str device, struct str country, int64_t start_ms,
                     struct event *events, size_t n, const struct netflix_watch *facts, bool *fatal,
                     struct mq_error *err);
int netflix_put_watch(struct netflix_out *o, const struct netflix_at *at, struct str profile,
                      int64_t start_ms, const struct netflix_watch *w, bool *fatal,
                      struct mq_error *err);
/* A row of Ratings, MyList, IndicatedPreferences or SearchHistory. */
int netflix_put_mark(struct netflix_out *o, const struct netflix_at *at,
                     const struct netflix_file *f, const struct table_row *row, bool *fatal,
                     struct mq_error *err);

#endif

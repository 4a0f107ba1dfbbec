/* viewer_sets.h - which viewers did what with which title: exact sets, kept up to date viewer by viewer.
 *
 * A viewer's part is a function of their signals (playback/signal.h) alone; putting a viewer again replaces it,
 * dropping one removes it from every set. So the sets equal what a rebuild from the log gives, in whatever
 * order viewers were put.
 *
 * One writer or many readers at a time: the caller's lock. */
#ifndef MQ_AUDIENCE_VIEWER_SETS_H
#define MQ_AUDIENCE_VIEWER_SETS_H

#include <roaring/roaring.h>

#include "audience/expression.h"
#include "base/buf.h"
#include "event/context.h"
#include "playback/signal.h"

/* Liked: rated at four fifths of the scale or more, thumb up, or neither was said and the engagement's preference
 * is above this (watching about three quarters, docs/engagement.md). Disliked: rated at two fifths or less, thumb
 * down, or said nothing and a preference below minus this half. */
#define AUDIENCE_LIKED_ABOVE 0.7f
#define AUDIENCE_DISLIKED_BELOW (-0.35f)
/* Rewatched: played half as much again as there is, of at least five minutes. */
#define AUDIENCE_REWATCHED_RATIO 1.5f

enum { SETS_VIEWERS_MAX = 1 << 28, SETS_TITLES_MAX = 16 << 20 };

/* A title in a viewer's part. */
struct set_entry {
    uint32_t title;
    uint32_t last_s;    /* of the last event about it, seconds since 1970 */
    uint8_t signals;    /* bit per enum audience_signal */
    int8_t preference;  /* engagement in hundredths */
    uint8_t confidence; /* in twentieths, stops at 255 */
    uint8_t minutes;    /* distinct ones watched, stops at 255 */
};

/* One viewer's part. */
struct set_viewer {
    uint32_t n; /* entries, ascending by title */
    uint32_t likes;
    uint32_t first_s, last_s; /* of their events */
    country_code country;     /* where they last were */
    uint8_t devices;          /* bit per enum device (from DEVICE_TV on) they began a session on */
    uint8_t dayparts;         /* bit per enum daypart */
    struct set_entry entries[];
};

struct viewer_sets {
    uint32_t n_viewers, n_titles;                  /* highest dense id + 1 */
    uint32_t n_present;                            /* viewers with a part: the scope */
    uint64_t entries;                              /* over all viewers */
    struct set_viewer **viewers;                   /* (n_viewers) NULL: none */
    roaring_bitmap_t *(*titles)[AUDIENCE_SIGNALS]; /* (n_titles) NULL: nobody */
    uint32_t cap_viewers, cap_titles;
    uint64_t version; /* grows with every change */
};

int viewer_sets_new(struct viewer_sets **ret, struct mq_error *err);
void viewer_sets_free(struct viewer_sets *s);

/* What is known of a viewer beside the titles. */
struct set_habits {
    int64_t first_ms, last_ms;
    country_code country;
    uint8_t devices, dayparts;
};

/* Replace a viewer's part. `signals` ascending by title. O(n log) in the viewer's titles. After MQ_NO_MEMORY the
 * viewer's part is missing. */
int viewer_sets_put(struct viewer_sets *s, uint32_t viewer, const struct set_habits *habits,
                    const struct title_signal *signals, size_t n, struct mq_error *err);
void viewer_sets_drop(struct viewer_sets *s, uint32_t viewer);

/* Which bits of enum audience_signal a signal has. */
uint8_t audience_signals_of(const struct title_signal *s);

/* The set, or NULL for nobody. */
const roaring_bitmap_t *viewer_sets_of(const struct viewer_sets *s, uint32_t title,
                                       enum audience_signal signal);

/* The viewers of a set, ascending, into `to` (room for all in scope). Returns how many; NULL is nobody. */
static inline uint32_t set_list(const roaring_bitmap_t *set, uint32_t *to)
{
    if (!set)
        return 0;
    roaring_bitmap_to_uint32_array(set, to);
    return (uint32_t)roaring_bitmap_get_cardinality(set);
}

/* One set's stored form, for files of others (viewer_set_codec.c). MQ_NO_MEMORY. */
int viewer_set_encode(const roaring_bitmap_t *set, struct buf *out, struct mq_error *err);
/* Adds what was stored to `set`; false: damaged. */
bool viewer_set_decode(struct cursor *c, roaring_bitmap_t *set);

/* Bytes held by parts; the bitmaps' memory is added by walking them. */
size_t viewer_sets_memory(const struct viewer_sets *s);

/* The stored form (a version byte first); the sets are derived anew from the parts when it is read. MQ_CORRUPT. */
void viewer_sets_encode(const struct viewer_sets *s, struct buf *out);
int viewer_sets_decode(struct str bytes, struct viewer_sets **ret, struct mq_error *err);

#endif

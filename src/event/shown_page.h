/* shown_page.h - what was shown: one record for each page, list or ranking that was served.
 *
 * The record names everything that the answer was made from (model, place in the log, moment, context), so that the
 * features that it was ranked by can be made again as they were (docs/decisions/0004-as-of.md), and it says what is not to
 * be had from there: which titles stood where, with which score, and with which chance where chance decided. */
#ifndef MQ_EVENT_SHOWN_PAGE_H
#define MQ_EVENT_SHOWN_PAGE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/hash.h"
#include "event/context.h"
#include "event/ids.h"

enum {
    SHOWN_ROWS_MAX = 64,
    SHOWN_ITEMS_MAX = 1000, /* of all rows together; what stands behind them is left out */
    SHOWN_ARMS_MAX = 24,
    SHOWN_TEXT_MAX = 512,
    SHOWN_BYTES_MAX = 24 * 1024, /* of a record */
};

enum shown_flag {
    SHOWN_NO_CONTEXT = 1, /* was asked for without */
    SHOWN_CHILD = 2,      /* a child's profile: for the viewer's own page alone */
    SHOWN_CUT = 4,        /* there was more than a record holds */
};

struct shown_item {
    struct title_id title;
    float score; /* as served, to 8 binary digits */
    float
        propensity; /* chance of this title in this slot given those before it; NaN: no chance had a part in it */
    uint8_t team;         /* of an interleaved row: whose title it is, 0 or 1 */
    uint8_t picture;      /* with which of its pictures, from 1; 0: it has none */
    uint32_t picture_key; /* shown_picture_key of that one; 0: from before keys were noted */
    float picture_chance; /* of that one; NaN: no chance had a part in it */
};

struct shown_row {
    struct str kind; /* "top_picks" ...; of a list "list", of a ranking "rank" */
    bool random;     /* its items have propensities */
    bool teams;      /* and teams */
    uint32_t n;
    struct shown_item *items; /* (n) left to right */
    bool pictures;            /* some of its items have */
    float
        place_chance; /* of this row in its place given those above; 0: no chance had a part in it */
};

/* In which arm of which experiment the viewer was. */
struct shown_arm {
    struct str experiment;
    uint8_t arm;
};

struct shown_page {
    struct viewer_id viewer; /* ID_NONE: nobody who is known (yet) */
    int64_t at_ms;           /* the moment it was made for */
    struct hash128 id;       /* recommendation_id */
    uint64_t model, log_seq;
    unsigned flags; /* enum shown_flag */
    struct context context;
    uint32_t n_arms, n_rows;
    struct shown_arm *arms;
    struct shown_row *rows;
};

/* Viewer and time are in its key. Appends at most SHOWN_BYTES_MAX; cuts and flags what is more than the limits above. */
void shown_page_encode(const struct shown_page *p, struct buf *out);
/* Text points into `bytes`, lists lie in the arena. MQ_CORRUPT, MQ_VERSION, MQ_NO_MEMORY. */
int shown_page_decode(struct str bytes, struct viewer_id viewer, int64_t at_ms, struct arena *arena,
                      struct shown_page *ret, struct mq_error *err);

/* What a picture is known by, whatever its place in the title's list: of its address or name; never 0. Stored. */
uint32_t shown_picture_key(struct str picture);

/* 32 hexadecimal digits <-> a recommendation's id; false for anything else. */
bool shown_id_from(struct str text, struct hash128 *ret);
void shown_id_text(struct hash128 id, char ret[33]);

#endif

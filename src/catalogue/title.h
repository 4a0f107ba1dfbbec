/* title.h - what a title is: the record that importers make, the store keeps and the catalogue holds. */
#ifndef MQ_CATALOGUE_TITLE_H
#define MQ_CATALOGUE_TITLE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "event/context.h"
#include "event/ids.h"

enum title_kind {
    TITLE_UNKNOWN,
    TITLE_FILM,
    TITLE_SERIES,
    TITLE_SEASON,
    TITLE_EPISODE,
    TITLE_SPECIAL,
    TITLE_KINDS
};
enum role { ROLE_DIRECTOR, ROLE_ACTOR, ROLE_PRODUCER, ROLE_WRITER, ROLE_CREATOR, ROLES };

enum {
    TITLE_ID_MAX = 256,
    TITLE_NAME_MAX = 1024,
    TITLE_TEXT_MAX = 16384, /* description */
    TITLE_LIST_MAX = 256,   /* genres, tags, countries */
    TITLE_CREDITS_MAX = 2000,
    TITLE_WINDOWS_MAX = 64,
    TITLE_PICTURES_MAX = 32,
};
#define TITLE_NO_DATE INT32_MIN

struct credit {
    struct str person;          /* the name as spelt */
    struct str person_key;      /* the source's person id, else empty (the name is the key) */
    struct person_id person_id; /* set by the store */
    uint8_t role;               /* enum role */
    uint16_t billing;           /* from 1; 0 = unknown */
};

/* When and where a title may be watched: from <= time < until. */
struct window {
    int64_t from_ms, until_ms; /* 0 = open on that side */
    const country_code *countries;
    uint16_t n_countries; /* 0 = everywhere */
};

/* One title as sent. A NULL/empty/0 field is absent: it leaves what is stored as it was. Lists are arrays
 * of text. has_credits: `credits` replace the stored ones (also by none); has_windows: so do `windows`. A title
 * without windows may be watched always and everywhere. */
struct title {
    struct str id; /* external */
    struct str name;
    struct str original_name;
    int16_t year; /* 0 = unknown */
    uint8_t kind; /* enum title_kind */
    uint16_t runtime_min;
    struct str language, maturity, description, series, image;
    uint16_t season, episode;
    double budget, gross;
    int32_t release_day; /* days since 1970-01-01, TITLE_NO_DATE = unknown */
    int64_t added_ms;    /* first seen by this service; 0 = unknown */
    const struct str *genres, *tags, *countries;
    const struct str
        *pictures; /* variants it may be shown with: addresses or names of pictures or trailers */
    uint16_t n_genres, n_tags, n_countries, n_pictures;
    const struct credit *credits;
    uint32_t n_credits;
    bool has_credits;
    const struct window *windows;
    uint16_t n_windows;
    bool has_windows;
    struct title_id title_id; /* set by the store and by title_decode's caller */
};

void title_init(struct title *t);
const char *title_kind_name(enum title_kind k);
/* Also "movie" for film, "tv", "show", "tvseries" for series. */
bool title_kind_from(struct str word, enum title_kind *ret);
const char *role_name(enum role r);
/* Also plain variants ("directed by" is not one): "director", "actor", "actress", "cast", "producer",
 * "executive producer", "writer", "screenplay", "creator". */
bool role_from(struct str word, enum role *ret);

/* Limits, UTF-8, ranges; id required. */
int title_check(const struct title *t, struct mq_error *err);

/* The stored value: version byte, then fields. Credits by person_id. */
void title_encode(const struct title *t, struct buf *out);
/* Text points into `bytes`, lists into the arena; persons' names stay empty, person_id is set. */
int title_decode(struct str bytes, struct arena *arena, struct title *ret, struct mq_error *err);

/* What `update` says laid over `base`, in *ret (text and lists shared with both). */
void title_merge(const struct title *base, const struct title *update, struct title *ret);

#endif

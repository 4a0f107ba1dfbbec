/* strategy_data.h - the past as this room reads it: titles with what is known of them before anyone watched, and who
 * watched them.
 *
 * Fed once from a scan of the records and one of the log; then read-only. Rows are dense title ids; a row without an id was
 * given up. */
#ifndef MQ_STRATEGY_STRATEGY_DATA_H
#define MQ_STRATEGY_STRATEGY_DATA_H

#include "base/arena.h"
#include "catalogue/title.h"
#include "event/event.h"
#include "strategy/active_viewers.h"

enum { STRATEGY_CREDITS_MAX = 64 }; /* kept of one title, by role and billing */

struct strategy_credit {
    uint32_t person; /* dense, or ID_NONE: nobody of the past */
    uint8_t role;
    uint16_t billing; /* from 1 within the role */
};

struct strategy_title {
    struct str id, name; /* name: the id where none is known */
    bool described;      /* a record exists */
    int16_t year;        /* 0 = unknown */
    int8_t month;        /* 1..12, 0 = unknown */
    uint8_t kind;
    uint16_t runtime_min, season;
    int32_t release_day;
    struct str language, maturity, description, series;
    const struct str *genres, *tags, *countries;
    uint16_t n_genres, n_tags, n_countries;
    const struct strategy_credit *credits; /* by role, then billing */
    uint32_t n_credits;
    double budget;
    uint32_t audience; /* distinct viewers with a viewing or a rating */
    int64_t first_ms;  /* of the first of them */
    /* Places on logged pages: all of them, and those of the 28 days from the release on. */
    uint32_t shown, shown_new;
};
/* Of its release, since 1970: the middle of the year where no day is known, TITLE_NO_DATE where no year is. */
int32_t strategy_title_day(const struct strategy_title *t);

/* One viewer's first meeting with one title. */
struct strategy_meeting {
    uint32_t title, viewer;
    int64_t at_ms;
};

struct strategy_person {
    struct str name;
    uint32_t n_titles;
};

/* A group of viewers whose part of a forecast is asked for: a taste community. */
struct strategy_group {
    unsigned id;
    struct str name;
};
enum { STRATEGY_GROUPS_MAX = 254, STRATEGY_NO_GROUP = 255 };

struct strategy_data {
    struct strategy_title *titles; /* (n_titles) */
    uint32_t n_titles, cap;
    uint32_t n_viewers, cap_viewers; /* highest dense id + 1 */
    struct strategy_meeting *met;    /* (n_met) by title, then viewer */
    uint64_t *start;                 /* (n_titles + 1) into met */
    uint64_t n_met, cap_met;
    uint16_t *viewer_country;      /* (n_viewers) last one seen, 0 = unknown */
    struct strategy_group *groups; /* (n_groups) in the arena; none: not known */
    uint8_t *viewer_group;         /* (n_viewers) of `groups`, or STRATEGY_NO_GROUP */
    uint32_t n_groups;
    struct strategy_person *people; /* (n_people) by dense id */
    uint32_t n_people;
    int64_t first_ms, last_ms; /* of the meetings */
    uint64_t events;
    uint64_t pages; /* logged with their titles */
    struct active_viewers active;
    struct arena arena;
};

int strategy_data_new(struct strategy_data **ret, struct mq_error *err);
void strategy_data_free(struct strategy_data *d);

/* In any order; t->title_id and credits' person_id set. Copies. MQ_NO_MEMORY, MQ_TOO_LARGE. */
int strategy_data_title(struct strategy_data *d, const struct title *t, struct mq_error *err);
/* In order of time of each viewer. A viewing or a rating counts, and where a page put its titles; all other events are passed over. */
int strategy_data_event(struct strategy_data *d, const struct event *e, struct mq_error *err);
/* After the last: sorts, keeps the first meeting of each pair, counts audiences. */
int strategy_data_finish(struct strategy_data *d, struct mq_error *err);

/* After finish: room for n groups, with their names copied; nobody is in any until d->viewer_group says so.
 * MQ_TOO_LARGE past STRATEGY_GROUPS_MAX. */
int strategy_data_groups(struct strategy_data *d, const struct strategy_group *groups, uint32_t n,
                         struct mq_error *err);

/* A title as a row says it, without viewers: also one that does not exist yet. credits: person_id set, or {ID_NONE}. Its texts are
 * copied into the arena. MQ_NO_MEMORY. */
int strategy_title_of(const struct title *t, struct arena *arena, struct strategy_title *ret,
                      struct mq_error *err);

/* People whose name matches without regard to case, accents and punctuation; at most `max` into `ret`; returns how
 * many there are. */
uint32_t strategy_people_named(const struct strategy_data *d, struct str name, uint32_t *ret,
                               uint32_t max);

#endif

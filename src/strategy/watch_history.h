/* watch_history.h - how much titles were watched as a service says in public: hours in half-years, and in weeks when they were
 * on a top list. Nobody's viewings: whole titles only. */
#ifndef MQ_STRATEGY_WATCH_HISTORY_H
#define MQ_STRATEGY_WATCH_HISTORY_H

#include "base/error.h"
#include "base/str.h"

#define WATCH_NO_DAY INT32_MIN

enum { WATCH_HALVES_MAX = 16, WATCH_TITLES_MAX = 1 << 20, WATCH_WEEKS_MAX = 1 << 22 };

struct watched_half {
    int32_t first_day, last_day; /* days since 1970-01-01, both of it */
};

/* A season of a show, or (season 0) a title that is none. */
struct watched_title {
    uint32_t show;
    uint16_t season;
    uint16_t global; /* bit h: half-year h's report says it is available globally */
    /* Facts of the title, known when it came out, wherever the reports first print them. */
    int32_t release_day;            /* WATCH_NO_DAY: not known */
    double runtime_hours;           /* 0: not known */
    double hours[WATCH_HALVES_MAX]; /* 0: not in that report */
    uint32_t week_from, week_to;    /* of `weeks` */
};

struct watched_week {
    uint32_t title;
    int32_t day; /* the week's last */
    double hours;
    uint16_t weeks;   /* on the list so far; 0: not said */
    uint8_t category; /* of `categories` */
};

enum { WATCH_CATEGORIES = 8 };

struct intern;
struct watch_history {
    struct watched_half halves[WATCH_HALVES_MAX]; /* ascending */
    uint32_t n_halves;
    struct watched_title *titles; /* ascending by (show, season) after watch_history_finish */
    uint32_t n_titles;
    struct watched_week *weeks; /* ascending by (title, category, day) then */
    uint32_t n_weeks;
    int32_t
        first_week; /* day of the first list, after watch_history_finish; INT32_MAX: there is none */
    struct intern *shows;      /* names, normalised (catalogue.h) */
    struct intern *keys;       /* title -> index, while it is filled */
    struct intern *categories; /* of top lists */
    uint32_t title_room, week_room;
};

int watch_history_init(struct watch_history *h, struct mq_error *err);
void watch_history_release(struct watch_history *h);

/* A half-year (half 1 or 2), in ascending order of time. MQ_INVALID: not later than the one before; MQ_TOO_LARGE past
 * WATCH_HALVES_MAX. */
int watch_history_half(struct watch_history *h, int year, int half, struct mq_error *err);

struct watch_row {
    struct str show;
    uint16_t season;
    double hours;
    int32_t release_day;  /* of a half-year's */
    double runtime_hours; /* ditto */
    bool global;          /* ditto */
    struct str category;  /* of a week's; */
    int32_t day;          /* its last day; */
    uint16_t weeks;       /* on the list so far */
};
/* A row of the half-year that was begun last. Rows of one title add up. Text is copied. MQ_TOO_LARGE, MQ_NO_MEMORY. */
int watch_history_row(struct watch_history *h, const struct watch_row *row, struct mq_error *err);
/* A row of a weekly list. */
int watch_history_week(struct watch_history *h, const struct watch_row *row, struct mq_error *err);

/* Puts it in order. Nothing is added afterwards. */
int watch_history_finish(struct watch_history *h, struct mq_error *err);

/* The season of a show, or -1. O(log n). */
int64_t watch_history_find(const struct watch_history *h, uint32_t show, uint16_t season);

#endif

/* watch_reports.h - what a service says in public of how much its titles are watched: rows of half-year engagement reports
 * ("What We Watched") and of weekly top lists (top10.netflix.com), as tables.
 *
 * Half-years: `title, hours_viewed` and any of `available_globally, release_date, runtime`, under a header. A title may read
 * "English title // original title"; what stands first counts. A runtime is H:MM, perhaps with the report's
 * footnote behind it ("4:44*"; "*" alone: unknown). Hours are rounded to 100,000, and smaller ones are not in it.
 * Weeks: `week, category, show_title, weekly_hours_viewed` and any of `season_title, cumulative_weeks_in_top_10`. */
#ifndef MQ_WIRE_WATCH_REPORTS_H
#define MQ_WIRE_WATCH_REPORTS_H

#include "wire/bad_row.h"

#define REPORT_NO_DAY INT32_MIN

enum {
    REPORT_TEXT_MAX = 1024,       /* bytes of a title or category */
    REPORT_RUNTIME_MAX = 1000000, /* minutes */
    REPORT_WEEKS_MAX = 10000,     /* of a title on a list */
    REPORT_SEASON_MAX = 200,      /* greater numbers are years and the like: no season */
};
/* No title has more: ten thousand million hours. */
#define REPORT_HOURS_MAX 1e10

/* What a title names. Text points into what was parsed. */
struct report_name {
    struct str show; /* without the season; the whole title when there is none */
    uint16_t season; /* 0: no whole season (a film, a special, a part of a season) */
};

struct half_year_row {
    struct report_name name;
    int32_t release_day; /* days since 1970-01-01; REPORT_NO_DAY */
    bool global;         /* available globally */
    double hours;
    double runtime_hours; /* 0: unknown */
};

struct weekly_row {
    struct report_name name;
    struct str category;
    int32_t day; /* the last of the week */
    double hours;
    uint16_t weeks; /* on the list up to now, this one included; 0: not said */
};

/* Functions return 0 to go on; text is valid until they return. */
struct half_year_sink {
    void *ctx;
    int (*row)(void *ctx, const struct half_year_row *row, struct mq_error *err);
    bad_row_fn *bad;
};
struct weekly_sink {
    void *ctx;
    int (*row)(void *ctx, const struct weekly_row *row, struct mq_error *err);
    bad_row_fn *bad;
};

/* `name` is for messages. MQ_INVALID: no such table. */
int half_year_read(const char *name, struct str bytes, const struct half_year_sink *sink,
                   struct mq_error *err);
int weekly_read(const char *name, struct str bytes, const struct weekly_sink *sink,
                struct mq_error *err);

/* "The Crown: Season 6 // ..." -> The Crown, 6. "Dark: Season 1: Part 2" is no whole season. "Limited Series" is a first one. */
struct report_name report_name_of(struct str title);

/* The half-year that a file name tells of: "engagement-2023H1.csv" -> 2023, 1. False when it tells of none. */
bool half_year_of(struct str file, int *ret_year, int *ret_half);

#endif

/* tz_rule.h - the POSIX TZ string that ends a time zone file: offsets for all years to come. */
#ifndef MQ_BASE_TZ_RULE_H
#define MQ_BASE_TZ_RULE_H

#include "str.h"

/* One day of a year, and the wall-clock second of that day when the time changes. */
struct tz_change {
    enum {
        TZ_JULIAN,
        TZ_DAY,
        TZ_WEEKDAY
    } form;          /* J1..J365 (no 29 Feb), 0..365, M month.week.day */
    int day;         /* of the year, or of the week (0 is Sunday) */
    int month, week; /* TZ_WEEKDAY; week 5 is the last */
    int32_t second;  /* may be negative or past a day (RFC 8536, 3.3.1) */
};

struct tz_rule {
    int32_t standard, summer; /* seconds east of UTC */
    bool has_summer;
    struct tz_change start, end; /* of summer time */
};

/* False when the text breaks the format. */
bool tz_rule_parse(struct str s, struct tz_rule *ret);
/* Seconds east of UTC at `t` (seconds since 1970). */
int32_t tz_rule_offset(const struct tz_rule *r, int64_t t);

#endif

/* tz_rule.c - "CET-1CEST,M3.5.0,M10.5.0/3": name, offset west, summer name [offset], two changes. */
#include "base/tz_rule.h"

#include "base/clock.h"

enum { DAY = 24 * 60 * 60 };

static bool take_char(struct str *s, char c)
{
    if (s->n == 0 || s->p[0] != c)
        return false;
    *s = (struct str){s->p + 1, s->n - 1};
    return true;
}

static bool take_number(struct str *s, int min, int max, int *ret)
{
    int v = 0;
    size_t n = 0;
    for (; n < s->n && n < 4 && s->p[n] >= '0' && s->p[n] <= '9'; n++)
        v = v * 10 + (s->p[n] - '0');
    *s = (struct str){s->p + n, s->n - n};
    *ret = v;
    return n > 0 && v >= min && v <= max;
}

/* Letters, or anything between < and >. */
static bool take_name(struct str *s)
{
    size_t n = 0;
    if (take_char(s, '<')) {
        n = str_find(*s, '>');
        if (n == s->n)
            return false;
        *s = (struct str){s->p + n + 1, s->n - n - 1};
        return n > 0;
    }
    while (n < s->n && ((s->p[n] | 32) >= 'a' && (s->p[n] | 32) <= 'z'))
        n++;
    *s = (struct str){s->p + n, s->n - n};
    return n >= 3;
}

/* [+-]h[hh][:mm[:ss]] */
static bool take_time(struct str *s, int32_t *ret)
{
    bool negative = take_char(s, '-');
    if (!negative)
        take_char(s, '+');
    int hours, minutes = 0, seconds = 0;
    if (!take_number(s, 0, 167, &hours))
        return false;
    if (take_char(s, ':') && !take_number(s, 0, 59, &minutes))
        return false;
    if (take_char(s, ':') && !take_number(s, 0, 59, &seconds))
        return false;
    int32_t total = (hours * 60 + minutes) * 60 + seconds;
    *ret = negative ? -total : total;
    return true;
}

/* Jn, n or Mm.w.d, each with an optional /time (else 2:00). */
static bool take_change(struct str *s, struct tz_change *c)
{
    *c = (struct tz_change){.second = 2 * 60 * 60};
    if (take_char(s, 'M')) {
        c->form = TZ_WEEKDAY;
        if (!take_number(s, 1, 12, &c->month) || !take_char(s, '.') ||
            !take_number(s, 1, 5, &c->week) || !take_char(s, '.') || !take_number(s, 0, 6, &c->day))
            return false;
    } else if (take_char(s, 'J')) {
        c->form = TZ_JULIAN;
        if (!take_number(s, 1, 365, &c->day))
            return false;
    } else {
        c->form = TZ_DAY;
        if (!take_number(s, 0, 365, &c->day))
            return false;
    }
    return !take_char(s, '/') || take_time(s, &c->second);
}

bool tz_rule_parse(struct str s, struct tz_rule *ret)
{
    struct tz_rule r = {0};
    int32_t west;
    if (!take_name(&s) || !take_time(&s, &west))
        return false;
    r.standard = r.summer = -west;
    if (s.n > 0) {
        r.has_summer = true;
        r.summer = r.standard + 60 * 60;
        if (!take_name(&s))
            return false;
        if (s.n > 0 && s.p[0] != ',') {
            if (!take_time(&s, &west))
                return false;
            r.summer = -west;
        }
        if (!take_char(&s, ',') || !take_change(&s, &r.start) || !take_char(&s, ',') ||
            !take_change(&s, &r.end) || s.n > 0)
            return false;
    }
    *ret = r;
    return true;
}

static bool is_leap(int64_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* The day (since 1970) of the given weekday in the given week of the month. */
static int64_t weekday_of(const struct tz_change *c, int64_t year)
{
    int64_t first = time_days_from_civil(year, (unsigned)c->month, 1);
    int64_t next = c->month == 12 ? time_days_from_civil(year + 1, 1, 1)
                                  : time_days_from_civil(year, (unsigned)c->month + 1, 1);
    int64_t weekday = ((first + 4) % 7 + 7) % 7; /* day 0 was a Thursday */
    int64_t day = first + (c->day - weekday + 7) % 7 + (int64_t)(c->week - 1) * 7;
    return day >= next ? day - 7 : day;
}

/* Seconds since 1970 on the wall clock. */
static int64_t change_at(const struct tz_change *c, int64_t year)
{
    int64_t day;
    if (c->form == TZ_WEEKDAY) {
        day = weekday_of(c, year);
    } else {
        day = time_days_from_civil(year, 1, 1) + c->day;
        if (c->form == TZ_JULIAN)
            day += (is_leap(year) && c->day >= 60) - 1;
    }
    return day * DAY + c->second;
}

int32_t tz_rule_offset(const struct tz_rule *r, int64_t t)
{
    if (!r->has_summer)
        return r->standard;
    int64_t local = t + r->standard;
    int64_t year;
    unsigned month, day;
    time_civil_from_days(local / DAY - (local % DAY < 0), &year, &month, &day);
    int64_t start = change_at(&r->start, year) - r->standard;
    int64_t end = change_at(&r->end, year) - r->summer;
    /* Start after end: the southern half, where summer lasts over the new year. */
    bool summer = start < end ? t >= start && t < end : t >= start || t < end;
    return summer ? r->summer : r->standard;
}

#include "base/clock.h"

#include <time.h>

enum { MS_PER_MINUTE = 60 * 1000, MS_PER_DAY = 24 * 60 * MS_PER_MINUTE };

int64_t clock_wall_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t clock_mono_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Howard Hinnant, "chrono-compatible low-level date algorithms": eras of 400 years that start on
 * 1 March, so that the leap day is the last day. */
int64_t time_days_from_civil(int64_t year, unsigned month, unsigned day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

void time_civil_from_days(int64_t days, int64_t *year, unsigned *month, unsigned *day)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t doe = days - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;
    *day = (unsigned)(doy - (153 * mp + 2) / 5 + 1);
    *month = (unsigned)(mp < 10 ? mp + 3 : mp - 9);
    *year = yoe + era * 400 + (*month <= 2);
}

/* What is left of the text to parse. */
static bool take_char(struct str *s, char c)
{
    if (s->n == 0 || s->p[0] != c)
        return false;
    *s = (struct str){s->p + 1, s->n - 1};
    return true;
}

/* Exactly n digits, at most `max`. */
static bool take_number(struct str *s, size_t n, unsigned min, unsigned max, unsigned *ret)
{
    if (s->n < n)
        return false;
    unsigned v = 0;
    for (size_t i = 0; i < n; i++) {
        if (s->p[i] < '0' || s->p[i] > '9')
            return false;
        v = v * 10 + (unsigned)(s->p[i] - '0');
    }
    *s = (struct str){s->p + n, s->n - n};
    *ret = v;
    return v >= min && v <= max;
}

static unsigned days_in_month(unsigned year, unsigned month)
{
    static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (month == 2 && leap);
}

static bool take_date(struct str *s, int64_t *ret_days)
{
    unsigned year, month, day;
    if (!take_number(s, 4, 1, 9999, &year) || !take_char(s, '-') ||
        !take_number(s, 2, 1, 12, &month) || !take_char(s, '-') ||
        !take_number(s, 2, 1, days_in_month(year, month), &day))
        return false;
    *ret_days = time_days_from_civil(year, month, day);
    return true;
}

/* Digits past the milliseconds are dropped. */
static bool take_fraction(struct str *s, unsigned *ret_ms)
{
    unsigned ms = 0, weight = 100;
    size_t n = 0;
    for (; n < s->n && s->p[n] >= '0' && s->p[n] <= '9'; n++) {
        ms += weight * (unsigned)(s->p[n] - '0');
        weight /= 10;
    }
    *s = (struct str){s->p + n, s->n - n};
    *ret_ms = ms;
    return n > 0;
}

/* hh:mm[:ss[.f]]; second 60 is a leap second and counts as the next minute's first. */
static bool take_time(struct str *s, int64_t *ret_ms)
{
    unsigned hour, minute, second = 0, ms = 0;
    if (!take_number(s, 2, 0, 23, &hour) || !take_char(s, ':') ||
        !take_number(s, 2, 0, 59, &minute))
        return false;
    if (take_char(s, ':')) {
        if (!take_number(s, 2, 0, 60, &second))
            return false;
        if (take_char(s, '.') && !take_fraction(s, &ms))
            return false;
    }
    *ret_ms = ((hour * 60 + minute) * 60 + second) * INT64_C(1000) + ms;
    return true;
}

/* Z, +hh:mm, -hhmm, +hh or nothing. */
static bool take_offset(struct str *s, int *ret_min)
{
    *ret_min = 0;
    if (s->n == 0 || take_char(s, 'Z') || take_char(s, 'z'))
        return true;
    bool west = s->p[0] == '-';
    unsigned hour, minute = 0;
    if ((!take_char(s, '+') && !take_char(s, '-')) || !take_number(s, 2, 0, 23, &hour))
        return false;
    if (s->n > 0) { /* many exporters leave the colon, or the minutes, out */
        take_char(s, ':');
        if (!take_number(s, 2, 0, 59, &minute))
            return false;
    }
    int total = (int)(hour * 60 + minute);
    *ret_min = west ? -total : total;
    return true;
}

bool time_parse(struct str s, int64_t *ret_ms, int *ret_offset_min)
{
    int64_t days, ms = 0;
    int offset = 0;
    if (!take_date(&s, &days))
        return false;
    if (s.n > 0) {
        if (!take_char(&s, 'T') && !take_char(&s, 't') && !take_char(&s, ' '))
            return false;
        if (!take_time(&s, &ms) || !take_offset(&s, &offset) || s.n > 0)
            return false;
    }
    int64_t at = days * MS_PER_DAY + ms - (int64_t)offset * MS_PER_MINUTE;
    /* An offset or a leap second may lead out of the years that can be written back. */
    if (at < time_days_from_civil(1, 1, 1) * MS_PER_DAY ||
        at >= time_days_from_civil(10000, 1, 1) * MS_PER_DAY)
        return false;
    *ret_ms = at;
    if (ret_offset_min)
        *ret_offset_min = offset;
    return true;
}

bool time_asked(struct str s, int64_t *ret_ms)
{
    if (!time_parse(s, ret_ms, NULL))
        return false;
    if (*ret_ms == 0)
        *ret_ms = 1;
    return true;
}

static char *put_digits(char *p, unsigned v, int n)
{
    for (int i = n - 1; i >= 0; i--) {
        p[i] = (char)('0' + v % 10);
        v /= 10;
    }
    return p + n;
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

void time_format(struct buf *b, int64_t ms)
{
    int64_t days = floor_div(ms, MS_PER_DAY);
    unsigned rest = (unsigned)(ms - days * MS_PER_DAY);
    int64_t year;
    unsigned month, day;
    time_civil_from_days(days, &year, &month, &day);

    char text[40];
    char *p = text;
    if (year < 0 || year > 9999) { /* ISO 8601's expanded years; 9 digits hold any int64_t */
        *p++ = year < 0 ? '-' : '+';
        p = put_digits(p, (unsigned)(year < 0 ? -year : year), 9);
    } else {
        p = put_digits(p, (unsigned)year, 4);
    }
    *p++ = '-';
    p = put_digits(p, month, 2);
    *p++ = '-';
    p = put_digits(p, day, 2);
    *p++ = 'T';
    p = put_digits(p, rest / 3600000, 2);
    *p++ = ':';
    p = put_digits(p, rest / 60000 % 60, 2);
    *p++ = ':';
    p = put_digits(p, rest / 1000 % 60, 2);
    if (rest % 1000) {
        *p++ = '.';
        p = put_digits(p, rest % 1000, 3);
    }
    *p++ = 'Z';
    buf_add(b, text, (size_t)(p - text));
}

#include "wire/when.h"

#include <math.h>

#include "base/clock.h"

#define EPOCH_MS_FROM INT64_C(100000000000)   /* as seconds that would be the year 5138 */
#define EPOCH_MS_MAX INT64_C(253402300799999) /* 9999-12-31 */

bool when_parse(struct str s, int64_t *ret_ms)
{
    int64_t whole;
    if (str_to_i64(s, &whole)) {
        if (whole > EPOCH_MS_MAX || whole < -EPOCH_MS_MAX)
            return false;
        bool is_ms = whole > EPOCH_MS_FROM || whole < -EPOCH_MS_FROM;
        *ret_ms = is_ms ? whole : whole * 1000;
        return true;
    }
    double number;
    if (str_to_double(s, &number)) {
        if (!(fabs(number) <= (double)EPOCH_MS_MAX))
            return false;
        *ret_ms = llround(fabs(number) > (double)EPOCH_MS_FROM ? number : number * 1000);
        return true;
    }
    return time_parse(s, ret_ms, NULL);
}

static bool civil(int64_t year, int64_t month, int64_t day, int32_t *ret_day)
{
    if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > 31)
        return false;
    int64_t days = time_days_from_civil(year, (unsigned)month, (unsigned)day);
    int64_t y;
    unsigned m, d;
    time_civil_from_days(days, &y, &m, &d);
    if (m != month)
        return false; /* the 31st of a shorter month */
    *ret_day = (int32_t)days;
    return true;
}

static int64_t month_named(struct str s)
{
    static const char names[12][4] = {"jan", "feb", "mar", "apr", "may", "jun",
                                      "jul", "aug", "sep", "oct", "nov", "dec"};
    for (int i = 0; i < 12; i++)
        if (str_eq_nocase(s, (struct str){names[i], 3}))
            return i + 1;
    return 0;
}

/* Three parts between `separator`; false when there are more or fewer. */
static bool three(struct str s, char separator, struct str part[3])
{
    for (int i = 0; i < 3; i++) {
        if (!s.p)
            return false;
        part[i] = str_cut(&s, separator);
    }
    return !s.p;
}

bool when_day(struct str s, int32_t *ret_day)
{
    struct str part[3];
    int64_t day, month, year, ms;
    if (three(s, '-', part) && str_to_i64(part[0], &day) && str_to_i64(part[2], &year) &&
        (month = month_named(part[1])) > 0)
        return civil(year, month, day, ret_day);
    if (three(s, '/', part) && str_to_i64(part[0], &month) && str_to_i64(part[1], &day) &&
        str_to_i64(part[2], &year))
        return civil(year, month, day, ret_day);
    if (!time_parse(s, &ms, NULL))
        return false;
    int64_t days = ms / 86400000 - (ms % 86400000 < 0);
    *ret_day = (int32_t)days;
    return true;
}

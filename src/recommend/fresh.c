/* fresh.c - "New": released within the last 90 days, or failing that this year or the last. */
#include "recommend/shelf.h"

#include "base/clock.h"
#include "base/wide.h"

enum {
    NEW_DAYS = 90,
    GROUP = 64, /* titles looked at together */
    DAY_MAX = 11 * 1000 *
              1000 /* year 32086: later days are no days of titles, whose years are of 16 bits */
};

/* Is any of them within first..last? Hardly any group has one, so that most are passed over by vectors. */
WIDE static bool any_within(const int32_t *v, uint32_t n, int32_t first, int32_t last)
{
    int32_t any = 0;
    for (uint32_t i = 0; i < n; i++)
        any |= (v[i] >= first) & (v[i] <= last);
    return any;
}

WIDE static bool any_of_year(const int16_t *v, uint32_t n, int16_t year)
{
    int any = 0;
    for (uint32_t i = 0; i < n; i++)
        any |= v[i] == year;
    return any;
}

static uint32_t group_size(const struct recommender *r, uint32_t first)
{
    return r->n_titles - first < GROUP ? r->n_titles - first : GROUP;
}

/* Returns whether it is kept. */
static bool keep_free(struct recommender *r, uint32_t t)
{
    if (!title_free(r, t))
        return false;
    r->skip[t / 64] &= ~(UINT64_C(1) << (t % 64));
    return true;
}

static size_t keep_released(struct recommender *r, int32_t today)
{
    const int32_t *day = r->d->release_day;
    int32_t since = today - NEW_DAYS + 1;
    size_t n = 0;
    for (uint32_t first = 0; first < r->n_titles; first += GROUP) {
        uint32_t last = first + group_size(r, first);
        if (!any_within(day + first, last - first, since, today))
            continue;
        for (uint32_t t = first; t < last; t++)
            n += day[t] >= since && day[t] <= today && keep_free(r, t);
    }
    return n;
}

/* A title whose day lies ahead is not out yet. */
static size_t keep_year(struct recommender *r, int32_t today, int16_t year)
{
    size_t n = 0;
    for (uint32_t first = 0; first < r->n_titles; first += GROUP) {
        uint32_t last = first + group_size(r, first);
        if (!any_of_year(r->d->year + first, last - first, year))
            continue;
        for (uint32_t t = first; t < last; t++) {
            int32_t day = r->d->release_day[t];
            n += r->d->year[t] == year && (day == TITLE_NO_DATE || day <= today) && keep_free(r, t);
        }
    }
    return n;
}

static int32_t title_day(int64_t day)
{
    return (int32_t)(day > DAY_MAX ? DAY_MAX : day < -DAY_MAX ? -DAY_MAX : day);
}

void fresh_list(struct recommender *r, struct shelf *s)
{
    int32_t today = title_day(request_day(r));
    int64_t year;
    unsigned month, day;
    time_civil_from_days(today, &year, &month, &day);
    memset(r->skip, 0xff, r->words * sizeof(uint64_t));
    if (keep_released(r, today) < SHELF_LEAST && keep_year(r, today, (int16_t)year) < SHELF_LEAST &&
        keep_year(r, today, (int16_t)(year - 1)) == 0)
        return;
    shelf_select(r, s, r->has_taste ? r->score : r->trend, r->skip);
}

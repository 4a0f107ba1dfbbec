/* fresh.c - "New": released within the last 90 days, or failing that this year or the last. */
#include "recommend/shelf.h"

#include "base/clock.h"

enum {
    NEW_DAYS = 90,
    DAY_MAX = 11 * 1000 *
              1000 /* year 32086: later days are no days of titles, whose years are of 16 bits */
};

static void find_released(struct digest *d, int32_t today, uint64_t *ret)
{
    for (uint32_t t = 0; t < d->n_titles; t++) {
        int32_t day = d->release_day[t];
        if (day > today - NEW_DAYS && day <= today)
            bit_set(ret, t);
    }
}

/* A title whose day lies ahead is not out yet. */
static void find_year(struct digest *d, int32_t today, int16_t year, uint64_t *ret)
{
    for (uint32_t t = 0; t < d->n_titles; t++) {
        int32_t day = d->release_day[t];
        if (d->year[t] == year && (day == TITLE_NO_DATE || day <= today))
            bit_set(ret, t);
    }
}

/* The same for every request of a day. */
static void find_fresh(struct digest *d, int32_t today)
{
    int64_t year;
    unsigned month, day;
    if (d->has_fresh && d->fresh_day == today)
        return;
    time_civil_from_days(today, &year, &month, &day);
    for (size_t k = 0; k < FRESH_KINDS; k++)
        memset(d->fresh[k], 0, ((size_t)d->n_titles + 63) / 64 * sizeof(uint64_t));
    find_released(d, today, d->fresh[FRESH_DAYS]);
    find_year(d, today, (int16_t)year, d->fresh[FRESH_YEAR]);
    find_year(d, today, (int16_t)(year - 1), d->fresh[FRESH_YEAR_BEFORE]);
    d->fresh_day = today;
    d->has_fresh = true;
}

/* Lets those that are free through. Returns how many. */
static size_t keep(struct recommender *r, const uint64_t *fresh)
{
    size_t n = 0;
    for (size_t w = 0; w < r->words; w++) {
        uint64_t bits = fresh[w] & ~r->seen[w];
        r->skip[w] &= ~bits;
        n += bits ? (size_t)__builtin_popcountll(bits) : 0;
    }
    return n;
}

static int32_t title_day(int64_t day)
{
    return (int32_t)(day > DAY_MAX ? DAY_MAX : day < -DAY_MAX ? -DAY_MAX : day);
}

void fresh_list(struct recommender *r, struct shelf *s)
{
    uint64_t *const *fresh = r->digest.fresh;
    find_fresh(&r->digest, title_day(request_day(r)));
    memset(r->skip, 0xff, r->words * sizeof(uint64_t));
    if (keep(r, fresh[FRESH_DAYS]) < SHELF_LEAST && keep(r, fresh[FRESH_YEAR]) < SHELF_LEAST &&
        keep(r, fresh[FRESH_YEAR_BEFORE]) == 0)
        return;
    shelf_select(r, s, r->has_taste ? r->score : r->trend, r->skip);
}

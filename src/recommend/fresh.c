/* fresh.c - "New": released within the last 90 days, or failing that this year or the last. */
#include "recommend/shelf.h"

#include "base/clock.h"

enum { NEW_DAYS = 90 };

static size_t keep_released(struct recommender *r, int64_t today)
{
    size_t n = 0;
    for (uint32_t t = 0; t < r->n_titles; t++) {
        int32_t day = r->d->release_day[t];
        if (day != TITLE_NO_DATE && day <= today && day > today - NEW_DAYS && title_free(r, t)) {
            r->skip[t / 64] &= ~(UINT64_C(1) << (t % 64));
            n++;
        }
    }
    return n;
}

/* A title whose day lies ahead is not out yet. */
static size_t keep_year(struct recommender *r, int64_t today, int64_t year)
{
    size_t n = 0;
    for (uint32_t t = 0; t < r->n_titles; t++) {
        int32_t day = r->d->release_day[t];
        if (r->d->year[t] == year && (day == TITLE_NO_DATE || day <= today) && title_free(r, t)) {
            r->skip[t / 64] &= ~(UINT64_C(1) << (t % 64));
            n++;
        }
    }
    return n;
}

void fresh_list(struct recommender *r, struct shelf *s)
{
    int64_t today = request_day(r), year;
    unsigned month, day;
    time_civil_from_days(today, &year, &month, &day);
    memset(r->skip, 0xff, r->words * sizeof(uint64_t));
    if (keep_released(r, today) < SHELF_LEAST && keep_year(r, today, year) < SHELF_LEAST &&
        keep_year(r, today, year - 1) == 0)
        return;
    shelf_select(r, s, r->has_taste ? r->score : r->trend, r->skip);
}

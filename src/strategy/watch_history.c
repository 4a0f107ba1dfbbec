#include "strategy/watch_history.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/intern.h"
#include "catalogue/catalogue.h"

enum { NAME_MAX_BYTES = 1024 };

int watch_history_init(struct watch_history *h, struct mq_error *err)
{
    *h = (struct watch_history){0};
    int rc = intern_new(&h->shows, err);
    if (rc == 0)
        rc = intern_new(&h->keys, err);
    if (rc == 0)
        rc = intern_new(&h->categories, err);
    if (rc)
        watch_history_release(h);
    return rc;
}

void watch_history_release(struct watch_history *h)
{
    intern_free(h->shows);
    intern_free(h->keys);
    intern_free(h->categories);
    free(h->titles);
    free(h->weeks);
    *h = (struct watch_history){0};
}

int watch_history_half(struct watch_history *h, int year, int half, struct mq_error *err)
{
    bool first = half == 1;
    struct watched_half v = {
        .first_day = (int32_t)time_days_from_civil(year, first ? 1 : 7, 1),
        .last_day = (int32_t)time_days_from_civil(first ? year : year + 1, first ? 7 : 1, 1) - 1};
    if (h->n_halves == WATCH_HALVES_MAX)
        return mq_fail(err, MQ_TOO_LARGE, "half-years: more than %d: leave the oldest out",
                       WATCH_HALVES_MAX);
    if (h->n_halves > 0 && v.first_day <= h->halves[h->n_halves - 1].first_day)
        return mq_fail(err, MQ_INVALID, "half-year: %dH%d: give each once, in order", year, half);
    h->halves[h->n_halves++] = v;
    return 0;
}

/* Room for one more element in *list. */
static int grow(void **list, uint32_t n, uint32_t *room, size_t size, uint32_t max,
                struct mq_error *err)
{
    if (n < *room)
        return 0;
    if (n >= max)
        return mq_fail(err, MQ_TOO_LARGE, "reports: more than %u rows: leave some out", max);
    uint32_t want = *room ? *room * 2 : 1024;
    void *p = realloc(*list, want * size);
    if (!p)
        return mq_fail(err, MQ_NO_MEMORY, "reports: no memory for %u rows", want);
    *list = p;
    *room = want;
    return 0;
}

/* The title of a row, made when it is new. */
static int title_of(struct watch_history *h, const struct watch_row *row, uint32_t *ret,
                    struct mq_error *err)
{
    char name[NAME_MAX_BYTES];
    char key[32];
    uint32_t show;
    uint32_t at;
    bool fresh;
    size_t n = name_normalise(row->show, name, sizeof(name));
    /* A name without a letter that folds stands for itself. */
    struct str s = n > 0 && n <= sizeof(name) ? (struct str){name, n} : row->show;
    int rc = intern_add(h->shows, s, &show, NULL, err);
    if (rc)
        return rc;
    int length = snprintf(key, sizeof(key), "%u %u", show, row->season);
    rc = grow((void **)&h->titles, h->n_titles, &h->title_room, sizeof(*h->titles),
              WATCH_TITLES_MAX, err);
    if (rc == 0)
        rc = intern_add(h->keys, (struct str){key, (size_t)length}, &at, &fresh, err);
    if (rc)
        return rc;
    if (fresh)
        h->titles[h->n_titles++] = (struct watched_title){
            .show = show, .season = row->season, .release_day = WATCH_NO_DAY};
    *ret = at;
    return 0;
}

int watch_history_row(struct watch_history *h, const struct watch_row *row, struct mq_error *err)
{
    uint32_t at;
    if (h->n_halves == 0)
        return mq_fail(err, MQ_INVALID, "reports: no half-year was begun");
    int rc = title_of(h, row, &at, err);
    if (rc)
        return rc;
    struct watched_title *t = &h->titles[at];
    t->hours[h->n_halves - 1] += row->hours;
    t->global |= (uint16_t)(row->global << (h->n_halves - 1));
    if (t->release_day == WATCH_NO_DAY)
        t->release_day = row->release_day;
    if (row->runtime_hours > 0)
        t->runtime_hours = row->runtime_hours;
    return 0;
}

int watch_history_week(struct watch_history *h, const struct watch_row *row, struct mq_error *err)
{
    uint32_t title;
    uint32_t category;
    int rc = intern_add(h->categories, row->category, &category, NULL, err);
    if (rc == 0 && category >= WATCH_CATEGORIES)
        rc = mq_fail(err, MQ_TOO_LARGE, "category: \"%.*s\": there are %d others already",
                     STR_ARG(row->category), WATCH_CATEGORIES);
    if (rc == 0)
        rc = title_of(h, row, &title, err);
    if (rc == 0)
        rc = grow((void **)&h->weeks, h->n_weeks, &h->week_room, sizeof(*h->weeks), WATCH_WEEKS_MAX,
                  err);
    if (rc)
        return rc;
    h->weeks[h->n_weeks++] = (struct watched_week){.title = title,
                                                   .day = row->day,
                                                   .hours = row->hours,
                                                   .weeks = row->weeks,
                                                   .category = (uint8_t)category};
    return 0;
}

struct placed {
    struct watched_title title;
    uint32_t was;
};

static int by_season(const void *a, const void *b)
{
    const struct watched_title *x = &((const struct placed *)a)->title;
    const struct watched_title *y = &((const struct placed *)b)->title;
    if (x->show != y->show)
        return x->show < y->show ? -1 : 1;
    return (x->season > y->season) - (x->season < y->season);
}

static int by_title_and_day(const void *a, const void *b)
{
    const struct watched_week *x = a;
    const struct watched_week *y = b;
    if (x->title != y->title)
        return x->title < y->title ? -1 : 1;
    if (x->category != y->category)
        return x->category < y->category ? -1 : 1;
    if (x->day != y->day)
        return x->day < y->day ? -1 : 1;
    return (x->hours < y->hours) - (x->hours > y->hours);
}

/* Two rows of one title, list and day: the first, which has more hours, stays. */
static void drop_doubles(struct watch_history *h)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < h->n_weeks; i++) {
        const struct watched_week *last = n ? &h->weeks[n - 1] : NULL;
        if (!last || last->title != h->weeks[i].title || last->day != h->weeks[i].day ||
            last->category != h->weeks[i].category)
            h->weeks[n++] = h->weeks[i];
    }
    h->n_weeks = n;
}

int watch_history_finish(struct watch_history *h, struct mq_error *err)
{
    struct placed *order = calloc((size_t)h->n_titles + 1, sizeof(*order));
    uint32_t *now = calloc((size_t)h->n_titles + 1, sizeof(*now));
    if (!order || !now) {
        free(order);
        free(now);
        return mq_fail(err, MQ_NO_MEMORY, "reports: no memory for %u titles", h->n_titles);
    }
    for (uint32_t i = 0; i < h->n_titles; i++)
        order[i] = (struct placed){h->titles[i], i};
    qsort(order, h->n_titles, sizeof(*order), by_season);
    for (uint32_t i = 0; i < h->n_titles; i++) {
        h->titles[i] = order[i].title;
        now[order[i].was] = i;
    }
    for (uint32_t i = 0; i < h->n_weeks; i++)
        h->weeks[i].title = now[h->weeks[i].title];
    if (h->n_weeks > 0)
        qsort(h->weeks, h->n_weeks, sizeof(*h->weeks), by_title_and_day);
    drop_doubles(h);
    h->first_week = INT32_MAX;
    for (uint32_t i = 0; i < h->n_weeks; i++)
        h->first_week = h->weeks[i].day < h->first_week ? h->weeks[i].day : h->first_week;
    for (uint32_t i = 0; i < h->n_weeks;) {
        struct watched_title *t = &h->titles[h->weeks[i].title];
        uint32_t title = h->weeks[i].title;
        t->week_from = i;
        while (i < h->n_weeks && h->weeks[i].title == title)
            i++;
        t->week_to = i;
    }
    intern_free(h->keys);
    h->keys = NULL;
    free(order);
    free(now);
    return 0;
}

int64_t watch_history_find(const struct watch_history *h, uint32_t show, uint16_t season)
{
    uint32_t low = 0;
    uint32_t high = h->n_titles;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        const struct watched_title *t = &h->titles[mid];
        if (t->show < show || (t->show == show && t->season < season))
            low = mid + 1;
        else
            high = mid;
    }
    const struct watched_title *t = low < h->n_titles ? &h->titles[low] : NULL;
    return t && t->show == show && t->season == season ? (int64_t)low : -1;
}

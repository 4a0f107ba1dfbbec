#include "strategy/strategy_data.h"

#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "catalogue/catalogue.h"

enum { ARENA_BLOCK = 1 << 20 };
#define ARENA_MAX ((size_t)8 << 30)

int32_t strategy_title_day(const struct strategy_title *t)
{
    if (t->release_day != TITLE_NO_DATE)
        return t->release_day;
    return t->year ? (int32_t)time_days_from_civil(t->year, 7, 1) : TITLE_NO_DATE;
}

int strategy_data_new(struct strategy_data **ret, struct mq_error *err)
{
    struct strategy_data *d = calloc(1, sizeof(*d));
    if (!d || arena_init(&d->arena, ARENA_BLOCK, ARENA_MAX) != 0) {
        free(d);
        return mq_fail(err, MQ_NO_MEMORY, "strategy: no memory");
    }
    active_viewers_init(&d->active);
    *ret = d;
    return 0;
}

void strategy_data_free(struct strategy_data *d)
{
    if (!d)
        return;
    free(d->titles);
    free(d->met);
    free(d->start);
    free(d->viewer_country);
    free(d->people);
    active_viewers_release(&d->active);
    arena_release(&d->arena);
    free(d);
}

static int no_memory(struct mq_error *err)
{
    return mq_fail(err, MQ_NO_MEMORY, "strategy: no memory for the past");
}

int strategy_data_groups(struct strategy_data *d, const struct strategy_group *groups, uint32_t n,
                         struct mq_error *err)
{
    if (n > STRATEGY_GROUPS_MAX)
        return mq_fail(err, MQ_TOO_LARGE, "strategy: %u groups: at most %d", n,
                       STRATEGY_GROUPS_MAX);
    struct strategy_group *copy = ARENA_ARRAY(&d->arena, n + 1, struct strategy_group);
    uint8_t *of = arena_alloc(&d->arena, (size_t)d->n_viewers + 1);
    if (!copy || !of)
        return no_memory(err);
    for (uint32_t i = 0; i < n; i++) {
        copy[i] = (struct strategy_group){groups[i].id, arena_str(&d->arena, groups[i].name)};
        if (groups[i].name.n && !copy[i].name.p)
            return no_memory(err);
    }
    memset(of, STRATEGY_NO_GROUP, d->n_viewers);
    d->groups = copy;
    d->viewer_group = of;
    d->n_groups = n;
    return 0;
}

/* Makes room for row `row`; rows between are without an id. */
static int room_for(struct strategy_data *d, uint32_t row, struct mq_error *err)
{
    if (row < d->cap)
        return 0;
    uint32_t cap = d->cap ? d->cap : 1024;
    while (cap <= row)
        cap *= 2;
    struct strategy_title *t = realloc(d->titles, (size_t)cap * sizeof(*t));
    if (!t)
        return no_memory(err);
    memset(t + d->cap, 0, (size_t)(cap - d->cap) * sizeof(*t));
    d->titles = t;
    d->cap = cap;
    return 0;
}

static const struct str *copy_list(struct arena *arena, const struct str *from, uint16_t n)
{
    struct str *to = ARENA_ARRAY(arena, n ? n : 1, struct str);
    for (uint16_t i = 0; to && i < n; i++)
        to[i] = arena_str(arena, from[i]);
    return to;
}

static int8_t month_of(int32_t day)
{
    if (day == TITLE_NO_DATE)
        return 0;
    time_t at = (time_t)day * 86400;
    struct tm tm;
    return gmtime_r(&at, &tm) ? (int8_t)(tm.tm_mon + 1) : 0;
}

static int16_t year_of(const struct title *t)
{
    time_t at = (time_t)t->release_day * 86400;
    struct tm tm;
    if (t->year || t->release_day == TITLE_NO_DATE || !gmtime_r(&at, &tm))
        return t->year;
    return (int16_t)(tm.tm_year + 1900);
}

static int by_billing(const void *a, const void *b)
{
    const struct strategy_credit *x = a;
    const struct strategy_credit *y = b;
    if (x->role != y->role)
        return x->role < y->role ? -1 : 1;
    if (x->billing != y->billing)
        return x->billing < y->billing ? -1 : 1;
    return (x->person > y->person) - (x->person < y->person);
}

static int copy_credits(struct arena *arena, const struct title *t, struct strategy_title *ret,
                        struct mq_error *err)
{
    struct strategy_credit *c =
        ARENA_ARRAY(arena, t->n_credits ? t->n_credits : 1, struct strategy_credit);
    if (!c)
        return no_memory(err);
    for (uint32_t i = 0; i < t->n_credits; i++) {
        uint16_t billing = t->credits[i].billing;
        c[i] = (struct strategy_credit){
            .person = t->credits[i].person_id.v,
            .role = t->credits[i].role,
            .billing = billing ? billing : UINT16_MAX,
        };
    }
    qsort(c, t->n_credits, sizeof(*c), by_billing);
    uint32_t kept = 0;
    for (uint32_t i = 0, place = 0; i < t->n_credits && kept < STRATEGY_CREDITS_MAX; i++) {
        place = i > 0 && c[i].role == c[i - 1].role ? place + 1 : 1;
        c[kept] = c[i];
        c[kept++].billing = (uint16_t)place;
    }
    ret->credits = c;
    ret->n_credits = kept;
    return 0;
}

int strategy_title_of(const struct title *t, struct arena *arena, struct strategy_title *ret,
                      struct mq_error *err)
{
    *ret = (struct strategy_title){
        .id = arena_str(arena, t->id),
        .described = true,
        .year = year_of(t),
        .month = month_of(t->release_day),
        .kind = t->kind,
        .runtime_min = t->runtime_min,
        .season = t->season,
        .release_day = t->release_day,
        .language = arena_str(arena, t->language),
        .maturity = arena_str(arena, t->maturity),
        .description = arena_str(arena, t->description),
        .series = arena_str(arena, t->series),
        .genres = copy_list(arena, t->genres, t->n_genres),
        .tags = copy_list(arena, t->tags, t->n_tags),
        .countries = copy_list(arena, t->countries, t->n_countries),
        .n_genres = t->n_genres,
        .n_tags = t->n_tags,
        .n_countries = t->n_countries,
        .budget = t->budget,
    };
    ret->name = t->name.n ? arena_str(arena, t->name) : ret->id;
    if (!ret->genres || !ret->tags || !ret->countries || (t->name.n && !ret->name.p))
        return no_memory(err);
    return copy_credits(arena, t, ret, err);
}

static int know_people(struct strategy_data *d, const struct title *t, struct mq_error *err)
{
    for (uint32_t i = 0; i < t->n_credits; i++) {
        uint32_t id = t->credits[i].person_id.v;
        if (id == ID_NONE)
            continue;
        if (id >= d->n_people) {
            uint32_t n = id + 1 + id / 2;
            struct strategy_person *p = realloc(d->people, (size_t)n * sizeof(*p));
            if (!p)
                return no_memory(err);
            memset(p + d->n_people, 0, (size_t)(n - d->n_people) * sizeof(*p));
            d->people = p;
            d->n_people = n;
        }
        if (d->people[id].n_titles++ == 0)
            d->people[id].name = arena_str(&d->arena, t->credits[i].person);
    }
    return 0;
}

int strategy_data_title(struct strategy_data *d, const struct title *t, struct mq_error *err)
{
    uint32_t row = t->title_id.v;
    int rc = room_for(d, row, err);
    if (rc)
        return rc;
    if (row >= d->n_titles)
        d->n_titles = row + 1;
    struct strategy_title before = d->titles[row];
    rc = strategy_title_of(t, &d->arena, &d->titles[row], err);
    d->titles[row].audience = before.audience;
    d->titles[row].shown = before.shown;
    d->titles[row].shown_new = before.shown_new;
    return rc ? rc : know_people(d, t, err);
}

/* Is this event a viewing or a rating? */
static bool strategy_counts(const struct event *e)
{
    return e->title.n > 0 &&
           (event_kind_is_playback(e->kind) || e->kind == EVENT_RATING || e->kind == EVENT_THUMB);
}

static int note_country(struct strategy_data *d, const struct event *e, struct mq_error *err)
{
    uint32_t v = e->viewer_id.v;
    if (v >= d->cap_viewers) {
        uint32_t cap = d->cap_viewers ? d->cap_viewers : 1024;
        while (cap <= v)
            cap *= 2;
        uint16_t *c = realloc(d->viewer_country, cap * sizeof(*c));
        if (!c)
            return no_memory(err);
        memset(c + d->cap_viewers, 0, (cap - d->cap_viewers) * sizeof(*c));
        d->viewer_country = c;
        d->cap_viewers = cap;
    }
    if (v >= d->n_viewers)
        d->n_viewers = v + 1;
    if (e->context.country)
        d->viewer_country[v] = e->context.country;
    return 0;
}

/* A title that events know and no record describes. */
static int name_title(struct strategy_data *d, const struct event *e, struct mq_error *err)
{
    int rc = room_for(d, e->title_id.v, err);
    if (rc)
        return rc;
    if (e->title_id.v >= d->n_titles)
        d->n_titles = e->title_id.v + 1;
    struct strategy_title *t = &d->titles[e->title_id.v];
    if (t->id.n == 0) {
        t->id = arena_str(&d->arena, e->title);
        t->name = t->id;
        t->release_day = TITLE_NO_DATE;
    }
    return t->id.p ? 0 : no_memory(err);
}

static void note_page(struct strategy_data *d, const struct event *e)
{
    enum { NEW_DAYS = 28 };
    int64_t day = e->at_ms / 86400000;
    d->pages++;
    for (uint32_t i = 0; i < e->n_items; i++) {
        uint32_t row = e->items[i].title_id.v;
        if (row >= d->n_titles)
            continue;
        struct strategy_title *t = &d->titles[row];
        t->shown++;
        t->shown_new += t->release_day != TITLE_NO_DATE && day >= t->release_day &&
                        day < (int64_t)t->release_day + NEW_DAYS;
    }
}

int strategy_data_event(struct strategy_data *d, const struct event *e, struct mq_error *err)
{
    d->events++;
    if (e->kind == EVENT_IMPRESSION && e->n_items > 0)
        note_page(d, e);
    if (!strategy_counts(e) || e->title_id.v == ID_NONE)
        return 0;
    int rc = note_country(d, e, err);
    if (rc == 0)
        rc = active_viewers_add(&d->active, e->viewer_id.v, e->at_ms, err);
    if (rc == 0)
        rc = name_title(d, e, err);
    if (rc)
        return rc;
    if (d->n_met > 0 && d->met[d->n_met - 1].viewer == e->viewer_id.v &&
        d->met[d->n_met - 1].title == e->title_id.v)
        return 0; /* the same sitting, and events come in time order */
    if (d->n_met == d->cap_met) {
        uint64_t cap = d->cap_met ? 2 * d->cap_met : 65536;
        struct strategy_meeting *m = realloc(d->met, cap * sizeof(*m));
        if (!m)
            return no_memory(err);
        d->met = m;
        d->cap_met = cap;
    }
    d->met[d->n_met++] = (struct strategy_meeting){e->title_id.v, e->viewer_id.v, e->at_ms};
    return 0;
}

static int by_pair(const void *a, const void *b)
{
    const struct strategy_meeting *x = a;
    const struct strategy_meeting *y = b;
    if (x->title != y->title)
        return x->title < y->title ? -1 : 1;
    if (x->viewer != y->viewer)
        return x->viewer < y->viewer ? -1 : 1;
    return (x->at_ms > y->at_ms) - (x->at_ms < y->at_ms);
}

static void keep_first_meetings(struct strategy_data *d)
{
    uint64_t n = 0;
    qsort(d->met, d->n_met, sizeof(*d->met), by_pair);
    for (uint64_t i = 0; i < d->n_met; i++) {
        const struct strategy_meeting *m = &d->met[i];
        if (n == 0 || m->title != d->met[n - 1].title || m->viewer != d->met[n - 1].viewer)
            d->met[n++] = *m;
    }
    d->n_met = n;
}

int strategy_data_finish(struct strategy_data *d, struct mq_error *err)
{
    if (d->n_met)
        keep_first_meetings(d);
    active_viewers_finish(&d->active);
    d->start = calloc((size_t)d->n_titles + 1, sizeof(*d->start));
    if (!d->start)
        return no_memory(err);
    for (uint64_t i = 0; i < d->n_met; i++) {
        const struct strategy_meeting *m = &d->met[i];
        struct strategy_title *t = &d->titles[m->title];
        d->start[m->title + 1]++;
        t->audience++;
        if (t->first_ms == 0 || m->at_ms < t->first_ms)
            t->first_ms = m->at_ms;
        if (d->first_ms == 0 || m->at_ms < d->first_ms)
            d->first_ms = m->at_ms;
        if (m->at_ms > d->last_ms)
            d->last_ms = m->at_ms;
    }
    for (uint32_t t = 0; t < d->n_titles; t++)
        d->start[t + 1] += d->start[t];
    return 0;
}

uint32_t strategy_people_named(const struct strategy_data *d, struct str name, uint32_t *ret,
                               uint32_t max)
{
    char wanted[TITLE_NAME_MAX];
    char other[TITLE_NAME_MAX];
    size_t n = name_normalise(name, wanted, sizeof(wanted));
    uint32_t found = 0;
    for (uint32_t p = 0; n > 0 && p < d->n_people; p++) {
        if (d->people[p].n_titles == 0)
            continue;
        size_t m = name_normalise(d->people[p].name, other, sizeof(other));
        if (m != n || memcmp(wanted, other, n) != 0)
            continue;
        if (found < max)
            ret[found] = p;
        found++;
    }
    return found;
}

/* trend.c - the writer's side: which events count, where, and what happens when a week begins. */
#include "profile/trend.h"

#include <stdlib.h>

#include "profile/trend_tables.h"

int trend_new(struct trend **ret, struct mq_error *err)
{
    struct trend *t = calloc(1, sizeof(*t));
    if (!t)
        return mq_fail(err, MQ_NO_MEMORY, "trend: %zu bytes: free memory and try again",
                       sizeof(*t));
    atomic_init(&t->newest, TREND_NO_WEEK);
    *ret = t;
    return 0;
}

int trend_watch_rising(struct trend *t, struct mq_error *err)
{
    return t->rising ? 0 : rising_new(&t->rising, err);
}

void trend_free(struct trend *t)
{
    if (!t)
        return;
    rising_free(t->rising);
    for (unsigned i = 0; i < TREND_COUNTRIES; i++) {
        struct trend_table *c = atomic_load(&t->countries[i]);
        if (c)
            trend_table_release(c);
        free(c);
    }
    trend_table_release(&t->elsewhere);
    trend_table_release(&t->overall);
    for (unsigned i = 0; i < DAYPARTS; i++)
        trend_table_release(&t->dayparts[i]);
    for (unsigned i = 0; i < DEVICES; i++)
        trend_table_release(&t->devices[i]);
    free(t);
}

size_t trend_memory(const struct trend *t)
{
    size_t n = sizeof(*t) + trend_table_memory(&t->overall) + trend_table_memory(&t->elsewhere);
    n += t->rising ? rising_memory(t->rising) : 0;
    for (unsigned i = 0; i < TREND_COUNTRIES; i++) {
        const struct trend_table *c = atomic_load(&t->countries[i]);
        n += c ? sizeof(*c) + trend_table_memory(c) : 0;
    }
    for (unsigned i = 0; i < DAYPARTS; i++)
        n += trend_table_memory(&t->dayparts[i]);
    for (unsigned i = 0; i < DEVICES; i++)
        n += trend_table_memory(&t->devices[i]);
    return n;
}

static bool is_choice(const struct event *e)
{
    switch (e->kind) {
    case EVENT_START:
    case EVENT_COMPLETE:
    case EVENT_LIST_ADD:
        return true;
    case EVENT_RATING:
        return e->scale > 0 && e->value * 2 >= e->scale;
    case EVENT_THUMB:
        return e->value > 0;
    default:
        return false;
    }
}

/* Between these two, counts move; readers notice by the version (trend_read.c). */
static void begin_move(struct trend *t)
{
    atomic_store(&t->version, atomic_load(&t->version) + 1);
}

static void end_move(struct trend *t)
{
    atomic_store(&t->version, atomic_load(&t->version) + 1);
}

static void retire_slot(struct trend *t, unsigned slot)
{
    trend_table_retire(&t->overall, slot);
    trend_table_retire(&t->elsewhere, slot);
    for (unsigned i = DAYPART_NONE + 1; i < DAYPARTS; i++)
        trend_table_retire(&t->dayparts[i], slot);
    for (unsigned i = DEVICE_NONE + 1; i < DEVICES; i++)
        trend_table_retire(&t->devices[i], slot);
    for (unsigned i = 0; i < TREND_COUNTRIES; i++) {
        struct trend_table *c = atomic_load(&t->countries[i]);
        if (c)
            trend_table_retire(c, slot);
    }
}

void trend_sum_all(struct trend *t, bool moved)
{
    int64_t newest = atomic_load(&t->newest);
    trend_table_sum_all(&t->overall, newest, moved);
    trend_table_sum_all(&t->elsewhere, newest, moved);
    for (unsigned i = DAYPART_NONE + 1; i < DAYPARTS; i++)
        trend_table_sum_all(&t->dayparts[i], newest, moved);
    for (unsigned i = DEVICE_NONE + 1; i < DEVICES; i++)
        trend_table_sum_all(&t->devices[i], newest, moved);
    for (unsigned i = 0; i < TREND_COUNTRIES; i++) {
        struct trend_table *c = atomic_load(&t->countries[i]);
        if (c)
            trend_table_sum_all(c, newest, moved);
    }
}

/* The slot of a week. A week newer than all before it moves the window: what falls out of it joins the older
 * ones, so that in the end a count lies where its week and the newest week put it, whatever came first. */
static unsigned slot_of(struct trend *t, int64_t week)
{
    int64_t newest = atomic_load(&t->newest);
    if (newest == TREND_NO_WEEK) {
        atomic_store(&t->newest, week);
    } else if (week > newest) {
        begin_move(t);
        int64_t first = week - newest > TREND_WEEKS ? week - TREND_WEEKS + 1 : newest + 1;
        for (int64_t w = first; w <= week; w++)
            retire_slot(t, (unsigned)(w & (TREND_WEEKS - 1)));
        atomic_store(&t->newest, week);
        trend_sum_all(t, false);
        end_move(t);
    } else if (newest - week >= TREND_WEEKS) {
        return TREND_OLDER;
    }
    return (unsigned)(week & (TREND_WEEKS - 1));
}

static int new_country(struct trend *t, unsigned i, country_code code, struct mq_error *err)
{
    struct trend_table *c = calloc(1, sizeof(*c));
    if (!c)
        return mq_fail(err, MQ_NO_MEMORY, "trend: %zu bytes: free memory and try again",
                       sizeof(*c));
    atomic_store_explicit(&t->countries[i], c, memory_order_release);
    atomic_store_explicit(&t->codes[i], code, memory_order_release);
    return 0;
}

/* A country ranking before one that has a table takes that over; what was in it goes to the others'. */
static int displace(struct trend *t, country_code code, struct trend_table **ret,
                    struct mq_error *err)
{
    unsigned last = 0;
    for (unsigned i = 1; i < TREND_COUNTRIES; i++)
        if (trend_country_rank(atomic_load(&t->codes[i])) >
            trend_country_rank(atomic_load(&t->codes[last])))
            last = i;
    *ret = &t->elsewhere;
    if (trend_country_rank(code) > trend_country_rank(atomic_load(&t->codes[last])))
        return 0;
    struct trend_table *c = atomic_load(&t->countries[last]);
    for (uint32_t i = 0; i < TREND_CHUNKS; i++) {
        int rc =
            trend_table_chunk(c, i) ? trend_table_reserve(&t->elsewhere, i * TREND_CHUNK, err) : 0;
        if (rc)
            return rc;
    }
    begin_move(t);
    trend_table_merge(&t->elsewhere, c);
    trend_table_sum_all(&t->elsewhere, atomic_load(&t->newest), true);
    trend_table_sum_all(c, atomic_load(&t->newest), true);
    atomic_store(&t->codes[last], code);
    end_move(t);
    *ret = c;
    return 0;
}

static int country_table(struct trend *t, country_code code, struct trend_table **ret,
                         struct mq_error *err)
{
    for (unsigned i = 0; i < TREND_COUNTRIES; i++) {
        country_code there = atomic_load_explicit(&t->codes[i], memory_order_relaxed);
        int rc = there == 0 ? new_country(t, i, code, err) : 0;
        if (rc)
            return rc;
        if (there == 0 || there == code) {
            *ret = atomic_load(&t->countries[i]);
            return 0;
        }
    }
    return displace(t, code, ret, err);
}

int trend_feed(struct trend *t, const struct event *e, struct mq_error *err)
{
    if (!is_choice(e) || e->title_id.v >= (uint32_t)TREND_CHUNK * TREND_CHUNKS)
        return 0;
    struct trend_table *tables[4] = {&t->overall};
    unsigned n = 1;
    enum daypart daypart = daypart_at(e->at_ms, e->context.offset_min);
    if (daypart != DAYPART_NONE)
        tables[n++] = &t->dayparts[daypart];
    if (e->context.device > DEVICE_NONE && e->context.device < DEVICES)
        tables[n++] = &t->devices[e->context.device];
    int rc = e->context.country ? country_table(t, e->context.country, &tables[n++], err) : 0;
    for (unsigned i = 0; i < n && rc == 0; i++)
        rc = trend_table_reserve(tables[i], e->title_id.v, err);
    if (rc)
        return rc;
    unsigned slot = slot_of(t, trend_week(e->at_ms));
    int64_t newest = atomic_load_explicit(&t->newest, memory_order_relaxed);
    for (unsigned i = 0; i < n; i++) {
        trend_table_add(tables[i], e->title_id.v, slot);
        trend_table_sum(tables[i], e->title_id.v, newest);
    }
    return t->rising ? rising_feed(t->rising, e, err) : 0;
}

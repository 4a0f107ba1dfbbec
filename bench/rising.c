/* rising.c - how soon a planted burst is found, and how often one is "found" that is none.
 *
 *     bench_rising [VIEWERS [DAYS [SEEDS]]]        100,000 viewers of 14 sessions a week, 10 days, 3 seeds
 *
 * Worlds of the simulator (sim.h), which this detector was not made from: habits of hour and day, moods, launches, binges.
 * Event times are the clock. From day 7 on, every minute, each country and region is asked what rises there. A burst is
 * found when its country names its title; its delay is counted from its first minute. Whatever else is named is a false
 * alarm: once for each place, title and day. Titles launched within the last two weeks are counted apart: they do rise. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "profile/trend.h"
#include "sim/bursts.h"
#include "sim/sim_world.h"

enum { WARM_DAYS = 7, BURSTS = 4096, NAMED_MAX = 1 << 16 };
#define MINUTE INT64_C(60000)
#define DAY (1440 * MINUTE)

struct found {
    double minutes;    /* from its beginning; -1: never */
    double per_minute; /* starts of its country in its first half hour */
};

struct tally {
    struct found burst[BURSTS];
    size_t n;
    size_t false_country, false_region, launches;
    double place_days_country, place_days_region;
};

struct named {
    unsigned place;
    uint32_t title;
    int64_t day;
};

struct run {
    struct sim *sim;
    struct sim_world *world;
    struct trend *trend;
    struct named *named;
    size_t n_named;
    size_t *starts; /* (places) of bursts: their country's in its first half hour */
    double *first;  /* minutes, -1 */
    struct tally *tally;
};

/* Until half an hour after it: what was chosen then is still in the windows. */
static bool is_burst(struct run *x, const char *country, uint32_t title, int64_t at_ms)
{
    bool yes = false;
    for (uint32_t i = 0; i < x->world->n_bursts; i++) {
        const struct sim_burst *b = &x->world->burst[i];
        if (b->title != title || strcmp(b->country, country) != 0 || at_ms < b->from_ms ||
            at_ms > b->until_ms + 30 * MINUTE)
            continue;
        if (x->first[i] < 0)
            x->first[i] = (double)(at_ms - b->from_ms) / (double)MINUTE;
        yes = true;
    }
    return yes;
}

static bool already(struct run *x, unsigned place, uint32_t title, int64_t day)
{
    for (size_t i = 0; i < x->n_named; i++)
        if (x->named[i].place == place && x->named[i].title == title && x->named[i].day == day)
            return true;
    if (x->n_named < NAMED_MAX)
        x->named[x->n_named++] = (struct named){place, title, day};
    return false;
}

/* place: of places.c; countries 1000 + the first place that has them. */
static void ask(struct run *x, unsigned place, const char *country, struct str region,
                int64_t at_ms)
{
    struct rising_title now[RISING_MAX];
    country_code code;
    country_from(str_of(country), &code);
    size_t n = trend_rising(x->trend, at_ms, code, region, now);
    for (size_t i = 0; i < n; i++) {
        uint32_t t = now[i].title.v;
        int64_t day = (at_ms - sim_start_ms(x->sim)) / DAY;
        if (is_burst(x, country, t, at_ms) || already(x, place, t, day))
            continue;
        int32_t launch = x->world->titles[t].launch_day;
        if (launch != SIM_ALWAYS && day - launch < SIM_FRESH_DAYS)
            x->tally->launches++;
        else if (region.n)
            x->tally->false_region++;
        else
            x->tally->false_country++;
    }
}

static bool first_of_country(unsigned i)
{
    for (unsigned k = 0; k < i; k++)
        if (strcmp(place_at(k)->country, place_at(i)->country) == 0)
            return false;
    return true;
}

static void ask_all(struct run *x, int64_t at_ms)
{
    for (unsigned i = 0; place_at(i); i++) {
        const struct sim_place *p = place_at(i);
        ask(x, i, p->country, str_of(p->region), at_ms);
        x->tally->place_days_region += 1.0 / 1440;
        if (!first_of_country(i))
            continue;
        ask(x, 1000 + i, p->country, (struct str){0}, at_ms);
        x->tally->place_days_country += 1.0 / 1440;
    }
}

static void note_start(struct run *x, const struct event *e)
{
    char country[3];
    country_text(e->context.country, country);
    for (uint32_t i = 0; i < x->world->n_bursts; i++) {
        const struct sim_burst *b = &x->world->burst[i];
        x->starts[i] += strcmp(b->country, country) == 0 && e->at_ms >= b->from_ms &&
                        e->at_ms < b->from_ms + 30 * MINUTE;
    }
}

/* The world that a struct sim holds is not for everyone; its first member is. */
static struct sim_world *world_of(struct sim *s)
{
    struct sim_world *w;
    memcpy(&w, (const void *)s, sizeof(w));
    return w;
}

static int run(uint32_t viewers, uint32_t days, uint64_t seed, struct tally *tally,
               struct mq_error *err)
{
    struct sim_settings s = sim_defaults();
    struct run x = {.tally = tally};
    struct event e;
    s.viewers = viewers;
    s.days = days;
    s.seed = seed;
    s.bursts = 6;
    s.sessions_per_week = 14;
    s.heartbeat_s = 3600;
    int rc = sim_new(&s, &x.sim, err);
    if (rc == 0)
        rc = trend_new(&x.trend, err);
    if (rc == 0)
        rc = trend_watch_rising(x.trend, err);
    if (rc)
        return rc;
    x.world = world_of(x.sim);
    x.named = calloc(NAMED_MAX, sizeof(*x.named));
    x.starts = calloc(x.world->n_bursts + 1, sizeof(*x.starts));
    x.first = calloc(x.world->n_bursts + 1, sizeof(*x.first));
    for (uint32_t i = 0; i < x.world->n_bursts; i++)
        x.first[i] = -1;
    int64_t begin = sim_start_ms(x.sim) + WARM_DAYS * DAY, next = begin + MINUTE;
    while ((rc = sim_next(x.sim, &e, err)) > 0) {
        for (; e.at_ms >= next; next += MINUTE)
            ask_all(&x, next - 1);
        uint32_t title = 0, viewer = 0;
        sscanf(e.title.n ? e.title.p : "t-0", "t-%u", &title);
        sscanf(e.viewer.p, "v-%u", &viewer);
        e.title_id.v = title ? title - 1 : ID_NONE;
        e.viewer_id.v = viewer;
        if (trend_feed(x.trend, &e, err) != 0)
            break;
        if (e.kind == EVENT_START)
            note_start(&x, &e);
    }
    for (uint32_t i = 0; i < x.world->n_bursts && tally->n < BURSTS; i++) {
        const struct sim_burst *b = &x.world->burst[i];
        if (b->from_ms < begin || b->until_ms < b->from_ms + 30 * MINUTE ||
            b->from_ms > x.world->end_ms - 30 * MINUTE ||
            burst_at(x.world, b->country, b->from_ms) != b->title)
            continue; /* or in the shadow of another */
        tally->burst[tally->n++] = (struct found){x.first[i], (double)x.starts[i] / 30};
    }
    fprintf(stderr, "seed %llu: %u bursts, counters of rising titles and trends: %.1f MiB\n",
            (unsigned long long)seed, x.world->n_bursts, (double)trend_memory(x.trend) / 1048576);
    trend_free(x.trend);
    sim_free(x.sim);
    free(x.named);
    free(x.starts);
    free(x.first);
    return rc;
}

static int by_minutes(const void *a, const void *b)
{
    const struct found *x = a, *y = b;
    double m = x->minutes < 0 ? 1e9 : x->minutes, n = y->minutes < 0 ? 1e9 : y->minutes;
    return (m > n) - (m < n);
}

static void tell(struct tally *t)
{
    static const double from[] = {16, 8, 4, 2, 0}, to[] = {1e9, 16, 8, 4, 2};
    qsort(t->burst, t->n, sizeof(t->burst[0]), by_minutes);
    printf("starts a minute in the country   bursts   within 5 min   median delay   never\n");
    for (size_t k = 0; k < sizeof(from) / sizeof(from[0]); k++) {
        size_t n = 0, soon = 0, never = 0, at = 0;
        double median = -1;
        for (size_t i = 0; i < t->n; i++)
            n += t->burst[i].per_minute >= from[k] && t->burst[i].per_minute < to[k];
        for (size_t i = 0; i < t->n; i++) {
            const struct found *b = &t->burst[i];
            if (b->per_minute < from[k] || b->per_minute >= to[k])
                continue;
            soon += b->minutes >= 0 && b->minutes <= 5;
            never += b->minutes < 0;
            if (at++ == n / 2)
                median = b->minutes;
        }
        printf("%4.1f and more %25zu %14zu %14.1f %7zu\n", from[k], n, soon, median, never);
    }
    printf("false alarms: %zu in %.0f days of a country: %.4f a day each; %zu in %.0f days of a "
           "region: %.4f a "
           "day each; new titles that rose: %zu\n",
           t->false_country, t->place_days_country,
           (double)t->false_country / t->place_days_country, t->false_region, t->place_days_region,
           (double)t->false_region / t->place_days_region, t->launches);
}

int main(int argc, char **argv)
{
    uint64_t size[] = {100000, 10, 3};
    for (int i = 1; i < argc && i < 4; i++) {
        if (!str_to_u64(str_of(argv[i]), &size[i - 1]) || size[i - 1] > SIM_VIEWERS_MAX) {
            fprintf(stderr, "bench_rising: %s: give viewers, days and seeds\n", argv[i]);
            return 2;
        }
    }
    uint32_t viewers = (uint32_t)size[0], days = (uint32_t)size[1];
    uint64_t seeds = size[2];
    struct tally *t = calloc(1, sizeof(*t));
    struct mq_error err;
    for (uint64_t i = 0; t && i < seeds; i++)
        if (run(viewers, days, i + 1, t, &err) != 0) {
            fprintf(stderr, "bench_rising: %s\n", err.text);
            return 1;
        }
    if (t && days > WARM_DAYS)
        tell(t);
    free(t);
    return 0;
}

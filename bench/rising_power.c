/* rising_power.c - which bursts are found in time: by how much is chosen in the region, and by how much the burst adds.
 *
 *     bench_rising_power [DAYS]        20 days after the first eight
 *
 * An invented country of four alike regions, 300 titles whose shares fall steeply and are others in the evening; days differ in how
 * much is chosen (0.7 to 1.3) and in what (each title's share by a factor, log-normal, a third either way). The detector knows none of it.
 * Three evenings' bursts a day, at 19, 20 and 21 o'clock, half an hour each, in one region: one title of the less popular half is chosen
 * FACTOR times as often as all others together. The region is asked once a minute. Whatever else is named is a false alarm,
 * once for each title and day. Rates are those of the region's evening without the burst. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/rng.h"
#include "profile/trend.h"

enum { TITLES = 300, REGIONS = 4, LEARN_DAYS = 8, BURST_MINUTES = 30, BURSTS_MAX = 3 * 366 };
#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define START (INT64_C(2930) * 7 * DAY)

static const char *const regions[REGIONS] = {"Leeds", "Bath", "Hull", "York"};

struct town {
    struct trend *t;
    struct rng rng;
    double rate;          /* starts a minute of the region's evening */
    double factor;        /* of the burst */
    double day_rate;      /* of this day */
    double liked[TITLES]; /* shares of this day by rank, adding up */
    uint32_t burst;       /* ID_NONE: none now */
};

struct outcome {
    double minutes[BURSTS_MAX]; /* INFINITY: never */
    size_t n, false_alarms;
    double days;
};

static bool is_evening(int64_t at_ms)
{
    return at_ms % DAY >= 17 * HOUR && at_ms % DAY < 22 * HOUR;
}

static void new_day(struct town *w)
{
    double sum = 0;
    w->day_rate = 0.7 + 0.6 * rng_double(&w->rng);
    for (uint32_t i = 0; i < TITLES; i++) {
        double share = pow((i + 1.0) / TITLES, 1.0 / 3) - pow((double)i / TITLES, 1.0 / 3);
        sum += share * exp(0.33 * rng_normal(&w->rng));
        w->liked[i] = sum;
    }
}

static uint32_t draw(struct town *w, int64_t at_ms)
{
    double u = rng_double(&w->rng) * w->liked[TITLES - 1];
    uint32_t rank = 0;
    while (rank + 1 < TITLES && w->liked[rank] < u)
        rank++;
    return is_evening(at_ms) ? TITLES - 1 - rank : rank;
}

static int start(struct town *w, uint32_t title, int64_t at_ms, const char *region,
                 struct mq_error *err)
{
    struct event e;
    event_init(&e);
    e.kind = EVENT_START;
    e.title_id.v = title;
    e.viewer_id.v = (uint32_t)rng_below(&w->rng, 100000);
    e.at_ms = at_ms + (int64_t)rng_below(&w->rng, (uint64_t)MINUTE);
    e.context.offset_min = 0;
    e.context.country = 'G' << 8 | 'B';
    e.context.region = str_of(region);
    return trend_feed(w->t, &e, err);
}

static int live(struct town *w, int64_t at_ms, struct mq_error *err)
{
    double hour = (double)(at_ms % DAY) / (double)HOUR;
    double rate = w->rate * w->day_rate * (0.1 + 0.9 * exp(-pow((hour - 20) / 4, 2)));
    int rc = 0;
    for (unsigned k = 0; k < REGIONS; k++) {
        uint64_t n = rng_poisson(&w->rng, rate);
        for (uint64_t i = 0; rc == 0 && i < n; i++)
            rc = start(w, draw(w, at_ms), at_ms, regions[k], err);
    }
    uint64_t more = w->burst == ID_NONE ? 0 : rng_poisson(&w->rng, rate * w->factor);
    for (uint64_t i = 0; rc == 0 && i < more; i++)
        rc = start(w, w->burst, at_ms, regions[0], err);
    return rc;
}

/* An hour, with a burst in its first half where there is one. */
static int hour(struct town *w, int64_t from_ms, bool asked, bool named[TITLES],
                struct outcome *ret, struct mq_error *err)
{
    int64_t o_clock = from_ms % DAY / HOUR;
    bool bursts = asked && w->factor > 0 && o_clock >= 19 && o_clock <= 21;
    /* Of the evening, ranks run the other way: the less popular half are the first titles. */
    uint32_t title = bursts ? (uint32_t)rng_below(&w->rng, TITLES / 2) : ID_NONE;
    double found = INFINITY;
    int rc = 0;
    for (int64_t m = 0; rc == 0 && m < 60; m++) {
        struct rising_title now[RISING_MAX];
        w->burst = m < BURST_MINUTES ? title : ID_NONE;
        rc = live(w, from_ms + m * MINUTE, err);
        size_t n = rc == 0 && asked ? trend_rising(w->t, from_ms + (m + 1) * MINUTE - 1,
                                                   'G' << 8 | 'B', str_of(regions[0]), now)
                                    : 0;
        for (size_t i = 0; i < n; i++) {
            uint32_t t = now[i].title.v;
            if (t == title && isinf(found) && m < BURST_MINUTES)
                found = (double)m + 1;
            ret->false_alarms += t != title && !named[t];
            named[t] = true;
        }
    }
    if (bursts && ret->n < BURSTS_MAX)
        ret->minutes[ret->n++] = found;
    return rc;
}

static int run(double rate, double factor, uint64_t days, uint64_t seed, struct outcome *ret,
               struct mq_error *err)
{
    struct town w = {.rate = rate, .factor = factor, .burst = ID_NONE};
    int rc = trend_new(&w.t, err);
    *ret = (struct outcome){.days = (double)days};
    rng_seed(&w.rng, seed);
    if (rc == 0)
        rc = trend_watch_rising(w.t, err);
    for (int64_t d = 0; rc == 0 && d < (int64_t)(LEARN_DAYS + days); d++) {
        bool named[TITLES] = {false};
        new_day(&w);
        for (int64_t h = 0; rc == 0 && h < 24; h++)
            rc = hour(&w, START + d * DAY + h * HOUR, d >= LEARN_DAYS, named, ret, err);
    }
    trend_free(w.t);
    return rc;
}

static int by_minutes(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void tell(struct outcome *o)
{
    size_t soon = 0;
    qsort(o->minutes, o->n, sizeof(o->minutes[0]), by_minutes);
    for (size_t i = 0; i < o->n; i++)
        soon += o->minutes[i] <= 5;
    double median = o->n ? o->minutes[o->n / 2] : INFINITY;
    if (isinf(median))
        printf(" | %3.0f %%, -", 100.0 * (double)soon / (double)o->n);
    else
        printf(" | %3.0f %%, %.0f", 100.0 * (double)soon / (double)o->n, median);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    static const double rates[] = {0.5, 1, 2, 4, 8, 16}, factors[] = {0.1, 0.2, 0.4, 1, 2};
    static struct outcome o;
    uint64_t days = 20;
    struct mq_error err;
    size_t alarms = 0;
    double asked = 0;
    if (argc > 1 && (!str_to_u64(str_of(argv[1]), &days) || days < 1 || days > 365)) {
        fprintf(stderr, "bench_rising_power: %s: give 1 to 365 days\n", argv[1]);
        return 2;
    }
    printf("found within 5 minutes, median minutes (-: over %d); by what the burst adds\n"
           "starts a minute",
           BURST_MINUTES);
    for (size_t f = 0; f < sizeof(factors) / sizeof(factors[0]); f++)
        printf(" | %g times", factors[f]);
    printf(" | false alarms a day\n");
    for (size_t r = 0; r < sizeof(rates) / sizeof(rates[0]); r++) {
        printf("%g", rates[r]);
        size_t here = 0;
        double days_here = 0;
        for (size_t f = 0; f < sizeof(factors) / sizeof(factors[0]); f++) {
            if (run(rates[r], factors[f], days, 1000 + r * 10 + f, &o, &err) != 0) {
                fprintf(stderr, "bench_rising_power: %s\n", err.text);
                return 1;
            }
            tell(&o);
            here += o.false_alarms;
            days_here += o.days;
        }
        printf(" | %.3f\n", (double)here / days_here);
        alarms += here;
        asked += days_here;
    }
    printf("%zu false alarms in %.0f days of the region\n", alarms, asked);
    return 0;
}

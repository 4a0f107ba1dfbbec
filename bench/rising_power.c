/* rising_power.c - which bursts are found in time, and which could be: by how much is chosen in the region, and by how much the
 * burst adds.
 *
 *     bench_rising_power [DAYS [SEED [RATES]]]        20 days after the first eight; 1; 0.5,1,2,4,8,16
 *
 * The region is one of rising_town.h. The detector knows nothing of it but the events. Three evenings' bursts a day, at 19, 20 and 21 o'clock,
 * half an hour each: one title of the less popular half is chosen FACTOR times as often as all others together. The region is asked once a
 * minute. Whatever else is named is a false alarm, once for each title and day. Rates are those of the region's evening without
 * the burst. Beside it, on the same minutes, the detector that knows every rate (rising_oracle.h) and makes FALSE_A_DAY false alarms: once as it
 * is, and once with the least number of viewers that ours asks for. Then bursts in all four regions at once: on the row of the first one, and on
 * its page, which has its country's row too. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "profile/trend.h"
#include "rising_oracle.h"

enum { LEARN_DAYS = 8, BURST_MINUTES = 30, BURSTS_MAX = 3 * 366, SOON = 5 };
enum finder { OURS, PAGE, FREE, FLOORED, FINDERS };
#define FALSE_A_DAY 0.1
#define CALIBRATION_STARTS 3e6

static const char *const regions[TOWN_REGIONS] = {"Leeds", "Bath", "Hull", "York"};

struct cell {
    struct town town;
    struct trend *trend;
    struct oracle oracle[FINDERS]; /* from FREE on */
    bool with_oracles;
    double minutes[BURSTS_MAX]; /* ours; INFINITY: never */
    size_t n, soon[FINDERS], false_alarms[FINDERS];
};

static int feed(struct cell *x, const struct town_start *s, int64_t at_ms, struct mq_error *err)
{
    struct event e;
    event_init(&e);
    e.kind = EVENT_START;
    e.title_id.v = s->title;
    e.viewer_id.v = (uint32_t)rng_below(&x->town.rng, 100000);
    e.at_ms = at_ms + (int64_t)rng_below(&x->town.rng, (uint64_t)MINUTE);
    e.context.offset_min = 0;
    e.context.country = 'G' << 8 | 'B';
    e.context.region = str_of(regions[s->region]);
    return trend_feed(x->trend, &e, err);
}

/* Who names what at the end of the minute. */
static int ask(struct cell *x, int64_t at_ms, bool named[FINDERS][TOWN_TITLES],
               struct mq_error *err)
{
    static struct town_start starts[TOWN_STARTS_MAX];
    struct rising_title now[RISING_MAX];
    size_t n = town_minute(&x->town, TOWN_REGIONS, at_ms, starts);
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < n; i++)
        rc = feed(x, &starts[i], at_ms, err);
    size_t found = rc == 0 ? trend_rising(x->trend, at_ms + MINUTE - 1, 'G' << 8 | 'B',
                                          str_of(regions[0]), now)
                           : 0;
    for (size_t i = 0; i < found; i++)
        named[OURS][now[i].title.v] = named[PAGE][now[i].title.v] = true;
    found = rc == 0
                ? trend_rising(x->trend, at_ms + MINUTE - 1, 'G' << 8 | 'B', (struct str){0}, now)
                : 0;
    for (size_t i = 0; i < found; i++)
        named[PAGE][now[i].title.v] = true;
    for (enum finder f = FREE; x->with_oracles && f < FINDERS; f++)
        oracle_minute(&x->oracle[f], &x->town, at_ms, starts, n, named[f]);
    return rc;
}

/* An hour, with a burst in its first half where there is one. false_named: today. */
static int hour(struct cell *x, int64_t from_ms, bool asked, bool false_named[FINDERS][TOWN_TITLES],
                struct mq_error *err)
{
    int64_t o_clock = from_ms % DAY / HOUR;
    bool bursts = asked && o_clock >= 19 && o_clock <= 21;
    /* Of the evening, ranks run the other way: the less popular half are the first titles. */
    uint32_t title =
        bursts ? (uint32_t)rng_below(&x->town.rng, TOWN_TITLES / 2) : (uint32_t)TOWN_TITLES;
    double minutes[FINDERS] = {INFINITY, INFINITY, INFINITY, INFINITY};
    int rc = 0;
    for (int64_t m = 0; rc == 0 && m < 60; m++) {
        bool named[FINDERS][TOWN_TITLES] = {{false}};
        x->town.burst = m < BURST_MINUTES ? title : (uint32_t)TOWN_TITLES;
        rc = ask(x, from_ms + m * MINUTE, named, err);
        for (enum finder f = OURS; asked && f < FINDERS; f++)
            for (uint32_t t = 0; t < TOWN_TITLES; t++) {
                if (!named[f][t])
                    continue;
                if (t == title && m < BURST_MINUTES)
                    minutes[f] = fmin(minutes[f], (double)m + 1);
                x->false_alarms[f] += t != title && !false_named[f][t];
                false_named[f][t] = true;
            }
    }
    if (bursts && x->n < BURSTS_MAX) {
        x->minutes[x->n++] = minutes[OURS];
        for (enum finder f = OURS; f < FINDERS; f++)
            x->soon[f] += minutes[f] <= SOON;
    }
    return rc;
}

static int run(struct cell *x, double rate, double factor, unsigned burst_regions, uint64_t days,
               uint64_t seed, struct mq_error *err)
{
    uint64_t null_days = (uint64_t)fmin(fmax(CALIBRATION_STARTS / (rate * 600), 400), 4000);
    *x = (struct cell){.with_oracles = burst_regions == 1};
    town_init(&x->town, rate, factor, seed);
    x->town.burst_regions = burst_regions;
    for (enum finder f = FREE; x->with_oracles && f < FINDERS; f++)
        oracle_init(&x->oracle[f], rate, factor, f == FREE ? 1 : RISING_VIEWERS, FALSE_A_DAY,
                    null_days, seed + 7777777);
    int rc = trend_new(&x->trend, err);
    if (rc == 0)
        rc = trend_watch_rising(x->trend, err);
    for (int64_t d = 0; rc == 0 && d < (int64_t)(LEARN_DAYS + days); d++) {
        bool false_named[FINDERS][TOWN_TITLES] = {{false}};
        town_new_day(&x->town);
        for (int64_t h = 0; rc == 0 && h < 24; h++)
            rc = hour(x, TOWN_START + d * DAY + h * HOUR, d >= LEARN_DAYS, false_named, err);
    }
    trend_free(x->trend);
    return rc;
}

static int by_minutes(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void tell(struct cell *x)
{
    double all = (double)x->n / 100;
    if (!x->with_oracles) {
        printf(" | %.0f / %.0f", (double)x->soon[OURS] / all, (double)x->soon[PAGE] / all);
        return;
    }
    qsort(x->minutes, x->n, sizeof(x->minutes[0]), by_minutes);
    double median = x->n ? x->minutes[x->n / 2] : INFINITY;
    printf(" | %.0f / %.0f / %.0f, ", (double)x->soon[OURS] / all, (double)x->soon[FREE] / all,
           (double)x->soon[FLOORED] / all);
    if (isinf(median))
        printf("-");
    else
        printf("%.0f", median);
}

static const double factors[] = {0.1, 0.2, 0.4, 1, 2};
enum { FACTORS = sizeof(factors) / sizeof(factors[0]) };

static int table(const double *rates, size_t n_rates, unsigned burst_regions, uint64_t days,
                 uint64_t seed, struct mq_error *err)
{
    static struct cell x;
    printf("starts a minute");
    for (size_t f = 0; f < FACTORS; f++)
        printf(" | %g times", factors[f]);
    printf(" | false alarms a day\n");
    for (size_t r = 0; r < n_rates; r++) {
        double here[FINDERS] = {0}, days_here = (double)days * FACTORS;
        printf("%g", rates[r]);
        for (size_t f = 0; f < FACTORS; f++) {
            int rc =
                run(&x, rates[r], factors[f], burst_regions, days, seed * 1000 + r * 10 + f, err);
            if (rc)
                return rc;
            tell(&x);
            fflush(stdout);
            for (enum finder k = OURS; k < FINDERS; k++)
                here[k] += (double)x.false_alarms[k] / days_here;
        }
        if (burst_regions == 1)
            printf(" | %.3f / %.3f / %.3f\n", here[OURS], here[FREE], here[FLOORED]);
        else
            printf(" | %.3f / %.3f\n", here[OURS], here[PAGE]);
    }
    return 0;
}

int main(int argc, char **argv)
{
    double rates[16] = {0.5, 1, 2, 4, 8, 16};
    uint64_t days = 20, seed = 1;
    struct mq_error err;
    size_t n_rates = 6;
    if ((argc > 1 && (!str_to_u64(str_of(argv[1]), &days) || days < 1 || days > 365)) ||
        (argc > 2 && !str_to_u64(str_of(argv[2]), &seed))) {
        fprintf(stderr, "bench_rising_power: give 1 to 365 days, a seed and rates\n");
        return 2;
    }
    if (argc > 3) {
        char *at = argv[3];
        for (n_rates = 0; n_rates < 16 && *at; n_rates++, at += *at == ',')
            rates[n_rates] = strtod(at, &at);
    }
    printf("bursts in all %d regions at once, found within %d minutes, %%: on the row of the first "
           "one "
           "/ on its page; by what the burst adds\n",
           TOWN_REGIONS, SOON);
    int rc = table(rates, n_rates, TOWN_REGIONS, days, seed, &err);
    printf("bursts in one region, %%: ours / what knows every rate / the same from %d viewers on, "
           "ours' "
           "median minutes (-: over %d)\n",
           RISING_VIEWERS, BURST_MINUTES);
    if (rc == 0)
        rc = table(rates, n_rates, 1, days, seed, &err);
    if (rc)
        fprintf(stderr, "bench_rising_power: %s\n", err.text);
    return rc ? 1 : 0;
}

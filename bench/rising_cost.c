/* rising_cost.c - what the watch over places costs: processor time for each event, and for each time that a place is asked.
 *
 *     bench_rising_cost [TITLES]        20,000
 *
 * 16 countries of four regions, a million starts over two days, titles by a steep law; each minute one country and one of its regions are
 * asked, which is what two pages a minute need. */
#include <math.h>
#include <stdio.h>
#include <time.h>

#include "base/rng.h"
#include "profile/trend.h"

enum { EVENTS = 1000000, COUNTRIES = 16, REGIONS = 4 };
#define MINUTE INT64_C(60000)
#define START (INT64_C(2930) * 7 * 1440 * MINUTE)

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static struct event start(struct rng *r, uint64_t titles, int64_t at_ms)
{
    static const char *const regions[REGIONS] = {"north", "east", "south", "west"};
    struct event e;
    double u = rng_double(r);
    event_init(&e);
    e.kind = EVENT_START;
    e.title_id.v = (uint32_t)((double)titles * u * u * u);
    e.viewer_id.v = (uint32_t)rng_below(r, 1000000);
    e.at_ms = at_ms;
    e.context.offset_min = 0;
    e.context.country = (country_code)('A' << 8 | ('A' + (int)rng_below(r, COUNTRIES)));
    e.context.region = str_of(regions[rng_below(r, REGIONS)]);
    return e;
}

int main(int argc, char **argv)
{
    uint64_t titles = 20000, asked = 0, named = 0;
    struct rising *x;
    struct rng r;
    struct mq_error err;
    double feeding = 0, asking = 0;
    if (argc > 1 && (!str_to_u64(str_of(argv[1]), &titles) || titles < 1)) {
        fprintf(stderr, "bench_rising_cost: %s: give a number of titles\n", argv[1]);
        return 2;
    }
    rng_seed(&r, 1);
    if (rising_new(&x, &err) != 0)
        return 1;
    const int64_t per_minute = EVENTS / 2880;
    for (int64_t m = 0; m < 2880; m++) {
        struct event e[EVENTS / 2880];
        struct rising_title now[RISING_MAX];
        for (int64_t i = 0; i < per_minute; i++)
            e[i] = start(&r, titles, START + m * MINUTE + i * MINUTE / per_minute);
        double begun = seconds();
        for (int64_t i = 0; i < per_minute; i++)
            if (rising_feed(x, &e[i], &err) != 0)
                return 1;
        double fed = seconds();
        feeding += fed - begun;
        for (int k = 0; k < 2; k++, asked++)
            named += rising_read(x, START + (m + 1) * MINUTE - 1, e[0].context.country,
                                 k ? e[0].context.region : (struct str){0}, now);
        asking += seconds() - fed;
    }
    printf("%lld events: %.0f ns each; %llu times asked: %.1f us each (%llu named); %.1f MiB\n",
           (long long)(per_minute * 2880), feeding * 1e9 / (double)(per_minute * 2880),
           (unsigned long long)asked, asking * 1e6 / (double)asked, (unsigned long long)named,
           (double)rising_memory(x) / 1048576);
    rising_free(x);
    return 0;
}

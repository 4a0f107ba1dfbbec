#include "rising_oracle.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void count(struct oracle *o, const struct town *w, int64_t at_ms,
                  const struct town_start *starts, size_t n)
{
    unsigned slot = (unsigned)(at_ms / MINUTE % ORACLE_MINUTES);
    for (uint32_t t = 0; t < TOWN_TITLES; t++)
        o->counts[t][slot] = 0;
    for (size_t i = 0; i < n; i++)
        if (starts[i].region == 0)
            o->counts[starts[i].title][slot]++;
    o->rates[slot] = town_rate(w, at_ms);
}

/* ln of the statistic; -INFINITY: too few starts. */
static double statistic(const struct oracle *o, const struct town *w, uint32_t title, int64_t at_ms)
{
    double share = town_share(w, title, at_ms), product = 1, sum = 0;
    unsigned starts = 0;
    for (unsigned m = 0; m < ORACLE_MINUTES; m++)
        starts += o->counts[title][m];
    if (starts < o->viewers)
        return -INFINITY;
    for (int64_t m = at_ms / MINUTE; m > at_ms / MINUTE - ORACLE_MINUTES; m--) {
        unsigned slot = (unsigned)(m % ORACLE_MINUTES);
        product *=
            pow(1 + w->factor / share, o->counts[title][slot]) * exp(-w->factor * o->rates[slot]);
        sum += product;
    }
    return log(sum / ORACLE_MINUTES);
}

static int falling(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x < y) - (x > y);
}

/* The largest statistic of each title and day, the largest of them first. */
static double wanted(double *largest, size_t n, double false_alarms)
{
    qsort(largest, n, sizeof(largest[0]), falling);
    size_t at = (size_t)false_alarms;
    while (at > 0 && at < n && largest[at] == largest[at - 1])
        at--; /* of equals none */
    return at < n ? largest[at] : -INFINITY;
}

void oracle_init(struct oracle *o, double rate, double factor, unsigned viewers, double false_a_day,
                 uint64_t days, uint64_t seed)
{
    static struct town_start starts[TOWN_STARTS_MAX];
    struct town w;
    double *largest = malloc(days * TOWN_TITLES * sizeof(*largest));
    *o = (struct oracle){.viewers = viewers};
    town_init(&w, rate, factor, seed);
    for (uint64_t d = 0; largest && d < days; d++) {
        double *of_day = largest + d * TOWN_TITLES;
        town_new_day(&w);
        for (uint32_t t = 0; t < TOWN_TITLES; t++)
            of_day[t] = -INFINITY;
        for (int64_t at = TOWN_START + (int64_t)d * DAY; at < TOWN_START + ((int64_t)d + 1) * DAY;
             at += MINUTE) {
            size_t n = town_minute(&w, 1, at, starts);
            count(o, &w, at, starts, n);
            for (size_t i = 0; i < n; i++)
                of_day[starts[i].title] =
                    fmax(of_day[starts[i].title], statistic(o, &w, starts[i].title, at));
        }
    }
    if (largest)
        o->threshold = wanted(largest, days * TOWN_TITLES, false_a_day * (double)days);
    free(largest);
    memset(o->counts, 0, sizeof(o->counts));
}

void oracle_minute(struct oracle *o, const struct town *w, int64_t at_ms,
                   const struct town_start *starts, size_t n, bool named[TOWN_TITLES])
{
    count(o, w, at_ms, starts, n);
    for (size_t i = 0; i < n; i++)
        if (starts[i].region == 0 && statistic(o, w, starts[i].title, at_ms) > o->threshold)
            named[starts[i].title] = true;
}

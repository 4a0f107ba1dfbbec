/* launches.c - a share of the titles comes to the service within the period: a burst, then decay. */
#include <math.h>

#include "base/clock.h"
#include "base/hash.h"
#include "sim/sim_world.h"

#define LAUNCH_SHARE 0.05

static bool is_planted(const struct sim_title *t)
{
    return str_eq(t->record.name, STR("House of Cards")) ||
           str_eq(t->record.name, STR("The Queen")) || str_eq(t->record.name, STR("Frost/Nixon"));
}

int launches_plan(struct sim_world *w, struct mq_error *err)
{
    w->launches = ARENA_ARRAY(&w->arena, w->n_titles, uint32_t);
    if (!w->launches)
        return mq_fail(err, MQ_NO_MEMORY, "titles: no memory: ask for fewer");
    int32_t first = day_of(w->start_ms);
    for (uint32_t i = 0; i < w->n_titles; i++) {
        struct sim_title *t = &w->titles[i];
        struct rng r;
        rng_seed_stream(&r, hash_mix(w->settings.seed, STREAM_LAUNCH), i);
        if (t->takes_up) {
            w->launches[w->n_launches++] = i;
            continue;
        }
        if (is_planted(t) || rng_double(&r) >= LAUNCH_SHARE)
            continue;
        t->launch_day = first + (int32_t)rng_below(&r, w->settings.days);
        t->record.release_day = t->launch_day;
        w->launches[w->n_launches++] = i;
        if (t->real)
            continue;
        int64_t year;
        unsigned month, day;
        time_civil_from_days(t->launch_day, &year, &month, &day);
        t->record.year = (int16_t)year;
    }
    return 0;
}

double launch_burst(const struct sim_title *t, int32_t day)
{
    if (t->launch_day == SIM_ALWAYS)
        return 1;
    return 1 + (SIM_BURST - 1) * exp(-(double)(day - t->launch_day) / SIM_BURST_DAYS);
}

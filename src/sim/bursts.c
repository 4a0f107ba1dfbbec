#include "sim/bursts.h"

#include <string.h>

#include "base/hash.h"

enum { BURSTS_MAX = 4096, HOURS_MIN = 6, HOURS_MAX = 30 };

int bursts_plan(struct sim_world *w, struct mq_error *err)
{
    struct rng r;

    rng_seed_stream(&r, hash_mix(w->settings.seed, STREAM_BURST), 0);
    uint64_t n = rng_poisson(&r, w->bursts * w->settings.days);
    w->n_bursts = (uint32_t)(n < BURSTS_MAX ? n : BURSTS_MAX);
    w->burst = ARENA_ARRAY(&w->arena, w->n_bursts + 1, struct sim_burst);
    if (!w->burst)
        return mq_fail(err, MQ_NO_MEMORY, "bursts: no memory: ask for fewer days");
    for (uint32_t i = 0; i < w->n_bursts; i++) {
        struct sim_burst *b = &w->burst[i];
        uint32_t half = w->n_titles / 2;
        b->title = w->ranked[half + rng_below(&r, w->n_titles - half)];
        b->country = place_at(place_draw(&r))->country;
        b->from_ms = w->start_ms + (int64_t)rng_below(&r, (uint64_t)(w->end_ms - w->start_ms));
        b->until_ms = b->from_ms + INT64_C(3600000) *
                                       (HOURS_MIN + (int64_t)rng_below(&r, HOURS_MAX - HOURS_MIN));
        if (w->titles[b->title].launch_day != SIM_ALWAYS)
            b->until_ms = b->from_ms; /* it may not be there yet: nobody looks for it */
    }
    return 0;
}

uint32_t burst_at(const struct sim_world *w, const char *country, int64_t at_ms)
{
    for (uint32_t i = 0; i < w->n_bursts; i++) {
        const struct sim_burst *b = &w->burst[i];
        if (b->from_ms <= at_ms && at_ms < b->until_ms && strcmp(b->country, country) == 0)
            return b->title;
    }
    return ID_NONE;
}

#include "planted_seasons.h"

#include <math.h>

#include "base/clock.h"
#include "base/rng.h"
#include "support/check.h"

enum { HALVES = 6, SEASONS = 5 };

static const double tau = 14;

/* Hours of days [from, to) with rate (1 + t / tau)^-1. */
static double sum(double from, double to)
{
    return tau * log((1 + to / tau) / (1 + from / tau));
}

struct invented {
    char show[32];
    int32_t release;
    double level;
    uint16_t season;
};

static void add_half(struct watch_history *h, const struct invented *s, uint32_t half,
                     struct rng *r)
{
    const struct watched_half *v = &h->halves[half];
    double from = v->first_day > s->release ? v->first_day - s->release : 0;
    double to = v->last_day - s->release + 1;
    if (to <= 0)
        return;
    double hours = exp(s->level + 0.1 * rng_normal(r)) * sum(from, to);
    assert_ok(watch_history_row(h,
                                &(struct watch_row){.show = str_of(s->show),
                                                    .season = s->season,
                                                    .hours = hours,
                                                    .release_day = s->release,
                                                    .runtime_hours = 8,
                                                    .global = true},
                                &test_err));
}

static void add_weeks(struct watch_history *h, const struct invented *s, struct rng *r)
{
    int32_t first = s->release + 6 - (s->release + 3) % 7; /* the week's Sunday */
    for (int w = 0; s->level > 12.5 && w < 8; w++) {
        int32_t day = first + 7 * w;
        double from = w ? day - 6 - s->release : 0;
        double hours = exp(s->level + 0.1 * rng_normal(r)) * sum(from, day + 1 - s->release);
        assert_ok(watch_history_week(h,
                                     &(struct watch_row){.show = str_of(s->show),
                                                         .season = s->season,
                                                         .hours = hours,
                                                         .category = STR("TV"),
                                                         .day = day,
                                                         .weeks = (uint16_t)(w + 1)},
                                     &test_err));
    }
}

void planted_seasons(struct watch_history *h, unsigned shows, enum planted_rule rule, uint64_t seed)
{
    struct rng r;
    int32_t begin = (int32_t)time_days_from_civil(2029, 1, 1);
    struct invented *all = calloc((size_t)shows * SEASONS, sizeof(*all));
    assert_non_null(all);
    rng_seed(&r, seed);
    for (unsigned s = 0; s < shows; s++) {
        double level = 12 + 1.5 * rng_normal(&r);
        int32_t day = begin + (int32_t)rng_below(&r, 300);
        for (unsigned n = 0; n < SEASONS; n++) {
            struct invented *v = &all[s * SEASONS + n];
            snprintf(v->show, sizeof(v->show), "Show %u", s);
            v->season = (uint16_t)(n + 1);
            v->release = day;
            v->level = rule == PLANTED_FOLLOWS ? level : 12 + 1.5 * rng_normal(&r);
            level += 0.3 * rng_normal(&r);
            day += 250 + (int32_t)rng_below(&r, 150);
        }
    }
    assert_ok(watch_history_init(h, &test_err));
    for (uint32_t half = 0; half < HALVES; half++) {
        assert_ok(watch_history_half(h, 2030 + (int)half / 2, 1 + (int)half % 2, &test_err));
        for (unsigned i = 0; i < shows * SEASONS; i++)
            add_half(h, &all[i], half, &r);
    }
    for (unsigned i = 0; i < shows * SEASONS; i++)
        add_weeks(h, &all[i], &r);
    assert_ok(watch_history_finish(h, &test_err));
    free(all);
}

/* sim_moments.c - when sessions happen, and what the moment does to a choice. */
#include <math.h>

#include "sim/sim_viewer.h"

enum { DAY_MIN = 1440, GAP_MS = 10 * 60000 };

/* Minutes of the local day; late ones after midnight pass 1440. Two uniforms: most in the middle. */
static const struct {
    int from, to;
} hours[DAYPARTS] = {
    [DAYPART_MORNING] = {5 * 60 + 30, 10 * 60},
    [DAYPART_DAYTIME] = {10 * 60, 17 * 60},
    [DAYPART_EVENING] = {17 * 60, 22 * 60},
    [DAYPART_LATE] = {22 * 60, 26 * 60},
};

static uint16_t draw_minute(const float share[DAYPARTS], struct rng *r)
{
    double at = rng_double(r);
    int d = DAYPART_MORNING;
    while (d + 1 < DAYPARTS && at >= (double)share[d])
        at -= (double)share[d++];
    while (d > DAYPART_MORNING && share[d] <= 0)
        d--;
    double middle = (rng_double(r) + rng_double(r)) / 2;
    return (uint16_t)(hours[d].from + (int)(middle * (hours[d].to - hours[d].from)));
}

static void plan_day(const struct viewer_traits *t, struct viewer_state *s)
{
    bool weekend = ((s->day + 4) % 7 + 7) % 7 % 6 == 0; /* 1970-01-01 was a Thursday; 0 is Sunday */
    double mean = (double)t->sessions_per_week / 7 * (weekend ? 1.4 : 0.84);
    uint64_t n = rng_poisson(&s->rng, mean);
    s->n_plan = (uint8_t)(n < VIEWER_PLAN_MAX ? n : VIEWER_PLAN_MAX);
    s->at_plan = 0;
    for (unsigned i = 0; i < s->n_plan; i++) {
        uint16_t minute = draw_minute(t->daypart[weekend], &s->rng);
        unsigned at = i;
        for (; at > 0 && s->plan[at - 1] > minute; at--)
            s->plan[at] = s->plan[at - 1];
        s->plan[at] = minute;
    }
    s->day++;
}

int64_t viewer_next_session(const struct sim_world *w, const struct viewer_traits *t,
                            struct viewer_state *s)
{
    /* A local day may begin before its UTC day: one more is planned. */
    int32_t last = day_of(w->end_ms) + 1;
    if (s->gone)
        return INT64_MAX;
    for (;;) {
        while (s->at_plan == s->n_plan) {
            if (s->day > last)
                return INT64_MAX;
            plan_day(t, s);
        }
        int64_t minute = (int64_t)(s->day - 1) * DAY_MIN + s->plan[s->at_plan++];
        int64_t at = place_utc_ms(t->place, minute) + (int64_t)rng_below(&s->rng, 60000);
        if (at < s->free_ms + GAP_MS || at < t->joins_ms)
            continue;
        if (at < w->end_ms)
            return at;
    }
}

double moment_length(enum device device, enum daypart daypart, bool weekend)
{
    double minutes = daypart == DAYPART_EVENING ? 95 : daypart == DAYPART_DAYTIME ? 75 : 45;
    if (device == DEVICE_PHONE)
        minutes *= 0.5;
    else if (device == DEVICE_TABLET || device == DEVICE_DESKTOP)
        minutes *= 0.8;
    return weekend ? minutes * 1.2 : minutes;
}

double moment_genre(enum daypart daypart, unsigned genre)
{
    /* In the order of film_genre_name. */
    static const signed char tenths[DAYPARTS][FILM_GENRES_MAX] = {
        [DAYPART_MORNING] = {-3, 0, 5, 5, -4, 6, -2, 5, 0, 0, -8, 4, -3, 0, 0, -5, -5, 0, 2, 3},
        [DAYPART_DAYTIME] = {0, 4, 4, 2, -2, 3, 0, 5, 2, 2, -6, 2, 0, 2, 0, -3, 0, 3, 2, 0},
        [DAYPART_EVENING] = {3, 2, -2, 1, 3, -2, 2, -2, 2, 1, -1, 0, 3, 1, 2, 3, 2, 0, 1, 2},
        [DAYPART_LATE] = {3, -3, -2, 4, 3, -2, -2, -8, 0, -3, 9, 0, 3, 0, 4, 6, -1, -2, -3, -2},
    };
    return tenths[daypart][genre] / 10.0;
}

double moment_fit(const struct sim_world *w, const struct sim_title *t, enum device device,
                  enum daypart daypart, bool weekend)
{
    if (w->context <= 0)
        return 0;
    double length = fabs(log(t->record.runtime_min / moment_length(device, daypart, weekend)));
    double genre = 0;
    int n = 0;
    for (unsigned g = 0; g < FILM_GENRES_MAX; g++) {
        if (t->genres >> g & 1) {
            genre += moment_genre(daypart, g);
            n++;
        }
    }
    return w->context * (0.7 - 1.5 * length + (n > 0 ? 1.2 * genre / n : 0));
}

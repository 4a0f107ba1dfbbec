#include "sim/moods.h"

#include <math.h>

#define SUITS 2.2 /* a title of these genres over one of none of them */
#define SUITS_MEAN 0.6
#define LENGTH 0.8
#define KEEPS 0.5
#define KEEPS_MS (36 * INT64_C(3600000))

static const struct {
    const char *name, *genres;
    double minutes;
    signed char by_hour[DAYPARTS]; /* tenths of a logarithm */
} moods[SIM_MOODS] = {
    {"as usual", "", 0, {0, 0, 0, 0, 0}},
    {"light and short", "Comedy|Animation|Family|Music", 35, {0, 8, 3, -3, -2}},
    {"dark and long", "Crime|Thriller|Horror|Mystery", 125, {0, -9, -5, 3, 9}},
    {"something real", "Documentary|History|Biography|War", 85, {0, 3, 6, 0, -4}},
    {"far away", "SciFi|Fantasy|Adventure|Action", 115, {0, -4, 1, 5, 0}},
};

const char *mood_name(unsigned mood)
{
    return mood < SIM_MOODS ? moods[mood].name : NULL;
}

const char *mood_genres(unsigned mood)
{
    return moods[mood].genres;
}

double mood_minutes(unsigned mood)
{
    return moods[mood].minutes;
}

double mood_by_hour(enum daypart daypart, unsigned mood)
{
    return exp(moods[mood].by_hour[daypart] / 10.0);
}

unsigned mood_begin(const struct sim_world *w, const struct viewer_traits *t,
                    struct viewer_state *s, int64_t at_ms, enum daypart daypart)
{
    double sum = 0, at;
    unsigned mood = 0;

    if (w->mood <= 0)
        return s->mood = 0;
    bool lasts = s->mood_ms > 0 && at_ms - s->mood_ms < KEEPS_MS && rng_double(&s->rng) < KEEPS;
    s->mood_ms = at_ms;
    if (lasts)
        return s->mood;
    for (unsigned m = 0; m < SIM_MOODS; m++)
        sum += (double)t->moods[m] * mood_by_hour(daypart, m);
    at = rng_double(&s->rng) * sum;
    for (; mood + 1 < SIM_MOODS; mood++) {
        double share = (double)t->moods[mood] * mood_by_hour(daypart, mood);
        if (at < share)
            break;
        at -= share;
    }
    return s->mood = (uint8_t)mood;
}

static uint32_t genre_bits(const char *names)
{
    struct str rest = str_of(names);
    uint32_t bits = 0;

    while (rest.n > 0) {
        unsigned g = film_genre_find(str_cut(&rest, '|'));
        bits |= g < FILM_GENRES_MAX ? 1u << g : 0;
    }
    return bits;
}

double mood_fit(const struct sim_world *w, const struct sim_title *t, unsigned mood)
{
    if (w->mood <= 0 || mood == 0)
        return 0;
    uint32_t suited = t->genres & genre_bits(moods[mood].genres);
    double share =
        t->genres ? (double)__builtin_popcount(suited) / __builtin_popcount(t->genres) : 0;
    double length = fabs(log(t->record.runtime_min / moods[mood].minutes));
    return w->mood * (SUITS * share - SUITS_MEAN - LENGTH * fmin(length, 1));
}

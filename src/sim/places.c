/* places.c - where viewers live: country, time zone, region, share of viewers. */
#include "base/clock.h"
#include "sim/sim_world.h"

static const struct sim_place places[] = {
    {"US", "America/New_York", "New York", 9},
    {"US", "America/Chicago", "Illinois", 7},
    {"US", "America/Denver", "Colorado", 3},
    {"US", "America/Los_Angeles", "California", 8},
    {"GB", "Europe/London", "London", 9},
    {"GB", "Europe/London", "Manchester", 5},
    {"GB", "Europe/London", "Edinburgh", 3},
    {"CA", "America/Toronto", "Ontario", 4},
    {"CA", "America/Vancouver", "British Columbia", 2},
    {"DE", "Europe/Berlin", "Berlin", 4},
    {"DE", "Europe/Berlin", "Bavaria", 3},
    {"FR", "Europe/Paris", "Île-de-France", 4},
    {"FR", "Europe/Paris", "Provence", 2},
    {"ES", "Europe/Madrid", "Madrid", 3},
    {"IT", "Europe/Rome", "Lazio", 3},
    {"SE", "Europe/Stockholm", "Stockholm", 2},
    {"DK", "Europe/Copenhagen", "Copenhagen", 1},
    {"IE", "Europe/Dublin", "Dublin", 2},
    {"IN", "Asia/Kolkata", "Maharashtra", 5},
    {"JP", "Asia/Tokyo", "Tokyo", 4},
    {"AU", "Australia/Sydney", "New South Wales", 3},
    {"AU", "Australia/Perth", "Western Australia", 1},
    {"BR", "America/Sao_Paulo", "São Paulo", 4},
    {"MX", "America/Mexico_City", "Mexico City", 3},
    {"ZA", "Africa/Johannesburg", "Gauteng", 2},
};

enum { PLACES = sizeof(places) / sizeof(places[0]), MINUTE_MS = 60000 };

const struct sim_place *place_at(unsigned i)
{
    return i < PLACES ? &places[i] : NULL;
}

unsigned place_draw(struct rng *r)
{
    double sum = 0;
    for (unsigned i = 0; i < PLACES; i++)
        sum += places[i].weight;
    double at = rng_double(r) * sum;
    unsigned i = 0;
    while (i + 1 < PLACES && at >= places[i].weight)
        at -= places[i++].weight;
    return i;
}

int place_offset_min(unsigned place, int64_t at_ms)
{
    int offset = 0;
    time_zone_offset(str_of(places[place].timezone), at_ms, &offset);
    return offset;
}

/* The offset found for the local time taken as UTC may be that of the wrong side of a change of clocks; a
 * second look from the instant it leads to settles all but the hour that is skipped or repeated. */
int64_t place_utc_ms(unsigned place, int64_t local_min)
{
    int64_t guess = (local_min - place_offset_min(place, local_min * MINUTE_MS)) * MINUTE_MS;
    return (local_min - place_offset_min(place, guess)) * MINUTE_MS;
}

int places_check(struct mq_error *err)
{
    for (unsigned i = 0; i < PLACES; i++) {
        int offset;
        if (!time_zone_offset(str_of(places[i].timezone), 0, &offset))
            return mq_fail(err, MQ_NOT_FOUND,
                           "time zone: %s: unknown here: install the tzdata package",
                           places[i].timezone);
    }
    return 0;
}

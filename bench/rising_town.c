#include "rising_town.h"

#include <math.h>

static bool is_evening(int64_t at_ms)
{
    return at_ms % DAY >= 17 * HOUR && at_ms % DAY < 22 * HOUR;
}

void town_init(struct town *w, double rate, double factor, uint64_t seed)
{
    *w = (struct town){.rate = rate, .factor = factor, .burst = TOWN_TITLES, .burst_regions = 1};
    rng_seed(&w->rng, seed);
    town_new_day(w);
}

void town_new_day(struct town *w)
{
    double sum = 0;
    w->day_rate = 0.7 + 0.6 * rng_double(&w->rng);
    for (uint32_t i = 0; i < TOWN_TITLES; i++) {
        double share =
            pow((i + 1.0) / TOWN_TITLES, 1.0 / 3) - pow((double)i / TOWN_TITLES, 1.0 / 3);
        w->share[i] = share * exp(0.33 * rng_normal(&w->rng));
        sum += w->share[i];
    }
    double so_far = 0;
    for (uint32_t i = 0; i < TOWN_TITLES; i++) {
        w->share[i] /= sum;
        so_far += w->share[i];
        w->sums[i] = so_far;
    }
}

double town_rate(const struct town *w, int64_t at_ms)
{
    double hour = (double)(at_ms % DAY) / (double)HOUR;
    return w->rate * w->day_rate * (0.1 + 0.9 * exp(-pow((hour - 20) / 4, 2)));
}

double town_share(const struct town *w, uint32_t title, int64_t at_ms)
{
    return w->share[is_evening(at_ms) ? TOWN_TITLES - 1 - title : title];
}

static uint32_t draw(struct town *w, int64_t at_ms)
{
    double u = rng_double(&w->rng);
    uint32_t low = 0, high = TOWN_TITLES - 1;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (w->sums[middle] < u)
            low = middle + 1;
        else
            high = middle;
    }
    return is_evening(at_ms) ? TOWN_TITLES - 1 - low : low;
}

size_t town_minute(struct town *w, unsigned n_regions, int64_t at_ms,
                   struct town_start ret[TOWN_STARTS_MAX])
{
    double rate = town_rate(w, at_ms);
    size_t n = 0;
    for (unsigned k = 0; k < n_regions; k++) {
        uint64_t starts = rng_poisson(&w->rng, rate);
        for (uint64_t i = 0; n < TOWN_STARTS_MAX && i < starts; i++)
            ret[n++] = (struct town_start){(uint8_t)k, draw(w, at_ms)};
    }
    for (unsigned k = 0; w->burst != TOWN_TITLES && k < w->burst_regions; k++) {
        uint64_t more = rng_poisson(&w->rng, rate * w->factor);
        for (uint64_t i = 0; n < TOWN_STARTS_MAX && i < more; i++)
            ret[n++] = (struct town_start){(uint8_t)k, w->burst};
    }
    return n;
}

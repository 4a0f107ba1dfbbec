#include "recommend/draw.h"

#include <math.h>

#include "base/hash.h"
#include "experiment/plackett_luce.h"

static uint64_t seed_of(const struct recommender *r, uint64_t row)
{
    const struct ask *ask = r->ask;
    uint64_t model = r->w->model ? r->w->model->facts.version : 0;
    uint64_t h = hash_str(str_of(ask->viewer), 0x64726177 /* "draw" */);
    return hash_mix(hash_mix(h, (uint64_t)ask->at_ms), hash_mix(model, row));
}

void draw_places(const struct recommender *r, uint64_t row, uint32_t *at, size_t n,
                 float *ret_chance)
{
    static const float even[DRAW_WIDTH_MAX] = {0};
    struct chosen drawn[DRAW_WIDTH_MAX];
    double left[DRAW_WIDTH_MAX];
    uint32_t before[DRAW_WIDTH_MAX];
    struct rng rng;
    size_t width = r->ask->draw < DRAW_WIDTH_MAX ? r->ask->draw : DRAW_WIDTH_MAX;
    size_t among = n < DRAW_COLUMNS ? n : DRAW_COLUMNS;
    for (size_t i = 0; i < n; i++)
        ret_chance[i] = NAN;
    if (width < 2 || among < width || r->ask->no_profiling)
        return;
    rng_seed(&rng, seed_of(r, row));
    size_t from = (size_t)rng_below(&rng, among - width + 1);
    plackett_luce_draw(even, width, width, &rng, left, drawn);
    memcpy(before, at + from, width * sizeof(*at));
    for (size_t i = 0; i < width; i++) {
        at[from + i] = before[drawn[i].index];
        ret_chance[from + i] = drawn[i].propensity;
    }
}

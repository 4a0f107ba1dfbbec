#include "recommend/pictures.h"

#include <math.h>

#include "experiment/best_chance.h"
#include "profile/picture_table.h"

#define DAY_MS INT64_C(86400000)

bool exploration_allowed(const struct recommender *r)
{
    const struct ask *ask = r->ask;
    return ask && ask->exploration > 0 && !ask->no_profiling && ask->viewer &&
           !(ask->profile && ask->profile->consent & (CONSENT_UNPROFILED | CONSENT_CHILD));
}

uint64_t exploration_seed(const struct recommender *r, uint64_t what)
{
    int64_t day = r->ask ? r->ask->at_ms / DAY_MS : 0;
    uint64_t viewer = r->ask && r->ask->viewer ? hash_str(str_of(r->ask->viewer), 0) : 0;
    return hash_mix(hash_mix(viewer, (uint64_t)day), what);
}

void picture_choose(const struct recommender *r, uint32_t title, struct mq_item *ret)
{
    const struct title_row *row = title_row(r, title);
    size_t n = row->n_pictures < PICTURES_MAX ? row->n_pictures : PICTURES_MAX;
    float chance[PICTURES_MAX], drawn = NAN;
    size_t i = 0;
    ret->picture_propensity = NAN;
    if (n == 0)
        return;
    const struct title_pictures *known = pictures_of(r->w->pictures, (struct title_id){title});
    if (n > 1) {
        struct rng rng;
        pictures_chances(known, row->pictures, n, chance);
        double exploration = exploration_allowed(r) ? r->ask->exploration : 0;
        rng_seed(&rng, exploration_seed(r, title));
        i = best_draw(chance, n, exploration, &rng, &drawn);
    }
    ret->picture = row->pictures[i].p;
    ret->picture_number = (unsigned)i + 1;
    ret->picture_propensity = (double)drawn;
}

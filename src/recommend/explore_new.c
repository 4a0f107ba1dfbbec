/* explore_new.c - named places of the row "New" in which titles are tried. */
#include <math.h>

#include "experiment/plackett_luce.h"
#include "profile/picture_table.h"
#include "recommend/pictures.h"

enum { FIRST = 3, PLACES = 3, CANDIDATES_MAX = 128 };

/* What a title may be worth, as a multiple of what new titles are worth on average: mean and one deviation of a beta posterior. */
static float promise(const struct recommender *r, uint32_t title)
{
    const struct picture_table *t = r->w->pictures;
    const struct title_pictures *known = pictures_of(t, (struct title_id){title});
    double rate = t && t->tried > 0 ? t->tried_rate : 0.05;
    double a = 1 + (known ? known->tried_valued : 0);
    double b = (1 - rate) / rate + (known ? known->tried - known->tried_valued : 0);
    double mean = a / (a + b);
    return (float)((mean + sqrt(mean * (1 - mean) / (a + b + 1))) / rate);
}

void explore_new(const struct recommender *r, uint64_t row, const struct shelf *s, uint32_t *at,
                 size_t n, float *ret_chance)
{
    float promises[CANDIDATES_MAX];
    double left[CANDIDATES_MAX];
    struct chosen drawn[PLACES];
    uint32_t before[CANDIDATES_MAX] = {0};
    bool taken[CANDIDATES_MAX] = {false};
    struct rng rng;
    size_t among = n > FIRST ? n - FIRST : 0;
    if (s->kind != SHELF_NEW || !r->ask->try_new || r->ask->draw > 0 || !exploration_allowed(r) ||
        among <= PLACES)
        return;
    among = among < CANDIDATES_MAX ? among : CANDIDATES_MAX;
    size_t places = (size_t)lround(PLACES * r->ask->exploration);
    for (size_t i = 0; i < among; i++) {
        before[i] = at[FIRST + i];
        promises[i] = promise(r, s->list[before[i]].index);
    }
    rng_seed(&rng, exploration_seed(r, row ^ 0x6e6577 /* "new" */));
    places = plackett_luce_draw(promises, among, places, &rng, left, drawn);
    for (size_t i = 0; i < places; i++) {
        at[FIRST + i] = before[drawn[i].index];
        ret_chance[FIRST + i] = drawn[i].propensity;
        taken[drawn[i].index] = true;
    }
    size_t to = FIRST + places;
    for (size_t i = 0; i < among && places > 0; i++)
        if (!taken[i])
            at[to++] = before[i];
}

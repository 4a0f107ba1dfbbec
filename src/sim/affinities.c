#include "sim/affinities.h"

#include "base/hash.h"

enum { SIDE_MIN = 4, THEME_MIN = 6, TRIES = 4000 };
#define SIDE_SHARE_MAX 0.1 /* of the catalogue: a theme of more is no theme */

static bool has_tag(const struct title *t, struct str tag)
{
    for (uint16_t i = 0; i < t->n_tags; i++) {
        if (str_eq(t->tags[i], tag))
            return true;
    }
    return false;
}

static bool has_person(const struct title *t, uint32_t person)
{
    for (uint32_t i = 0; i < t->n_credits; i++) {
        if (t->credits[i].person_id.v == person)
            return true;
    }
    return false;
}

static bool is_of(const struct sim_world *w, const struct sim_affinity *a, unsigned side,
                  uint32_t title)
{
    const struct title *t = &w->titles[title].record;
    if (side == 0)
        return has_person(t, a->a);
    return a->b != ID_NONE ? has_person(t, a->b) : has_tag(t, a->theme);
}

/* Titles of each side, and of both. */
static void count_sides(const struct sim_world *w, const struct sim_affinity *a, uint32_t n[2],
                        uint32_t *ret_both)
{
    n[0] = n[1] = *ret_both = 0;
    for (uint32_t t = 0; t < w->n_titles; t++) {
        bool first = is_of(w, a, 0, t);
        bool second = is_of(w, a, 1, t);
        n[0] += first;
        n[1] += second;
        *ret_both += first && second;
    }
}

static bool is_habit(const struct sim_world *w, uint32_t person)
{
    for (int i = 0; i < SIM_PLANTED; i++) {
        if (w->planted[i].a == person || w->planted[i].b == person)
            return true;
    }
    return false;
}

/* Someone credited on a title that is drawn from all; nobody twice, nobody of a planted habit. */
static uint32_t draw_person(const struct sim_world *w, struct rng *r)
{
    const struct title *t = &w->titles[rng_below(r, w->n_titles)].record;
    if (t->n_credits == 0)
        return ID_NONE;
    uint32_t person = t->credits[rng_below(r, t->n_credits)].person_id.v;
    for (unsigned i = 0; i < w->n_affinities; i++) {
        if (w->affinities[i].a == person || w->affinities[i].b == person)
            return ID_NONE;
    }
    return is_habit(w, person) ? ID_NONE : person;
}

static bool draw_affinity(const struct sim_world *w, struct rng *r, struct sim_affinity *a)
{
    uint32_t n[2];
    uint32_t both;
    *a = (struct sim_affinity){.a = draw_person(w, r), .b = ID_NONE};
    if (a->a == ID_NONE)
        return false;
    if (w->n_affinities % 2 == 0) {
        a->b = draw_person(w, r);
        if (a->b == ID_NONE || a->b == a->a)
            return false;
    } else {
        const struct title *t = &w->titles[rng_below(r, w->n_titles)].record;
        if (t->n_tags == 0)
            return false;
        a->theme = t->tags[rng_below(r, t->n_tags)];
    }
    count_sides(w, a, n, &both);
    return both == 0 && n[0] >= SIDE_MIN && n[1] >= (a->b == ID_NONE ? THEME_MIN : SIDE_MIN) &&
           n[1] <= SIDE_SHARE_MAX * w->n_titles;
}

static int list_titles(struct sim_world *w, unsigned number, struct mq_error *err)
{
    struct sim_affinity *a = &w->affinities[number];
    uint32_t n[2];
    uint32_t both;
    count_sides(w, a, n, &both);
    a->titles = ARENA_ARRAY(&w->arena, n[0] + n[1] + 1, uint32_t);
    if (!a->titles)
        return mq_fail(err, MQ_NO_MEMORY, "affinities: no memory: ask for fewer titles");
    for (unsigned side = 0; side < 2; side++) {
        for (uint32_t t = 0; t < w->n_titles; t++) {
            if (!is_of(w, a, side, t))
                continue;
            w->titles[t].affinities |= (uint8_t)(1u << number);
            a->titles[a->n++] = t;
        }
        if (side == 0)
            a->n_first = a->n;
    }
    return 0;
}

int affinities_plan(struct sim_world *w, struct mq_error *err)
{
    struct rng r;
    if (w->affinity <= 0)
        return 0;
    rng_seed_stream(&r, hash_mix(w->settings.seed, STREAM_AFFINITY), 0);
    for (int i = 0; i < TRIES && w->n_affinities < SIM_AFFINITIES; i++) {
        if (!draw_affinity(w, &r, &w->affinities[w->n_affinities]))
            continue;
        int rc = list_titles(w, w->n_affinities, err);
        if (rc)
            return rc;
        w->n_affinities++;
    }
    return 0;
}

uint8_t affinities_draw(const struct sim_world *w, uint32_t viewer)
{
    struct rng r;
    uint8_t bits = 0;
    rng_seed_stream(&r, hash_mix(w->settings.seed, STREAM_MEMBER), viewer);
    for (unsigned i = 0; i < w->n_affinities; i++)
        bits |= (uint8_t)((rng_double(&r) < SIM_AFFINITY_MEMBERS) << i);
    return bits;
}

double affinities_add(const struct sim_world *w, const struct viewer_traits *t, uint32_t title)
{
    unsigned common = t->affinities & w->titles[title].affinities;
    return w->affinity * SIM_AFFINITY_WEIGHT * __builtin_popcount(common);
}

uint32_t affinities_recall(const struct sim_world *w, const struct viewer_traits *t, struct rng *r)
{
    unsigned bits = t->affinities;
    for (uint64_t skip = rng_below(r, (uint64_t)__builtin_popcount(bits)); skip > 0; skip--)
        bits &= bits - 1;
    const struct sim_affinity *a = &w->affinities[__builtin_ctz(bits)];
    /* Both sides alike, however many titles each has. */
    return rng_below(r, 2) == 0 ? a->titles[rng_below(r, a->n_first)]
                                : a->titles[a->n_first + rng_below(r, a->n - a->n_first)];
}

#include "sim/opportunity.h"

#include "base/hash.h"

enum { MADE_MIN = 4, ACTED_MIN = 4, THEME_MIN = 6, TRIES = 20000 };
#define SIDE_SHARE_MAX 0.1 /* of the catalogue: a theme of more is no theme */

static bool has_credit(const struct title *t, uint32_t person, bool acts)
{
    for (uint32_t i = 0; i < t->n_credits; i++) {
        bool made = t->credits[i].role == ROLE_DIRECTOR || t->credits[i].role == ROLE_CREATOR;
        if (t->credits[i].person_id.v == person && (acts ? t->credits[i].role == ROLE_ACTOR : made))
            return true;
    }
    return false;
}

static bool is_anywhere(const struct title *t, uint32_t person)
{
    for (uint32_t i = 0; i < t->n_credits; i++) {
        if (t->credits[i].person_id.v == person)
            return true;
    }
    return false;
}

static bool has_tag(const struct title *t, struct str tag)
{
    for (uint16_t i = 0; i < t->n_tags; i++) {
        if (str_eq(t->tags[i], tag))
            return true;
    }
    return false;
}

/* Bit per side; people count wherever they are credited once it is asked whether sides meet. */
static unsigned sides_of(const struct sim_opportunity *o, const struct title *t)
{
    return (unsigned)has_credit(t, o->maker, false) | (unsigned)has_credit(t, o->actor, true) << 1 |
           (unsigned)has_tag(t, o->theme) << 2;
}

static bool suits(const struct sim_world *w, const struct sim_opportunity *o)
{
    uint32_t n[3] = {0};
    for (uint32_t i = 0; i < w->n_titles; i++) {
        const struct title *t = &w->titles[i].record;
        int met = is_anywhere(t, o->maker) + is_anywhere(t, o->actor) + has_tag(t, o->theme);
        if (met > 1)
            return false;
        unsigned sides = sides_of(o, t);
        for (int k = 0; k < 3; k++)
            n[k] += sides >> k & 1;
    }
    return n[0] >= MADE_MIN && n[1] >= ACTED_MIN && n[2] >= THEME_MIN &&
           n[2] <= SIDE_SHARE_MAX * w->n_titles;
}

static const struct credit *draw_credit(const struct sim_world *w, struct rng *r)
{
    const struct title *t = &w->titles[rng_below(r, w->n_titles)].record;
    return t->n_credits ? &t->credits[rng_below(r, t->n_credits)] : NULL;
}

static bool draw(const struct sim_world *w, struct rng *r, struct sim_opportunity *o)
{
    const struct credit *maker = draw_credit(w, r);
    const struct credit *actor = draw_credit(w, r);
    const struct title *t = &w->titles[rng_below(r, w->n_titles)].record;
    if (!maker || !actor || t->n_tags == 0 || actor->role != ROLE_ACTOR ||
        (maker->role != ROLE_DIRECTOR && maker->role != ROLE_CREATOR))
        return false;
    *o = (struct sim_opportunity){.maker = maker->person_id.v,
                                  .actor = actor->person_id.v,
                                  .theme = t->tags[rng_below(r, t->n_tags)]};
    return o->maker != o->actor && suits(w, o);
}

int opportunity_list(struct sim_world *w, struct mq_error *err)
{
    struct sim_opportunity *o = &w->planted_opportunity;
    if (!w->has_opportunity)
        return 0;
    o->titles = ARENA_ARRAY(&w->arena, w->n_titles + 2 * (size_t)w->later, uint32_t);
    if (!o->titles)
        return mq_fail(err, MQ_NO_MEMORY, "opportunity: no memory: ask for fewer titles");
    for (unsigned side = 0; side < 3; side++) {
        for (uint32_t t = 0; t < w->n_titles; t++) {
            unsigned sides = sides_of(o, &w->titles[t].record);
            if (!(sides >> side & 1))
                continue;
            w->titles[t].opportunity = (uint8_t)(sides == 7 ? SIM_ALL_SIDES : side + 1);
            o->titles[o->end[side]++] = t;
        }
        if (side < 2)
            o->end[side + 1] = o->end[side];
    }
    return 0;
}

void opportunity_plan(struct sim_world *w)
{
    struct rng r;
    if (w->opportunity <= 0)
        return;
    rng_seed_stream(&r, hash_mix(w->settings.seed, STREAM_OPPORTUNITY), 0);
    for (int i = 0; i < TRIES; i++) {
        if (draw(w, &r, &w->planted_opportunity)) {
            w->has_opportunity = true;
            return;
        }
    }
}

bool opportunity_draw(const struct sim_world *w, uint32_t viewer)
{
    struct rng r;
    rng_seed_stream(&r, hash_mix(w->settings.seed, STREAM_OPPORTUNITY), 1 + (uint64_t)viewer);
    return w->has_opportunity && rng_double(&r) < SIM_OPPORTUNITY_MEMBERS;
}

uint32_t opportunity_recall(const struct sim_world *w, struct rng *r)
{
    const struct sim_opportunity *o = &w->planted_opportunity;
    uint64_t side = rng_below(r, 3);
    uint32_t first = side ? o->end[side - 1] : 0;
    return o->titles[first + rng_below(r, o->end[side] - first)];
}

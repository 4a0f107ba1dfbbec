/* sim_world.c - builds the world in order: real titles, invented ones, launches, tastes, popularity. */
#include "sim/affinities.h"
#include "sim/bursts.h"
#include "sim/later_titles.h"
#include "sim/opportunity.h"
#include "sim/sim_campaign.h"

#include <math.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/hash.h"

enum { ARENA_BLOCK = 1 << 20, PERSON_KEY_MAX = 16 };
#define ARENA_LIMIT (UINT64_C(2) << 30)
#define END_DEFAULT_MS INT64_C(1782777600000) /* 2026-06-30T00:00:00Z */

struct sim_settings sim_defaults(void)
{
    return (struct sim_settings){.viewers = 2000,
                                 .titles = 520,
                                 .days = 60,
                                 .seed = 1,
                                 .end_ms = END_DEFAULT_MS,
                                 .sessions_per_week = 1.6,
                                 .choices = 1 / 0.85,
                                 .heartbeat_s = 600,
                                 .taste = 1,
                                 .context = 1,
                                 .mood = 1,
                                 .bursts = 0.2,
                                 .lure = 0.5,
                                 .leave = 0.2,
                                 .holdout = 0.5,
                                 .campaign_name = "sim"};
}

static int check_count(const char *what, uint32_t v, uint32_t min, uint32_t max,
                       struct mq_error *err)
{
    if (v >= min && v <= max)
        return 0;
    return mq_fail(err, MQ_INVALID, "%s: %u: give %u to %u", what, v, min, max);
}

static int check_real(const char *what, double v, double min, double max, struct mq_error *err)
{
    if (v >= min && v <= max)
        return 0;
    return mq_fail(err, MQ_INVALID, "%s: %g: give %g to %g", what, v, min, max);
}

static int check_later(const struct sim_settings *s, struct mq_error *err)
{
    int rc = check_count("later", s->later, 0, SIM_LATER_MAX, err);
    if (rc == 0 && s->later > 0 && s->days < SIM_LATER_DAYS)
        rc = mq_fail(err, MQ_INVALID,
                     "days: %u: give at least %d, so that 28 are left behind later titles", s->days,
                     SIM_LATER_DAYS);
    return rc;
}

int sim_check(const struct sim_settings *s, struct mq_error *err)
{
    int rc = check_count("viewers", s->viewers, 1, SIM_VIEWERS_MAX, err);
    if (rc == 0)
        rc = check_count("titles", s->titles, SIM_TITLES_MIN, SIM_TITLES_MAX, err);
    if (rc == 0)
        rc = check_count("days", s->days, 1, SIM_DAYS_MAX, err);
    if (rc == 0)
        rc = check_count("heartbeat", s->heartbeat_s, 5, 3600, err);
    if (rc == 0)
        rc = check_real("sessions per week", s->sessions_per_week, 0.01, 50, err);
    if (rc == 0)
        rc = check_real("choices", s->choices, 1, 8, err);
    if (rc == 0)
        rc = check_real("sampling", s->sampling, 0, 1, err);
    if (rc == 0)
        rc = check_real("taste", s->taste, 0, 4, err);
    if (rc == 0)
        rc = check_real("context", s->context, 0, 4, err);
    if (rc == 0)
        rc = check_real("mood", s->mood, 0, 4, err);
    if (rc == 0)
        rc = check_real("bursts", s->bursts, 0, 50, err);
    if (rc == 0)
        rc = check_real("lure", s->lure, 0, 4, err);
    if (rc == 0)
        rc = check_real("leave", s->leave, 0, 4, err);
    if (rc == 0)
        rc = check_real("affinity", s->affinity, 0, 4, err);
    if (rc == 0)
        rc = check_real("opportunity", s->opportunity, 0, 4, err);
    if (rc == 0)
        rc = check_later(s, err);
    if (rc == 0)
        rc = campaign_check(s, err);
    if (rc == 0 &&
        (s->end_ms - (int64_t)s->days * SIM_DAY_MS < 0 || s->end_ms > INT64_C(4102444800000)))
        rc = mq_fail(err, MQ_INVALID, "end: %lld ms: the world must lie between 1970 and 2100",
                     (long long)s->end_ms);
    return rc;
}

int world_credit(struct sim_world *w, struct credit *c, enum role role, uint16_t billing,
                 struct str person, struct mq_error *err)
{
    uint32_t id;
    int rc = intern_add(w->people, person, &id, NULL, err);
    if (rc)
        return rc;
    *c = (struct credit){.person = intern_name(w->people, id),
                         .person_id = {id},
                         .role = (uint8_t)role,
                         .billing = billing};
    w->n_credits++;
    return 0;
}

/* People are known only now: their keys, and the title's own id. */
static int give_keys(struct sim_world *w, struct mq_error *err)
{
    char text[PERSON_KEY_MAX];
    struct buf b;
    w->n_people = intern_count(w->people);
    w->person_keys = ARENA_ARRAY(&w->arena, w->n_people, struct str);
    for (uint32_t i = 0; w->person_keys && i < w->n_people; i++) {
        buf_over(&b, text, sizeof(text));
        buf_printf(&b, "p-%u", i + 1);
        w->person_keys[i] = arena_str(&w->arena, buf_str(&b));
    }
    for (uint32_t i = 0; w->person_keys && i < w->n_titles; i++) {
        struct title *t = &w->titles[i].record;
        buf_over(&b, text, sizeof(text));
        buf_printf(&b, "t-%u", i + 1);
        t->id = arena_str(&w->arena, buf_str(&b));
        t->title_id.v = i;
        struct credit *credits = (struct credit *)(uintptr_t)t->credits;
        for (uint32_t c = 0; c < t->n_credits; c++)
            credits[c].person_key = w->person_keys[credits[c].person_id.v];
        if (!t->id.p)
            w->person_keys = NULL;
    }
    return w->person_keys ? 0 : mq_fail(err, MQ_NO_MEMORY, "titles: no memory: ask for fewer");
}

/* Which titles a person has a credit on; one with two roles is there twice. */
static int list_works(struct sim_world *w, struct mq_error *err)
{
    w->person_first = ARENA_ARRAY(&w->arena, (size_t)w->n_people + 1, uint32_t);
    w->person_titles = ARENA_ARRAY(&w->arena, (size_t)w->n_credits + 1, uint32_t);
    if (!w->person_first || !w->person_titles)
        return mq_fail(err, MQ_NO_MEMORY, "credits: no memory: ask for fewer titles");
    for (uint32_t i = 0; i < w->n_titles; i++) {
        const struct title *t = &w->titles[i].record;
        for (uint32_t c = 0; c < t->n_credits; c++)
            w->person_first[t->credits[c].person_id.v]++;
    }
    uint32_t end = 0;
    for (uint32_t p = 0; p <= w->n_people; p++)
        w->person_first[p] = end += w->person_first[p];
    /* From the ends back to the beginnings. */
    for (uint32_t i = w->n_titles; i-- > 0;) {
        const struct title *t = &w->titles[i].record;
        for (uint32_t c = 0; c < t->n_credits; c++)
            w->person_titles[--w->person_first[t->credits[c].person_id.v]] = i;
    }
    return 0;
}

static const struct sim_planted habits[SIM_PLANTED] = {
    {.name = "intrigue",
     .person_a = "David Fincher",
     .person_b = "Kevin Spacey",
     .title = "House of Cards",
     .title_year = 1990,
     .community = 0},
    {.name = "palace",
     .person_a = "Peter Morgan",
     .person_b = "Helen Mirren",
     .title = "The Queen",
     .title_year = 2006,
     .community = 1},
};

static void plant(struct sim_world *w)
{
    for (int i = 0; i < SIM_PLANTED; i++) {
        struct sim_planted *p = &w->planted[i];
        *p = habits[i];
        p->a = intern_find(w->people, str_of(p->person_a));
        p->b = intern_find(w->people, str_of(p->person_b));
        p->t = ID_NONE;
        for (uint32_t t = 0; t < w->n_real; t++) {
            const struct title *record = &w->titles[t].record;
            if (record->year == p->title_year && str_eq(record->name, str_of(p->title)))
                p->t = t;
        }
    }
}

static int build(struct sim_world *w, struct mq_error *err)
{
    w->titles = ARENA_ARRAY(&w->arena, w->settings.titles + (size_t)w->later, struct sim_title);
    if (!w->titles)
        return mq_fail(err, MQ_NO_MEMORY, "titles: %u: no memory: ask for fewer",
                       w->settings.titles);
    int rc = intern_new(&w->people, err);
    if (rc == 0)
        rc = real_titles_add(w, err);
    if (rc == 0)
        rc = invented_titles_add(w, err);
    if (rc)
        return rc;
    plant(w);
    opportunity_plan(w);
    rc = later_titles_add(w, err);
    if (rc == 0)
        rc = give_keys(w, err);
    if (rc == 0)
        rc = list_works(w, err);
    if (rc == 0)
        rc = launches_plan(w, err);
    if (rc)
        return rc;
    title_taste_build(w);
    rc = opportunity_list(w, err);
    if (rc == 0)
        rc = popularity_build(w, err);
    if (rc == 0)
        rc = bursts_plan(w, err);
    if (rc == 0)
        rc = affinities_plan(w, err);
    if (rc == 0)
        campaign_plan(w);
    return rc;
}

int world_new(const struct sim_settings *s, struct sim_world **ret, struct mq_error *err)
{
    int rc = sim_check(s, err);
    if (rc == 0)
        rc = places_check(err);
    if (rc)
        return rc;
    struct sim_world *w = calloc(1, sizeof(*w));
    if (!w)
        return mq_fail(err, MQ_NO_MEMORY, "world: no memory");
    w->settings = *s;
    w->taste = s->null_world ? 0 : s->taste;
    w->context = s->null_world ? 0 : s->context;
    w->mood = s->null_world ? 0 : s->mood;
    w->bursts = s->null_world ? 0 : s->bursts;
    w->lure = s->null_world ? 0 : s->lure;
    w->leave = s->null_world ? 0 : s->leave;
    w->affinity = s->null_world ? 0 : s->affinity;
    w->opportunity = s->null_world ? 0 : s->opportunity;
    w->later = s->null_world ? 0 : s->later;
    w->campaign = s->null_world ? 0 : s->campaign;
    w->end_ms = s->end_ms;
    w->start_ms = s->end_ms - (int64_t)s->days * SIM_DAY_MS;
    rc = arena_init(&w->arena, ARENA_BLOCK, ARENA_LIMIT);
    if (rc)
        rc = mq_fail(err, MQ_NO_MEMORY, "world: no memory");
    else
        rc = build(w, err);
    if (rc) {
        world_free(w);
        return rc;
    }
    *ret = w;
    return 0;
}

void world_free(struct sim_world *w)
{
    if (!w)
        return;
    intern_free(w->people);
    arena_release(&w->arena);
    free(w);
}

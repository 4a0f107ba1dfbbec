#include "strategy/forecast.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "catalogue/catalogue.h"
#include "strategy/forecast_sizes.h"

enum { NEAREST = 10, COUNTRIES_MAX = 64, SMALLEST = 50 };
static const double z80 = 1.2815515655446004; /* P90 of a normal */

struct work {
    const struct forecast_fit *fit;
    const struct concept *c;
    struct title title[ELEMENTS_MAX + 1]; /* people found: the concept, then without each element */
    struct arena *arena;
    struct element element[ELEMENTS_MAX];
    size_t n_elements;
    struct concept_tokens tokens;
    struct seen_title seen[ELEMENTS_MAX + 1];
    uint32_t n;
    struct count_forecast count[ELEMENTS_MAX + 1];
    float each[COUNT_FORESTS_MAX * (ELEMENTS_MAX + 1)];
    struct mq_forecast *out;
};

static int no_memory(struct mq_error *err)
{
    return mq_fail(err, MQ_NO_MEMORY, "forecast: no memory");
}

static const char *text_of(struct arena *arena, struct str s)
{
    char *p = arena_alloc(arena, s.n + 1);
    if (p && s.n)
        memcpy(p, s.p, s.n);
    return p;
}

/* --- people by name --- */

static int several(const struct strategy_data *d, struct str name, const uint32_t *found,
                   uint32_t n, struct mq_error *err)
{
    char list[256];
    size_t at = 0;
    for (uint32_t i = 0; i < n && i < 4 && at < sizeof(list); i++)
        at += (size_t)snprintf(list + at, sizeof(list) - at, "%s%.*s (%u titles)", i ? ", " : "",
                               STR_ARG(d->people[found[i]].name), d->people[found[i]].n_titles);
    return mq_fail(err, MQ_CONFLICT, "credits: %.*s: %u people of that name: %s: spell out which",
                   STR_ARG(name), n, list);
}

int forecast_people(const struct strategy_data *d, const struct title *t, struct arena *arena,
                    struct forecast_cast *ret, struct mq_error *err)
{
    struct credit *copy = ARENA_ARRAY(arena, t->n_credits + 1, struct credit);
    const char **unknown = ARENA_ARRAY(arena, t->n_credits + 1, const char *);
    struct forecast_cast out = {.title = *t, .unknown = unknown};
    if (!copy || !unknown)
        return no_memory(err);
    for (uint32_t i = 0; i < t->n_credits; i++) {
        uint32_t found[8] = {ID_NONE};
        uint32_t n = strategy_people_named(d, t->credits[i].person, found, 8);
        copy[i] = t->credits[i];
        copy[i].person_id.v = found[0];
        if (n > 1)
            return several(d, t->credits[i].person, found, n < 8 ? n : 8, err);
        if (n == 0)
            unknown[out.n_unknown++] = text_of(arena, t->credits[i].person);
    }
    out.title.credits = copy;
    *ret = out;
    return 0;
}

static int find_people(struct work *w, struct mq_error *err)
{
    struct forecast_cast cast = {0};
    int rc = forecast_people(w->fit->d, &w->c->title, w->arena, &cast, err);
    if (rc)
        return rc;
    w->out->support.unknown = cast.unknown;
    w->out->support.n_unknown = cast.n_unknown;
    w->title[0] = cast.title;
    return 0;
}

/* --- support --- */

static int add_comparable(struct work *w, uint32_t row, double likeness, bool named,
                          struct mq_error *err)
{
    struct mq_comparable *list = (struct mq_comparable *)(uintptr_t)w->out->comparables;
    struct mq_comparable *c = &list[w->out->n_comparables++];
    const struct strategy_title *t = &w->fit->d->titles[row];
    *c = (struct mq_comparable){.title = text_of(w->arena, t->id),
                                .name = text_of(w->arena, t->name),
                                .year = t->year,
                                .likeness = likeness,
                                .named = named};
    c->viewers = t->audience < SMALLEST ? NAN : (double)t->audience;
    return comparable_ways(w->fit->d, w->seen[0].title, row, w->arena, &c->ways, &c->n_ways, err);
}

static bool same_name(struct str a, struct str b)
{
    char x[TITLE_NAME_MAX];
    char y[TITLE_NAME_MAX];
    size_t n = name_normalise(a, x, sizeof(x));
    return n > 0 && n == name_normalise(b, y, sizeof(y)) && memcmp(x, y, n) == 0;
}

/* What its author thinks of, by name. */
static int add_named(struct work *w, struct mq_error *err)
{
    const struct strategy_data *d = w->fit->d;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < w->c->n_comparables; i++)
        for (uint32_t t = 0; t < d->n_titles; t++)
            if (d->titles[t].id.n && same_name(w->c->comparables[i], d->titles[t].name)) {
                rc = add_comparable(w, t, NAN, true, err);
                break;
            }
    return rc;
}

static int find_support(struct work *w, struct mq_error *err)
{
    struct mq_forecast_support *s = &w->out->support;
    struct forecast_near near;
    struct mq_comparable *list =
        ARENA_ARRAY(w->arena, NEAREST + CONCEPT_COMPARABLES_MAX, struct mq_comparable);
    if (!list)
        return no_memory(err);
    w->out->comparables = list;
    int rc = forecast_near(w->fit, &w->seen[0], &near, err);
    if (rc == 0)
        rc = add_named(w, err);
    for (uint32_t i = 0; rc == 0 && i < near.n && i < NEAREST; i++)
        rc = add_comparable(w, near.of[i].row, (double)near.of[i].likeness, false, err);
    if (rc)
        return rc;
    s->titles = near.titles;
    s->reason = forecast_refusal(&w->title[0], near.titles);
    s->refused = s->reason != NULL;
    return 0;
}

/* --- how many --- */

static struct mq_interval times(struct mq_interval v, double by)
{
    return (struct mq_interval){v.p10 * by, v.p50 * by, v.p90 * by};
}

/* Chance that what is spread log-normally about v, with its own width on either side, reaches `need`. */
static double chance_of(struct mq_interval v, double need)
{
    if (need <= 0)
        return 1;
    double side = need < v.p50 ? log(v.p50 / v.p10) : log(v.p90 / v.p50);
    if (!(side > 0))
        return v.p50 >= need;
    return 0.5 * erfc(log(need / v.p50) / (side / z80) / sqrt(2));
}

static void how_many(struct work *w)
{
    const struct launch_sizes *launches = &w->fit->launches;
    struct forecast_spans spans = forecast_spans_of(w->fit, &w->count[0], w->c->unpromoted);
    struct mq_forecast *o = w->out;
    double runtime = (double)w->seen[0].runtime / 60;
    o->viewers_28d = spans.viewers_28d;
    o->viewers_90d = spans.viewers_90d;
    o->viewers_all = spans.viewers_all;
    o->hours_28d = times(o->viewers_28d, runtime);
    o->hours_90d = times(o->viewers_90d, runtime);
    o->hours_per_viewer = runtime;
    bool launched = launches->launches >= LAUNCH_LEAST;
    o->decay_basis = launched ? "launches" : decay_basis_name(w->fit->decay.basis);
    o->launches = launched ? launches->launches : w->fit->decay.titles;
    if (launched)
        o->launch = (struct mq_launch){.known = true,
                                       .promotion = 1 - w->c->unpromoted,
                                       .too_young = launches->censored,
                                       .inside = launches->inside,
                                       .placed = launches->placed_launch,
                                       .placed_others = launches->placed_other,
                                       .viewers = launches->active};
    if (!isnan(w->c->cost) && w->c->value_per_hour > 0) {
        o->break_even_hours = w->c->cost / w->c->value_per_hour;
        o->break_even = chance_of(o->hours_90d, o->break_even_hours);
    }
}

/* --- what carries it --- */

/* The concept over the same concept without the element: middle and spread over forests, each grown from other titles. */
static int attribute(struct work *w, struct mq_error *err)
{
    struct mq_attribution *list =
        ARENA_ARRAY(w->arena, w->n_elements ? w->n_elements : 1, struct mq_attribution);
    if (!list)
        return no_memory(err);
    double forests = w->fit->count.forests;
    /* Of what tells titles apart, launches keep this much of the count model and of the titles alike. */
    const struct launch_sizes *l = &w->fit->launches;
    double launched = l->launches < LAUNCH_LEAST ? 0 : 1 - w->c->unpromoted;
    double kept = 1 - launched + launched * l->slope[LAUNCH_COUNT];
    for (size_t i = 0; i < w->n_elements; i++) {
        double alike = launched * l->slope[LAUNCH_ALIKE] *
                       (double)(w->count[0].comparables - w->count[1 + i].comparables);
        double sum = 0;
        double square = 0;
        for (uint32_t f = 0; f < w->fit->count.forests; f++) {
            double v =
                (double)(w->each[(size_t)f * w->n] - w->each[(size_t)f * w->n + 1 + i]) * kept +
                alike;
            sum += v / forests;
            square += v * v / forests;
        }
        double spread = z80 * sqrt(fmax(0, square - sum * sum) * forests / (forests - 1));
        list[i] = (struct mq_attribution){.kind = w->element[i].kind,
                                          .element = w->element[i].name,
                                          .against = w->element[i].against,
                                          .factor = exp(sum),
                                          .low = exp(sum - spread),
                                          .high = exp(sum + spread)};
    }
    w->out->attribution = list;
    w->out->n_attribution = w->n_elements;
    return 0;
}

/* --- where --- */

struct place {
    country_code country;
    double viewers;
};

static int by_viewers(const void *a, const void *b)
{
    const struct place *x = a;
    const struct place *y = b;
    if (x->viewers != y->viewers)
        return x->viewers > y->viewers ? -1 : 1;
    return (x->country > y->country) - (x->country < y->country);
}

static uint32_t sum_places(const struct strategy_data *d, const float *chance, struct place *p)
{
    uint32_t n = 0;
    for (uint32_t u = 0; u < d->n_viewers; u++) {
        country_code c = d->viewer_country[u];
        uint32_t k = 0;
        while (k < n && p[k].country != c)
            k++;
        if (c == 0 || (k == n && n == COUNTRIES_MAX))
            continue;
        if (k == n)
            p[n++] = (struct place){c, 0};
        p[k].viewers += (double)chance[u];
    }
    qsort(p, n, sizeof(*p), by_viewers);
    return n;
}

/* Chances of all viewers, added up by country; countries below the floor are left out. */
static int countries(struct work *w, struct mq_error *err)
{
    const struct strategy_data *d = w->fit->d;
    struct who_model who;
    struct place place[COUNTRIES_MAX];
    struct mq_country_share *list = ARENA_ARRAY(w->arena, COUNTRIES_MAX, struct mq_country_share);
    float *chance = calloc(2 * (size_t)d->n_viewers + 1, sizeof(*chance));
    int rc = chance && list ? 0 : no_memory(err);
    if (rc == 0)
        rc = who_model_make(&w->fit->who, w->seen, 1, &w->count[0].p50, NULL, &who, err);
    if (rc) {
        free(chance);
        return rc;
    }
    who_model_scores(&who, 0, chance, chance + d->n_viewers);
    who_model_release(&who);
    double all = w->out->viewers_28d.p50;
    who_model_chances(chance, d->n_viewers, all);
    uint32_t n = sum_places(d, chance, place);
    rc = forecast_communities(d, chance, w->arena, w->out, err);
    free(chance);
    if (rc)
        return rc;
    w->out->countries = list;
    for (uint32_t i = 0; i < n; i++) {
        if (place[i].viewers < SMALLEST)
            continue;
        struct mq_country_share *c = &list[w->out->n_countries++];
        country_text(place[i].country, c->country);
        c->viewers_28d = times(w->out->viewers_28d, place[i].viewers / all);
    }
    return 0;
}

/* --- all of it --- */

static int prepare(struct work *w, struct mq_error *err)
{
    int rc = find_people(w, err);
    if (rc == 0)
        rc =
            concept_elements(&w->title[0], w->arena, w->element, w->title + 1, &w->n_elements, err);
    w->n = (uint32_t)w->n_elements + 1;
    if (rc == 0)
        rc = concept_tokens_make(&w->fit->tokens, w->title, w->n, w->arena, &w->tokens, err);
    for (uint32_t i = 0; rc == 0 && i < w->n; i++)
        w->seen[i] = concept_seen(&w->tokens, i);
    return rc;
}

static int answer(struct work *w, struct mq_error *err)
{
    const struct forecast_fit *f = w->fit;
    struct mq_calibration *bins = ARENA_ARRAY(w->arena, CALIBRATION_BINS, struct mq_calibration);
    int rc = find_support(w, err);
    if (rc || w->out->support.refused)
        return rc;
    rc = bins ? count_fit_say(&f->count, w->seen, w->n, NULL, w->count, w->each, err)
              : no_memory(err);
    if (rc)
        return rc;
    memcpy(bins, f->calibration, sizeof(f->calibration));
    w->out->calibration = bins;
    w->out->n_calibration = f->n_calibration;
    how_many(w);
    rc = attribute(w, err);
    return rc || !f->has_who ? rc : countries(w, err);
}

int forecast_say(const struct forecast_fit *fit, const struct concept *c, struct arena *arena,
                 struct mq_forecast *ret, struct mq_error *err)
{
    static const struct mq_interval none = {NAN, NAN, NAN};
    struct mq_forecast out = {.viewers_28d = none,
                              .viewers_90d = none,
                              .viewers_all = none,
                              .hours_28d = none,
                              .hours_90d = none,
                              .break_even = NAN,
                              .break_even_hours = NAN,
                              .decay_basis = ""};
    struct work *w = calloc(1, sizeof(*w));
    if (!w)
        return no_memory(err);
    *w = (struct work){.fit = fit, .c = c, .arena = arena, .out = &out};
    int rc = prepare(w, err);
    if (rc == 0)
        rc = answer(w, err);
    concept_tokens_release(&w->tokens);
    free(w);
    if (rc == 0)
        *ret = out;
    return rc;
}

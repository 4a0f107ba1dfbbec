/* render_audience.c - answers about audiences as JSON. Undefined and withheld figures are null; what is withheld is
 * named. */
#include <math.h>

#include "http/render.h"

enum { DIGITS = 15 };

static void affinity(struct json *j, const struct mq_affinity *x)
{
    json_kv_double(j, "viewers", x->viewers, DIGITS);
    json_kv_double(j, "a", x->a, DIGITS);
    json_kv_double(j, "b", x->b, DIGITS);
    json_kv_double(j, "both", x->both, DIGITS);
    json_kv_double(j, "lift", x->lift, DIGITS);
    json_kv_double(j, "odds_ratio", x->odds_ratio, DIGITS);
    json_kv_double(j, "odds_ratio_low", x->odds_ratio_low, DIGITS);
    json_kv_double(j, "odds_ratio_high", x->odds_ratio_high, DIGITS);
    json_kv_double(j, "g2", x->g2, DIGITS);
    json_kv_double(j, "z", x->z, DIGITS);
    json_kv_double(j, "p", x->p, DIGITS);
    json_kv_double(j, "expected", x->expected, DIGITS);
    json_kv_double(j, "share", x->share, DIGITS);
    json_kv_double(j, "comparable", x->comparable, DIGITS);
}

static void withheld(struct json *j, const char *const *names, size_t n, bool research,
                     unsigned floor)
{
    json_key(j, STR("withheld"));
    json_array(j);
    for (size_t i = 0; i < n; i++)
        json_str(j, str_of(names[i]));
    json_array_end(j);
    if (research)
        json_kv_bool(j, "research", true);
    else
        json_kv_u64(j, "floor", floor);
}

static void regions(struct json *j, const struct mq_overlap *o)
{
    static const char *const letters[MQ_SETS] = {"a", "b", "c"};
    json_kv_double(j, "c", o->c, DIGITS);
    json_key(j, STR("regions"));
    json_array(j);
    for (size_t i = 0; i < o->n_regions; i++) {
        json_object(j);
        json_key(j, STR("sets"));
        json_array(j);
        for (size_t k = 0; k < MQ_SETS; k++) {
            if (o->regions[i].sets >> k & 1)
                json_str(j, str_of(letters[k]));
        }
        json_array_end(j);
        json_kv_double(j, "viewers", o->regions[i].viewers, DIGITS);
        json_kv_double(j, "expected", o->regions[i].expected, DIGITS);
        json_object_end(j);
    }
    json_array_end(j);
}

static void shared(struct json *j, const struct mq_overlap *o)
{
    json_kv_u64(j, "shared_titles", o->n_shared);
    json_key(j, STR("shared"));
    json_array(j);
    for (size_t i = 0; i < o->n_shared; i++) {
        json_object(j);
        json_kv_z(j, "title", o->shared[i].title);
        json_kv_z(j, "name", o->shared[i].name);
        json_object_end(j);
    }
    json_array_end(j);
}

void render_overlap(struct json *j, const struct mq_overlap *o)
{
    json_object(j);
    json_key(j, STR("audiences"));
    json_array(j);
    for (size_t i = 0; i < o->n_sets; i++)
        json_str(j, str_of(o->names[i]));
    json_array_end(j);
    json_kv_u64(j, "strata", o->strata);
    affinity(j, &o->all);
    shared(j, o);
    if (o->n_sets == 2) {
        json_key(j, STR("without_one"));
        json_object(j);
        json_kv_double(j, "odds_ratio", o->without_one.odds_ratio, DIGITS);
        json_kv_z(j, "title", o->without_one.title);
        json_kv_z(j, "name", o->without_one.name);
        json_kv_double(j, "share", o->without_one.share, DIGITS);
        json_object_end(j);
    } else {
        regions(j, o);
    }
    json_key(j, STR("risk_set"));
    json_object(j);
    json_kv_time_or_null(j, "since", o->risk_since_ms);
    affinity(j, &o->risk);
    json_object_end(j);
    json_kv_z(j, "words", o->words);
    json_kv_z(j, "change", o->change);
    json_kv_u64(j, "log_seq", o->log_seq);
    withheld(j, o->withheld, o->n_withheld, o->research, o->floor);
    json_object_end(j);
}

static void items(struct json *j, const char *key, const struct mq_audience_item *v, size_t n)
{
    json_key(j, str_of(key));
    json_array(j);
    for (size_t i = 0; i < n; i++) {
        json_object(j);
        if (v[i].id)
            json_kv_z(j, "title", v[i].id);
        if (v[i].role)
            json_kv_z(j, "role", v[i].role);
        json_kv_z(j, "name", v[i].name);
        affinity(j, &v[i].figures);
        json_object_end(j);
    }
    json_array_end(j);
}

/* Within an object. */
static void audience(struct json *j, const struct mq_audience *a)
{
    json_kv_double(j, "viewers", a->viewers, DIGITS);
    json_kv_double(j, "size", a->size, DIGITS);
    json_kv_double(j, "likes", a->likes, DIGITS);
    json_kv_double(j, "scope_likes", a->scope_likes, DIGITS);
    json_kv_u64(j, "strata", a->strata);
    items(j, "titles", a->titles, a->n_titles);
    items(j, "people", a->people, a->n_people);
    items(j, "genres", a->genres, a->n_genres);
    items(j, "countries", a->countries, a->n_countries);
    items(j, "devices", a->devices, a->n_devices);
    items(j, "dayparts", a->dayparts, a->n_dayparts);
}

void render_audience(struct json *j, const struct mq_audience *a)
{
    const struct {
        const char *name;
        double figure;
    } figures[] = {{"viewers", a->viewers}, {"size", a->size}, {"likes", a->likes}};
    const char *names[3];
    size_t n = 0;
    for (size_t i = 0; a->withheld && i < sizeof(figures) / sizeof(figures[0]); i++) {
        if (isnan(figures[i].figure))
            names[n++] = figures[i].name;
    }
    json_object(j);
    json_kv_z(j, "audience", a->name);
    audience(j, a);
    json_kv_u64(j, "log_seq", a->log_seq);
    withheld(j, names, n, a->research, a->floor);
    json_object_end(j);
}

static void pair(struct json *j, const struct mq_pair *p)
{
    json_object(j);
    json_key(j, STR("names"));
    json_array(j);
    json_str(j, str_of(p->a));
    json_str(j, str_of(p->b));
    json_array_end(j);
    json_kv_u64(j, "titles_a", p->titles_a);
    json_kv_u64(j, "titles_b", p->titles_b);
    json_kv_u64(j, "shared_titles", p->n_shared);
    affinity(j, &p->figures);
    json_kv_double(j, "q", p->q, DIGITS);
    json_kv_double(j, "standing", p->standing, DIGITS);
    json_key(j, STR("without_one"));
    json_object(j);
    json_kv_double(j, "odds_ratio", p->without_one, DIGITS);
    json_kv_z(j, "title", p->without_title);
    json_kv_z(j, "name", p->without_name);
    json_object_end(j);
    json_object_end(j);
}

void render_pairs(struct json *j, const struct mq_pairs *p)
{
    json_object(j);
    json_kv_z(j, "role_a", p->role_a);
    json_kv_z(j, "role_b", p->role_b);
    json_kv_u64(j, "people_a", p->people_a);
    json_kv_u64(j, "people_b", p->people_b);
    json_kv_u64(j, "tested", p->tested);
    json_kv_u64(j, "passed", p->passed);
    json_kv_double(j, "shuffled_passed", p->shuffled_passed, DIGITS);
    json_kv_double(j, "level", p->level, DIGITS);
    json_kv_u64(j, "strata", p->strata);
    json_key(j, STR("pairs"));
    json_array(j);
    for (size_t i = 0; i < p->n; i++)
        pair(j, &p->pairs[i]);
    json_array_end(j);
    json_kv_u64(j, "pairs_withheld", p->withheld);
    json_kv_u64(j, "floor", p->floor);
    json_kv_u64(j, "log_seq", p->log_seq);
    if (p->research)
        json_kv_bool(j, "research", true);
    json_object_end(j);
}

void render_communities(struct json *j, const struct mq_communities *c)
{
    json_object(j);
    json_kv_u64(j, "model", c->model);
    json_kv_double(j, "stability", c->stability, DIGITS);
    json_key(j, STR("held_out"));
    json_object(j);
    json_kv_double(j, "communities", c->likelihood, DIGITS);
    json_kv_double(j, "country_device_cells", c->likelihood_cells, DIGITS);
    json_kv_double(j, "random", c->likelihood_random, DIGITS);
    json_kv_double(j, "name_found", c->name_found, DIGITS);
    json_kv_u64(j, "name_trials", c->name_trials);
    json_kv_u64(j, "names_among", c->names_among);
    json_kv_u64(j, "names_of_other_groups", c->names_decoys);
    json_object_end(j);
    json_key(j, STR("communities"));
    json_array(j);
    for (size_t i = 0; i < c->n; i++) {
        const struct mq_community *x = &c->communities[i];
        json_object(j);
        json_kv_u64(j, "id", x->id);
        json_kv_z(j, "name", x->name);
        json_kv_double(j, "share", x->share, DIGITS);
        json_kv_double(j, "finished", x->finished, DIGITS);
        json_kv_double(j, "abandoned", x->abandoned, DIGITS);
        json_kv_double(j, "rewatched", x->rewatched, DIGITS);
        json_kv_double(j, "fresh", x->fresh, DIGITS);
        audience(j, &x->audience);
        json_kv_bool(j, "withheld", x->audience.withheld);
        json_object_end(j);
    }
    json_array_end(j);
    json_kv_u64(j, "floor", c->floor);
    json_kv_u64(j, "log_seq", c->log_seq);
    if (c->research)
        json_kv_bool(j, "research", true);
    json_object_end(j);
}

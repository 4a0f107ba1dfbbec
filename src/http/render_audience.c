/* render_audience.c - answers about audiences as JSON. Undefined and withheld figures are null; what is withheld is
 * named. */
#include <math.h>

#include "base/clock.h"
#include "http/render.h"

enum { DIGITS = 15 };

static void figure(struct json *j, const char *key, double v)
{
    if (isfinite(v))
        json_kv_double(j, key, v, DIGITS);
    else
        json_kv_null(j, key);
}

static void text(struct json *j, const char *key, const char *v)
{
    if (v)
        json_kv_z(j, key, v);
    else
        json_kv_null(j, key);
}

static void time_of(struct json *j, const char *key, int64_t ms)
{
    char storage[40];
    struct buf b;
    if (ms == 0) {
        json_kv_null(j, key);
        return;
    }
    buf_over(&b, storage, sizeof(storage));
    time_format(&b, ms);
    json_kv_str(j, key, buf_str(&b));
}

static void affinity(struct json *j, const struct mq_affinity *x)
{
    figure(j, "viewers", x->viewers);
    figure(j, "a", x->a);
    figure(j, "b", x->b);
    figure(j, "both", x->both);
    figure(j, "lift", x->lift);
    figure(j, "odds_ratio", x->odds_ratio);
    figure(j, "odds_ratio_low", x->odds_ratio_low);
    figure(j, "odds_ratio_high", x->odds_ratio_high);
    figure(j, "g2", x->g2);
    figure(j, "z", x->z);
    figure(j, "p", x->p);
    figure(j, "expected", x->expected);
    figure(j, "share", x->share);
    figure(j, "comparable", x->comparable);
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
    figure(j, "c", o->c);
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
        figure(j, "viewers", o->regions[i].viewers);
        figure(j, "expected", o->regions[i].expected);
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
        figure(j, "odds_ratio", o->without_one.odds_ratio);
        text(j, "title", o->without_one.title);
        text(j, "name", o->without_one.name);
        figure(j, "share", o->without_one.share);
        json_object_end(j);
    } else {
        regions(j, o);
    }
    json_key(j, STR("risk_set"));
    json_object(j);
    time_of(j, "since", o->risk_since_ms);
    affinity(j, &o->risk);
    json_object_end(j);
    json_kv_z(j, "words", o->words);
    json_kv_z(j, "change", o->change);
    json_kv_u64(j, "log_seq", o->log_seq);
    withheld(j, o->withheld, o->n_withheld, o->research, o->floor);
    json_object_end(j);
}

/* render_opportunities.c - what nobody has made, as JSON. Undefined and withheld figures are null. */
#include <math.h>

#include "base/clock.h"
#include "http/render.h"

enum { DIGITS = 6 };

void render_interval(struct json *j, const char *name, const struct mq_interval *v)
{
    enum { INTERVAL_DIGITS = 5 };
    json_key(j, str_of(name));
    json_object(j);
    json_kv_double(j, "p10", v->p10, INTERVAL_DIGITS);
    json_kv_double(j, "p50", v->p50, INTERVAL_DIGITS);
    json_kv_double(j, "p90", v->p90, INTERVAL_DIGITS);
    json_object_end(j);
}

void render_sizes(struct json *j, const struct mq_sizes *s)
{
    json_object(j);
    render_interval(j, "viewers_28d", &s->viewers_28d);
    render_interval(j, "viewers_90d", &s->viewers_90d);
    render_interval(j, "viewers_all", &s->viewers_all);
    json_kv_double(j, "hours_per_viewer", s->hours_per_viewer, 4);
    json_key(j, STR("support"));
    json_object(j);
    json_kv_u64(j, "titles", s->support);
    json_kv_bool(j, "refused", s->refused);
    json_object_end(j);
    json_object_end(j);
}

static void part(struct json *j, const struct mq_opportunity_part *p)
{
    json_key(j, str_of(p->kind));
    json_object(j);
    if (p->role)
        json_kv_z(j, "role", p->role);
    json_kv_z(j, "name", p->name);
    json_kv_u64(j, "titles", p->titles);
    json_kv_double(j, "viewers", p->viewers, DIGITS);
    json_object_end(j);
}

static void opportunity(struct json *j, const struct mq_opportunity *o)
{
    static const char *const edges[] = {"maker_lead", "maker_theme", "lead_theme"};
    json_object(j);
    for (int k = 0; k < MQ_PARTS; k++)
        part(j, &o->parts[k]);
    json_key(j, STR("edges"));
    json_object(j);
    for (int k = 0; k < MQ_PARTS; k++)
        json_kv_double(j, edges[k], o->edges[k], DIGITS);
    json_object_end(j);
    json_kv_double(j, "weakest", o->weakest, DIGITS);
    json_key(j, STR("without_one"));
    json_object(j);
    json_kv_double(j, "weakest", o->without_one.weakest, DIGITS);
    if (o->without_one.title) {
        json_kv_z(j, "title", o->without_one.title);
        json_kv_z(j, "name", o->without_one.name);
    } else {
        json_kv_null(j, "title");
        json_kv_null(j, "name");
    }
    json_object_end(j);
    json_kv_double(j, "chance", o->chance, DIGITS);
    json_kv_double(j, "viewers", o->viewers, DIGITS);
    json_kv_double(j, "expected", o->expected, DIGITS);
    json_kv_double(j, "excess", o->excess, DIGITS);
    json_key(j, STR("supply"));
    json_object(j);
    json_kv_u64(j, "all", o->supply);
    json_kv_u64(j, "two", o->supply_two);
    json_object_end(j);
    json_kv_double(j, "searched", o->searched, DIGITS);
    json_key(j, STR("people"));
    render_overlap(j, &o->people);
    json_key(j, STR("triangle"));
    render_overlap(j, &o->triangle);
    json_key(j, STR("forecast"));
    render_sizes(j, &o->forecast);
    json_key(j, STR("concept"));
    json_raw(j, str_of(o->concept));
    json_object_end(j);
}

void render_opportunities(struct json *j, const struct mq_opportunities *o)
{
    char storage[40];
    struct buf at;
    json_object(j);
    if (o->as_of_ms) {
        buf_over(&at, storage, sizeof(storage));
        time_format(&at, o->as_of_ms);
        json_kv_str(j, "as_of", buf_str(&at));
    } else {
        json_kv_null(j, "as_of");
    }
    json_kv_u64(j, "log_seq", o->log_seq);
    json_kv_u64(j, "tested", o->tested);
    json_kv_u64(j, "strong", o->strong);
    json_kv_double(j, "shuffled_strong", o->shuffled_strong, DIGITS);
    json_kv_double(j, "strongest_shuffled", o->strongest_shuffled, DIGITS);
    json_kv_double(j, "threshold", o->threshold, DIGITS);
    json_kv_u64(j, "shuffles", o->shuffles);
    json_key(j, STR("winners_curse"));
    json_object(j);
    json_kv_double(j, "kept", o->kept, 3);
    json_kv_u64(j, "finds", o->kept_finds);
    json_object_end(j);
    json_kv_z(j, "themes", o->themes_are_genres ? "genres" : "tags");
    json_key(j, STR("opportunities"));
    json_array(j);
    for (size_t i = 0; i < o->n; i++)
        opportunity(j, &o->list[i]);
    json_array_end(j);
    json_key(j, STR("searches"));
    json_array(j);
    for (size_t i = 0; i < o->n_searches; i++) {
        json_object(j);
        json_kv_z(j, "text", o->searches[i].text);
        json_kv_double(j, "viewers", o->searches[i].viewers, DIGITS);
        json_object_end(j);
    }
    json_array_end(j);
    if (o->research)
        json_kv_bool(j, "research", true);
    else
        json_kv_u64(j, "floor", o->floor);
    json_object_end(j);
}

/* render_opportunities.c - what nobody has made, as JSON. Undefined and withheld figures are null. */
#include <math.h>

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

static void render_sizes(struct json *j, const struct mq_sizes *s)
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
    json_object(j);
    json_kv_time_or_null(j, "as_of", o->as_of_ms);
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
    if (o->stored) {
        json_key(j, STR("dossiers"));
        json_array(j);
        for (size_t i = 0; i < o->stored; i++)
            json_u64(j, o->first_dossier + i);
        json_array_end(j);
    }
    if (o->research)
        json_kv_bool(j, "research", true);
    else
        json_kv_u64(j, "floor", o->floor);
    json_object_end(j);
}

/* ---------------------------------------------------------------- dossiers */

static void dossier(struct json *j, const struct mq_dossier *d)
{
    json_kv_u64(j, "dossier", d->id);
    json_kv_time_or_null(j, "as_of", d->as_of_ms);
    json_kv_time_or_null(j, "made", d->made_ms);
    json_kv_u64(j, "log_seq", d->log_seq);
    json_kv_u64(j, "rank", d->rank);
    for (int k = 0; k < MQ_PARTS; k++) {
        json_key(j, str_of(d->parts[k].kind));
        json_object(j);
        if (d->parts[k].role)
            json_kv_z(j, "role", d->parts[k].role);
        json_kv_z(j, "name", d->parts[k].name);
        json_object_end(j);
    }
    json_kv_double(j, "weakest", d->weakest, DIGITS);
    json_kv_double(j, "chance", d->chance, DIGITS);
    json_kv_double(j, "viewers", d->viewers, DIGITS);
    json_kv_double(j, "expected", d->expected, DIGITS);
    json_kv_double(j, "excess", d->excess, DIGITS);
    json_key(j, STR("forecast"));
    render_sizes(j, &d->forecast);
    json_kv_z(j, "words", d->words);
    json_key(j, STR("concept"));
    json_raw(j, str_of(d->concept));
}

void render_pitch(struct json *j, const struct mq_pitch *p)
{
    static const char *const parts[] = {"maker", "lead", "theme"};
    json_object(j);
    json_kv_time_or_null(j, "pitched", p->at_ms);
    json_kv_u64(j, "dossiers", p->dossiers);
    json_kv_bool(j, "found", p->n > 0);
    json_key(j, STR("matches"));
    json_array(j);
    for (size_t i = 0; i < p->n; i++) {
        json_object(j);
        json_key(j, STR("matched"));
        json_array(j);
        for (int k = 0; k < MQ_PARTS; k++) {
            if (p->matches[i].parts >> k & 1)
                json_str(j, str_of(parts[k]));
        }
        json_array_end(j);
        json_kv_bool(j, "replayed", p->matches[i].replayed);
        dossier(j, &p->matches[i].dossier);
        json_object_end(j);
    }
    json_array_end(j);
    json_object_end(j);
}

void render_ledger(struct json *j, const struct mq_ledger *l)
{
    json_object(j);
    json_kv_u64(j, "dossiers", l->dossiers);
    json_kv_u64(j, "scored", l->scored);
    json_kv_double(j, "coverage", l->scored ? (double)l->within / l->scored : NAN, 4);
    json_kv_double(j, "within_2x", l->scored ? (double)l->within_2x / l->scored : NAN, 4);
    json_kv_double(j, "rmsle", l->log_error, 4);
    json_key(j, STR("outcomes"));
    json_array(j);
    for (size_t i = 0; i < l->n; i++) {
        const struct mq_outcome *o = &l->outcomes[i];
        json_object(j);
        json_kv_u64(j, "dossier", o->dossier);
        json_kv_time_or_null(j, "as_of", o->as_of_ms);
        json_kv_z(j, "title", o->title);
        json_kv_z(j, "name", o->name);
        render_interval(j, "viewers_28d", &o->forecast);
        json_kv_double(j, "actual_28d", o->actual, DIGITS);
        json_object_end(j);
    }
    json_array_end(j);
    if (l->research)
        json_kv_bool(j, "research", true);
    json_object_end(j);
}

/* ---------------------------------------------------------------- slates */

void render_slate(struct json *j, const struct mq_slate *s)
{
    json_object(j);
    json_kv_double(j, "budget", s->budget, 15);
    json_kv_double(j, "spent", s->spent, 15);
    render_interval(j, "viewers", &s->viewers);
    json_kv_double(j, "mean", s->mean, DIGITS);
    json_kv_bool(j, "exact", s->exact);
    json_kv_double(j, "bound", s->bound, DIGITS);
    json_kv_u64(j, "draws", s->draws);
    json_key(j, STR("concepts"));
    json_array(j);
    for (size_t i = 0; i < s->n; i++) {
        const struct mq_slate_item *x = &s->items[i];
        json_object(j);
        json_kv_z(j, "title", x->name);
        json_kv_double(j, "cost", x->cost, 15);
        json_kv_bool(j, "chosen", x->chosen);
        json_kv_double(j, "adds", x->adds, DIGITS);
        json_kv_double(j, "cost_per_added", x->adds > 0 ? x->cost / x->adds : NAN, DIGITS);
        json_key(j, STR("forecast"));
        render_sizes(j, &x->forecast);
        json_object_end(j);
    }
    json_array_end(j);
    json_object_end(j);
}

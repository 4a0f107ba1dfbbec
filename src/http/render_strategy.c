/* render_strategy.c - what strategy answers, as JSON. */
#include "http/render.h"

static void render_metrics(struct json *j, const char *name, const struct mq_forecast_metrics *m)
{
    enum { DIGITS = 6 };
    json_key(j, str_of(name));
    json_object(j);
    json_kv_double(j, "spearman", m->spearman, DIGITS);
    json_kv_double(j, "mdape", m->mdape, DIGITS);
    json_kv_double(j, "rmsle", m->rmsle, DIGITS);
    json_kv_double(j, "within_2x", m->within_2x, DIGITS);
    json_kv_double(j, "coverage", m->coverage, DIGITS);
    json_kv_double(j, "pinball", m->pinball, DIGITS);
    json_kv_double(j, "auc", m->auc, DIGITS);
    json_kv_double(j, "auc_within_activity", m->auc_within_activity, DIGITS);
    for (int by_bias = 0; by_bias < 2; by_bias++) {
        json_key(j, by_bias ? STR("bias_by_tercile") : STR("coverage_by_tercile"));
        json_array(j);
        for (int i = 0; i < 3; i++)
            json_double(j, by_bias ? m->bias_by_third[i] : m->coverage_by_third[i], DIGITS);
        json_array_end(j);
    }
    json_object_end(j);
}

void render_backtest(struct json *j, const struct mq_backtest *b)
{
    json_object(j);
    json_kv_z(j, "protocol", b->protocol);
    json_kv_u64(j, "seed", b->seed);
    json_kv_double(j, "seconds", b->seconds, 4);
    json_kv_u64(j, "titles", b->titles);
    json_kv_u64(j, "viewers", b->viewers);
    json_kv_u64(j, "splits", b->splits);
    json_kv_u64(j, "auc_titles", b->auc_titles);
    render_metrics(j, "forecast", &b->forecast);
    json_key(j, STR("baselines"));
    json_object(j);
    render_metrics(j, "genre_median", &b->genre_median);
    render_metrics(j, "director_history", &b->director_history);
    render_metrics(j, "comparables", &b->comparables);
    json_object_end(j);
    json_key(j, STR("controls"));
    json_object(j);
    render_metrics(j, "permuted_credits", &b->permuted_credits);
    render_metrics(j, "no_credits", &b->no_credits);
    json_object_end(j);
    json_object_end(j);
}

static void render_texts(struct json *j, const char *name, const char *const *text, size_t n)
{
    json_key(j, str_of(name));
    json_array(j);
    for (size_t i = 0; i < n; i++)
        json_str(j, str_of(text[i]));
    json_array_end(j);
}

static void render_comparables(struct json *j, const struct mq_forecast *f)
{
    json_key(j, STR("comparables"));
    json_array(j);
    for (size_t i = 0; i < f->n_comparables; i++) {
        const struct mq_comparable *c = &f->comparables[i];
        json_object(j);
        json_kv_z(j, "title", c->title);
        json_kv_z(j, "name", c->name);
        if (c->year)
            json_kv_i64(j, "year", c->year);
        else
            json_kv_null(j, "year");
        json_kv_double(j, "viewers", c->viewers, 6);
        json_kv_double(j, "likeness", c->likeness, 3);
        json_kv_bool(j, "named", c->named);
        render_texts(j, "ways", c->ways, c->n_ways);
        json_object_end(j);
    }
    json_array_end(j);
}

static void render_attribution(struct json *j, const struct mq_forecast *f)
{
    json_key(j, STR("attribution"));
    json_array(j);
    for (size_t i = 0; i < f->n_attribution; i++) {
        const struct mq_attribution *a = &f->attribution[i];
        json_object(j);
        json_kv_z(j, "kind", a->kind);
        json_kv_z(j, "element", a->element);
        json_kv_z(j, "against", a->against);
        json_kv_double(j, "factor", a->factor, 4);
        json_kv_double(j, "low", a->low, 4);
        json_kv_double(j, "high", a->high, 4);
        json_object_end(j);
    }
    json_array_end(j);
}

static void render_calibration(struct json *j, const struct mq_forecast *f)
{
    json_key(j, STR("calibration"));
    json_array(j);
    for (size_t i = 0; i < f->n_calibration; i++) {
        const struct mq_calibration *b = &f->calibration[i];
        json_object(j);
        json_kv_u64(j, "titles", b->titles);
        json_kv_double(j, "forecast", b->forecast, 6);
        render_interval(j, "actual", &b->actual);
        json_kv_double(j, "inside", b->inside, 4);
        json_object_end(j);
    }
    json_array_end(j);
}

static void render_support(struct json *j, const struct mq_forecast_support *s)
{
    json_key(j, STR("support"));
    json_object(j);
    json_kv_u64(j, "titles", s->titles);
    json_kv_bool(j, "refused", s->refused);
    if (s->reason)
        json_kv_z(j, "reason", s->reason);
    else
        json_kv_null(j, "reason");
    render_texts(j, "unknown_people", s->unknown, s->n_unknown);
    json_object_end(j);
}

static void render_launch(struct json *j, const struct mq_launch *l)
{
    json_key(j, STR("launch"));
    if (!l->known) {
        json_null(j);
        return;
    }
    json_object(j);
    json_kv_double(j, "promotion", l->promotion, 4);
    json_kv_double(j, "viewers", l->viewers, 6);
    json_kv_u64(j, "too_young", l->too_young);
    json_kv_double(j, "inside", l->inside, 4);
    json_kv_double(j, "placed", l->placed, 4);
    json_kv_double(j, "placed_others", l->placed_others, 4);
    json_object_end(j);
}

void render_forecast(struct json *j, const struct mq_forecast *f)
{
    json_object(j);
    render_interval(j, "viewers_28d", &f->viewers_28d);
    render_interval(j, "viewers_90d", &f->viewers_90d);
    render_interval(j, "viewers_all", &f->viewers_all);
    render_interval(j, "hours_28d", &f->hours_28d);
    render_interval(j, "hours_90d", &f->hours_90d);
    json_key(j, STR("decay"));
    json_object(j);
    json_kv_z(j, "basis", f->decay_basis);
    json_kv_u64(j, "launches", f->launches);
    json_object_end(j);
    render_launch(j, &f->launch);
    json_key(j, STR("communities"));
    json_array(j);
    for (size_t i = 0; i < f->n_communities; i++) {
        const struct mq_community_share *c = &f->communities[i];
        json_object(j);
        if (c->id)
            json_kv_u64(j, "community", c->id);
        else
            json_kv_null(j, "community");
        json_kv_z(j, "name", c->name);
        render_interval(j, "viewers_28d", &c->viewers_28d);
        json_object_end(j);
    }
    json_array_end(j);
    json_key(j, STR("countries"));
    json_array(j);
    for (size_t i = 0; i < f->n_countries; i++) {
        json_object(j);
        json_kv_z(j, "country", f->countries[i].country);
        render_interval(j, "viewers_28d", &f->countries[i].viewers_28d);
        json_object_end(j);
    }
    json_array_end(j);
    render_comparables(j, f);
    render_attribution(j, f);
    render_calibration(j, f);
    render_support(j, &f->support);
    json_kv_double(j, "break_even", f->break_even, 4);
    json_kv_double(j, "break_even_hours", f->break_even_hours, 6);
    json_kv_u64(j, "log_seq", f->log_seq);
    json_kv_u64(j, "behind", f->behind);
    json_kv_bool(j, "due", f->due);
    json_object_end(j);
}

void render_fit(struct json *j, const struct mq_fit *f)
{
    json_object(j);
    json_kv_u64(j, "log_seq", f->log_seq);
    json_kv_u64(j, "behind", f->behind);
    json_kv_bool(j, "made", f->made);
    json_kv_double(j, "seconds", f->seconds, 4);
    json_kv_u64(j, "titles", f->titles);
    json_kv_u64(j, "bytes", f->bytes);
    json_object_end(j);
}

static void render_gain(struct json *j, const char *name, const struct mq_retro_gain *g)
{
    json_key(j, str_of(name));
    json_object(j);
    json_kv_double(j, "factor", g->factor, 5);
    json_kv_double(j, "low", g->low, 5);
    json_kv_double(j, "high", g->high, 5);
    json_kv_double(j, "won", g->won, 5);
    json_kv_u64(j, "matches", g->matches);
    json_kv_u64(j, "titles", g->titles);
    json_object_end(j);
}

static void render_side(struct json *j, const char *name, const struct mq_retro_side *s)
{
    json_key(j, str_of(name));
    json_object(j);
    json_kv_u64(j, "listed", s->listed);
    json_kv_u64(j, "matches", s->matches);
    json_kv_u64(j, "titles", s->titles);
    json_kv_u64(j, "whole", s->whole);
    render_gain(j, "over_like_titles", &s->any);
    render_gain(j, "over_one_part", &s->one_part);
    json_object_end(j);
}

void render_retro_test(struct json *j, const struct mq_retro_test *t)
{
    json_object(j);
    json_kv_u64(j, "seed", t->seed);
    json_kv_double(j, "seconds", t->seconds, 4);
    json_kv_u64(j, "days", t->days);
    json_kv_time(j, "from", t->from_ms);
    json_kv_time(j, "to", t->to_ms);
    json_kv_u64(j, "every_days", t->every_days);
    json_kv_u64(j, "window_days", t->window_days);
    json_kv_u64(j, "later_titles", t->later);
    json_kv_u64(j, "floor", t->floor);
    json_kv_bool(j, "research", t->research);
    render_side(j, "found", &t->found);
    render_side(j, "shuffled", &t->shuffled);
    json_key(j, STR("examples"));
    json_array(j);
    for (size_t i = 0; i < t->n_examples; i++) {
        const struct mq_retro_example *e = &t->examples[i];
        json_object(j);
        json_kv_z(j, "title", e->title);
        json_kv_z(j, "name", e->name);
        json_kv_z(j, "parts", e->parts);
        json_kv_time(j, "found", e->found_ms);
        json_kv_double(j, "factor", e->factor, 4);
        json_object_end(j);
    }
    json_array_end(j);
    json_object_end(j);
}

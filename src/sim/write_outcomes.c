/* write_outcomes.c - what came of later titles and of a campaign, by living the world again: counted from the events themselves. A viewer's
 * life depends on nobody else's, so what they would have done had they been held out, or led to, is known as well. */
#include <stdlib.h>

#include "base/json_writer.h"
#include "sim/later_titles.h"
#include "sim/sim_campaign.h"
#include "sim/sim_inside.h"

enum { AUDIENCE_DAYS = 28, DIGITS = 6 };

void outcomes_release(struct sim_outcomes *o)
{
    free(o->before);
    free(o->without);
    free(o->with);
    *o = (struct sim_outcomes){0};
}

/* Lives it once: `see` gets every playback that begins. */
static int live(struct sim_settings s, enum sim_arms arms,
                void (*see)(void *, const struct event *), void *ctx, struct mq_error *err)
{
    struct sim *again;
    struct event e;
    s.arms = arms;
    int rc = sim_new(&s, &again, err);
    if (rc)
        return rc;
    while ((rc = sim_next(again, &e, err)) > 0) {
        if (e.kind == EVENT_START)
            see(ctx, &e);
    }
    sim_free(again);
    return rc;
}

struct counting {
    struct sim_outcomes *o;
    const struct sim_world *w;
    uint64_t *met; /* (viewers) bit per later title */
    uint8_t *began;
};

static void see_later(void *ctx, const struct event *e)
{
    struct counting *c = ctx;
    uint32_t first = c->w->n_titles - c->w->later;
    if (e->title_id.v < first)
        return;
    uint32_t i = e->title_id.v - first;
    struct sim_audience *a = &c->o->later[i];
    if (c->met[e->viewer_id.v] >> i & 1)
        return;
    c->met[e->viewer_id.v] |= UINT64_C(1) << i;
    if (a->viewers++ == 0)
        a->first_ms = e->at_ms;
    a->viewers_28d += e->at_ms < a->first_ms + AUDIENCE_DAYS * SIM_DAY_MS;
}

static void see_campaign(void *ctx, const struct event *e)
{
    struct counting *c = ctx;
    const struct sim_campaign *p = &c->w->planted_campaign;
    if (e->title_id.v == p->title)
        (e->at_ms < p->begins_ms ? c->o->before : c->began)[e->viewer_id.v] = 1;
}

static int campaign_outcomes(struct counting *c, struct mq_error *err)
{
    size_t n = c->w->settings.viewers;
    struct sim_outcomes *o = c->o;
    o->before = calloc(n, 1);
    o->without = calloc(n, 1);
    o->with = calloc(n, 1);
    if (!o->before || !o->without || !o->with)
        return mq_fail(err, MQ_NO_MEMORY, "campaign: no memory: ask for fewer viewers");
    c->began = o->without;
    int rc = live(c->w->settings, SIM_ARMS_NOBODY, see_campaign, c, err);
    c->began = o->with;
    return rc ? rc : live(c->w->settings, SIM_ARMS_EVERYBODY, see_campaign, c, err);
}

int outcomes_find(const struct sim_world *w, struct sim_outcomes *ret, struct mq_error *err)
{
    struct sim_outcomes o = {.later = {{0}}};
    struct counting c = {.o = &o, .w = w};
    int rc = 0;
    if (w->later > 0) {
        c.met = calloc(w->settings.viewers, sizeof(*c.met));
        rc = c.met ? live(w->settings, SIM_ARMS_CUT, see_later, &c, err)
                   : mq_fail(err, MQ_NO_MEMORY, "later titles: no memory: ask for fewer viewers");
        free(c.met);
    }
    if (rc == 0 && w->planted_campaign.title != ID_NONE)
        rc = campaign_outcomes(&c, err);
    if (rc)
        outcomes_release(&o);
    else
        *ret = o;
    return rc;
}

/* ---------------------------------------------------------------- in truth.json */

void outcomes_write_later(struct json *j, const struct sim_world *w, const struct sim_outcomes *o)
{
    if (w->later == 0)
        return;
    json_key(j, STR("later"));
    json_array(j);
    for (uint32_t i = 0; i < w->later; i++) {
        uint32_t title = w->n_titles - w->later + i;
        const struct sim_title *t = &w->titles[title];
        json_object(j);
        json_kv_str(j, "title", t->record.id);
        json_kv_str(j, "name", t->record.name);
        json_kv_bool(j, "invented", true);
        json_kv_z(j, "takes_up", later_takes_up(w, title));
        json_kv_time(j, "launch", t->launch_day * SIM_DAY_MS);
        json_kv_u64(j, "viewers_28d", o->later[i].viewers_28d);
        json_kv_u64(j, "viewers", o->later[i].viewers);
        json_object_end(j);
    }
    json_array_end(j);
}

struct group {
    double n, without, with;
};

static void write_group(struct json *j, const char *key, const char *name, const struct group *g)
{
    json_object(j);
    json_kv_z(j, key, name);
    json_kv_double(j, "viewers", g->n, DIGITS);
    json_kv_double(j, "begin_without", g->n > 0 ? g->without / g->n : 0, DIGITS);
    json_kv_double(j, "begin_with", g->n > 0 ? g->with / g->n : 0, DIGITS);
    json_kv_double(j, "uplift", g->n > 0 ? (g->with - g->without) / g->n : 0, DIGITS);
    json_object_end(j);
}

static void count_in(struct group *g, const struct sim_outcomes *o, uint32_t v)
{
    g->n++;
    g->without += o->without[v];
    g->with += o->with[v];
}

void outcomes_write_campaign(struct json *j, const struct sim *s, const struct sim_outcomes *o)
{
    const struct sim_world *w = sim_world_of(s);
    const struct sim_campaign *c = &w->planted_campaign;
    struct group of[SIM_RESPONSES] = {{0}}, all = {0};
    if (c->title == ID_NONE)
        return;
    for (uint32_t v = 0; v < w->settings.viewers; v++) {
        const struct viewer_traits *t = sim_traits(s, v);
        if (t->kid || o->before[v] || t->joins_ms >= c->begins_ms)
            continue;
        count_in(&all, o, v);
        count_in(&of[t->response], o, v);
    }
    json_key(j, STR("campaign"));
    json_object(j);
    json_kv_z(
        j, "says",
        "of viewers who had joined and not begun it, children apart: the share that begins the "
        "title in the campaign's days held out, and led to; each viewer in both ways");
    json_kv_z(j, "name", w->settings.campaign_name);
    json_kv_str(j, "title", w->titles[c->title].record.id);
    json_kv_double(j, "holdout", w->settings.holdout, DIGITS);
    json_kv_double(j, "strength", w->campaign, DIGITS);
    json_kv_time(j, "begins", c->begins_ms);
    json_kv_double(j, "moved_chance", w->campaign * SIM_MOVED_CHANCE, DIGITS);
    json_kv_double(j, "put_off_weight", w->campaign * SIM_PUT_OFF_WEIGHT, DIGITS);
    json_key(j, STR("communities"));
    json_object(j);
    for (int i = 0; i < SIM_COMMUNITIES; i++)
        json_kv_z(j, w->communities[i].name,
                  campaign_response_name((enum sim_response)c->response[i]));
    json_object_end(j);
    json_key(j, STR("responses"));
    json_array(j);
    for (int i = 0; i < SIM_RESPONSES; i++)
        write_group(j, "response", campaign_response_name((enum sim_response)i), &of[i]);
    write_group(j, "response", "everybody", &all);
    json_array_end(j);
    json_object_end(j);
}

void outcomes_write_viewer(struct json *j, const struct sim_outcomes *o, uint32_t viewer,
                           const struct viewer_traits *t)
{
    if (!o->with)
        return;
    json_key(j, STR("campaign"));
    json_object(j);
    json_kv_z(j, "response", campaign_response_name((enum sim_response)t->response));
    json_kv_bool(j, "led", t->led);
    json_kv_bool(j, "began_before", o->before[viewer]);
    json_kv_bool(j, "begins_without", o->without[viewer]);
    json_kv_bool(j, "begins_with", o->with[viewer]);
    json_object_end(j);
}

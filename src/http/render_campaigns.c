/* render_campaigns.c - campaigns, plans and what came of them, as JSON. */
#include "http/render_campaigns.h"

#include <math.h>

#include "http/render.h"
#include "wire/campaign_json_write.h"

/* ---------------------------------------------------------------- plans */

static void write_share(struct json *j, const char *key, const struct plan_share *s)
{
    json_key(j, str_of(key));
    json_object(j);
    json_kv_z(j, "name", s->name);
    json_kv_double(j, "share", s->share, 6);
    json_kv_double(j, "everybody", s->everybody, 6);
    json_object_end(j);
}

static void write_planned(struct json *j, const struct plan_segment *s)
{
    json_object(j);
    json_kv_str(j, "audience", s->is.audience);
    json_kv_z(j, "words", s->words);
    json_kv_z(j, "verdict", s->verdict);
    json_kv_z(j, "why", s->why);
    json_kv_double(j, "uplift", s->uplift, 6);
    json_kv_double(j, "uplift_low", s->low, 6);
    json_kv_double(j, "uplift_high", s->high, 6);
    json_kv_double(j, "anyway", s->anyway, 6);
    json_kv_double(j, "viewers", s->viewers, 6);
    json_kv_double(j, "new_viewers", s->fresh, 6);
    json_kv_double(j, "more_viewers", s->more, 6);
    json_kv_double(j, "watched_already", s->watched, 6);
    json_kv_double(j, "reach", s->reach, 6);
    json_kv_double(j, "in_view_already", s->in_view, 6);
    campaign_lead_write(j, &s->is);
    json_kv_z(j, "lead_text", s->said);
    json_kv_double(j, "lead_odds_ratio", s->lead_odds, 6);
    json_kv_double(j, "lead_odds_ratio_low", s->lead_low, 6);
    json_kv_double(j, "lead_odds_ratio_high", s->lead_high, 6);
    write_share(j, "hour", &s->hour);
    write_share(j, "device", &s->device);
    json_object_end(j);
}

static bool is_left_out(const struct plan_segment *s)
{
    return strcmp(s->verdict, "target") != 0 && strcmp(s->verdict, "unknown") != 0;
}

static void write_not_target(struct json *j, const struct campaign_plan *p)
{
    json_key(j, STR("not_target"));
    json_array(j);
    for (size_t i = 0; i < p->n; i++) {
        const struct plan_segment *s = &p->segment[i];
        if (!is_left_out(s))
            continue;
        json_object(j);
        json_kv_str(j, "audience", s->is.audience);
        json_kv_z(j, "words", s->words);
        json_kv_z(j, "verdict", s->verdict);
        json_kv_z(j, "why", s->why);
        json_kv_double(j, "viewers", s->viewers, 6);
        json_object_end(j);
    }
    json_object(j);
    json_kv_null(j, "audience");
    json_kv_z(j, "words", "watched it already");
    json_kv_z(j, "verdict", "never");
    json_kv_z(j, "why", "they are left out of every segment");
    json_kv_double(j, "viewers", p->watched, 6);
    json_object_end(j);
    json_object(j);
    json_kv_null(j, "audience");
    json_kv_z(j, "words", "children, and who is not profiled");
    json_kv_z(j, "verdict", "never");
    json_kv_z(j, "why", "they are in no audience and led to nothing");
    json_kv_null(j, "viewers");
    json_object_end(j);
    json_array_end(j);
}

void render_campaign_plan(struct json *j, const struct campaign_plan *p)
{
    json_object(j);
    json_kv_str(j, "title", p->is.title);
    json_kv_z(j, "name", p->title_name);
    json_kv_z(j, "words", p->words);
    json_kv_u64(j, "days", p->is.days);
    json_kv_u64(j, "floor", p->floor);
    json_kv_double(j, "viewers", p->scope, 6);
    json_key(j, STR("basis"));
    json_object(j);
    json_kv_u64(j, "titles_like_it", p->kindred);
    json_kv_double(j, "observations", p->pairs, 6);
    json_kv_double(j, "began_when_seen", p->exposed, 6);
    json_kv_double(j, "began_unseen", p->unexposed, 6);
    json_object_end(j);
    json_key(j, STR("segments"));
    json_array(j);
    for (size_t i = 0; i < p->n; i++)
        write_planned(j, &p->segment[i]);
    json_array_end(j);
    write_not_target(j, p);
    json_key(j, STR("campaign"));
    if (p->is.n > 0)
        campaign_json_write(j, &p->is);
    else
        json_null(j);
    json_kv_u64(j, "log_position", p->log_seq);
    json_object_end(j);
}

/* ---------------------------------------------------------------- what there is */

static void write_head(struct json *j, const struct campaign *c)
{
    json_kv_str(j, "name", c->is.name);
    json_kv_z(j, "state", c->stopped_ms ? "stopped" : "running");
    json_kv_str(j, "title", c->is.title);
    json_kv_double(j, "holdout", c->is.holdout, 9);
    json_kv_u64(j, "floor", c->is.floor);
    json_kv_i64(j, "launched_ms", c->launched_ms);
    if (c->stopped_ms)
        json_kv_i64(j, "stopped_ms", c->stopped_ms);
    else
        json_kv_null(j, "stopped_ms");
}

static void write_segment_head(struct json *j, const struct campaign *c, size_t i)
{
    const struct campaign_segment *s = &c->is.segments[i];
    json_kv_str(j, "audience", s->audience);
    campaign_lead_write(j, s);
    json_kv_str(j, "lead_text", c->said[i]);
    json_kv_z(j, "hour", s->hour == DAYPART_NONE ? "any" : daypart_name(s->hour));
    json_kv_z(j, "device", s->device == DEVICE_NONE ? "any" : device_name(s->device));
}

void render_campaign(struct json *j, const struct campaign *c)
{
    json_object(j);
    write_head(j, c);
    json_key(j, STR("segments"));
    json_array(j);
    for (size_t i = 0; i < c->is.n; i++) {
        json_object(j);
        write_segment_head(j, c, i);
        json_object_end(j);
    }
    json_array_end(j);
    json_object_end(j);
}

/* ---------------------------------------------------------------- what came of it */

static void write_effect(struct json *j, const char *key, const struct effect *f, bool told)
{
    if (told)
        render_effect_of(j, key, f, "held_out", "led_to");
    else
        json_kv_null(j, key);
}

static void write_comparison(struct json *j, const struct campaign_comparison *x, bool believed)
{
    static const char *const names[CAMPAIGN_ARMS] = {"held out", "led to"};
    json_kv_bool(j, "withheld", x->withheld);
    json_key(j, STR("arms"));
    json_array(j);
    for (int i = 0; i < CAMPAIGN_ARMS; i++) {
        const struct campaign_arm_figures *a = &x->arm[i];
        json_object(j);
        json_kv_z(j, "arm", names[i]);
        json_kv_double(j, "viewers", x->withheld ? NAN : a->viewers, 6);
        json_kv_double(j, "seen", x->withheld ? NAN : a->seen, 6);
        json_kv_double(j, "shown", x->withheld ? NAN : a->shown, 6);
        json_kv_double(j, "watched", x->withheld ? NAN : a->watched, 6);
        json_kv_double(j, "valued", x->withheld ? NAN : a->valued, 6);
        json_object_end(j);
    }
    json_array_end(j);
    write_effect(j, "watched", &x->watched, believed && !x->withheld);
    write_effect(j, "valued", &x->valued, believed && !x->withheld);
}

static void write_area(struct json *j, const char *key, const struct qini *q)
{
    json_key(j, str_of(key));
    json_object(j);
    json_kv_double(j, "area", q->area, 6);
    json_kv_double(j, "low", q->low, 6);
    json_kv_double(j, "high", q->high, 6);
    json_object_end(j);
}

/* The curve: extra beginnings per assigned viewer when the first share of the order is led to. */
static void write_order(struct json *j, const struct campaign_order *o)
{
    const struct qini *q = &o->qini;
    json_object(j);
    json_kv_z(j, "order", o->expected ? "expected uplift" : "as given");
    json_kv_double(j, "area", q->area, 6);
    json_kv_double(j, "low", q->low, 6);
    json_kv_double(j, "high", q->high, 6);
    json_key(j, STR("curve"));
    json_array(j);
    for (size_t i = 0; i < q->n; i++) {
        json_object(j);
        json_kv_double(j, "share", q->point[i].share, 6);
        json_kv_double(j, "gain", q->point[i].gain, 6);
        json_kv_double(j, "low", q->point[i].low, 6);
        json_kv_double(j, "high", q->point[i].high, 6);
        json_kv_double(j, "random", q->point[i].share * q->point[q->n - 1].gain, 6);
        json_object_end(j);
    }
    json_array_end(j);
    if (o->affinity_told)
        write_area(j, "by_affinity", &o->affinity);
    else
        json_kv_null(j, "by_affinity");
    json_object_end(j);
}

void render_campaign_reading(struct json *j, const struct campaign_reading *r)
{
    bool believed = strcmp(r->verdict, "broken") != 0;
    json_object(j);
    write_head(j, &r->campaign);
    json_kv_i64(j, "until_ms", r->until_ms);
    json_kv_z(j, "verdict", r->verdict);
    json_kv_z(j, "words", r->words);
    json_kv_double(j, "sample_ratio_p", r->sample_ratio_p, 4);
    json_kv_bool(j, "broken", !believed);
    write_comparison(j, &r->all, believed);
    write_effect(j, "other_titles_valued", &r->other, believed && !r->all.withheld);
    json_key(j, STR("qini"));
    if (believed && r->order.told)
        write_order(j, &r->order);
    else
        json_null(j);
    json_key(j, STR("segments"));
    json_array(j);
    for (size_t i = 0; i < r->campaign.is.n; i++) {
        json_object(j);
        write_segment_head(j, &r->campaign, i);
        write_comparison(j, &r->segment[i], believed);
        json_object_end(j);
    }
    json_array_end(j);
    json_object_end(j);
}

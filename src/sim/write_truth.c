/* write_truth.c - truth.json and truth-viewers.ndjson: what an evaluator needs to know true relevance. */
#include <math.h>
#include <stdlib.h>

#include "base/json_writer.h"
#include "sim/affinities.h"
#include "sim/bursts.h"
#include "sim/moods.h"
#include "sim/opportunity.h"
#include "sim/sim_inside.h"

enum { DIGITS = 6, EVERY = 1024 };

static void vector(struct json *j, const char *key, const float *v, int n)
{
    json_key(j, str_of(key));
    json_array(j);
    for (int i = 0; i < n; i++)
        json_double(j, (double)v[i], DIGITS);
    json_array_end(j);
}

static void write_settings(struct json *j, const struct sim_world *w)
{
    const struct sim_settings *s = &w->settings;
    json_key(j, STR("settings"));
    json_object(j);
    json_kv_u64(j, "viewers", s->viewers);
    json_kv_u64(j, "titles", s->titles);
    json_kv_u64(j, "days", s->days);
    json_kv_u64(j, "seed", s->seed);
    json_kv_time(j, "start", w->start_ms);
    json_kv_time(j, "end", w->end_ms);
    json_kv_double(j, "sessions_per_week", s->sessions_per_week, DIGITS);
    if (s->choices != sim_defaults().choices || s->sampling > 0) { /* else the file is as it was */
        json_kv_double(j, "choices", s->choices, DIGITS);
        json_kv_double(j, "sampling", s->sampling, DIGITS);
    }
    json_kv_u64(j, "heartbeat_s", s->heartbeat_s);
    json_kv_double(j, "taste", w->taste, DIGITS);
    json_kv_double(j, "context", w->context, DIGITS);
    json_kv_double(j, "mood", w->mood, DIGITS);
    json_kv_double(j, "bursts", w->bursts, DIGITS);
    json_kv_double(j, "lure", w->lure, DIGITS);
    json_kv_double(j, "leave", w->leave, DIGITS);
    if (w->affinity > 0) /* else the file is as it always was */
        json_kv_double(j, "affinity", w->affinity, DIGITS);
    if (w->opportunity > 0) {
        json_kv_double(j, "opportunity", w->opportunity, DIGITS);
        json_kv_bool(j, "confounded", s->confounded);
    }
    if (w->later > 0)
        json_kv_u64(j, "later", w->later);
    if (w->campaign > 0)
        json_kv_double(j, "campaign", w->campaign, DIGITS);
    json_kv_bool(j, "null", s->null_world);
    json_object_end(j);
}

static void write_preference(struct json *j)
{
    json_key(j, STR("preference"));
    json_object(j);
    json_kv_z(
        j, "formula",
        "preference(v, t) = taste * (taste_weight * dot(v.factors, t.factors) + follow_weight * "
        "min(2, people of t in v.follows + [t in v.favours])) + quality_weight * t.quality; "
        "liking = 1 / (1 + exp(-preference))");
    json_kv_double(j, "taste_weight", SIM_TASTE_WEIGHT, DIGITS);
    json_kv_double(j, "follow_weight", SIM_FOLLOW_WEIGHT, DIGITS);
    json_kv_double(j, "quality_weight", SIM_QUALITY_WEIGHT, DIGITS);
    json_object_end(j);
}

static void write_moment(struct json *j)
{
    json_key(j, STR("moment"));
    json_object(j);
    json_kv_z(
        j, "formula",
        "fit(t, device, daypart, weekend) = context * (0.7 - 1.5 * abs(ln(runtime_min / length)) + "
        "1.2 * mean over the title's genres of genre[daypart]); added to preference when choosing, "
        "half of it when watching");
    json_key(j, STR("length_min"));
    json_array(j);
    for (int d = DAYPART_MORNING; d < DAYPARTS; d++) {
        for (int device = DEVICE_TV; device < DEVICE_OTHER; device++) {
            json_object(j);
            json_kv_z(j, "daypart", daypart_name((enum daypart)d));
            json_kv_z(j, "device", device_name((enum device)device));
            json_kv_double(j, "weekday", moment_length((enum device)device, (enum daypart)d, false),
                           4);
            json_kv_double(j, "weekend", moment_length((enum device)device, (enum daypart)d, true),
                           4);
            json_object_end(j);
        }
    }
    json_array_end(j);
    json_key(j, STR("genre"));
    json_object(j);
    for (int d = DAYPART_MORNING; d < DAYPARTS; d++) {
        json_key(j, str_of(daypart_name((enum daypart)d)));
        json_object(j);
        for (unsigned g = 0; g < FILM_GENRES_MAX; g++)
            json_kv_double(j, film_genre_name(g), moment_genre((enum daypart)d, g), 3);
        json_object_end(j);
    }
    json_object_end(j);
    json_object_end(j);
}

static void write_moods(struct json *j, const struct sim_world *w)
{
    json_key(j, STR("moods"));
    json_array(j);
    for (unsigned m = 0; w->mood > 0 && mood_name(m); m++) {
        json_object(j);
        json_kv_z(j, "name", mood_name(m));
        json_kv_z(j, "genres", mood_genres(m));
        json_kv_double(j, "minutes", mood_minutes(m), 4);
        for (int d = DAYPART_MORNING; d < DAYPARTS; d++)
            json_kv_double(j, daypart_name((enum daypart)d), mood_by_hour((enum daypart)d, m), 4);
        json_object_end(j);
    }
    json_array_end(j);
}

static void write_bursts(struct json *j, const struct sim_world *w)
{
    json_key(j, STR("bursts"));
    json_array(j);
    for (uint32_t i = 0; i < w->n_bursts; i++) {
        const struct sim_burst *b = &w->burst[i];
        if (b->until_ms <= b->from_ms)
            continue;
        json_object(j);
        json_kv_str(j, "title", w->titles[b->title].record.id);
        json_kv_z(j, "country", b->country);
        json_kv_time(j, "from", b->from_ms);
        json_kv_time(j, "until", b->until_ms);
        json_object_end(j);
    }
    json_array_end(j);
}

static void write_communities(struct json *j, const struct sim_world *w)
{
    json_key(j, STR("communities"));
    json_array(j);
    for (int c = 0; c < SIM_COMMUNITIES; c++) {
        json_object(j);
        json_kv_z(j, "name", w->communities[c].name);
        json_key(j, STR("features"));
        json_array(j);
        struct str rest = str_of(w->communities[c].features);
        while (rest.p)
            json_str(j, str_cut(&rest, '|'));
        json_array_end(j);
        vector(j, "factors", w->communities[c].x, SIM_RANK);
        json_object_end(j);
    }
    json_array_end(j);
}

static void person(struct json *j, const struct sim_world *w, const char *key, uint32_t id)
{
    if (id == ID_NONE || id >= w->n_people)
        json_kv_null(j, key);
    else
        json_kv_str(j, key, w->person_keys[id]);
}

static void write_planted(struct json *j, const struct sim_world *w)
{
    json_key(j, STR("planted"));
    json_array(j);
    for (int i = 0; i < SIM_PLANTED && w->taste > 0; i++) {
        const struct sim_planted *p = &w->planted[i];
        json_object(j);
        json_kv_z(j, "habit", p->name);
        json_kv_z(j, "says",
                  "members follow both people and favour the title, each with chance 0.9");
        json_kv_z(j, "community", w->communities[p->community].name);
        json_kv_z(j, "name_a", p->person_a);
        person(j, w, "person_a", p->a);
        json_kv_z(j, "name_b", p->person_b);
        person(j, w, "person_b", p->b);
        json_kv_z(j, "title_name", p->title);
        if (p->t == ID_NONE)
            json_kv_null(j, "title");
        else
            json_kv_str(j, "title", w->titles[p->t].record.id);
        json_object_end(j);
    }
    json_array_end(j);
}

static void title_list(struct json *j, const struct sim_world *w, const char *key,
                       const uint32_t *titles, uint32_t n)
{
    json_key(j, str_of(key));
    json_array(j);
    for (uint32_t i = 0; i < n; i++)
        json_str(j, w->titles[titles[i]].record.id);
    json_array_end(j);
}

static void write_affinities(struct json *j, const struct sim_world *w)
{
    if (w->affinity <= 0)
        return;
    json_key(j, STR("affinities"));
    json_array(j);
    for (unsigned i = 0; i < w->n_affinities; i++) {
        const struct sim_affinity *a = &w->affinities[i];
        json_object(j);
        json_kv_z(j, "says",
                  "members, drawn by chance, prefer each title of both sides by affinity * weight "
                  "more; added to preference(v, t)");
        json_kv_double(j, "weight", SIM_AFFINITY_WEIGHT, DIGITS);
        json_kv_double(j, "members", SIM_AFFINITY_MEMBERS, DIGITS);
        person(j, w, "person_a", a->a);
        json_kv_str(j, "name_a", intern_name(w->people, a->a));
        person(j, w, "person_b", a->b);
        if (a->b == ID_NONE)
            json_kv_str(j, "theme", a->theme);
        else
            json_kv_str(j, "name_b", intern_name(w->people, a->b));
        title_list(j, w, "titles_a", a->titles, a->n_first);
        title_list(j, w, "titles_b", a->titles + a->n_first, a->n - a->n_first);
        json_object_end(j);
    }
    json_array_end(j);
}

static void write_opportunity(struct json *j, const struct sim_world *w)
{
    const struct sim_opportunity *o = &w->planted_opportunity;
    if (!w->has_opportunity)
        return;
    json_key(j, STR("opportunity"));
    json_object(j);
    json_kv_z(
        j, "says",
        "no title has two of the three; members, drawn by chance, prefer each title of a side "
        "by opportunity * weight more; added to preference(v, t)");
    json_kv_double(j, "weight", SIM_AFFINITY_WEIGHT, DIGITS);
    json_kv_double(j, "members", SIM_OPPORTUNITY_MEMBERS, DIGITS);
    person(j, w, "maker", o->maker);
    json_kv_str(j, "maker_name", intern_name(w->people, o->maker));
    person(j, w, "actor", o->actor);
    json_kv_str(j, "actor_name", intern_name(w->people, o->actor));
    json_kv_str(j, "theme", o->theme);
    title_list(j, w, "maker_titles", o->titles, o->end[0]);
    title_list(j, w, "actor_titles", o->titles + o->end[0], o->end[1] - o->end[0]);
    title_list(j, w, "theme_titles", o->titles + o->end[1], o->end[2] - o->end[1]);
    json_object_end(j);
}

/* How many would like each launch, whether or not they come across it: the sum of all viewers' liking. */
static int write_launches(struct json *j, const struct sim *s, struct mq_error *err)
{
    const struct sim_world *w = sim_world_of(s);
    double *liking = calloc((size_t)w->n_launches + 1, sizeof(*liking));
    if (!liking)
        return mq_fail(err, MQ_NO_MEMORY, "launches: no memory");
    for (uint32_t v = 0; v < w->settings.viewers; v++) {
        for (uint32_t i = 0; i < w->n_launches; i++)
            liking[i] += 1 / (1 + exp(-viewer_preference(w, sim_traits(s, v), w->launches[i])));
    }
    json_key(j, STR("launches"));
    json_array(j);
    for (uint32_t i = 0; i < w->n_launches; i++) {
        const struct sim_title *t = &w->titles[w->launches[i]];
        json_object(j);
        json_kv_str(j, "title", t->record.id);
        json_kv_time(j, "launch", t->launch_day * SIM_DAY_MS);
        json_kv_double(j, "would_like", liking[i], DIGITS);
        json_object_end(j);
    }
    json_array_end(j);
    free(liking);
    return 0;
}

static void write_title(struct json *j, const struct sim_title *t)
{
    json_object(j);
    json_kv_str(j, "title", t->record.id);
    json_kv_bool(j, "real", t->real);
    json_kv_double(j, "quality", (double)t->quality, DIGITS);
    json_kv_double(j, "lure", (double)t->lure, DIGITS);
    json_kv_double(j, "popularity", t->popularity, DIGITS);
    if (t->launch_day != SIM_ALWAYS)
        json_kv_time(j, "launch", t->launch_day * SIM_DAY_MS);
    vector(j, "factors", t->x, SIM_RANK);
    json_object_end(j);
}

int write_truth(const struct sim *s, const struct sim_outcomes *o, const char *dir,
                struct mq_error *err)
{
    const struct sim_world *w = sim_world_of(s);
    struct world_file f;
    int rc = world_file_open(&f, dir, "truth.json", err);
    if (rc)
        return rc;
    struct json j;
    json_init(&j, &f.out);
    json_object(&j);
    write_settings(&j, w);
    write_preference(&j);
    write_moment(&j);
    write_moods(&j, w);
    write_bursts(&j, w);
    write_communities(&j, w);
    write_planted(&j, w);
    write_affinities(&j, w);
    write_opportunity(&j, w);
    rc = write_launches(&j, s, err);
    outcomes_write_later(&j, w, o);
    outcomes_write_campaign(&j, s, o);
    json_key(&j, STR("titles"));
    json_array(&j);
    for (uint32_t i = 0; i < w->n_titles && rc == 0; i++) {
        write_title(&j, &w->titles[i]);
        rc = world_file_flush(&f, false, err);
    }
    json_array_end(&j);
    json_object_end(&j);
    buf_add_char(&f.out, '\n');
    int closed = world_file_close(&f, rc == 0, err);
    return rc ? rc : closed;
}

static void write_lists(struct json *j, const struct sim_world *w, const struct viewer_traits *t)
{
    json_key(j, STR("devices"));
    json_array(j);
    for (int d = DEVICE_TV; d < DEVICES; d++) {
        if (t->devices >> d & 1)
            json_str(j, str_of(device_name((enum device)d)));
    }
    json_array_end(j);
    json_key(j, STR("follows"));
    json_array(j);
    for (unsigned i = 0; i < t->n_follows && w->taste > 0; i++)
        json_str(j, w->person_keys[t->follows[i]]);
    json_array_end(j);
    json_key(j, STR("habits"));
    json_array(j);
    for (int i = 0; i < SIM_PLANTED && w->taste > 0; i++) {
        if (t->habits >> i & 1)
            json_str(j, str_of(w->planted[i].name));
    }
    json_array_end(j);
    json_key(j, STR("favours"));
    json_array(j);
    for (int i = 0; i < SIM_PLANTED && w->taste > 0; i++) {
        if ((t->favours >> i & 1) && w->planted[i].t != ID_NONE)
            json_str(j, w->titles[w->planted[i].t].record.id);
    }
    json_array_end(j);
    if (w->has_opportunity)
        json_kv_bool(j, "opportunity", t->opportunity);
    if (w->affinity <= 0)
        return;
    json_key(j, STR("affinities")); /* by their place in truth.json, from 0 */
    json_array(j);
    for (unsigned i = 0; i < w->n_affinities; i++) {
        if (t->affinities >> i & 1)
            json_u64(j, i);
    }
    json_array_end(j);
}

static void write_viewer(struct json *j, const struct sim_world *w, uint32_t number,
                         const struct viewer_traits *t, const struct sim_outcomes *o)
{
    char id[16];
    struct buf b;
    buf_over(&b, id, sizeof(id));
    buf_printf(&b, "v-%u", number + 1);
    const struct sim_place *place = place_at(t->place);
    json_object(j);
    json_kv_str(j, "viewer", buf_str(&b));
    json_kv_z(j, "country", place->country);
    json_kv_z(j, "timezone", place->timezone);
    json_kv_z(j, "region", place->region);
    json_kv_bool(j, "kid", t->kid);
    json_kv_time(j, "joins", t->joins_ms);
    json_kv_double(j, "sessions_per_week", (double)t->sessions_per_week, DIGITS);
    json_kv_double(j, "star_share", (double)t->star_share, DIGITS);
    json_kv_double(j, "star_bias", (double)t->star_bias, DIGITS);
    json_kv_double(j, "thumb_share", (double)t->thumb_share, DIGITS);
    vector(j, "weekday", t->daypart[0] + DAYPART_MORNING, DAYPARTS - 1);
    vector(j, "weekend", t->daypart[1] + DAYPART_MORNING, DAYPARTS - 1);
    write_lists(j, w, t);
    outcomes_write_viewer(j, o, number, t);
    vector(j, "communities", t->theta, SIM_COMMUNITIES);
    vector(j, "factors", t->u, SIM_RANK);
    json_object_end(j);
}

int write_viewers(const struct sim *s, const struct sim_outcomes *o, const char *dir,
                  sim_progress *progress, void *ctx, struct mq_error *err)
{
    const struct sim_world *w = sim_world_of(s);
    struct world_file f;
    int rc = world_file_open(&f, dir, "truth-viewers.ndjson", err);
    if (rc)
        return rc;
    uint32_t n = w->settings.viewers;
    for (uint32_t i = 0; i < n && rc == 0; i++) {
        struct json j;
        json_init(&j, &f.out);
        write_viewer(&j, w, i, sim_traits(s, i), o);
        buf_add_char(&f.out, '\n');
        rc = world_file_flush(&f, false, err);
        if (rc == 0 && progress && i % EVERY == 0 && !progress(ctx, "truth-viewers.ndjson", i, n))
            rc = mq_fail(err, MQ_CANCELLED, "simulation: stopped");
    }
    int closed = world_file_close(&f, rc == 0, err);
    return rc ? rc : closed;
}

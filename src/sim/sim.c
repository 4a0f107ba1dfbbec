/* sim.c - many viewers, one order of time.
 *
 * A heap holds one entry per viewer: when their next session begins or, while one is under way, when its next
 * event is due. A session is made whole when its beginning is reached, so only the events of sessions under
 * way are in memory, and nothing has to be sorted afterwards. Equal times come in the order of viewers. */
#include "sim/sim.h"

#include <math.h>
#include <stdlib.h>

#include "base/hash.h"
#include "catalogue/catalogue.h"
#include "sim/sim_inside.h"
#include "sim/staying.h"
#include "sim/visit.h"

struct due {
    int64_t at_ms;
    uint32_t viewer;
};

enum { ID_TEXT = 32, QUERY_TEXT = 96 };

struct sim {
    struct sim_world *world;
    struct viewer_traits *traits;
    struct viewer_state *states;
    struct due *heap;
    uint32_t n_heap;
    struct sim_log *free_logs;
    struct home_day day;
    struct home_other other;
    unsigned place; /* of the last event's viewer */
    /* Text and items of the last event. */
    char id[ID_TEXT], viewer[ID_TEXT], session[ID_TEXT], recommendation[ID_TEXT], query[QUERY_TEXT];
    struct event_item items[HOME_SHOWN_MAX];
};

static bool before(struct due a, struct due b)
{
    return a.at_ms != b.at_ms ? a.at_ms < b.at_ms : a.viewer < b.viewer;
}

static void sift_down(struct sim *s, uint32_t at)
{
    struct due moving = s->heap[at];
    for (;;) {
        uint32_t child = 2 * at + 1;
        if (child >= s->n_heap)
            break;
        if (child + 1 < s->n_heap && before(s->heap[child + 1], s->heap[child]))
            child++;
        if (!before(s->heap[child], moving))
            break;
        s->heap[at] = s->heap[child];
        at = child;
    }
    s->heap[at] = moving;
}

static void settle_in(struct sim *s, uint32_t viewer)
{
    const struct sim_world *w = s->world;
    struct viewer_state *state = &s->states[viewer];
    viewer_draw(w, viewer, &s->traits[viewer]);
    rng_seed_stream(&state->rng, hash_mix(w->settings.seed, STREAM_LIFE), viewer);
    state->day = day_of(w->start_ms) - 1;
    state->free_ms = w->start_ms - SIM_DAY_MS;
    state->pleased = PLEASED_AT_FIRST;
    if (s->traits[viewer].joins_ms < w->start_ms)
        s->traits[viewer].joins_ms = w->start_ms;
    int64_t at = viewer_next_session(w, &s->traits[viewer], state);
    if (at < w->end_ms)
        s->heap[s->n_heap++] = (struct due){at, viewer};
}

int sim_new(const struct sim_settings *settings, struct sim **ret, struct mq_error *err)
{
    struct sim *s = calloc(1, sizeof(*s));
    if (!s)
        return mq_fail(err, MQ_NO_MEMORY, "simulation: no memory");
    int rc = world_new(settings, &s->world, err);
    if (rc == 0) {
        uint32_t n = settings->viewers;
        s->traits = calloc(n, sizeof(*s->traits));
        s->states = calloc(n, sizeof(*s->states));
        s->heap = calloc(n, sizeof(*s->heap));
        if (!s->traits || !s->states || !s->heap)
            rc = mq_fail(err, MQ_NO_MEMORY, "viewers: %u: no memory: ask for fewer", n);
    }
    if (rc) {
        sim_free(s);
        return rc;
    }
    for (uint32_t v = 0; v < settings->viewers; v++)
        settle_in(s, v);
    for (uint32_t i = s->n_heap / 2; i-- > 0;)
        sift_down(s, i);
    s->day.day = INT32_MIN;
    *ret = s;
    return 0;
}

void sim_free(struct sim *s)
{
    if (!s)
        return;
    for (uint32_t v = 0; s->states && v < s->world->settings.viewers; v++) {
        log_free(s->states[v].log);
        free(s->states[v].seen);
    }
    while (s->free_logs) {
        struct sim_log *next = s->free_logs->next;
        log_free(s->free_logs);
        s->free_logs = next;
    }
    world_free(s->world);
    free(s->traits);
    free(s->states);
    free(s->heap);
    free(s);
}

static void give_back(struct sim *s, struct sim_log *log)
{
    log->next = s->free_logs;
    s->free_logs = log;
}

/* The session that begins now, never empty; what would happen after the world's end has not happened. */
static int begin_session(struct sim *s, struct due now, struct sim_log **ret, struct mq_error *err)
{
    struct sim_log *log = s->free_logs;
    if (log)
        s->free_logs = log->next;
    else
        log = calloc(1, sizeof(*log));
    if (!log)
        return mq_fail(err, MQ_NO_MEMORY, "simulation: no memory for a session");
    log_reset(log);
    int32_t day = day_of(now.at_ms);
    if (day != s->day.day)
        home_day_set(s->world, day, &s->day);
    struct visit visit = {.world = s->world,
                          .day = &s->day,
                          .other = s->other,
                          .viewer = now.viewer,
                          .traits = &s->traits[now.viewer],
                          .state = &s->states[now.viewer],
                          .log = log};
    visit_run(&visit, now.at_ms);
    if (log->failed) {
        give_back(s, log);
        return mq_fail(err, MQ_NO_MEMORY, "simulation: no memory for a session's events");
    }
    while (log->moments[log->n - 1].at_ms >= s->world->end_ms)
        log->n--; /* ends at the first event, which lies before the end */
    *ret = log;
    return 0;
}

/* After an event of the viewer on top: the next event, the next session, or nothing more. */
static void move_on(struct sim *s)
{
    uint32_t viewer = s->heap[0].viewer;
    struct viewer_state *state = &s->states[viewer];
    struct sim_log *log = state->log;
    int64_t at;
    if (log->at < log->n) {
        at = log->moments[log->at].at_ms;
    } else {
        give_back(s, log);
        state->log = NULL;
        at = viewer_next_session(s->world, &s->traits[viewer], state);
    }
    if (at < s->world->end_ms)
        s->heap[0].at_ms = at;
    else
        s->heap[0] = s->heap[--s->n_heap];
    if (s->n_heap > 0)
        sift_down(s, 0);
}

/* "s-17-3"; with part 0, "v-17". */
static struct str id_text(char text[ID_TEXT], char kind, uint32_t number, uint32_t part)
{
    char reverse[ID_TEXT];
    size_t n = 0, at = 0;
    if (part > 0) {
        for (; part > 0; part /= 10)
            reverse[n++] = (char)('0' + part % 10);
        reverse[n++] = '-';
    }
    for (; number > 0; number /= 10)
        reverse[n++] = (char)('0' + number % 10);
    text[at++] = kind;
    text[at++] = '-';
    while (n > 0)
        text[at++] = reverse[--n];
    return (struct str){text, at};
}

/* What one would type for a title: its first one or two words without an article. */
static struct str query_text(struct sim *s, struct str name)
{
    size_t n = name_normalise(name, s->query, sizeof(s->query)), words = 0, at = 0;
    for (; at < n; at++) {
        if (s->query[at] == ' ' && ++words == 2)
            break;
    }
    struct str query = {s->query, at};
    return query.n > 0 && str_is_utf8(query) ? query : name;
}

/* The planted opportunity's actor and theme. */
static struct str query_in_vain(struct sim *s)
{
    const struct sim_opportunity *o = &s->world->planted_opportunity;
    struct buf b;
    buf_over(&b, s->query, sizeof(s->query));
    buf_printf(&b, "%.*s %.*s", STR_ARG(intern_name(s->world->people, o->actor)),
               STR_ARG(o->theme));
    return buf_str(&b);
}

static void items_out(struct sim *s, const struct sim_log *log, const struct sim_moment *m,
                      struct event *e)
{
    for (uint32_t i = 0; i < m->n_items; i++) {
        const struct sim_item *item = &log->items[m->first_item + i];
        s->items[i] = (struct event_item){.title = s->world->titles[item->title].record.id,
                                          .title_id = {item->title},
                                          .row = item->row,
                                          .column = item->column,
                                          .propensity = item->propensity};
    }
    e->items = s->items;
    e->n_items = m->n_items;
}

static void event_out(struct sim *s, uint32_t viewer, const struct sim_log *log,
                      const struct sim_moment *m, struct event *e)
{
    const struct sim_place *place = place_at(s->traits[viewer].place);
    struct viewer_state *state = &s->states[viewer];
    event_init(e);
    e->source = STR("native");
    e->id = id_text(s->id, 'e', viewer + 1, ++state->events);
    e->viewer = id_text(s->viewer, 'v', viewer + 1, 0);
    e->viewer_id.v = viewer;
    e->kind = (enum event_kind)m->kind;
    e->at_ms = m->at_ms;
    e->autoplay = m->autoplay;
    e->value = m->value;
    if (m->session > 0)
        e->session = id_text(s->session, 's', viewer + 1, m->session);
    if (m->recommendation > 0)
        e->recommendation = id_text(s->recommendation, 'r', viewer + 1, m->recommendation);
    if (m->position_ms != UINT32_MAX)
        e->position_ms = m->position_ms;
    if (m->from_ms != UINT32_MAX)
        e->from_ms = m->from_ms;
    if (m->kind == EVENT_SEARCH && m->title == ID_NONE) {
        e->query = query_in_vain(s);
        e->results = m->results;
    } else if (m->kind == EVENT_SEARCH) {
        e->query = query_text(s, s->world->titles[m->title].record.name);
        e->chosen = s->world->titles[m->title].record.id;
        e->results = m->results;
    } else if (m->title != ID_NONE) {
        e->title = s->world->titles[m->title].record.id;
        e->title_id.v = m->title;
    }
    items_out(s, log, m, e);
    e->context.device = log->device;
    e->context.offset_min = log->offset_min;
    country_from(str_of(place->country), &e->context.country);
    e->context.region = str_of(place->region);
    s->place = s->traits[viewer].place;
}

int sim_next(struct sim *s, struct event *ret, struct mq_error *err)
{
    if (s->n_heap == 0)
        return 0;
    struct due now = s->heap[0];
    struct viewer_state *state = &s->states[now.viewer];
    if (!state->log) {
        int rc = begin_session(s, now, &state->log, err);
        if (rc)
            return rc;
    }
    struct sim_log *log = state->log;
    event_out(s, now.viewer, log, &log->moments[log->at++], ret);
    move_on(s);
    return 1;
}

struct str sim_timezone(const struct sim *s)
{
    return str_of(place_at(s->place)->timezone);
}

uint32_t sim_titles(const struct sim *s)
{
    return s->world->n_titles;
}

uint32_t sim_real_titles(const struct sim *s)
{
    return s->world->n_real;
}

uint32_t sim_people(const struct sim *s)
{
    return s->world->n_people;
}

const struct title *sim_title(const struct sim *s, uint32_t title)
{
    return title < s->world->n_titles ? &s->world->titles[title].record : NULL;
}

int64_t sim_start_ms(const struct sim *s)
{
    return s->world->start_ms;
}

double sim_preference(const struct sim *s, uint32_t viewer, uint32_t title)
{
    if (viewer >= s->world->settings.viewers || title >= s->world->n_titles)
        return NAN;
    return viewer_preference(s->world, &s->traits[viewer], title);
}

uint32_t sim_campaign_title(const struct sim *s, int64_t *ret_begins_ms)
{
    *ret_begins_ms = s->world->planted_campaign.begins_ms;
    return s->world->planted_campaign.title;
}

void sim_set_page(struct sim *s, sim_page *page, void *ctx)
{
    s->other = (struct home_other){page, ctx};
}

bool sim_is_there(const struct sim *s, uint32_t title, int64_t at_ms)
{
    return title < s->world->n_titles && home_is_there(s->world, title, day_of(at_ms));
}

uint32_t sim_staying(const struct sim *s, int64_t at_ms)
{
    uint32_t n = 0;
    for (uint32_t v = 0; v < s->world->settings.viewers; v++)
        n += s->traits[v].joins_ms <= at_ms && !s->states[v].gone;
    return n;
}

unsigned sim_mood(const struct sim *s, uint32_t viewer)
{
    return s->states[viewer].mood;
}

int64_t sim_mood_since(const struct sim *s, uint32_t viewer)
{
    return s->states[viewer].mood_ms;
}

const char *sim_mood_name(unsigned mood)
{
    return mood_name(mood);
}

const struct sim_world *sim_world_of(const struct sim *s)
{
    return s->world;
}

const struct viewer_traits *sim_traits(const struct sim *s, uint32_t viewer)
{
    return &s->traits[viewer];
}

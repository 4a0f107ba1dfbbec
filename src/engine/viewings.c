#include "engine/viewings.h"

#include <stdlib.h>

#include "base/hash.h"

enum { TABLE = VIEWINGS_SESSIONS_MAX * 2, ARENA_FIRST = 1 << 14 };
static const size_t arena_most = (size_t)64 << 20;

struct gathering {
    const struct catalogue *catalogue;
    struct arena arena; /* sessions' ids */
    struct watch_session *v;
    uint32_t n, cap;
    uint32_t *table; /* (TABLE) session + 1 by hash of title and id */
    struct attention_viewer attention;
    struct mq_error *err;
};

static int no_memory(struct mq_error *err)
{
    return mq_fail(err, MQ_NO_MEMORY, "viewings: no memory");
}

const char *sitting_name(enum sitting s)
{
    static const char *const names[] = {"first", "resume", "rewatch"};
    return names[s];
}

static int64_t runtime_ms(const struct gathering *g, struct title_id t)
{
    return t.v < g->catalogue->n_titles ? g->catalogue->titles[t.v].runtime_min * INT64_C(60000)
                                        : 0;
}

static int open_session(struct gathering *g, const struct event *e, struct watch_session **ret)
{
    if (g->n == VIEWINGS_SESSIONS_MAX)
        return mq_fail(g->err, MQ_TOO_LARGE, "viewings: more than %d sessions: ask as of earlier",
                       VIEWINGS_SESSIONS_MAX);
    if (g->n == g->cap) {
        uint32_t cap = g->cap ? g->cap * 2 : 16;
        struct watch_session *v = realloc(g->v, cap * sizeof(*v));
        if (!v)
            return no_memory(g->err);
        g->v = v;
        g->cap = cap;
    }
    struct watch_session *s = &g->v[g->n];
    *s = (struct watch_session){.session = arena_str(&g->arena, e->session),
                                .title = e->title_id,
                                .from_ms = e->at_ms,
                                .to_ms = e->at_ms,
                                .device = e->context.device,
                                .autoplay = -1};
    if (e->session.n > 0 && !s->session.p)
        return no_memory(g->err);
    viewing_init(&s->viewing, runtime_ms(g, e->title_id), session_start_plays(e->source), true);
    g->n++;
    *ret = s;
    return 0;
}

static int session_of(struct gathering *g, const struct event *e, struct watch_session **ret)
{
    uint64_t h = hash_mix(hash_str(e->session, 0), e->title_id.v);
    uint32_t at = (uint32_t)(h % TABLE);
    for (; g->table[at]; at = (at + 1) % TABLE) {
        struct watch_session *s = &g->v[g->table[at] - 1];
        if (s->title.v != e->title_id.v || !str_eq(s->session, e->session))
            continue;
        if (session_goes_on(&s->viewing.session, e)) {
            *ret = s;
            return 0;
        }
        break; /* a new sitting takes its place */
    }
    int rc = open_session(g, e, ret);
    if (rc == 0)
        g->table[at] = g->n;
    return rc;
}

/* The viewer had the title taken out of the history. */
static void remove_title(struct gathering *g, struct title_id title)
{
    for (uint32_t i = 0; i < g->n; i++) {
        if (g->v[i].title.v != title.v)
            continue;
        viewing_release(&g->v[i].viewing);
        g->v[i].title.v = ID_NONE;
    }
}

static int take(void *ctx, const struct event *e)
{
    struct gathering *g = ctx;
    struct watch_session *s = NULL;
    if (event_order_of(e) == ORDER_REMOVE_TITLE)
        remove_title(g, e->title_id);
    if (!event_kind_is_playback(e->kind) || e->title_id.v == ID_NONE) {
        attention_feed(&g->attention, NULL, e);
        return 0;
    }
    int rc = session_of(g, e, &s);
    if (rc)
        return rc;
    if (e->at_ms > s->to_ms)
        s->to_ms = e->at_ms;
    if (s->device == DEVICE_NONE)
        s->device = e->context.device;
    if (e->kind == EVENT_START && e->autoplay >= 0)
        s->autoplay = e->autoplay;
    enum attention a = attention_feed(&g->attention, &s->attention, e);
    int64_t before = s->viewing.played_ms;
    rc = viewing_feed(&s->viewing, e, g->err);
    s->attention_ms[a] += s->viewing.played_ms - before;
    return rc;
}

/* --- titles, once all events were taken */

static void describe(const struct gathering *g, const struct store *store, struct title_id id,
                     struct watched_title *t)
{
    const struct catalogue *c = g->catalogue;
    t->id = t->name = intern_name(store_names(store, NAME_TITLE), id.v);
    if (id.v >= c->n_titles || !c->titles[id.v].described)
        return;
    const struct title_row *row = &c->titles[id.v];
    t->name = row->name;
    t->series = row->series;
    t->season = row->season;
    t->episode = row->episode;
    if (row->next_episode.v != ID_NONE) {
        t->next_id = c->titles[row->next_episode.v].id;
        t->next_name = c->titles[row->next_episode.v].name;
    }
}

/* Of the sessions so far: nine tenths seen, or somebody's `complete`. */
static bool is_finished(const struct watch_session *s, int64_t content_ms, int64_t runtime)
{
    return viewing_ended(&s->viewing) == VIEWING_COMPLETE ||
           (runtime > 0 && content_ms * 10 >= runtime * 9);
}

static int sum_up(struct gathering *g, uint32_t first, struct watched_title *t,
                  struct mq_error *err)
{
    const struct viewing **parts = malloc((t->n + 1) * sizeof(const struct viewing *));
    struct intervals so_far = {0};
    size_t k = 0;
    int rc = parts ? 0 : no_memory(err);
    for (uint32_t i = first + 1; rc == 0 && i; i = g->v[i - 1].next) {
        struct watch_session *s = &g->v[i - 1];
        const struct intervals *w = &s->viewing.watched;
        s->how = k == 0 ? SITTING_FIRST : t->finished ? SITTING_REWATCH : SITTING_RESUME;
        for (uint32_t j = 0; rc == 0 && j < w->n; j++)
            rc = intervals_add(&so_far, w->v[j].from, w->v[j].to, err);
        t->finished = t->finished || is_finished(s, so_far.covered, t->runtime_ms);
        for (int a = 0; a < ATTENTIONS; a++)
            t->attention_ms[a] += s->attention_ms[a];
        parts[k++] = &s->viewing;
    }
    if (rc == 0)
        rc = viewings_combine(parts, k, t->runtime_ms, &t->sum, err);
    intervals_release(&so_far);
    free(parts);
    return rc;
}

/* Chains each title's sessions; ret_first (n) gets the titles' first ones. Returns how many titles. */
static uint32_t chain(struct gathering *g, uint32_t *ret_first)
{
    uint32_t titles = 0;
    memset(g->table, 0, TABLE * sizeof(*g->table)); /* now: title's last session + 1 */
    for (uint32_t i = 0; i < g->n; i++) {
        if (g->v[i].title.v == ID_NONE)
            continue;
        uint32_t at = (uint32_t)(hash_mix(g->v[i].title.v, 0) % TABLE);
        while (g->table[at] && g->v[g->table[at] - 1].title.v != g->v[i].title.v)
            at = (at + 1) % TABLE;
        if (g->table[at])
            g->v[g->table[at] - 1].next = i + 1;
        else
            ret_first[titles++] = i;
        g->table[at] = i + 1;
    }
    return titles;
}

static int hand_out(struct gathering *g, const struct store *store,
                    int (*visit)(void *ctx, const struct watched_title *t), void *ctx,
                    struct mq_error *err)
{
    uint32_t *first = malloc((g->n + (size_t)1) * sizeof(*first));
    if (!first)
        return no_memory(err);
    uint32_t titles = chain(g, first);
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < titles; i++) {
        struct title_id id = g->v[first[i]].title;
        struct watched_title t = {
            .runtime_ms = runtime_ms(g, id), .all = g->v, .first = first[i] + 1};
        for (uint32_t s = t.first; s; s = g->v[s - 1].next)
            t.n++;
        describe(g, store, id, &t);
        rc = sum_up(g, first[i], &t, err);
        if (rc == 0)
            rc = visit(ctx, &t);
        viewings_release(&t.sum);
    }
    free(first);
    return rc;
}

static int gather(struct gathering *g, struct mq_engine *e, struct viewer_id viewer,
                  const struct store_range *range, struct mq_error *err)
{
    g->table = calloc(TABLE, sizeof(*g->table));
    if (!g->table || arena_init(&g->arena, ARENA_FIRST, arena_most) != 0)
        return no_memory(err); /* release frees what there is */
    return store_scan_viewer(e->store, viewer, range, take, g, err);
}

static void release(struct gathering *g)
{
    for (uint32_t i = 0; i < g->n; i++)
        viewing_release(&g->v[i].viewing);
    free(g->v);
    free(g->table);
    arena_release(&g->arena);
}

int engine_viewings(struct mq_reader *r, struct str viewer, int64_t as_of_ms, uint64_t as_of_seq,
                    int (*visit)(void *ctx, const struct watched_title *t), void *ctx,
                    struct mq_error *err)
{
    struct mq_engine *e = r->engine;
    struct world w;
    struct catalogue *past = NULL;
    struct gathering g = {.err = err};
    struct viewer_id id;
    int rc = engine_find_viewer(e, viewer, &id, err);
    if (rc)
        return rc;
    reader_enter(r, &w);
    uint64_t seq = atomic_load(&e->applied_seq);
    if (as_of_seq > 0 && as_of_seq < seq)
        seq = as_of_seq;
    struct store_range range = {.max_seq = seq, .known_ms = as_of_ms};
    rc = as_of_seq ? catalogue_from_store(e->store, seq, &past, err) : 0;
    g.catalogue = past ? past : w.catalogue;
    if (rc == 0)
        rc = gather(&g, e, id, &range, err);
    if (rc == 0)
        rc = hand_out(&g, e->store, visit, ctx, err);
    if (g.table)
        release(&g);
    catalogue_free(past);
    mq_reader_rest(r);
    return rc;
}

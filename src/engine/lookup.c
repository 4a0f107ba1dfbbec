#include "engine/lookup.h"

#include "engine/reader.h"

int engine_scan_settings(struct mq_engine *e, struct str prefix,
                         int (*visit)(void *ctx, struct str key, struct str value), void *ctx,
                         struct mq_error *err)
{
    return store_scan_values(e->store, STORE_META, prefix, visit, ctx, err);
}

/* Move the title to the front of the list, which forgets the one longest untouched. */
static void touch(struct viewer_summary *s, const struct event *e)
{
    size_t at = 0;
    while (at < s->n_recent && s->recent[at].title.v != e->title_id.v)
        at++;
    if (at == s->n_recent && s->n_recent < SUMMARY_RECENT)
        s->n_recent++;
    if (at == SUMMARY_RECENT)
        at--;
    memmove(&s->recent[1], &s->recent[0], at * sizeof(s->recent[0]));
    s->recent[0].title = e->title_id;
    s->recent[0].at_ms = e->at_ms;
    s->recent[0].kind = e->kind;
}

static void take_attributes(struct viewer_summary *s, const struct event *e)
{
    struct attributes known, said;
    char text[ATTRIBUTES_TEXT_MAX];
    struct buf b;
    if (!attributes_read((struct str){s->attributes, strlen(s->attributes)}, &known) ||
        !attributes_read(e->attributes, &said))
        return;
    attributes_lay_over(&known, &said);
    buf_over(&b, text, sizeof(text) - 1);
    attributes_write(&known, &b);
    if (b.failed)
        return;
    memcpy(s->attributes, b.p, b.n);
    s->attributes[b.n] = '\0';
}

static void forget(struct viewer_summary *s, struct title_id title)
{
    for (size_t i = 0; i < s->n_recent; i++) {
        if (s->recent[i].title.v != title.v)
            continue;
        s->n_recent--;
        memmove(&s->recent[i], &s->recent[i + 1], (s->n_recent - i) * sizeof(s->recent[0]));
        return;
    }
}

static int sum_event(void *ctx, const struct event *e)
{
    struct viewer_summary *s = ctx;
    if (e->attributes.n > 0)
        take_attributes(s, e);
    s->by_kind[e->kind]++;
    if (s->events++ == 0)
        s->first_ms = e->at_ms;
    s->last_ms = e->at_ms;
    if (e->context.device != DEVICE_NONE)
        s->context.device = e->context.device;
    if (e->context.country != 0)
        s->context.country = e->context.country;
    if (e->context.offset_min != OFFSET_NONE)
        s->context.offset_min = e->context.offset_min;
    s->consent = event_consent(e, s->consent);
    if (event_order_of(e) == ORDER_REMOVE_TITLE)
        forget(s, e->title_id);
    else if (e->title_id.v != ID_NONE)
        touch(s, e);
    return 0;
}

int engine_find_viewer(struct mq_engine *e, struct str viewer, struct viewer_id *ret,
                       struct mq_error *err)
{
    uint32_t id =
        viewer.n > 0 ? intern_find(store_names(e->store, NAME_VIEWER), viewer) : INTERN_NONE;
    if (id == INTERN_NONE)
        return mq_fail(err, MQ_NOT_FOUND,
                       "viewer: %.*s: was never seen: give an id that events have",
                       STR_ARG(viewer));
    ret->v = id;
    return 0;
}

int engine_title_id(struct mq_engine *e, struct str title, struct title_id *ret,
                    struct mq_error *err)
{
    uint32_t id = title.n > 0 ? intern_find(store_names(e->store, NAME_TITLE), title) : INTERN_NONE;
    if (id == INTERN_NONE)
        return mq_fail(err, MQ_NOT_FOUND, "title: %.*s: is unknown: give the id of a title",
                       STR_ARG(title));
    ret->v = id;
    return 0;
}

int engine_viewer_summary(struct mq_engine *e, struct str viewer, struct viewer_summary *ret,
                          struct mq_error *err)
{
    struct viewer_id id;
    struct viewer_summary s = {.context = {.offset_min = OFFSET_NONE}};
    struct store_range all = {0};
    int rc = engine_find_viewer(e, viewer, &id, err);
    if (rc == 0)
        rc = store_scan_viewer(e->store, id, &all, sum_event, &s, err);
    if (rc == 0)
        *ret = s;
    return rc;
}

int engine_viewer_events(struct mq_engine *e, struct str viewer,
                         int (*visit)(void *ctx, const struct event *e), void *ctx,
                         struct mq_error *err)
{
    struct viewer_id id;
    struct store_range all = {.own_ids = true};
    int rc = engine_find_viewer(e, viewer, &id, err);
    return rc ? rc : store_scan_viewer(e->store, id, &all, visit, ctx, err);
}

int engine_identities(struct mq_engine *e, struct str viewer,
                      bool (*visit)(void *ctx, struct str id), void *ctx, struct mq_error *err)
{
    const struct intern *names = store_names(e->store, NAME_VIEWER);
    uint32_t ids[STORE_IDENTITIES_MAX];
    struct viewer_id id;
    int rc = engine_find_viewer(e, viewer, &id, err);
    if (rc)
        return rc;
    size_t n = store_identities(e->store, id, &(struct store_range){0}, ids);
    for (size_t i = 0; i < n; i++) {
        if (!visit(ctx, intern_name(names, ids[i])))
            break;
    }
    return 0;
}

bool engine_are_one(struct mq_engine *e, struct str a, struct str b)
{
    static const struct store_range now = {0};
    const struct intern *names = store_names(e->store, NAME_VIEWER);
    uint32_t x = a.n > 0 ? intern_find(names, a) : INTERN_NONE;
    uint32_t y = b.n > 0 ? intern_find(names, b) : INTERN_NONE;
    return x != INTERN_NONE && y != INTERN_NONE &&
           store_root(e->store, (struct viewer_id){x}, &now).v ==
               store_root(e->store, (struct viewer_id){y}, &now).v;
}

uint32_t engine_viewers(struct mq_engine *e, uint32_t from, bool (*visit)(void *ctx, struct str id),
                        void *ctx)
{
    const struct intern *names = store_names(e->store, NAME_VIEWER);
    uint32_t n = intern_count(names);
    for (uint32_t i = from; i < n; i++) {
        struct str id = intern_name(names, i);
        if (store_root(e->store, (struct viewer_id){i}, &(struct store_range){0}).v != i)
            continue; /* another id of a viewer who is listed */
        if (id.n > 0 && !visit(ctx, id))
            break;
    }
    return n;
}

int engine_title_name(struct mq_engine *e, struct title_id title, struct arena *arena,
                      struct str *ret_id, struct str *ret_name, struct mq_error *err)
{
    struct str id = intern_name(store_names(e->store, NAME_TITLE), title.v);
    struct str name = id;
    struct title record;
    int rc = store_get_title(e->store, title, 0, arena, &record, err);
    if (rc != 0 && rc != MQ_NOT_FOUND)
        return rc;
    if (rc == 0 && record.name.n > 0)
        name = record.name;
    *ret_id = arena_str(arena, id);
    *ret_name = name.p == id.p ? *ret_id : name;
    if (!ret_id->p)
        return mq_fail(err, MQ_NO_MEMORY, "title: no memory");
    return 0;
}

size_t engine_waiting(struct mq_engine *e)
{
    return committer_waiting(e->committer);
}

bool engine_is_training(struct mq_engine *e)
{
    return atomic_load(&e->training);
}

void engine_pulse(struct mq_engine *e, struct engine_pulse *ret)
{
    *ret = (struct engine_pulse){.log_seq = atomic_load(&e->applied_seq),
                                 .model = atomic_load(&e->model_version),
                                 .profiles = residents_count(e->residents),
                                 .newest_ms = atomic_load(&e->newest_ms),
                                 .waiting = engine_waiting(e),
                                 .training = engine_is_training(e)};
}

int engine_read_refused(struct mq_engine *e, size_t max, struct buf *out, struct mq_error *err)
{
    return dead_letters_read(e->dead_letters, max, out, err);
}

int engine_title_choices(struct mq_reader *r, struct str title, struct trend_history *ret,
                         struct mq_error *err)
{
    struct world w;
    struct title_id id;
    int rc = engine_title_id(r->engine, title, &id, err);
    if (rc)
        return rc;
    reader_enter(r, &w);
    if (!trend_history(w.trend, id, ret))
        *ret = (struct trend_history){0};
    mq_reader_rest(r);
    return 0;
}

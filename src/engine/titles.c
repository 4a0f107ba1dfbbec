/* titles.c - the catalogue's way in and out of the store. */
#include <stdlib.h>

#include "base/hash.h"
#include "engine/engine.h"

enum { ARENA_BLOCK = 1 << 16, RECORD_MAX = 4 << 20 };
static const size_t batch_memory = (size_t)256 << 20;

struct building {
    struct catalogue_builder *builder;
    struct buf record;
    uint64_t hash;     /* of the records */
    uint32_t n_titles; /* ids up to the last one with a record */
    struct mq_error *err;
};

static int add_title(void *ctx, const struct title *t)
{
    struct building *b = ctx;
    buf_reset(&b->record);
    title_encode(t, &b->record);
    if (b->record.failed)
        return mq_fail(b->err, MQ_NO_MEMORY, "catalogue: no memory for a record");
    b->hash = hash_str(buf_str(&b->record), b->hash + t->title_id.v);
    b->n_titles = t->title_id.v + 1; /* the scan ascends */
    int rc = catalogue_add(b->builder, t, b->err);
    for (uint32_t i = 0; rc == 0 && i < t->n_credits; i++) {
        struct person_id p = t->credits[i].person_id;
        rc = catalogue_add_person(b->builder, p, t->credits[i].person, b->err);
    }
    return rc;
}

int catalogue_from_store(const struct store *s, uint64_t max_seq, struct catalogue **ret,
                         struct mq_error *err)
{
    struct building b = {.err = err};
    int rc = catalogue_builder_new(&b.builder, err);
    if (rc)
        return rc;
    buf_init(&b.record, RECORD_MAX);
    rc = store_scan_titles(s, max_seq, add_title, &b, err);
    const struct intern *names = store_names(s, NAME_TITLE);
    for (uint32_t id = 0; rc == 0 && id < b.n_titles; id++)
        rc = catalogue_add_id(b.builder, (struct title_id){id}, intern_name(names, id), err);
    if (rc == 0)
        rc = catalogue_build(b.builder, b.hash, ret, err);
    catalogue_builder_free(b.builder);
    buf_release(&b.record);
    return rc;
}

/* One piece of work for the committer's thread. */
struct put {
    struct mq_engine *engine;
    struct title *titles;
    size_t n;
    bool replace;
    size_t changed;
};

/* What is stored, with the update laid over it. */
static int merged(struct mq_engine *e, const struct title *update, struct arena *arena,
                  struct title *ret, struct mq_error *err)
{
    uint32_t id = intern_find(store_names(e->store, NAME_TITLE), update->id);
    struct title stored;
    int rc = MQ_NOT_FOUND;
    if (id != INTERN_NONE)
        rc = store_get_title(e->store, (struct title_id){id}, 0, arena, &stored, err);
    if (rc == MQ_NOT_FOUND) {
        *ret = *update;
        return 0;
    }
    if (rc == 0)
        title_merge(&stored, update, ret);
    return rc;
}

/* Which of the titles before the i-th has its id: an update of one call goes over the one before it. */
struct ids {
    uint32_t *slots; /* index + 1, open addressing */
    size_t mask;
};

static bool ids_init(struct ids *ids, size_t n, struct arena *arena)
{
    size_t slots = 16;
    while (slots < 2 * n)
        slots *= 2;
    ids->slots = ARENA_ARRAY(arena, slots, uint32_t);
    ids->mask = slots - 1;
    return ids->slots != NULL;
}

/* Returns the earlier one, or NULL; the i-th takes its place. */
static const struct title *ids_swap(struct ids *ids, const struct title *titles, size_t i)
{
    size_t at = hash_str(titles[i].id, 0) & ids->mask;
    while (ids->slots[at] > 0 && !str_eq(titles[ids->slots[at] - 1].id, titles[i].id))
        at = (at + 1) & ids->mask;
    const struct title *earlier = ids->slots[at] > 0 ? &titles[ids->slots[at] - 1] : NULL;
    ids->slots[at] = (uint32_t)i + 1;
    return earlier;
}

static int put_titles(void *ctx, struct mq_error *err)
{
    struct put *p = ctx;
    struct arena arena;
    int rc = arena_init(&arena, ARENA_BLOCK, batch_memory);
    if (rc)
        return mq_fail(err, MQ_NO_MEMORY, "titles: no memory");
    struct title *whole = ARENA_ARRAY(&arena, p->n, struct title);
    struct ids ids = {0};
    if (!whole || !ids_init(&ids, p->n, &arena))
        rc = mq_fail(err, MQ_NO_MEMORY, "titles: %zu: no memory", p->n);
    for (size_t i = 0; rc == 0 && i < p->n; i++) {
        const struct title *earlier = ids_swap(&ids, p->titles, i);
        if (p->replace)
            whole[i] = p->titles[i];
        else if (earlier)
            title_merge(&whole[earlier - p->titles], &p->titles[i], &whole[i]);
        else
            rc = merged(p->engine, &p->titles[i], &arena, &whole[i], err);
    }
    if (rc == 0)
        rc = store_put_titles(p->engine->store, whole, p->n, &p->changed, err);
    if (rc == 0 && p->changed > 0)
        p->engine->catalogue_behind = true;
    arena_release(&arena);
    return rc;
}

static int put_and_refresh(void *ctx, struct mq_error *err)
{
    struct put *p = ctx;
    int rc = put_titles(ctx, err);
    if (rc == 0 && p->changed > 0)
        rc = engine_refresh_catalogue(p->engine, err);
    return rc;
}

int engine_put_titles(struct mq_engine *e, struct title *titles, size_t n, bool replace,
                      size_t *ret_changed, struct mq_error *err)
{
    struct put p = {.engine = e, .titles = titles, .n = n, .replace = replace};
    int rc = committer_call(e->committer, put_and_refresh, &p, err);
    if (rc == 0 && ret_changed)
        *ret_changed = p.changed;
    return rc;
}

int engine_put_titles_later(struct mq_engine *e, struct title *titles, size_t n,
                            size_t *ret_changed, struct mq_error *err)
{
    struct put p = {.engine = e, .titles = titles, .n = n};
    int rc = committer_call(e->committer, put_titles, &p, err);
    if (rc == 0 && ret_changed)
        *ret_changed = p.changed;
    return rc;
}

static int refresh(void *ctx, struct mq_error *err)
{
    const struct mq_engine *e = ctx;
    return e->catalogue_behind ? engine_refresh_catalogue(ctx, err) : 0;
}

int engine_refresh(struct mq_engine *e, struct mq_error *err)
{
    return committer_call(e->committer, refresh, e, err);
}

struct deletion {
    struct mq_engine *engine;
    struct title_id id;
};

static int delete_title(void *ctx, struct mq_error *err)
{
    struct deletion *d = ctx;
    int rc = store_delete_title(d->engine->store, d->id, err);
    if (rc == 0)
        d->engine->catalogue_behind = true; /* until the line below has worked */
    return rc ? rc : engine_refresh_catalogue(d->engine, err);
}

static int no_title(struct str id, struct mq_error *err)
{
    return mq_fail(err, MQ_NOT_FOUND,
                   "title: %.*s: is not in the catalogue: give the id of one that is", STR_ARG(id));
}

int engine_delete_title(struct mq_engine *e, struct str id, struct mq_error *err)
{
    uint32_t found = intern_find(store_names(e->store, NAME_TITLE), id);
    if (found == INTERN_NONE)
        return no_title(id, err);
    struct deletion d = {e, {found}};
    int rc = committer_call(e->committer, delete_title, &d, err);
    return rc == MQ_NOT_FOUND ? no_title(id, err) : rc;
}

int engine_get_title(struct mq_engine *e, struct str id, struct arena *arena, struct title *ret,
                     struct mq_error *err)
{
    uint32_t found = intern_find(store_names(e->store, NAME_TITLE), id);
    if (found == INTERN_NONE)
        return no_title(id, err);
    int rc = store_get_title(e->store, (struct title_id){found}, 0, arena, ret, err);
    return rc == MQ_NOT_FOUND ? no_title(id, err) : rc;
}

struct setting {
    struct mq_engine *engine;
    struct str key, value;
    bool delete;
};

static int write_setting(void *ctx, struct mq_error *err)
{
    struct setting *s = ctx;
    if (s->delete)
        return store_delete_value(s->engine->store, STORE_META, s->key, err);
    return store_put_value(s->engine->store, STORE_META, s->key, s->value, err);
}

int engine_put_setting(struct mq_engine *e, struct str key, struct str value, struct mq_error *err)
{
    struct setting s = {.engine = e, .key = key, .value = value};
    return committer_call(e->committer, write_setting, &s, err);
}

int engine_delete_setting(struct mq_engine *e, struct str key, struct mq_error *err)
{
    struct setting s = {.engine = e, .key = key, .delete = true};
    return committer_call(e->committer, write_setting, &s, err);
}

#include "engine/audiences.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "audience/follows.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/hash.h"
#include "engine/audiences_inside.h"
#include "profile/profile.h"

enum { DIRTY_MAX = 1 << 20, ARENA_FIRST = 1 << 16 };
static const size_t file_max = (size_t)8 << 30;
static const size_t answer_max = (size_t)512 << 20;

/* ---------------------------------------------------------------- views */

static void view_forget_derived(struct view *v)
{
    strata_free(v->strata);
    follows_free(v->follows);
    v->strata = NULL;
    v->follows = NULL;
}

static void view_release(struct view *v)
{
    view_forget_derived(v);
    viewer_sets_free(v->sets);
    catalogue_free(v->catalogue);
    *v = (struct view){0};
}

static int put_profile(struct viewer_sets *s, const struct profile *p, struct mq_error *err)
{
    if (p->consent) { /* who is not profiled, and children, are in no audience */
        viewer_sets_drop(s, p->viewer.v);
        return 0;
    }
    struct set_habits h = {.first_ms = p->first_ms, .last_ms = p->last_ms, .country = p->country};
    for (int d = 0; d < DAYPARTS; d++) {
        for (int k = 0; k < DEVICES; k++) {
            if (p->habits[d][k] == 0)
                continue;
            h.devices |= (uint8_t)(k == DEVICE_NONE ? 0 : 1 << (k - 1));
            h.dayparts |= (uint8_t)(d == DAYPART_NONE ? 0 : 1 << d);
        }
    }
    return viewer_sets_put(s, p->viewer.v, &h, p->signals, p->n, err);
}

/* A scan in key order: one viewer after the other. */
struct filling {
    struct viewer_sets *sets;
    const struct catalogue *catalogue;
    const struct engagement_weights *weights;
    struct profile_builder *builder;
    struct viewer_id viewer;
    const struct mq_audience_request *request;
    uint64_t events, total;
    struct mq_error *err;
};

static int finish_viewer(struct filling *f)
{
    struct profile *p;
    if (!f->builder)
        return 0;
    int rc = profile_snapshot(f->builder, f->weights, &p, f->err);
    profile_builder_free(f->builder);
    f->builder = NULL;
    if (rc)
        return rc;
    rc = put_profile(f->sets, p, f->err);
    profile_free(p);
    return rc;
}

static int fill_event(void *ctx, const struct event *e)
{
    enum { EVERY = 65536 };
    struct filling *f = ctx;
    const struct mq_audience_request *q = f->request;
    int rc = 0;
    if (f->events++ % EVERY == 0 && q->progress &&
        !q->progress(q->progress_ctx, "reading the log", f->events, f->total))
        return mq_fail(f->err, MQ_CANCELLED, "audiences: stopped");
    if (!f->builder || e->viewer_id.v != f->viewer.v) {
        rc = finish_viewer(f);
        if (rc == 0)
            rc = profile_builder_new(e->viewer_id, &f->builder, f->err);
        f->viewer = e->viewer_id;
    }
    if (rc == 0)
        rc = profile_feed(f->builder, e, f->catalogue, f->err);
    return rc == PROFILE_LATE ? mq_fail(f->err, MQ_BUG, "audiences: the scan is out of order") : rc;
}

static int fill(const struct mq_engine *e, const struct store_range *range,
                const struct catalogue *c, const struct mq_audience_request *q,
                struct viewer_sets **ret, struct mq_error *err)
{
    struct filling f = {.catalogue = c, .request = q, .total = range->max_seq, .err = err};
    f.weights = engine_engagement(e);
    int rc = viewer_sets_new(&f.sets, err);
    if (rc)
        return rc;
    if (range->max_seq > 0) /* 0 would be "all"; here it is the place before the first event */
        rc = store_scan_all(e->store, range, fill_event, &f, err);
    if (rc == 0)
        rc = finish_viewer(&f);
    profile_builder_free(f.builder);
    if (rc) {
        viewer_sets_free(f.sets);
        return rc;
    }
    *ret = f.sets;
    return 0;
}

/* ---------------------------------------------------------------- the saved file
 *
 * "MQAUD" and a version byte pair, u64 place in the log, u64 version of the catalogue and the weights of engagement, the sets, u64 hash of it all. */

static const char magic[8] = "MQAUD\0\1";
enum { HEADER = 24, TRAILER = 8 };

static uint64_t peek_seq(const char *path)
{
    uint8_t head[HEADER];
    FILE *f = fopen(path, "rb");
    if (!f)
        return 0;
    bool ok = fread(head, 1, HEADER, f) == HEADER && memcmp(head, magic, sizeof(magic)) == 0;
    fclose(f);
    struct cursor c = cursor_over(head + sizeof(magic), HEADER - sizeof(magic));
    return ok ? cursor_u64le(&c) : 0;
}

/* Damaged or of another catalogue: made anew instead. */
static struct viewer_sets *load(struct audiences *a, uint64_t catalogue_version)
{
    struct mq_error err;
    struct file_map m;
    struct viewer_sets *s = NULL;
    if (a->file_seq == 0 || file_map_open(a->path, &m, &err) != 0)
        return NULL;
    if (m.n > HEADER + TRAILER) {
        const char *p = m.p;
        struct cursor tail = cursor_over(p + m.n - TRAILER, TRAILER);
        struct cursor head = cursor_over(p + sizeof(magic), HEADER - sizeof(magic));
        struct str body = {p + HEADER, m.n - HEADER - TRAILER};
        bool good = cursor_u64le(&tail) == hash64(p, m.n - TRAILER, 0) &&
                    cursor_u64le(&head) == a->file_seq && cursor_u64le(&head) == catalogue_version;
        if (good && viewer_sets_decode(body, &s, &err) != 0)
            s = NULL;
    }
    file_map_close(&m);
    return s;
}

static void save(struct audiences *a)
{
    struct buf b;
    struct mq_error err;
    if (!a->live.sets || a->live.sets->version == a->saved_change)
        return;
    buf_init(&b, file_max);
    buf_add(&b, magic, sizeof(magic));
    buf_add_u64le(&b, a->seq);
    buf_add_u64le(&b, a->live.catalogue_version);
    viewer_sets_encode(a->live.sets, &b);
    buf_add_u64le(&b, hash64(b.p, b.n, 0));
    /* Only a saving of time: without it the log is read again. */
    if (b.failed || file_write(a->path, buf_str(&b), 0600, &err) != 0)
        unlink(a->path);
    buf_release(&b);
}

int audiences_new(const char *dir, struct audiences **ret, struct mq_error *err)
{
    struct audiences *a = calloc(1, sizeof(*a));
    if (!a)
        return mq_fail(err, MQ_NO_MEMORY, "audiences: no memory");
    pthread_mutex_init(&a->lock, NULL);
    pthread_mutex_init(&a->changed_lock, NULL);
    int n = snprintf(a->path, sizeof(a->path), "%s/audiences.sets", dir);
    int m = snprintf(a->communities_path, sizeof(a->communities_path), "%s/communities.sets", dir);
    int k = snprintf(a->asked_path, sizeof(a->asked_path), "%s/audiences.asked", dir);
    if (n < 0 || n >= PATH_BYTES || m < 0 || m >= PATH_BYTES || k < 0 || k >= PATH_BYTES) {
        audiences_free(a);
        return mq_fail(err, MQ_INVALID, "data folder: %s: its name is too long", dir);
    }
    a->file_seq = peek_seq(a->path);
    audiences_load_asked(a);
    *ret = a;
    return 0;
}

void audiences_free(struct audiences *a)
{
    if (!a)
        return;
    save(a);
    view_release(&a->live);
    view_release(&a->past);
    floor_memory_release(&a->memory);
    communities_free(a->communities);
    free(a->changed.viewers);
    pthread_mutex_destroy(&a->lock);
    pthread_mutex_destroy(&a->changed_lock);
    free(a);
}

/* ---------------------------------------------------------------- who changed */

static void note(struct audiences *a, uint32_t viewer)
{
    if (a->changed.all || (a->changed.n > 0 && a->changed.viewers[a->changed.n - 1] == viewer))
        return;
    if (a->changed.n == a->changed.cap) {
        size_t cap = a->changed.cap ? a->changed.cap * 2 : 1024;
        uint32_t *p = cap > DIRTY_MAX ? NULL : realloc(a->changed.viewers, cap * sizeof(*p));
        if (!p) {
            a->changed.all = true;
            return;
        }
        a->changed.viewers = p;
        a->changed.cap = cap;
    }
    a->changed.viewers[a->changed.n++] = viewer;
}

uint64_t audiences_saved_seq(const struct audiences *a)
{
    return a->file_seq;
}

void audiences_scanned(struct audiences *a, const struct event *e)
{
    if (a->file_seq > 0 && e->seq > a->file_seq) {
        note(a, e->viewer_id.v);
        if (e->other_id.v != ID_NONE)
            note(a, e->other_id.v);
    }
}

void audiences_note(struct audiences *a, const struct event *events, const uint8_t *outcome,
                    size_t n)
{
    pthread_mutex_lock(&a->changed_lock);
    for (size_t i = 0; i < n; i++) {
        if (outcome[i] == APPEND_ADDED)
            note(a, events[i].viewer_id.v);
    }
    pthread_mutex_unlock(&a->changed_lock);
}

void audiences_forget_file(struct audiences *a)
{
    unlink(a->path);
    unlink(a->asked_path);
}

void audiences_forget(struct audiences *a, uint32_t viewer)
{
    pthread_mutex_lock(&a->lock);
    unlink(a->path);
    unlink(a->asked_path);
    a->file_seq = 0;
    a->saved_change = 0;
    if (a->live.sets)
        viewer_sets_drop(a->live.sets, viewer);
    view_forget_derived(&a->live);
    view_release(&a->past);
    floor_memory_release(&a->memory); /* groups that were answered about, whole */
    communities_load(a);
    communities_forget(a->communities, viewer);
    struct mq_error err;
    if (a->communities && communities_save(a, &err) != 0)
        unlink(a->communities_path); /* they are found anew */
    pthread_mutex_unlock(&a->lock);
}

void audiences_forget_all(struct audiences *a)
{
    pthread_mutex_lock(&a->lock);
    unlink(a->path);
    unlink(a->asked_path);
    a->file_seq = 0;
    a->saved_change = 0;
    view_release(&a->live);
    view_release(&a->past);
    floor_memory_release(&a->memory);
    pthread_mutex_unlock(&a->lock);
}

static int compare_u32(const void *x, const void *y)
{
    uint32_t a = *(const uint32_t *)x;
    uint32_t b = *(const uint32_t *)y;
    return (a > b) - (a < b);
}

/* Read again who changed. */
static int catch_up(struct mq_engine *e, struct audiences *a, const struct catalogue *c,
                    const uint32_t *viewers, size_t n, uint64_t seq, struct mq_error *err)
{
    struct store_range range = {.max_seq = seq};
    for (size_t i = 0; i < n; i++) {
        struct profile *p = NULL;
        if (i > 0 && viewers[i] == viewers[i - 1])
            continue;
        struct viewer_id viewer = {viewers[i]};
        int rc = 0;
        /* Who is merged into another is counted there. */
        if (store_root(e->store, viewer, &range).v == viewer.v)
            rc = profile_from_log(e->store, viewer, &range, c, engine_engagement(e), &p, err);
        if (rc == 0 && p)
            rc = put_profile(a->live.sets, p, err);
        else if (rc == 0)
            viewer_sets_drop(a->live.sets, viewers[i]);
        profile_free(p);
        if (rc)
            return rc;
    }
    return 0;
}

static int bring_up_to_date(struct mq_engine *e, struct audiences *a, const struct catalogue *c,
                            const struct mq_audience_request *q, struct mq_error *err)
{
    uint64_t seq = atomic_load(&e->applied_seq);
    uint64_t version = c->version ^ engine_engagement_version(e);
    if (a->live.catalogue_version != version) /* engagement depends on runtimes and weights */
        view_release(&a->live);
    if (!a->live.sets) {
        a->live.sets = load(a, version);
        a->saved_change = a->live.sets ? a->live.sets->version : 0;
    }
    a->live.catalogue_version = version;
    pthread_mutex_lock(&a->changed_lock);
    uint32_t *viewers = a->changed.viewers;
    size_t n = a->changed.n;
    bool all = a->changed.all;
    a->changed.viewers = NULL;
    a->changed.n = a->changed.cap = 0;
    a->changed.all = false;
    pthread_mutex_unlock(&a->changed_lock);
    if (n > 1)
        qsort(viewers, n, sizeof(*viewers), compare_u32);
    int rc = 0;
    if (a->live.sets && (all || n > a->live.sets->n_present / 4 + 64))
        view_release(&a->live); /* one scan is quicker than many */
    if (!a->live.sets) {
        struct store_range range = {.max_seq = seq};
        rc = fill(e, &range, c, q, &a->live.sets, err);
        a->live.catalogue_version = version;
    } else {
        rc = catch_up(e, a, c, viewers, n, seq, err);
    }
    free(viewers);
    if (rc) /* half-way: made anew next time */
        view_release(&a->live);
    else
        a->seq = seq;
    return rc;
}

static int open_past(struct mq_engine *e, struct audiences *a, const struct past_key *key,
                     const struct mq_audience_request *q, struct mq_error *err)
{
    if (a->past.sets && memcmp(&a->past.key, key, sizeof(*key)) == 0)
        return 0;
    view_release(&a->past);
    struct store_range range = {.max_seq = key->seq, .known_ms = key->known_ms};
    int rc = catalogue_from_store(e->store, key->seq, &a->past.catalogue, err);
    if (rc == 0)
        rc = fill(e, &range, a->past.catalogue, q, &a->past.sets, err);
    if (rc)
        view_release(&a->past);
    else
        a->past.key = *key;
    return rc;
}

/* ---------------------------------------------------------------- asking */

static int derive(struct view *v, const struct catalogue *c, unsigned k, bool follows,
                  struct mq_error *err)
{
    int rc = 0;
    if (!v->strata || v->strata->k != k || v->strata_version != v->sets->version) {
        strata_free(v->strata);
        v->strata = NULL;
        rc = strata_new(v->sets, k, &v->strata, err);
        v->strata_version = v->sets->version;
    }
    if (rc == 0 && follows && (!v->follows || v->follows_version != v->sets->version)) {
        follows_free(v->follows);
        v->follows = NULL;
        rc = follows_fit(v->sets, c, &v->follows, err);
        v->follows_version = v->sets->version;
    }
    return rc;
}

static int take_view(struct mq_reader *r, const struct mq_audience_request *q, struct view **ret,
                     const struct catalogue **ret_catalogue, uint64_t *ret_seq,
                     struct mq_error *err)
{
    struct mq_engine *e = r->engine;
    struct audiences *a = e->audiences;
    struct world w;
    reader_enter(r, &w);
    if (q->as_of_ms == 0 && q->as_of_seq == 0) {
        int rc = bring_up_to_date(e, a, w.catalogue, q, err);
        *ret = &a->live;
        *ret_catalogue = w.catalogue;
        *ret_seq = a->seq;
        return rc;
    }
    struct past_key key;
    memset(&key, 0, sizeof(key)); /* compared as bytes */
    key.erasures = atomic_load(&e->erasures);
    key.seq = atomic_load(&e->applied_seq);
    if (q->as_of_seq != 0 && q->as_of_seq < key.seq)
        key.seq = q->as_of_seq;
    key.known_ms = q->as_of_ms;
    int rc = open_past(e, a, &key, q, err);
    *ret = &a->past;
    *ret_catalogue = a->past.catalogue;
    *ret_seq = key.seq;
    return rc;
}

static int prepare(struct mq_reader *r, const struct mq_audience_request *q, struct asked *ret,
                   struct mq_error *err)
{
    if (q->as_of_ms != 0 && q->as_of_seq != 0)
        return mq_fail(err, MQ_INVALID, "as of: a time and a position: give one of them");
    if (q->strata > STRATA_MAX)
        return mq_fail(err, MQ_INVALID, "strata: %u: at most %d", q->strata, STRATA_MAX);
    int rc = floor_take(q->floor, &ret->floor, err);
    if (rc)
        return rc;
    if (q->research)
        ret->floor = 0;
    if (!r->has_answer) {
        rc = arena_init(&r->answer, ARENA_FIRST, answer_max);
        if (rc)
            return mq_fail(err, MQ_NO_MEMORY, "audiences: no memory");
        r->has_answer = true;
    }
    arena_reset(&r->answer);
    ret->arena = &r->answer;
    return 0;
}

int audiences_begin(struct mq_reader *r, const struct mq_audience_request *q, bool follows,
                    struct asked *ret, struct mq_error *err)
{
    struct audiences *a = r->engine->audiences;
    struct view *v;
    const struct catalogue *c;
    int rc = prepare(r, q, ret, err);
    if (rc)
        return rc;
    pthread_mutex_lock(&a->lock);
    rc = take_view(r, q, &v, &c, &ret->log_seq, err);
    if (rc == 0)
        rc = derive(v, c, q->strata ? q->strata : STRATA_DEFAULT, follows, err);
    if (rc) {
        audiences_end(r);
        return rc;
    }
    ret->world = (struct audience_world){.sets = v->sets, .catalogue = c, .follows = v->follows};
    if (v == &a->live) {
        communities_load(a);
        ret->world.communities = a->communities;
    }
    ret->strata = v->strata;
    ret->kept = a;
    return 0;
}

/* The answer may point into the catalogue: the reader stays inside until its next call. */
void audiences_end(struct mq_reader *r)
{
    pthread_mutex_unlock(&r->engine->audiences->lock);
}

/* Groups that tell of health, religion, orientation or politics are for public data only. */
static int check_offered(const struct expression *e, struct mq_error *err)
{
    if (e->op == EXPRESSION_ATOM) {
        bool word = e->kind == KIND_TAG || e->kind == KIND_GENRE || e->kind == KIND_COMMUNITY;
        if (!word || !floor_is_sensitive(e->value))
            return 0;
        return mq_fail(
            err, MQ_DENIED,
            "%s: %.*s: may tell of health, religion, orientation or politics: such groups "
            "are not offered",
            audience_kind_name(e->kind), STR_ARG(e->value));
    }
    int rc = check_offered(e->left, err);
    return rc ? rc : check_offered(e->right, err);
}

int audiences_find(const struct asked *x, const struct mq_audience_request *q,
                   const struct audience **ret, struct mq_error *err)
{
    for (size_t i = 0; i < q->n_expressions; i++) {
        const struct expression *e;
        int rc = expression_parse(str_of(q->expressions[i]), x->arena, &e, err);
        if (rc == 0 && !q->research)
            rc = check_offered(e, err);
        if (rc == 0)
            rc = audience_find(&x->world, e, x->arena, &ret[i], err);
        if (rc)
            return rc;
    }
    return 0;
}

bool audiences_need_follows(struct mq_reader *r, const struct mq_audience_request *q)
{
    struct mq_error err;
    struct arena arena;
    bool need = false;
    (void)r;
    if (arena_init(&arena, ARENA_FIRST, answer_max) != 0)
        return true;
    for (size_t i = 0; i < q->n_expressions && !need; i++) {
        const struct expression *e;
        if (expression_parse(str_of(q->expressions[i]), &arena, &e, &err) == 0)
            need = audience_needs(e, AUDIENCE_FOLLOWS, AUDIENCE_KINDS);
    }
    arena_release(&arena);
    return need;
}

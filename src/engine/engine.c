/* engine.c - opens and closes the folder, and applies what the committer wrote to the live state. */
#include "engine/engine.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/thread.h"
#include "engine/audiences.h"
#include "engine/campaigns.h"
#include "engine/counting_aside.h"
#include "engine/engagement_fitting.h"
#include "engine/experiments.h"
#include "engine/heard_titles.h"
#include "engine/kept_counters.h"
#include "engine/kept_fits.h"
#include "engine/kept_forecasts.h"
#include "engine/page_log.h"
#include "engine/sources.h"
#include "model/library.h"
#include "profile/picture_table.h"

enum { DEFAULT_QUEUE = 65536 };
/* Counters are kept at closing and after so many events. After a crash the keys of the whole log are read to find
 * those that came since; keeping them more often would save little. */
enum { KEEP_EVENTS = 4000000 };
static const size_t default_profile_bytes = (size_t)256 << 20;

const char *mq_version(void)
{
    return "0.1.0";
}

static char *joined(const char *dir, const char *name)
{
    size_t n = strlen(dir) + strlen(name) + 2;
    char *p = malloc(n);
    if (p)
        snprintf(p, n, "%s/%s", dir, name);
    return p;
}

int64_t engine_now(const struct mq_engine *e, bool *ret_archive)
{
    int64_t wall = clock_wall_ms();
    int64_t newest = atomic_load_explicit(&e->newest_ms, memory_order_relaxed);
    bool archive = newest != 0 && newest < wall - ARCHIVE_MS;
    if (ret_archive)
        *ret_archive = archive;
    return archive ? newest : wall;
}

/* ---------------------------------------------------------------- the committer's side */

static int append_events(void *ctx, struct event *events, size_t n, uint8_t *outcome,
                         struct mq_error *err)
{
    struct mq_engine *e = ctx;
    return store_append(e->store, events, n, clock_wall_ms(), outcome, err);
}

static void note_time(struct mq_engine *e, int64_t at_ms)
{
    if (at_ms > atomic_load_explicit(&e->newest_ms, memory_order_relaxed))
        atomic_store_explicit(&e->newest_ms, at_ms, memory_order_relaxed);
    int64_t first = atomic_load_explicit(&e->first_ms, memory_order_relaxed);
    if (first == 0 || at_ms < first)
        atomic_store_explicit(&e->first_ms, at_ms, memory_order_relaxed);
}

void engine_change_begin(struct mq_engine *e)
{
    pthread_rwlock_wrlock(&e->quiet);
    atomic_fetch_add(&e->apply_version, 1);
}

void engine_change_end(struct mq_engine *e, uint64_t seq)
{
    atomic_store(&e->applied_seq, seq);
    atomic_fetch_add(&e->apply_version, 1);
    pthread_rwlock_unlock(&e->quiet);
}

static void free_catalogue(void *c)
{
    catalogue_free(c);
}

/* Within a change. */
static void serve_catalogue(struct mq_engine *e, struct catalogue *c)
{
    struct catalogue *old = atomic_exchange(&e->catalogue, c);
    /* Engagement depends on runtimes. */
    residents_drop_all(e->residents);
    e->catalogue_behind = false;
    if (old)
        epoch_defer(e->epoch, free_catalogue, old);
}

int engine_refresh_catalogue(struct mq_engine *e, struct mq_error *err)
{
    struct catalogue *c;
    int rc = catalogue_from_store(e->store, 0, &c, err);
    if (rc)
        return rc;
    engine_change_begin(e);
    serve_catalogue(e, c);
    engine_change_end(e, store_last_seq(e->store));
    return 0;
}

/* All ids of this viewer, as of that place in the log, are read again when next asked for. */
static void forget_group(struct mq_engine *e, struct viewer_id viewer, uint64_t seq)
{
    uint32_t ids[STORE_IDENTITIES_MAX];
    size_t n = store_identities(e->store, viewer, &(struct store_range){.max_seq = seq}, ids);
    for (size_t i = 0; i < n; i++) {
        struct event one = {.viewer_id = {ids[i]}};
        residents_drop(e->residents, one.viewer_id);
        audiences_note(e->audiences, &one, &(uint8_t){APPEND_ADDED}, 1);
    }
}

/* Who is who changed: those who were one and those who are one now. */
static void people_changed(struct mq_engine *e, const struct event *event)
{
    forget_group(e, event->viewer_id, event->seq);
    forget_group(e, event->other_id, event->seq);
    if (event->seq > 1) {
        forget_group(e, event->viewer_id, event->seq - 1);
        forget_group(e, event->other_id, event->seq - 1);
    }
}

/* A reader may wait for one change, so a large group is applied in several. */
enum { CHANGE_EVENTS = 256 };

/* One change, short: what takes time was prepared before. Returns with the live state whole up to `seq`. */
static void apply_part(struct mq_engine *e, const struct event *events, const uint8_t *outcome,
                       size_t n, uint64_t seq)
{
    struct mq_error err;
    residents_prepare(e->residents, events, outcome, n, atomic_load(&e->catalogue),
                      engine_engagement(e));
    engine_change_begin(e);
    for (size_t i = 0; i < n; i++) {
        if (outcome[i] != APPEND_ADDED)
            continue;
        note_time(e, events[i].at_ms);
        /* Without memory a count is missed; the next start counts it from the log. */
        (void)trend_feed(atomic_load(&e->trend), &events[i], &err);
    }
    counting_aside_feed(e, events, outcome, n);
    residents_publish(e->residents);
    audiences_note(e->audiences, events, outcome, n);
    sources_apply(e, events, outcome, n);
    engine_change_end(e, seq);
    residents_trim(e->residents);
}

/* Titles that an import has put lie before these events in the log. Without memory for them the catalogue stays
 * behind until the next group. */
static void catch_up(struct mq_engine *e, const struct event *events, const uint8_t *outcome,
                     size_t n)
{
    struct catalogue *c;
    struct mq_error err;
    if (!e->catalogue_behind || catalogue_from_store(e->store, 0, &c, &err) != 0)
        return;
    uint64_t seq = store_last_seq(e->store);
    for (size_t i = n; i-- > 0;)
        seq = outcome[i] == APPEND_ADDED ? events[i].seq - 1 : seq;
    engine_change_begin(e);
    serve_catalogue(e, c);
    engine_change_end(e, seq);
}

/* Before the first part: none of it may be fed to a profile of other people. And after the last one, for what was made
 * meanwhile. */
static void take_people(struct mq_engine *e, const struct event *events, const uint8_t *outcome,
                        size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (outcome[i] != APPEND_ADDED || events[i].other_id.v == ID_NONE)
            continue;
        engine_change_begin(e);
        people_changed(e, &events[i]);
        engine_change_end(e, atomic_load(&e->applied_seq));
    }
}

static void apply_events(void *ctx, const struct event *events, const uint8_t *outcome, size_t n)
{
    struct mq_engine *e = ctx;
    catch_up(e, events, outcome, n);
    take_people(e, events, outcome, n);
    uint64_t seq = atomic_load(&e->applied_seq);
    for (size_t from = 0; from < n; from += CHANGE_EVENTS) {
        size_t part = n - from < CHANGE_EVENTS ? n - from : CHANGE_EVENTS;
        for (size_t i = from; i < from + part; i++)
            seq = outcome[i] == APPEND_ADDED ? events[i].seq : seq;
        bool last = from + part == n;
        apply_part(e, events + from, outcome + from, part, last ? store_last_seq(e->store) : seq);
    }
    take_people(e, events, outcome, n);
    if (seq > e->kept_seq + KEEP_EVENTS && seq > e->keep_tried + KEEP_EVENTS) {
        e->keep_tried = seq;
        (void)kept_counters_write(e, NULL);
    }
    epoch_collect(e->epoch);
}

static void collect(void *ctx)
{
    struct mq_engine *e = ctx;
    heard_titles_take(e);
    epoch_collect(e->epoch);
    dead_letters_flush(e->dead_letters);
}

static void flush_letters(void *ctx, uint32_t arg)
{
    struct mq_engine *e = ctx;
    (void)arg;
    dead_letters_flush(e->dead_letters);
}

void engine_refused(struct mq_engine *e, struct str source, struct str reason, struct str raw)
{
    if (dead_letters_add(e->dead_letters, clock_wall_ms(), source, reason, raw))
        committer_hint(e->committer, flush_letters, e, 0);
}

/* ---------------------------------------------------------------- live versions */

static void free_model(void *m)
{
    model_close(m);
}

void engine_swap_model(struct mq_engine *e, struct model *m)
{
    struct model *old = atomic_exchange(&e->model, m);
    atomic_store(&e->model_version, m->facts.version);
    if (old)
        epoch_defer(e->epoch, free_model, old);
}

/* ---------------------------------------------------------------- opening */

struct counting {
    struct counted n;
    struct audiences *audiences; /* at the start only */
    struct mq_error *err;
};

static int count_event(void *ctx, const struct event *event)
{
    struct counting *c = ctx;
    if (c->n.newest_ms == 0 || event->at_ms > c->n.newest_ms)
        c->n.newest_ms = event->at_ms;
    if (c->n.first_ms == 0 || event->at_ms < c->n.first_ms)
        c->n.first_ms = event->at_ms;
    if (c->audiences)
        audiences_scanned(c->audiences, event);
    return trend_feed(c->n.trend, event, c->err);
}

static void free_trend(void *t)
{
    trend_free(t);
}

void engine_serve_counters(struct mq_engine *e, const struct counted *n)
{
    engine_change_begin(e);
    struct trend *old = atomic_exchange(&e->trend, n->trend);
    atomic_store(&e->first_ms, n->first_ms);
    atomic_store(&e->newest_ms, n->newest_ms);
    engine_change_end(e, store_last_seq(e->store));
    if (old)
        epoch_defer(e->epoch, free_trend, old);
}

int engine_recount(struct mq_engine *e, struct mq_error *err)
{
    struct counting c = {.audiences = e->committer ? NULL : e->audiences, .err = err};
    int rc = counted_trend_new(&c.n.trend, err);
    if (rc)
        return rc;
    struct store_range all = {0};
    rc = store_scan_all(e->store, &all, count_event, &c, err);
    if (rc) {
        trend_free(c.n.trend);
        return rc;
    }
    e->kept_seq = 0;
    engine_serve_counters(e, &c.n);
    return 0;
}

static int take_up_counters(struct mq_engine *e, struct mq_error *err)
{
    struct counted kept;
    int rc = kept_counters_load(e, &kept, err);
    if (rc == MQ_NOT_FOUND)
        return engine_recount(e, err);
    if (rc == 0)
        engine_serve_counters(e, &kept);
    return rc;
}

/* Profiles are read when first asked for. */
static int rebuild(struct mq_engine *e, struct mq_error *err)
{
    int rc = engine_refresh_catalogue(e, err);
    if (rc == 0)
        rc = take_up_counters(e, err);
    if (rc)
        return rc;
    struct model *m = NULL;
    rc = library_open_live(e->dir, &m, &e->refused_model, err);
    if (rc == MQ_NO_MODEL || rc == MQ_NOT_FOUND)
        return 0;
    if (rc == 0)
        engine_swap_model(e, m);
    return rc;
}

static int open_parts(struct mq_engine *e, const char *dir, struct mq_error *err)
{
    struct store_options so = {.must_exist = e->options.must_exist,
                               .cache_bytes = e->options.cache_bytes,
                               .titles_take_place = true};
    int rc = store_open(dir, &so, &e->store, err);
    if (rc == 0)
        rc = file_make_dirs(e->models, err);
    if (rc == 0)
        rc = dead_letters_new(dir, &e->dead_letters, err);
    if (rc == 0)
        rc = epoch_new(&e->epoch, err);
    if (rc == 0)
        rc = residents_new(e->store, e->epoch, e->options.profile_bytes, &e->residents, err);
    if (rc == 0)
        rc = audiences_new(e->dir, &e->audiences, err);
    if (rc == 0)
        rc = kept_forecasts_new(&e->forecasts, err);
    if (rc == 0)
        rc = kept_fits_new(&e->fits, err);
    if (rc == 0)
        rc = page_log_new(e->dir, e->store, &e->page_log, err);
    if (rc == 0)
        rc = experiments_open(e, err);
    if (rc == 0)
        rc = campaigns_open(e, err);
    if (rc == 0)
        rc = source_watch_new(&e->sources, err);
    if (rc == 0)
        rc = engagement_open(e, err);
    if (rc == 0)
        rc = heard_titles_new(&e->heard, err);
    if (rc == 0)
        rc = counting_aside_new(&e->aside, err);
    if (rc == 0)
        rc = rebuild(e, err);
    if (rc == 0) {
        struct committer_ops ops = {
            .ctx = e, .append = append_events, .apply = apply_events, .idle = collect};
        rc = committer_new(&ops, e->options.queue_events, &e->committer, err);
    }
    return rc;
}

/* A change goes before readers that come later, else they could keep it waiting for ever. */
static void init_locks(struct mq_engine *e)
{
    pthread_rwlockattr_t attr;
    pthread_rwlockattr_init(&attr);
    pthread_rwlockattr_setkind_np(&attr, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    pthread_rwlock_init(&e->quiet, &attr);
    pthread_rwlockattr_destroy(&attr);
    pthread_mutex_init(&e->training_lock, NULL);
    pthread_mutex_init(&e->experiments_lock, NULL);
    pthread_mutex_init(&e->campaigns_lock, NULL);
    pthread_mutex_init(&e->library_lock, NULL);
    pthread_mutex_init(&e->sources_lock, NULL);
}

int mq_engine_open(const char *dir, const struct mq_options *options, struct mq_engine **ret,
                   struct mq_error *err)
{
    if (!dir || dir[0] == '\0')
        return mq_fail(err, MQ_INVALID, "data folder: empty name: give one");
    struct mq_engine *e = calloc(1, sizeof(*e));
    if (!e)
        return mq_fail(err, MQ_NO_MEMORY, "engine: no memory");
    if (options)
        e->options = *options;
    if (!(e->options.swaps > 0)) /* not a number: none */
        e->options.swaps = 0;
    if (e->options.swaps > MQ_SWAPS_MAX)
        e->options.swaps = MQ_SWAPS_MAX;
    if (e->options.profile_bytes == 0)
        e->options.profile_bytes = default_profile_bytes;
    if (e->options.queue_events == 0)
        e->options.queue_events = DEFAULT_QUEUE;
    e->dir = strdup(dir);
    e->models = joined(dir, "models");
    init_locks(e);
    int rc = e->dir && e->models ? open_parts(e, dir, err)
                                 : mq_fail(err, MQ_NO_MEMORY, "engine: no memory");
    if (rc) {
        mq_engine_close(e);
        return rc;
    }
    *ret = e;
    return 0;
}

void mq_engine_close(struct mq_engine *e)
{
    if (!e)
        return;
    committer_free(e->committer);
    if (e->committer) /* it was open; without them the next opening counts anew */
        (void)kept_counters_write(e, NULL);
    page_log_free(e->page_log);
    dead_letters_free(e->dead_letters);
    if (e->epoch)
        epoch_collect(e->epoch);
    residents_free(e->residents);
    audiences_free(e->audiences);
    kept_forecasts_free(e->forecasts);
    kept_fits_free(e->fits);
    source_watch_free(e->sources);
    engagement_close(e);
    heard_titles_free(e->heard);
    counting_aside_free(e->aside);
    epoch_free(e->epoch);
    trend_free(atomic_load(&e->trend));
    catalogue_free(atomic_load(&e->catalogue));
    model_close(atomic_load(&e->model));
    free(atomic_load(&e->experiments));
    campaigns_close(e);
    picture_table_free(atomic_load(&e->pictures));
    store_close(e->store);
    pthread_rwlock_destroy(&e->quiet);
    pthread_mutex_destroy(&e->library_lock);
    pthread_mutex_destroy(&e->sources_lock);
    pthread_mutex_destroy(&e->training_lock);
    pthread_mutex_destroy(&e->experiments_lock);
    pthread_mutex_destroy(&e->campaigns_lock);
    free(e->models);
    free(e->dir);
    free(e);
}

static int go_behind(void *ctx, struct mq_error *err)
{
    (void)ctx;
    (void)err;
    thread_is("committer", THREAD_BEHIND);
    return 0;
}

void engine_let_pages_go_first(struct mq_engine *e)
{
    struct mq_error ignored; /* it closes */
    (void)committer_call(e->committer, go_behind, NULL, &ignored);
}

int engine_submit(struct mq_engine *e, struct submission *s, struct mq_error *err)
{
    return committer_submit(e->committer, s, err);
}

/* reader.c - the world that a request is asked of.
 *
 * An answer names the place in the log that it was made from, and must be what that prefix alone gives
 * (docs/decisions/0004-as-of.md). Snapshots and catalogues never change, but the live counters do, event by
 * event. So all that an answer is made from is gathered first (the snapshot, and what it needs of the counters,
 * copied), in about a tenth of the time that the answer takes. It counts only if apply_version stood still and even
 * meanwhile. Mostly it did, and no lock was taken. If not, it is gathered once more, and then under `quiet`, for
 * which the committer waits. The answer is computed afterwards, whatever comes in. */
#include "engine/reader.h"

#include <stdlib.h>

#include "base/clock.h"
#include "engine/campaigns.h"
#include "engine/canary.h"
#include "engine/experiments.h"
#include "engine/interleaving.h"
#include "engine/note_shown.h"
#include "engine/page_log.h"
#include "engine/picture_learning.h"
#include "model/library.h"
#include "wire/device_words.h"

enum { TRIES = 2 }; /* without the lock */

int mq_reader_open(struct mq_engine *engine, struct mq_reader **ret, struct mq_error *err)
{
    struct mq_reader *r = calloc(1, sizeof(*r));
    if (!r)
        return mq_fail(err, MQ_NO_MEMORY, "reader: no memory");
    r->engine = engine;
    int rc = epoch_join(engine->epoch, &r->slot, err);
    if (rc) {
        free(r);
        return rc;
    }
    rc = recommender_new(&r->recommender, err);
    if (rc == 0)
        rc = shown_scratch_new(&r->shown, err);
    if (rc) {
        mq_reader_close(r);
        return rc;
    }
    *ret = r;
    return 0;
}

void mq_reader_rest(struct mq_reader *r)
{
    if (r->inside)
        epoch_exit(r->engine->epoch, r->slot);
    r->inside = false;
    profile_free(r->borrowed);
    r->borrowed = NULL;
}

void mq_reader_close(struct mq_reader *r)
{
    if (!r)
        return;
    mq_reader_rest(r);
    epoch_leave_for_good(r->engine->epoch, r->slot);
    recommender_free(r->recommender);
    past_free(r->past);
    shown_scratch_free(r->shown);
    interleaving_free(r->interleaving);
    model_close(r->chosen.model);
    if (r->has_answer)
        arena_release(&r->answer);
    free(r);
}

/* Copy text of a request, checked, so that the answer may point to it. */
static int take_text(const char *what, const char *text, char *to, size_t max, struct mq_error *err)
{
    struct str s = str_of(text);
    if (s.n > max)
        return mq_fail(err, MQ_TOO_LARGE, "%s: %zu bytes: at most %zu are allowed", what, s.n, max);
    if (!str_is_utf8(s) || str_has_control(s))
        return mq_fail(err, MQ_INVALID, "%s: %.*s: must be UTF-8 without control characters", what,
                       STR_ARG(s));
    if (s.n > 0)
        memcpy(to, s.p, s.n);
    to[s.n] = '\0';
    return 0;
}

static int take_context(struct mq_reader *r, const struct mq_request *q, struct ask *ask,
                        struct mq_error *err)
{
    enum device device = DEVICE_NONE;
    if (q->device && q->device[0] != '\0' &&
        (device = device_of_words(str_of(q->device))) == DEVICE_NONE)
        return mq_fail(
            err, MQ_INVALID,
            "device: %s: is none of tv, phone, tablet, desktop, console, set_top, cast, other",
            q->device);
    ask->context.device = (uint8_t)device;
    if (q->country && !country_from(str_of(q->country), &ask->context.country))
        return mq_fail(err, MQ_INVALID, "country: %s: give two letters, as GB", q->country);
    int rc = take_text("region", q->region, r->region, EVENT_TEXT_MAX, err);
    if (rc)
        return rc;
    ask->context.region = str_of(r->region);
    ask->context.offset_min = OFFSET_NONE;
    if (q->timezone) {
        int offset;
        if (!time_zone_offset(str_of(q->timezone), ask->at_ms, &offset))
            return mq_fail(err, MQ_INVALID,
                           "timezone: %s: is unknown: give a name as Europe/London", q->timezone);
        ask->context.offset_min = (int16_t)offset;
    } else if (q->has_offset) {
        if (q->offset_min < -24 * 60 || q->offset_min > 24 * 60)
            return mq_fail(err, MQ_INVALID, "offset_min: %d: must lie within a day", q->offset_min);
        ask->context.offset_min = (int16_t)q->offset_min;
    }
    return 0;
}

/* Where the request does not say where the viewer is, they are where they last were. */
static void add_habits(const struct mq_request *q, struct ask *ask)
{
    const struct profile *p = ask->profile;
    if (!p || ask->no_profiling || q->no_context)
        return;
    if (ask->context.offset_min == OFFSET_NONE)
        ask->context.offset_min = p->offset_min;
    if (ask->context.country == 0)
        ask->context.country = p->country;
}

static int use_past(struct mq_reader *r, const struct mq_request *q, struct mq_error *err)
{
    struct mq_engine *e = r->engine;
    struct past_key key;
    memset(&key, 0, sizeof(key)); /* compared as bytes */
    key.erasures = atomic_load(&e->erasures);
    key.seq = atomic_load(&e->applied_seq); /* what comes later is not part of this answer's past */
    if (q->as_of_seq != 0 && q->as_of_seq < key.seq)
        key.seq = q->as_of_seq;
    key.known_ms = q->as_of_ms;
    if (r->past && memcmp(&r->past->key, &key, sizeof(key)) == 0)
        return 0;
    past_free(r->past);
    r->past = NULL;
    return past_open(e->store, &key, &r->past, err);
}

/* Opening a model reads all of it, so the last one is kept. */
static int choose_model(struct mq_reader *r, const struct mq_request *q, const struct model **ret,
                        struct mq_error *err)
{
    const struct mq_engine *e = r->engine;
    uint64_t live = atomic_load(&e->model_version);
    if (r->chosen.model && r->chosen.version == q->model && r->chosen.as_of_ms == q->as_of_ms &&
        r->chosen.as_of_seq == q->as_of_seq && (q->model != 0 || r->chosen.live == live)) {
        *ret = r->chosen.model;
        return 0;
    }
    struct model *m = NULL;
    int rc = q->model != 0      ? library_open_version(e->dir, q->model, &m, err)
             : q->as_of_ms != 0 ? library_open_as_of(e->dir, q->as_of_ms, &m, err)
                                : library_open_from_prefix(e->dir, q->as_of_seq, &m, err);
    if (q->model == 0 && (rc == MQ_NO_MODEL || rc == MQ_NOT_FOUND)) {
        *ret = NULL; /* none was there then */
        return 0;
    }
    if (rc)
        return rc;
    model_close(r->chosen.model);
    r->chosen.model = m;
    r->chosen.version = q->model;
    r->chosen.as_of_ms = q->as_of_ms;
    r->chosen.as_of_seq = q->as_of_seq;
    r->chosen.live = live;
    *ret = m;
    return 0;
}

static void hint_load(void *ctx, uint32_t viewer)
{
    struct mq_engine *e = ctx;
    struct mq_error err;
    if (residents_get(e->residents, (struct viewer_id){viewer}))
        return; /* several readers asked */
    /* It was worth a try: without it the next answer reads the log again. */
    (void)residents_load(e->residents, (struct viewer_id){viewer}, atomic_load(&e->catalogue),
                         engine_engagement(e), &err);
}

static int live_profile(struct mq_reader *r, struct viewer_id id, const struct catalogue *c,
                        uint64_t log_seq, const struct profile **ret, struct mq_error *err)
{
    /* Events that are written but not applied yet are not part of this answer. */
    struct store_range applied = {.max_seq = log_seq};
    id = store_root(r->engine->store, id, &applied);
    *ret = residents_get(r->engine->residents, id);
    if (*ret)
        return 0;
    int rc = profile_from_log(r->engine->store, id, &applied, c, engine_engagement(r->engine),
                              &r->borrowed, err);
    if (rc)
        return rc;
    *ret = r->borrowed;
    if (r->borrowed)
        committer_hint(r->engine->committer, hint_load, r->engine, id.v);
    return 0;
}

/* The viewer's history in the world asked about; NULL for a viewer without one. */
static int find_profile(struct mq_reader *r, const struct world *w, bool present, uint64_t log_seq,
                        const struct profile **ret, struct mq_error *err)
{
    uint32_t id = intern_find(store_names(r->engine->store, NAME_VIEWER), str_of(r->viewer));
    *ret = NULL;
    if (id == INTERN_NONE || log_seq == 0)
        return 0;
    if (present)
        return live_profile(r, (struct viewer_id){id}, w->catalogue, log_seq, ret, err);
    int rc = profile_from_log(r->engine->store, (struct viewer_id){id}, &r->past->range,
                              w->catalogue, engine_engagement(r->engine), &r->borrowed, err);
    *ret = r->borrowed;
    return rc;
}

/* The live one stays where it had learnt from nothing later than what is asked about. */
static bool knows_too_much(const struct model *live, const struct mq_request *q)
{
    return q->as_of_seq != 0 && live && live->facts.log_seq > q->as_of_seq;
}

static bool is_present(const struct mq_request *q)
{
    return q->as_of_ms == 0 && q->as_of_seq == 0;
}

void reader_enter(struct mq_reader *r, struct world *w)
{
    struct mq_engine *e = r->engine;
    mq_reader_rest(r);
    epoch_enter(e->epoch, r->slot);
    r->inside = true;
    *w = (struct world){.model = atomic_load(&e->model),
                        .catalogue = atomic_load(&e->catalogue),
                        .trend = atomic_load(&e->trend),
                        .pictures = picture_learning_now(e)};
}

int reader_enter_asked(struct mq_reader *r, const struct mq_request *q, struct world *w,
                       struct ask *ask, struct mq_error *err)
{
    int rc = 0;
    if (q->as_of_ms != 0 && q->as_of_seq != 0)
        return mq_fail(err, MQ_INVALID, "as of: a time and a position: give one of them");
    reader_enter(r, w);
    ask->log_seq = atomic_load(&r->engine->applied_seq);
    ask->at_ms = q->at_ms;
    if (q->model == MQ_MODEL_NONE)
        w->model = NULL;
    else if (q->model != 0 || q->as_of_ms != 0 || knows_too_much(w->model, q))
        rc = choose_model(r, q, &w->model, err);
    if (r->arm_model && rc != 0) {
        w->model = atomic_load(&r->engine->model);
        r->canary_failed = true;
        rc = 0;
    }
    if (rc == 0 && !is_present(q)) {
        rc = use_past(r, q, err);
        if (rc)
            return rc;
        w->catalogue = r->past->catalogue;
        w->trend = r->past->trend;
        w->pictures = NULL;
        ask->exploration = 0;
        ask->try_new = false;
        ask->swaps = 0;
        ask->log_seq = r->past->key.seq;
        if (ask->at_ms == 0)
            ask->at_ms = q->as_of_ms ? q->as_of_ms : r->past->newest_ms;
    }
    if (ask->at_ms == 0)
        ask->at_ms = engine_now(r->engine, NULL);
    return rc;
}

/* What was shown lately, of a page of now; the first answer to a viewer after a while goes without it. Beyond the log: see
 * docs/decisions/0014-shown-pages.md. */
static void take_shown(struct mq_reader *r, struct ask *ask)
{
    struct shown_counts c;
    if (!ask->profile || ask->no_profiling ||
        !page_log_counts(r->engine->page_log, ask->profile->viewer, &c))
        return;
    for (uint32_t i = 0; i < c.n && i < SHOWN_COUNTS_MAX; i++) {
        struct title_id title = {c.of[i].title};
        r->passed_by[i] = (struct shown_title){title, shown_times(&c, title, ask->at_ms)};
    }
    ask->shown = r->passed_by;
    ask->n_shown = c.n;
}

/* Arm 1's of an interleaved answer. Where its version is not to be had, arm 0's stands alone. */
static int gather_other(struct mq_reader *r, const struct world *w, const struct ask *ask,
                        struct mq_error *err)
{
    struct mq_request other = {.model = interleaving_model(r)};
    const struct model *model =
        interleaving_other_is_live(r) ? atomic_load(&r->engine->model) : w->model;
    struct mq_error why;
    if (ask->no_profiling || (other.model && choose_model(r, &other, &model, &why) != 0)) {
        interleaving_off(r);
        return 0;
    }
    return interleaving_gather(r, w, model, ask, err);
}

/* Everything that the answer is made from. */
static int gather(struct mq_reader *r, const struct mq_request *q, struct world *w, struct ask *ask,
                  struct mq_error *err)
{
    int rc = reader_enter_asked(r, q, w, ask, err);
    if (rc == 0)
        rc = take_context(r, q, ask, err);
    if (rc == 0)
        rc = find_profile(r, w, is_present(q), ask->log_seq, &ask->profile, err);
    if (rc)
        return rc;
    if (ask->profile && ask->profile->consent & CONSENT_UNPROFILED)
        ask->no_profiling = true;
    if (is_present(q))
        take_shown(r, ask);
    add_habits(q, ask);
    r->n_arms = r->n_experiment_arms; /* gathered again, they are noted again */
    if (is_present(q))
        campaigns_join(r, ask);
    rc = recommend_prepare(r->recommender, w, ask, err);
    return rc == 0 && interleaving_on(r) ? gather_other(r, w, ask, err) : rc;
}

/* As above, all of one moment. */
static int gather_whole(struct mq_reader *r, const struct mq_request *q, struct world *w,
                        struct ask *ask, struct mq_error *err)
{
    struct mq_engine *e = r->engine;
    const struct ask asked = *ask;
    if (!is_present(q)) /* the past stands still */
        return gather(r, q, w, ask, err);
    for (int i = 0; i < TRIES; i++) {
        uint64_t version = atomic_load(&e->apply_version);
        if (version % 2 != 0)
            break;
        int rc = gather(r, q, w, ask, err);
        if (atomic_load(&e->apply_version) == version)
            return rc;
        mq_reader_rest(r); /* nobody waits for the lock inside the epoch */
        *ask = asked;
    }
    pthread_rwlock_rdlock(&e->quiet);
    int rc = gather(r, q, w, ask, err);
    pthread_rwlock_unlock(&e->quiet);
    return rc;
}

static int check_mood(const char *mood, struct mq_error *err)
{
    struct str s = str_of(mood);
    if (s.n > EVENT_TEXT_MAX || !str_is_utf8(s) || str_has_control(s))
        return mq_fail(err, MQ_INVALID,
                       "mood: %zu bytes: give off, or the name or number of a mood", s.n);
    return 0;
}

/* What the arms of the viewer's experiments make of the request; they are none of what is asked about the past. Where the request
 * itself says something, that holds. */
static void join_experiments(struct mq_reader *r, struct mq_request *q)
{
    r->n_arms = r->n_experiment_arms = 0;
    r->arm_model = false;
    r->canary = ARM_NONE;
    r->canary_failed = false;
    interleaving_off(r);
    if (q->as_of_ms != 0 || q->as_of_seq != 0 || q->no_profiling)
        return;
    epoch_enter(r->engine->epoch, r->slot);
    const struct running_experiments *all = atomic_load(&r->engine->experiments);
    for (size_t i = 0; all && i < all->n && r->n_arms < SHOWN_ARMS_MAX; i++) {
        const struct experiment *x = &all->of[i];
        struct arms arms = experiment_arms(x);
        int arm = arm_of(&arms, str_of(q->viewer));
        if (arm == ARM_NONE)
            continue;
        if (x->interleave) {
            struct mq_error ignored; /* without memory for it they are answered as everybody */
            if (!r->may_interleave || interleaving_on(r) || interleaving_join(r, x, q, &ignored))
                continue;
            arm = 0;
        }
        const struct experiment_arm *a = &x->arm[arm];
        memcpy(r->arm_names[r->n_arms], x->name, sizeof(x->name));
        r->arms[r->n_arms] = (struct shown_arm){str_of(r->arm_names[r->n_arms]), (uint8_t)arm};
        r->n_experiment_arms = ++r->n_arms;
        if (x->canary)
            r->canary = arm;
        q->no_ranker = q->no_ranker || a->no_ranker;
        q->no_context = q->no_context || a->no_context;
        q->draw = q->draw ? q->draw : a->draw;
        if (q->model == 0 && a->model != 0) {
            q->model = a->model;
            r->arm_model = true;
        }
    }
    epoch_exit(r->engine->epoch, r->slot);
}

/* A failure that the request is not to blame for. */
static bool is_ours(int rc)
{
    return rc != 0 && rc != MQ_INVALID && rc != MQ_NOT_FOUND && rc != MQ_TOO_LARGE;
}

int reader_answer(struct mq_reader *r, const struct mq_request *request, reader_compute *compute,
                  void *ctx, struct mq_error *err)
{
    struct mq_request with = *request;
    const struct mq_request *q = &with;
    mq_reader_rest(r);
    if (!q->viewer || q->viewer[0] == '\0')
        return mq_fail(err, MQ_INVALID, "viewer: missing: give one");
    int rc = take_text("viewer", q->viewer, r->viewer, EVENT_ID_MAX, err);
    if (rc)
        return rc;
    join_experiments(r, &with);
    r->may_interleave = false;
    struct world w;
    struct ask ask = {.viewer = r->viewer,
                      .no_context = q->no_context,
                      .no_profiling = q->no_profiling,
                      .no_ranker = q->no_ranker,
                      .no_rows = !r->for_page,
                      .draw = q->draw,
                      .try_new = atomic_load(&r->engine->try_new),
                      .exploration = r->engine->options.exploration < 0 ? 0
                                     : r->engine->options.exploration == 0
                                         ? 1
                                         : r->engine->options.exploration,
                      .swaps = interleaving_on(r) ? 0 : r->engine->options.swaps,
                      .rows = q->rows,
                      .columns = q->columns,
                      .n = q->n,
                      .rules = &r->rules,
                      .mood = q->mood};
    rc = rules_parse(q->rules, &r->rules, err);
    if (rc == 0)
        rc = check_mood(q->mood, err);
    if (rc)
        return rc;
    rc = gather_whole(r, q, &w, &ask, err);
    if (rc == 0)
        rc = compute(r, &w, &ask, ctx, err);
    if (r->canary != ARM_NONE)
        canary_note(r->engine, r->canary, r->canary_failed || is_ours(rc));
    if (rc)
        mq_reader_rest(r);
    return rc;
}

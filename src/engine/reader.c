/* reader.c - one request: what was asked -> the world it is asked of -> recommend. */
#include <stdlib.h>

#include "base/clock.h"
#include "engine/engine.h"
#include "engine/past.h"
#include "recommend/recommend.h"

struct mq_reader {
    struct mq_engine *engine;
    unsigned slot; /* in the engine's epoch */
    bool inside;   /* the last answer may still point into the world */
    struct recommender *recommender;
    struct past *past;        /* the last past that was asked about */
    struct profile *borrowed; /* built for this answer: a viewer not in memory, or a past one */
    char viewer[EVENT_ID_MAX + 1];
    char region[EVENT_TEXT_MAX + 1];
};

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
    if (q->device && !device_from(str_of(q->device), &device))
        return mq_fail(err, MQ_INVALID,
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
            return mq_fail(err, MQ_INVALID, "timezone: %s: is unknown: give a name as Europe/London",
                           q->timezone);
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
    if (!p || q->no_profiling || q->no_context)
        return;
    if (ask->context.offset_min == OFFSET_NONE)
        ask->context.offset_min = p->offset_min;
    if (ask->context.country == 0)
        ask->context.country = p->country;
}

static int use_past(struct mq_reader *r, const struct past_key *key, struct world *w,
                    struct mq_error *err)
{
    if (!r->past || memcmp(&r->past->key, key, sizeof(*key)) != 0) {
        past_free(r->past);
        r->past = NULL;
        int rc = past_open(r->engine, key, &r->past, err);
        if (rc)
            return rc;
    }
    *w = (struct world){r->past->model, r->past->catalogue, r->past->trend};
    return 0;
}

static void hint_load(void *ctx, uint32_t viewer)
{
    struct mq_engine *e = ctx;
    struct mq_error err;
    /* It was worth a try: without it the next answer reads the log again. */
    (void)residents_load(e->residents, (struct viewer_id){viewer}, atomic_load(&e->catalogue), &err);
}

static int live_profile(struct mq_reader *r, struct viewer_id id, const struct catalogue *c,
                        const struct profile **ret, struct mq_error *err)
{
    *ret = residents_get(r->engine->residents, id);
    if (*ret)
        return 0;
    struct store_range all = {0};
    int rc = profile_from_log(r->engine->store, id, &all, c, &r->borrowed, err);
    if (rc)
        return rc;
    *ret = r->borrowed;
    if (r->borrowed)
        committer_hint(r->engine->committer, hint_load, r->engine, id.v);
    return 0;
}

/* The viewer's history in the world asked about; NULL for a viewer without one. */
static int find_profile(struct mq_reader *r, const struct world *w, bool present,
                        const struct profile **ret, struct mq_error *err)
{
    uint32_t id = intern_find(store_names(r->engine->store, NAME_VIEWER), str_of(r->viewer));
    *ret = NULL;
    if (id == INTERN_NONE)
        return 0;
    if (present)
        return live_profile(r, (struct viewer_id){id}, w->catalogue, ret, err);
    int rc = profile_from_log(r->engine->store, (struct viewer_id){id}, &r->past->range, w->catalogue,
                              &r->borrowed, err);
    *ret = r->borrowed;
    return rc;
}

static int enter_world(struct mq_reader *r, const struct mq_request *q, struct world *w,
                       struct ask *ask, bool *ret_present, struct mq_error *err)
{
    struct mq_engine *e = r->engine;
    struct past_key key;
    memset(&key, 0, sizeof(key)); /* compared as bytes */
    key.as_of_ms = q->as_of_ms;
    key.as_of_seq = q->as_of_seq;
    key.model = q->model;
    *ret_present = past_is_present(&key) && key.model == 0;
    if (!*ret_present) {
        int rc = use_past(r, &key, w, err);
        ask->log_seq = rc == 0 ? r->past->last_seq : 0;
        ask->at_ms = q->at_ms ? q->at_ms : q->as_of_ms;
        if (ask->at_ms == 0 && rc == 0)
            ask->at_ms = key.as_of_seq ? r->past->newest_ms : engine_now(e, NULL);
        return rc;
    }
    epoch_enter(e->epoch, r->slot);
    r->inside = true;
    *w = (struct world){atomic_load(&e->model), atomic_load(&e->catalogue),
                        atomic_load(&e->trend)};
    ask->log_seq = store_last_seq(e->store);
    ask->at_ms = q->at_ms ? q->at_ms : engine_now(e, NULL);
    return 0;
}

/* Everything a request needs before recommend may answer. */
static int begin(struct mq_reader *r, const struct mq_request *q, struct world *w, struct ask *ask,
                 struct mq_error *err)
{
    mq_reader_rest(r);
    if (!q->viewer || q->viewer[0] == '\0')
        return mq_fail(err, MQ_INVALID, "viewer: missing: give one");
    if (q->as_of_ms != 0 && q->as_of_seq != 0)
        return mq_fail(err, MQ_INVALID, "as of: a time and a position: give one of them");
    int rc = take_text("viewer", q->viewer, r->viewer, EVENT_ID_MAX, err);
    if (rc)
        return rc;
    *ask = (struct ask){.viewer = r->viewer,
                        .no_context = q->no_context,
                        .no_profiling = q->no_profiling,
                        .rows = q->rows,
                        .columns = q->columns,
                        .n = q->n};
    bool present;
    rc = enter_world(r, q, w, ask, &present, err);
    if (rc == 0)
        rc = take_context(r, q, ask, err);
    if (rc == 0)
        rc = recommender_fit(r->recommender, w->catalogue->n_titles, w->model ? w->model->stride : 16,
                             err);
    if (rc == 0)
        rc = find_profile(r, w, present, &ask->profile, err);
    if (rc) {
        mq_reader_rest(r);
        return rc;
    }
    add_habits(q, ask);
    return 0;
}

/* `finish` keeps the world for as long as the answer lives. */
static int finish(struct mq_reader *r, int rc)
{
    if (rc)
        mq_reader_rest(r);
    return rc;
}

int mq_home(struct mq_reader *r, const struct mq_request *q, struct mq_page *ret, struct mq_error *err)
{
    struct world w;
    struct ask ask;
    int rc = begin(r, q, &w, &ask, err);
    if (rc)
        return rc;
    return finish(r, recommend_home(r->recommender, &w, &ask, ret, err));
}

int mq_recommend(struct mq_reader *r, const struct mq_request *q, struct mq_list *ret,
                 struct mq_error *err)
{
    struct world w;
    struct ask ask;
    int rc = begin(r, q, &w, &ask, err);
    if (rc)
        return rc;
    return finish(r, recommend_list(r->recommender, &w, &ask, ret, err));
}

/* The dense id of a title that the world has a row for. */
static int find_title(const struct mq_reader *r, const struct world *w, const char *title,
                      struct title_id *ret, struct mq_error *err)
{
    struct str id = str_of(title);
    uint32_t found = id.n > 0 ? intern_find(store_names(r->engine->store, NAME_TITLE), id) : INTERN_NONE;
    if (found == INTERN_NONE || found >= w->catalogue->n_titles)
        return mq_fail(err, MQ_NOT_FOUND, "title: %.*s: is unknown", STR_ARG(id));
    ret->v = found;
    return 0;
}

enum { RANK_MAX = 10000 };

int mq_rank(struct mq_reader *r, const struct mq_request *q, const char *const *titles, size_t n,
            struct mq_list *ret, struct mq_error *err)
{
    struct world w;
    struct ask ask;
    if (n > RANK_MAX)
        return mq_fail(err, MQ_TOO_LARGE, "titles: %zu: at most %d can be ranked at once", n, RANK_MAX);
    int rc = begin(r, q, &w, &ask, err);
    if (rc)
        return rc;
    struct title_id *ids = calloc(n + 1, sizeof(*ids));
    if (!ids)
        rc = mq_fail(err, MQ_NO_MEMORY, "titles: %zu: no memory", n);
    for (size_t i = 0; rc == 0 && i < n; i++)
        rc = find_title(r, &w, titles[i], &ids[i], err);
    if (rc == 0)
        rc = recommend_rank(r->recommender, &w, &ask, ids, n, ret, err);
    free(ids);
    return finish(r, rc);
}

int mq_similar(struct mq_reader *r, const char *title, unsigned n, struct mq_list *ret,
               struct mq_error *err)
{
    struct mq_engine *e = r->engine;
    mq_reader_rest(r);
    epoch_enter(e->epoch, r->slot);
    r->inside = true;
    struct world w = {atomic_load(&e->model), atomic_load(&e->catalogue),
                        atomic_load(&e->trend)};
    struct title_id id;
    int rc = find_title(r, &w, title, &id, err);
    if (rc == 0)
        rc = recommender_fit(r->recommender, w.catalogue->n_titles, w.model ? w.model->stride : 16, err);
    if (rc == 0)
        rc = recommend_similar(r->recommender, &w, id, n, ret, err);
    return finish(r, rc);
}

int mq_explain(struct mq_reader *r, const struct mq_request *q, const char *title,
               struct mq_explanation *ret, struct mq_error *err)
{
    struct world w;
    struct ask ask;
    int rc = begin(r, q, &w, &ask, err);
    if (rc)
        return rc;
    struct title_id id;
    rc = find_title(r, &w, title, &id, err);
    if (rc == 0)
        rc = recommend_explain(r->recommender, &w, &ask, id, ret, err);
    return finish(r, rc);
}

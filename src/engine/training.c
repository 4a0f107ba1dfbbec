/* training.c - the log -> a model -> published and live. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "engine/canary.h"
#include "engine/log_scan.h"
#include "engine/ranker_training.h"
#include "engine/tuned.h"
#include "model/library.h"
#include "train/blend_fit.h"
#include "train/rating_fit.h"
#include "train/train.h"

/* A new model may score this much less (as a share) on the held-out questions and still be published: two trainings
 * with the same settings differ by chance. With fewer viewers than BLEND_VIEWERS_LEAST nothing is decided. */
static const double publish_margin = 0.02;

/* What `tune` found counts where nothing was asked for. A file that can't be read is passed over: training goes on
 * with its own choice. */
static void use_tuned(const struct mq_engine *e, struct lineup_settings *settings)
{
    struct lineup_settings tuned;
    struct mq_error ignored;
    const struct ials_settings *s = &settings->ials;
    if (s->rank || s->epochs || s->unobserved > 0 || s->regularisation > 0 ||
        s->frequency_power != 0 || tuned_read(e->dir, &tuned, &ignored) != 0)
        return;
    *settings = tuned;
}

/* The live model, to be measured beside the new one; NULL: there is none. */
static struct model *open_live(struct mq_engine *e)
{
    struct model *live;
    uint64_t refused;
    struct mq_error ignored;
    return library_open_live(e->dir, &live, &refused, &ignored) == 0 ? live : NULL;
}

/* What viewers are in for, where their plays tell of it. */
static int learn_moods(const struct log_rows *rows, const struct mq_train_options *o,
                       struct train_watch watch, struct model *ret, struct mq_error *err)
{
    struct mood_part *part = NULL;
    if (rows->moods.n == 0 || ret->rank == 0)
        return 0;
    int rc = mood_rows_fit(&rows->moods, rows->catalogue, o->seed, watch, &part, err);
    ret->moods = part;
    return rc;
}

static int learn(struct mq_engine *e, const struct log_rows *rows, uint32_t n_titles,
                 const struct mq_train_options *o, struct model *ret, struct blend_found *found,
                 struct mq_error *err)
{
    struct train_watch watch = {.progress = o->progress, .ctx = o->progress_ctx};
    struct blend_fit_options fit = {
        .seed = o->seed,
        .given.ials = {.rank = o->rank,
                       .epochs = o->epochs,
                       .unobserved = (float)o->unobserved,
                       .regularisation = (float)o->regularisation,
                       .frequency_power = (float)o->frequency_power},
        .only = o->popularity_only ? UINT32_C(1) << LINEUP_POPULARITY : 0,
        .catalogue = rows->catalogue,
        .watch = watch,
    };
    struct pool *pool = NULL;
    int rc = o->only ? lineup_models_named(str_of(o->only), &fit.only, err) : 0;
    if (rc)
        return rc;
    struct model *live = open_live(e);
    fit.live = live;
    use_tuned(e, &fit.given);
    rc = pool_new(o->threads ? o->threads : e->options.threads, &pool, err);
    if (rc == 0)
        rc = blend_fit(&rows->triples, rows->n_viewers, n_titles, &fit, pool, ret, found, err);
    if (rc == 0) {
        rc = rating_fit(&rows->ratings, o->seed, pool, watch, &ret->ratings, err);
        if (rc == 0)
            rc = learn_moods(rows, o, watch, ret, err);
        if (rc)
            train_release(ret);
    }
    if (rc == 0 && !o->no_ranker && !o->only && ret->rank > 0) {
        struct second_stage stage;
        rc = engine_train_ranker(e, rows, ret, &fit, pool, &stage, err);
        ret->ranker = stage.ranker;
        ret->order = stage.order;
        if (rc)
            train_release(ret);
    }
    if (rc == 0)
        ret->facts.kept_aside =
            ret->facts.rival > 0 &&
            ret->facts.held_out_ndcg < ret->facts.rival_ndcg * (1 - publish_margin);
    model_close(live);
    pool_free(pool);
    return rc;
}

static void to_info(const struct model_entry *entry, struct mq_model_info *ret)
{
    const struct model_facts *f = &entry->facts;
    const struct blend_facts *b = &entry->blend;
    uint32_t published = entry->settings.rank == 0                        ? LINEUP_POPULARITY
                         : entry->blended && b->published < LINEUP_MODELS ? b->published
                                                                          : LINEUP_IALS;
    *ret = (struct mq_model_info){
        .version = entry->version,
        .live = entry->live,
        .readable = entry->readable,
        .trained_ms = f->trained_ms,
        .log_seq = f->log_seq,
        .viewers = f->n_viewers,
        .titles = entry->n_titles,
        .interactions = f->n_interactions,
        .rank = entry->settings.rank,
        .epochs = entry->settings.epochs,
        .seconds = f->train_seconds,
        .held_out_ndcg = f->held_out_ndcg,
        .popularity_ndcg = f->popularity_ndcg,
        .gain_low = f->held_out_low,
        .gain_high = f->held_out_high,
        .held_out_viewers = f->held_out_viewers,
        .kept_aside = f->kept_aside && !entry->live,
        .rival = f->rival,
        .rival_ndcg = f->rival_ndcg,
        .published = lineup_model_name((enum lineup_model)published),
    };
    for (uint32_t m = 0; m < b->n_scored && m < LINEUP_MODELS; m++) {
        ret->model[m].name = lineup_model_name((enum lineup_model)m);
        ret->model[m].ndcg = b->ndcg[m];
        ret->n_models = m + 1;
    }
}

static void note_ranker(const struct ranker_part *p, struct mq_model_info *ret)
{
    ret->ranker_serves = p->trees.n_trees > 0;
    ret->ranker_questions = (uint64_t)p->questions;
    ret->ranker_ndcg = p->ndcg;
    ret->ranker_base_ndcg = p->base_ndcg;
    ret->ranker_low = p->low;
    ret->ranker_high = p->high;
    ret->ranker_logged = p->logged;
    ret->ranker_columns_swapped = p->examined[0];
    ret->ranker_rows_swapped = p->examined[1];
}

static void note_order(const struct order_part *p, struct mq_model_info *ret)
{
    ret->order_questions = p->questions;
    ret->order_ndcg = p->ndcg;
    ret->order_base_ndcg = p->base_ndcg;
    ret->order_low = p->low;
    ret->order_high = p->high;
}

/* Open what LIVE names now and serve it. */
static int go_live(struct mq_engine *e, struct mq_error *err)
{
    struct model *m;
    uint64_t refused;
    int rc = library_open_live(e->dir, &m, &refused, err);
    if (rc == 0)
        engine_swap_model(e, m);
    return rc;
}

/* Does it go before a share of the viewers first, or wait until another that does so is through? */
static bool tries_first(struct mq_engine *e, const struct mq_train_options *o,
                        struct blend_found *found)
{
    if (atomic_load(&e->model_version) == 0)
        return false;
    if (engine_canary_runs(e)) {
        snprintf(found->note, sizeof(found->note), "kept aside: a canary runs");
        return true;
    }
    return o->canary > 0;
}

/* What was trained is there, whatever keeps it from being tried. */
static void start_canary(struct mq_engine *e, uint64_t version, double share,
                         struct mq_model_info *ret)
{
    struct canary wanted = {.version = version, .share = share, .margin = NAN}, c;
    struct mq_error why;
    if (engine_canary_start(e, &wanted, &c, &why) == 0)
        snprintf(ret->note, sizeof(ret->note), "before %.3g %% of the viewers first (canary)",
                 100 * c.share);
    else
        snprintf(ret->note, sizeof(ret->note), "kept aside: %.*s",
                 (int)sizeof(ret->note) - (int)sizeof("kept aside: "), why.text);
}

enum { PINNED_MAX = (EXPERIMENTS_RUNNING_MAX + 1) * EXPERIMENT_ARMS_MAX };

/* What arms and the canary are answered from. Under experiments_lock. */
static size_t pinned_versions(struct mq_engine *e, uint64_t ret[PINNED_MAX])
{
    const struct running_experiments *r = atomic_load(&e->experiments);
    size_t n = 0;
    for (size_t i = 0; r && i < r->n; i++) {
        for (size_t k = 0; k < r->of[i].n; k++) {
            if (r->of[i].arm[k].model)
                ret[n++] = r->of[i].arm[k].model;
        }
    }
    return n;
}

/* On the disk, and live unless it is to be kept aside. */
static int put_model(struct mq_engine *e, struct model *m, struct mq_error *err)
{
    uint64_t pinned[PINNED_MAX];
    struct model_pins pins = {pinned, pinned_versions(e, pinned)};
    pthread_mutex_lock(&e->library_lock);
    int rc = m->facts.kept_aside ? library_keep(e->dir, m, &pins, err)
                                 : library_publish(e->dir, m, &pins, err);
    if (rc == 0 && !m->facts.kept_aside)
        rc = go_live(e, err);
    pthread_mutex_unlock(&e->library_lock);
    return rc;
}

static int train_locked(struct mq_engine *e, const struct mq_train_options *o,
                        struct mq_model_info *ret, struct mq_error *err)
{
    int64_t started = clock_mono_ns();
    struct catalogue *c; /* our own: serving's may be replaced meanwhile */
    int rc = catalogue_from_store(e->store, 0, &c, err);
    if (rc)
        return rc;
    struct log_rows rows;
    log_rows_init(&rows, c, engine_engagement(e));
    struct model m = {0};
    bool tried = false;
    struct blend_found found;
    rc = log_scan(e, o->progress, o->progress_ctx, &rows, err);
    /* Titles without a record have rows too; no event that was read names a later one. */
    if (rc == 0)
        rc = learn(e, &rows, intern_count(store_names(e->store, NAME_TITLE)), o, &m, &found, err);
    if (rc == 0) {
        m.facts.trained_ms = engine_now(e, NULL);
        m.facts.log_seq = rows.last_seq;
        m.facts.train_seconds = (double)(clock_mono_ns() - started) / 1e9;
        pthread_mutex_lock(&e->experiments_lock); /* no canary begins or ends meanwhile */
        tried = !m.facts.kept_aside && tries_first(e, o, &found);
        m.facts.kept_aside = m.facts.kept_aside || tried;
        rc = put_model(e, &m, err);
        pthread_mutex_unlock(&e->experiments_lock);
        struct model_entry entry = {.version = m.facts.version,
                                    .live = !m.facts.kept_aside,
                                    .readable = true,
                                    .n_titles = m.n_titles,
                                    .facts = m.facts,
                                    .blended = m.blend.n > 0,
                                    .blend = m.blend.facts,
                                    .settings = m.settings};
        if (rc == 0) {
            to_info(&entry, ret);
            snprintf(ret->note, sizeof(ret->note), "%s", found.note);
            if (m.ranker.questions > 0)
                note_ranker(&m.ranker, ret);
            if (m.order)
                note_order(m.order, ret);
            if (tried && o->canary > 0 && !engine_canary_runs(e))
                start_canary(e, m.facts.version, o->canary, ret);
        }
        train_release(&m);
    }
    log_rows_release(&rows);
    catalogue_free(c);
    return rc;
}

int mq_train_check(const struct mq_train_options *o, struct mq_error *err)
{
    uint32_t only;
    if (o->rank > MODEL_RANK_MAX)
        return mq_fail(err, MQ_INVALID, "rank: %u: at most %d", o->rank, MODEL_RANK_MAX);
    if (!(o->canary >= 0 && o->canary <= 0.5))
        return mq_fail(err, MQ_INVALID, "canary: %g: give a share of the viewers up to 0.5",
                       o->canary);
    return o->only ? lineup_models_named(str_of(o->only), &only, err) : 0;
}

int mq_train(struct mq_engine *e, const struct mq_train_options *options, struct mq_model_info *ret,
             struct mq_error *err)
{
    struct mq_train_options none = {.seed = 1};
    const struct mq_train_options *o = options ? options : &none;
    int rc = mq_train_check(o, err);
    if (rc == 0)
        rc = training_lock(e, err);
    if (rc)
        return rc;
    struct mq_model_info info;
    rc = train_locked(e, o, &info, err);
    training_unlock(e);
    if (rc == 0 && ret)
        *ret = info;
    return rc;
}

int mq_models(struct mq_engine *e, struct mq_model_info *ret, size_t max, size_t *ret_n,
              struct mq_error *err)
{
    enum { LISTED = MODELS_KEPT + PINNED_MAX + 2 }; /* the live one, and the one before it */
    struct model_entry *entries = calloc(LISTED, sizeof(*entries));
    size_t n = 0;
    int rc = entries ? library_list(e->dir, entries, LISTED, &n, err)
                     : mq_fail(err, MQ_NO_MEMORY, "models: no memory");
    n = n < max ? n : max;
    for (size_t i = 0; i < n && rc == 0; i++)
        to_info(&entries[i], &ret[i]);
    free(entries);
    if (rc == 0)
        *ret_n = n;
    return rc;
}

int engine_publish(struct mq_engine *e, uint64_t version, struct mq_error *err)
{
    pthread_mutex_lock(&e->library_lock);
    int rc = library_set_live(e->dir, version, engine_now(e, NULL), err);
    if (rc == 0)
        rc = go_live(e, err);
    pthread_mutex_unlock(&e->library_lock);
    return rc;
}

int mq_publish(struct mq_engine *e, uint64_t version, struct mq_error *err)
{
    pthread_mutex_lock(&e->experiments_lock);
    int rc = engine_publish(e, version, err);
    if (rc == 0)
        rc = canary_outdone(e, err);
    pthread_mutex_unlock(&e->experiments_lock);
    return rc;
}

int mq_rollback(struct mq_engine *e, uint64_t *ret_version, struct mq_error *err)
{
    uint64_t version;
    pthread_mutex_lock(&e->experiments_lock);
    pthread_mutex_lock(&e->library_lock);
    int rc = library_rollback(e->dir, &version, err);
    if (rc == 0)
        rc = go_live(e, err);
    pthread_mutex_unlock(&e->library_lock);
    if (rc == 0)
        rc = canary_outdone(e, err);
    pthread_mutex_unlock(&e->experiments_lock);
    if (rc == 0 && ret_version)
        *ret_version = version;
    return rc;
}

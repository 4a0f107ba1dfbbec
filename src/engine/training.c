/* training.c - the log -> a model -> published and live. */
#include <math.h>

#include "base/clock.h"
#include "engine/log_scan.h"
#include "engine/tuned.h"
#include "model/library.h"
#include "train/choose_settings.h"
#include "train/rating_fit.h"
#include "train/train.h"

/* The share of interactions, by time, that the measured model learns from. */
static const double held_out_before = 0.9;

/* ---------------------------------------------------------------- against the live one */

/* A new model may score this much less (as a share) on the held-out split and still be published: two trainings
 * with the same settings differ by chance. With fewer viewers than CHOOSE_VIEWERS_LEAST nothing is decided. */
static const double publish_margin = 0.02;

struct rival {
    uint64_t version; /* 0: there is none to compare with */
    double ndcg;
};

static double worth(const struct held_out *h, bool popularity_only)
{
    return popularity_only ? h->popularity_ndcg : h->ndcg;
}

static bool same_settings(const struct ials_settings *a, const struct ials_settings *b)
{
    return a->rank == b->rank && a->epochs == b->epochs && a->unobserved == b->unobserved &&
           a->regularisation == b->regularisation && a->frequency_power == b->frequency_power;
}

/* The live model's settings, trained on the same earlier part, measured on the same viewers: a fair rival, which the
 * live file is not, since it has seen what is held out. */
static int measure_rival(struct mq_engine *e, const struct csr *earlier, const struct csr *later,
                         const struct train_settings *settings, struct pool *pool,
                         struct train_watch watch, struct rival *ret, struct mq_error *err)
{
    struct model *live;
    struct mq_error ignored;
    uint64_t refused;
    struct held_out h;
    if (library_open_live(e->dir, &live, &refused, &ignored) != 0)
        return 0;
    struct train_settings theirs = {.ials = live->settings, .popularity_only = live->rank == 0};
    uint64_t version = live->facts.version;
    model_close(live);
    bool same = theirs.popularity_only == settings->popularity_only &&
                (theirs.popularity_only || same_settings(&theirs.ials, &settings->ials));
    if (same)
        return 0;
    theirs.ials.seed = settings->ials.seed;
    int rc = train_rival(earlier, later, &theirs, pool, watch, &h, err);
    if (rc == MQ_SINGULAR || rc == MQ_INVALID)
        return 0; /* it can't be trained on today's log: no rival */
    if (rc)
        return rc;
    *ret = (struct rival){version, worth(&h, theirs.popularity_only)};
    return 0;
}

/* Choose settings, and say what they gain, on the newest tenth of the interactions. Too little data is no
 * failure: the defaults are taken, and the facts say "not measured". */
static int choose(struct mq_engine *e, const struct log_rows *rows, uint32_t n_titles,
                  struct train_settings *settings, struct pool *pool, struct train_watch watch,
                  struct held_out *ret, struct rival *rival, struct mq_error *err)
{
    struct csr earlier = {0};
    struct csr later = {0};
    int64_t cut;
    *ret =
        (struct held_out){.ndcg = NAN, .popularity_ndcg = NAN, .gain = {.low = NAN, .high = NAN}};
    int rc = triples_cut(&rows->triples, held_out_before, &cut, err);
    if (rc == 0)
        rc = triples_to_csr(&rows->triples, rows->n_viewers, n_titles, INT64_MIN, cut, &earlier,
                            err);
    if (rc == 0)
        rc = triples_to_csr(&rows->triples, rows->n_viewers, n_titles, cut, INT64_MAX, &later, err);
    if (rc == 0 && csr_nnz(&earlier) > 0 && csr_nnz(&later) > 0)
        rc = train_choose(&earlier, &later, settings, pool, watch, ret, err);
    if (rc == 0 && ret->viewers >= CHOOSE_VIEWERS_LEAST)
        rc = measure_rival(e, &earlier, &later, settings, pool, watch, rival, err);
    csr_release(&earlier);
    csr_release(&later);
    return rc;
}

/* What `tune` found counts where nothing was asked for. A file that can't be read is passed over: training goes on
 * with its own choice. */
static void use_tuned(const struct mq_engine *e, struct train_settings *settings)
{
    struct lineup_settings tuned;
    struct mq_error ignored;
    struct ials_settings *s = &settings->ials;
    if (s->rank || s->epochs || s->unobserved > 0 || s->regularisation > 0 ||
        s->frequency_power != 0 || tuned_read(e->dir, &tuned, &ignored) != 0)
        return;
    uint64_t seed = s->seed;
    *s = tuned.ials;
    s->seed = seed;
}

static int learn(struct mq_engine *e, const struct log_rows *rows, uint32_t n_titles,
                 const struct mq_train_options *o, struct model *ret, struct mq_error *err)
{
    struct train_settings settings = {
        .ials = {.rank = o->rank,
                 .epochs = o->epochs,
                 .unobserved = (float)o->unobserved,
                 .regularisation = (float)o->regularisation,
                 .frequency_power = (float)o->frequency_power,
                 .seed = o->seed},
        .popularity_only = o->popularity_only,
    };
    struct train_watch watch = {.progress = o->progress, .ctx = o->progress_ctx};
    struct pool *pool = NULL;
    struct held_out held_out;
    struct rival rival = {0};
    struct csr all = {0};
    use_tuned(e, &settings);
    int rc = pool_new(e->options.threads, &pool, err);
    if (rc == 0)
        rc = choose(e, rows, n_titles, &settings, pool, watch, &held_out, &rival, err);
    if (rc == 0)
        rc = triples_to_csr(&rows->triples, rows->n_viewers, n_titles, INT64_MIN, INT64_MAX, &all,
                            err);
    if (rc == 0)
        rc = train_model(&all, &settings, pool, watch, ret, err);
    if (rc == 0) {
        rc = rating_fit(&rows->ratings, o->seed, pool, watch, &ret->ratings, err);
        if (rc)
            train_release(ret);
    }
    if (rc == 0) {
        train_note_held_out(&held_out, &ret->facts);
        ret->facts.rival = rival.version;
        ret->facts.rival_ndcg = rival.ndcg;
        ret->facts.kept_aside = rival.version > 0 && worth(&held_out, settings.popularity_only) <
                                                         rival.ndcg * (1 - publish_margin);
    }
    csr_release(&all);
    pool_free(pool);
    return rc;
}

static void to_info(const struct model_entry *entry, struct mq_model_info *ret)
{
    const struct model_facts *f = &entry->facts;
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
        .kept_aside = f->kept_aside,
        .rival = f->rival,
        .rival_ndcg = f->rival_ndcg,
    };
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
    rc = log_scan(e, o->progress, o->progress_ctx, &rows, err);
    /* Titles without a record have rows too; no event that was read names a later one. */
    if (rc == 0)
        rc = learn(e, &rows, intern_count(store_names(e->store, NAME_TITLE)), o, &m, err);
    if (rc == 0) {
        m.facts.trained_ms = engine_now(e, NULL);
        m.facts.log_seq = rows.last_seq;
        m.facts.train_seconds = (double)(clock_mono_ns() - started) / 1e9;
        pthread_mutex_lock(&e->library_lock);
        rc = m.facts.kept_aside ? library_keep(e->dir, &m, err) : library_publish(e->dir, &m, err);
        if (rc == 0 && !m.facts.kept_aside)
            rc = go_live(e, err);
        pthread_mutex_unlock(&e->library_lock);
        struct model_entry entry = {.version = m.facts.version,
                                    .live = !m.facts.kept_aside,
                                    .readable = true,
                                    .n_titles = m.n_titles,
                                    .facts = m.facts,
                                    .settings = m.settings};
        if (rc == 0)
            to_info(&entry, ret);
        train_release(&m);
    }
    log_rows_release(&rows);
    catalogue_free(c);
    return rc;
}

int mq_train(struct mq_engine *e, const struct mq_train_options *options, struct mq_model_info *ret,
             struct mq_error *err)
{
    struct mq_train_options none = {.seed = 1};
    const struct mq_train_options *o = options ? options : &none;
    if (o->rank > MODEL_RANK_MAX)
        return mq_fail(err, MQ_INVALID, "rank: %u: at most %d", o->rank, MODEL_RANK_MAX);
    int rc = training_lock(e, err);
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
    struct model_entry entries[MODELS_KEPT];
    size_t n;
    int rc = library_list(e->dir, entries, MODELS_KEPT, &n, err);
    if (rc)
        return rc;
    n = n < max ? n : max;
    for (size_t i = 0; i < n; i++)
        to_info(&entries[i], &ret[i]);
    *ret_n = n;
    return 0;
}

int mq_publish(struct mq_engine *e, uint64_t version, struct mq_error *err)
{
    pthread_mutex_lock(&e->library_lock);
    int rc = library_set_live(e->dir, version, err);
    if (rc == 0)
        rc = go_live(e, err);
    pthread_mutex_unlock(&e->library_lock);
    return rc;
}

int mq_rollback(struct mq_engine *e, uint64_t *ret_version, struct mq_error *err)
{
    uint64_t version;
    pthread_mutex_lock(&e->library_lock);
    int rc = library_rollback(e->dir, &version, err);
    if (rc == 0)
        rc = go_live(e, err);
    pthread_mutex_unlock(&e->library_lock);
    if (rc == 0 && ret_version)
        *ret_version = version;
    return rc;
}

/* training.c - the log -> a model -> published and live. */
#include <math.h>

#include "base/clock.h"
#include "engine/engine.h"
#include "model/library.h"
#include "train/choose_settings.h"
#include "train/log_rows.h"
#include "train/train.h"

/* The share of interactions, by time, that the measured model learns from. */
static const double held_out_before = 0.9;

struct scanning {
    struct log_rows rows;
    const struct mq_train_options *options;
    uint64_t total;
    struct mq_error *err;
};

static bool tell(const struct mq_train_options *o, const char *what, uint64_t done, uint64_t total)
{
    return !o->progress || o->progress(o->progress_ctx, what, done, total);
}

static int scan_event(void *ctx, const struct event *e)
{
    struct scanning *s = ctx;
    enum { EVERY = 65536 };
    if (s->rows.events % EVERY == 0 &&
        !tell(s->options, "reading the log", s->rows.events, s->total))
        return mq_fail(s->err, MQ_CANCELLED, "training: stopped");
    return log_rows_feed(&s->rows, e, s->err);
}

static int read_log(struct mq_engine *e, struct scanning *s, struct mq_error *err)
{
    struct store_range prefix = {.max_seq = store_last_seq(e->store)};
    s->total = prefix.max_seq;
    if (prefix.max_seq == 0)
        return mq_fail(err, MQ_INVALID, "training: the log is empty: import or send events first");
    int rc = store_scan_all(e->store, &prefix, scan_event, s, err);
    if (rc == 0)
        rc = log_rows_finish(&s->rows, err);
    if (rc == 0 && s->rows.triples.n == 0)
        rc =
            mq_fail(err, MQ_INVALID, "training: %llu events: none says that a viewer liked a title",
                    (unsigned long long)s->rows.events);
    return rc;
}

/* Choose settings, and say what they gain, on the newest tenth of the interactions. Too little data is no
 * failure: the defaults are taken, and the facts say "not measured". */
static int choose(const struct log_rows *rows, uint32_t n_titles, struct train_settings *settings,
                  struct pool *pool, struct train_watch watch, struct held_out *ret,
                  struct mq_error *err)
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
    csr_release(&earlier);
    csr_release(&later);
    return rc;
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
    struct csr all = {0};
    int rc = pool_new(e->options.threads, &pool, err);
    if (rc == 0)
        rc = choose(rows, n_titles, &settings, pool, watch, &held_out, err);
    if (rc == 0)
        rc = triples_to_csr(&rows->triples, rows->n_viewers, n_titles, INT64_MIN, INT64_MAX, &all,
                            err);
    if (rc == 0)
        rc = train_model(&all, &settings, pool, watch, ret, err);
    if (rc == 0)
        train_note_held_out(&held_out, &ret->facts);
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
    struct scanning s = {.options = o, .err = err};
    log_rows_init(&s.rows, c);
    struct model m = {0};
    rc = read_log(e, &s, err);
    /* Titles without a record have rows too; no event that was read names a later one. */
    if (rc == 0)
        rc = learn(e, &s.rows, intern_count(store_names(e->store, NAME_TITLE)), o, &m, err);
    if (rc == 0) {
        m.facts.trained_ms = engine_now(e, NULL);
        m.facts.log_seq = s.rows.last_seq;
        m.facts.train_seconds = (double)(clock_mono_ns() - started) / 1e9;
        pthread_mutex_lock(&e->library_lock);
        rc = library_publish(e->dir, &m, err);
        if (rc == 0)
            rc = go_live(e, err);
        pthread_mutex_unlock(&e->library_lock);
        struct model_entry entry = {.version = m.facts.version,
                                    .live = true,
                                    .readable = true,
                                    .n_titles = m.n_titles,
                                    .facts = m.facts,
                                    .settings = m.settings};
        if (rc == 0)
            to_info(&entry, ret);
        train_release(&m);
    }
    log_rows_release(&s.rows);
    catalogue_free(c);
    return rc;
}

static int lock_training(struct mq_engine *e, struct mq_error *err)
{
    if (pthread_mutex_trylock(&e->training_lock) != 0)
        return mq_fail(err, MQ_CONFLICT, "training: another one runs: wait for it to end");
    atomic_store(&e->training, true);
    return 0;
}

static void unlock_training(struct mq_engine *e)
{
    atomic_store(&e->training, false);
    pthread_mutex_unlock(&e->training_lock);
}

int mq_train(struct mq_engine *e, const struct mq_train_options *options, struct mq_model_info *ret,
             struct mq_error *err)
{
    struct mq_train_options none = {.seed = 1};
    const struct mq_train_options *o = options ? options : &none;
    if (o->rank > MODEL_RANK_MAX)
        return mq_fail(err, MQ_INVALID, "rank: %u: at most %d", o->rank, MODEL_RANK_MAX);
    int rc = lock_training(e, err);
    if (rc)
        return rc;
    struct mq_model_info info;
    rc = train_locked(e, o, &info, err);
    unlock_training(e);
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

/* routes_models.c - training and the versions there are. */
#include "http/background.h"
#include "http/call.h"
#include "http/jobs.h"
#include "http/render.h"

enum { MODELS_MAX = 1000, RANK_MAX = 512, EPOCHS_MAX = 1000 };

struct training_call {
    struct mq_engine *engine;
    const struct mq_train_options *train; /* or */
    const struct mq_tune_options *tune;
    struct mq_model_info info;
    struct mq_tuning tuning;
    struct mq_error *err;
};

static int train_now(void *ctx)
{
    struct training_call *t = ctx;
    return t->train ? mq_train(t->engine, t->train, &t->info, t->err)
                    : mq_tune(t->engine, t->tune, &t->tuning, t->err);
}

int route_train(struct call *c, struct mq_error *err)
{
    enum {
        SEED,
        RANK,
        EPOCHS,
        REGULARISATION,
        UNOBSERVED,
        POWER,
        POPULARITY,
        ONLY,
        NO_RANKER,
        CANARY,
        FIELDS
    };
    struct body_field f[FIELDS] = {
        [SEED] = {.name = "seed", .type = BODY_WHOLE, .whole = 1},
        [RANK] = {.name = "rank", .type = BODY_WHOLE},
        [EPOCHS] = {.name = "epochs", .type = BODY_WHOLE},
        [REGULARISATION] = {.name = "regularisation", .type = BODY_NUMBER},
        [UNOBSERVED] = {.name = "unobserved", .type = BODY_NUMBER},
        [POWER] = {.name = "frequency_power", .type = BODY_NUMBER},
        [POPULARITY] = {.name = "popularity_only", .type = BODY_FLAG},
        [ONLY] = {.name = "only", .type = BODY_TEXT},
        [NO_RANKER] = {.name = "no_ranker", .type = BODY_FLAG},
        [CANARY] = {.name = "canary", .type = BODY_NUMBER},
    };
    int rc = body_fields_read(c->q->body, c->arena, f, FIELDS, err);
    if (rc)
        return rc;
    if (f[RANK].whole > RANK_MAX)
        return mq_fail(err, MQ_INVALID, "rank: %llu: at most %d is allowed",
                       (unsigned long long)f[RANK].whole, RANK_MAX);
    if (f[EPOCHS].whole > EPOCHS_MAX)
        return mq_fail(err, MQ_INVALID, "epochs: %llu: at most %d are allowed",
                       (unsigned long long)f[EPOCHS].whole, EPOCHS_MAX);
    struct mq_train_options o = {.seed = f[SEED].whole,
                                 .rank = (unsigned)f[RANK].whole,
                                 .epochs = (unsigned)f[EPOCHS].whole,
                                 .regularisation = f[REGULARISATION].number,
                                 .unobserved = f[UNOBSERVED].number,
                                 .frequency_power = f[POWER].number,
                                 .popularity_only = f[POPULARITY].flag,
                                 .only = f[ONLY].text,
                                 .no_ranker = f[NO_RANKER].flag,
                                 .canary = f[CANARY].number,
                                 .threads = jobs_training_threads(),
                                 .progress = call_progress,
                                 .progress_ctx = c->w->api};
    struct training_call t = {.engine = c->engine, .train = &o, .err = err};
    rc = background_run(train_now, &t, NULL);
    if (rc == 0)
        render_model(&c->j, &t.info);
    return rc;
}

int route_tune(struct call *c, struct mq_error *err)
{
    enum { SEED, SECONDS, FIELDS, SECONDS_MAX = 86400 };
    struct body_field f[FIELDS] = {
        [SEED] = {.name = "seed", .type = BODY_WHOLE, .whole = 1},
        [SECONDS] = {.name = "seconds", .type = BODY_NUMBER},
    };
    int rc = body_fields_read(c->q->body, c->arena, f, FIELDS, err);
    if (rc)
        return rc;
    if (!(f[SECONDS].number >= 0 && f[SECONDS].number <= SECONDS_MAX))
        return mq_fail(err, MQ_INVALID, "seconds: %g: from 0 (the default) to %d",
                       f[SECONDS].number, SECONDS_MAX);
    struct mq_tune_options o = {.seed = f[SEED].whole,
                                .seconds = f[SECONDS].number,
                                .progress = call_progress,
                                .progress_ctx = c->w->api};
    struct training_call t = {.engine = c->engine, .tune = &o, .err = err};
    rc = background_run(train_now, &t, NULL);
    if (rc == 0)
        render_tuning(&c->j, &t.tuning);
    return rc;
}

int route_models(struct call *c, struct mq_error *err)
{
    struct mq_model_info *info = ARENA_ARRAY(c->arena, MODELS_MAX, struct mq_model_info);
    size_t n = 0;
    if (!info)
        return mq_fail(err, MQ_NO_MEMORY, "models: no memory");
    int rc = mq_models(c->engine, info, MODELS_MAX, &n, err);
    if (rc)
        return rc;
    json_object(&c->j);
    json_key(&c->j, STR("models"));
    json_array(&c->j);
    for (size_t i = 0; i < n && i < MODELS_MAX; i++)
        render_model(&c->j, &info[i]);
    json_array_end(&c->j);
    json_kv_z(&c->j, "engagement", engine_engagement_name(c->engine));
    json_object_end(&c->j);
    return 0;
}

int route_model_features(struct call *c, struct mq_error *err)
{
    struct mq_ranker_features f;
    int rc = mq_ranker_features(c->engine, &f, err);
    if (rc == 0)
        render_ranker_features(&c->j, &f);
    return rc;
}

int route_signals(struct call *c, struct mq_error *err)
{
    struct mq_signals s;
    int rc = mq_signals(c->engine, &s, err);
    if (rc == 0)
        render_signals(&c->j, &s);
    return rc;
}

int route_check_ratings(struct call *c, struct mq_error *err)
{
    struct body_field seed = {.name = "seed", .type = BODY_WHOLE, .whole = 1};
    struct mq_rating_check r;
    int rc = body_fields_read(c->q->body, c->arena, &seed, 1, err);
    if (rc)
        return rc;
    struct mq_rating_check_request q = {
        .seed = seed.whole, .progress = call_progress, .progress_ctx = c->w->api};
    rc = mq_check_ratings(c->engine, &q, &r, err);
    if (rc == 0)
        render_rating_check(&c->j, &r);
    return rc;
}

static void write_version(struct call *c, uint64_t version)
{
    json_object(&c->j);
    json_kv_u64(&c->j, "version", version);
    json_kv_bool(&c->j, "live", true);
    json_object_end(&c->j);
}

int route_publish(struct call *c, struct mq_error *err)
{
    uint64_t version;
    if (!str_to_u64(str_of(c->value[0]), &version) || version == 0)
        return mq_fail(err, MQ_INVALID, "version: %.40s: give a number from GET /v1/models",
                       c->value[0]);
    int rc = mq_publish(c->engine, version, err);
    if (rc == 0)
        write_version(c, version);
    return rc;
}

int route_rollback(struct call *c, struct mq_error *err)
{
    uint64_t version;
    int rc = mq_rollback(c->engine, &version, err);
    if (rc == 0)
        write_version(c, version);
    return rc;
}

/* A new model before some viewers: a bad one goes back by itself, an equal one goes on to all, and both survive a restart. */
#include "service.h"

#include <math.h>

#include "engine/canary.h"
#include "engine/engine.h"
#include "model/library.h"

enum { VIEWERS = 240, GENRES = 8 };
#define HOUR INT64_C(3600000)

static uint64_t train(struct service *s, bool popularity_only)
{
    struct mq_train_options o = {
        .seed = 3, .rank = 8, .epochs = 4, .popularity_only = popularity_only, .no_ranker = true};
    struct mq_model_info info;
    assert_ok(mq_train(s->engine, &o, &info, &test_err));
    return info.version;
}

/* Everybody looks at their page; who finds something of their genre among its first titles rates it five stars. */
static void evening(struct service *s, int64_t at_ms)
{
    for (unsigned v = 0; v < VIEWERS; v++) {
        char viewer[16], title[64] = "", id[33];
        struct mq_page page;
        struct mq_appended done;
        snprintf(viewer, sizeof(viewer), "v%u", v);
        assert_ok(mq_home(s->reader, &(struct mq_request){.viewer = viewer, .at_ms = at_ms}, &page,
                          &test_err));
        memcpy(id, page.recommendation_id, sizeof(id));
        for (size_t i = 0; page.n_rows > 0 && i < page.rows[0].n_items && i < 4 && !title[0]; i++) {
            const char *t = page.rows[0].items[i].title;
            if ((unsigned)strtoul(t + 1, NULL, 10) % GENRES == v % GENRES)
                snprintf(title, sizeof(title), "%s", t);
        }
        mq_reader_rest(s->reader);
        struct mq_event e = service_liked(viewer, title, at_ms, id);
        if (title[0])
            assert_ok(mq_append(s->engine, &e, 1, &done, &test_err));
    }
}

static struct canary start(struct service *s, uint64_t version, double days)
{
    struct canary wanted = {.version = version, .share = 0.5, .days = days, .margin = NAN}, c;
    assert_ok(engine_canary_start(s->engine, &wanted, &c, &test_err));
    return c;
}

static void a_bad_one_goes_back(void **state)
{
    struct service *s = *state;
    struct canary c;
    struct experiment_reading r;
    service_titles(s);
    service_ratings_of(s, VIEWERS);
    uint64_t bad = train(s, true), good = train(s, false);
    assert_int_equal(atomic_load(&s->engine->model_version), good);
    assert_fails(MQ_NOT_FOUND, engine_canary_get(s->engine, &c, &test_err));
    start(s, bad, 7);
    int64_t at = service_now() - 20 * HOUR;
    for (unsigned k = 0; k < 6; k++) {
        evening(s, at + k * HOUR);
        assert_ok(engine_canary_check(s->engine, &c, &r, &test_err));
        if (c.state != CANARY_RUNNING)
            break;
        service_reopen(s); /* it goes on */
        assert_true(engine_canary_runs(s->engine));
    }
    assert_int_equal(c.state, CANARY_ROLLED_BACK);
    assert_non_null(strstr(c.why, "valued viewing"));
    assert_true(r.arm[1].valued_effect.anytime_high < 0);
    assert_true(c.answers[0] > 0 && c.answers[1] > 0 && c.failures[1] == 0);
    assert_int_equal(atomic_load(&s->engine->model_version), good);
    assert_false(engine_canary_runs(s->engine));
    assert_fails(MQ_CONFLICT, engine_canary_check(s->engine, &c, NULL, &test_err));
    service_reopen(s);
    assert_ok(engine_canary_get(s->engine, &c, &test_err));
    assert_int_equal(c.state, CANARY_ROLLED_BACK);
    struct mq_page page;
    for (unsigned v = 0; v < 20; v++) { /* for everybody the live one */
        char viewer[16];
        snprintf(viewer, sizeof(viewer), "v%u", v);
        assert_ok(mq_home(s->reader, &(struct mq_request){.viewer = viewer}, &page, &test_err));
        assert_int_equal(page.model, good);
    }
}

static void an_equal_one_goes_on(void **state)
{
    struct service *s = *state;
    struct canary c;
    service_titles(s);
    service_ratings_of(s, VIEWERS);
    uint64_t old = train(s, false);
    struct mq_train_options o = {
        .seed = 3, .rank = 8, .epochs = 4, .no_ranker = true, .canary = 0.5};
    struct mq_model_info info;
    assert_ok(mq_train(s->engine, &o, &info, &test_err));
    assert_int_equal(atomic_load(&s->engine->model_version), old);
    assert_true(engine_canary_runs(s->engine));
    /* A training meanwhile waits; experiments that try models, too. */
    struct mq_model_info later;
    o.canary = 0;
    assert_ok(mq_train(s->engine, &o, &later, &test_err));
    assert_int_equal(atomic_load(&s->engine->model_version), old);
    struct experiment x = {.name = "models", .traffic = 1, .n = 2};
    assert_ok(experiment_arm_read(STR("control"), &x.arm[0], &test_err));
    assert_ok(experiment_arm_read(STR("other:model=1"), &x.arm[1], &test_err));
    assert_ok(engine_experiment_create(s->engine, &x, &test_err));
    assert_fails(MQ_CONFLICT, engine_experiment_start(s->engine, STR("models"), &test_err));
    assert_fails(MQ_CONFLICT,
                 engine_canary_start(s->engine, &(struct canary){.version = old, .margin = NAN}, &c,
                                     &test_err));
    int64_t at = service_now() - 20 * HOUR;
    for (unsigned k = 0; k < 4; k++)
        evening(s, at + k * HOUR);
    assert_ok(engine_canary_check(s->engine, &c, NULL, &test_err));
    if (c.state == CANARY_RUNNING) { /* its time is up */
        assert_ok(engine_canary_stop(s->engine, "test", &c, &test_err));
        start(s, info.version, 1e-9);
        evening(s, at + 5 * HOUR);
        assert_ok(engine_canary_check(s->engine, &c, NULL, &test_err));
    }
    assert_int_equal(c.state, CANARY_PROMOTED);
    assert_int_equal(atomic_load(&s->engine->model_version), info.version);
    service_reopen(s);
    assert_int_equal(atomic_load(&s->engine->model_version), info.version);
}

/* What is trained meanwhile is kept aside: the canary's own file and the live one outlast it, and a later rollback comes back to what was
 * promoted. */
static void it_outlasts_many_trainings(void **state)
{
    struct service *s = *state;
    struct mq_model_info list[16], info;
    struct model *m;
    size_t n;
    service_titles(s);
    service_ratings_of(s, VIEWERS);
    uint64_t old = train(s, true), tried = train(s, true);
    assert_ok(mq_rollback(s->engine, NULL, &test_err));
    start(s, tried, 7);
    for (unsigned i = 0; i < MODELS_KEPT + 2; i++)
        train(s, true);
    assert_int_equal(atomic_load(&s->engine->model_version), old);
    assert_ok(library_open_version(s->data, tried, &m, &test_err));
    model_close(m);
    assert_ok(mq_models(s->engine, list, 16, &n, &test_err));
    assert_true(list[n - 1].version == old && list[n - 1].live);
    assert_int_equal(list[n - 2].version, tried);
    /* One kept aside is made live by hand: it is no longer "kept aside", and is come back to. */
    struct canary c;
    uint64_t aside = list[0].version, back;
    assert_true(list[0].kept_aside);
    assert_ok(mq_publish(s->engine, aside, &test_err));
    assert_ok(engine_canary_get(s->engine, &c, &test_err));
    assert_int_equal(c.state, CANARY_STOPPED);
    assert_ok(mq_models(s->engine, list, 16, &n, &test_err));
    assert_true(list[0].live && !list[0].kept_aside);
    assert_ok(
        mq_train(s->engine, &(struct mq_train_options){.popularity_only = true}, &info, &test_err));
    assert_true(info.live);
    assert_ok(mq_rollback(s->engine, &back, &test_err));
    assert_int_equal(back, aside);
}

/* The training is not lost when its model can't be tried. */
static void where_another_tries_models_it_is_kept_aside(void **state)
{
    struct service *s = *state;
    struct mq_model_info info;
    struct experiment x = {.name = "models", .traffic = 1, .n = 2};
    service_titles(s);
    service_ratings_of(s, VIEWERS);
    uint64_t old = train(s, true);
    assert_ok(experiment_arm_read(STR("control"), &x.arm[0], &test_err));
    assert_ok(experiment_arm_read(STR("other:model=1"), &x.arm[1], &test_err));
    assert_ok(engine_experiment_create(s->engine, &x, &test_err));
    assert_ok(engine_experiment_start(s->engine, STR("models"), &test_err));
    struct mq_train_options o = {.popularity_only = true, .canary = 0.5};
    assert_ok(mq_train(s->engine, &o, &info, &test_err));
    assert_true(info.kept_aside && !info.live);
    assert_non_null(strstr(info.note, "tries models"));
    assert_int_equal(atomic_load(&s->engine->model_version), old);
    assert_false(engine_canary_runs(s->engine));
}

/* Its file is damaged: its viewers are answered by the live one, and it goes back. */
static void one_that_cannot_be_read(void **state)
{
    struct service *s = *state;
    struct canary c;
    char path[700];
    service_titles(s);
    service_ratings_of(s, VIEWERS);
    uint64_t bad = train(s, false), good = train(s, false);
    start(s, bad, 7);
    snprintf(path, sizeof(path), "%s/models/%06llu.model", s->data, (unsigned long long)bad);
    FILE *f = fopen(path, "r+");
    assert_non_null(f);
    fseek(f, 4000, SEEK_SET);
    fputs("damaged", f);
    fclose(f);
    evening(s, service_now() - 20 * HOUR);
    assert_ok(engine_canary_check(s->engine, &c, NULL, &test_err));
    assert_int_equal(c.state, CANARY_ROLLED_BACK);
    assert_non_null(strstr(c.why, "fails to answer"));
    assert_int_equal(atomic_load(&s->engine->model_version), good);
    /* Nor can it be tried again, nor what is not there or live. */
    struct canary wanted = {.version = bad, .margin = NAN};
    assert_true(engine_canary_start(s->engine, &wanted, &c, &test_err) != 0);
    wanted.version = 99;
    assert_fails(MQ_NOT_FOUND, engine_canary_start(s->engine, &wanted, &c, &test_err));
    wanted.version = good;
    assert_fails(MQ_CONFLICT, engine_canary_start(s->engine, &wanted, &c, &test_err));
    wanted.share = 0.7;
    assert_fails(MQ_INVALID, engine_canary_start(s->engine, &wanted, &c, &test_err));
    wanted = (struct canary){.version = bad, .margin = -1};
    assert_fails(MQ_INVALID, engine_canary_start(s->engine, &wanted, &c, &test_err));
}

static void text(void **state)
{
    (void)state;
    struct canary c = {.version = 7,
                       .control = 6,
                       .share = 0.05,
                       .margin = 0.02,
                       .days = 7,
                       .started_ms = 12,
                       .ended_ms = 99,
                       .state = CANARY_PROMOTED,
                       .answers = {1, 2},
                       .failures = {3, 4},
                       .why = "because it was so"},
                  back;
    struct buf b, again;
    buf_init(&b, 4096);
    buf_init(&again, 4096);
    canary_encode(&c, &b);
    assert_ok(canary_decode(buf_str(&b), &back, &test_err));
    canary_encode(&back, &again);
    assert_true(str_eq(buf_str(&b), buf_str(&again)));
    assert_int_equal(back.version, 7);
    assert_int_equal(back.failures[1], 4);
    assert_int_equal(back.ended_ms, 99);
    assert_int_equal(back.state, CANARY_PROMOTED);
    assert_string_equal(back.why, "because it was so");
    buf_release(&again);
    for (size_t cut = 0; cut + 1 < b.n; cut++) {
        struct mq_error err;
        (void)canary_decode((struct str){b.p, cut}, &back, &err);
    }
    assert_fails(MQ_CORRUPT, canary_decode(STR("version x"), &back, &test_err));
    assert_fails(MQ_CORRUPT, canary_decode(STR("version 3\nshare 2\n"), &back, &test_err));
    buf_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text),
        cmocka_unit_test_setup_teardown(a_bad_one_goes_back, service_setup, service_teardown),
        cmocka_unit_test_setup_teardown(an_equal_one_goes_on, service_setup, service_teardown),
        cmocka_unit_test_setup_teardown(it_outlasts_many_trainings, service_setup,
                                        service_teardown),
        cmocka_unit_test_setup_teardown(where_another_tries_models_it_is_kept_aside, service_setup,
                                        service_teardown),
        cmocka_unit_test_setup_teardown(one_that_cannot_be_read, service_setup, service_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Experiments: defined once, served to their viewers, noted, read; orders by chance are even and noted with their chance. */
#include "service.h"

#include <math.h>

#include "engine/experiments.h"
#include "engine/page_log.h"

static struct experiment of(const char *name, const char *a, const char *b)
{
    struct experiment x = {.traffic = 1, .n = 2};
    snprintf(x.name, sizeof(x.name), "%s", name);
    assert_ok(experiment_arm_read(str_of(a), &x.arm[0], &test_err));
    assert_ok(experiment_arm_read(str_of(b), &x.arm[1], &test_err));
    return x;
}

static void definitions(void **state)
{
    struct service *s = *state;
    struct experiment a = of("one", "control", "plain:ranker=off,weight=3"), back;
    struct experiment_arm arm;
    struct buf b;
    buf_init(&b, 1 << 16);
    experiment_encode(&a, &b);
    assert_ok(experiment_decode(buf_str(&b), &back, &test_err));
    assert_memory_equal(&a, &back, sizeof(a));
    static const char *const bad[] = {"",          "a b",         "x:",           "x:rank=off",
                                      "x:draw=1",  "x:draw=9",    "x:weight=0",   "x:weight=-1",
                                      "x:model=0", "x:ranker=no", "x:ranker=off,"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_fails(MQ_INVALID, experiment_arm_read(str_of(bad[i]), &arm, &test_err));
    for (size_t cut = 0; cut + 1 < b.n;
         cut++) { /* a shortened row is no other experiment, or is refused */
        struct mq_error err;
        (void)experiment_decode((struct str){b.p, cut}, &back, &err);
    }
    buf_release(&b);

    assert_ok(engine_experiment_create(s->engine, &a, &test_err));
    assert_fails(MQ_CONFLICT, engine_experiment_create(s->engine, &a, &test_err));
    struct experiment twice = of("two", "same", "same:ranker=off");
    assert_fails(MQ_INVALID, engine_experiment_create(s->engine, &twice, &test_err));
    struct experiment rival = of("rival", "control", "off:ranker=off");
    assert_ok(engine_experiment_create(s->engine, &rival, &test_err));
    assert_fails(MQ_NOT_FOUND, engine_experiment_start(s->engine, STR("three"), &test_err));
    struct experiment later = of("later", "control", "next:model=7");
    assert_ok(engine_experiment_create(s->engine, &later, &test_err));
    assert_fails(MQ_NOT_FOUND, engine_experiment_start(s->engine, STR("later"), &test_err));
    assert_non_null(strstr(test_err.text, "model 7: there is no such version"));
    assert_fails(MQ_CONFLICT, engine_experiment_stop(s->engine, STR("one"), &test_err));
    assert_ok(engine_experiment_start(s->engine, STR("one"), &test_err));
    assert_fails(MQ_CONFLICT, engine_experiment_start(s->engine, STR("one"), &test_err));
    assert_fails(MQ_CONFLICT, engine_experiment_start(s->engine, STR("rival"), &test_err));
    service_reopen(s);
    assert_int_equal(atomic_load(&s->engine->experiments)->n, 1);
    assert_ok(engine_experiment_stop(s->engine, STR("one"), &test_err));
    assert_ok(engine_experiment_start(s->engine, STR("rival"), &test_err));
    assert_fails(MQ_CONFLICT, engine_experiment_start(s->engine, STR("one"), &test_err));
}

/* Pages of all viewers; of those in arm `plays` the first title of the second row is chosen. */
static void serve(struct service *s, const struct arms *arms, int plays, int64_t at_ms)
{
    for (unsigned v = 0; v < SERVICE_VIEWERS; v++) {
        char viewer[16], title[64], id[33];
        struct mq_page page;
        struct mq_appended a;
        snprintf(viewer, sizeof(viewer), "v%u", v);
        struct mq_request q = {.viewer = viewer, .at_ms = at_ms};
        assert_ok(mq_home(s->reader, &q, &page, &test_err));
        snprintf(title, sizeof(title), "%s", page.rows[page.n_rows - 1].items[0].title);
        memcpy(id, page.recommendation_id, sizeof(id));
        mq_reader_rest(s->reader);
        if (arm_of(arms, str_of(viewer)) != plays)
            continue;
        struct mq_event e = service_liked(viewer, title, at_ms, id);
        assert_ok(mq_append(s->engine, &e, 1, &a, &test_err));
        assert_int_equal(a.accepted, 1);
    }
}

/* Pages of an hour later are not known half an hour later; `all` was read before. */
static void reads_as_of_then(struct service *s, const struct arms *arms,
                             const struct experiment_reading *all)
{
    enum { HALF_HOUR = 1800000 };
    struct experiment x;
    struct experiment_reading r;
    assert_ok(engine_experiment_get(s->engine, STR("draws"), &x, &test_err));
    serve(s, arms, ARM_NONE, x.created_ms + 2 * HALF_HOUR);
    assert_ok(engine_experiment_read(s->engine, STR("draws"), 0, &r, &test_err));
    assert_true(r.arm[0].pages == 2 * all->arm[0].pages);
    assert_ok(
        engine_experiment_read(s->engine, STR("draws"), x.created_ms + HALF_HOUR, &r, &test_err));
    assert_true(r.arm[0].pages == all->arm[0].pages && r.arm[1].pages == all->arm[1].pages);
    assert_true(r.arm[1].chosen == all->arm[1].chosen);
    assert_fails(MQ_NOT_FOUND,
                 engine_experiment_read(s->engine, STR("draws"), x.created_ms - 1, &r, &test_err));
}

static void arms_are_served_and_read(void **state)
{
    struct service *s = *state;
    struct experiment x = of("draws", "control", "drawn:draw=2");
    struct experiment_reading r;
    struct arms arms = experiment_arms(&x);
    service_titles(s);
    service_ratings(s);
    service_train(s);
    assert_ok(engine_experiment_create(s->engine, &x, &test_err));
    assert_ok(engine_experiment_start(s->engine, STR("draws"), &test_err));
    int64_t now = service_now() - 1000000;
    serve(s, &arms, 1, now);
    assert_ok(engine_experiment_read(s->engine, STR("draws"), 0, &r, &test_err));
    assert_int_equal(r.arm[0].viewers + r.arm[1].viewers, SERVICE_VIEWERS);
    assert_true(r.arm[0].viewers >= 15 && r.arm[1].viewers >= 15);
    assert_true(r.arm[0].pages == (double)r.arm[0].viewers && r.arm[0].chosen == 0);
    assert_true(r.arm[1].chosen == (double)r.arm[1].viewers);
    assert_true(r.arm[1].valued == r.arm[1].chosen);
    assert_true(r.sample_ratio_p > 0.001);
    assert_true(fabs(r.arm[1].chosen_effect.difference - 1) < 1e-9);
    reads_as_of_then(s, &arms, &r);
    double pages = 2 * (double)r.arm[0].viewers;
    assert_ok(engine_experiment_stop(s->engine, STR("draws"), &test_err));
    serve(s, &arms, ARM_NONE, now + 1);
    assert_ok(engine_experiment_read(s->engine, STR("draws"), 0, &r, &test_err));
    assert_true(r.arm[0].pages == pages); /* what was served after the end is not its own */
}

/* One row of a page as titles, with where the window lies. */
struct seen {
    uint32_t title[20];
    size_t n, from;
};

static struct seen look(struct service *s, int64_t at_ms, unsigned draw)
{
    struct mq_page page;
    struct seen x = {.from = 20};
    struct mq_request q = {.viewer = "v5", .at_ms = at_ms, .draw = draw, .preview = true};
    assert_ok(mq_home(s->reader, &q, &page, &test_err));
    for (size_t i = 0; i < page.rows[0].n_items && i < 20; i++) {
        const struct mq_item *item = &page.rows[0].items[i];
        x.title[x.n++] = item->title_number;
        if (!isnan(item->propensity) && x.from == 20)
            x.from = i;
        if (!isnan(item->propensity))
            assert_true(fabs(item->propensity - 1.0 / (double)(draw - (i - x.from))) < 1e-6);
    }
    return x;
}

static void draws_are_even(void **state)
{
    struct service *s = *state;
    enum { LOOKS = 400 };
    size_t swapped = 0;
    service_titles(s);
    service_ratings(s);
    service_train(s);
    int64_t now = service_now();
    struct seen plain = look(s, now, 0);
    assert_int_equal(plain.from, 20);
    for (int i = 0; i < LOOKS; i++) {
        struct seen a = look(s, now + i, 2), b = look(s, now + i, 2);
        assert_memory_equal(&a, &b, sizeof(a)); /* the same request, the same page */
        assert_true(a.from < 12 && a.n == plain.n);
        bool swap = a.title[a.from] != plain.title[a.from];
        swapped += swap;
        if (swap)
            assert_true(a.title[a.from] == plain.title[a.from + 1] &&
                        a.title[a.from + 1] == plain.title[a.from]);
        for (size_t k = 0; k < a.n; k++)
            assert_true(k == a.from || k == a.from + 1 || a.title[k] == plain.title[k]);
    }
    assert_true(swapped > LOOKS / 2 - 50 && swapped < LOOKS / 2 + 50);
    (void)look(s, now, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(definitions, service_setup, service_teardown),
        cmocka_unit_test_setup_teardown(arms_are_served_and_read, service_setup, service_teardown),
        cmocka_unit_test_setup_teardown(draws_are_even, service_setup, service_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

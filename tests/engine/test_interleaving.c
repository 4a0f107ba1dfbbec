/* Two rankers on one row, live: both place titles, who placed what is noted, and the better one is found with few viewers. */
#include "service.h"

#include <math.h>

#include "engine/experiments.h"
#include "engine/interleaving.h"
#include "engine/page_log.h"

enum { VIEWERS = 120, GENRES = 8, SEEN = 6 };
#define HOUR INT64_C(3600000)

static uint64_t train(struct service *s, uint64_t seed, bool popularity_only)
{
    struct mq_train_options o = {.seed = seed,
                                 .rank = 8,
                                 .epochs = 4,
                                 .popularity_only = popularity_only,
                                 .no_ranker = true};
    struct mq_model_info info;
    assert_ok(mq_train(s->engine, &o, &info, &test_err));
    return info.version;
}

static struct experiment of(const char *name, const char *a, const char *b)
{
    struct experiment x = {.traffic = 1, .n = 2, .interleave = true};
    snprintf(x.name, sizeof(x.name), "%s", name);
    assert_ok(experiment_arm_read(str_of(a), &x.arm[0], &test_err));
    assert_ok(experiment_arm_read(str_of(b), &x.arm[1], &test_err));
    return x;
}

/* Everybody's list; who finds a title of their genre among the first ones rates it five stars. */
static void evening(struct service *s, int64_t at_ms)
{
    for (unsigned v = 0; v < VIEWERS; v++) {
        char viewer[16], title[64] = "", id[33];
        struct mq_list list;
        struct mq_appended done;
        snprintf(viewer, sizeof(viewer), "v%u", v);
        assert_ok(mq_recommend(s->reader,
                               &(struct mq_request){.viewer = viewer, .at_ms = at_ms, .n = 20},
                               &list, &test_err));
        memcpy(id, list.recommendation_id, sizeof(id));
        for (size_t i = 0; i < list.n_items; i++)
            for (size_t k = 0; k < i; k++)
                assert_int_not_equal(list.items[i].title_number, list.items[k].title_number);
        for (size_t i = 0; i < list.n_items && i < SEEN && !title[0]; i++) {
            const char *t = list.items[i].title;
            if ((unsigned)strtoul(t + 1, NULL, 10) % GENRES == v % GENRES)
                snprintf(title, sizeof(title), "%s", t);
        }
        mq_reader_rest(s->reader);
        struct mq_event e = service_liked(viewer, title, at_ms, id);
        if (title[0])
            assert_ok(mq_append(s->engine, &e, 1, &done, &test_err));
    }
}

struct noted {
    size_t pages, drafted, items[2];
};

static int take(void *ctx, const struct shown_bytes *b)
{
    struct noted *n = ctx;
    struct arena arena;
    struct shown_page p;
    assert_int_equal(arena_init(&arena, 1 << 16, 1 << 22), 0);
    assert_ok(shown_page_decode(b->bytes, b->viewer, b->at_ms, &arena, &p, &test_err));
    n->pages++;
    for (uint32_t r = 0; r < p.n_rows; r++) {
        n->drafted += p.rows[r].teams;
        for (uint32_t i = 0; p.rows[r].teams && i < p.rows[r].n; i++)
            n->items[p.rows[r].items[i].team & 1]++;
    }
    arena_release(&arena);
    return 0;
}

static void the_better_one_is_found(void **state)
{
    struct service *s = *state;
    struct experiment_reading r;
    char arm[64];
    service_titles(s);
    service_ratings_of(s, VIEWERS);
    uint64_t bad = train(s, 3, true);
    train(s, 3, false);
    snprintf(arm, sizeof(arm), "popular:model=%llu", (unsigned long long)bad);
    struct experiment x = of("draft", "live", arm);
    assert_ok(engine_experiment_create(s->engine, &x, &test_err));
    assert_ok(engine_experiment_start(s->engine, STR("draft"), &test_err));
    service_reopen(s);
    evening(s, service_now() - 10 * HOUR);
    struct noted n = {0};
    assert_ok(page_log_all(s->engine->page_log, take, &n, &test_err));
    assert_true(n.pages >= VIEWERS && n.drafted >= VIEWERS * 9 / 10);
    assert_true(n.items[0] > n.items[1] / 2 && n.items[1] > n.items[0] / 2);
    evening(s, service_now() - 8 * HOUR);
    assert_ok(engine_experiment_read(s->engine, STR("draft"), 0, &r, &test_err));
    assert_true(r.experiment.interleave);
    assert_true(r.arm[0].viewers == r.arm[1].viewers && r.arm[0].viewers >= VIEWERS * 9 / 10);
    const struct effect *f = &r.arm[1].valued_effect;
    print_message("placed and valued: live %.0f, popular %.0f of %.0f lists; difference a list "
                  "%.3f [%.3f, %.3f], at all looks [%.3f, %.3f]\n",
                  r.arm[0].valued, r.arm[1].valued, r.arm[0].pages, f->difference, f->low, f->high,
                  f->anytime_low, f->anytime_high);
    assert_true(r.arm[0].valued > r.arm[1].valued && f->high < 0);
    /* A page that is refused leaves nothing behind for another kind of answer: that is not drafted. */
    struct mq_page refused;
    struct mq_explanation told;
    struct mq_request nobody = {.viewer = ""}, somebody = {.viewer = "v1"};
    assert_fails(MQ_INVALID, mq_home(s->reader, &nobody, &refused, &test_err));
    assert_ok(mq_explain(s->reader, &somebody, "t1", &told, &test_err));
    assert_false(interleaving_on(s->reader));
    mq_reader_rest(s->reader);
    /* A page, too: one row of it is drafted, and no title stands on it twice. */
    struct mq_page page;
    n = (struct noted){0};
    assert_ok(mq_home(s->reader, &(struct mq_request){.viewer = "v1"}, &page, &test_err));
    for (size_t a = 0; a < page.n_rows; a++)
        for (size_t i = 0; i < page.rows[a].n_items; i++)
            for (size_t b = 0; b <= a; b++)
                for (size_t k = 0; k < page.rows[b].n_items && (b < a || k < i); k++)
                    if (strcmp(page.rows[b].kind, "continue") != 0)
                        assert_int_not_equal(page.rows[a].items[i].title_number,
                                             page.rows[b].items[k].title_number);
    mq_reader_rest(s->reader);
    assert_ok(engine_experiment_stop(s->engine, STR("draft"), &test_err));
    struct noted before = {0}, after = {0};
    assert_ok(page_log_all(s->engine->page_log, take, &before, &test_err));
    evening(s, service_now() - 6 * HOUR);
    assert_ok(page_log_all(s->engine->page_log, take, &after, &test_err));
    assert_true(after.pages > before.pages && after.drafted == before.drafted);
}

/* The same ranker on both sides: who placed more is chance. */
static void equal_ones_are_equal(void **state)
{
    struct service *s = *state;
    struct experiment_reading r;
    service_titles(s);
    service_ratings_of(s, VIEWERS);
    train(s, 3, false);
    struct experiment x = of("same", "live", "also");
    assert_ok(engine_experiment_create(s->engine, &x, &test_err));
    assert_ok(engine_experiment_start(s->engine, STR("same"), &test_err));
    for (unsigned k = 0; k < 3; k++)
        evening(s, service_now() - (10 - 2 * k) * HOUR);
    assert_ok(engine_experiment_read(s->engine, STR("same"), 0, &r, &test_err));
    const struct effect *f = &r.arm[1].valued_effect;
    assert_true(r.arm[0].valued + r.arm[1].valued > VIEWERS / 2);
    assert_true(f->anytime_low < 0 && f->anytime_high > 0);
}

static void definitions(void **state)
{
    struct service *s = *state;
    struct experiment good = of("good", "live", "new:model=7,ranker=off"), back;
    struct buf b;
    buf_init(&b, 4096);
    experiment_encode(&good, &b);
    assert_ok(experiment_decode(buf_str(&b), &back, &test_err));
    assert_memory_equal(&good, &back, sizeof(good));
    buf_release(&b);
    struct experiment two = of("two", "old:model=6", "new:model=7");
    assert_fails(MQ_INVALID, engine_experiment_create(s->engine, &two, &test_err));
    struct experiment drawn = of("drawn", "live", "new:draw=2");
    assert_fails(MQ_INVALID, engine_experiment_create(s->engine, &drawn, &test_err));
    struct experiment three = of("three", "live", "new");
    assert_ok(experiment_arm_read(STR("more"), &three.arm[2], &test_err));
    three.n = 3;
    assert_fails(MQ_INVALID, engine_experiment_create(s->engine, &three, &test_err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(definitions, service_setup, service_teardown),
        cmocka_unit_test_setup_teardown(the_better_one_is_found, service_setup, service_teardown),
        cmocka_unit_test_setup_teardown(equal_ones_are_equal, service_setup, service_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What is heard of titles beside what was done with them: all of it, however much comes at once. */
#include "support/check.h"

#include <stdio.h>

#include "engine/engine.h"
#include "engine/heard_titles.h"
#include "service.h"

enum { MANY = 2500 };

static struct title heard(const char *id)
{
    struct title t;
    title_init(&t);
    t.id = str_of(id);
    t.name = STR("A film");
    return t;
}

/* On the committer's thread: nothing is put before it has returned. */
static int at_once(void *ctx, struct mq_error *err)
{
    struct mq_engine *e = ctx;
    static const struct str drama = STR("Drama");
    struct title t = heard("x");
    (void)err;
    engine_heard_title(e, &t);
    t.year = 1999;
    engine_heard_title(e, &t);
    t.year = 2005; /* what was heard first stays */
    t.genres = &drama;
    t.n_genres = 1;
    engine_heard_title(e, &t);
    for (unsigned i = 0; i < MANY; i++) {
        char id[16];
        snprintf(id, sizeof(id), "h%u", i);
        t = heard(id);
        engine_heard_title(e, &t);
    }
    return 0;
}

static int nothing(void *ctx, struct mq_error *err)
{
    (void)ctx;
    (void)err;
    return 0;
}

static void all_that_comes_at_once_is_kept(void **state)
{
    struct service *s = *state;
    struct arena arena;
    struct title t;
    assert_int_equal(arena_init(&arena, 1 << 16, 1 << 22), 0);
    assert_ok(committer_call(s->engine->committer, at_once, s->engine, &test_err));
    service_event(s, "v", "play", "h0"); /* with each group what waits is put */
    assert_ok(committer_call(s->engine->committer, nothing, NULL, &test_err));
    assert_ok(engine_get_title(s->engine, STR("x"), &arena, &t, &test_err));
    assert_true(str_eq(t.name, STR("A film")));
    assert_int_equal(t.year, 1999);
    assert_int_equal(t.n_genres, 1);
    for (unsigned i = 0; i < MANY; i++) {
        char id[16];
        snprintf(id, sizeof(id), "h%u", i);
        assert_ok(engine_get_title(s->engine, str_of(id), &arena, &t, &test_err));
    }
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(all_that_comes_at_once_is_kept, service_setup,
                                        service_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Logs of too little, too much and nonsense: training and tuning refuse clearly, or give a model that pages can be made of. */
#include "base/buf.h"
#include "engine/engine.h"
#include "service.h"

#include <math.h>

/* Everybody rates everything, `times` times. */
static void rate_all(struct service *s, int viewers, int titles, int times, int stars)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    buf_add_z(&b, "viewer,title,value,at\n");
    for (int again = 0; again < times; again++)
        for (int v = 0; v < viewers; v++)
            for (int k = 0; k < titles; k++)
                buf_printf(&b, "v%d,t%d,%d,%d\n", v, (k * 7 + v) % titles,
                           stars ? stars : 1 + (v + k) % 5, 1600000000 + 1000 * v + 10 * k);
    buf_add_char(&b, '\0');
    service_import(s, "table", service_file(s, "all.csv", b.p));
    buf_release(&b);
}

static void train_and_ask(struct service *s)
{
    struct mq_model_info info;
    struct mq_tuning tuning;
    struct mq_page page;
    struct mq_train_options o = {.seed = 1};
    struct mq_tune_options t = {.seed = 1, .seconds = 1};
    int rc = mq_train(s->engine, &o, &info, &test_err);
    assert_true(rc == 0 || rc == MQ_INVALID);
    assert_true(rc == 0 || strchr(test_err.text, ':'));
    rc = mq_tune(s->engine, &t, &tuning, &test_err);
    assert_true(rc == 0 || rc == MQ_INVALID);
    assert_true(rc == 0 || strchr(test_err.text, ':'));
    rc = mq_train(s->engine, &o, &info, &test_err);
    assert_true(rc == 0 || rc == MQ_INVALID);
    for (int v = 0; v < 3; v++) {
        char viewer[8];
        snprintf(viewer, sizeof(viewer), "v%d", v);
        assert_ok(mq_home(s->reader, &(struct mq_request){.viewer = viewer}, &page, &test_err));
        for (size_t row = 0; row < page.n_rows; row++)
            for (size_t i = 0; i < page.rows[row].n_items; i++)
                assert_true(isfinite(page.rows[row].items[i].score));
    }
}

#define LOG(name, ...)                                                                             \
    static void name(void **state)                                                                 \
    {                                                                                              \
        struct service *s = *state;                                                                \
        service_titles(s);                                                                         \
        rate_all(s, __VA_ARGS__);                                                                  \
        train_and_ask(s);                                                                          \
    }

LOG(nothing, 0, 0, 0, 0)
LOG(one_row, 1, 1, 1, 5)
LOG(one_viewer, 1, 60, 1, 0)
LOG(one_title, 60, 1, 1, 0)
LOG(all_equal, 30, 30, 1, 3)
LOG(all_liked, 30, 30, 1, 5)
LOG(nothing_liked, 30, 30, 1, 1)
LOG(everything_by_everybody, 30, 80, 1, 0)
LOG(everything_twice, 30, 30, 2, 0)

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, service_setup, service_teardown)
    const struct CMUnitTest tests[] = {
        CASE(nothing),          CASE(one_row),   CASE(one_viewer),    CASE(one_title),
        CASE(all_equal),        CASE(all_liked), CASE(nothing_liked), CASE(everything_by_everybody),
        CASE(everything_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

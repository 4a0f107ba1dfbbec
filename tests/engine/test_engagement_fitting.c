/* Kept weights of engagement come back, and what is damaged is refused whole. */
#include "service.h"

#include <string.h>

#include "base/file.h"
#include "engine/engagement_fitting.h"

static void weights_come_back_or_are_refused(void **state)
{
    struct service *s = *state;
    struct engagement_fitted f = {0};
    double weight[ENGAGEMENT_WEIGHTS];
    for (int k = 0; k < ENGAGEMENT_WEIGHTS; k++)
        f.fit.weight[k] = 0.125 * (k - 4);
    assert_fails(MQ_NOT_FOUND, engagement_file_read(s->data, weight, &test_err));
    assert_ok(engagement_file_write(s->data, &f, &test_err));
    assert_ok(engagement_file_read(s->data, weight, &test_err));
    assert_memory_equal(weight, f.fit.weight, sizeof(weight));
    /* Every byte counts, and so does every length. */
    struct buf b;
    char path[700];
    snprintf(path, sizeof(path), "%s/engagement", s->data);
    buf_init(&b, ENGAGEMENT_FILE_MAX);
    assert_ok(file_read(path, &b, &test_err));
    for (size_t i = 0; i < b.n; i++) {
        b.p[i] ^= 1;
        assert_fails(MQ_CORRUPT, engagement_file_parse("f", buf_str(&b), weight, &test_err));
        b.p[i] ^= 1;
        assert_fails(MQ_CORRUPT,
                     engagement_file_parse("f", (struct str){b.p, i}, weight, &test_err));
    }
    assert_memory_equal(weight, f.fit.weight, sizeof(weight));
    buf_release(&b);
}

static void fitting_needs_a_log_and_waits_for_nobody(void **state)
{
    struct service *s = *state;
    struct engagement_fitted f;
    assert_fails(MQ_INVALID, engine_fit_engagement(s->engine, 1, NULL, NULL, &f, &test_err));
    assert_non_null(strstr(test_err.text, "the log is empty"));
    service_titles(s);
    service_ratings(s);
    assert_fails(MQ_INVALID, engine_fit_engagement(s->engine, 1, NULL, NULL, &f, &test_err));
    assert_non_null(strstr(test_err.text, "none was rated afterwards"));
    pthread_mutex_lock(&s->engine->training_lock);
    assert_fails(MQ_CONFLICT, engine_fit_engagement(s->engine, 1, NULL, NULL, &f, &test_err));
    pthread_mutex_unlock(&s->engine->training_lock);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, service_setup, service_teardown)
    const struct CMUnitTest tests[] = {
        CASE(weights_come_back_or_are_refused),
        CASE(fitting_needs_a_log_and_waits_for_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

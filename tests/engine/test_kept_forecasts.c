/* Forecasts that are kept: the same question is answered from memory; another log, an erasure, another concept are others. */
#include "engine/engine.h"
#include "engine/kept_forecasts.h"
#include "service.h"

#include <math.h>

static struct forecast_key numbered(uint64_t n)
{
    struct forecast_key k;
    memset(&k, 0, sizeof(k));
    k.log_seq = n;
    return k;
}

static void keep(struct kept_forecasts *k, uint64_t n, size_t bytes)
{
    struct kept_forecast *f = kept_forecast_new();
    assert_non_null(f);
    f->key = numbered(n);
    f->answer.launches = (unsigned)n;
    if (bytes)
        assert_non_null(arena_alloc(&f->arena, bytes));
    kept_forecasts_keep(k, f);
    kept_forecast_release(f);
}

static bool has(struct kept_forecasts *k, uint64_t n)
{
    struct forecast_key key = numbered(n);
    struct kept_forecast *f = kept_forecasts_find(k, &key);
    bool there = f != NULL;
    if (f)
        assert_int_equal(f->answer.launches, n);
    kept_forecast_release(f);
    return there;
}

static void bounded(void **state)
{
    (void)state;
    struct kept_forecasts *k;
    assert_ok(kept_forecasts_new(&k, &test_err));
    assert_false(has(k, 1));
    for (uint64_t n = 1; n <= KEPT_FORECASTS; n++)
        keep(k, n, 0);
    assert_true(has(k, 1)); /* asked for again: it stays */
    keep(k, KEPT_FORECASTS + 1, 0);
    assert_true(has(k, 1) && !has(k, 2) && has(k, 3));
    keep(k, 1000, 20 << 20);
    keep(k, 1001, 20 << 20); /* together they are too large */
    assert_true(!has(k, 1000) && has(k, 1001));
    keep(k, 1002, KEPT_FORECAST_BYTES + 1);
    assert_true(!has(k, 1002) && has(k, 1001));
    kept_forecasts_free(k);
}

static void forgotten(void **state)
{
    (void)state;
    struct kept_forecasts *k;
    struct kept_forecast *held;
    struct forecast_key key = numbered(1);
    assert_ok(kept_forecasts_new(&k, &test_err));
    keep(k, 1, 1000);
    held = kept_forecasts_find(k, &key);
    assert_non_null(held);
    kept_forecasts_forget(k);
    assert_false(has(k, 1));
    assert_int_equal(held->answer.launches, 1); /* whoever holds it may read on */
    kept_forecast_release(held);
    keep(k, 2, 0); /* was begun before */
    assert_false(has(k, 2));
    assert_int_equal(kept_forecasts_forgotten(k), 1);
    kept_forecasts_free(k);
}

static const char concept[] = "{\"title\": \"It\", \"genres\": [\"Drama\"], \"country\": \"US\"}";

/* Asks twice: the second answer is the first one's memory. */
static struct mq_forecast ask(struct service *s, const char *text)
{
    struct mq_forecast_request q = {.concept = text, .n = strlen(text), .threads = 1};
    struct mq_forecast f;
    assert_ok(mq_strategy_forecast(s->engine, &q, &f, &test_err));
    struct mq_forecast again;
    assert_ok(mq_strategy_forecast(s->engine, &q, &again, &test_err));
    assert_ptr_equal(again.memory, f.memory);
    mq_forecast_release(&again);
    return f;
}

static void same_question(void **state)
{
    struct service *s = *state;
    service_titles(s);
    service_ratings(s);
    struct mq_forecast a = ask(s, concept);
    struct mq_forecast b = ask(s, concept);
    assert_ptr_equal(a.memory, b.memory);
    struct mq_forecast other =
        ask(s, "{\"title\": \"It\", \"genres\": [\"Comedy\"], \"country\": \"US\"}");
    assert_ptr_not_equal(other.memory, a.memory);
    service_event(s, "v1", "start", "t1"); /* another log */
    struct mq_forecast later = ask(s, concept);
    assert_ptr_not_equal(later.memory, a.memory);
    struct mq_receipt receipt;
    assert_ok(mq_erase(s->engine, "v1", &receipt, &test_err));
    struct mq_forecast after = ask(s, concept);
    assert_ptr_not_equal(after.memory, later.memory);
    assert_true(a.support.titles > 0 || a.support.refused); /* still readable */
    mq_forecast_release(&a);
    mq_forecast_release(&b);
    mq_forecast_release(&other);
    mq_forecast_release(&later);
    mq_forecast_release(&after);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bounded),
        cmocka_unit_test(forgotten),
        cmocka_unit_test_setup_teardown(same_question, service_setup, service_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Forecasts that are kept: the same question is answered from memory; another log, an erasure, another concept are others. */
#include "base/intern.h"
#include "engine/kept_forecasts.h"
#include "engine/lookup.h"
#include "engine/strategy_fits.h"
#include "service.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

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
static struct mq_forecast ask_of(struct service *s, const char *text, bool exact)
{
    struct mq_forecast_request q = {
        .concept = text, .n = strlen(text), .threads = 1, .exact = exact};
    struct mq_forecast f;
    assert_ok(mq_strategy_forecast(s->engine, &q, &f, &test_err));
    struct mq_forecast again;
    assert_ok(mq_strategy_forecast(s->engine, &q, &again, &test_err));
    assert_ptr_equal(again.memory, f.memory);
    mq_forecast_release(&again);
    return f;
}

static struct mq_forecast ask(struct service *s, const char *text)
{
    return ask_of(s, text, false);
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
    assert_int_equal(other.log_seq, a.log_seq);
    service_event(s, "v1", "start",
                  "t1"); /* another log: the answer is of the one before, and says so */
    struct mq_forecast later = ask(s, concept);
    assert_ptr_equal(later.memory, a.memory);
    assert_true(a.behind == 0 && later.behind > 0 && later.log_seq == a.log_seq);
    struct mq_forecast exact = ask_of(s, concept, true);
    assert_true(exact.behind == 0 && exact.log_seq > a.log_seq);
    struct mq_receipt receipt;
    assert_ok(mq_erase(s->engine, "v1", &receipt, &test_err));
    struct mq_forecast after = ask(s, concept);
    assert_ptr_not_equal(after.memory, exact.memory);
    assert_true(a.support.titles > 0 || a.support.refused); /* still readable */
    mq_forecast_release(&a);
    mq_forecast_release(&b);
    mq_forecast_release(&other);
    mq_forecast_release(&later);
    mq_forecast_release(&exact);
    mq_forecast_release(&after);
}

/* ---------------------------------------------------------------- what they rest on */

/* Any is due when more than a hundredth of the log came since; a new one is then made, once. */
static void made_anew_when_due(void **state)
{
    struct service *s = *state;
    struct mq_fit_request q = {.threads = 1};
    struct mq_fit first, again, anew;
    service_titles(s);
    service_ratings(s);
    assert_false(mq_strategy_fit_is_there(s->engine, 0));
    assert_ok(mq_strategy_fit(s->engine, &q, &first, &test_err));
    assert_true(first.made && first.behind == 0 && first.titles > 0 && first.bytes > 0);
    assert_true(mq_strategy_fit_is_there(s->engine, 0));
    assert_false(mq_strategy_fit_is_there(s->engine, 1000));
    service_event(s, "v1", "start", "t1");
    assert_ok(mq_strategy_fit(s->engine, &q, &again, &test_err));
    bool due = again.made; /* a small log: one event may be a hundredth */
    assert_true(due || (again.behind > 0 && again.log_seq == first.log_seq));
    for (uint64_t i = 0; i <= first.log_seq / 50; i++)
        service_event(s, "v2", "start", i % 2 ? "t1" : "t2");
    struct mq_forecast f = ask(s, concept);
    assert_true(f.due && f.behind > 0);
    mq_forecast_release(&f);
    assert_ok(mq_strategy_fit(s->engine, &q, &anew, &test_err));
    assert_true(anew.made && anew.behind == 0 && anew.log_seq > first.log_seq);
    f = ask(s, concept);
    assert_true(!f.due && f.behind == 0 && f.log_seq == anew.log_seq);
    mq_forecast_release(&f);
    size_t bytes;
    assert_int_equal(kept_fits_count(s->engine->fits, &bytes), 1); /* the older one is gone */
    assert_true(bytes <= KEPT_FITS_BYTES);
}

/* The number of an erased viewer is in nothing that is kept, nor in what is made afterwards. */
static void erased_from_what_is_kept(void **state)
{
    struct service *s = *state;
    struct mq_fit_request q = {.threads = 1};
    struct fit_question asked = {.threads = 1, .who = true};
    struct mq_fit made;
    struct mq_receipt receipt;
    struct kept_fit *f;
    struct viewer_id id;
    service_titles(s);
    service_ratings(s);
    assert_ok(engine_find_viewer(s->engine, str_of("v1"), &id, &test_err));
    assert_ok(mq_strategy_fit(s->engine, &q, &made, &test_err));
    assert_int_equal(kept_fits_count(s->engine->fits, NULL), 1);
    uint64_t forgotten = kept_fits_forgotten(s->engine->fits);
    assert_ok(mq_erase(s->engine, "v1", &receipt, &test_err));
    assert_int_equal(kept_fits_count(s->engine->fits, NULL), 0);
    assert_int_equal(kept_fits_forgotten(s->engine->fits), forgotten + 1);
    assert_false(mq_strategy_fit_is_there(s->engine, 0));
    assert_ok(strategy_fit(s->engine, &asked, &f, &test_err));
    const struct strategy_data *d = f->fit->d;
    for (uint64_t m = 0; m < d->n_met; m++)
        assert_int_not_equal(d->met[m].viewer, id.v);
    if (id.v < d->n_viewers)
        assert_int_equal(f->fit->who.watched[id.v], 0);
    kept_fit_release(f);
}

static struct forecast_fit *hollow(void)
{
    struct forecast_fit *f = calloc(1, sizeof(*f));
    assert_non_null(f);
    assert_ok(strategy_data_new(&f->d, &test_err));
    assert_ok(intern_new(&f->tokens.names, &test_err));
    return f;
}

static struct kept_fit *keep_fit(struct kept_fits *k, int64_t as_of_ms, uint64_t forgotten)
{
    struct fit_wish w;
    memset(&w, 0, sizeof(w));
    w.key.as_of_ms = as_of_ms;
    struct kept_fit *f = kept_fits_begin(k, &w);
    if (f)
        return f;
    f = kept_fit_new(hollow());
    assert_non_null(f);
    f->key = w.key;
    f->log_seq = 7;
    f->forgotten = forgotten;
    kept_fits_end(k, &w.key, f);
    return f;
}

static bool has_fit(struct kept_fits *k, int64_t as_of_ms, uint64_t log_seq, bool who)
{
    struct fit_wish w;
    memset(&w, 0, sizeof(w));
    w.key.as_of_ms = as_of_ms;
    w.log_seq = log_seq;
    w.who = who;
    struct kept_fit *f = kept_fits_find(k, &w);
    kept_fit_release(f);
    return f != NULL;
}

static void fits_are_bounded(void **state)
{
    (void)state;
    struct kept_fits *k;
    assert_ok(kept_fits_new(&k, &test_err));
    for (int64_t t = 1; t <= KEPT_FITS; t++)
        kept_fit_release(keep_fit(k, t, 0));
    assert_true(has_fit(k, 1, 0, false) && has_fit(k, 1, 7, false));
    assert_false(has_fit(k, 1, 8, false)); /* of another place in the log */
    assert_false(has_fit(k, 1, 0, true));  /* knows nothing of who */
    kept_fit_release(keep_fit(k, 100, 0));
    assert_true(has_fit(k, 1, 0, false) && !has_fit(k, 2, 0, false) && has_fit(k, 100, 0, false));
    struct kept_fit *held = keep_fit(k, 100, 0);
    kept_fits_forget(k);
    assert_int_equal(kept_fits_count(k, NULL), 0);
    assert_int_equal(held->log_seq, 7); /* whoever holds it may read on */
    kept_fit_release(held);
    kept_fit_release(keep_fit(k, 5, 0)); /* was begun before */
    assert_int_equal(kept_fits_count(k, NULL), 0);
    kept_fits_free(k);
}

enum { ASKERS = 4 };
struct asking {
    struct kept_fits *k;
    _Atomic(int) *made;
};

static void *ask_for_fit(void *arg)
{
    struct asking *a = arg;
    struct fit_wish w;
    memset(&w, 0, sizeof(w));
    struct kept_fit *f = kept_fits_begin(a->k, &w);
    if (!f) {
        atomic_fetch_add(a->made, 1);
        f = kept_fit_new(hollow());
        f->key = w.key;
        kept_fits_end(a->k, &w.key, f);
    }
    kept_fit_release(f);
    return NULL;
}

/* However many ask at once, one makes it. */
static void made_once_for_all(void **state)
{
    (void)state;
    struct kept_fits *k;
    _Atomic(int) made = 0;
    pthread_t threads[ASKERS];
    assert_ok(kept_fits_new(&k, &test_err));
    struct asking a = {k, &made};
    for (int i = 0; i < ASKERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, ask_for_fit, &a), 0);
    for (int i = 0; i < ASKERS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(made, 1);
    kept_fits_free(k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bounded),
        cmocka_unit_test(forgotten),
        cmocka_unit_test(fits_are_bounded),
        cmocka_unit_test(made_once_for_all),
        cmocka_unit_test_setup_teardown(same_question, service_setup, service_teardown),
        cmocka_unit_test_setup_teardown(made_anew_when_due, service_setup, service_teardown),
        cmocka_unit_test_setup_teardown(erased_from_what_is_kept, service_setup, service_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

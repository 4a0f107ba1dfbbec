/* What viewers began when something was there to be continued, read from a log; weights that made the choices are found again. */
#include "train/resume_choices.h"

#include <math.h>
#include <stdlib.h>

#include "base/rng.h"
#include "support/check.h"
#include "train/logit_fit.h"
#include "train/ranker_log.h"

enum { TITLES = 8, MINUTE = 60000, HOUR = 60 * MINUTE };
#define BEGIN INT64_C(1767225600000)

static struct catalogue *catalogue;

static int make(void **state)
{
    struct catalogue_builder *b;
    (void)state;
    assert_ok(catalogue_builder_new(&b, &test_err));
    for (uint32_t t = 0; t < TITLES; t++) {
        struct title title;
        char id[16];
        title_init(&title);
        snprintf(id, sizeof(id), "t%u", t);
        title.id = title.name = str_of(id);
        title.runtime_min = 100;
        title.title_id.v = t;
        assert_ok(catalogue_add(b, &title, &test_err));
    }
    assert_ok(catalogue_build(b, 1, &catalogue, &test_err));
    catalogue_builder_free(b);
    return 0;
}

static int unmake(void **state)
{
    (void)state;
    catalogue_free(catalogue);
    return 0;
}

static void feed(struct ranker_log *l, enum event_kind kind, uint32_t title, int64_t at_ms,
                 int64_t position_ms)
{
    static uint64_t seq;
    struct event e;
    char session[32];
    event_init(&e);
    snprintf(session, sizeof(session), "s%lld", (long long)((at_ms - BEGIN) / HOUR));
    e.kind = kind;
    e.viewer_id = l->viewer;
    e.title_id.v = title;
    e.at_ms = at_ms;
    e.position_ms = position_ms;
    e.session = str_of(session);
    e.seq = ++seq;
    if (kind == EVENT_RATING) {
        e.value = 5;
        e.scale = 5;
    }
    assert_ok(ranker_log_event(l, &e, &test_err));
}

/* Half an hour of it, from where it was. */
static void watch(struct ranker_log *l, uint32_t title, int64_t at_ms, int64_t from_ms)
{
    feed(l, EVENT_START, title, at_ms, from_ms);
    for (int k = 1; k <= 6; k++)
        feed(l, EVENT_PROGRESS, title, at_ms + k * 5 * MINUTE, from_ms + k * 5 * MINUTE);
    feed(l, EVENT_STOP, title, at_ms + 30 * MINUTE, from_ms + 30 * MINUTE);
}

static void starts_are_read(void **state)
{
    struct ranker_log l;
    struct ranker_log_settings s = {.catalogue = catalogue, .from_ms = BEGIN, .share = 1};
    (void)state;
    assert_ok(ranker_log_init(&l, &s, &test_err));
    assert_ok(ranker_log_viewer(&l, (struct viewer_id){1}, &test_err));
    watch(&l, 0, BEGIN, 0);                                /* nothing was there */
    watch(&l, 1, BEGIN + (int64_t)5 * HOUR, 0);            /* new, beside 0 */
    watch(&l, 0, BEGIN + (int64_t)10 * HOUR, 30 * MINUTE); /* gone on with, beside 1 */
    watch(&l, 2, BEGIN + (int64_t)15 * HOUR, 0);           /* new, and not liked in the end */
    feed(&l, EVENT_RATING, 0, BEGIN + (int64_t)20 * HOUR, EVENT_ABSENT);
    feed(&l, EVENT_RATING, 1, BEGIN + (int64_t)21 * HOUR, EVENT_ABSENT);
    feed(&l, EVENT_HIDE, 2, BEGIN + (int64_t)22 * HOUR, EVENT_ABSENT);
    assert_ok(ranker_log_finish(&l, &test_err));
    assert_int_equal(l.resumed.n, 2);
    const struct resume_choice *c = l.resumed.list;
    assert_int_equal(c[0].title, 1);
    assert_int_equal(c[0].n, 2);
    assert_int_equal(c[0].chosen, 0);
    assert_int_equal(c[1].title, 0);
    assert_int_equal(c[1].n, 3);
    assert_int_equal(c[1].chosen, 2); /* 1 was left later */
    for (int p = 0; p < RESUME_PARTS; p++)
        assert_true(c[0].x[0][p] == 0);
    assert_true(fabsf(c[1].x[2][RESUME_PASSED] - logf(2)) < 1e-6F);
    assert_true(fabsf(c[1].x[1][RESUME_PASSED]) < 1e-6F);
    assert_true(fabsf(c[1].x[2][RESUME_SHARE] - 0.3F) < 0.02F);
    ranker_log_release(&l);
}

/* A title is chosen when it is begun. What comes of it afterwards is no choice: by then the profile knows of the beginning, and trees that
 * learnt from such rows foretell nothing. */
static void what_was_begun_is_chosen_once(void **state)
{
    struct ranker_log l;
    struct ranker_log_settings s = {.catalogue = catalogue, .from_ms = BEGIN, .share = 1};
    (void)state;
    assert_ok(ranker_log_init(&l, &s, &test_err));
    assert_ok(ranker_log_viewer(&l, (struct viewer_id){1}, &test_err));
    watch(&l, 0, BEGIN, 0); /* nothing was known of the viewer */
    const int64_t first = BEGIN + (int64_t)5 * HOUR, second = BEGIN + (int64_t)10 * HOUR;
    feed(&l, EVENT_START, 1, first, 0);
    feed(&l, EVENT_COMPLETE, 1, first + 50 * MINUTE, EVENT_ABSENT); /* no progress between */
    feed(&l, EVENT_START, 2, second, 0);
    feed(&l, EVENT_START, 2, second + (int64_t)3 * HOUR, 0);
    feed(&l, EVENT_PLAY, 2, second + (int64_t)3 * HOUR, 0);
    feed(&l, EVENT_COMPLETE, 3, BEGIN + (int64_t)16 * HOUR, EVENT_ABSENT); /* all that is told */
    for (uint32_t t = 0; t < 4; t++)
        feed(&l, EVENT_RATING, t, BEGIN + (int64_t)(20 + t) * HOUR, EVENT_ABSENT);
    assert_ok(ranker_log_finish(&l, &test_err));
    assert_int_equal(l.n, 3);
    assert_int_equal(l.choices[0].title, 1);
    assert_int_equal(l.choices[0].at_ms, first);
    assert_int_equal(l.choices[1].title, 2);
    assert_int_equal(l.choices[1].at_ms, second);
    assert_int_equal(l.choices[2].title, 3);
    ranker_log_release(&l);
}

static void weights_are_found(void **state)
{
    enum { N = 3000 };
    const double planted[RESUME_PARTS] = {1, -0.5, -1, 2};
    double found[RESUME_PARTS] = {0};
    struct resume_choice *c = calloc(N, sizeof(*c));
    struct logit_question *q = calloc(N, sizeof(*q));
    struct rng rng;
    (void)state;
    assert_non_null(c);
    assert_non_null(q);
    rng_seed(&rng, test_seed());
    for (size_t i = 0; i < N; i++) {
        double most = -INFINITY;
        c[i].n = 2 + (uint32_t)rng_below(&rng, RESUME_SEEN);
        for (uint32_t k = 0; k < c[i].n; k++) {
            float *x = c[i].x[k];
            for (int p = 0; p < RESUME_PARTS && k > 0; p++)
                x[p] = p == RESUME_ANY ? 1 : (float)(2 * rng_double(&rng));
            double worth = logit_worth(x, planted, RESUME_PARTS) - log(rng_exp(&rng));
            c[i].chosen = worth > most ? k : c[i].chosen;
            most = fmax(most, worth);
        }
        q[i] = (struct logit_question){c[i].n, c[i].chosen, c[i].x[0]};
    }
    assert_ok(logit_fit(q, N, (struct logit_parts){RESUME_PARTS, 1, 0}, found, &test_err));
    for (int p = 0; p < RESUME_PARTS; p++)
        assert_true(fabs(found[p] - planted[p]) < 0.5);
    free(c);
    free(q);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(starts_are_read),
                                       cmocka_unit_test(what_was_begun_is_chosen_once),
                                       cmocka_unit_test(weights_are_found)};
    return cmocka_run_group_tests(tests, make, unmake);
}

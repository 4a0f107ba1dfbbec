/* The log cut at a moment: ratings and viewings apart, nothing of the time after it in what lies before. */
#include "engine/consent.h"
#include "engine/said_and_done.h"
#include "service.h"

#include <math.h>

struct row {
    enum said_or_done what;
    char viewer[8], title[8];
    float weight;
};

struct rows {
    struct row row[64];
    size_t n;
};

static int keep(void *ctx, enum said_or_done what, struct str viewer, struct str title,
                float weight, int64_t at_ms, struct mq_error *err)
{
    struct rows *r = ctx;
    (void)err;
    assert_true(r->n < 64);
    assert_true(at_ms > 0);
    struct row *row = &r->row[r->n++];
    row->what = what;
    row->weight = weight;
    snprintf(row->viewer, sizeof(row->viewer), "%.*s", (int)viewer.n, viewer.p);
    snprintf(row->title, sizeof(row->title), "%.*s", (int)title.n, title.p);
    return 0;
}

/* NaN: there is none; fails when there are several. */
static float weight_of(const struct rows *r, enum said_or_done what, const char *viewer,
                       const char *title)
{
    float ret = NAN;
    for (size_t i = 0; i < r->n; i++) {
        const struct row *x = &r->row[i];
        if (x->what != what || strcmp(x->viewer, viewer) != 0 || strcmp(x->title, title) != 0)
            continue;
        assert_true(isnan(ret));
        ret = x->weight;
    }
    return ret;
}

static void event(struct buf *b, const char *viewer, const char *title, unsigned day,
                  const char *rest)
{
    buf_printf(b, "{\"viewer\":\"%s\",\"title\":\"%s\",\"at\":\"2026-01-%02uT10:00:00Z\",%s}\n",
               viewer, title, day, rest);
}

/* Ten minutes of a film that is 80 minutes or longer; or all of it. */
static void play(struct buf *b, const char *viewer, const char *title, unsigned day, bool all)
{
    char session[96];
    char end[128];
    snprintf(session, sizeof(session), "\"kind\":\"start\",\"session\":\"%s%u\"", title, day);
    event(b, viewer, title, day, session);
    snprintf(end, sizeof(end), "\"kind\":\"%s\",\"session\":\"%s%u\",\"position\":%d",
             all ? "complete" : "stop", title, day, all ? 7200 : 600);
    buf_printf(b, "{\"viewer\":\"%s\",\"title\":\"%s\",\"at\":\"2026-01-%02uT%s:00Z\",%s}\n",
               viewer, title, day, all ? "12:10" : "10:10", end);
}

static const char *stars(int n)
{
    static char text[4][64];
    static unsigned next;
    char *t = text[next++ % 4];
    snprintf(t, sizeof(text[0]), "\"kind\":\"rating\",\"value\":%d,\"scale\":10", n);
    return t;
}

static void import_log(struct service *s, const char *name, struct buf *b)
{
    buf_add_char(b, '\0');
    struct mq_import_report r = service_import(s, "events", service_file(s, name, b->p));
    assert_int_equal(r.rejected, 0);
    buf_release(b);
}

static void words_and_deeds_apart(void **state)
{
    struct service *s = *state;
    struct buf b;
    struct rows r = {0};
    int64_t cut_ms;
    buf_init(&b, 1 << 20);
    service_titles(s);
    play(&b, "v", "t1", 1, true);
    event(&b, "v", "t1", 2, stars(2)); /* finished, and not liked */
    event(&b, "v", "t2", 2, stars(4)); /* rated, not seen here; later better */
    event(&b, "v", "t2", 3, stars(10));
    event(&b, "v", "t3", 3, "\"kind\":\"thumb\",\"value\":1"); /* a word, no rating */
    play(&b, "v", "t4", 3, false);                             /* abandoned by the 18th */
    event(&b, "w", "t1", 4, stars(8));
    event(&b, "w", "t5", 5, stars(8));
    event(&b, "w", "t6", 6, stars(8));
    event(&b, "v", "t9", 18, "\"kind\":\"list_add\"");
    play(&b, "v", "t5", 19, true);
    /* The cut is before these four of nine ratings. */
    event(&b, "v", "t1", 20, stars(9)); /* known */
    event(&b, "v", "t6", 21, stars(6));
    event(&b, "v", "t6", 22, stars(8)); /* the last word */
    play(&b, "w", "t7", 23, true);      /* after the cut: no deed */
    event(&b, "w", "t7", 24, stars(4));
    import_log(s, "log.ndjson", &b);
    assert_ok(engine_said_and_done(s->engine, 0.4, keep, &r, &cut_ms, &test_err));
    assert_true(weight_of(&r, SAID_BEFORE, "v", "t1") == 1);
    assert_true(weight_of(&r, SAID_BEFORE, "v", "t2") == 5);
    assert_true(weight_of(&r, SAID_BEFORE, "w", "t6") == 4);
    assert_true(weight_of(&r, DONE_BEFORE, "v", "t1") > 0.9F); /* whatever was said of it */
    assert_true(weight_of(&r, DONE_BEFORE, "v", "t4") < 0);
    assert_true(weight_of(&r, DONE_BEFORE, "v", "t5") > 0.9F);
    assert_true(weight_of(&r, SAID_AFTER, "v", "t6") == 4);
    assert_true(weight_of(&r, SAID_AFTER, "w", "t7") == 2);
    assert_true(weight_of(&r, SHARE_BEFORE, "v", "t4") > 0.05F); /* raw: never below 0 */
    assert_true(weight_of(&r, SHARE_BEFORE, "v", "t4") < 0.2F);
    assert_true(weight_of(&r, SHARE_BEFORE, "v", "t5") == 1);
    assert_int_equal(r.n, 5 + 3 + 3 + 2);
}

/* Who is not profiled, and children, teach nothing and judge nothing; nor does a title that was taken out of the history. Orders lie
 * behind the cut. */
static void what_viewers_allow_holds(void **state)
{
    struct service *s = *state;
    struct buf b;
    struct rows r = {0};
    int64_t cut_ms;
    buf_init(&b, 1 << 20);
    service_titles(s);
    for (int v = 0; v < 3; v++) {
        const char *viewer = v == 0 ? "off" : v == 1 ? "kid" : "on";
        play(&b, viewer, "t1", 1, true);
        event(&b, viewer, "t2", 2, stars(8));
        event(&b, viewer, "t3", 3, stars(8));
        event(&b, viewer, "t4", 20, stars(8));
        event(&b, viewer, "t5", 21, stars(8));
    }
    import_log(s, "log.ndjson", &b);
    assert_ok(engine_put_settings(
        s->engine, STR("off"), &(struct viewer_settings){.profiling = 0, .child = -1}, &test_err));
    assert_ok(engine_put_settings(
        s->engine, STR("kid"), &(struct viewer_settings){.profiling = -1, .child = 1}, &test_err));
    assert_ok(engine_remove_from_history(s->engine, STR("on"), STR("t2"), &test_err));
    assert_ok(engine_remove_from_history(s->engine, STR("on"), STR("t5"), &test_err));
    assert_ok(engine_said_and_done(s->engine, 0.5, keep, &r, &cut_ms, &test_err));
    for (size_t i = 0; i < r.n; i++)
        assert_string_equal(r.row[i].viewer, "on");
    assert_true(weight_of(&r, DONE_BEFORE, "on", "t1") > 0);
    assert_true(isnan(weight_of(&r, SAID_BEFORE, "on", "t2")));
    assert_true(weight_of(&r, SAID_BEFORE, "on", "t3") == 4);
    assert_true(weight_of(&r, SAID_AFTER, "on", "t4") == 4);
    assert_true(isnan(weight_of(&r, SAID_AFTER, "on", "t5")));
}

static void what_cannot_be_cut_is_an_error(void **state)
{
    struct service *s = *state;
    struct buf b;
    struct rows r = {0};
    int64_t cut_ms;
    assert_fails(MQ_INVALID, engine_said_and_done(s->engine, 0.5, keep, &r, &cut_ms, &test_err));
    buf_init(&b, 1 << 20);
    event(&b, "v", "t1", 2, stars(2));
    event(&b, "w", "t1", 2, stars(2)); /* at the same time */
    play(&b, "v", "t4", 3, false);
    import_log(s, "few.ndjson", &b);
    assert_fails(MQ_INVALID, engine_said_and_done(s->engine, 0.5, keep, &r, &cut_ms, &test_err));
    assert_fails(MQ_INVALID, engine_said_and_done(s->engine, 1, keep, &r, &cut_ms, &test_err));
    assert_fails(MQ_INVALID, engine_said_and_done(s->engine, NAN, keep, &r, &cut_ms, &test_err));
    assert_int_equal(r.n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(words_and_deeds_apart, service_setup, service_teardown),
        cmocka_unit_test_setup_teardown(what_viewers_allow_holds, service_setup, service_teardown),
        cmocka_unit_test_setup_teardown(what_cannot_be_cut_is_an_error, service_setup,
                                        service_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* How many titles a session is good for, what follows where one was given up, and which mood each session is said to have had. */
#include "support/check.h"

#include "base/file.h"
#include "sim/sim.h"
#include "sim/sim_inside.h"

enum { VIEWERS = 250, VISIT_DAYS = 21, TEXT_MAX = 1 << 24 };

struct counted {
    double sessions, choices; /* that have one; titles started by hand */
    double given_up,
        tried; /* before half was seen; of these, another title came in the same session */
};

struct seen {
    int64_t since;  /* the session under way */
    uint32_t title; /* started last */
    double share;   /* of it that was played */
    bool open;
};

static struct sim_settings some(void)
{
    struct sim_settings s = sim_defaults();
    s.viewers = VIEWERS;
    s.days = VISIT_DAYS;
    s.sessions_per_week = 4;
    s.leave = 0;
    return s;
}

static void count_start(const struct event *e, int64_t since, struct seen *at, struct counted *ret)
{
    bool same = at->open && at->since == since;
    if (same && at->title == e->title_id.v)
        return; /* another episode */
    ret->tried += same && at->share < 0.5;
    ret->sessions += !same;
    ret->choices++;
    *at = (struct seen){.since = since, .title = e->title_id.v, .open = true};
}

static struct counted count(const struct sim_settings *settings)
{
    struct counted ret = {0};
    struct sim *s = NULL;
    struct seen *seen = calloc(settings->viewers, sizeof(*seen));
    struct event e;
    int rc;
    assert_non_null(seen);
    assert_ok(sim_new(settings, &s, &test_err));
    while ((rc = sim_next(s, &e, &test_err)) > 0) {
        struct seen *at = &seen[e.viewer_id.v];
        if (e.kind == EVENT_START)
            count_start(&e, sim_mood_since(s, e.viewer_id.v), at, &ret);
        if (e.kind != EVENT_STOP || e.title_id.v != at->title)
            continue;
        at->share = (double)e.position_ms / (sim_title(s, e.title_id.v)->runtime_min * 60000.0);
        ret.given_up += at->share < 0.5;
    }
    assert_ok(rc);
    sim_free(s);
    free(seen);
    return ret;
}

static void sessions_are_good_for_so_many(void **state)
{
    (void)state;
    struct sim_settings s = some();
    struct counted usual = count(&s);
    s.choices = 3;
    struct counted more = count(&s);
    assert_true(usual.choices / usual.sessions < 1.35);
    assert_true(more.choices / more.sessions > 1.6 * usual.choices / usual.sessions);
    assert_true(more.choices / more.sessions < 3.2);
    s.choices = 1;
    struct counted one = count(&s);
    assert_true(one.choices == one.sessions);
}

static void another_is_tried_where_one_was_given_up(void **state)
{
    (void)state;
    struct sim_settings s = some();
    s.choices = 1;
    struct counted never = count(&s);
    s.sampling = 1;
    struct counted m = count(&s);
    print_message("%.0f of %.0f\n", m.tried, m.given_up);
    assert_true(m.given_up >
                200); /* interruptions are among them, after which nothing more comes */
    assert_true(never.tried == 0 && m.tried > 0.3 * m.given_up);
}

static void settings_out_of_range(void **state)
{
    (void)state;
    struct sim_settings s = some();
    s.choices = 0.5;
    assert_fails(MQ_INVALID, sim_check(&s, &test_err));
    assert_non_null(strstr(test_err.text, "choices: 0.5: give 1 to 8"));
    s = some();
    s.sampling = 1.5;
    assert_fails(MQ_INVALID, sim_check(&s, &test_err));
    assert_non_null(strstr(test_err.text, "sampling: 1.5: give 0 to 1"));
}

/* As many lines as there were sessions, and no file where there are no moods. */
static void each_session_has_its_mood(void **state)
{
    (void)state;
    struct sim_settings settings = some();
    struct sim_report report;
    struct sim *s = NULL;
    struct event e;
    struct buf text;
    char dir[256], path[300];
    int64_t *since = calloc(settings.viewers, sizeof(*since));
    size_t sessions = 0, lines = 0, dark = 0;
    snprintf(dir, sizeof(dir), "%s", test_dir());
    snprintf(path, sizeof(path), "%s/truth-sessions.ndjson", dir);
    settings.mood = 2;
    assert_ok(sim_write(&settings, dir, NULL, NULL, &report, &test_err));
    settings.mood = 0; /* into the same folder */
    assert_ok(sim_write(&settings, dir, NULL, NULL, &report, &test_err));
    buf_init(&text, TEXT_MAX);
    assert_fails(MQ_NOT_FOUND, file_read(path, &text, &test_err));
    settings.mood = 2;
    assert_ok(sim_write(&settings, dir, NULL, NULL, &report, &test_err));
    assert_ok(file_read(path, &text, &test_err));
    assert_ok(sim_new(&settings, &s, &test_err));
    struct str rest = buf_str(&text);
    while (sim_next(s, &e, &test_err) > 0) {
        uint32_t v = e.viewer_id.v;
        if (since[v] == sim_mood_since(s, v))
            continue;
        since[v] = sim_mood_since(s, v);
        const char *mood = sim_mood_name(sim_mood(s, v));
        struct str line = str_cut(&rest, '\n');
        char want[128];
        snprintf(want, sizeof(want), "{\"viewer\":\"%.*s\",", (int)e.viewer.n, e.viewer.p);
        assert_true(str_starts(line, str_of(want)));
        snprintf(want, sizeof(want), "\"mood\":\"%s\"}", mood);
        assert_true(str_ends(line, str_of(want)));
        dark += strcmp(mood, "dark and long") == 0;
        sessions++;
    }
    for (size_t i = 0; i < text.n; i++)
        lines += text.p[i] == '\n';
    assert_int_equal(lines, sessions);
    assert_true(dark > sessions / 50);
    buf_release(&text);
    sim_free(s);
    free(since);
    test_dir_remove(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sessions_are_good_for_so_many),
        cmocka_unit_test(another_is_tried_where_one_was_given_up),
        cmocka_unit_test(settings_out_of_range),
        cmocka_unit_test(each_session_has_its_mood),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

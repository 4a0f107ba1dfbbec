/* The cases in ../shared/fixtures/playback, compared field by field. Skipped where they are absent; the rules
 * themselves are tested without them in test_session.c and test_random.c. */
#include "support/check.h"

#include <dirent.h>
#include <json-c/json.h>
#include <math.h>

#include "playback/viewing.h"

static json_object *get(json_object *o, const char *key)
{
    json_object *v = NULL;
    return json_object_object_get_ex(o, key, &v) ? v : NULL;
}

static int64_t get_ms(json_object *o, const char *key)
{
    json_object *v = get(o, key);
    return v ? json_object_get_int64(v) : EVENT_ABSENT;
}

static struct event read_event(json_object *o)
{
    struct event e;
    event_init(&e);
    e.id = str_of(json_object_get_string(get(o, "id")));
    e.kind = event_kind_from(str_of(json_object_get_string(get(o, "kind"))));
    e.at_ms = get_ms(o, "at_ms");
    e.position_ms = get_ms(o, "position_ms");
    e.from_ms = get_ms(o, "from_ms");
    if (get(o, "rate"))
        e.rate_milli = event_rate_milli(json_object_get_double(get(o, "rate")));
    return e;
}

static void check_ms(json_object *expected, const char *key, int64_t actual, const char *name)
{
    json_object *v = get(expected, key);
    if (v && json_object_get_int64(v) != actual)
        fail_msg("%s: %s: expected %lld, got %lld", name, key, (long long)json_object_get_int64(v),
                 (long long)actual);
}

static void check_spans(json_object *expected, const char *key, const struct span *v, uint32_t n,
                        const char *name)
{
    json_object *list = get(expected, key);
    if (!list)
        return;
    if (json_object_array_length(list) != n)
        fail_msg("%s: %s: %u stretches instead of %zu", name, key, n,
                 json_object_array_length(list));
    for (uint32_t i = 0; i < n; i++) {
        json_object *pair = json_object_array_get_idx(list, i);
        assert_int_equal(json_object_get_int64(json_object_array_get_idx(pair, 0)), v[i].from);
        assert_int_equal(json_object_get_int64(json_object_array_get_idx(pair, 1)), v[i].to);
    }
}

static void check_completion(json_object *expected, double actual, const char *name)
{
    json_object *v = NULL;
    assert_true(json_object_object_get_ex(expected, "completion", &v));
    if (v ? fabs(json_object_get_double(v) - actual) > 1e-6 : !isnan(actual))
        fail_msg("%s: completion: expected %s, got %.9f", name, json_object_get_string(v), actual);
}

static void check_session(json_object *expected, const struct viewing *v, const char *name)
{
    check_spans(expected, "runs", v->runs, v->n_runs, name);
    check_spans(expected, "watched", v->watched.v, v->watched.n, name);
    const struct {
        const char *key;
        int64_t value;
    } fields[] = {
        {"played_ms", v->played_ms},
        {"content_ms", viewing_content_ms(v)},
        {"rewatched_ms", viewing_rewatched_ms(v)},
        {"rewinds", v->rewinds},
        {"rewound_ms", v->rewound_ms},
        {"skips", v->skips},
        {"skipped_ms", v->skipped_ms},
        {"pauses", v->pauses},
        {"paused_ms", v->paused_ms},
        {"buffering_ms", v->buffering_ms},
        {"start_position_ms", v->start_position_ms},
        {"last_position_ms", viewing_last_position_ms(v)},
    };
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        assert_non_null(get(expected, fields[i].key));
        check_ms(expected, fields[i].key, fields[i].value, name);
    }
    check_completion(expected, viewing_completion(v), name);
    assert_string_equal(json_object_get_string(get(expected, "ended")),
                        viewing_end_name(viewing_ended(v)));
}

static void play_session(json_object *session, json_object *file, struct viewing *v)
{
    json_object *list = get(session, "events");
    size_t n = json_object_array_length(list);
    struct event *events = calloc(n + 1, sizeof(*events));
    assert_non_null(events);
    for (size_t i = 0; i < n; i++)
        events[i] = read_event(json_object_array_get_idx(list, i));
    json_object *runtime = get(file, "runtime_ms");
    viewing_init(v, runtime ? json_object_get_int64(runtime) : 0,
                 json_object_get_boolean(get(file, "start_plays")), true);
    assert_ok(viewing_feed_all(v, events, n, &test_err));
    check_session(get(session, "expected"), v, json_object_get_string(get(file, "name")));
    free(events);
}

enum { SESSIONS_MOST = 16 };

static void check_several(json_object *file, json_object *sessions)
{
    struct viewing v[SESSIONS_MOST];
    const struct viewing *parts[SESSIONS_MOST];
    size_t n = json_object_array_length(sessions);
    assert_in_range(n, 1, SESSIONS_MOST);
    for (size_t i = 0; i < n; i++) {
        play_session(json_object_array_get_idx(sessions, i), file, &v[i]);
        parts[i] = &v[i];
    }
    struct viewings all;
    json_object *runtime = get(file, "runtime_ms"), *expected = get(file, "expected");
    const char *name = json_object_get_string(get(file, "name"));
    assert_ok(
        viewings_combine(parts, n, runtime ? json_object_get_int64(runtime) : 0, &all, &test_err));
    check_spans(expected, "watched", all.watched.v, all.watched.n, name);
    check_ms(expected, "played_ms", all.played_ms, name);
    check_ms(expected, "content_ms", all.content_ms, name);
    check_ms(expected, "rewatched_ms", all.rewatched_ms, name);
    check_completion(expected, all.completion, name);
    viewings_release(&all);
    for (size_t i = 0; i < n; i++)
        viewing_release(&v[i]);
}

static void check_file(const char *path)
{
    json_object *file = json_object_from_file(path);
    if (!file)
        fail_msg("%s: not JSON", path);
    json_object *sessions = get(file, "sessions");
    if (sessions) {
        check_several(file, sessions);
    } else {
        struct viewing v;
        play_session(file, file, &v);
        viewing_release(&v);
    }
    json_object_put(file);
}

static void fixtures(void **state)
{
    (void)state;
    const char *dir = test_data("../fixtures/playback");
    if (!dir)
        skip();
    char folder[4096], path[4096 + 512];
    snprintf(folder, sizeof(folder), "%s", dir);
    DIR *d = opendir(folder);
    assert_non_null(d);
    int n = 0;
    for (struct dirent *f; (f = readdir(d)) != NULL;) {
        if (!str_ends(str_of(f->d_name), STR(".json")))
            continue;
        snprintf(path, sizeof(path), "%s/%s", folder, f->d_name);
        check_file(path);
        n++;
    }
    closedir(d);
    printf("%d cases\n", n);
    assert_true(n > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(fixtures)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What `viewings` tells of a viewer, against the live profile: one definition of a session. */
#include "engine/viewings.h"
#include "service.h"

#include "base/rng.h"

#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)

struct seen {
    struct service *s;
    const struct profile *profile;
    size_t titles, sessions;
};

static int compare(void *ctx, const struct watched_title *t)
{
    struct seen *seen = ctx;
    uint32_t id = intern_find(store_names(seen->s->engine->store, NAME_TITLE), t->id);
    const struct title_signal *s = profile_signal(seen->profile, (struct title_id){id});
    assert_non_null(s);
    int64_t attended = 0;
    for (int a = 0; a < ATTENTIONS; a++)
        attended += (int64_t)(attention_weight((enum attention)a) * (double)t->attention_ms[a]);
    assert_int_equal(s->sessions, t->n);
    assert_int_equal(s->played_s, t->sum.played_ms / 1000);
    assert_int_equal(s->device, t->all[t->first - 1].device);
    if (t->sum.watched.n <= 8 && t->sum.content_ms * 10 < t->runtime_ms * 9)
        assert_int_equal(s->content_s, t->sum.content_ms / 1000);
    /* Each stretch is cut to whole milliseconds. */
    int64_t apart = attended - (int64_t)s->attended_ms;
    assert_true(apart >= -100 && apart <= 100);
    seen->titles++;
    seen->sessions += t->n;
    return 0;
}

/* Two titles, two session ids and none, silences up to days: at most 4 sessions go on at once. */
static size_t random_log(struct service *s, struct rng *r, const char *viewer, size_t n)
{
    static const char *const kinds[] = {"start",    "play",     "pause", "seek",    "progress",
                                        "progress", "progress", "stop",  "complete"};
    static const int64_t gaps[] = {1000, 10000, 30000, MINUTE, 20 * MINUTE, 5 * HOUR, 25 * HOUR};
    static const char *const sessions[] = {NULL, "a"};
    int64_t at = service_now() - INT64_C(300) * 24 * HOUR;
    int64_t place = 0;
    for (size_t i = 0; i < n; i++) {
        int64_t gap = gaps[rng_below(r, 7)];
        char id[32];
        at += gap;
        place = rng_below(r, 6) == 0 ? (int64_t)rng_below(r, 60 * MINUTE)
                : gap < HOUR         ? place + gap
                                     : place;
        snprintf(id, sizeof(id), "%zu", i);
        struct mq_event e = {.id = id,
                             .viewer = viewer,
                             .kind = kinds[rng_below(r, 9)],
                             .title = rng_below(r, 2) ? "t1" : "t2",
                             .session = sessions[rng_below(r, 2)],
                             .device = "tv",
                             .at_ms = at,
                             .position_ms = place,
                             .from_ms = -1};
        struct mq_appended done;
        assert_ok(mq_append(s->engine, &e, 1, &done, &test_err));
        assert_int_equal(done.accepted, 1);
    }
    return n;
}

static void the_live_profile_agrees(void **state)
{
    struct service *s = *state;
    struct rng r;
    struct seen seen = {.s = s};
    uint64_t seed = test_seed();
    service_titles(s);
    for (size_t round = 0, rounds = test_rounds(20); round < rounds; round++) {
        char viewer[32];
        struct store_range all = {0};
        struct profile *p;
        rng_seed_stream(&r, seed, round);
        snprintf(viewer, sizeof(viewer), "v%zu", round);
        random_log(s, &r, viewer, 60);
        uint32_t id = intern_find(store_names(s->engine->store, NAME_VIEWER), str_of(viewer));
        assert_ok(profile_from_log(s->engine->store, (struct viewer_id){id}, &all,
                                   atomic_load(&s->engine->catalogue), NULL, &p, &test_err));
        seen.profile = p;
        assert_ok(engine_viewings(s->reader, str_of(viewer), 0, 0, compare, &seen, &test_err));
        profile_free(p);
    }
    assert_true(seen.titles > 20 && seen.sessions > 2 * seen.titles);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, service_setup, service_teardown)
    const struct CMUnitTest tests[] = {CASE(the_live_profile_agrees)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

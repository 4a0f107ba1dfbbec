/* Which stretches count as watched by somebody, worked out by hand. */
#include "support/check.h"

#include "play.h"
#include "playback/attention.h"

static enum attention feed(struct attention_viewer *v, struct attention_session *s,
                           enum event_kind kind, int64_t at_s, int autoplay)
{
    struct event e = play_event(kind, at_s * 1000, NO, NO, 0);
    e.autoplay = (int8_t)autoplay;
    return attention_feed(v, s, &e);
}

static void heartbeats(void **state)
{
    (void)state;
    struct attention_viewer v = {0};
    struct attention_session s = {0};
    assert_int_equal(feed(&v, &s, EVENT_START, 0, 0), ATTENTION_MEASURED);
    for (int i = 1; i < 600; i++)
        assert_int_equal(feed(&v, &s, EVENT_PROGRESS, i * 10, -1), ATTENTION_MEASURED);
    /* Ten-second heartbeats by now: 30 s are three of them, 31 s are silence. */
    assert_int_equal(feed(&v, &s, EVENT_PROGRESS, 6020, -1), ATTENTION_MEASURED);
    assert_int_equal(feed(&v, &s, EVENT_PROGRESS, 6051, -1), ATTENTION_INFERRED);
    /* One long gap does not move the median. */
    assert_int_equal(feed(&v, &s, EVENT_PROGRESS, 6082, -1), ATTENTION_INFERRED);
}

static void silence_of_players_that_only_start_and_stop(void **state)
{
    (void)state;
    struct attention_viewer v = {0};
    struct attention_session s = {0};
    feed(&v, &s, EVENT_START, 0, 0);
    assert_int_equal(feed(&v, &s, EVENT_STOP, 3600, -1), ATTENTION_INFERRED);
}

static void hours_without_an_act(void **state)
{
    (void)state;
    struct attention_viewer v = {0};
    struct attention_session s = {0};
    feed(&v, &s, EVENT_START, 0, 0);
    assert_int_equal(feed(&v, &s, EVENT_PROGRESS, 3 * 3600, -1), ATTENTION_INFERRED);
    assert_int_equal(feed(&v, &s, EVENT_COMPLETE, 9 * 3600, -1), ATTENTION_UNATTENDED);
    s = (struct attention_session){0};
    feed(&v, &s, EVENT_START, 9 * 3600, 0);
    assert_int_equal(feed(&v, &s, EVENT_PAUSE, 19 * 3600, -1), ATTENTION_INFERRED);
}

static void chains_of_autoplay(void **state)
{
    (void)state;
    struct attention_viewer v = {0};
    int64_t at = 0;
    for (int episode = 0; episode < 6; episode++) {
        struct attention_session s = {0};
        feed(&v, &s, EVENT_START, at, episode > 0);
        for (int i = 0; i < 20; i++)
            assert_int_equal(feed(&v, &s, EVENT_PROGRESS, at += 30, -1),
                             episode < ATTENTION_CHAIN ? ATTENTION_MEASURED : ATTENTION_UNATTENDED);
        feed(&v, &s, EVENT_COMPLETE, at, -1);
    }
    struct attention_session s = {0};
    feed(&v, &s, EVENT_START, at, 1);
    assert_int_equal(feed(&v, &s, EVENT_SEEK, at + 30, -1), ATTENTION_MEASURED);
    assert_int_equal(feed(&v, &s, EVENT_PROGRESS, at + 60, -1), ATTENTION_MEASURED);
    /* A rating shows that somebody is there, an impression does not. */
    struct attention_viewer w = {.chain = 5};
    feed(&w, NULL, EVENT_IMPRESSION, at, -1);
    assert_int_equal(w.chain, 5);
    feed(&w, NULL, EVENT_RATING, at, -1);
    assert_int_equal(w.chain, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heartbeats),
        cmocka_unit_test(silence_of_players_that_only_start_and_stop),
        cmocka_unit_test(hours_without_an_act),
        cmocka_unit_test(chains_of_autoplay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

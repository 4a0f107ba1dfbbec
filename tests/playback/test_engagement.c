/* What counts more than what: orders rather than exact numbers, which are defaults. */
#include "support/check.h"

#include <math.h>

#include "base/rng.h"
#include "playback/engagement.h"

enum { FILM_S = 6000 };

static struct title_signal judge(struct title_signal s, uint32_t runtime_s)
{
    engagement_set(&s, runtime_s, NULL);
    return s;
}

static struct title_signal watched(uint32_t content_s, uint8_t flags)
{
    return judge((struct title_signal){.sessions = 1,
                                       .played_s = content_s,
                                       .content_s = content_s,
                                       .position_s = content_s,
                                       .flags = flags | SIGNAL_PLAYED},
                 FILM_S);
}

static struct title_signal rated(unsigned stars, unsigned of)
{
    return judge(
        (struct title_signal){.rating = (uint8_t)(stars * 200 / of), .flags = SIGNAL_PLAYED}, 0);
}

static void nothing_says_nothing(void **state)
{
    (void)state;
    struct title_signal s = judge((struct title_signal){0}, FILM_S);
    assert_true(s.preference == 0.0f && s.confidence == 0.0f);
}

static void ratings_by_share_of_their_scale(void **state)
{
    (void)state;
    assert_true(rated(5, 5).preference == 1.0f);
    assert_true(rated(4, 5).preference > 0.5f);
    assert_true(rated(3, 5).preference > 0.0f && rated(3, 5).preference < 0.3f);
    assert_true(rated(2, 5).preference < -0.3f);
    assert_true(rated(1, 5).preference == -1.0f);
    assert_true(rated(8, 10).preference == rated(4, 5).preference);
    assert_true(rated(1, 10).preference == -1.0f);
    assert_true(rated(70, 100).preference > rated(3, 5).preference);
    for (unsigned i = 1; i < 100; i++)
        assert_true(rated(i, 100).preference <= rated(i + 1, 100).preference);
    assert_true(rated(3, 5).confidence == rated(5, 5).confidence && rated(3, 5).confidence > 1.0f);
}

static void watching_more_says_more(void **state)
{
    (void)state;
    struct title_signal start = watched(0, 0), before = start;
    assert_true(start.preference > 0 && start.preference < 0.1f);
    assert_true(start.confidence > 0 && start.confidence < 0.2f);
    for (uint32_t s = 60; s <= FILM_S; s += 60) {
        struct title_signal now = watched(s, s * 10 >= FILM_S * 9 ? SIGNAL_FINISHED : 0);
        assert_true(now.preference >= before.preference && now.confidence >= before.confidence);
        before = now;
    }
    assert_true(before.preference >= 0.8f && before.confidence >= 1.0f);
    struct title_signal unknown = {.sessions = 1, .flags = SIGNAL_PLAYED};
    float least = 0;
    for (unknown.content_s = 0; unknown.content_s < 9000; unknown.content_s += 300) {
        float p = judge(unknown, 0).preference;
        assert_true(p >= least && p < 0.8f); /* minutes never prove that it was finished */
        least = p;
    }
    assert_true(least > 0.6f);
}

static void leaving_early_and_staying_away(void **state)
{
    (void)state;
    struct title_signal left = watched(500, SIGNAL_ABANDONED), recent = watched(500, 0);
    assert_true(left.preference < 0 && recent.preference > 0);
    assert_true(left.confidence < watched(FILM_S, SIGNAL_FINISHED).confidence);
}

static void finished_is_what_was_watched(void **state)
{
    (void)state;
    /* Skipped to the end: judged by the tenth that was seen. */
    assert_true(watched(600, SIGNAL_FINISHED).preference < 0.2f);
    /* Intro and credits skipped: finished. */
    assert_true(watched(3600, SIGNAL_FINISHED).preference >= 0.8f);
    /* A log that says nothing but "complete". */
    struct title_signal bare = {.sessions = 1, .flags = SIGNAL_PLAYED | SIGNAL_FINISHED};
    assert_true(judge(bare, FILM_S).preference >= 0.8f && judge(bare, 0).preference >= 0.8f);
    /* Runtime unknown: where it ended tells. */
    bare.content_s = 300;
    bare.position_s = 5000;
    assert_true(judge(bare, 0).preference < 0.3f);
    bare.content_s = 4500;
    assert_true(judge(bare, 0).preference >= 0.8f);
}

static void again_and_again(void **state)
{
    (void)state;
    struct title_signal once = watched(FILM_S, SIGNAL_FINISHED), twice = once;
    twice.played_s = 2 * FILM_S;
    twice = judge(twice, FILM_S);
    assert_true(twice.preference > once.preference && twice.confidence > once.confidence);
    struct title_signal half = watched(2000, 0), came_back = half;
    came_back.sessions = 4;
    came_back = judge(came_back, FILM_S);
    assert_true(came_back.preference > half.preference && came_back.confidence > half.confidence);
    struct title_signal reloads = watched(0, 0);
    reloads.sessions = 9; /* nothing seen in any of them */
    assert_true(judge(reloads, FILM_S).preference == watched(0, 0).preference);
}

static void words_beat_deeds(void **state)
{
    (void)state;
    struct title_signal s = watched(FILM_S, SIGNAL_FINISHED);
    float by_deeds = s.confidence;
    s.rating = 40; /* one star */
    s = judge(s, FILM_S);
    assert_true(s.preference == -1.0f && s.confidence > by_deeds);
    s.rating = 0;
    s.thumb = -1;
    assert_true(judge(s, FILM_S).preference < -0.5f);
    s.thumb = 1;
    float up = judge(s, FILM_S).preference;
    s.thumb = 2;
    assert_true(up > 0.5f && judge(s, FILM_S).preference > up);
    s.rating = 200;
    s.flags |= SIGNAL_HIDDEN; /* tidied away after praise */
    assert_true(judge(s, FILM_S).preference == 1.0f);
    struct title_signal hidden = judge((struct title_signal){.flags = SIGNAL_HIDDEN}, 0);
    assert_true(hidden.preference < -0.5f && hidden.confidence > 0);
    struct title_signal listed = judge((struct title_signal){.flags = SIGNAL_LISTED}, 0);
    assert_true(listed.preference > 0 && listed.confidence > 0 && listed.confidence < 0.5f);
}

/* Whatever the signal: within bounds, never NaN. */
static void within_bounds(void **state)
{
    (void)state;
    struct rng r;
    rng_seed(&r, test_seed());
    for (size_t i = 0, rounds = test_rounds(20000); i < rounds; i++) {
        uint64_t x = rng_u64(&r);
        struct title_signal s = {.played_s = (uint32_t)(rng_u64(&r) >> (x & 63)),
                                 .content_s = (uint32_t)(rng_u64(&r) >> (x >> 6 & 63)),
                                 .position_s = (uint32_t)rng_u64(&r),
                                 .sessions = (uint16_t)rng_below(&r, 9),
                                 .rating = (uint8_t)rng_below(&r, 201),
                                 .thumb = (int8_t)((int)rng_below(&r, 4) - 1),
                                 .flags = (uint8_t)rng_below(&r, 32)};
        engagement_set(&s, (uint32_t)(rng_u64(&r) >> (32 + rng_below(&r, 32))), NULL);
        assert_true(s.preference >= -1.0f && s.preference <= 1.0f);
        assert_true(s.confidence >= 0.0f && s.confidence < 10.0f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_says_nothing),
        cmocka_unit_test(ratings_by_share_of_their_scale),
        cmocka_unit_test(watching_more_says_more),
        cmocka_unit_test(leaving_early_and_staying_away),
        cmocka_unit_test(finished_is_what_was_watched),
        cmocka_unit_test(again_and_again),
        cmocka_unit_test(words_beat_deeds),
        cmocka_unit_test(within_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What single events make of a profile. */
#include "support/check.h"

#include "viewer_events.h"

static struct event word(enum event_kind kind, uint32_t title, int64_t at_ms, float value)
{
    struct event e = viewer_event(kind, title, at_ms, EVENT_ABSENT);
    e.value = value;
    e.scale = 5;
    return e;
}

static const struct title_signal *signal_of(const struct profile *p, uint32_t title)
{
    const struct title_signal *s = profile_signal(p, (struct title_id){title});
    assert_non_null(s);
    return s;
}

static void empty_profile(void **state)
{
    (void)state;
    struct profile *p = profile_of(NULL, 0, NULL);
    assert_int_equal(p->viewer.v, 7);
    assert_int_equal(p->n, 0);
    assert_int_equal(p->events, 0);
    assert_int_equal(p->offset_min, OFFSET_NONE);
    assert_null(profile_signal(p, (struct title_id){0}));
    profile_free(p);
}

static void a_sitting(void **state)
{
    (void)state;
    const struct event events[] = {
        viewer_event(EVENT_START, 3, MONDAY, 0),
        viewer_event(EVENT_PROGRESS, 3, MONDAY + 30 * MINUTE, 30 * MINUTE),
        viewer_event(EVENT_SEEK, 3, MONDAY + 40 * MINUTE, 20 * MINUTE),
        viewer_event(EVENT_STOP, 3, MONDAY + 50 * MINUTE, 30 * MINUTE),
        viewer_event(EVENT_PROGRESS, 3, MONDAY + 51 * MINUTE,
                     31 * MINUTE), /* after stop: ignored */
    };
    struct profile *p = profile_of(events, 5, test_catalogue());
    const struct title_signal *s = signal_of(p, 3);
    assert_int_equal(s->played_s, 50 * 60);
    assert_int_equal(s->content_s, 40 * 60);
    assert_int_equal(s->position_s, 30 * 60);
    assert_int_equal(s->sessions, 1);
    assert_int_equal(s->last_s, (MONDAY + 50 * MINUTE) / 1000);
    assert_int_equal(s->flags, SIGNAL_PLAYED);
    assert_true(s->preference > 0.2f && s->confidence > 0.3f);
    assert_int_equal(p->events, 5);
    assert_int_equal(p->last_ms, MONDAY + 51 * MINUTE);
    profile_free(p);
}

/* What the weights of engagement read beside the times. */
static void how_it_was_watched(void **state)
{
    (void)state;
    struct event events[] = {
        viewer_event(EVENT_START, 3, MONDAY, 0),
        viewer_event(EVENT_SEEK, 3, MONDAY + 1 * MINUTE, 6 * MINUTE), /* the recap */
        viewer_event(EVENT_PROGRESS, 3, MONDAY + 21 * MINUTE, 26 * MINUTE),
        viewer_event(EVENT_SEEK, 3, MONDAY + 22 * MINUTE, 40 * MINUTE), /* a skip */
        viewer_event(EVENT_SEEK, 3, MONDAY + 32 * MINUTE, 30 * MINUTE), /* a rewind */
        viewer_event(EVENT_SEEK, 3, MONDAY + 42 * MINUTE, 95 * MINUTE), /* to the credits */
        viewer_event(EVENT_STOP, 3, MONDAY + 43 * MINUTE, 96 * MINUTE),
        viewer_event(EVENT_START, 3, MONDAY + DAY, 0),
    };
    events[0].autoplay = 1;
    events[0].context.device = DEVICE_PHONE;
    events[7].context.device = DEVICE_TV;
    events[7].session = STR("another");
    struct profile *p = profile_of(events, 8, test_catalogue());
    const struct title_signal *s = signal_of(p, 3);
    assert_int_equal(s->chosen_s, 0); /* it began by itself */
    assert_int_equal(s->skips, 1);
    assert_int_equal(s->rewinds, 1);
    assert_int_equal(s->device, DEVICE_PHONE);
    assert_int_equal(s->kind, test_catalogue()->titles[3].kind);
    assert_int_equal(s->sessions, 2);
    assert_true(s->flags & SIGNAL_AUTOPLAY);
    /* One gap of 20 minutes without a heartbeat, one of 60 s; what an act ends after a silence is inferred. */
    assert_int_equal(s->played_s, 43 * 60);
    assert_int_equal(s->attended_ms, (1 * 60 + 1 * 60 + 1 * 60) * 1000 + (20 + 10 + 10) * 60 * 700);
    profile_free(p);
}

/* Three titles in a row that started by themselves: whoever slept did not like the fourth for its length. */
static void nobody_there(void **state)
{
    (void)state;
    enum { EPISODES = 6, BEATS = 95, N = EPISODES * (BEATS + 2) };
    struct event events[N];
    size_t n = 0;
    for (uint32_t k = 0; k < EPISODES; k++) {
        int64_t at = MONDAY + k * 100 * MINUTE;
        events[n] = viewer_event(EVENT_START, 6 + 5 * k, at, 0);
        events[n++].autoplay = k > 0;
        for (int i = 1; i <= BEATS; i++)
            events[n++] =
                viewer_event(EVENT_PROGRESS, 6 + 5 * k, at + i * MINUTE, i * (int64_t)MINUTE);
        events[n++] =
            viewer_event(EVENT_STOP, 6 + 5 * k, at + (BEATS + 1) * MINUTE, (BEATS + 1) * MINUTE);
    }
    struct profile *p = profile_of(events, n, test_catalogue());
    assert_int_equal(signal_of(p, 6)->chosen_s, MONDAY / 1000);
    const struct title_signal *awake = signal_of(p, 6), *asleep = signal_of(p, 6 + 5 * 4);
    assert_int_equal(awake->content_s, asleep->content_s);
    assert_true(awake->flags & asleep->flags & SIGNAL_FINISHED);
    assert_true(asleep->attended_ms < awake->attended_ms / 4);
    assert_true(asleep->preference < awake->preference / 2);
    assert_true(asleep->confidence < awake->confidence / 2);
    profile_free(p);
}

/* Services that send ratings alone: a title is chosen when it is first rated, if hour or device are told. */
static void ratings_choose(void **state)
{
    (void)state;
    struct event events[] = {
        viewer_event(EVENT_RATING, 3, MONDAY, EVENT_ABSENT),
        viewer_event(EVENT_RATING, 4, MONDAY + MINUTE, EVENT_ABSENT),
        viewer_event(EVENT_START, 3, MONDAY + DAY, 0),
    };
    for (int i = 0; i < 2; i++) {
        events[i].value = 4;
        events[i].scale = 5;
        events[i].context.offset_min = OFFSET_NONE;
        events[i].context.device = i ? DEVICE_NONE : DEVICE_PHONE;
    }
    struct profile *p = profile_of(events, 2, test_catalogue());
    assert_int_equal(signal_of(p, 3)->chosen_s, MONDAY / 1000);
    assert_int_equal(signal_of(p, 3)->device, DEVICE_PHONE);
    assert_int_equal(signal_of(p, 4)->chosen_s, 0); /* nobody knows when */
    profile_free(p);
    p = profile_of(events, 3, test_catalogue());
    assert_int_equal(signal_of(p, 3)->chosen_s, MONDAY / 1000); /* played the day after */
    profile_free(p);
}

/* The next day's session goes on with the same union; at the credits it is finished. */
static void content_over_sessions(void **state)
{
    (void)state;
    struct event events[] = {
        viewer_event(EVENT_START, 3, MONDAY, 0),
        viewer_event(EVENT_STOP, 3, MONDAY + 50 * MINUTE, 50 * MINUTE),
        viewer_event(EVENT_START, 3, MONDAY + DAY, 45 * MINUTE),
        viewer_event(EVENT_STOP, 3, MONDAY + DAY + 46 * MINUTE, 91 * MINUTE),
        viewer_event(EVENT_START, 3, MONDAY + 2 * DAY, 0),
        viewer_event(EVENT_STOP, 3, MONDAY + 2 * DAY + 99 * MINUTE, 99 * MINUTE),
    };
    for (int i = 0; i < 6; i++)
        events[i].session = i < 2 ? STR("a") : i < 4 ? STR("b") : STR("c");
    struct profile *p = profile_of(events, 4, test_catalogue());
    assert_int_equal(signal_of(p, 3)->content_s, 91 * 60);
    assert_int_equal(signal_of(p, 3)->played_s, 96 * 60);
    assert_int_equal(signal_of(p, 3)->chosen_s, MONDAY / 1000); /* going on is no choice */
    assert_int_equal(signal_of(p, 3)->sessions, 2);
    assert_int_equal(signal_of(p, 3)->flags, SIGNAL_PLAYED | SIGNAL_FINISHED);
    float once = signal_of(p, 3)->preference;
    profile_free(p);
    p = profile_of(events, 6, test_catalogue());
    assert_int_equal(signal_of(p, 3)->content_s, 91 * 60); /* seen whole: no longer followed */
    assert_int_equal(signal_of(p, 3)->played_s, 195 * 60);
    assert_true(signal_of(p, 3)->preference > once); /* seen again */
    profile_free(p);
}

static void credits_are_the_end(void **state)
{
    (void)state;
    const struct event events[] = {
        viewer_event(EVENT_START, 3, MONDAY, 0),
        viewer_event(EVENT_SEEK, 3, MONDAY + MINUTE, 30 * MINUTE), /* recap and more */
        viewer_event(EVENT_STOP, 3, MONDAY + 61 * MINUTE, 90 * MINUTE),
        viewer_event(EVENT_START, 4, MONDAY + DAY, 0),
        viewer_event(EVENT_SEEK, 4, MONDAY + DAY + MINUTE, 80 * MINUTE),
        viewer_event(EVENT_STOP, 4, MONDAY + DAY + 12 * MINUTE, 91 * MINUTE), /* only the end */
        viewer_event(EVENT_COMPLETE, 5, MONDAY + 2 * DAY, EVENT_ABSENT),
    };
    struct profile *p = profile_of(events, 7, test_catalogue());
    assert_true(signal_of(p, 3)->flags & SIGNAL_FINISHED);
    assert_false(signal_of(p, 4)->flags & SIGNAL_FINISHED);
    assert_int_equal(signal_of(p, 5)->flags, SIGNAL_FINISHED | SIGNAL_PLAYED);
    profile_free(p);
}

static void abandoned_as_of_the_newest_event(void **state)
{
    (void)state;
    struct event events[] = {
        viewer_event(EVENT_START, 3, MONDAY, 0),
        viewer_event(EVENT_STOP, 3, MONDAY + 19 * MINUTE, 19 * MINUTE),
        viewer_event(EVENT_START, 4, MONDAY + HOUR, 0),
        viewer_event(EVENT_STOP, 4, MONDAY + HOUR + 20 * MINUTE, 20 * MINUTE),
        viewer_event(EVENT_START, 5, MONDAY + 2 * HOUR, 0), /* runtime unknown */
        viewer_event(EVENT_SEARCH, ID_NONE, MONDAY + 14 * DAY, EVENT_ABSENT),
    };
    struct profile *p = profile_of(events, 6, test_catalogue());
    assert_false(signal_of(p, 3)->flags & SIGNAL_ABANDONED);
    assert_true(signal_of(p, 3)->preference > 0);
    profile_free(p);
    events[5].at_ms += HOUR;
    p = profile_of(events, 6, test_catalogue());
    assert_true(signal_of(p, 3)->flags & SIGNAL_ABANDONED);
    assert_true(signal_of(p, 3)->preference < 0);
    assert_false(signal_of(p, 4)->flags & SIGNAL_ABANDONED); /* a fifth was seen */
    assert_false(signal_of(p, 5)->flags & SIGNAL_ABANDONED);
    profile_free(p);
    p = profile_of(events, 6, NULL); /* no catalogue, no runtime */
    assert_false(signal_of(p, 3)->flags & SIGNAL_ABANDONED);
    profile_free(p);
}

static void words_and_marks(void **state)
{
    (void)state;
    const struct event events[] = {
        word(EVENT_RATING, 9, MONDAY, 4),       word(EVENT_RATING, 2, MONDAY, 0.5f),
        word(EVENT_THUMB, 4, MONDAY + 1, -1),   word(EVENT_LIST_ADD, 5, MONDAY + 2, 0),
        word(EVENT_LIST_ADD, 6, MONDAY + 3, 0), word(EVENT_LIST_REMOVE, 6, MONDAY + 4, 0),
        word(EVENT_HIDE, 7, MONDAY + 5, 0),     word(EVENT_HIDE, 8, MONDAY + 6, 0),
        word(EVENT_LIST_ADD, 8, MONDAY + 7, 0), word(EVENT_CLICK, 1, MONDAY + 8, 0),
        word(EVENT_RATING, 9, MONDAY + 9, 5),
    };
    struct profile *p = profile_of(events, 11, NULL);
    assert_int_equal(p->n, 7);
    for (uint32_t i = 1; i < p->n; i++)
        assert_true(p->signals[i - 1].title.v < p->signals[i].title.v);
    assert_int_equal(signal_of(p, 9)->rating, 200);
    assert_int_equal(signal_of(p, 9)->flags, SIGNAL_PLAYED);
    assert_int_equal(signal_of(p, 9)->sessions, 0);
    assert_int_equal(signal_of(p, 2)->rating, 20);
    assert_int_equal(signal_of(p, 4)->thumb, -1);
    assert_int_equal(signal_of(p, 4)->flags, 0);
    assert_int_equal(signal_of(p, 5)->flags, SIGNAL_LISTED);
    assert_int_equal(signal_of(p, 6)->flags, 0);
    assert_int_equal(signal_of(p, 7)->flags, SIGNAL_HIDDEN);
    assert_int_equal(signal_of(p, 8)->flags, SIGNAL_LISTED); /* a good word takes it back */
    assert_null(profile_signal(p, (struct title_id){1}));    /* clicks count as events only */
    assert_int_equal(p->events, 11);
    profile_free(p);
}

/* Starts by local hour and device; a beat or a second start in a named session is none. */
static void habits(void **state)
{
    (void)state;
    struct event events[5];
    for (int i = 0; i < 5; i++) {
        events[i] =
            viewer_event(i == 1 ? EVENT_PROGRESS : EVENT_START, 3, MONDAY + i * MINUTE, i * MINUTE);
        events[i].session = i < 3 ? STR("a") : STR_NONE;
        events[i].context.device = DEVICE_TV;
        events[i].context.country = i < 4 ? 'D' << 8 | 'E' : 0;
    }
    events[0].context.offset_min = 180; /* 23:00 there: late; kept for those after it */
    struct profile *p = profile_of(events, 5, NULL);
    assert_int_equal(p->habits[DAYPART_LATE][DEVICE_TV], 3); /* a, and two without a name */
    assert_int_equal(p->offset_min, 180);
    assert_int_equal(p->country, 'D' << 8 | 'E');
    assert_int_equal(signal_of(p, 3)->sessions, 3);
    unsigned all = 0;
    for (int d = 0; d < DAYPARTS; d++)
        for (int v = 0; v < DEVICES; v++)
            all += p->habits[d][v];
    assert_int_equal(all, 3);
    profile_free(p);
}

/* Saturday and Sunday by the viewer's own clock, also after the builder was put away and resumed. */
static void weekends(void **state)
{
    (void)state;
    const int64_t sunday = MONDAY - 24 * 60 * MINUTE;
    struct event events[3];
    for (int i = 0; i < 3; i++) {
        events[i] = viewer_event(EVENT_START, 3, sunday + i * 24 * 60 * MINUTE, 0);
        events[i].context.offset_min = 0;
        events[i].context.device = DEVICE_TV;
    }
    struct profile *p = profile_of(events, 3, NULL);
    unsigned all = 0;
    for (int d = 0; d < DAYPARTS; d++)
        all += p->weekend[d];
    assert_int_equal(all, 1);
    struct profile_builder *b;
    struct profile *again;
    assert_ok(profile_builder_resume(p, &b, &test_err));
    assert_ok(profile_snapshot(b, NULL, &again, &test_err));
    assert_memory_equal(p->weekend, again->weekend, sizeof(p->weekend));
    assert_memory_equal(p->habits, again->habits, sizeof(p->habits));
    profile_builder_free(b);
    profile_free(again);
    profile_free(p);
}

/* A day of silence ends a session, and a fifth one the oldest of four; what comes then is a new sitting. */
static void sessions_end(void **state)
{
    (void)state;
    static const char *const names[] = {"a", "b", "c", "d", "e"};
    struct event events[8];
    for (int i = 0; i < 8; i++) {
        events[i] = viewer_event(EVENT_PROGRESS, 3, MONDAY + i * MINUTE, i * MINUTE);
        events[i].session = str_of(names[i < 5 ? i : 0]);
    }
    struct profile *p = profile_of(events, 4, NULL);
    assert_int_equal(signal_of(p, 3)->sessions, 4);
    profile_free(p);
    events[4].session = STR("a"); /* still followed */
    p = profile_of(events, 5, NULL);
    assert_int_equal(signal_of(p, 3)->sessions, 4);
    assert_int_equal(signal_of(p, 3)->played_s, 240);
    profile_free(p);
    events[4].session = STR("e");
    p = profile_of(events, 6, NULL); /* a again, closed by e */
    assert_int_equal(signal_of(p, 3)->sessions, 6);
    assert_int_equal(signal_of(p, 3)->played_s, 0);
    profile_free(p);
    events[6].at_ms = events[5].at_ms + DAY;
    events[7].at_ms = events[6].at_ms + DAY + 1;
    p = profile_of(events, 7, NULL);
    assert_int_equal(signal_of(p, 3)->sessions, 6);
    profile_free(p);
    p = profile_of(events, 8, NULL);
    assert_int_equal(signal_of(p, 3)->sessions, 7);
    profile_free(p);
}

static void late_changes_nothing(void **state)
{
    (void)state;
    struct profile_builder *b;
    assert_ok(profile_builder_new((struct viewer_id){7}, &b, &test_err));
    struct event e = word(EVENT_RATING, 3, MONDAY, 4);
    e.seq = 10;
    assert_ok(profile_feed(b, &e, NULL, &test_err));
    struct profile *before, *after;
    assert_ok(profile_snapshot(b, NULL, &before, &test_err));
    e.title_id.v = 4;
    e.at_ms--;
    e.seq = 11;
    assert_int_equal(profile_feed(b, &e, NULL, &test_err), PROFILE_LATE);
    e.at_ms++;
    e.seq = 9;
    assert_int_equal(profile_feed(b, &e, NULL, &test_err), PROFILE_LATE);
    assert_ok(profile_snapshot(b, NULL, &after, &test_err));
    assert_int_equal(profile_memory(before), profile_memory(after));
    assert_memory_equal(before, after,
                        sizeof(*before) + before->n * sizeof(before->signals[0]) + before->tail);
    e.seq = 11;
    assert_int_equal(profile_feed(b, &e, NULL, &test_err), 0);
    profile_free(before);
    profile_free(after);
    profile_builder_free(b);
}

/* The longest untouched go first, an eighth at once, but never a hidden one while others are there. */
static void most_titles(void **state)
{
    (void)state;
    enum { N = PROFILE_TITLES_MAX + 100, GONE = PROFILE_TITLES_MAX / 8 + 1 };
    struct event *events = calloc(N + 1, sizeof(*events));
    assert_non_null(events);
    for (uint32_t i = 0; i < N; i++)
        events[i] = word(i == 5 ? EVENT_HIDE : EVENT_RATING, N - i, MONDAY + i * INT64_C(1000), 4);
    events[50].title_id.v = N; /* the first title, touched once more */
    struct profile *p = profile_of(events, N, NULL);
    assert_int_equal(p->n, N - 1 - GONE);
    assert_non_null(profile_signal(p, (struct title_id){N - 5})); /* hidden */
    assert_null(profile_signal(p, (struct title_id){N - 4}));
    assert_null(profile_signal(p, (struct title_id){N}));
    assert_non_null(profile_signal(p, (struct title_id){1}));
    unsigned gone = 0;
    for (uint32_t i = 0; i < N; i++)
        gone += profile_signal(p, (struct title_id){N - i}) == NULL;
    assert_int_equal(gone, GONE + 1); /* and the id that event 50 did not use */
    assert_null(profile_signal(p, (struct title_id){N - GONE - 1}));
    assert_non_null(profile_signal(p, (struct title_id){N - GONE - 2}));
    profile_free(p);
    free(events);
}

/* What is kept of the titles that stay is theirs: a second sitting counts only what is new of it. */
static void stretches_of_those_that_stay(void **state)
{
    (void)state;
    enum { TITLES = PROFILE_TITLES_MAX + 700, N = 2 * TITLES + 2 };
    struct event *events = calloc(N, sizeof(*events));
    assert_non_null(events);
    for (uint32_t i = 0; i < TITLES; i++) {
        int64_t at = MONDAY + i * 5 * MINUTE, ms = (1 + i % 4) * MINUTE;
        uint32_t title = 1 + (i * 7919) % TITLES; /* in no order */
        events[2 * i] = viewer_event(EVENT_START, title, at, 0);
        events[2 * i + 1] = viewer_event(EVENT_STOP, title, at + ms, ms);
    }
    uint32_t last = TITLES - 1, again = events[N - 4].title_id.v, first = events[0].title_id.v;
    int64_t at = MONDAY + TITLES * 5 * MINUTE, had = 1 + last % 4;
    events[N - 2] = viewer_event(EVENT_START, again, at, 0);
    events[N - 1] = viewer_event(EVENT_STOP, again, at + 20 * MINUTE, 20 * MINUTE);
    struct profile *p = profile_of(events, N, NULL);
    assert_null(profile_signal(p, (struct title_id){first}));
    assert_int_equal(signal_of(p, again)->played_s, (had + 20) * 60);
    assert_int_equal(signal_of(p, again)->content_s, 20 * 60);
    for (uint32_t i = last - 1000; i < last; i++)
        assert_int_equal(signal_of(p, events[2 * i].title_id.v)->content_s, (1 + i % 4) * 60);
    profile_free(p);
    free(events);
}

/* Live channels count positions from 1970. */
static void positions_beyond_32_bits(void **state)
{
    (void)state;
    int64_t wrap = INT64_C(400) << 32;
    const struct event events[] = {
        viewer_event(EVENT_START, 10, MONDAY, wrap - 5 * MINUTE),
        viewer_event(EVENT_PROGRESS, 10, MONDAY + 10 * MINUTE, wrap + 5 * MINUTE),
        viewer_event(EVENT_STOP, 10, MONDAY + 20 * MINUTE, wrap + 15 * MINUTE),
    };
    struct profile *p = profile_of(events, 3, test_catalogue());
    assert_int_equal(signal_of(p, 10)->played_s, 20 * 60);
    assert_in_range(signal_of(p, 10)->content_s, 20 * 60 - 1,
                    20 * 60); /* one ms is lost at the wrap */
    profile_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty_profile),
        cmocka_unit_test(a_sitting),
        cmocka_unit_test(how_it_was_watched),
        cmocka_unit_test(nobody_there),
        cmocka_unit_test(ratings_choose),
        cmocka_unit_test(content_over_sessions),
        cmocka_unit_test(credits_are_the_end),
        cmocka_unit_test(abandoned_as_of_the_newest_event),
        cmocka_unit_test(words_and_marks),
        cmocka_unit_test(habits),
        cmocka_unit_test(weekends),
        cmocka_unit_test(sessions_end),
        cmocka_unit_test(late_changes_nothing),
        cmocka_unit_test(most_titles),
        cmocka_unit_test(stretches_of_those_that_stay),
        cmocka_unit_test(positions_beyond_32_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "viewer_events.h"

#include "support/check.h"

struct event viewer_event(enum event_kind kind, uint32_t title, int64_t at_ms, int64_t position_ms)
{
    struct event e;
    event_init(&e);
    e.kind = kind;
    e.viewer_id.v = 7;
    e.title_id.v = title;
    e.at_ms = at_ms;
    e.position_ms = position_ms;
    return e;
}

const struct catalogue *test_catalogue(void)
{
    static struct title_row rows[TEST_TITLES];
    static struct catalogue c = {.n_titles = TEST_TITLES, .titles = rows};
    for (uint32_t i = 0; i < TEST_TITLES; i++) {
        rows[i].runtime_min = i % 5 ? TEST_RUNTIME_MIN : 0;
        rows[i].kind = (uint8_t)(i % TITLE_KINDS);
    }
    return &c;
}

static void random_word(struct rng *r, struct event *e)
{
    static const float thumbs[] = {-1, 1, 2};
    e->kind = EVENT_RATING + (enum event_kind)rng_below(r, 6); /* to search */
    if (e->kind == EVENT_RATING) {
        e->value = 1.0f + (float)rng_below(r, 5);
        e->scale = 5.0f;
    } else if (e->kind == EVENT_THUMB) {
        e->value = thumbs[rng_below(r, 3)];
    }
}

void random_history(struct rng *r, struct event *events, size_t n, uint32_t titles)
{
    static const char *const sessions[] = {"", "s1", "s2", "s3", "s4", "s5", "s6"};
    static const int64_t gaps[] = {0,     0,     10,          1000,     5000,      10000,
                                   10000, 60000, 10 * MINUTE, 3 * HOUR, 20 * HOUR, 9 * DAY};
    int64_t at = MONDAY, places[64] = {0};
    for (size_t i = 0; i < n; i++) {
        int64_t gap = gaps[rng_below(r, sizeof(gaps) / sizeof(gaps[0]))];
        uint32_t title = (uint32_t)rng_below(r, titles);
        int64_t *place = &places[title % 64];
        at += gap;
        *place += gap < HOUR ? gap : 0;
        if (rng_below(r, 8) == 0)
            *place = (int64_t)rng_below(r, 100 * MINUTE);
        struct event e =
            viewer_event(EVENT_START + (enum event_kind)rng_below(r, 10), title, at, *place);
        if (rng_below(r, 2))
            e.kind = EVENT_PROGRESS;
        if (e.kind == EVENT_SEEK)
            e.from_ms = *place + (int64_t)rng_below(r, 9000) - 4000;
        if (e.kind == EVENT_START)
            e.autoplay = (int8_t)rng_below(r, 2);
        if (rng_below(r, 8) == 0)
            random_word(r, &e);
        e.session = str_of(sessions[rng_below(r, sizeof(sessions) / sizeof(sessions[0]))]);
        e.context.device = (uint8_t)rng_below(r, DEVICES);
        e.context.country =
            rng_below(r, 3) ? 0 : (country_code)(('G' << 8) + 'A' + (int)rng_below(r, 20));
        e.context.offset_min =
            rng_below(r, 2) ? OFFSET_NONE : (int16_t)(60 * (int)rng_below(r, 12));
        events[i] = e;
    }
    for (size_t i = 0; i < n; i++)
        events[i].seq = i + 1;
}

struct profile *profile_of(const struct event *events, size_t n, const struct catalogue *c)
{
    struct profile_builder *b;
    struct profile *p;
    assert_ok(profile_builder_new((struct viewer_id){7}, &b, &test_err));
    for (size_t i = 0; i < n; i++)
        assert_ok(profile_feed(b, &events[i], c, &test_err));
    assert_ok(profile_snapshot(b, NULL, &p, &test_err));
    profile_builder_free(b);
    return p;
}

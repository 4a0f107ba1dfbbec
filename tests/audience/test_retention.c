/* Random viewers of a title: every figure against one that marks each second. */
#include "support/check.h"

#include <math.h>

#include "audience/retention.h"
#include "base/rng.h"

enum { SECONDS = 20 * 60, MINUTES = 20, VIEWERS = 40 };
#define DAY INT64_C(86400000)
static const int64_t now = 1000 * DAY;

struct history {
    bool counts, finished;
    uint8_t device;
    int64_t last_ms;
    int furthest; /* second behind the last one played */
    int played[SECONDS], jumped[SECONDS];
};

static void event_of(struct event *e, uint32_t viewer, enum event_kind kind, int64_t at,
                     int64_t pos)
{
    event_init(e);
    e->viewer_id.v = viewer;
    e->title_id.v = 7;
    e->kind = kind;
    e->at_ms = at;
    e->position_ms = pos;
    e->session = STR("s");
    e->context.device = (uint8_t)(1 + viewer % 2);
}

/* Plays in whole seconds, with seeks between; the oracle notes what it does. */
static void watch(struct rng *r, struct retention *x, struct history *h, uint32_t viewer)
{
    struct event e;
    int pos = 0;
    int64_t at = now - (int64_t)rng_below(r, 30) * DAY;
    *h = (struct history){.device = (uint8_t)(1 + viewer % 2)};
    event_of(&e, viewer, EVENT_START, at, 0);
    assert_ok(retention_feed(x, &e, &test_err));
    for (int i = 0, n = (int)rng_below(r, 8); i < n; i++) {
        int length = (int)rng_below(r, 500), to = (int)rng_below(r, SECONDS);
        length = pos + length < SECONDS ? length : SECONDS - pos;
        for (int s = pos; s < pos + length; s++)
            h->played[s]++;
        h->furthest = length > 0 && pos + length > h->furthest ? pos + length : h->furthest;
        pos += length;
        at += length * 1000;
        event_of(&e, viewer, EVENT_SEEK, at, to * 1000);
        e.from_ms = pos * 1000;
        assert_ok(retention_feed(x, &e, &test_err));
        for (int s = pos; to - pos > 2 && s < to; s++)
            h->jumped[s]++;
        pos = to;
    }
    bool complete = rng_below(r, 6) == 0;
    event_of(&e, viewer, complete ? EVENT_COMPLETE : EVENT_STOP, at, pos * 1000);
    assert_ok(retention_feed(x, &e, &test_err));
    h->last_ms = at;
    h->counts = h->furthest > 0;
    h->finished = complete || h->furthest * 10 >= SECONDS * 9;
    if (rng_below(r, 8) == 0) { /* a child */
        event_init(&e);
        e.viewer_id.v = viewer;
        e.source = EVENT_ORDER_SOURCE;
        e.custom = EVENT_ORDER_SETTINGS;
        e.query = STR("child=on");
        e.at_ms = at;
        assert_ok(retention_feed(x, &e, &test_err));
        h->counts = false;
    }
}

static int seen(const struct history *h, int m, bool again)
{
    int n = 0;
    for (int s = m * 60; s < m * 60 + 60; s++)
        n += again ? (h->played[s] > 1 ? h->played[s] - 1 : 0) : h->played[s] > 0;
    return n;
}

static bool last_in(const struct history *h, int m)
{
    return (h->furthest - 1) / 60 == m;
}

static void close_to(double a, double b, const char *what, int m)
{
    if (fabs(a - b) > 1e-9)
        fail_msg("%s of minute %d: %.9f, not %.9f", what, m, a, b);
}

static void check(const struct history *v, const struct retention_figures *f)
{
    double still = 1, viewers = 0;
    for (int i = 0; i < VIEWERS; i++)
        viewers += v[i].counts;
    close_to(f->viewers, viewers, "viewers", 0);
    for (int m = 0; m < MINUTES && viewers > 0; m++) {
        double risk = 0, left = 0, watched = 0, again = 0, skipped = 0;
        for (int i = 0; i < VIEWERS; i++) {
            const struct history *h = &v[i];
            if (!h->counts)
                continue;
            int jumped = 0;
            for (int s = m * 60; s < m * 60 + 60; s++)
                jumped += h->jumped[s];
            bool reached = h->furthest > m * 60;
            risk += h->finished || reached;
            left += !h->finished && last_in(h, m) && now - h->last_ms > 14 * DAY;
            watched += seen(h, m, false) >= 30;
            again += seen(h, m, false) >= 30 && seen(h, m, true) >= 30;
            skipped += reached && seen(h, m, false) < 30 && jumped >= 30;
        }
        close_to(f->minutes[m].still, still, "still", m);
        close_to(f->minutes[m].left, left, "left", m);
        close_to(f->minutes[m].watched, watched / viewers, "watched", m);
        close_to(f->minutes[m].rewatched, watched > 0 ? again / watched : 0, "rewatched", m);
        close_to(f->minutes[m].skipped, risk > 0 ? skipped / risk : 0, "skipped", m);
        still = risk > 0 ? still * (1 - left / risk) : still;
    }
}

static void figures_are_the_oracles(void **state)
{
    (void)state;
    static struct history v[VIEWERS];
    uint64_t seed = test_seed();
    for (size_t round = 0, rounds = test_rounds(150); round < rounds; round++) {
        struct rng r;
        struct retention *x;
        struct retention_figures f;
        struct arena arena;
        rng_seed_stream(&r, seed, round);
        assert_ok(arena_init(&arena, 4096, 1 << 22));
        assert_ok(retention_new((struct title_id){7}, SECONDS * 1000, &x, &test_err));
        for (uint32_t i = 0; i < VIEWERS; i++)
            watch(&r, x, &v[i], i);
        assert_ok(retention_figures(x, now, 0, &arena, &f, &test_err));
        assert_int_equal(f.n, MINUTES);
        check(v, &f);
        double by_device = 0;
        for (size_t d = 0; d < f.n_devices; d++)
            by_device += f.devices[d].viewers;
        close_to(by_device, f.viewers, "devices", 0);
        retention_free(x);
        arena_release(&arena);
    }
}

/* A removed title, another title, and few viewers. */
static void what_is_not_shown(void **state)
{
    (void)state;
    struct retention *x;
    struct retention_figures f;
    struct arena arena;
    struct event e;
    assert_ok(arena_init(&arena, 4096, 1 << 22));
    assert_ok(retention_new((struct title_id){7}, SECONDS * 1000, &x, &test_err));
    for (uint32_t i = 0; i < 60; i++) {
        event_of(&e, i, EVENT_START, now - 40 * DAY, 0);
        assert_ok(retention_feed(x, &e, &test_err));
        event_of(&e, i, EVENT_STOP, now - 40 * DAY + 90000, i < 3 ? 30000 : 90000);
        assert_ok(retention_feed(x, &e, &test_err));
        if (i >= 58) {
            event_of(&e, i, EVENT_CUSTOM, now, EVENT_ABSENT);
            e.source = EVENT_ORDER_SOURCE;
            e.custom = EVENT_ORDER_REMOVE_TITLE;
            assert_ok(retention_feed(x, &e, &test_err));
        }
    }
    assert_ok(retention_figures(x, now, 59, &arena, &f, &test_err));
    assert_true(isnan(f.viewers) && f.withheld && f.n == 0); /* 58 of them are left */
    retention_free(x);
    assert_ok(retention_new((struct title_id){7}, 0, &x, &test_err));
    for (uint32_t i = 0; i < 60; i++) {
        event_of(&e, i, EVENT_START, now - 40 * DAY, 0);
        assert_ok(retention_feed(x, &e, &test_err));
        event_of(&e, i, EVENT_STOP, now - 40 * DAY + 90000, i < 3 ? 30000 : 90000);
        assert_ok(retention_feed(x, &e, &test_err));
    }
    assert_ok(retention_figures(x, now, 50, &arena, &f, &test_err));
    assert_true(f.viewers == 60 && f.left == 60 && isnan(f.open) && f.withheld);
    assert_int_equal(f.n, 2);
    assert_true(isnan(f.minutes[0].left)); /* three who can't be shown */
    assert_true(f.minutes[1].left == 60 && f.minutes[1].still == 1);
    assert_int_equal(f.n_devices, 0);
    retention_free(x);
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(figures_are_the_oracles),
        cmocka_unit_test(what_is_not_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

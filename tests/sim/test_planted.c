/* Moods, bursts, looks, leaving, another's page: each can be measured when it is on and is gone when it is off. */
#include "support/check.h"

#include <math.h>

#include "sim/bursts.h"
#include "sim/moods.h"
#include "sim/sim.h"
#include "sim/sim_inside.h"

enum { DAY_MS = 86400000 };

static struct sim_settings settings_of(uint32_t viewers, uint32_t days)
{
    struct sim_settings s = sim_defaults();
    s.viewers = viewers;
    s.days = days;
    s.mood = s.bursts = s.lure = s.leave = 0;
    return s;
}

/* Runs a world through; `see` may be NULL. The caller frees it. */
static struct sim *run(const struct sim_settings *s, sim_page *page, void *page_ctx,
                       void (*see)(void *, const struct sim *, const struct event *), void *ctx)
{
    struct sim *sim;
    struct event e;
    int rc;
    assert_ok(sim_new(s, &sim, &test_err));
    if (page)
        sim_set_page(sim, page, page_ctx);
    while ((rc = sim_next(sim, &e, &test_err)) > 0) {
        if (see)
            see(ctx, sim, &e);
    }
    assert_ok(rc);
    return sim;
}

/* Share of the starts chosen from a page that suit the mood, by mood; and of all others. */
struct suited {
    double in[SIM_MOODS], in_n[SIM_MOODS], out[SIM_MOODS], out_n[SIM_MOODS];
};

static void see_suited(void *ctx, const struct sim *s, const struct event *e)
{
    struct suited *m = ctx;
    if (e->kind != EVENT_START || e->recommendation.n == 0)
        return;
    unsigned mood = sim_mood(s, e->viewer_id.v);
    struct sim_world on = *sim_world_of(s);
    on.mood = 1; /* what it would add, also in the world without */
    for (unsigned k = 1; k < SIM_MOODS; k++) {
        double fit = mood_fit(&on, &on.titles[e->title_id.v], k);
        *(k == mood ? &m->in[k] : &m->out[k]) += fit;
        *(k == mood ? &m->in_n[k] : &m->out_n[k]) += 1;
    }
}

static void moods_choose(void **state)
{
    (void)state;
    struct sim_settings s = settings_of(1500, 40);
    struct suited m = {0};
    s.mood = 1;
    sim_free(run(&s, NULL, NULL, see_suited, &m));
    for (unsigned k = 1; k < SIM_MOODS; k++) {
        assert_true(m.in_n[k] > 100);
        double in = m.in[k] / m.in_n[k], out = m.out[k] / m.out_n[k];
        print_message("%s: %.2f in it, %.2f otherwise (%g starts)\n", mood_name(k), in, out,
                      m.in_n[k]);
        assert_true(in > out + 0.2);
    }
    s.mood = 0;
    struct suited none = {0};
    sim_free(run(&s, NULL, NULL, see_suited, &none));
    for (unsigned k = 1; k < SIM_MOODS; k++)
        assert_true(none.in_n[k] == 0);
}

struct looked_for {
    double during, during_n, before, before_n; /* plays of the title in the country */
};

static void see_burst(void *ctx, const struct sim *s, const struct event *e)
{
    struct looked_for *m = ctx;
    char country[3];
    if (e->kind != EVENT_START)
        return;
    country_text(e->context.country, country);
    for (int back = 0; back < 2; back++) {
        uint32_t t = burst_at(sim_world_of(s), country, e->at_ms + back * (int64_t)3 * DAY_MS);
        if (t == ID_NONE)
            continue;
        *(back ? &m->before_n : &m->during_n) += 1;
        *(back ? &m->before : &m->during) += t == e->title_id.v;
    }
}

static void bursts_are_looked_for(void **state)
{
    (void)state;
    struct sim_settings s = settings_of(2000, 40);
    struct looked_for m = {0};
    s.bursts = 2;
    sim_free(run(&s, NULL, NULL, see_burst, &m));
    print_message("of starts in the country %.3f during, %.4f three days before\n",
                  m.during / m.during_n, m.before / m.before_n);
    assert_true(m.during_n > 100 && m.before_n > 100);
    assert_true(m.during / m.during_n > 0.1 && m.before / m.before_n < 0.03);
}

struct looks {
    double lure, lure_n; /* mean lure of what was clicked */
};

static void see_lure(void *ctx, const struct sim *s, const struct event *e)
{
    struct looks *m = ctx;
    if (e->kind != EVENT_CLICK)
        return;
    m->lure += (double)sim_world_of(s)->titles[e->title_id.v].lure;
    m->lure_n++;
}

static void looks_attract(void **state)
{
    (void)state;
    struct sim_settings s = settings_of(800, 30);
    struct looks without = {0}, with = {0};
    sim_free(run(&s, NULL, NULL, see_lure, &without));
    s.lure = 1;
    struct sim *sim = run(&s, NULL, NULL, see_lure, &with);
    /* The truth of what is liked does not know of looks. */
    assert_true(isfinite(sim_preference(sim, 1, 1)));
    sim_free(sim);
    assert_true(with.lure / with.lure_n > without.lure / without.lure_n + 0.3);
}

static void the_disappointed_leave(void **state)
{
    (void)state;
    struct sim_settings s = settings_of(800, 60);
    struct sim *sim = run(&s, NULL, NULL, NULL, NULL);
    assert_int_equal(sim_staying(sim, s.end_ms), 800);
    sim_free(sim);
    s.leave = 1;
    sim = run(&s, NULL, NULL, NULL, NULL);
    uint32_t usual = sim_staying(sim, s.end_ms);
    sim_free(sim);
    s.lure = 3; /* chosen for its looks, then disappointing */
    sim = run(&s, NULL, NULL, NULL, NULL);
    uint32_t lured = sim_staying(sim, s.end_ms);
    sim_free(sim);
    print_message("of 800 stay: %u, %u with strong looks\n", usual, lured);
    assert_true(usual > 300 && usual < 780);
    assert_true(lured < usual);
}

/* The best of the world's titles by what is really liked, in one row. */
static uint32_t best_page(void *ctx, const struct sim_visitor *who, struct sim_slot *slots,
                          uint32_t max)
{
    struct sim *const *s = ctx;
    uint32_t n = 0;
    assert_true(who->columns > 0 && who->columns <= max);
    while (n < who->columns) {
        uint32_t best = ID_NONE;
        for (uint32_t t = 0; t < sim_titles(*s); t++) {
            bool taken = !sim_is_there(*s, t, who->at_ms);
            for (uint32_t i = 0; i < n; i++)
                taken |= slots[i].title == t;
            if (!taken && (best == ID_NONE || sim_preference(*s, who->viewer, t) >
                                                  sim_preference(*s, who->viewer, best)))
                best = t;
        }
        slots[n] = (struct sim_slot){best, NAN, 0, (uint8_t)n};
        n++;
    }
    return n;
}

struct clicks {
    double clicks, pages, liking;
};

static void see_clicks(void *ctx, const struct sim *s, const struct event *e)
{
    struct clicks *c = ctx;
    c->pages += e->kind == EVENT_IMPRESSION;
    if (e->kind == EVENT_CLICK) {
        c->clicks++;
        c->liking += sim_preference(s, e->viewer_id.v, e->title_id.v);
    }
}

static void anothers_page_is_shown(void **state)
{
    (void)state;
    struct sim_settings s = settings_of(200, 20);
    struct clicks own = {0}, best = {0};
    struct event e;
    struct sim *sim;
    int rc;
    sim_free(run(&s, NULL, NULL, see_clicks, &own));
    assert_ok(sim_new(&s, &sim, &test_err));
    sim_set_page(sim, best_page, &sim);
    while ((rc = sim_next(sim, &e, &test_err)) > 0)
        see_clicks(&best, sim, &e);
    assert_ok(rc);
    sim_free(sim);
    assert_true(best.liking / best.clicks > own.liking / own.clicks + 0.5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moods_choose),           cmocka_unit_test(bursts_are_looked_for),
        cmocka_unit_test(looks_attract),          cmocka_unit_test(the_disappointed_leave),
        cmocka_unit_test(anothers_page_is_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What was put into the world can be measured in its events, and is not there in the null world.
 *
 * The bounds are far from what is expected (several standard errors), the seeds are fixed. */
#include "support/check.h"

#include <math.h>

#include "sim/sim.h"
#include "sim/sim_inside.h"

enum { VIEWERS = 1500, EFFECT_DAYS = 60 };

/* Sums for a correlation. */
struct moments {
    double n, x, y, xx, yy, xy;
};

static void moments_add(struct moments *m, double x, double y)
{
    m->n++;
    m->x += x;
    m->y += y;
    m->xx += x * x;
    m->yy += y * y;
    m->xy += x * y;
}

static double correlation(const struct moments *m)
{
    double cov = m->xy / m->n - m->x / m->n * m->y / m->n;
    double vx = m->xx / m->n - m->x / m->n * m->x / m->n,
           vy = m->yy / m->n - m->y / m->n * m->y / m->n;
    return vx > 0 && vy > 0 ? cov / sqrt(vx * vy) : 0;
}

struct measured {
    struct moments completion, stars; /* against the taste of the world with taste */
    double played_taste; /* mean taste of what was started, over the mean of all titles */
    double evening, evening_tv, morning, morning_phone; /* starts */
    double late_minutes, late_n, evening_minutes,
        evening_n;                                 /* on a phone late, on a tv in the evening */
    double shown[6], clicked[6];                   /* by column, of the random row's titles */
    double fans, fan_plays, others, other_plays;   /* plays of what the planted people made */
    double kids, kid_family, adults, adult_family; /* starts from a page; of these family titles */
    double launch_early, launch_late;
};

/* The same viewers and titles, asked of a world with taste: in the null world these tastes exist on paper
 * only, and nothing in the events may follow them. */
static double paper_taste(const struct sim *paper, uint32_t viewer, uint32_t title)
{
    return sim_preference(paper, viewer, title);
}

static void count_start(const struct sim *s, const struct sim *paper, const struct event *e,
                        struct measured *m)
{
    enum daypart d = daypart_at(e->at_ms, e->context.offset_min);
    bool tv = e->context.device == DEVICE_TV || e->context.device == DEVICE_SET_TOP;
    bool phone = e->context.device == DEVICE_PHONE;
    double minutes = sim_title(s, e->title_id.v)->runtime_min;
    m->evening += d == DAYPART_EVENING;
    m->evening_tv += d == DAYPART_EVENING && tv;
    m->morning += d == DAYPART_MORNING;
    m->morning_phone += d == DAYPART_MORNING && phone;
    if (d == DAYPART_LATE && phone && e->recommendation.n > 0) {
        m->late_minutes += minutes;
        m->late_n++;
    }
    if (d == DAYPART_EVENING && tv && e->recommendation.n > 0) {
        m->evening_minutes += minutes;
        m->evening_n++;
    }
    uint32_t other = (e->title_id.v * 7 + e->viewer_id.v * 13) % sim_titles(s);
    m->played_taste += paper_taste(paper, e->viewer_id.v, e->title_id.v) -
                       paper_taste(paper, e->viewer_id.v, other);
    const struct sim_planted *p = &sim_world_of(s)->planted[0];
    const struct title *t = sim_title(s, e->title_id.v);
    bool made = p->t == e->title_id.v;
    for (uint32_t c = 0; c < t->n_credits; c++)
        made = made || t->credits[c].person_id.v == p->a || t->credits[c].person_id.v == p->b;
    bool fan = sim_traits(s, e->viewer_id.v)->habits & 1;
    m->fans += fan;
    m->fan_plays += fan && made;
    m->others += !fan;
    m->other_plays += !fan && made;
    unsigned family =
        1u << film_genre_find(STR("Family")) | 1u << film_genre_find(STR("Animation"));
    bool is_family = sim_world_of(s)->titles[e->title_id.v].genres & family;
    bool kid = sim_traits(s, e->viewer_id.v)->kid;
    if (e->recommendation.n > 0) {
        m->kids += kid;
        m->kid_family += kid && is_family;
        m->adults += !kid;
        m->adult_family += !kid && is_family;
    }
    int32_t launch = sim_world_of(s)->titles[e->title_id.v].launch_day;
    if (e->recommendation.n > 0 && launch != SIM_ALWAYS &&
        launch + 14 < day_of(sim_world_of(s)->end_ms)) {
        m->launch_early += day_of(e->at_ms) < launch + 7;
        m->launch_late += day_of(e->at_ms) >= launch + 7 && day_of(e->at_ms) < launch + 14;
    }
}

static void count_page(const struct event *e, const struct event_item *last_items,
                       struct measured *m)
{
    if (e->kind == EVENT_IMPRESSION) {
        for (uint32_t i = 0; i < e->n_items; i++)
            m->shown[e->items[i].column] += e->items[i].row == 2;
    } else if (e->kind == EVENT_CLICK) {
        for (uint32_t i = 0; last_items[i].title.n > 0; i++)
            m->clicked[last_items[i].column] +=
                last_items[i].row == 2 && last_items[i].title_id.v == e->title_id.v;
    }
}

static void measure(const struct sim_settings *settings, struct measured *m)
{
    struct sim_settings with_taste = *settings;
    with_taste.null_world = false;
    with_taste.taste = 1;
    struct sim *s = NULL, *paper = NULL;
    struct event e;
    int rc;
    *m = (struct measured){0};
    assert_ok(sim_new(settings, &s, &test_err));
    assert_ok(sim_new(&with_taste, &paper, &test_err));
    struct event_item(*pages)[25] = calloc(settings->viewers, sizeof(*pages));
    while ((rc = sim_next(s, &e, &test_err)) > 0) {
        uint32_t v = e.viewer_id.v;
        if (e.kind == EVENT_START)
            count_start(s, paper, &e, m);
        count_page(&e, pages[v], m);
        if (e.kind == EVENT_IMPRESSION) {
            memset(pages[v], 0, sizeof(pages[v]));
            memcpy(pages[v], e.items, e.n_items * sizeof(*e.items));
        }
        if (e.kind == EVENT_STOP || e.kind == EVENT_COMPLETE) {
            double share =
                (double)e.position_ms / (sim_title(s, e.title_id.v)->runtime_min * 60000.0);
            double q = SIM_QUALITY_WEIGHT * (double)sim_world_of(s)->titles[e.title_id.v].quality;
            moments_add(&m->completion, paper_taste(paper, v, e.title_id.v) - q, share);
        }
        if (e.kind == EVENT_RATING) {
            double q = SIM_QUALITY_WEIGHT * (double)sim_world_of(s)->titles[e.title_id.v].quality;
            moments_add(&m->stars, paper_taste(paper, v, e.title_id.v) - q, (double)e.value);
        }
    }
    assert_ok(rc);
    free(pages);
    sim_free(s);
    sim_free(paper);
}

static struct sim_settings world(bool null_world)
{
    struct sim_settings s = sim_defaults();
    s.viewers = VIEWERS;
    s.days = EFFECT_DAYS;
    s.null_world = null_world;
    return s;
}

static void test_effects_are_there(void **state)
{
    (void)state;
    struct sim_settings settings = world(false);
    struct measured m;
    measure(&settings, &m);
    double n = m.completion.n;
    assert_true(n > 10000);
    assert_true(correlation(&m.completion) > 0.08);
    assert_true(correlation(&m.stars) > 0.3);
    assert_true(m.played_taste / n > 0.6);
    /* Members of a planted habit watch what its people made, and its title. */
    assert_true(m.fan_plays / m.fans > 2.5 * m.other_plays / m.others);
    /* Short things late on the phone, long ones on the television in the evening. */
    assert_true(m.evening_minutes / m.evening_n > 1.25 * m.late_minutes / m.late_n);
    assert_true(m.kid_family / m.kids > 3 * m.adult_family / m.adults);
    /* A launch bursts and decays. */
    assert_true(m.launch_early > 1.3 * m.launch_late);
}

static void test_habits_of_time_and_place(void **state)
{
    (void)state;
    for (int null_world = 0; null_world < 2; null_world++) {
        struct sim_settings settings = world(null_world);
        settings.viewers = 800;
        struct measured m;
        measure(&settings, &m);
        assert_true(m.evening > 2.5 * m.morning);
        assert_true(m.evening_tv / m.evening > 0.5);
        assert_true(m.morning_phone / m.morning > 0.5);
        /* The same titles on average in each column, but the first is looked at more often. */
        assert_true(m.clicked[0] / m.shown[0] > 1.2 * m.clicked[3] / m.shown[3]);
    }
}

static void test_null_world_has_none(void **state)
{
    (void)state;
    struct sim_settings settings = world(true);
    struct measured m;
    measure(&settings, &m);
    double n = m.completion.n;
    assert_true(n > 10000);
    /* Plays of one viewer are not independent, so the error is taken twice as large as 1/sqrt(n). */
    assert_true(fabs(correlation(&m.completion)) < 4 * 2 / sqrt(n));
    assert_true(fabs(correlation(&m.stars)) < 4 * 2 / sqrt(m.stars.n));
    double fans = m.fan_plays / m.fans, others = m.other_plays / m.others;
    double error = 2 * sqrt(others * (1 - others) / m.fans);
    assert_true(fabs(fans - others) < 4 * error);
    double kids = m.kid_family / m.kids, adults = m.adult_family / m.adults;
    assert_true(fabs(kids - adults) < 4 * 2 * sqrt(adults * (1 - adults) / m.kids));
    double late = m.late_minutes / m.late_n, evening = m.evening_minutes / m.evening_n;
    assert_true(fabs(evening / late - 1) < 0.12);
}

static void test_context_can_be_switched_off_alone(void **state)
{
    (void)state;
    struct sim_settings settings = world(false);
    settings.context = 0;
    struct measured m;
    measure(&settings, &m);
    assert_true(correlation(&m.completion) > 0.08);
    assert_true(fabs(m.evening_minutes / m.evening_n / (m.late_minutes / m.late_n) - 1) < 0.12);
}

static void test_preference_follows_its_formula(void **state)
{
    (void)state;
    struct sim_settings on = world(false), off = world(true);
    on.viewers = off.viewers = 50;
    struct sim *s = NULL, *null_world = NULL;
    assert_ok(sim_new(&on, &s, &test_err));
    assert_ok(sim_new(&off, &null_world, &test_err));
    for (uint32_t v = 0; v < 50; v++) {
        const struct viewer_traits *traits = sim_traits(s, v);
        for (uint32_t t = 0; t < sim_titles(s); t += 7) {
            const struct sim_title *title = &sim_world_of(s)->titles[t];
            double dot = 0;
            unsigned followed = 0;
            for (int k = 0; k < SIM_RANK; k++)
                dot += (double)traits->u[k] * (double)title->x[k];
            for (unsigned f = 0; f < traits->n_follows; f++) {
                for (uint32_t c = 0; c < title->record.n_credits; c++) {
                    if (title->record.credits[c].person_id.v == traits->follows[f]) {
                        followed++;
                        break;
                    }
                }
            }
            for (int i = 0; i < SIM_PLANTED; i++)
                followed += (traits->favours >> i & 1) && sim_world_of(s)->planted[i].t == t;
            double expected = SIM_TASTE_WEIGHT * dot +
                              SIM_FOLLOW_WEIGHT * (followed > 2 ? 2 : followed) +
                              SIM_QUALITY_WEIGHT * (double)title->quality;
            assert_true(fabs(sim_preference(s, v, t) - expected) < 1e-9);
            double quality =
                SIM_QUALITY_WEIGHT * (double)sim_world_of(null_world)->titles[t].quality;
            assert_true(fabs(sim_preference(null_world, v, t) - quality) < 1e-9);
        }
    }
    sim_free(s);
    sim_free(null_world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_effects_are_there),
        cmocka_unit_test(test_habits_of_time_and_place),
        cmocka_unit_test(test_null_world_has_none),
        cmocka_unit_test(test_context_can_be_switched_off_alone),
        cmocka_unit_test(test_preference_follows_its_formula),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

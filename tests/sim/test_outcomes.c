/* Later titles and campaigns: what the truth says of them is what the events say, and without them nothing changes. */
#include "support/check.h"

#include <json-c/json.h>
#include <math.h>
#include <unistd.h>

#include "base/file.h"
#include "experiment/arms.h"
#include "sim/later_titles.h"
#include "sim/opportunity.h"
#include "sim/sim.h"
#include "sim/sim_campaign.h"
#include "sim/sim_inside.h"

enum { FILE_MAX = 64 << 20, DAY_MS = 86400000 };

static struct sim_settings settings_of(uint32_t viewers, uint32_t days)
{
    struct sim_settings s = sim_defaults();
    s.viewers = viewers;
    s.days = days;
    return s;
}

static bool credits(const struct title *t, uint32_t person)
{
    for (uint32_t i = 0; i < t->n_credits; i++) {
        if (t->credits[i].person_id.v == person)
            return true;
    }
    return false;
}

/* Distinct viewers of the later titles, and when the first came: a second count, title by title. */
static void count_again(const struct sim_settings *s, const struct sim_world *w,
                        const struct sim_outcomes *o)
{
    uint8_t *met = calloc((size_t)s->viewers * w->later, 1);
    uint32_t all[SIM_LATER_MAX] = {0}, early[SIM_LATER_MAX] = {0};
    struct sim *sim;
    struct event e;
    int rc;
    assert_non_null(met);
    assert_ok(sim_new(s, &sim, &test_err));
    while ((rc = sim_next(sim, &e, &test_err)) > 0) {
        if (e.title_id.v == ID_NONE || e.title_id.v < w->n_titles - w->later)
            continue;
        uint32_t i = e.title_id.v - (w->n_titles - w->later);
        assert_true(e.at_ms >= w->titles[e.title_id.v].launch_day * (int64_t)DAY_MS);
        if (e.kind != EVENT_START || met[e.viewer_id.v * w->later + i])
            continue;
        met[e.viewer_id.v * w->later + i] = 1;
        all[i]++;
        early[i] += e.at_ms < o->later[i].first_ms + INT64_C(28) * DAY_MS;
    }
    assert_ok(rc);
    for (uint32_t i = 0; i < w->later; i++) {
        assert_true(all[i] > 0);
        assert_int_equal(all[i], o->later[i].viewers);
        assert_int_equal(early[i], o->later[i].viewers_28d);
    }
    sim_free(sim);
    free(met);
}

static void later_titles_take_up_what_is_planted(void **state)
{
    (void)state;
    struct sim_settings s = settings_of(300, 90);
    struct sim *sim;
    struct sim_outcomes o;
    unsigned members_like = 0;
    s.opportunity = 1;
    s.later = 6;
    assert_ok(sim_new(&s, &sim, &test_err));
    const struct sim_world *w = sim_world_of(sim);
    assert_true(w->has_opportunity);
    assert_int_equal(w->n_titles, s.titles + 6);
    for (uint32_t i = 0; i < 6; i++) {
        uint32_t title = s.titles + i;
        const struct sim_title *t = &w->titles[title];
        int32_t day = t->launch_day - (int32_t)(w->start_ms / DAY_MS);
        assert_true(day >= 45 && day <= 90 - 29);
        assert_int_equal(t->record.release_day, t->launch_day);
        if (t->takes_up == TAKES_UP_OPPORTUNITY) {
            assert_int_equal(t->opportunity, SIM_ALL_SIDES);
            assert_true(credits(&t->record, w->planted_opportunity.maker) &&
                        credits(&t->record, w->planted_opportunity.actor));
            assert_true(str_eq(t->record.tags[0], w->planted_opportunity.theme));
            for (uint32_t v = 0; v < s.viewers; v++)
                members_like += sim_traits(sim, v)->opportunity &&
                                sim_preference(sim, v, title) > SIM_AFFINITY_WEIGHT;
        } else {
            const struct sim_planted *p = &w->planted[t->takes_up - TAKES_UP_HABIT];
            assert_true(credits(&t->record, p->a) && credits(&t->record, p->b));
            assert_true(str_eq(t->record.name, str_of(p->title)));
        }
    }
    assert_true(members_like > 60); /* two of them, for some 45 members */
    assert_ok(outcomes_find(w, &o, &test_err));
    count_again(&s, w, &o);
    outcomes_release(&o);
    sim_free(sim);
}

static void lives_go_on_alike(void **state)
{
    (void)state;
    struct sim_settings s = settings_of(700, 60);
    struct sim *sim;
    struct sim_outcomes o;
    double n[SIM_RESPONSES] = {0}, gain[SIM_RESPONSES] = {0};
    s.campaign = 4;
    assert_ok(sim_new(&s, &sim, &test_err));
    const struct sim_world *w = sim_world_of(sim);
    assert_ok(outcomes_find(w, &o, &test_err));
    unsigned led = 0;
    for (uint32_t v = 0; v < s.viewers; v++) {
        const struct viewer_traits *t = sim_traits(sim, v);
        int more = o.with[v] - o.without[v];
        n[t->response]++;
        gain[t->response] += more;
        led += t->led;
        if (t->kid || t->response == SIM_NOT_MOVED)
            assert_int_equal(more, 0);
    }
    print_message("moved %+.3f of %g, put off %+.3f of %g\n", gain[SIM_MOVED] / n[SIM_MOVED],
                  n[SIM_MOVED], gain[SIM_PUT_OFF] / n[SIM_PUT_OFF], n[SIM_PUT_OFF]);
    assert_true(gain[SIM_MOVED] / n[SIM_MOVED] > 0.1);
    assert_true(gain[SIM_PUT_OFF] < 0);
    assert_true(led > 270 && led < 390); /* half of those who are no children */
    outcomes_release(&o);
    sim_free(sim);
}

/* Of viewers who are not moved every event is the same, but that pages of those who are led to show the title first. */
static void who_is_held_out_is_left_alone(void **state)
{
    (void)state;
    struct sim_settings plain = settings_of(150, 40), with = plain;
    struct sim *x, *y;
    struct event a = {0}, b = {0};
    int64_t begins;
    unsigned shown = 0;
    with.campaign = 1;
    assert_ok(sim_new(&with, &y, &test_err));
    uint32_t title = sim_campaign_title(y, &begins);
    assert_int_not_equal(title, ID_NONE);
    assert_int_equal(begins, with.end_ms - 28 * (int64_t)DAY_MS);
    struct arms arms = {
        .name = STR(SIM_CAMPAIGN_LABEL "sim"), .traffic = 1, .weight = {0.5, 0.5}, .n = 2};
    for (uint32_t v = 0; v < plain.viewers; v++) {
        const struct viewer_traits *t = sim_traits(y, v);
        char id[16];
        snprintf(id, sizeof(id), "v-%u", v + 1);
        assert_int_equal(t->led, !t->kid && arm_of(&arms, str_of(id)) == 1);
    }
    assert_ok(sim_new(&plain, &x, &test_err));
    int more_x = sim_next(x, &a, &test_err), more_y = sim_next(y, &b, &test_err);
    while (more_x > 0 || more_y > 0) {
        const struct viewer_traits *p =
            more_x > 0 ? sim_traits(y, a.viewer_id.v) : sim_traits(y, b.viewer_id.v);
        const struct viewer_traits *q = more_y > 0 ? sim_traits(y, b.viewer_id.v) : p;
        /* Those whom it changes are passed over on both sides. */
        if (more_x > 0 && p->led && p->response != SIM_NOT_MOVED) {
            more_x = sim_next(x, &a, &test_err);
            continue;
        }
        if (more_y > 0 && q->led && q->response != SIM_NOT_MOVED) {
            more_y = sim_next(y, &b, &test_err);
            continue;
        }
        assert_true(more_x > 0 && more_y > 0);
        assert_true(str_eq(a.id, b.id) && a.at_ms == b.at_ms && a.kind == b.kind);
        assert_int_equal(a.title_id.v, b.title_id.v);
        if (b.kind == EVENT_IMPRESSION && q->led && b.at_ms >= begins) {
            assert_true(b.n_items == a.n_items || b.n_items == a.n_items + 1);
            shown += b.n_items > a.n_items && b.items[0].title_id.v == title;
        } else {
            assert_int_equal(a.n_items, b.n_items);
        }
        more_x = sim_next(x, &a, &test_err);
        more_y = sim_next(y, &b, &test_err);
    }
    assert_true(shown > 20);
    sim_free(x);
    sim_free(y);
}

static json_object *field(json_object *o, const char *key)
{
    json_object *v = NULL;
    assert_true(json_object_object_get_ex(o, key, &v));
    return v;
}

static void slurp(const char *dir, const char *name, struct buf *b)
{
    char path[512];
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    buf_init(b, FILE_MAX);
    assert_ok(file_read(path, b, &test_err));
    buf_add_char(b, '\0');
}

static void files_are_cut_where_it_begins(void **state)
{
    (void)state;
    struct sim_settings s = settings_of(80, 60);
    struct sim_report report;
    struct buf b;
    const char *dir = test_dir();
    s.campaign = 2;
    s.later = 2;
    s.campaign_name = "spring-1";
    assert_ok(sim_write(&s, dir, NULL, NULL, &report, &test_err));
    slurp(dir, "truth.json", &b);
    json_object *o = json_tokener_parse(b.p);
    assert_non_null(o);
    json_object *c = field(o, "campaign");
    assert_string_equal(json_object_get_string(field(c, "name")), "spring-1");
    assert_int_equal(json_object_array_length(field(c, "responses")), SIM_RESPONSES + 1);
    assert_int_equal(json_object_array_length(field(o, "later")), 2);
    const char *begins = json_object_get_string(field(c, "begins"));
    buf_release(&b);
    slurp(dir, "events.ndjson", &b);
    assert_null(strstr(b.p, begins)); /* the day of the begin */
    buf_release(&b);
    slurp(dir, "events-campaign.ndjson", &b);
    assert_true(b.n > 1000);
    assert_non_null(strstr(b.p, "\"at\":\"2026-06-02"));
    buf_release(&b);
    json_object_put(o);
    test_dir_remove(dir);
}

static void what_cannot_be_is_refused(void **state)
{
    (void)state;
    struct sim_settings s = settings_of(10, 57);
    s.later = 1;
    assert_int_equal(sim_check(&s, &test_err), MQ_INVALID);
    s.later = 0;
    s.campaign = 5;
    assert_int_equal(sim_check(&s, &test_err), MQ_INVALID);
    s.campaign = 1;
    s.holdout = 1;
    assert_int_equal(sim_check(&s, &test_err), MQ_INVALID);
    s.holdout = 0.5;
    s.campaign_name = "no spaces";
    assert_int_equal(sim_check(&s, &test_err), MQ_INVALID);
    s.campaign_name = "sim";
    s.days = 28;
    assert_int_equal(sim_check(&s, &test_err), MQ_INVALID);
    s.days = 29;
    assert_ok(sim_check(&s, &test_err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(later_titles_take_up_what_is_planted),
        cmocka_unit_test(lives_go_on_alike),
        cmocka_unit_test(who_is_held_out_is_left_alone),
        cmocka_unit_test(files_are_cut_where_it_begins),
        cmocka_unit_test(what_cannot_be_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

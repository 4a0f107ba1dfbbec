/* Affinities: found in the events when they are planted, gone when they are not, written beside the events, and without
 * effect on any other world. */
#include "support/check.h"

#include <json-c/json.h>
#include <math.h>

#include "base/file.h"
#include "math/stratified.h"
#include "sim/affinities.h"
#include "sim/sim.h"
#include "sim/sim_inside.h"

enum { WORLD_VIEWERS = 1500, WORLD_DAYS = 60, ACTIVITY_MAX = 31, FILE_MAX = 64 << 20 };

/* Nothing but popularity, and perhaps affinities. */
static struct sim_settings settings_of(double affinity)
{
    struct sim_settings s = sim_defaults();
    s.viewers = WORLD_VIEWERS;
    s.days = WORLD_DAYS;
    s.taste = s.context = s.mood = s.bursts = s.lure = s.leave = 0;
    s.affinity = affinity;
    return s;
}

/* By viewer: titles begun, and bits of which sides of which affinities. */
struct seen {
    uint32_t *n;
    uint8_t *a, *b;
};

static bool lists(const uint32_t *titles, uint32_t n, uint32_t title)
{
    for (uint32_t i = 0; i < n; i++) {
        if (titles[i] == title)
            return true;
    }
    return false;
}

/* Runs a world and notes who met what is of the affinities of `paper`. */
static void look(const struct sim_settings *s, const struct sim_world *paper, struct seen *ret)
{
    struct sim *sim;
    struct event e;
    int rc;
    ret->n = calloc(s->viewers, sizeof *ret->n);
    ret->a = calloc(s->viewers, 1);
    ret->b = calloc(s->viewers, 1);
    assert_true(ret->n && ret->a && ret->b);
    assert_ok(sim_new(s, &sim, &test_err));
    while ((rc = sim_next(sim, &e, &test_err)) > 0) {
        if (e.kind != EVENT_START)
            continue;
        ret->n[e.viewer_id.v]++;
        for (unsigned i = 0; i < paper->n_affinities; i++) {
            const struct sim_affinity *x = &paper->affinities[i];
            bool a = lists(x->titles, x->n_first, e.title_id.v);
            bool b = lists(x->titles + x->n_first, x->n - x->n_first, e.title_id.v);
            assert_false(a && b);
            ret->a[e.viewer_id.v] |= (uint8_t)(a << i);
            ret->b[e.viewer_id.v] |= (uint8_t)(b << i);
        }
    }
    assert_ok(rc);
    sim_free(sim);
}

static void seen_release(struct seen *s)
{
    free(s->n);
    free(s->a);
    free(s->b);
}

/* Do the two sides go together, given how much a viewer watches? */
static struct association together(const struct seen *s, unsigned i)
{
    struct stratum strata[ACTIVITY_MAX + 1] = {0};
    struct association r;
    for (uint32_t v = 0; v < WORLD_VIEWERS; v++) {
        struct stratum *x = &strata[s->n[v] < ACTIVITY_MAX ? s->n[v] : ACTIVITY_MAX];
        bool a = s->a[v] >> i & 1;
        bool b = s->b[v] >> i & 1;
        x->n++;
        x->a += a;
        x->b += b;
        x->both += a && b;
    }
    associate(strata, ACTIVITY_MAX + 1, &r);
    return r;
}

static void found_when_on_gone_when_off(void **state)
{
    (void)state;
    struct sim_settings on = settings_of(1);
    struct sim_settings off = settings_of(0);
    struct sim *planted;
    struct seen with, without;
    assert_ok(sim_new(&on, &planted, &test_err));
    const struct sim_world *paper = sim_world_of(planted);
    assert_int_equal(paper->n_affinities, SIM_AFFINITIES);
    look(&on, paper, &with);
    look(&off, paper, &without);
    for (unsigned i = 0; i < SIM_AFFINITIES; i++) {
        struct association x = together(&with, i);
        struct association y = together(&without, i);
        print_message("affinity %u: odds %.2f (z %.1f) on, %.2f (z %.1f) off\n", i, x.odds_ratio,
                      x.z, y.odds_ratio, y.z);
        assert_true(x.z > 4 && x.low > 1.3);
        assert_true(fabs(y.z) < 3.3);
    }
    seen_release(&with);
    seen_release(&without);
    sim_free(planted);
}

/* Members are a sixth of the viewers whoever they are, and what they prefer is exactly the weight more. */
static void preference_is_the_truth(void **state)
{
    (void)state;
    struct sim_settings on = sim_defaults();
    struct sim_settings off = on;
    struct sim *with, *without;
    unsigned members = 0;
    on.affinity = 1.5;
    assert_ok(sim_new(&on, &with, &test_err));
    assert_ok(sim_new(&off, &without, &test_err));
    const struct sim_world *w = sim_world_of(with);
    for (uint32_t v = 0; v < on.viewers; v++) {
        uint8_t bits = sim_traits(with, v)->affinities;
        assert_int_equal(sim_traits(without, v)->affinities, 0);
        members += bits & 1;
        for (unsigned i = 0; i < w->n_affinities; i++) {
            uint32_t title = w->affinities[i].titles[v % w->affinities[i].n];
            double more =
                1.5 * SIM_AFFINITY_WEIGHT * __builtin_popcount(bits & w->titles[title].affinities);
            double got = sim_preference(with, v, title) - sim_preference(without, v, title);
            assert_true(fabs(got - more) < 1e-9);
        }
    }
    assert_true(members > 220 && members < 380); /* of 2,000: 300, deviation 16 */
    sim_free(with);
    sim_free(without);
}

static void null_world_has_none(void **state)
{
    (void)state;
    struct sim_settings plain = settings_of(0);
    plain.viewers = 100;
    plain.null_world = true;
    struct sim_settings asked = plain;
    asked.affinity = 2;
    struct sim *x, *y;
    struct event a, b;
    int rc;
    assert_ok(sim_new(&plain, &x, &test_err));
    assert_ok(sim_new(&asked, &y, &test_err));
    assert_int_equal(sim_world_of(y)->n_affinities, 0);
    while ((rc = sim_next(x, &a, &test_err)) > 0) {
        assert_int_equal(sim_next(y, &b, &test_err), 1);
        assert_true(str_eq(a.id, b.id) && a.at_ms == b.at_ms && a.kind == b.kind);
        assert_int_equal(a.title_id.v, b.title_id.v);
    }
    assert_ok(rc);
    assert_int_equal(sim_next(y, &b, &test_err), 0);
    sim_free(x);
    sim_free(y);
    asked.affinity = 4.5;
    assert_int_equal(sim_check(&asked, &test_err), MQ_INVALID);
    assert_non_null(strstr(test_err.text, "affinity"));
}

static json_object *truth_of(const struct sim_settings *s)
{
    struct sim_report report;
    char path[600];
    struct buf b;
    const char *dir = test_dir();
    assert_ok(sim_write(s, dir, NULL, NULL, &report, &test_err));
    snprintf(path, sizeof path, "%s/truth.json", dir);
    buf_init(&b, FILE_MAX);
    assert_ok(file_read(path, &b, &test_err));
    buf_add_char(&b, '\0');
    json_object *o = json_tokener_parse(b.p);
    assert_non_null(o);
    buf_release(&b);
    test_dir_remove(dir);
    return o;
}

static void truth_is_written(void **state)
{
    (void)state;
    struct sim_settings s = settings_of(1);
    json_object *list, *field;
    s.viewers = 20;
    s.days = 5;
    json_object *o = truth_of(&s);
    assert_true(json_object_object_get_ex(o, "affinities", &list));
    assert_int_equal(json_object_array_length(list), SIM_AFFINITIES);
    for (size_t i = 0; i < SIM_AFFINITIES; i++) {
        json_object *x = json_object_array_get_idx(list, i);
        assert_true(json_object_object_get_ex(x, "name_a", &field));
        assert_true(json_object_object_get_ex(x, i % 2 ? "theme" : "name_b", &field));
        assert_true(json_object_object_get_ex(x, "titles_a", &field));
        assert_true(json_object_array_length(field) >= 4);
        assert_true(json_object_object_get_ex(x, "titles_b", &field));
        assert_true(json_object_array_length(field) >= 4);
    }
    json_object_put(o);
    s.affinity = 0;
    o = truth_of(&s);
    assert_false(json_object_object_get_ex(o, "affinities", &list));
    json_object_put(o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(found_when_on_gone_when_off),
        cmocka_unit_test(preference_is_the_truth),
        cmocka_unit_test(null_world_has_none),
        cmocka_unit_test(truth_is_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

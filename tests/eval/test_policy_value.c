/* Logged choices from files: columns by name, bad rows named, and estimates of a policy whose value is known. */
#include "support/check.h"

#include <math.h>

#include "base/file.h"
#include "base/rng.h"
#include "eval/policy_value.h"

static char folder[512], path[600];

static const char *write_log(const char *name, const char *text)
{
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    assert_ok(file_write(path, str_of(text), 0644, &test_err));
    return path;
}

static int setup(void **state)
{
    (void)state;
    snprintf(folder, sizeof(folder), "%s", test_dir());
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    test_dir_remove(folder);
    return 0;
}

static int read_text(const char *text, const char *map_text, struct choice_log *ret)
{
    struct choice_map map = {0};
    struct intern *items;
    if (map_text)
        assert_ok(choice_map_read(map_text, &map, &test_err));
    assert_ok(intern_new(&items, &test_err));
    int rc = choice_log_read(write_log("log.csv", text), &map, items, ret, &test_err);
    intern_free(items);
    return rc;
}

static void columns_by_name(void **state)
{
    (void)state;
    struct choice_log l;

    assert_ok(read_text("when,item_id,position,click,propensity_score\n"
                        "1,a,1,0,0.5\n2,b,3,1,0.25\n3,a,2,0,1\n",
                        NULL, &l));
    assert_int_equal(l.n, 3);
    assert_int_equal(l.n_slots, 3);
    assert_int_equal(l.rows[1].slot, 2);
    assert_int_equal(l.rows[2].item, l.rows[0].item);
    assert_true(l.rows[1].viewer != l.rows[0].viewer);
    choice_log_release(&l);
    assert_ok(read_text("who|what|got|chance\nx|a|2.5|0.5\nx|b|0|0.5\n",
                        "item=what,reward=got,propensity=chance,viewer=who", &l));
    assert_true(l.rows[0].viewer == l.rows[1].viewer && l.rows[0].reward == 2.5f);
    choice_log_release(&l);
}

static void bad_logs_are_named(void **state)
{
    (void)state;
    struct choice_log l;
    struct choice_map map;

    assert_fails(MQ_INVALID, read_text("item,reward\na,1\n", NULL, &l));
    assert_non_null(strstr(test_err.text, "propensity"));
    assert_fails(MQ_INVALID, read_text("item,reward,propensity\na,1,0.5\nb,x,0.5\n", NULL, &l));
    assert_non_null(strstr(test_err.text, ":3: reward"));
    assert_fails(MQ_INVALID, read_text("item,reward,propensity\na,1,0\n", NULL, &l));
    assert_fails(MQ_INVALID, read_text("item,reward,propensity\na,1,nan\n", NULL, &l));
    assert_fails(MQ_INVALID, read_text("item,reward,propensity\na,1\n", NULL, &l));
    assert_fails(MQ_INVALID, read_text("item,reward,propensity\n", NULL, &l));
    assert_fails(MQ_INVALID,
                 read_text("item,slot,reward,propensity\na,0,1,1\na,99,1,1\n", NULL, &l));
    assert_fails(MQ_INVALID, choice_map_read("item=x,colour=y", &map, &test_err));
    assert_fails(MQ_INVALID, choice_map_read("item", &map, &test_err));
}

/* Uniform over four items in two slots; the target prefers the good ones. */
static void the_value_is_found(void **state)
{
    (void)state;
    static const double reward[2][4] = {{.1, .2, .3, .4}, {.2, .2, .4, .1}};
    static const double share[2][4] = {{.1, .2, .3, .4}, {.25, .25, .4, .1}};
    static struct choice_row rows[8000], target_rows[8000];
    struct choice_log logged = {rows, 8000, 8000, 2}, target = {target_rows, 8000, 8000, 2};
    static struct policy_value v;
    struct rng rng;

    rng_seed(&rng, test_seed());
    for (unsigned i = 0; i < 8000; i++) {
        uint32_t s = i % 2, item = (uint32_t)rng_below(&rng, 4), chosen = 0;
        rows[i] = (struct choice_row){.viewer = i / 4,
                                      .page = i / 2,
                                      .item = item,
                                      .slot = s,
                                      .reward = rng_double(&rng) < reward[s][item],
                                      .propensity = 0.25f};
        double at = rng_double(&rng);
        while (chosen < 3 && at >= share[s][chosen])
            at -= share[s][chosen++];
        target_rows[i] = (struct choice_row){.viewer = i,
                                             .item = chosen,
                                             .slot = s,
                                             .reward = rng_double(&rng) < reward[s][chosen],
                                             .propensity = 1};
    }
    assert_ok(policy_value(&logged, &target, 4, &v, &test_err));
    for (unsigned s = 0; s < 2; s++) {
        double truth = 0;
        for (unsigned i = 0; i < 4; i++)
            truth += share[s][i] * reward[s][i];
        const struct policy_estimates *e = &v.slot[s];
        assert_int_equal(e->snips.choices, 4000);
        assert_int_equal(e->snips.viewers, 2000);
        assert_true(fabs(e->snips.value - truth) < 4 * e->snips.standard_error);
        assert_true(fabs(e->dr.value - truth) < 4 * e->dr.standard_error);
        assert_true(fabs(e->target_value - truth) < 0.04);
        assert_true(fabs(e->snips.mean_weight - 1) < 0.1);
    }
}

/* The real logs, where they are: each policy's value from the other's log lies within the interval around what it earned. */
static void the_open_bandit_logs(void **state)
{
    (void)state;
    const char *random = test_data("bandit/obd-men/random/men.csv");
    if (!random)
        skip();
    char first[600];
    snprintf(first, sizeof(first), "%s", random);
    const char *sampling = test_data("bandit/obd-men/bts/men.csv");
    struct choice_map map = {0};
    struct choice_log a, b;
    struct intern *items;
    static struct policy_value v;

    assert_ok(intern_new(&items, &test_err));
    assert_ok(choice_log_read(first, &map, items, &a, &test_err));
    assert_ok(choice_log_read(sampling, &map, items, &b, &test_err));
    assert_int_equal(a.n, 10000);
    assert_int_equal(intern_count(items), 34);
    assert_ok(policy_value(&a, &b, 34, &v, &test_err));
    assert_false(v.all.snips.refused);
    assert_true(v.all.snips.low < v.all.target_value && v.all.target_value < v.all.snips.high);
    assert_true(v.all.snips.effective > 1000 && v.all.snips.effective < 10000);
    choice_log_release(&a);
    choice_log_release(&b);
    intern_free(items);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_by_name),
        cmocka_unit_test(bad_logs_are_named),
        cmocka_unit_test(the_value_is_found),
        cmocka_unit_test(the_open_bandit_logs),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}

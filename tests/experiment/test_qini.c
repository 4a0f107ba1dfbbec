/* Qini: against the area under the curve drawn out, its interval over repeated worlds, and what it says of good, bad and no orders. */
#include "support/check.h"

#include <math.h>

#include "base/rng.h"
#include "experiment/qini.h"

enum { GROUPS = 6 };

/* By trapezes, from the points alone. */
static double area_between(const struct qini *q)
{
    double sum = 0, x = 0, y = 0;
    for (size_t i = 0; i < q->n; i++) {
        sum += (q->point[i].share - x) * (q->point[i].gain + y) / 2;
        x = q->point[i].share;
        y = q->point[i].gain;
    }
    return sum - y / 2;
}

static void the_area_is_that_of_the_curve(void **state)
{
    (void)state;
    struct rng rng;
    rng_seed(&rng, test_seed());
    for (size_t round = 0; round < test_rounds(200); round++) {
        struct qini_group g[GROUPS];
        struct qini q;
        for (int i = 0; i < GROUPS; i++)
            g[i] = (struct qini_group){.score = (double)rng_below(&rng, 4), /* some are alike */
                                       .viewers = 1 + (double)rng_below(&rng, 1000),
                                       .difference = 0.1 * rng_normal(&rng),
                                       .standard_error = rng_double(&rng)};
        assert_ok(qini_measure(g, GROUPS, &q, &test_err));
        assert_true(fabs(area_between(&q) - q.area) < 1e-12);
        assert_true(q.low <= q.area && q.area <= q.high);
        assert_true(fabs(q.point[q.n - 1].share - 1) < 1e-12);
    }
}

static void better_orders_have_larger_areas(void **state)
{
    (void)state;
    /* Two halves, of which one is moved by .1: the curve rises to .05 by the half, the line to .025. */
    struct qini_group g[2] = {{2, 500, 0.1, 0.01}, {1, 500, 0, 0.01}};
    struct qini q;
    assert_ok(qini_measure(g, 2, &q, &test_err));
    assert_true(fabs(q.area - 0.0125) < 1e-12 && q.low > 0);
    assert_true(fabs(q.point[0].gain - 0.05) < 1e-12 && fabs(q.point[1].gain - 0.05) < 1e-12);
    g[0].score = 0; /* the wrong way round */
    assert_ok(qini_measure(g, 2, &q, &test_err));
    assert_true(fabs(q.area + 0.0125) < 1e-12 && q.high < 0);
    g[0].score = 1; /* no order at all */
    assert_ok(qini_measure(g, 2, &q, &test_err));
    assert_true(fabs(q.area) < 1e-12 && q.n == 1);
    /* Sleeping dogs put last: more is gained before them than with them. */
    struct qini_group dogs[2] = {{2, 500, 0.1, 0.01}, {1, 500, -0.1, 0.01}};
    assert_ok(qini_measure(dogs, 2, &q, &test_err));
    assert_true(q.point[0].gain > 0 && fabs(q.point[1].gain) < 1e-12 && q.low > 0);
}

/* Share of the viewers of an arm who do it. */
static double draw_share(struct rng *rng, double chance, unsigned n)
{
    unsigned hits = 0;
    for (unsigned i = 0; i < n; i++)
        hits += rng_double(rng) < chance;
    return (double)hits / n;
}

/* Nobody is moved: the interval holds zero in 95 of 100. */
static void the_interval_holds_what_it_says(void **state)
{
    (void)state;
    enum { ARM = 200 };
    struct rng rng;
    size_t worlds = test_rounds(400), outside = 0;
    rng_seed(&rng, test_seed());
    for (size_t w = 0; w < worlds; w++) {
        struct qini_group g[GROUPS];
        struct qini q;
        for (int i = 0; i < GROUPS; i++) {
            double a = draw_share(&rng, 0.2, ARM), b = draw_share(&rng, 0.2, ARM);
            g[i] = (struct qini_group){.score = GROUPS - i,
                                       .viewers = 2 * ARM,
                                       .difference = b - a,
                                       .standard_error = sqrt((a * (1 - a) + b * (1 - b)) / ARM)};
        }
        assert_ok(qini_measure(g, GROUPS, &q, &test_err));
        outside += q.low > 0 || q.high < 0;
    }
    double share = (double)outside / (double)worlds;
    print_message("zero outside the interval in %.3f of %zu worlds\n", share, worlds);
    assert_true(fabs(share - 0.05) < 4 * sqrt(0.05 * 0.95 / (double)worlds));
}

static void what_cannot_be_is_refused(void **state)
{
    (void)state;
    struct qini_group g[2] = {{1, 10, 0.1, 0.1}, {0, 10, 0, 0.1}};
    struct qini q;
    assert_fails(MQ_INVALID, qini_measure(g, 1, &q, &test_err));
    assert_fails(MQ_INVALID, qini_measure(g, QINI_GROUPS_MAX + 1, &q, &test_err));
    g[1].viewers = 0;
    assert_fails(MQ_INVALID, qini_measure(g, 2, &q, &test_err));
    g[1].viewers = 10;
    g[0].difference = NAN;
    assert_fails(MQ_INVALID, qini_measure(g, 2, &q, &test_err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_area_is_that_of_the_curve),
        cmocka_unit_test(better_orders_have_larger_areas),
        cmocka_unit_test(the_interval_holds_what_it_says),
        cmocka_unit_test(what_cannot_be_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

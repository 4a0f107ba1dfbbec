/* Metrics of forecasts, against sums by hand and by definition. */
#include "support/check.h"

#include <math.h>

#include "base/rng.h"
#include "strategy/calibration.h"
#include "strategy/count_model.h"
#include "strategy/forecast_metrics.h"

static void near_to(double expected, double actual)
{
    if (!(fabs(expected - actual) < 1e-9))
        fail_msg("expected %.12g, got %.12g", expected, actual);
}

static void by_hand(void **state)
{
    (void)state;
    /* P50 right, twice too high, three times too low; the last outside its interval. */
    struct forecast_outcome o[3] = {{0, 1, 2, 1}, {1, 2 + log(2), 4, 2}, {2.5, 3, 3.5, 3 + log(3)}};
    struct forecast_metrics m;

    assert_ok(forecast_metrics_of(o, 3, &m, &test_err));
    near_to(1, m.spearman);
    near_to(2.0 / 3, m.within_2x);
    near_to(2.0 / 3, m.coverage);
    near_to(sqrt((log(2) * log(2) + log(3) * log(3)) / 3), m.rmsle);
    near_to(1 - 1.0 / 3, m.mdape);                   /* of 0, 1 and 2/3 */
    double loss = 0.1 * 1 + 0.1 * 1                  /* first */
                  + 0.1 * 1 + 0.5 * log(2) + 0.1 * 2 /* second */
                  + 0.1 * (0.5 + log(3)) + 0.5 * log(3) + 0.9 * (log(3) - 0.5); /* third */
    near_to(loss / 9, m.pinball);
    near_to(1, m.coverage_by_third[0]);
    near_to(0, m.coverage_by_third[2]);
    near_to(log(3), m.bias_by_third[2]);
    assert_true(isnan(m.auc));
    assert_fails(MQ_INVALID, forecast_metrics_of(o, 0, &m, &test_err));
}

static void without_interval(void **state)
{
    (void)state;
    struct forecast_outcome o[2] = {{NAN, 1, NAN, 1}, {NAN, 1, NAN, 2}};
    struct forecast_metrics m;

    assert_ok(forecast_metrics_of(o, 2, &m, &test_err));
    assert_true(isnan(m.coverage) && isnan(m.pinball) && isnan(m.spearman));
    near_to(0.5, m.within_2x);
}

static void ranks_share_ties(void **state)
{
    (void)state;
    double a[5] = {1, 2, 2, 3, 9}, b[5] = {10, 30, 20, 40, 50}, r;

    /* ranks of a: 1, 2.5, 2.5, 4, 5; of b: 1, 3, 2, 4, 5 */
    assert_ok(rank_correlation(a, b, 5, &r, &test_err));
    near_to(9.5 / sqrt(9.5 * 10), r);
}

static void auc_counts_pairs(void **state)
{
    (void)state;
    enum { N = 60 };
    struct rng r;
    struct scored list[N], copy[N];
    double won, expected, pairs;

    rng_seed(&r, test_seed());
    for (size_t round = 0; round < test_rounds(200); round++) {
        for (int i = 0; i < N; i++)
            list[i] = (struct scored){(float)rng_below(&r, 20), rng_below(&r, 3) == 0};
        expected = pairs = 0;
        for (int i = 0; i < N; i++)
            for (int k = 0; k < N; k++) {
                if (!list[i].member || list[k].member)
                    continue;
                pairs++;
                expected += list[i].score > list[k].score    ? 1
                            : list[i].score == list[k].score ? 0.5
                                                             : 0;
            }
        memcpy(copy, list, sizeof copy);
        near_to(pairs, auc_pairs(copy, N, &won));
        near_to(expected, won);
    }
}

/* Residuals whose spread and skew depend on the size of the forecast are still covered at every size. */
static void intervals_follow_the_spread(void **state)
{
    (void)state;
    enum { N = 3000 };
    static float forecast[N], actual[N], scratch[N];
    struct rng r;
    struct conformal c;
    int within[3] = {0};

    rng_seed(&r, test_seed());
    for (int i = 0; i < N; i++) {
        forecast[i] = (float)(6 * rng_double(&r));
        actual[i] = forecast[i] + (float)((0.2 + 0.3 * (double)forecast[i]) * rng_exp(&r));
    }
    assert_ok(conformal_make(forecast, actual, N, &c, &test_err));
    for (int i = 0; i < 3 * N; i++) {
        struct count_forecast f;
        double size = 6 * rng_double(&r);
        double came = size + (0.2 + 0.3 * size) * rng_exp(&r);
        conformal_around(&c, (float)size, scratch, &f);
        assert_true(f.p10 <= f.p50 && f.p50 <= f.p90);
        within[(int)(size / 2)] += came >= (double)f.p10 && came <= (double)f.p90;
    }
    for (int i = 0; i < 3; i++)
        assert_true(fabs((double)within[i] / N - 0.8) < 0.06);
    conformal_release(&c);
    assert_fails(MQ_INVALID, conformal_make(forecast, actual, 0, &c, &test_err));
}

/* Right forecasts stand on the diagonal and eight of ten lie inside; too few titles say nothing. */
static void calibration_tells_right_from_wrong(void **state)
{
    (void)state;
    enum { N = 800 };
    static float forecast[N], actual[N];
    struct mq_calibration bin[CALIBRATION_BINS];
    struct rng r;
    size_t n;
    uint64_t titles = 0;

    rng_seed(&r, test_seed());
    for (int i = 0; i < N; i++) {
        forecast[i] = (float)(2 + 5 * rng_double(&r));
        actual[i] = forecast[i] + 0.4F * (float)rng_normal(&r);
    }
    assert_ok(forecast_calibration(forecast, actual, N, bin, &n, &test_err));
    assert_int_equal(n, CALIBRATION_BINS);
    for (size_t b = 0; b < n; b++) {
        titles += bin[b].titles;
        assert_true(b == 0 || bin[b].forecast > bin[b - 1].forecast);
        assert_true(bin[b].actual.p10 < bin[b].actual.p50 && bin[b].actual.p50 < bin[b].actual.p90);
        assert_true(fabs(log(bin[b].actual.p50 / bin[b].forecast)) < 0.25);
        assert_true(fabs(bin[b].inside - 0.8) < 0.15);
    }
    assert_int_equal(titles, N);
    /* A forecast that says nothing: what came is alike in all bins, and so are their middles. */
    for (int i = 0; i < N; i++)
        actual[i] = (float)(4 + rng_normal(&r));
    assert_ok(forecast_calibration(forecast, actual, N, bin, &n, &test_err));
    for (size_t b = 0; b < n; b++)
        assert_true(fabs(log(bin[b].forecast) - 4) < 0.7);
    assert_ok(forecast_calibration(forecast, actual, CALIBRATION_BIN_LEAST, bin, &n, &test_err));
    assert_int_equal(n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),
        cmocka_unit_test(without_interval),
        cmocka_unit_test(ranks_share_ties),
        cmocka_unit_test(auc_counts_pairs),
        cmocka_unit_test(intervals_follow_the_spread),
        cmocka_unit_test(calibration_tells_right_from_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

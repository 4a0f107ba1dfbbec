/* Season n+1 from season n: found where it is planted, not found where it is not; nothing of the future enters. */
#include "support/check.h"

#include <math.h>

#include "base/clock.h"
#include "base/rng.h"
#include "planted_seasons.h"
#include "strategy/season_backtest.h"
#include "strategy/weekly_decay.h"

static void finds_what_is_planted(void **state)
{
    (void)state;
    struct watch_history h;
    struct season_figures f;
    struct season_said *said;
    planted_seasons(&h, 120, PLANTED_FOLLOWS, test_seed());
    for (int p = 0; p < SEASON_PROTOCOLS; p++) {
        assert_ok(season_backtest(&h, (enum season_protocol)p, 1, &f, &said, &test_err));
        const struct forecast_metrics *m = f.rival;
        assert_true(f.titles > 100 && f.splits >= 3);
        assert_true(m[SEASON_FORECAST].within_2x > 0.85);
        assert_true(m[SEASON_FORECAST].spearman > 0.9);
        assert_true(m[SEASON_FORECAST].within_2x > m[SEASON_LAST_RATIO].within_2x + 0.2);
        assert_true(m[SEASON_FORECAST].coverage > 0.65 && m[SEASON_FORECAST].coverage < 0.95);
        assert_true(m[SEASON_PERMUTED].spearman < 0.5);
        assert_true(f.gain.low > 0 && f.within_2x.low <= f.within_2x.mean);
        for (uint32_t i = 0; i < f.titles; i++)
            assert_true(said[i].forecast.p10 <= said[i].forecast.p50 &&
                        said[i].forecast.p50 <= said[i].forecast.p90);
        free(said);
    }
    watch_history_release(&h);
}

static void finds_nothing_in_nothing(void **state)
{
    (void)state;
    struct watch_history h;
    struct season_figures f;
    planted_seasons(&h, 120, PLANTED_NOTHING, test_seed());
    assert_ok(season_backtest(&h, SEASON_ROLLING, 1, &f, NULL, &test_err));
    /* Days on the service still count; the season before must not. */
    assert_true(fabs(f.rival[SEASON_FORECAST].within_2x - f.rival[SEASON_PERMUTED].within_2x) <
                0.12);
    assert_true(f.rival[SEASON_FORECAST].coverage > 0.65);
    watch_history_release(&h);
}

/* Property: what stands in half-years and weeks from the forecast one on changes no column but the target. */
static void the_future_is_not_read(void **state)
{
    (void)state;
    struct watch_history h;
    struct season_sample *s;
    uint32_t n;
    planted_seasons(&h, 40, PLANTED_FOLLOWS, test_seed());
    assert_ok(season_samples(&h, &s, &n, &test_err));
    assert_true(n > 40);
    for (uint32_t i = 0; i < n; i += 7) {
        double before[SEASON_COLUMNS];
        double after[SEASON_COLUMNS];
        struct season_decay a = season_decay_fit(&h, s[i].half, NULL);
        double kept[WATCH_HALVES_MAX];
        season_columns(&h, &a, &s[i], before);
        struct watched_title *b = &h.titles[s[i].before];
        memcpy(kept, b->hours, sizeof(kept));
        for (uint32_t k = s[i].half; k < h.n_halves; k++)
            b->hours[k] = 1e9;
        for (uint32_t w = 0; w < h.n_weeks; w++)
            h.weeks[w].hours *= h.weeks[w].day >= h.halves[s[i].half].first_day ? 1e3 : 1;
        struct season_decay z = season_decay_fit(&h, s[i].half, NULL);
        season_columns(&h, &z, &s[i], after);
        assert_memory_equal(before, after, sizeof(before));
        memcpy(b->hours, kept, sizeof(kept));
        for (uint32_t w = 0; w < h.n_weeks; w++)
            h.weeks[w].hours /= h.weeks[w].day >= h.halves[s[i].half].first_day ? 1e3 : 1;
    }
    free(s);
    watch_history_release(&h);
}

static void decay_sums(void **state)
{
    (void)state;
    for (int k = 0; k < 3; k++) {
        struct season_decay d = {14, 0.8 + 0.2 * k};
        double whole = 0;
        for (int t = 0; t < 100; t++)
            whole += season_decay_sum(&d, t, t + 1);
        assert_true(fabs(whole - season_decay_sum(&d, 0, 100)) < 1e-9 * whole);
        assert_true(season_decay_sum(&d, 0, 1) < 1 && season_decay_sum(&d, 0, 1) > 0.9);
    }
    struct watch_history h;
    planted_seasons(&h, 60, PLANTED_FOLLOWS, 5);
    struct season_decay d = season_decay_fit(&h, h.n_halves, NULL);
    /* Planted: tau 14, beta 1; what must agree is what they say of a half-year. */
    struct season_decay planted = {14, 1};
    double said = season_decay_sum(&d, 0, 30) / season_decay_sum(&d, 180, 360);
    double is = season_decay_sum(&planted, 0, 30) / season_decay_sum(&planted, 180, 360);
    assert_true(said / is > 0.7 && said / is < 1.4);
    watch_history_release(&h);
}

/* Four times the noise from a day on, which nothing before it tells. */
static void later_weeks_are_wilder(struct watch_history *h, int32_t day)
{
    struct rng r;
    rng_seed(&r, test_seed());
    for (uint32_t i = 0; i < h->n_weeks; i++)
        if (h->weeks[i].day >= day)
            h->weeks[i].hours *= exp(0.4 * rng_normal(&r));
}

/* Hours fall as (1 + t / 14)^-1: fast at first, then slowly, which no constant factor is. */
static void weeks_fall_as_planted(void **state)
{
    (void)state;
    struct watch_history h;
    struct weekly_figures f;
    bool there;
    planted_seasons(&h, 120, PLANTED_FOLLOWS, test_seed());
    assert_ok(weekly_decay_backtest(&h, 1, &there, &f, &test_err));
    assert_true(there && f.runs > 50);
    for (int p = 0; p < WEEKLY_PROTOCOLS; p++) {
        for (int k = 0; k < WEEKLY_HORIZONS; k += WEEKLY_HORIZONS - 1) {
            const struct weekly_horizon *v = &f.horizon[p][k];
            assert_true(v->judged > 50 && v->titles > 10 && v->learnt_from > 100);
            assert_true(v->gain[WEEKLY_SAME].low > 0 && v->gain[WEEKLY_EXPONENTIAL].low > 0);
            /* 10 % noise on either week. */
            assert_true(v->error[WEEKLY_FORECAST] < 0.2);
            assert_true(v->rival[WEEKLY_FORECAST].coverage > 0.65 &&
                        v->rival[WEEKLY_FORECAST].coverage < 0.95);
        }
    }
    for (int side = 0; side < 2; side++)
        assert_true(f.horizon[WEEKLY_BY_WEEKS][0].widened[side] >= 1 &&
                    f.horizon[WEEKLY_BY_WEEKS][0].widened[side] < 1.4 &&
                    f.horizon[WEEKLY_BY_TITLES][0].widened[side] == 1);
    later_weeks_are_wilder(&h, f.cut_day);
    assert_ok(weekly_decay_backtest(&h, 1, &there, &f, &test_err));
    const struct weekly_horizon *wild = &f.horizon[WEEKLY_BY_WEEKS][0];
    assert_true(wild->widened[0] > 1.3 && wild->widened[1] > 1.3);
    assert_true(wild->rival[WEEKLY_FORECAST].coverage > 0.65);
    h.n_weeks = 0;
    h.first_week = INT32_MAX;
    assert_ok(weekly_decay_backtest(&h, 1, &there, &f, &test_err));
    assert_false(there);
    watch_history_release(&h);
}

static void history_in_order(void **state)
{
    (void)state;
    struct watch_history h;
    struct watch_row row = {.show = STR("The Dôcks"), .season = 2, .hours = 5, .release_day = 3};
    assert_ok(watch_history_init(&h, &test_err));
    assert_fails(MQ_INVALID, watch_history_row(&h, &row, &test_err));
    assert_ok(watch_history_half(&h, 2030, 1, &test_err));
    assert_int_equal(h.halves[0].last_day - h.halves[0].first_day, 180);
    assert_ok(watch_history_row(&h, &row, &test_err));
    assert_ok(watch_history_row(&h, &row, &test_err)); /* adds up */
    row.season = 1;
    assert_ok(watch_history_row(&h, &row, &test_err));
    assert_fails(MQ_INVALID, watch_history_half(&h, 2030, 1, &test_err));
    assert_ok(watch_history_half(&h, 2030, 2, &test_err));
    row.show = STR("the docks");
    row.season = 2;
    row.hours = 7;
    assert_ok(watch_history_row(&h, &row, &test_err)); /* the same show */
    row.category = STR("TV");
    for (int day = 21; day >= 7; day -= 7) {
        row.day = day;
        assert_ok(watch_history_week(&h, &row, &test_err));
    }
    assert_ok(watch_history_week(&h, &row, &test_err)); /* again: kept once */
    for (int i = 1; i < WATCH_CATEGORIES; i++) {
        row.category = (struct str){"abcdefgh" + i, 1};
        assert_ok(watch_history_week(&h, &row, &test_err));
    }
    row.category = STR("one too many");
    assert_fails(MQ_TOO_LARGE, watch_history_week(&h, &row, &test_err));
    assert_ok(watch_history_finish(&h, &test_err));
    assert_int_equal(h.n_titles, 2);
    int64_t two = watch_history_find(&h, h.titles[0].show, 2);
    assert_int_equal(two, 1);
    assert_int_equal(watch_history_find(&h, h.titles[0].show, 3), -1);
    assert_true(h.titles[two].hours[0] == 10 && h.titles[two].hours[1] == 7);
    assert_int_equal(h.titles[two].week_to - h.titles[two].week_from, 3 + WATCH_CATEGORIES - 1);
    assert_int_equal(h.weeks[h.titles[two].week_from].day, 7);
    assert_int_equal(h.first_week, 7);
    watch_history_release(&h);
}

static void too_little(void **state)
{
    (void)state;
    struct watch_history h;
    struct season_figures f;
    planted_seasons(&h, 3, PLANTED_FOLLOWS, 1);
    assert_fails(MQ_INVALID, season_backtest(&h, SEASON_ROLLING, 1, &f, NULL, &test_err));
    assert_non_null(strstr(test_err.text, "half-years"));
    assert_fails(MQ_INVALID, season_backtest(&h, SEASON_SHOW_HOLDOUT, 1, &f, NULL, &test_err));
    watch_history_release(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_what_is_planted),  cmocka_unit_test(finds_nothing_in_nothing),
        cmocka_unit_test(the_future_is_not_read), cmocka_unit_test(decay_sums),
        cmocka_unit_test(history_in_order),       cmocka_unit_test(too_little),
        cmocka_unit_test(weeks_fall_as_planted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

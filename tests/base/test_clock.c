#include "support/check.h"

#include "base/clock.h"
#include "base/rng.h"

static void clocks_run(void **state)
{
    (void)state;
    assert_true(clock_wall_ms() > INT64_C(1700000000000));
    int64_t a = clock_mono_ns();
    assert_true(clock_mono_ns() >= a);
}

static void parses(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t ms;
        int offset;
    } cases[] = {
        {"1970-01-01T00:00:00Z", 0, 0},
        {"1970-01-01", 0, 0},
        {"1970-01-01 00:00", 0, 0},
        {"1970-01-01T00:00:00.5", 500, 0},
        {"1970-01-01T00:00:00.1239z", 123, 0},
        {"1970-01-01t01:00:00+01:00", 0, 60},
        {"1969-12-31T18:30:00-05:30", 0, -330},
        {"1969-12-31T18:30:00-0530", 0, -330},
        {"1970-01-01 02:00:00+02", 0, 120},
        {"1969-12-31T23:59:59.999Z", -1, 0},
        {"2016-12-31T23:59:60Z", INT64_C(1483228800000), 0},
        {"2026-03-01T21:04:11.250Z", INT64_C(1772399051250), 0},
        {"2024-02-29", INT64_C(1709164800000), 0},
        {"0001-01-01T00:00:00Z", INT64_C(-62135596800000), 0},
        {"9999-12-31T23:59:59.999Z", INT64_C(253402300799999), 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int64_t ms = 77;
        int offset = 77;
        if (!time_parse(str_of(cases[i].text), &ms, &offset) || ms != cases[i].ms ||
            offset != cases[i].offset)
            fail_msg("%s: %lld, %d", cases[i].text, (long long)ms, offset);
        assert_true(time_parse(str_of(cases[i].text), &ms, NULL));
    }
}

static void refuses(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "2026",
        "2026-13-01",
        "2026-00-01",
        "2026-02-29",
        "2026-04-31",
        "2026-01-00",
        "0000-01-01",
        "1900-02-29",
        "2026-01-01T",
        "2026-01-01T24:00",
        "2026-01-01T00:60",
        "2026-01-01T00:00:61",
        "2026-01-01T00:00:00.",
        "2026-01-01T00:00:00,5",
        "2026-01-01T00:00.5",
        "2026-01-01T00:00+24:00",
        "2026-01-01T00:00+01:",
        "2026-01-01T00:00+1",
        "2026-01-01T00:00+010",
        "2026-01-01T00:00+01000",
        "2026-01-01T00:00Z ",
        " 2026-01-01",
        "2026-1-1",
        "0001-01-01T00:00+00:01",
        "9999-12-31T23:59:60Z",
        "20260101T000000Z",
        "2026-01-01Z",
        "2026-01-01T0:00Z",
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        int64_t ms = 77;
        int offset = 77;
        if (time_parse(str_of(bad[i]), &ms, &offset))
            fail_msg("accepted: %s", bad[i]);
        assert_true(ms == 77 && offset == 77);
    }
}

static void asked_is_never_none(void **state)
{
    (void)state;
    int64_t ms = 77;
    assert_true(time_asked(STR("1970-01-01T00:00:00Z"), &ms));
    assert_int_equal(ms, 1);
    assert_true(time_asked(STR("1970-01-01T01:00+01:00"), &ms));
    assert_int_equal(ms, 1);
    assert_true(time_asked(STR("1969-12-31T23:59:59.999Z"), &ms));
    assert_int_equal(ms, -1);
    assert_false(time_asked(STR("1970"), &ms));
    assert_int_equal(ms, -1);
}

static void round_trips(void **state)
{
    (void)state;
    struct rng r;
    rng_seed(&r, test_seed());
    for (size_t i = 0; i < test_rounds(100000); i++) {
        int64_t ms = INT64_C(-62135596800000) + (int64_t)rng_below(&r, UINT64_C(315537897600000));
        if (i % 2)
            ms -= ((ms % 1000) + 1000) % 1000;
        char storage[64];
        struct buf b;
        buf_over(&b, storage, sizeof(storage));
        time_format(&b, ms);
        int64_t back = 0;
        assert_int_equal(b.n, i % 2 || ms % 1000 == 0 ? 20 : 24);
        if (!time_parse(buf_str(&b), &back, NULL) || back != ms)
            fail_msg("%lld: %.*s", (long long)ms, STR_ARG(buf_str(&b)));
    }
}

static void any_instant_can_be_written(void **state)
{
    (void)state;
    char storage[64];
    struct buf b;
    buf_over(&b, storage, sizeof(storage));
    time_format(&b, INT64_MAX);
    assert_str("+292278994-08-17T07:12:55.807Z", buf_str(&b));
    buf_reset(&b);
    time_format(&b, INT64_MIN);
    assert_str("-292275055-05-16T16:47:04.192Z", buf_str(&b));
}

/* Day after day over 800 years, against a calendar that counts. */
static void civil_days(void **state)
{
    (void)state;
    static const unsigned lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int64_t day_number = time_days_from_civil(1600, 1, 1);
    assert_int_equal(time_days_from_civil(1970, 1, 1), 0);
    for (int64_t year = 1600; year < 2400; year++) {
        bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        for (unsigned month = 1; month <= 12; month++) {
            unsigned last = lengths[month - 1] + (month == 2 && leap);
            for (unsigned day = 1; day <= last; day++, day_number++) {
                int64_t y;
                unsigned m, d;
                time_civil_from_days(day_number, &y, &m, &d);
                assert_true(y == year && m == month && d == day);
                assert_true(time_days_from_civil(year, month, day) == day_number);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clocks_run),
        cmocka_unit_test(parses),
        cmocka_unit_test(refuses),
        cmocka_unit_test(asked_is_never_none),
        cmocka_unit_test(round_trips),
        cmocka_unit_test(civil_days),
        cmocka_unit_test(any_instant_can_be_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

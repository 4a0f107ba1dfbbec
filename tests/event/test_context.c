/* The moment: local time, devices, countries. */
#include "event/context.h"
#include "support/check.h"

#define HOUR INT64_C(3600000)
#define DAY (24 * HOUR)

static void dayparts_change_on_the_hour(void **state)
{
    (void)state;
    static const enum daypart expected[24] = {
        DAYPART_LATE,    DAYPART_LATE,    DAYPART_LATE,    DAYPART_LATE,    DAYPART_LATE,
        DAYPART_MORNING, DAYPART_MORNING, DAYPART_MORNING, DAYPART_MORNING, DAYPART_MORNING,
        DAYPART_DAYTIME, DAYPART_DAYTIME, DAYPART_DAYTIME, DAYPART_DAYTIME, DAYPART_DAYTIME,
        DAYPART_DAYTIME, DAYPART_DAYTIME, DAYPART_EVENING, DAYPART_EVENING, DAYPART_EVENING,
        DAYPART_EVENING, DAYPART_EVENING, DAYPART_LATE,    DAYPART_LATE};
    for (int64_t day = -800; day <= 800; day += 400) { /* before 1970 too */
        for (int hour = 0; hour < 24; hour++) {
            int64_t at = day * DAY + hour * HOUR;
            assert_int_equal(daypart_at(at, 0), expected[hour]);
            assert_int_equal(daypart_at(at + HOUR - 1, 0), expected[hour]);
            assert_int_equal(daypart_at(at - 3 * HOUR, 180), expected[hour]);
            assert_int_equal(daypart_at(at + 5 * HOUR + 45 * 60000, -345), expected[hour]);
        }
    }
    assert_int_equal(daypart_at(0, OFFSET_NONE), DAYPART_NONE);
}

static void weekends_are_local(void **state)
{
    (void)state;
    /* 1970-01-01 was a Thursday, 2026-02-28 a Saturday. */
    int64_t saturday = INT64_C(1772236800000);
    for (int day = -14; day < 14; day++) {
        bool weekend = ((day % 7) + 7) % 7 <= 1;
        assert_int_equal(weekend_at(saturday + day * DAY, 0), weekend);
        assert_int_equal(weekend_at(saturday + day * DAY + DAY - 1, 0), weekend);
    }
    assert_true(weekend_at(saturday - 60000, 1));
    assert_false(weekend_at(saturday, -1));
    assert_false(weekend_at(-1, 0));      /* a Wednesday */
    assert_true(weekend_at(-4 * DAY, 0)); /* a Sunday */
    assert_false(weekend_at(saturday, OFFSET_NONE));
}

static void devices_by_name(void **state)
{
    (void)state;
    enum device d;
    for (int i = 0; i < DEVICES; i++) {
        assert_true(device_from(str_of(device_name((enum device)i)), &d));
        assert_int_equal(d, i);
    }
    assert_true(device_from(STR("TV"), &d));
    assert_int_equal(d, DEVICE_TV);
    d = DEVICE_PHONE;
    assert_false(device_from(STR("toaster"), &d));
    assert_int_equal(d, DEVICE_PHONE);
    assert_string_equal(device_name(DEVICES), "");
    assert_string_equal(daypart_name(DAYPARTS), "");
    assert_string_equal(daypart_name(DAYPART_LATE), "late");
}

static void countries_are_two_letters(void **state)
{
    (void)state;
    country_code c = 7;
    char text[3];
    assert_true(country_from(STR("gb"), &c));
    country_text(c, text);
    assert_string_equal(text, "GB");
    assert_true(country_from(STR("Zz"), &c));
    country_text(c, text);
    assert_string_equal(text, "ZZ");
    static const char *const none[] = {"g", "gbr", "g1", "1b", "[b", "@b", "g`", "g{", "\xc3\xa9"};
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
        c = 7;
        assert_false(country_from(str_of(none[i]), &c));
        assert_int_equal(c, 7);
    }
    assert_true(country_from(STR(""), &c));
    assert_int_equal(c, 0);
    country_text(0, text);
    assert_string_equal(text, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dayparts_change_on_the_hour),
        cmocka_unit_test(weekends_are_local),
        cmocka_unit_test(devices_by_name),
        cmocka_unit_test(countries_are_two_letters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "support/check.h"

#include <pthread.h>
#include <time.h>

#include "base/clock.h"
#include "base/rng.h"
#include "base/tz_rule.h"

static const char *const zones[] = {
    "UTC",
    "Europe/Berlin",
    "Europe/Dublin",
    "America/New_York",
    "America/Sao_Paulo",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Africa/Casablanca",
    "America/Nuuk",
    "Asia/Gaza",
    "Antarctica/Troll",
    "Etc/GMT+5",
    "America/Argentina/Buenos_Aires",
    "Pacific/Chatham",
    "Africa/Cairo",
    "Asia/Tokyo",
    "America/St_Johns",
    "EST5EDT",
};
enum { ZONES = sizeof(zones) / sizeof(zones[0]) };

static bool have_zones(void)
{
    FILE *f = fopen("/usr/share/zoneinfo/Europe/Berlin", "rb");
    if (f)
        fclose(f);
    else
        print_message("skipped: no time zone files\n");
    return f != NULL;
}

/* The C library is the reference, from 1850 to 2200. */
static void as_the_c_library(void **state)
{
    (void)state;
    if (!have_zones())
        return;
    struct rng r;
    rng_seed(&r, test_seed());
    for (size_t z = 0; z < ZONES; z++) {
        setenv("TZ", zones[z], 1);
        tzset();
        for (size_t i = 0; i < test_rounds(5000); i++) {
            time_t t =
                (time_t)(INT64_C(-3786912000) + (int64_t)rng_below(&r, UINT64_C(11045203200)));
            struct tm tm;
            int offset = -9999;
            assert_non_null(localtime_r(&t, &tm));
            if (!time_zone_offset(str_of(zones[z]), (int64_t)t * 1000, &offset) ||
                offset != tm.tm_gmtoff / 60)
                fail_msg("%s at %lld: %d, not %ld s", zones[z], (long long)t, offset, tm.tm_gmtoff);
        }
    }
}

static void known_changes(void **state)
{
    (void)state;
    if (!have_zones())
        return;
    int offset;
    int64_t spring = INT64_C(1774746000000); /* 2026-03-29T01:00:00Z */
    assert_true(time_zone_offset(STR("Europe/Berlin"), spring - 1, &offset) && offset == 60);
    assert_true(time_zone_offset(STR("Europe/Berlin"), spring, &offset) && offset == 120);
    assert_true(time_zone_offset(STR("Asia/Kolkata"), spring, &offset) && offset == 330);
    assert_true(time_zone_offset(STR("Europe/Berlin"), INT64_MIN, &offset));
    assert_true(time_zone_offset(STR("Europe/Berlin"), INT64_MAX, &offset));
}

static void refuses_names(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "/etc/passwd",
        "../../../etc/passwd",
        "Europe/../Europe/Berlin",
        "Europe",
        "Europe/Nobody",
        "zone.tab",
        "Europe/Ber lin",
        "Europe/",
        "right/UTC",
        "iso3166.tab",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        int offset = 77;
        if (time_zone_offset(str_of(bad[i]), 0, &offset))
            fail_msg("accepted: %s", bad[i]);
        assert_int_equal(offset, 77);
    }
    int offset = 77;
    assert_false(time_zone_offset((struct str){"UTC\0x", 5}, 0, &offset));
    assert_true(time_zone_offset(STR("UTC"), 0, &offset) && offset == 0);
}

static void rules(void **state)
{
    (void)state;
    struct tz_rule r;
    assert_true(tz_rule_parse(STR("<+0530>-5:30"), &r) && r.standard == 19800 && !r.has_summer);
    assert_true(tz_rule_parse(STR("XXX3EDT4,0/0,J365/23"), &r)); /* summer for ever */
    for (int64_t t = 0; t < INT64_C(3000000000); t += 86400)
        assert_int_equal(tz_rule_offset(&r, t), -4 * 3600);
    static const char *const bad[] = {"",
                                      "A1",
                                      "CET",
                                      "CET-1CEST",
                                      "<+1-1",
                                      "CET-1CEST,M3.5.0",
                                      "CET-1CEST,M13.5.0,M10.5.0",
                                      "CET-1CEST,M3.5.0,M10.5.0x",
                                      "CET999",
                                      "CET-1CEST,M3.6.0,J1",
                                      "CET-1CEST,J0,J1",
                                      "CET-1CEST,366,1",
                                      "CET-1:60"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (tz_rule_parse(str_of(bad[i]), &r))
            fail_msg("accepted: %s", bad[i]);
    }
}

static void *ask_all(void *arg)
{
    (void)arg;
    for (int round = 0; round < 200; round++) {
        for (size_t z = 0; z < ZONES; z++) {
            int offset;
            if (!time_zone_offset(str_of(zones[z]), round * INT64_C(8640000000), &offset))
                return arg;
        }
    }
    return NULL;
}

static void many_threads(void **state)
{
    (void)state;
    if (!have_zones())
        return;
    pthread_t t[4];
    int mark;
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&t[i], NULL, ask_all, &mark), 0);
    for (size_t i = 0; i < 4; i++) {
        void *ret;
        pthread_join(t[i], &ret);
        assert_null(ret);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_threads),  cmocka_unit_test(as_the_c_library),
        cmocka_unit_test(known_changes), cmocka_unit_test(refuses_names),
        cmocka_unit_test(rules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

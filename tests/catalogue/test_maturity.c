/* Certificates as ages; windows of time and countries. */
#include "catalogue/catalogue.h"
#include "support/check.h"

static void certificates_are_ages(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint8_t age;
    } known[] = {
        {"G", 0},      {"pg", 8},      {"PG-13", 13},  {" R ", 17}, {"NC-17", 18},
        {"TV-MA", 17}, {"TV-Y7", 7},   {"12A", 12},    {"16", 16},  {"16+", 16},
        {"FSK 6", 6},  {"fsk-18", 18}, {"PEGI16", 16}, {"0", 0},
    };
    static const char *const unknown[] = {"",      "Unrated", "Not Rated", "99",
                                          "XX 12", "-3",      "1e1",       "+",
                                          "12 16", "sixteen", "FSK",       "1234567 12"};
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        assert_int_equal(maturity_age(str_of(known[i].text)), known[i].age);
    for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
        assert_int_equal(maturity_age(str_of(unknown[i])), AGE_UNKNOWN);
}

static void windows_open_and_close(void **state)
{
    (void)state;
    const country_code gb = 'G' << 8 | 'B', fr = 'F' << 8 | 'R';
    const country_code britain[] = {gb};
    const struct window windows[] = {{100, 200, britain, 1}, {150, 0, NULL, 0}};
    struct title_row row = {.windows = windows, .n_windows = 1};
    assert_false(title_available(&row, 99, gb));
    assert_true(title_available(&row, 100, gb));
    assert_false(title_available(&row, 200, gb));
    assert_false(title_available(&row, 150, fr));
    assert_false(title_available(&row, 150, 0)); /* a country that is not known proves no right */
    row.n_windows = 2;
    assert_true(title_available(&row, 150, fr));
    assert_true(title_available(&row, 1000, 0));
    assert_false(title_available(&row, 149, fr));
    row.n_windows = 0;
    assert_true(title_available(&row, -5, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(certificates_are_ages),
                                       cmocka_unit_test(windows_open_and_close)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

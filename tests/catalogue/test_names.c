/* Which names are the same? */
#include "catalogue/catalogue.h"
#include "support/check.h"

static void same(const char *a, const char *b, bool expected)
{
    char x[256], y[256];
    size_t n = name_normalise(str_of(a), x, sizeof(x));
    size_t m = name_normalise(str_of(b), y, sizeof(y));
    if ((n == m && memcmp(x, y, n) == 0) != expected)
        fail_msg("\"%s\" is \"%.*s\", \"%s\" is \"%.*s\"", a, (int)n, x, b, (int)m, y);
}

static void accents_case_and_punctuation(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"Amélie", "AMELIE"},
        {"Ame\xcc\x81lie", "Amélie"}, /* a combining accent */
        {"J. J. Abrams", "J.J. Abrams"},
        {"Spider-Man: No Way Home", "Spider Man No Way Home"},
        {"Penélope Cruz", "penelope cruz"},
        {"Łódź", "Lodz"},
        {"Ærø", "AEro"},
        {"Straße", "Strasse"},
        {"Þór", "Thor"},
        {"Đorđe", "Dorde"},
        {"Œuvre", "oeuvre"},
        {"İstanbul", "istanbul"},
        {"Dvořák", "dvorak"},
        {"Ősi Žena ÿ", "osizenay"},
        {"WALL·E", "WALL-E"},
        {"Don’t Look Up", "Don't Look Up"},
        {"  Up  ", "Up"},
    };
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
        same(pairs[i][0], pairs[i][1], true);
    same("Alien", "Aliens", false);
    same("Ocean's 11", "Ocean's 12", false);
}

static void articles_before_and_behind(void **state)
{
    (void)state;
    same("The Usual Suspects", "Usual Suspects, The", true);
    same("THE Usual Suspects", "usual suspects", true);
    same("A Beautiful Mind", "Beautiful Mind, A", true);
    same("An Education", "Education, An", true);
    same("Theodora", "odora", false);
    same("The The", "The", true);
    same("Them", "m", false);
    same("A", "", false);
    same("Anastasia", "astasia", false);
    same("The", "", false);
}

static void other_scripts_stay(void **state)
{
    (void)state;
    same("千と千尋の神隠し", "千と千尋の神隠し", true);
    same("千と千尋の神隠し", "千と千尋", false);
    same("Сталкер", "Сталкер", true);
    same("Сталкер", "Солярис", false);
    same("🎬", "🎭", false);
}

static void room_is_respected(void **state)
{
    (void)state;
    char out[8] = "#######";
    assert_int_equal(name_normalise(STR("abcdef"), out, 3), 3);
    assert_memory_equal(out, "abc####", 7);
    /* Never half a letter. */
    assert_int_equal(name_normalise(STR("ab千"), out, 4), 2);
    assert_int_equal(name_normalise(STR("aæ"), out, 2), 1);
    assert_int_equal(name_normalise(STR("..."), out, 7), 0);
    assert_int_equal(name_normalise(STR(""), out, 7), 0);
    assert_int_equal(name_normalise(STR("x"), out, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accents_case_and_punctuation),
        cmocka_unit_test(articles_before_and_behind),
        cmocka_unit_test(other_scripts_stay),
        cmocka_unit_test(room_is_respected),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

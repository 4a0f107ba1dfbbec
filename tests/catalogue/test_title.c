/* Titles: words, rules, updates. */
#include "catalogue/title.h"
#include "support/check.h"

#include <math.h>

static struct title good(void)
{
    struct title t;
    title_init(&t);
    t.id = STR("t1");
    t.name = STR("One");
    return t;
}

static void words_for_kinds_and_roles(void **state)
{
    (void)state;
    enum title_kind k;
    enum role r;
    for (int i = 0; i < TITLE_KINDS; i++) {
        assert_true(title_kind_from(str_of(title_kind_name((enum title_kind)i)), &k));
        assert_int_equal(k, i);
    }
    for (int i = 0; i < ROLES; i++) {
        assert_true(role_from(str_of(role_name((enum role)i)), &r));
        assert_int_equal(r, i);
    }
    assert_true(title_kind_from(STR("Movie"), &k));
    assert_int_equal(k, TITLE_FILM);
    assert_true(title_kind_from(STR("tvSeries"), &k));
    assert_int_equal(k, TITLE_SERIES);
    assert_true(role_from(STR("Actress"), &r));
    assert_int_equal(r, ROLE_ACTOR);
    assert_true(role_from(STR("executive producer"), &r));
    assert_int_equal(r, ROLE_PRODUCER);
    k = TITLE_FILM;
    r = ROLE_WRITER;
    assert_false(title_kind_from(STR("sculpture"), &k));
    assert_false(role_from(STR("directed by"), &r));
    assert_int_equal(k, TITLE_FILM);
    assert_int_equal(r, ROLE_WRITER);
    assert_string_equal(title_kind_name(TITLE_KINDS), "");
    assert_string_equal(role_name(ROLES), "");
}

static void refused(const struct title *t, int status, const char *field)
{
    assert_int_equal(title_check(t, &test_err), status);
    if (strncmp(test_err.text, field, strlen(field)) != 0)
        fail_msg("expected %s, got: %s", field, test_err.text);
}

static void rules(void **state)
{
    (void)state;
    static char text[TITLE_TEXT_MAX + 1];
    memset(text, 'x', sizeof(text));
    struct title t = good();
    assert_ok(title_check(&t, &test_err));
    t.id = STR_NONE;
    refused(&t, MQ_INVALID, "title id");
    struct {
        struct str *field;
        const char *name;
        size_t max;
    } texts[] = {
        {&t.id, "title id", TITLE_ID_MAX},
        {&t.name, "title", TITLE_NAME_MAX},
        {&t.original_name, "original", TITLE_NAME_MAX},
        {&t.language, "language", TITLE_NAME_MAX},
        {&t.maturity, "maturity", TITLE_NAME_MAX},
        {&t.series, "series", TITLE_NAME_MAX},
        {&t.image, "image", TITLE_NAME_MAX},
        {&t.description, "description", TITLE_TEXT_MAX},
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        t = good();
        *texts[i].field = (struct str){text, texts[i].max};
        assert_ok(title_check(&t, &test_err));
        texts[i].field->n++;
        refused(&t, MQ_TOO_LARGE, texts[i].name);
        *texts[i].field = STR("\xc3");
        refused(&t, MQ_INVALID, texts[i].name);
        *texts[i].field = STR("a\nb");
        assert_int_equal(title_check(&t, &test_err),
                         texts[i].field == &t.description ? 0 : MQ_INVALID);
    }
    static const struct {
        int year, ok;
    } years[] = {{0, 1}, {1869, 0}, {1870, 1}, {2200, 1}, {2201, 0}, {-5, 0}};
    for (size_t i = 0; i < sizeof(years) / sizeof(years[0]); i++) {
        t = good();
        t.year = (int16_t)years[i].year;
        assert_int_equal(title_check(&t, &test_err), years[i].ok ? 0 : MQ_INVALID);
    }
    t = good();
    t.kind = TITLE_KINDS;
    refused(&t, MQ_INVALID, "kind");
    static const double money[] = {-1, NAN, INFINITY};
    for (size_t i = 0; i < 3; i++) {
        t = good();
        t.budget = money[i];
        refused(&t, MQ_INVALID, "budget");
        t = good();
        t.gross = money[i];
        refused(&t, MQ_INVALID, "budget");
    }
}

static void rules_of_lists_and_credits(void **state)
{
    (void)state;
    static struct str list[TITLE_LIST_MAX + 1];
    static struct credit credits[TITLE_CREDITS_MAX + 1];
    struct title t = good();
    for (size_t i = 0; i <= TITLE_LIST_MAX; i++)
        list[i] = STR("x");
    for (size_t i = 0; i <= TITLE_CREDITS_MAX; i++)
        credits[i] = (struct credit){.person = STR("Ann")};
    t.genres = t.tags = t.countries = list;
    t.n_genres = t.n_tags = t.n_countries = TITLE_LIST_MAX;
    t.credits = credits;
    t.n_credits = TITLE_CREDITS_MAX;
    assert_ok(title_check(&t, &test_err));
    uint16_t *const counts[] = {&t.n_genres, &t.n_tags, &t.n_countries};
    static const char *const names[] = {"genres", "tags", "countries"};
    for (int i = 0; i < 3; i++) {
        ++*counts[i];
        refused(&t, MQ_TOO_LARGE, names[i]);
        --*counts[i];
    }
    list[3] = STR("\x01");
    refused(&t, MQ_INVALID, "genres");
    list[3] = STR("x");
    t.n_credits++;
    refused(&t, MQ_TOO_LARGE, "credits");
    t.n_credits = 1;
    credits[0] = (struct credit){.role = ROLE_ACTOR};
    refused(&t, MQ_INVALID, "credits");
    credits[0] = (struct credit){.person_key = STR("p1")};
    assert_ok(title_check(&t, &test_err));
    credits[0] = (struct credit){.person = STR("Ann"), .role = ROLES};
    refused(&t, MQ_INVALID, "credits");
}

static void a_window_ends_after_it_begins(void **state)
{
    (void)state;
    struct window windows[] = {{10, 10, NULL, 0}};
    struct title t = good();
    t.windows = windows;
    t.n_windows = 1;
    assert_fails(MQ_INVALID, title_check(&t, &test_err));
    assert_non_null(strstr(test_err.text, "window 0"));
    windows[0].until_ms = 0;
    assert_ok(title_check(&t, &test_err));
    t.n_windows = TITLE_WINDOWS_MAX + 1;
    assert_fails(MQ_TOO_LARGE, title_check(&t, &test_err));
}

static void what_is_absent_leaves_what_was(void **state)
{
    (void)state;
    struct str genres[] = {STR("Drama")}, others[] = {STR("War"), STR("Crime")};
    struct credit credits[] = {{.person = STR("Ann")}};
    struct title base = good(), update, t;
    base.original_name = STR("Un");
    base.year = 2001;
    base.kind = TITLE_FILM;
    base.runtime_min = 90;
    base.budget = 5;
    base.release_day = 0;
    base.added_ms = 100;
    base.genres = base.tags = base.countries = genres;
    base.n_genres = base.n_tags = base.n_countries = 1;
    base.credits = credits;
    base.n_credits = 1;
    base.has_credits = true;
    base.title_id.v = 4;
    title_init(&update);
    update.id = STR("t1");
    title_merge(&base, &update, &t);
    assert_str("One", t.name);
    assert_str("Un", t.original_name);
    assert_int_equal(t.year, 2001);
    assert_int_equal(t.kind, TITLE_FILM);
    assert_int_equal(t.runtime_min, 90);
    assert_true(t.budget == 5);
    assert_int_equal(t.release_day, 0);
    assert_int_equal(t.n_genres, 1);
    assert_int_equal(t.n_credits, 1);
    assert_int_equal(t.title_id.v, 4);

    update.name = STR("Two");
    update.year = 2002;
    update.kind = TITLE_SERIES;
    update.runtime_min = 20;
    update.season = 1;
    update.episode = 2;
    update.gross = 7;
    update.release_day = 12;
    update.added_ms = 200;
    update.genres = others;
    update.n_genres = 2;
    update.has_credits = true; /* by none */
    title_merge(&base, &update, &t);
    assert_str("Two", t.name);
    assert_int_equal(t.year, 2002);
    assert_int_equal(t.kind, TITLE_SERIES);
    assert_int_equal(t.runtime_min, 20);
    assert_int_equal(t.season, 1);
    assert_int_equal(t.episode, 2);
    assert_true(t.budget == 5 && t.gross == 7);
    assert_int_equal(t.release_day, 12);
    assert_int_equal(t.added_ms, 100);
    assert_int_equal(t.n_genres, 2);
    assert_int_equal(t.n_tags, 1);
    assert_int_equal(t.n_credits, 0);
    base.added_ms = 0;
    title_merge(&base, &update, &t);
    assert_int_equal(t.added_ms, 200);

    const struct window windows[] = {{1, 2, NULL, 0}};
    base.windows = windows;
    base.n_windows = 1;
    base.has_windows = true;
    title_merge(&base, &update, &t);
    assert_int_equal(t.n_windows, 1);
    update.has_windows = true; /* by none */
    title_merge(&base, &update, &t);
    assert_int_equal(t.n_windows, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_for_kinds_and_roles),
        cmocka_unit_test(rules),
        cmocka_unit_test(rules_of_lists_and_credits),
        cmocka_unit_test(a_window_ends_after_it_begins),
        cmocka_unit_test(what_is_absent_leaves_what_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

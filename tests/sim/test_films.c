/* The catalogue that the program carries, and which part of it a small world takes. */
#include "support/check.h"

#include "catalogue/catalogue.h"
#include "sim/films.h"
#include "sim/sim.h"

static struct sim *sim_of(uint32_t titles)
{
    struct sim_settings s = sim_defaults();
    struct sim *sim = NULL;
    s.viewers = 1;
    s.titles = titles;
    assert_ok(sim_new(&s, &sim, &test_err));
    return sim;
}

static const struct title *find(const struct sim *s, const char *name, int year)
{
    for (uint32_t i = 0; i < sim_titles(s); i++) {
        const struct title *t = sim_title(s, i);
        if (str_eq(t->name, str_of(name)) && (year == 0 || t->year == year))
            return t;
    }
    return NULL;
}

static unsigned credited(const struct sim *s, const char *person, enum role role)
{
    unsigned n = 0;
    for (uint32_t i = 0; i < sim_titles(s); i++) {
        const struct title *t = sim_title(s, i);
        for (uint32_t c = 0; c < t->n_credits; c++)
            n += t->credits[c].role == role && str_eq(t->credits[c].person, str_of(person));
    }
    return n;
}

static void assert_known_titles(const struct sim *s)
{
    assert_non_null(find(s, "House of Cards", 1990));
    assert_non_null(find(s, "The Queen", 2006));
    assert_non_null(find(s, "Frost/Nixon", 2008));
    assert_null(find(s, "House of Cards", 2013));
    assert_null(find(s, "The Crown", 0));
    assert_int_equal(credited(s, "David Fincher", ROLE_DIRECTOR), 10);
    assert_true(credited(s, "Kevin Spacey", ROLE_ACTOR) >= 30);
}

static void test_default_catalogue(void **state)
{
    (void)state;
    struct sim *s = sim_of(520);
    assert_int_equal(sim_titles(s), 520);
    assert_int_equal(sim_real_titles(s), 520);
    assert_known_titles(s);
    const struct title *t = find(s, "House of Cards", 1990);
    assert_int_equal(t->kind, TITLE_SERIES);
    assert_int_equal(t->runtime_min, 55);
    assert_str("GB", t->countries[0]);
    for (uint32_t i = 0; i < sim_titles(s); i++) {
        assert_true(sim_title(s, i)->year <= 2015);
        assert_ok(title_check(sim_title(s, i), &test_err));
    }
    assert_null(sim_title(s, 520));
    sim_free(s);
}

static void test_small_catalogues_keep_the_titles_that_matter(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {60, 100, 300};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct sim *s = sim_of(sizes[i]);
        assert_int_equal(sim_titles(s), sizes[i]);
        assert_known_titles(s);
        sim_free(s);
    }
    struct sim *s = sim_of(300);
    assert_non_null(find(s, "The Godfather", 0)); /* well known */
    sim_free(s);
    s = sim_of(SIM_TITLES_MIN);
    assert_int_equal(sim_titles(s), SIM_TITLES_MIN);
    assert_true(credited(s, "Kevin Spacey", ROLE_ACTOR) > 0);
    sim_free(s);
}

static int compare(const void *a, const void *b)
{
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static void test_invented_titles(void **state)
{
    (void)state;
    enum { N = 5000 };
    struct sim *s = sim_of(N);
    assert_int_equal(sim_titles(s), N);
    assert_int_equal(sim_real_titles(s), 520);
    assert_known_titles(s);
    struct str *names = calloc(N, sizeof(*names));
    unsigned *titles_of = calloc(sim_people(s), sizeof(*titles_of));
    uint32_t first_invented = UINT32_MAX, most = 0, people = 0, once = 0;
    for (uint32_t i = 0; i < N; i++) {
        const struct title *t = sim_title(s, i);
        assert_ok(title_check(t, &test_err));
        names[i] = t->name;
        for (uint32_t c = 0; c < t->n_credits; c++) {
            uint32_t p = t->credits[c].person_id.v;
            if (i < 520) {
                first_invented =
                    first_invented == UINT32_MAX || p >= first_invented ? p + 1 : first_invented;
            } else {
                assert_true(p >=
                            first_invented); /* nobody real is credited with what is invented */
                titles_of[p]++;
            }
        }
    }
    qsort(names, N, sizeof(*names), compare);
    unsigned twice = 0;
    for (uint32_t i = 1; i < N; i++)
        twice += str_eq(names[i - 1], names[i]);
    assert_true(twice <= 6); /* real namesakes: The Office, Sense and Sensibility ... */
    for (uint32_t p = first_invented; p < sim_people(s); p++) {
        people++;
        once += titles_of[p] == 1;
        most = titles_of[p] > most ? titles_of[p] : most;
    }
    assert_true(people > 3000);
    assert_true(most > 20); /* few have many titles, most have one */
    assert_true(once * 2 > people);
    free(names);
    free(titles_of);
    sim_free(s);
}

static void test_lines_that_break_the_format(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "Only a name",
        "A|199x|film|US|en|Drama|100|||||||",
        "A|1990|film|US|en|Drama|long||||||",
        "A|1990|film|US|en|Knitting|100||||||",
        "A|1990|film|US|en|Drama|100||||||||extra",
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct film *films = NULL;
        uint32_t n;
        assert_fails(MQ_INVALID, films_read(str_of(bad[i]), &films, &n, &test_err));
        assert_null(films);
    }
    struct film *films = NULL;
    uint32_t n = 0;
    assert_ok(films_read(STR("# no\nA|1990|film|US|en|Drama;War|100|B||||D|e;f\n"), &films, &n,
                         &test_err));
    assert_int_equal(n, 1);
    assert_int_equal(films[0].year, 1990);
    assert_str("e;f", films[0].field[FILM_TAGS]);
    free(films);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_default_catalogue),
        cmocka_unit_test(test_small_catalogues_keep_the_titles_that_matter),
        cmocka_unit_test(test_invented_titles),
        cmocka_unit_test(test_lines_that_break_the_format),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The catalogue in memory: what was put in, gaps, genres, people. */
#include "base/rng.h"
#include "catalogue/catalogue.h"
#include "support/check.h"

static struct catalogue_builder *builder(void)
{
    struct catalogue_builder *b;
    assert_ok(catalogue_builder_new(&b, &test_err));
    return b;
}

static struct catalogue *build(struct catalogue_builder *b)
{
    struct catalogue *c;
    assert_ok(catalogue_build(b, 7, &c, &test_err));
    assert_int_equal(c->version, 7);
    return c;
}

static struct title title(uint32_t id, const char *external, const char *name)
{
    struct title t;
    title_init(&t);
    t.title_id.v = id;
    t.id = str_of(external);
    t.name = str_of(name);
    return t;
}

static void rows_hold_what_was_added(void **state)
{
    (void)state;
    struct catalogue_builder *b = builder();
    struct str genres[] = {STR("Drama"), STR("War")}, tags[] = {STR("slow"), STR("grim")};
    struct str countries[] = {STR("gb"), STR("fr")};
    struct title t = title(1, "t1", "One");
    t.genres = genres;
    t.n_genres = 2;
    t.tags = tags;
    t.n_tags = 2;
    t.countries = countries;
    t.n_countries = 2;
    t.year = 1999;
    t.runtime_min = 101;
    t.kind = TITLE_FILM;
    t.release_day = 10957;
    t.language = STR("en");
    t.maturity = STR("12");
    assert_ok(catalogue_add(b, &t, &test_err));
    /* Nothing of the caller's is kept. */
    genres[0] = genres[1] = tags[0] = tags[1] = STR("?");
    struct catalogue *c = build(b);
    assert_int_equal(c->n_titles, 2);
    const struct title_row *row = &c->titles[1];
    assert_str("t1", row->id);
    assert_str("One", row->name);
    assert_int_equal(row->name.p[row->name.n], '\0');
    assert_int_equal(row->year, 1999);
    assert_int_equal(row->runtime_min, 101);
    assert_int_equal(row->kind, TITLE_FILM);
    assert_int_equal(row->release_day, 10957);
    assert_int_equal(row->country, 'G' << 8 | 'B');
    assert_true(row->described);
    assert_str("en", row->language);
    assert_str("12", row->maturity);
    assert_int_equal(row->n_tags, 2);
    assert_str("grim", row->tags[1]);
    assert_int_equal(row->genres, 3);
    assert_int_equal(catalogue_genre(c, STR("WAR")), 1);
    assert_int_equal(catalogue_genre(c, STR("Noir")), GENRE_NONE);
    /* The gap at 0 is safe to print. */
    row = &c->titles[0];
    assert_non_null(row->id.p);
    assert_non_null(row->name.p);
    assert_non_null(row->language.p);
    assert_non_null(row->maturity.p);
    assert_int_equal(row->id.n, 0);
    assert_false(row->described);
    assert_int_equal(row->release_day, TITLE_NO_DATE);
    catalogue_free(c);
    /* The builder is empty now, and can be used again. */
    c = build(b);
    assert_int_equal(c->n_titles + c->n_people + c->n_genres, 0);
    catalogue_free(c);
    t = title(3, "t3", "Three");
    assert_ok(catalogue_add(b, &t, &test_err));
    c = build(b);
    assert_int_equal(c->n_titles, 4);
    assert_int_equal(c->titles[1].id.n, 0);
    catalogue_free(c);
    catalogue_builder_free(b);
    catalogue_builder_free(NULL);
    catalogue_free(NULL);
}

static void ids_alone_do_not_describe(void **state)
{
    (void)state;
    struct catalogue_builder *b = builder();
    struct title t = title(2, "t2", "Two"), nameless = title(4, "t4", "");
    nameless.release_day = 5;
    assert_ok(catalogue_add_id(b, (struct title_id){2}, STR("t2"), &test_err));
    assert_ok(catalogue_add(b, &t, &test_err));
    assert_ok(catalogue_add(b, &nameless, &test_err));
    for (uint32_t i = 0; i < 5; i++) {
        char id[4] = {'t', (char)('0' + i), 0};
        assert_ok(catalogue_add_id(b, (struct title_id){i}, str_of(id), &test_err));
    }
    struct catalogue *c = build(b);
    assert_int_equal(c->n_titles, 5);
    for (uint32_t i = 0; i < 5; i++)
        assert_int_equal(c->titles[i].described, i == 2);
    assert_str("t0", c->titles[0].name);
    assert_str("Two", c->titles[2].name);
    assert_str("t4", c->titles[4].name);
    assert_int_equal(c->titles[4].release_day, 5);
    assert_int_equal(c->titles[0].release_day, TITLE_NO_DATE);
    catalogue_free(c);
    catalogue_builder_free(b);
}

static void the_65th_genre_is_left_out(void **state)
{
    (void)state;
    struct catalogue_builder *b = builder();
    char names[70][8];
    struct str list[70];
    for (unsigned i = 0; i < 70; i++) {
        snprintf(names[i], sizeof(names[i]), "g%u", i);
        list[i] = str_of(names[i]);
    }
    struct title t = title(0, "t0", "Everything");
    t.genres = list;
    t.n_genres = 70;
    assert_ok(catalogue_add(b, &t, &test_err));
    struct str upper[] = {STR("G63"), STR("g69")};
    t = title(1, "t1", "Two of them");
    t.genres = upper;
    t.n_genres = 2;
    assert_ok(catalogue_add(b, &t, &test_err));
    struct catalogue *c = build(b);
    assert_int_equal(c->n_genres, 64);
    assert_true(c->titles[0].genres == UINT64_MAX);
    assert_true(c->titles[1].genres == UINT64_C(1) << 63);
    assert_int_equal(catalogue_genre(c, STR("g63")), 63);
    assert_int_equal(catalogue_genre(c, STR("g64")), GENRE_NONE);
    catalogue_free(c);
    catalogue_builder_free(b);
}

/* Random credits: each person's list holds exactly the titles that name them, ascending, with their roles. */
static void people_are_found_from_both_sides(void **state)
{
    (void)state;
    enum { TITLES = 30, PEOPLE = 12, CREDITS = 9 };
    struct rng rng;
    rng_seed(&rng, test_seed());
    for (size_t round = 0; round < test_rounds(60); round++) {
        struct catalogue_builder *b = builder();
        uint8_t roles[PEOPLE][TITLES] = {{0}};
        for (int k = 0; k < TITLES; k++) {
            uint32_t id = (uint32_t)rng_below(&rng, TITLES); /* some twice: the later one counts */
            struct credit credits[CREDITS];
            struct title t = title(id, "t", "T");
            t.credits = credits;
            t.n_credits = (uint32_t)rng_below(&rng, CREDITS + 1);
            for (int p = 0; p < PEOPLE; p++)
                roles[p][id] = 0;
            for (uint32_t i = 0; i < t.n_credits; i++) {
                credits[i] = (struct credit){.person_id = {(uint32_t)rng_below(&rng, PEOPLE)},
                                             .role = (uint8_t)rng_below(&rng, ROLES),
                                             .billing = (uint16_t)rng_below(&rng, 4)};
                uint8_t *r = &roles[credits[i].person_id.v][id];
                *r = (uint8_t)(*r | 1u << credits[i].role);
            }
            assert_ok(catalogue_add(b, &t, &test_err));
        }
        assert_ok(catalogue_add_person(b, (struct person_id){3}, STR("Ann Example"), &test_err));
        assert_ok(catalogue_add_person(b, (struct person_id){PEOPLE}, STR("No Credit"), &test_err));
        struct catalogue *c = build(b);
        assert_int_equal(c->n_people, PEOPLE + 1);
        assert_str("Ann Example", c->people[3].name);
        assert_non_null(c->people[4].name.p);
        assert_int_equal(c->people[PEOPLE].n_titles, 0);
        for (uint32_t p = 0; p < PEOPLE; p++) {
            const struct person_row *row = &c->people[p];
            uint32_t at = row->first_title;
            for (uint32_t t = 0; t < TITLES; t++) {
                if (!roles[p][t])
                    continue;
                assert_true(at < row->first_title + row->n_titles);
                assert_int_equal(c->person_titles[at].v, t);
                assert_int_equal(c->person_roles[at], roles[p][t]);
                at++;
            }
            assert_int_equal(at, row->first_title + row->n_titles);
        }
        for (uint32_t t = 0; t < c->n_titles; t++) {
            const struct credit_row *credit = c->credits + c->titles[t].first_credit;
            for (uint32_t i = 1; i < c->titles[t].n_credits; i++)
                assert_true(credit[i - 1].role < credit[i].role ||
                            (credit[i - 1].role == credit[i].role &&
                             credit[i - 1].billing <= credit[i].billing));
        }
        catalogue_free(c);
        catalogue_builder_free(b);
    }
}

static void ids_beyond_the_limits(void **state)
{
    (void)state;
    struct catalogue_builder *b = builder();
    struct title t = title(ID_NONE, "t", "T");
    assert_fails(MQ_TOO_LARGE, catalogue_add(b, &t, &test_err));
    assert_fails(MQ_TOO_LARGE,
                 catalogue_add_id(b, (struct title_id){ID_NONE}, STR("t"), &test_err));
    assert_fails(MQ_TOO_LARGE,
                 catalogue_add_person(b, (struct person_id){ID_NONE}, STR("p"), &test_err));
    catalogue_builder_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_hold_what_was_added),
        cmocka_unit_test(ids_alone_do_not_describe),
        cmocka_unit_test(the_65th_genre_is_left_out),
        cmocka_unit_test(people_are_found_from_both_sides),
        cmocka_unit_test(ids_beyond_the_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

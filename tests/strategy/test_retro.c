/* Opportunities of the past held against what came: who counts as a match, and what it is held against. */
#include "support/check.h"

#include <math.h>

#include "base/clock.h"
#include "strategy/retro_test.h"

enum { MAKER, LEAD, OTHER, PEOPLE };

struct invented {
    int16_t year;
    const char *genre, *tag; /* tag NULL: none */
    bool maker, lead;
    double budget;
    unsigned viewers;
};

static void add(struct strategy_data *d, uint32_t row, const struct invented *v)
{
    static const char *const names[PEOPLE] = {"A Maker", "A Lead", "Somebody Else"};
    char id[16];
    struct str genre = str_of(v->genre);
    struct str tag = str_of(v->tag);
    uint32_t director = v->maker ? MAKER : OTHER;
    uint32_t actor = v->lead ? LEAD : OTHER;
    struct credit credits[2] = {
        {.role = ROLE_DIRECTOR,
         .billing = 1,
         .person_id = {director},
         .person = str_of(names[director])},
        {.role = ROLE_ACTOR, .billing = 1, .person_id = {actor}, .person = str_of(names[actor])}};
    struct title t;
    snprintf(id, sizeof(id), "t%u", row);
    title_init(&t);
    t.id = t.name = str_of(id);
    t.title_id = (struct title_id){row};
    t.year = v->year;
    t.genres = &genre;
    t.n_genres = 1;
    t.tags = &tag;
    t.n_tags = v->tag ? 1 : 0;
    t.budget = v->budget;
    t.credits = credits;
    t.n_credits = 2;
    t.has_credits = true;
    assert_ok(strategy_data_title(d, &t, &test_err));
    for (uint32_t i = 0; i < v->viewers; i++) {
        struct event e = {.kind = EVENT_RATING,
                          .title = t.id,
                          .viewer_id = {i},
                          .title_id = {row},
                          .at_ms = 1 + row};
        assert_ok(strategy_data_event(d, &e, &test_err));
    }
}

static struct strategy_data *data_of(const struct invented *list, size_t n)
{
    struct strategy_data *d;
    assert_ok(strategy_data_new(&d, &test_err));
    for (size_t i = 0; i < n; i++)
        add(d, (uint32_t)i, &list[i]);
    assert_ok(strategy_data_finish(d, &test_err));
    return d;
}

/* One opportunity: the maker, the lead, the theme. */
static struct vertex parts[VERTEX_KINDS] = {
    {.kind = VERTEX_MAKER, .role = ROLE_DIRECTOR, .number = MAKER},
    {.kind = VERTEX_LEAD, .role = ROLE_ACTOR, .number = LEAD},
    {.kind = VERTEX_THEME, .label = {"sea", 3}},
};
static struct found_opportunity listed = {.triangle = {.v = {0, 1, 2}}};
static const struct opportunities found = {
    .vertices = {.v = parts, .n = VERTEX_KINDS}, .list = &listed, .n = 1};

static struct retro_question since(int year)
{
    return (struct retro_question){.cut_day = (int32_t)time_days_from_civil(year, 1, 1),
                                   .window_days = 5 * 365};
}

static void matches_and_controls(void **state)
{
    (void)state;
    static const struct invented list[] = {
        {2001, "Drama", "sea", true, false, 0, 40},  /* a match: maker and theme */
        {2001, "Drama", NULL, false, false, 0, 10},  /* like it, nobody of it */
        {2001, "Drama", NULL, true, false, 0, 20},   /* like it, one part */
        {2001, "Comedy", NULL, false, false, 0, 1},  /* of another genre */
        {2001, "Drama", NULL, false, false, 9e6, 1}, /* its budget is known */
        {2004, "Drama", NULL, false, false, 0, 1},   /* too late to compare */
        {1999, "Drama", "sea", true, true, 0, 90},   /* before the day */
        {2006, "Drama", "sea", true, true, 0, 90},   /* after the window */
        {2001, "Drama", "sea", false, false, 0, 10}, /* the theme alone is no match */
    };
    struct strategy_data *d = data_of(list, sizeof(list) / sizeof(list[0]));
    struct retro_question q = since(2000);
    struct retro_list l = {0};
    struct retro_summary s;
    assert_ok(retro_add(d, &found, &q, &l, &test_err));
    assert_int_equal(l.n, 1);
    assert_int_equal(l.later, 7);
    assert_int_equal(l.match[0].title, 0);
    assert_int_equal(l.match[0].parts, 1 | 4);
    double any = log(40) - (log(10) + log(20) + log(10)) / 3;
    assert_true(fabs(l.match[0].gain[RETRO_ANY] - any) < 1e-12);
    assert_true(fabs(l.match[0].gain[RETRO_ONE_PART] - log(2)) < 1e-12);
    q = since(2001);
    assert_ok(retro_add(d, &found, &q, &l, &test_err)); /* again, from another day */
    assert_ok(retro_summarise(&l, 1, &s, &test_err));
    assert_int_equal(l.cuts, 2);
    assert_int_equal(s.titles, 1);
    assert_true(s.matches >= 2 && s.side[RETRO_ANY].titles == 1);
    assert_true(s.side[RETRO_ANY].won == 1);
    retro_list_release(&l);
    strategy_data_free(d);
}

static void nothing_to_hold_it_against(void **state)
{
    (void)state;
    static const struct invented list[] = {{2001, "Drama", "SEA", true, true, 0, 40},
                                           {2001, "Comedy", NULL, false, false, 0, 10}};
    struct strategy_data *d = data_of(list, 2);
    struct retro_question q = since(2000);
    struct retro_list l = {0};
    struct retro_summary s;
    assert_ok(retro_summarise(&l, 1, &s, &test_err));
    assert_true(s.matches == 0 && isnan(s.side[RETRO_ANY].gain.mean) &&
                isnan(s.side[RETRO_ANY].won));
    assert_ok(retro_add(d, &found, &q, &l, &test_err));
    assert_ok(retro_summarise(&l, 1, &s, &test_err));
    assert_int_equal(s.matches, 1);
    assert_int_equal(s.whole, 1);
    for (int k = 0; k < RETRO_KINDS; k++)
        assert_true(isnan(l.match[0].gain[k]) && s.side[k].matches == 0);
    retro_list_release(&l);
    strategy_data_free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matches_and_controls),
        cmocka_unit_test(nothing_to_hold_it_against),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

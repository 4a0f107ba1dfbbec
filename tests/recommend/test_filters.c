/* Filters, boosts and pins on pages and lists: what they let through, and what the answer says of them. */
#include "recommend/filters.h"

#include "recommend/small_world.h"
#include "support/check.h"

static struct small_world world;
static struct recommender *rec;
static struct rules rules;

static int make(void **state)
{
    (void)state;
    small_world_make(&world, (struct small_world_size){800, 1500, 16, 11});
    assert_ok(recommender_new(&rec, &test_err));
    return 0;
}

static int unmake(void **state)
{
    (void)state;
    recommender_free(rec);
    small_world_release(&world);
    return 0;
}

static struct ask ask_of(const struct profile *p, const struct mq_rules *from)
{
    assert_ok(rules_parse(from, &rules, &test_err));
    return (struct ask){
        .profile = p,
        .viewer = "v",
        .log_seq = 9,
        .at_ms = SMALL_WORLD_NOW,
        .context = {.offset_min = 0, .device = DEVICE_PHONE, .country = 'G' << 8 | 'B'},
        .rules = &rules,
    };
}

static struct title_row *row_of(uint32_t t)
{
    const struct title_row *row = &world.catalogue->titles[t];
    struct title_row *mine;
    memcpy(&mine, &row, sizeof(mine)); /* the test's own catalogue */
    return mine;
}

static bool has_genre(uint32_t t, const char *name)
{
    uint8_t g = catalogue_genre(world.catalogue, str_of(name));
    return world.catalogue->titles[t].genres >> g & 1;
}

static void page_of(const struct profile *p, const struct mq_rules *from, struct mq_page *ret)
{
    struct ask ask = ask_of(p, from);
    assert_ok(recommend_home(rec, &world.world, &ask, ret, &test_err));
}

static void every_row_obeys(void **state)
{
    (void)state;
    const char *include[] = {"genre=Drama|Comedy"}, *exclude[] = {"genre=War", "director=Person 3"};
    struct mq_rules from = {.include = include, .n_include = 1, .exclude = exclude, .n_exclude = 2};
    for (uint64_t seed = 1; seed <= 5; seed++) {
        struct profile *p = small_world_profile(&world, seed, seed == 1 ? 0 : 30);
        struct mq_page page;
        size_t items = 0;
        page_of(p, &from, &page);
        for (size_t i = 0; i < page.n_rows; i++) {
            for (size_t k = 0; k < page.rows[i].n_items; k++, items++) {
                uint32_t t = page.rows[i].items[k].title_number;
                assert_true(has_genre(t, "Drama") || has_genre(t, "Comedy"));
                assert_false(has_genre(t, "War"));
            }
        }
        assert_true(items > 20);
        assert_non_null(page.filters);
        assert_null(page.filters->note);
        assert_int_equal(page.filters->titles, 799);
        uint64_t left = page.filters->titles;
        for (size_t i = 0; i < page.filters->n_steps; i++)
            left -= page.filters->steps[i].removed;
        assert_int_equal(left, page.filters->left);
        free(p);
    }
}

static void nothing_left_says_which(void **state)
{
    (void)state;
    const char *none[] = {"genre=Opera"}, *few[] = {"title=t20|t21|t22"}, *out[] = {"year>1900"};
    struct mq_page page;
    page_of(NULL, &(struct mq_rules){.include = none, .n_include = 1}, &page);
    assert_int_equal(page.n_rows, 0);
    assert_int_equal(page.filters->left, 0);
    assert_string_equal(page.filters->note, "Nothing is left: no title passes include genre=Opera");
    page_of(NULL, &(struct mq_rules){.language = "xx", .include = few, .n_include = 1}, &page);
    assert_non_null(strstr(page.filters->note, "no title passes language xx"));
    page_of(NULL,
            &(struct mq_rules){.include = few, .n_include = 1, .exclude = out, .n_exclude = 1},
            &page);
    assert_non_null(strstr(page.filters->note, "no title passes exclude year>1900"));
    const char *old[] = {"year<2026"};
    row_of(20)->year = row_of(21)->year = row_of(22)->year = 2000;
    page_of(NULL,
            &(struct mq_rules){.include = few, .n_include = 1, .exclude = old, .n_exclude = 1},
            &page);
    assert_string_equal(page.filters->note,
                        "Nothing is left: exclude year<2026 took away the last 3");
    struct ask ask = ask_of(NULL, &(struct mq_rules){.max_maturity = "12"});
    struct mq_list list;
    assert_ok(recommend_list(rec, &world.world, &ask, &list, &test_err));
    assert_int_equal(list.n_items, 0); /* nothing here says for whom it is */
    assert_non_null(strstr(list.filters->note, "max_maturity 12"));
    ask = ask_of(NULL, NULL);
    assert_ok(recommend_list(rec, &world.world, &ask, &list, &test_err));
    assert_null(list.filters);
}

static bool listed(const struct mq_list *list, uint32_t title)
{
    for (size_t i = 0; i < list->n_items; i++) {
        if (list->items[i].title_number == title)
            return true;
    }
    return false;
}

static void windows_follow_moment_and_country(void **state)
{
    (void)state;
    static const country_code france[] = {'F' << 8 | 'R'};
    static const struct window past[] = {{0, SMALL_WORLD_NOW, NULL, 0}},
                               there[] = {{0, 0, france, 1}};
    struct profile *p = small_world_profile(&world, 2, 30);
    struct mq_list list;
    struct ask ask = ask_of(p, NULL);
    assert_ok(recommend_list(rec, &world.world, &ask, &list, &test_err));
    uint32_t a = list.items[0].title_number, b = list.items[1].title_number;
    row_of(a)->windows = past;
    row_of(b)->windows = there;
    row_of(a)->n_windows = row_of(b)->n_windows = 1;
    world.catalogue->version++;
    assert_ok(recommend_list(rec, &world.world, &ask, &list, &test_err));
    assert_false(listed(&list, a) || listed(&list, b));
    ask.at_ms--;
    ask.context.country = 'F' << 8 | 'R';
    assert_ok(recommend_list(rec, &world.world, &ask, &list, &test_err));
    assert_true(listed(&list, a) && listed(&list, b));
    ask.context.country = 0; /* nor does the profile know a country: no right to be shown */
    assert_ok(recommend_list(rec, &world.world, &ask, &list, &test_err));
    assert_true(listed(&list, a) && !listed(&list, b));
    /* What is in progress goes with its window. */
    struct mq_page page;
    uint32_t progress = p->signals[1].title.v;
    row_of(progress)->windows = past;
    row_of(progress)->n_windows = 1;
    world.catalogue->version++;
    page_of(p, NULL, &page);
    for (size_t i = 0; i < page.n_rows; i++)
        for (size_t k = 0; k < page.rows[i].n_items; k++)
            assert_int_not_equal(page.rows[i].items[k].title_number, progress);
    row_of(a)->n_windows = row_of(b)->n_windows = row_of(progress)->n_windows = 0;
    world.catalogue->version++;
    free(p);
}

static void seen_and_fatigue(void **state)
{
    (void)state;
    struct profile *p = small_world_profile(&world, 2, 30);
    struct mq_list list;
    struct ask ask = ask_of(p, &(struct mq_rules){.seen = true});
    size_t again = 0;
    ask.n = 100;
    assert_ok(recommend_list(rec, &world.world, &ask, &list, &test_err));
    for (size_t i = 0; i < list.n_items; i++) {
        const struct title_signal *s =
            profile_signal(p, (struct title_id){list.items[i].title_number});
        assert_false(s && s->flags & SIGNAL_HIDDEN);
        again += s != NULL;
    }
    assert_true(again > 5);
    ask = ask_of(p, NULL);
    assert_ok(recommend_list(rec, &world.world, &ask, &list, &test_err));
    uint32_t tired = list.items[0].title_number, fine = list.items[1].title_number;
    const struct shown_title shown[] = {{{tired}, FATIGUE_USUAL}, {{fine}, FATIGUE_USUAL - 1}};
    ask.shown = shown;
    ask.n_shown = 2;
    assert_ok(recommend_list(rec, &world.world, &ask, &list, &test_err));
    assert_false(listed(&list, tired));
    assert_true(listed(&list, fine));
    ask = ask_of(p, &(struct mq_rules){.no_fatigue = true});
    ask.shown = shown;
    ask.n_shown = 2;
    assert_ok(recommend_list(rec, &world.world, &ask, &list, &test_err));
    assert_true(listed(&list, tired));
    free(p);
}

/* As many rules as there may be, and all that is filtered beside them. */
static void nothing_is_left_out_beside_the_most_rules(void **state)
{
    static const struct window past[] = {{0, SMALL_WORLD_NOW, NULL, 0}};
    static char text[RULES_MAX][16];
    const char *exclude[RULES_MAX];
    (void)state;
    for (int i = 0; i < RULES_MAX; i++) {
        snprintf(text[i], sizeof(text[i]), "year=%d", 1800 + i);
        exclude[i] = text[i];
    }
    struct profile *p = small_world_profile(&world, 2, 30);
    struct mq_list list;
    struct ask ask = ask_of(p, NULL);
    assert_ok(recommend_list(rec, &world.world, &ask, &list, &test_err));
    uint32_t tired = list.items[0].title_number, gone = list.items[1].title_number,
             next = list.items[2].title_number, watched = p->signals[0].title.v;
    row_of(gone)->windows = past;
    row_of(gone)->n_windows = 1;
    struct title_id before = row_of(watched)->next_episode;
    row_of(watched)->next_episode.v = next;
    world.catalogue->version++;
    const struct shown_title shown = {{tired}, FATIGUE_USUAL};
    ask = ask_of(p, &(struct mq_rules){.exclude = exclude, .n_exclude = RULES_MAX});
    ask.shown = &shown;
    ask.n_shown = 1;
    assert_ok(recommend_list(rec, &world.world, &ask, &list, &test_err));
    assert_int_equal(list.filters->n_steps, RULES_MAX + 5);
    assert_false(listed(&list, tired) || listed(&list, gone) || listed(&list, next));
    row_of(gone)->n_windows = 0;
    row_of(watched)->next_episode = before;
    world.catalogue->version++;
    free(p);
}

static void boosts_order_by_the_product(void **state)
{
    (void)state;
    const char *boost[] = {"genre=Western*50", "genre=Music*0.02"};
    struct profile *p = small_world_profile(&world, 4, 30);
    struct mq_list list;
    struct ask ask = ask_of(p, &(struct mq_rules){.boost = boost, .n_boost = 1});
    assert_ok(recommend_list(rec, &world.world, &ask, &list, &test_err));
    assert_int_equal(list.n_items, 20);
    for (size_t i = 0; i < 10; i++)
        assert_true(has_genre(list.items[i].title_number, "Western"));
    for (size_t i = 1; i < list.n_items; i++)
        assert_true(list.items[i].score <= list.items[i - 1].score);
    ask = ask_of(p, &(struct mq_rules){.boost = boost + 1, .n_boost = 1});
    assert_ok(recommend_list(rec, &world.world, &ask, &list, &test_err));
    for (size_t i = 0; i < list.n_items; i++)
        assert_false(has_genre(list.items[i].title_number, "Music"));
    struct mq_page page;
    page_of(p, &(struct mq_rules){.boost = boost, .n_boost = 1}, &page);
    size_t western = 0;
    for (size_t i = 0; i < page.n_rows; i++) {
        for (size_t k = 0; k < page.rows[i].n_items; k++)
            western += has_genre(page.rows[i].items[k].title_number, "Western");
    }
    assert_true(western > 20);
    free(p);
}

static void pins_stand_where_they_should(void **state)
{
    (void)state;
    struct profile *p = small_world_profile(&world, 2, 30);
    char watched[32];
    snprintf(watched, sizeof(watched), "t%u@2.0", p->signals[0].title.v);
    const char *pin[] = {"t20@0.1", "genre=Western@1.2", watched}, *list_pin[] = {"t21@4"};
    struct mq_page page;
    struct mq_list list;
    bool seen[800] = {false};
    page_of(p, &(struct mq_rules){.pin = pin, .n_pin = 3}, &page);
    assert_string_equal(page.rows[0].items[1].title, "t20");
    assert_int_equal(page.rows[0].items[1].reason.kind, MQ_REASON_PINNED);
    assert_true(has_genre(page.rows[1].items[2].title_number, "Western"));
    assert_int_equal(page.rows[2].items[0].title_number, p->signals[0].title.v);
    for (size_t i = 0; i < page.n_rows; i++) {
        assert_true(page.rows[i].n_items <= 20);
        for (size_t k = 0; k < page.rows[i].n_items; k++) {
            assert_false(seen[page.rows[i].items[k].title_number]);
            seen[page.rows[i].items[k].title_number] = true;
        }
    }
    struct ask ask = ask_of(p, &(struct mq_rules){.pin = list_pin, .n_pin = 1});
    assert_ok(recommend_list(rec, &world.world, &ask, &list, &test_err));
    assert_int_equal(list.n_items, 20);
    assert_string_equal(list.items[4].title, "t21");
    free(p);
}

static void pins_that_cannot_be(void **state)
{
    (void)state;
    struct profile *p = small_world_profile(&world, 2, 30);
    const char *unknown[] = {"nope@0.1"}, *pin[] = {"t20@0.1"}, *out[] = {"genre!=Opera"};
    char hidden[32];
    struct mq_page page;
    struct mq_list list;
    struct ask ask = ask_of(p, &(struct mq_rules){.pin = unknown, .n_pin = 1});
    assert_fails(MQ_INVALID, recommend_home(rec, &world.world, &ask, &page, &test_err));
    assert_non_null(strstr(test_err.text, "no such title"));
    ask = ask_of(p, &(struct mq_rules){.pin = pin, .n_pin = 1, .exclude = out, .n_exclude = 1});
    assert_fails(MQ_INVALID, recommend_home(rec, &world.world, &ask, &page, &test_err));
    assert_non_null(strstr(test_err.text, "contradict"));
    ask = ask_of(p, &(struct mq_rules){.pin = pin, .n_pin = 1});
    const struct title_id given[] = {{20}, {21}};
    assert_fails(MQ_INVALID, recommend_rank(rec, &world.world, &ask, given, 2, &list, &test_err));
    assert_fails(MQ_INVALID,
                 recommend_similar(rec, &world.world, &ask, given[0], &list, &test_err));
    /* A hidden one is not shown, whoever pins it. */
    snprintf(hidden, sizeof(hidden), "t%u@0.0", p->signals[3].title.v);
    const char *hides[] = {hidden};
    page_of(p, &(struct mq_rules){.pin = hides, .n_pin = 1}, &page);
    for (size_t i = 0; i < page.n_rows; i++)
        for (size_t k = 0; k < page.rows[i].n_items; k++)
            assert_int_not_equal(page.rows[i].items[k].title_number, p->signals[3].title.v);
    free(p);
}

static void given_and_similar_titles_are_filtered(void **state)
{
    (void)state;
    struct profile *p = small_world_profile(&world, 2, 30);
    struct title_id given[800];
    struct mq_list list;
    const char *include[] = {"genre=Drama"};
    size_t drama = 0;
    for (uint32_t t = 0; t < 800; t++) {
        given[t].v = t;
        drama += t != SMALL_WORLD_UNDESCRIBED && has_genre(t, "Drama");
    }
    struct ask ask = ask_of(p, &(struct mq_rules){.include = include, .n_include = 1});
    assert_ok(recommend_rank(rec, &world.world, &ask, given, 800, &list, &test_err));
    assert_int_equal(list.n_items, drama); /* what was seen too: the caller named it */
    assert_int_equal(list.filters->titles, 800);
    assert_ok(recommend_rank(rec, &world.world, &ask, given + SMALL_WORLD_UNDESCRIBED, 1, &list,
                             &test_err));
    assert_int_equal(list.n_items, 0);
    assert_non_null(list.filters->note);
    ask.n = 10;
    assert_ok(recommend_similar(rec, &world.world, &ask, (struct title_id){100}, &list, &test_err));
    assert_true(list.n_items > 0);
    for (size_t i = 0; i < list.n_items; i++)
        assert_true(has_genre(list.items[i].title_number, "Drama"));
    free(p);
}

/* A remembered condition gives what a fresh look gives, also after the catalogue has changed. */
static void memory_is_of_one_catalogue(void **state)
{
    (void)state;
    const char *include[] = {"year=1850"};
    struct mq_page page;
    page_of(NULL, &(struct mq_rules){.include = include, .n_include = 1}, &page);
    assert_int_equal(page.filters->left, 0);
    int16_t year = row_of(50)->year;
    row_of(50)->year = 1850;
    world.catalogue->version++;
    page_of(NULL, &(struct mq_rules){.include = include, .n_include = 1}, &page);
    assert_int_equal(page.filters->left, 1);
    row_of(50)->year = year;
    world.catalogue->version++;
    for (int i = 0; i < 3 * RULE_CACHE; i++) {
        char text[32];
        size_t n = 0;
        const char *one[] = {text};
        snprintf(text, sizeof(text), "year=%d", 1980 + i % 40);
        for (uint32_t t = 0; t < 800; t++)
            n += t != SMALL_WORLD_UNDESCRIBED && world.catalogue->titles[t].year == 1980 + i % 40;
        page_of(NULL, &(struct mq_rules){.include = one, .n_include = 1}, &page);
        assert_int_equal(page.filters->left, n);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_obeys),
        cmocka_unit_test(nothing_left_says_which),
        cmocka_unit_test(windows_follow_moment_and_country),
        cmocka_unit_test(seen_and_fatigue),
        cmocka_unit_test(nothing_is_left_out_beside_the_most_rules),
        cmocka_unit_test(boosts_order_by_the_product),
        cmocka_unit_test(pins_stand_where_they_should),
        cmocka_unit_test(pins_that_cannot_be),
        cmocka_unit_test(given_and_similar_titles_are_filtered),
        cmocka_unit_test(memory_is_of_one_catalogue),
    };
    return cmocka_run_group_tests(tests, make, unmake);
}
